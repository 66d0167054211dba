"""Random textures that tile: fractal noise by its spectrum, and how to look at it in perspective."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

__all__ = ["Colour", "Floats", "blend", "fractal", "line", "mix", "ridged", "sample", "smooth"]

Floats = NDArray[np.floating[Any]]
Colour = tuple[float, ...] | Floats  # linear light


def fractal(side: int, slope: float, rng: np.random.Generator, coarsest: float = 1.0, stretch: float = 1.0) -> Floats:
    """(side, side) float32 of mean 0 and deviation 1 that tiles: amplitude falls as frequency ** -slope.

    `coarsest`: waves longer than side / coarsest are left out; `stretch` > 1 draws the shapes out along x.
    """
    y = scipy.fft.fftfreq(side, 1 / side).astype(np.float32)[:, None]
    x = scipy.fft.rfftfreq(side, 1 / side).astype(np.float32)[None] * np.float32(stretch)
    frequency = np.maximum(np.hypot(x, y), np.float32(1e-3))
    amplitude = np.where(frequency >= coarsest * 0.7, frequency ** np.float32(-slope), np.float32(0))
    spectrum = scipy.fft.rfft2(rng.standard_normal((side, side), dtype=np.float32)) * amplitude
    noise = scipy.fft.irfft2(spectrum, s=(side, side))
    noise -= noise.mean()
    return np.asarray(noise / (noise.std() + 1e-9), dtype=np.float32)


def ridged(side: int, rng: np.random.Generator, octaves: int = 7, gain: float = 0.5, coarsest: int = 3) -> Floats:
    """(side, side) float32 in 0..1 that tiles: sharp crests, each octave rough where the one before is high.

    Musgrave's ridged multifractal (Ebert et al., "Texturing and Modeling", 2003, chapter 16).
    """
    total, weight, amplitude = np.zeros((side, side), np.float32), np.ones((side, side), np.float32), 1.0
    cells = coarsest
    for _ in range(octaves):
        if cells * 2 > side:
            break
        slope = np.clip(_lattice(side, cells, rng) * 1.7, -1, 1)
        crest = (1 - np.sqrt(slope * slope + 0.004)) ** 2  # a crest that is not quite a knife's edge
        total += amplitude * crest * weight
        weight = np.clip(crest * 1.6, 0, 1)
        amplitude *= gain
        cells *= 2
    return np.asarray((total - total.min()) / (np.ptp(total) + 1e-9))


def line(count: int, slope: float, rng: np.random.Generator) -> Floats:
    """(count,) float32 of mean 0 and deviation 1: a skyline."""
    frequency = np.maximum(np.fft.rfftfreq(2 * count) * 2 * count, 1)
    values = np.fft.irfft(np.fft.rfft(rng.standard_normal(2 * count)) * frequency**-slope)[:count]
    return ((values - values.mean()) / (values.std() + 1e-9)).astype(np.float32)


def sample(tile: Floats, u: Floats, v: Floats) -> Floats:
    """The tile's values at (u, v), in tiles: 1 is one tile further."""
    side = tile.shape[0]
    u, v = np.broadcast_arrays(np.asarray(u, np.float32), np.asarray(v, np.float32))
    u, v = (u - np.floor(u)) * np.float32(side), (v - np.floor(v)) * np.float32(side)
    result = cv2.remap(tile, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(result, dtype=np.float32)


def smooth(values: Floats | float, low: Floats | float, high: Floats | float) -> Floats:
    """0 below `low`, 1 above `high`, a smooth curve between; `low` above `high` falls instead."""
    t = np.clip((np.asarray(values) - low) / (np.asarray(high) - low), 0, 1).astype(np.float32)
    return np.asarray(t * t * (3 - 2 * t))


def mix(low: Colour, high: Colour, share: Floats | float) -> Floats:
    """Colours (..., 3) between `low` and `high`, by `share` (...)."""
    a, b = np.asarray(low, np.float32), np.asarray(high, np.float32)
    return np.asarray(a + (b - a) * np.asarray(share, np.float32)[..., None])


def blend(light: Floats, colour: Colour, share: Floats) -> None:
    """Lay `colour` (..., 3) over `light` (h, w, 3) by `share` (h, w), in place."""
    light += (np.asarray(colour, np.float32) - light) * share[..., None]


def _lattice(side: int, cells: int, rng: np.random.Generator) -> Floats:
    """Smooth noise of `cells` x `cells` random values, about -1..1, that tiles."""
    grid = rng.uniform(-1, 1, (cells, cells)).astype(np.float32)
    grid = np.pad(grid, 2, mode="wrap")
    scale = side / cells
    at = (np.arange(side, dtype=np.float32) + 0.5) / scale + 1.5
    x, y = np.meshgrid(at, at)
    return np.asarray(cv2.remap(grid, x, y, cv2.INTER_CUBIC), dtype=np.float32)
