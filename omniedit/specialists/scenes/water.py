"""Water to the horizon: the sea, a beach, and the sun going down over the sea or over hills."""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.specialists.scenes.noise import Floats, fractal, line, mix, sample, smooth
from omniedit.specialists.scenes.sky import Air, clouded, day_air, sunset_air
from omniedit.specialists.scenes.view import Canvas, Scene, View, canvas, light_of

__all__ = ["beach", "sea", "sunset"]

BREAKERS = ((0.55, 0.06, 0.7), (0.8, 0.09, 0.85), (1.0, 0.045, 1.0))  # where to the shore, width and strength
GLITTER = 2.2  # times white
HILLS = ((0.03, 0.35), (-0.04, 0.16), (-0.12, 0.07))  # crest above the horizon, share of the sky's light


def sea(view: View, rng: np.random.Generator) -> Scene:
    """Open water under a day's sky."""
    air = day_air(rng)
    painting = canvas(view, rng, clouded(view, air, rng, rng.uniform(0.2, 0.55)), flat=True)
    own = mix(light_of(10, 52, 84), light_of(44, 128, 142), rng.uniform(0.1, 0.6))
    _water(painting, air, own, swell=rng.uniform(0.7, 1.3))
    return painting.scene(stands=False)


def beach(view: View, rng: np.random.Generator) -> Scene:
    """Sand, wet where the waves run out, the sea and the sky."""
    air = day_air(rng)
    painting = canvas(view, rng, clouded(view, air, rng, rng.uniform(0.15, 0.45)), flat=True)
    _water(painting, air, light_of(48, 132, 142), swell=0.7)
    bay = 0.12 * line(view.width, 1.7, rng)[None] + 1.6 * rng.uniform(-1, 1) * view.x
    shore = rng.uniform(0.08, 0.15) * (1 + 0.55 * np.tanh(bay))  # (1, width), heights below the horizon
    _breakers(painting, shore)
    _sand(painting, air, shore)
    return painting.scene(stands=True)


def sunset(view: View, rng: np.random.Generator) -> Scene:
    """The sun low over the sea, or behind dark hills."""
    air = sunset_air(rng)
    painting = canvas(view, rng, clouded(view, air, rng, rng.uniform(0.35, 0.6)), flat=True)
    if rng.random() < 0.6:
        _water(painting, air, light_of(44, 40, 62), swell=rng.uniform(0.6, 1.1))
        if rng.random() < 0.5:
            _headland(painting, air)
        return painting.scene(stands=False)
    for crest, dark in HILLS:
        ridge = crest + 0.022 * line(view.width, 1.5, rng)[None]
        painting.lay(dark * air.horizon + np.float32(0.005), smooth(view.below + ridge, 0.0, 0.0025))
    across, away = view.ground()
    grass = sample(fractal(512, 0.7, rng, coarsest=12), across / 5, away / 9) * smooth(away, 40, 3)
    painting.lay(light_of(58, 42, 34) * (1 + 0.3 * grass)[..., None], smooth(view.below + 0 * view.x, 0.10, 0.13))
    return painting.scene(stands=True)


def _headland(painting: Canvas, air: Air) -> None:
    """Dark land that runs into the sea from one side."""
    view, rng = painting.view, painting.rng
    crest = (0.05 + 0.022 * line(view.width, 1.5, rng)[None]) * smooth(view.x * rng.choice([-1, 1]), 0.0, 0.5) - 0.002
    painting.lay(0.35 * air.horizon + np.float32(0.005), smooth(view.below + crest, 0.0, 0.0025) * (view.below < 0))


