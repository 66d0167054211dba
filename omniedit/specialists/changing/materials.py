"""Makes a thing of another material, gold or wood or denim, and keeps its form: the light on it, its folds, its edges.

A surface or print lies on the thing: it bends over the thing's relief and takes its shading. Metal mirrors a studio
instead: dark floor, bright sky, two windows, looked up by the relief's normals.
"""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.colour import from_oklab, to_oklab
from omniedit.guided import smoothstep
from omniedit.sizes import shrink
from omniedit.specialists.base import Bytes
from omniedit.specialists.changing.gamut import in_gamut
from omniedit.specialists.changing.patterns import PRINTS, SURFACES, Ground, Noise, Surface
from omniedit.specialists.changing.recolour import RGB, Body, apply_dye, body_of, dye_for
from omniedit.specialists.changing.relief import Relief, relief_of
from omniedit.specialists.edges import enlarged
from omniedit.specialists.masks import Floats
from omniedit.specialists.tiles import Tile, each_tile

__all__ = ["METALS", "material"]

LOOKED_AT = 640  # longest side at which form and light are measured
BEND = 0.05  # how far, in the thing's sizes, a pattern shifts on a slope of 45 degrees
TILT = 0.06  # radians that a pattern is turned at most: nobody hangs cloth quite straight
CALM = 1 / 60  # sigma, in shares of the longest side, that parts form from fine texture
CONTRAST = 2.0  # of the thing's shading on the new surface
DEEPEST = 0.75  # share of its lightness that a surface loses in shade at most
SHINY = 0.08  # lightness above the thing's where a shiny surface mirrors light
PLAIN_CLOTH = 0.7  # lightness above which cloth gets a dark print rather than a white one
OWN_VELVET = 0.05  # chroma above which a thing keeps its colour in velvet
METAL_TEXTURE, METAL_SHADING, MIRRORED = 1.15, 0.68, 0.62  # how much of each makes the brightness of metal
LEVELS = 512

METALS: dict[str, tuple[tuple[float, RGB], ...]] = {
    "gold": (
        (0.0, (30, 14, 2)),
        (0.2, (92, 52, 8)),
        (0.45, (178, 118, 26)),
        (0.66, (232, 180, 66)),
        (0.85, (254, 226, 142)),
        (1.0, (255, 252, 236)),
    ),
    "silver": (
        (0.0, (12, 13, 16)),
        (0.2, (58, 61, 67)),
        (0.45, (124, 128, 136)),
        (0.66, (182, 186, 192)),
        (0.85, (228, 231, 235)),
        (1.0, (255, 255, 255)),
    ),
    "copper": (
        (0.0, (28, 9, 5)),
        (0.2, (92, 34, 18)),
        (0.45, (172, 82, 48)),
        (0.66, (224, 138, 96)),
        (0.85, (252, 202, 168)),
        (1.0, (255, 246, 238)),
    ),
}


def material(kind: str, own: Bytes, alpha: Floats, seed: int, colour: RGB | None = None) -> tuple[Bytes, Floats | None]:
    """A thing made of `kind`: uint8 (h, w, 3), and where (h, w, 0..1) it is seen; None means all over.

    own: uint8 (h, w, 3), the thing's colours where `alpha` (h, w, 0..1) is set; `colour` is the surface's or the
    print's, None its usual one, and metals have their own. Another seed gives another piece of the material.
    """
    rng = np.random.default_rng(seed)
    stage = _Stage(own, alpha, rng)
    if kind in METALS:
        return _metal(stage, METALS[kind], rng), None
    if kind in PRINTS:
        return _printed(stage, kind, colour, rng)
    return _made_of(stage, kind, colour, rng)


