"""Random fields that look like nature: the same generator gives the same field."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import fft

from omniedit.specialists.blur import blur
from omniedit.specialists.weather.edges import Floats

__all__ = ["fractal", "overhead", "patches"]

TILE = 512


def fractal(rng: np.random.Generator, slope: float = 1.7, side: int = TILE) -> Floats:
    """(side, side), 0..1, about evenly spread, repeating: amplitude falls as frequency ** -slope."""
    frequency = np.hypot(fft.fftfreq(side)[:, None], fft.rfftfreq(side)[None]).astype(np.float32)
    frequency[0, 0] = 1
    waves = rng.standard_normal((2, *frequency.shape), dtype=np.float32) * frequency ** np.float32(-slope)
    waves[:, 0, 0] = 0
    field = fft.irfft2(waves[0] + 1j * waves[1], (side, side))
    result: Floats = 0.5 * (1 + np.tanh(0.8 * field / field.std()))  # tanh(.8 x) is close to the normal's erf
    return result


def patches(rng: np.random.Generator, shape: tuple[int, int], scale: float, slope: float = 1.7) -> Floats:
    """(h, w), 0..1: a fractal field whose largest patches are about `scale` of the longest side."""
    height, width = shape
    step = 0.25 * TILE / (scale * max(height, width))
    x0, y0 = rng.uniform(0, TILE, 2)
    x = (np.arange(width, dtype=np.float32) * step + x0)[None].repeat(height, 0)
    y = (np.arange(height, dtype=np.float32) * step + y0)[:, None].repeat(width, 1)
    return _sample(_without_finer(fractal(rng, slope), step), x, y)


def overhead(rng: np.random.Generator, shape: tuple[int, int], horizon: float, scale: float, slope: float) -> Floats:
    """(h, w), 0..1: a fractal layer above the camera, as a ceiling of cloud: ever flatter and finer towards `horizon`.

    scale: of the patches straight above, as a share of the width.
    """
    height, width = shape
    y = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / height
    up = (horizon - y) / max(horizon, 0.05) * min(1.0, horizon / 0.35)
    base = 0.26 if horizon < 0.7 else 0.26 + (horizon - 0.7)  # who looks up sees no horizon, and clouds less flat
    away = 1 / (np.clip(up, 0, None) + base) + np.clip(-up, 0, None) / base**2  # distance along the ceiling
    x = (np.arange(width, dtype=np.float32)[None] + 0.5) / width - 0.5
    pitch = 0.25 * TILE / scale
    x0, y0 = rng.uniform(0, TILE, 2)
    tile = fractal(rng, slope)
    u = x * away * pitch * 0.55 + x0
    v = np.repeat(away * pitch * 0.55, width, axis=1) + y0
    sharp, soft = _sample(tile, u, v), _sample(blur(tile, 4.0), u, v)
    fine = np.clip((2.5 - away * pitch * 0.55 / width) / 2.0, 0, 1)  # steps wider than the tile's pixels would flicker
    mixed: Floats = fine * sharp + (1 - fine) * soft
    return mixed


def _without_finer(tile: Floats, step: float) -> Floats:
    """`tile` without what is finer than `step` of its pixels."""
    if step <= 1:
        return tile
    wide = np.pad(tile, 16, mode="wrap")
    return blur(wide, 0.5 * step)[16:-16, 16:-16]


def _sample(tile: Floats, x: Floats, y: Floats) -> Floats:
    at = x.astype(np.float32), y.astype(np.float32)
    return np.asarray(cv2.remap(tile, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), dtype=np.float32)
