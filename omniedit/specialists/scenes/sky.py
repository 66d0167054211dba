"""Skies: clear and clouded, by day and at sunset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from omniedit.specialists.scenes.noise import Floats, fractal, mix, sample, smooth
from omniedit.specialists.scenes.view import Scene, View, light_of

__all__ = ["Air", "Sun", "clouded", "day_air", "sky", "sunset_air"]


@dataclass(frozen=True)
class Sun:
    """Where the sun is: picture heights right of the middle and above the horizon; `colour` in linear light."""

    x: float
    above: float
    colour: Floats
    disc: float = 0.0  # radius at which it is seen, 0 for out of the picture


@dataclass(frozen=True)
class Air:
    """The colours of a sky, linear light: overhead, at the horizon, of clouds in light and in shadow, and its sun."""

    zenith: Floats
    horizon: Floats
    lit: Floats
    shade: Floats
    sun: Sun
    glow: float = 0.3  # light around the sun
    depth: float = 2.2  # how soon the sky turns to the colour of the zenith


def sky(view: View, rng: np.random.Generator) -> Scene:
    """Nothing but a day's sky, its horizon below the picture."""
    high = View(view.width, view.height, 1.12)
    light = clouded(high, day_air(rng), rng, rng.uniform(0.25, 0.6))
    return Scene(light, np.zeros(light.shape[:2], np.float32), stands=False, soft=0.8)


def day_air(rng: np.random.Generator) -> Air:
    """A blue sky, the sun high on one side."""
    side = float(rng.choice([-1, 1])) * rng.uniform(0.5, 1.1)
    deep = rng.uniform(0, 1)
    return Air(
        zenith=light_of(int(54 - 14 * deep), int(122 - 14 * deep), int(190 - 8 * deep)),
        horizon=light_of(192, 216, 228),
        lit=light_of(250, 249, 246),
        shade=light_of(164, 178, 198),
        sun=Sun(side, rng.uniform(0.6, 1.0), np.array((1.0, 0.95, 0.86), np.float32)),
        glow=0.25,
    )


def sunset_air(rng: np.random.Generator, above: float | None = None) -> Air:
    """An evening sky, the sun in the picture, `above` heights above the horizon."""
    warm = rng.uniform(0, 1)
    above = rng.uniform(0.03, 0.12) if above is None else above
    return Air(
        zenith=light_of(int(52 + 26 * warm), int(74 - 4 * warm), int(128 - 10 * warm)),
        horizon=light_of(248, int(150 + 22 * (1 - warm)), int(84 + 30 * (1 - warm))),
        lit=light_of(255, int(156 + 30 * (1 - warm)), 108),
        shade=light_of(104, 78, 104),
        sun=Sun(rng.uniform(-0.45, 0.45), above, np.array((1.0, 0.62, 0.28), np.float32), disc=0.028),
        glow=1.0,
        depth=3.4,
    )


def clear(view: View, air: Air) -> Floats:
    """The sky without clouds, (h, w, 3); below the horizon it is the colour of the horizon."""
    up = np.maximum(-view.below, 0) / View.FOCAL
    light = mix(air.horizon, air.zenith, 1 - np.exp(-air.depth * 1.4 * up)) * np.ones((1, view.width, 1), np.float32)
    light += _glow(view, air)[..., None] * air.sun.colour
    return light


def clouded(view: View, air: Air, rng: np.random.Generator, cover: float = 0.5, size: float = 1.0) -> Floats:
    """The sky with clouds over a share `cover` of it, `size` of 1 being usual; (h, w, 3) linear."""
    light = clear(view, air)
    rows = view.row(0)
    if rows < 2 or cover <= 0:
        return light
    up = np.maximum(-view.below[:rows], 0) / View.FOCAL + 0.075
    away = 1 / up
    u = view.x * away * (0.085 / size)
    v = away * (0.14 / size) * np.ones_like(view.x)
    shapes = fractal(1024, 1.85, rng, coarsest=2)
    bend = fractal(512, 1.6, rng, coarsest=3)
    shift = rng.random(2)
    u, v = u + shift[0], v + shift[1]
    u = u + 0.018 * sample(bend, u * 2, v * 2)
    v = v + 0.018 * sample(bend, u * 2 + 0.37, v * 2 + 0.61)
    level = float(np.quantile(shapes, 1 - cover))
    height = sample(shapes, u, v) - level  # how far the cloud reaches up here
    thick = smooth(height, -0.15, 0.95)
    # light comes through where less cloud lies towards the sun
    lean = 0.02 * np.tanh(3 * (air.sun.x - view.x))
    towards = sample(shapes, u + lean, v - 0.022) - level
    lit = np.clip(0.62 + 0.5 * (height - towards) - 0.22 * np.maximum(height, 0), 0, 1)
    near_sun = _glow(view, air)[:rows] / max(air.glow, 1e-3)
    colour = mix(air.shade, air.lit, lit)
    colour += (near_sun * (1 - thick) * 1.2 * air.glow)[..., None] * air.sun.colour
    haze = np.exp(-(up - 0.075) * 5.5)  # far clouds fade into the air
    colour = colour + (light[:rows] - colour) * (haze * 0.75)[..., None]
    opacity = thick * (0.94 - 0.3 * haze)
    light[:rows] += (colour - light[:rows]) * opacity[..., None]
    return light


def _glow(view: View, air: Air) -> Floats:
    """(h, w): light around the sun, and its disc."""
    sun = air.sun
    distance = np.hypot(view.x - sun.x, (-view.below - sun.above) * 1.15)
    glow = air.glow * (0.55 * np.exp(-distance * 2.2) + 0.7 * np.exp(-distance * 7))
    if sun.disc:
        glow = (
            glow + 6.0 * smooth(distance, sun.disc * 1.15, sun.disc * 0.85) + 0.9 * np.exp(-distance / sun.disc / 1.7)
        )
    return np.asarray(glow, dtype=np.float32)