class _Stage:
    """The thing, its form and its light, tile by tile."""

    def __init__(self, own: Bytes, alpha: Floats, rng: np.random.Generator) -> None:
        self.own, self.alpha = own, alpha
        small = shrink(own, LOOKED_AT)
        share = shrink(np.rint(alpha * 255).astype(np.uint8), LOOKED_AT).astype(np.float32) * np.float32(1 / 255)
        light = to_oklab(small)[..., 0].astype(np.float32)
        self.inside = share > min(0.5, 0.5 * float(share.max()))
        self.relief: Relief = relief_of(light, share)
        low, middle, high = (float(v) for v in np.percentile(light[self.inside], [2, 55, 98]))
        self.middle, self.span = np.float32(middle), np.float32(max(high - low, 0.25))
        self.size = self.relief.size * own.shape[1] / small.shape[1]  # of the thing, pixels
        sigma = CALM * max(share.shape)
        weight = share + np.float32(1e-4)
        calm = cv2.GaussianBlur(light * weight, (0, 0), sigma) / cv2.GaussianBlur(weight, (0, 0), sigma)
        self.calm = np.asarray(calm, dtype=np.float32)
        angle = float(rng.uniform(-TILT, TILT))
        self.cos, self.sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        self.start = rng.uniform(0, 40, 2).astype(np.float32)

    @property
    def shape(self) -> tuple[int, int]:
        return self.own.shape[0], self.own.shape[1]

    def slope(self, tile: Tile) -> Floats:
        return enlarged(self.relief.slope, self.shape, tile)

    def ground(self, tile: Tile) -> Ground:
        """Where the pixels of `tile` lie on the thing."""
        slope = self.slope(tile)
        bend = np.float32(BEND) * slope / (1 + np.hypot(slope[..., 0], slope[..., 1]))[..., None]
        rows, columns = (np.arange(s.start, s.stop, dtype=np.float32) / np.float32(self.size) for s in tile)
        x, y = columns[None, :] + bend[..., 0], rows[:, None] + bend[..., 1]
        return Ground(
            self.cos * x - self.sin * y + self.start[0], self.sin * x + self.cos * y + self.start[1], 1 / self.size
        )

    def shade(self, tile: Tile, texture: float) -> Floats:
        """Lightness of the thing relative to its own, (h, w), with the share `texture` of its fine texture."""
        light = to_oklab(self.own[tile])[..., 0].astype(np.float32)
        calm = enlarged(self.calm, self.shape, tile)
        result: Floats = calm + np.float32(texture) * (light - calm) - self.middle
        return result


def _metal(stage: _Stage, stops: tuple[tuple[float, RGB], ...], rng: np.random.Generator) -> Bytes:
    mirrored = _studio(stage.relief, rng)
    mirrored -= np.median(mirrored[stage.inside])
    at, colours = [at for at, _ in stops], to_oklab(np.array([colour for _, colour in stops], np.uint8))
    steps = np.linspace(0, 1, LEVELS)
    table = np.stack([np.interp(steps, at, colours[:, k]) for k in range(3)], axis=-1).astype(np.float32)
    result = np.empty_like(stage.own)

    def work(tile: Tile) -> None:
        value = np.float32(METAL_SHADING) * stage.shade(tile, METAL_TEXTURE) / stage.span
        value += np.float32(0.46) + np.float32(MIRRORED) * enlarged(mirrored, stage.shape, tile)
        result[tile] = from_oklab(table[np.rint(_soft_clip(value) * (LEVELS - 1)).astype(np.int32)])

    each_tile(stage.shape, work)
    return result


def _studio(relief: Relief, rng: np.random.Generator) -> Floats:
    """What a mirror of that relief shows, (h, w) in about 0..1: floor, horizon, sky and two windows."""
    normal = np.dstack([-relief.slope, np.ones(relief.height.shape, np.float32)])
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    # the mirrored ray of a view straight on; another seed turns the studio
    across = 2 * normal[..., 2] * normal[..., 0] + np.float32(rng.uniform(-0.25, 0.25))
    up = -2 * normal[..., 2] * normal[..., 1] + np.float32(rng.uniform(-0.08, 0.08))
    sky = 0.3 + 0.45 * smoothstep(up, -0.1, 0.9)
    floor = 0.34 - 0.2 * smoothstep(-up, 0.1, 0.9)
    seen = floor + (sky - floor) * smoothstep(up, -0.16, 0.1)
    seen -= 0.16 * np.exp(-(((up + 0.12) / 0.1) ** 2))  # the horizon
    wide = smoothstep(across, -0.75, -0.6) * (1 - smoothstep(across, -0.3, -0.15))
    wide *= smoothstep(up, 0.12, 0.28) * (1 - smoothstep(up, 0.62, 0.8))
    narrow = smoothstep(across, 0.42, 0.52) * (1 - smoothstep(across, 0.6, 0.72)) * smoothstep(up, -0.5, -0.1)
    return np.asarray(seen + 0.5 * wide + 0.35 * narrow, dtype=np.float32)


