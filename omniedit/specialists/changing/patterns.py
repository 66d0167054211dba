"""Procedural surfaces: wood, marble, denim, leather, velvet, and prints of stripes, dots and checks.

Everything is a function of where a pixel lies on the thing, measured in the thing's own size: a pattern is the same at
every size of the picture, and what would be finer than a pixel is left out rather than flickering.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.spatial import cKDTree

from omniedit.guided import smoothstep
from omniedit.specialists.masks import Floats

__all__ = ["PRINTS", "SURFACES", "Ground", "Noise", "Print", "Surface"]

NOISE_SIDE = 256  # knots along a square of noise, which repeats
PEBBLES, PEBBLE_SIDE = 15, 384  # pebbles along the side of a square of leather, and its pixels
THREADS = 150.0  # of denim, in a thing's size
PEBBLE_SQUARES = 7.0  # of leather, in a thing's size


@dataclass(frozen=True)
class Ground:
    """Where pixels lie on the thing: `x`, `y` (h, w) in the thing's sizes; a pixel is `fine` of them."""

    x: Floats
    y: Floats
    fine: float


class Noise:
    """Smooth noise and pebbles that repeat after many sizes; the same for the same generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        values = rng.normal(0, 1, (NOISE_SIDE, NOISE_SIDE)).astype(np.float32)
        self.values = np.pad(values, 2, mode="wrap")
        self.pebbles = np.pad(_pebbles(rng), 2, mode="wrap")

    def at(self, x: Floats, y: Floats, octaves: int = 1, fine: float = 0.0) -> Floats:
        """Noise of about unit spread at `x`, `y` (h, w, in knots).

        A pixel is `fine` knots; octaves that it could not show are left out.
        """
        total, power = np.zeros(x.shape, np.float32), 0.0
        for octave in range(octaves):
            step = np.float32(2.0**octave)
            if octave and fine * step > 0.7:
                break
            turns = [v * (step / NOISE_SIDE) + np.float32(0.37 * octave) for v in (x, y)]
            here = [np.float32(NOISE_SIDE) * _wrapped(v) + 2 for v in turns]
            how = cv2.INTER_LINEAR if octave else cv2.INTER_CUBIC
            total += cv2.remap(self.values, here[0], here[1], how) / step
            power += float(step) ** -2
        return total * np.float32(1.4 / np.sqrt(power))

    def pebbles_at(self, x: Floats, y: Floats) -> Floats:
        """Height, 0..1, of pebbles that fill squares of side 1, PEBBLES to a side; 0 between them."""
        here = [_wrapped(v) * np.float32(PEBBLE_SIDE) + 2 for v in (x, y)]
        return np.asarray(cv2.remap(self.pebbles, here[0], here[1], cv2.INTER_LINEAR), dtype=np.float32)


Albedo = Callable[[Ground, Noise], Floats]  # the bare material's colour, OKLab (h, w, 3)
Print = Callable[[Ground], Floats]  # where the print is, (h, w) in 0..1


@dataclass(frozen=True)
class Surface:
    """A material of its own colour (OKLab, its mean), how it takes light, and what of the thing stays seen."""

    albedo: Albedo
    colour: tuple[float, float, float]
    shine: float = 0.0  # how much highlights stand out
    nap: float = 0.0  # how much it is dark face on and bright where it turns away
    texture: float = 0.5  # of the thing's own fine texture stays
    cloth: bool = True  # buttons and what is seen through stay


def _wood(ground: Ground, noise: Noise) -> Floats:
    fine = ground.fine
    drift = noise.at(ground.x * 0.7, ground.y * 1.5, 2)
    phase = _wrapped(ground.y * 24 + 1.7 * drift + 0.25 * noise.at(ground.x * 2.2, ground.y * 9))
    late = smoothstep(phase, 0.15, 0.92) * (1 - smoothstep(phase, 0.92, 1.0))  # slow summer growth, then a sharp end
    fibre = noise.at(ground.x * 9, ground.y * 260, 2, fine * 260) * _seen(fine * 260)
    pores = smoothstep(noise.at(ground.x * 14 + 31, ground.y * 190), 1.15, 1.9) * _seen(fine * 190)
    depth = 0.09 + 0.03 * np.tanh(noise.at(ground.x * 0.4, ground.y * 11))  # no year is like the other
    tone = 0.60 - depth * late - 0.06 * pores + 0.018 * fibre + 0.022 * drift
    return _lab(tone, 0.03 + 0.018 * late, 0.082 - 0.006 * late)


def _marble(ground: Ground, noise: Noise) -> Floats:
    fine = ground.fine
    bend = noise.at(ground.x * 1.7, ground.y * 1.7, 5, fine * 1.7)
    other = noise.at(ground.x * 3.1 + 57, ground.y * 3.1, 4, fine * 3.1)
    # veins run one way and are torn by noise: lines where a folded ramp turns, deep here and lost there
    path = np.abs(_wrapped(0.9 * ground.x + 1.5 * ground.y + 0.42 * bend) - np.float32(0.5))
    vein = np.exp(-path / np.float32(0.035)) * (0.25 + 0.75 * smoothstep(other, -0.7, 1.0))
    halo = np.exp(-path / np.float32(0.14))
    branch = np.abs(_wrapped(2.6 * ground.x - 1.2 * ground.y + 0.5 * other + 0.3 * bend) - np.float32(0.5))
    hair = np.exp(-branch / np.float32(0.03)) * smoothstep(bend, 0.0, 1.3)
    cloud = 0.5 + 0.5 * np.tanh(0.8 * other + 0.5 * bend)
    tone = 0.93 - 0.045 * cloud - 0.06 * halo - 0.26 * vein - 0.13 * hair
    return _lab(tone, 0.001, 0.006 - 0.010 * (vein + 0.4 * halo))


def _denim(ground: Ground, noise: Noise) -> Floats:
    fine = ground.fine
    wobble = 0.2 * noise.at(ground.x * 40, ground.y * 40)
    twill = np.sin(2 * np.pi * (THREADS * (ground.x + 0.9 * ground.y) + wobble)) * _seen(2 * fine * THREADS)
    down = noise.at(ground.x * 120, ground.y * 9, 2, fine * 120) * _seen(fine * 120)
    across = noise.at(ground.x * 11 + 23, ground.y * 130, 2, fine * 130) * _seen(fine * 130)
    cloud = noise.at(ground.x * 3, ground.y * 3, 3, fine * 3)
    tone = 0.42 + 0.04 * twill + 0.018 * down + 0.010 * across + 0.014 * cloud
    pale = np.clip((tone - 0.42) * 3, -0.2, 0.3)  # where the white weft shows
    return _lab(tone, -0.012 + 0.01 * pale, -0.058 + 0.12 * pale)


def _leather(ground: Ground, noise: Noise) -> Floats:
    x, y = ground.x * PEBBLE_SQUARES, ground.y * PEBBLE_SQUARES
    here, above = noise.pebbles_at(x, y), noise.pebbles_at(x - 0.006, y - 0.01)  # lit from above
    crease = 1 - smoothstep(here, 0.0, 0.25)
    cloud = noise.at(ground.x * 2.5, ground.y * 2.5, 3, ground.fine * 2.5)
    grain = 0.22 * np.clip(here - above, -0.4, 0.4) - 0.07 * crease
    tone = 0.40 + _seen(ground.fine * PEBBLE_SQUARES * PEBBLES) * grain + 0.014 * cloud
    return _lab(tone, 0.045 + 0.002 * cloud, 0.055 + 0.002 * cloud)


def _velvet(ground: Ground, noise: Noise) -> Floats:
    pile = noise.at(ground.x * 150, ground.y * 150, 2, ground.fine * 150) * _seen(ground.fine * 150)
    brushed = noise.at(ground.x * 4, ground.y * 2.5, 3, ground.fine * 4)
    return _lab(0.36 + 0.014 * pile + 0.024 * brushed, 0.135, 0.045)


SURFACES: dict[str, Surface] = {
    "wood": Surface(_wood, (0.56, 0.038, 0.08), texture=0.45, cloth=False),
    "marble": Surface(_marble, (0.86, 0.001, 0.004), shine=2.2, texture=0.4, cloth=False),
    "denim": Surface(_denim, (0.42, -0.012, -0.058), texture=0.8),
    "leather": Surface(_leather, (0.4, 0.045, 0.055), shine=3.0, texture=0.6),
    "velvet": Surface(_velvet, (0.36, 0.135, 0.045), nap=0.36, texture=0.75),
}


def _stripes(rng: np.random.Generator) -> Print:
    count, upright = float(rng.uniform(6.5, 9)), bool(rng.integers(2))

    def pattern(ground: Ground) -> Floats:
        return _bands(ground.x if upright else ground.y, count, 0.46, ground.fine)

    return pattern


def _dots(rng: np.random.Generator) -> Print:
    count, radius = float(rng.uniform(6, 8.5)), float(rng.uniform(0.25, 0.3))

    def pattern(ground: Ground) -> Floats:
        row = np.floor(ground.y * np.float32(count))
        across = _wrapped(ground.x * np.float32(count) + np.float32(0.5) * row) - np.float32(0.5)  # set off by half
        down = _wrapped(ground.y * np.float32(count)) - np.float32(0.5)
        soft = max(ground.fine * count, 0.01)
        return smoothstep(np.float32(radius) - np.hypot(across, down), -soft, soft)

    return pattern


def _checks(rng: np.random.Generator) -> Print:
    count = float(rng.uniform(5.5, 8))

    def pattern(ground: Ground) -> Floats:
        # as woven: half the ink where one thread is dyed, all of it where both are
        across, down = (_bands(at, count, 0.5, ground.fine) for at in (ground.x, ground.y))
        return np.float32(0.5) * (across + down)

    return pattern


PRINTS: dict[str, Callable[[np.random.Generator], Print]] = {"stripes": _stripes, "dots": _dots, "checks": _checks}


def _bands(at: Floats, count: float, share: float, fine: float) -> Floats:
    """Bands (h, w) in 0..1, `count` in a size, each `share` of its step wide, with edges a pixel soft."""
    phase = np.abs(_wrapped(at * np.float32(count)) - np.float32(0.5))
    soft = max(fine * count, 0.01)
    return smoothstep(np.float32(share / 2) - phase, -soft, soft)


def _pebbles(rng: np.random.Generator) -> Floats:
    """A square (PEBBLE_SIDE, PEBBLE_SIDE) of pebbles that repeats (Worley, "A cellular texture", SIGGRAPH 1996)."""
    knots = np.stack(np.meshgrid(np.arange(PEBBLES), np.arange(PEBBLES)), axis=-1).reshape(-1, 2)
    tree = cKDTree((knots + rng.uniform(0.1, 0.9, knots.shape)) / PEBBLES, boxsize=1)
    at = (np.arange(PEBBLE_SIDE) + 0.5) / PEBBLE_SIDE
    near, _ = tree.query(np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2), k=2)
    gap = (near[:, 1] - near[:, 0]).reshape(PEBBLE_SIDE, PEBBLE_SIDE).astype(np.float32) * PEBBLES
    return np.asarray(cv2.GaussianBlur(np.tanh(2.2 * gap), (0, 0), 1.0), dtype=np.float32)


def _seen(knots: float) -> float:
    """How much of a texture shows whose knots lie `knots` to a pixel: none where it would only flicker."""
    return float(np.clip((0.75 - knots) / 0.45, 0, 1))


def _wrapped(at: Floats) -> Floats:
    """What is left over whole numbers, 0..1; much faster than np.mod."""
    result: Floats = at - np.floor(at)
    return result


def _lab(light: Floats, a: Floats | float, b: Floats | float) -> Floats:
    lab = np.empty((*light.shape, 3), np.float32)
    lab[..., 0], lab[..., 1], lab[..., 2] = light, a, b
    return lab