def _water(painting: Canvas, air: Air, own: Floats, swell: float) -> None:
    """Water below the horizon: it mirrors the sky as its waves lean, the more the flatter one looks at it."""
    view, light = painting.view, painting.light
    top = view.row(0)
    if view.height - top < 2:
        return
    below = np.maximum(view.below[top:], 0.5 / view.height)
    lean, aside = _waves(view, painting.rng, below)
    lean = 0.075 * swell * lean
    # the ray that a leaning wave throws back goes up by twice its lean more
    up = np.abs(below / View.FOCAL + 2 * lean + 0.02)
    y = np.clip((view.horizon - up * View.FOCAL) * view.height, 0, max(top - 1, 0)).astype(np.float32)
    x = np.clip((view.x + aside * 0.05) * view.height + view.width / 2, 0, view.width - 1).astype(np.float32)
    sky = cv2.remap(light[: max(top, 1)], x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    facing = np.clip(below / View.FOCAL / np.hypot(1, below / View.FOCAL) + lean, 0.02, 1)
    mirror = 0.03 + 0.97 * (1 - facing) ** 5  # Schlick's Fresnel term
    colour = own + (sky * 0.93 - own) * mirror[..., None]
    from_sun = ((x - view.width / 2) / view.height - air.sun.x) / (0.05 + 0.35 * below)
    glitter = np.exp(-(from_sun**2)) * smooth(lean + 0.03 * aside, 0.03, 0.16) * smooth(air.sun.above, 0.9, 0.1)
    colour += GLITTER * glitter[..., None] * air.sun.colour
    colour += (air.horizon - colour) * (0.6 * np.exp(-below / 0.012))[..., None]
    light[top:] = colour


def _waves(view: View, rng: np.random.Generator, below: Floats) -> tuple[Floats, Floats]:
    """How the water's surface leans towards the camera and aside, of deviation about 1 near by, calm far away."""
    across, away = view.x / below, View.FOCAL / below + 0 * view.x
    lean, aside = np.zeros(away.shape, np.float32), np.zeros(away.shape, np.float32)
    for slope, coarsest, stretch, size, weight in ((1.5, 5, 0.45, 46.0, 1.0), (1.1, 10, 0.6, 13.0, 0.55)):
        tile = fractal(512, slope, rng, coarsest=coarsest, stretch=stretch)
        seen = weight * size / (size + away / 9)  # far waves are too small to be seen one by one
        for total, axis in ((lean, 0), (aside, 1)):
            rise = np.roll(tile, -2, axis) - tile
            total += seen * sample(rise / rise.std(), across / size, away / size)
    return lean, aside


def _breakers(painting: Canvas, shore: Floats) -> None:
    """Shallow water over sand, and the foam of waves that run out at `shore` (1, width)."""
    view, rng = painting.view, painting.rng
    below = view.below + 0 * view.x
    across, away = view.ground()
    foam = smooth(sample(fractal(512, 0.9, rng, coarsest=8), across / 12, away / 24), -1.2, 0.6)
    painting.lay(light_of(120, 190, 182), smooth(below, shore * 0.35, shore) * (below < shore) * 0.6)
    for place, width, strength in BREAKERS:
        crest = shore * place * (1 + 0.06 * line(view.width, 1.3, rng)[None])
        behind = (crest - below) / (shore * width)
        painting.lay(
            light_of(250, 252, 250), np.exp(-np.maximum(behind, 0)) * smooth(behind, -0.5, 0.0) * strength * foam
        )


def _sand(painting: Canvas, air: Air, shore: Floats) -> None:
    """Sand from `shore` (1, width) on; the first of it is wet and mirrors the sky."""
    view, rng = painting.view, painting.rng
    below = view.below + 0 * view.x
    across, away = view.ground()
    grains = sample(fractal(512, 0.25, rng), across / 2, away / 2) * smooth(away, 12, 2)
    dents = sample(fractal(512, 1.3, rng, coarsest=10), across / 9, away / 9) * smooth(away, 40, 3)
    dents = dents * (0.35 + 0.65 * smooth(below, shore * 1.5, shore * 4))
    dry = mix(light_of(206, 180, 138), light_of(238, 218, 180), np.clip(0.55 + 0.1 * dents + 0.05 * grains, 0, 1))
    dry = dry * (1 + 0.05 * dents + 0.04 * grains)[..., None]
    wet = dry * np.array([0.42, 0.42, 0.45], np.float32) + 0.22 * air.horizon
    damp = smooth(below, shore * (1.9 + 0.02 * dents), shore * 1.15)
    painting.lay(mix(dry, wet, damp), smooth(below, shore * 0.985, shore * 1.01))
