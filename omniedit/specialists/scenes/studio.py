"""Backdrops of one colour: a gradient, and a studio's painted cloth with a light on it."""

from __future__ import annotations

import numpy as np

from omniedit.colour import from_oklab, to_oklab
from omniedit.specialists.base import Bytes
from omniedit.specialists.scenes.lens import expose
from omniedit.specialists.scenes.noise import Floats, fractal, sample, smooth
from omniedit.specialists.scenes.view import light_of

__all__ = ["gradient", "studio"]

RGB = tuple[int, int, int]

GRADIENTS: tuple[RGB, ...] = ((92, 132, 182), (196, 122, 132), (108, 158, 138), (150, 120, 178), (206, 164, 110))
CLOTHS: tuple[RGB, ...] = ((122, 124, 130), (104, 112, 126), (132, 122, 112), (110, 122, 116))


def gradient(size: tuple[int, int], colour: RGB | None, seed: int) -> Bytes:
    """uint8 (h, w, 3) for `size` (width, height): from light to deep tones of a colour, each seed another way."""
    x, y = _plane(size)
    tone = np.array(colour or GRADIENTS[seed % len(GRADIENTS)], np.uint8)
    share = (
        y + 0.5,  # light above
        0.5 - y,  # light below, as a horizon
        np.clip(np.hypot(x, y + 0.05) / 0.75, 0, 1),  # light in the middle
        np.clip(0.5 + 0.45 * x + 0.45 * y, 0, 1),
    )[seed % 4]
    lab = to_oklab(tone)
    light, deep = (lab * np.array([0, scale, scale], np.float32) for scale in (0.75, 1.1))
    light[0], deep[0] = min(0.95, lab[0] + 0.17), max(0.12, lab[0] - 0.17)
    return from_oklab((light + (deep - light) * smooth(share, 0, 1)[..., None]).astype(np.float32))


def studio(size: tuple[int, int], colour: RGB | None, seed: int) -> Bytes:
    """uint8 (h, w, 3): a painted cloth out of focus, darker towards the corners; grey unless `colour` is given."""
    rng = np.random.default_rng(seed)
    x, y = _plane(size)
    base = np.array(light_of(*(colour or CLOTHS[seed % len(CLOTHS)])), np.float32)
    cx, cy = rng.uniform(-0.12, 0.12), rng.uniform(-0.16, 0.02)
    pool = np.exp(-(((x - cx) / 0.62) ** 2 + ((y - cy) / 0.55) ** 2))
    cloth = sample(fractal(512, 2.1, rng, coarsest=2), x * 0.4, y * 0.4)
    fine = sample(fractal(512, 1.6, rng, coarsest=5), x * 0.5, y * 0.5)
    tone = (0.32 + 0.95 * pool) * np.clip(1 + 0.12 * cloth + 0.04 * fine, 0.3, 1.7)
    return expose((base * tone[..., None]).astype(np.float32))


def _plane(size: tuple[int, int]) -> tuple[Floats, Floats]:
    """(h, w) each: how far right and how far down of the middle, in heights."""
    width, height = size
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return (x + 0.5 - width / 2) / np.float32(height), (y + 0.5) / np.float32(height) - np.float32(0.5)
