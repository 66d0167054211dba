"""Darkness with stars: the sky at night over a dark country, and space."""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.specialists.scenes.noise import Floats, blend, fractal, line, mix, sample, smooth
from omniedit.specialists.scenes.view import Scene, View, canvas, light_of, one_of

__all__ = ["night_sky", "space"]

NEBULAE = (  # thin gas, other thin gas, dense gas: linear light
    ((0.55, 0.10, 0.20), (0.08, 0.16, 0.42), (0.60, 0.36, 0.20)),
    ((0.06, 0.30, 0.40), (0.32, 0.10, 0.44), (0.20, 0.46, 0.40)),
    ((0.55, 0.26, 0.10), (0.10, 0.14, 0.40), (0.46, 0.10, 0.16)),
)
GLOWS = ((58, 78, 104), (58, 78, 104), (92, 74, 70))  # of the sky over the horizon
PLANETS = ((26, 66, 128), (148, 92, 60), (166, 140, 104))


def night_sky(view: View, rng: np.random.Generator) -> Scene:
    """Stars and the Milky Way over dark hills."""
    up = np.maximum(-view.below, 0) + 0 * view.x
    glow = one_of(rng, GLOWS)
    light = mix(glow, light_of(9, 14, 34), 1 - np.exp(-up * 5.5))
    band = _milky_way(view, up, rng)
    light += band[..., None] * np.array([0.085, 0.075, 0.10], np.float32)
    _stars(light, rng, 1 + 5 * band, share=4.0)
    painting = canvas(view, rng, light, flat=True)
    for height, dark in ((0.05, 0.30), (0.015, 0.12)):
        painting.lay(dark * glow, smooth(view.below + height + 0.02 * line(view.width, 1.5, rng)[None], 0.0, 0.003))
    across, away = view.ground()
    grass = sample(fractal(512, 0.6, rng, coarsest=10), across / 5, away / 9) * smooth(away, 40, 3)
    ground = np.array([0.008, 0.010, 0.013], np.float32) * (1 + 0.35 * grass)[..., None]
    painting.lay(ground, smooth(view.below + 0 * view.x, 0.03, 0.06))
    return painting.scene(stands=True, soft=0.35)


def space(view: View, rng: np.random.Generator) -> Scene:
    """Stars, glowing gas and perhaps the edge of a planet."""
    y = view.below + view.horizon - 0.5 + 0 * view.x
    x = view.x + 0 * y
    broad, fine = fractal(512, 2.3, rng, coarsest=1), fractal(512, 1.55, rng, coarsest=2)
    bent = 0.05 * sample(fine, x * 0.3 + 0.5, y * 0.3)
    u, v = x * 0.42 + bent, y * 0.42 + bent
    gas = np.minimum(np.exp(1.15 * sample(broad, u, v) + 0.45 * sample(fine, u * 1.3, v * 1.3) - 2.3), 2.5)
    hue = smooth(sample(broad, u * 0.8 + 0.37, v * 0.8 + 0.11) + 0.3 * sample(fine, u + 0.2, v), -1.2, 1.2)
    thin, other, dense = NEBULAE[int(rng.integers(len(NEBULAE)))]
    lanes = np.maximum(sample(fine, u * 0.9 + 0.6, v * 0.9) + 0.5 * sample(broad, u + 0.7, v), 0)
    gas = gas * np.exp(-1.1 * lanes)  # dust before the gas
    light = 0.0012 + gas[..., None] * mix(mix(thin, other, hue), dense, np.clip(gas * 0.8, 0, 1))
    _stars(light, rng, 1 + np.minimum(gas, 1.5), share=3.0)
    if rng.random() < 0.55:
        _planet(light, x, y, rng)
    return canvas(view, rng, light).scene(stands=False, soft=0.25)


def _milky_way(view: View, up: Floats, rng: np.random.Generator) -> Floats:
    """(h, w): how dense the stars of a band across the sky are."""
    angle = rng.uniform(0.5, 1.1) * rng.choice([-1, 1])
    along = view.x * np.cos(angle) + (up - 0.4) * np.sin(angle)
    aside = -view.x * np.sin(angle) + (up - 0.4) * np.cos(angle) + rng.uniform(-0.1, 0.1)
    wisps = fractal(512, 1.4, rng, coarsest=2)
    band = np.exp(-((aside / 0.17) ** 2)) * np.clip(0.6 + 0.35 * sample(wisps, along * 0.45, aside * 0.45), 0, 2)
    dust = sample(wisps, along * 0.55 + 0.4, aside + 0.2) - 1.4 * np.abs(aside) / 0.17
    return band * (1 - 0.75 * smooth(dust + 0.4, 0.0, 1.2)) * smooth(up, 0.02, 0.3)


def _stars(light: Floats, rng: np.random.Generator, density: Floats, share: float) -> None:
    """Points of light of all magnitudes, more where `density` (h, w) is high; many more faint ones than bright ones."""
    height, width = light.shape[:2]
    count = int(5200 * share * width / height)
    xs, ys = rng.integers(0, width, count), rng.integers(0, height, count)
    kept = rng.random(count) * density.max() < density[ys, xs]
    xs, ys = xs[kept], ys[kept]
    power = np.minimum(0.05 * rng.random(len(xs), dtype=np.float32) ** -0.72, 12)
    tint = mix((1.0, 0.78, 0.58), (0.66, 0.8, 1.0), rng.random(len(xs), dtype=np.float32))
    layer = np.zeros(light.shape, np.float32)
    layer[ys, xs] = power[:, None] * tint
    layer = cv2.GaussianBlur(layer, (0, 0), 0.55 * max(height / 960, 0.6)) * np.float32(2.2)
    light += layer + 0.15 * cv2.GaussianBlur(layer, (0, 0), max(2.5 * height / 960, 0.5))


def _planet(light: Floats, x: Floats, y: Floats, rng: np.random.Generator) -> None:
    """A globe lit from one side, its air glowing at the rim."""
    radius, side = rng.uniform(0.5, 1.1), rng.choice([-1, 1])
    dx = (x - side * rng.uniform(0.45, 0.75)) / radius
    dy = (y - rng.uniform(0.3, 0.5) - radius * 0.55) / radius
    square = dx * dx + dy * dy
    z = np.sqrt(np.clip(1 - square, 0, 1))
    sun = np.array([-side * 0.75, -0.55, 0.35]) / np.linalg.norm([0.75, 0.55, 0.35])
    lit = np.clip(dx * sun[0] + dy * sun[1] + z * sun[2], 0, 1)
    clouds = sample(fractal(512, 1.5, rng, coarsest=3, stretch=0.5), dx * 0.35 / (z + 0.6), dy * 0.45 / (z + 0.6))
    body = mix(one_of(rng, PLANETS), light_of(236, 238, 240), smooth(clouds, 0.2, 1.6))
    blend(light, body * (lit[..., None] + 0.004), smooth(square, 1.004, 0.994))
    rim = np.exp(-np.abs(np.sqrt(square) - 1) / 0.016) * np.clip(dx * sun[0] + dy * sun[1] + 0.25, 0, 1)
    light += rim[..., None] * np.array([0.25, 0.5, 0.9], np.float32)