def _made_of(stage: _Stage, kind: str, colour: RGB | None, rng: np.random.Generator) -> tuple[Bytes, Floats | None]:
    noise, surface = Noise(rng), SURFACES[kind]
    body, weight = body_of(stage.own, stage.alpha)
    tint = np.zeros(3, np.float32)
    if colour is not None:
        tint = to_oklab(np.array(colour, np.uint8)).astype(np.float32) - np.array(surface.colour, np.float32)
    elif kind == "velvet" and body.coloured * body.chroma > OWN_VELVET:
        tint = np.array([0.8 * body.lightness, *body.ab], np.float32) - np.array(surface.colour, np.float32)
    result = np.empty_like(stage.own)

    def work(tile: Tile) -> None:
        lab = surface.albedo(stage.ground(tile), noise) + tint
        result[tile] = from_oklab(in_gamut(_lit(lab, _light(stage, surface, tile))))

    each_tile(stage.shape, work)
    return result, (np.clip(weight.at(stage.own), 0, 1) if surface.cloth else None)


def _light(stage: _Stage, surface: Surface, tile: Tile) -> Floats:
    """How light falls on the surface, (h, w): 0 shows its own colour, -1 is black, 1 white."""
    shade = stage.shade(tile, surface.texture)
    light = np.float32(CONTRAST) * shade + np.float32(surface.shine) * np.maximum(shade - np.float32(SHINY), 0)
    deepest = np.float32(DEEPEST)  # what is darker was of a darker colour, not only in shade
    light = np.maximum(light, 0) + deepest * np.tanh(np.minimum(light, 0) / deepest)
    if surface.nap:
        slope = stage.slope(tile)
        turned = smoothstep(np.hypot(slope[..., 0], slope[..., 1]), 0.45, 2.6)
        light = np.float32(0.75) * light + np.float32(surface.nap) * (turned - np.float32(0.44))
    return light


def _lit(lab: Floats, light: Floats) -> Floats:
    """Colours (h, w, 3) under `light` (h, w): shade takes chroma with lightness, highlights go to white."""
    own = np.clip(lab[..., 0], 0.03, 0.97)
    new = _soft_clip(own * (1 + np.minimum(light, 0)) + np.maximum(light, 0) * (1 - own))
    fade = np.minimum(new / own, 1.1) * np.clip((np.float32(1.03) - new) * 4, 0, 1)
    return np.dstack([new, lab[..., 1:] * fade[..., None]])


def _printed(stage: _Stage, kind: str, colour: RGB | None, rng: np.random.Generator) -> tuple[Bytes, Floats]:
    """The thing itself where the print is not, recoloured where it is: a print has the folds of its cloth."""
    body, weight = body_of(stage.own, stage.alpha)
    ink = _ink(body) if colour is None else colour
    inked = apply_dye(stage.own, weight.at(stage.own), body, dye_for(body, ink))
    where = np.empty(stage.shape, np.float32)
    pattern = PRINTS[kind](rng)

    def work(tile: Tile) -> None:
        where[tile] = pattern(stage.ground(tile))

    each_tile(stage.shape, work)
    return inked, where


def _ink(body: Body) -> RGB:
    """White on most cloth, navy on pale."""
    return (34, 44, 88) if body.lightness > PLAIN_CLOTH else (240, 238, 232)


def _soft_clip(value: Floats) -> Floats:
    """0..1, straight in the middle and soft at both ends."""
    ends = np.float32(0.08)
    over, under = np.maximum(value - (1 - ends), 0), np.maximum(ends - value, 0)
    result: Floats = np.clip(value, ends, 1 - ends) + ends * (np.tanh(over / ends) - np.tanh(under / ends))
    return result
