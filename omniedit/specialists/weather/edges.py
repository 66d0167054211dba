"""Carries small maps to full size: plain ones smoothly, others so that they follow the edges of the picture.

He, Sun and Tang, "Guided Image Filtering", 2013, section 3.4 (a colour guide), and He and Sun, "Fast Guided Filter",
arXiv 1505.00996: in each window the map is an affine function of colour, and the coefficients are what is enlarged.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations_with_replacement
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Bytes", "Enlarger", "Floats", "Guide", "edged", "smoothstep"]

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

PAIRS = tuple(combinations_with_replacement(range(3), 2))  # of channels: 00 01 02 11 12 22


class Guide:
    """Fits maps to the colours of `small`, uint8 (h, w, 3), in windows of `radius` pixels.

    `ridge` is the variance of colour (of 0..1) below which a window counts as even, and the map is only averaged there.
    """

    def __init__(self, small: Bytes, radius: int, ridge: float) -> None:
        self.radius = radius
        self.colour = small.astype(np.float32).transpose(2, 0, 1) / 255  # (3, h, w)
        self.mean = [self._box(channel) for channel in self.colour]
        covariance = {
            (i, j): self._box(self.colour[i] * self.colour[j]) - self.mean[i] * self.mean[j] for i, j in PAIRS
        }
        for i in range(3):
            covariance[i, i] += np.float32(ridge)
        self.inverse = _inverse(covariance)

    def fit(self, target: Floats) -> Floats:
        """(4, h, w): three slopes and an offset, such that slopes x colour + offset is about `target` (h, w)."""
        mean_target = self._box(target)
        shared = [self._box(self.colour[i] * target) - self.mean[i] * mean_target for i in range(3)]
        slopes = []
        for i in range(3):
            slope = sum(self.inverse[min(i, j), max(i, j)] * shared[j] for j in range(3))
            slopes.append(np.asarray(slope, dtype=np.float32))
        offset = mean_target - sum(slopes[i] * self.mean[i] for i in range(3))
        return np.stack([self._box(part) for part in (*slopes, offset)])

    def smooth(self, target: Floats) -> Floats:
        """`target` (h, w), smoothed, with its edges where the guide has them."""
        return edged(self.fit(target), self.colour)

    def _box(self, values: Floats) -> Floats:
        side = 2 * self.radius + 1
        blurred = cv2.blur(np.ascontiguousarray(values), (side, side), borderType=cv2.BORDER_REFLECT_101)
        return np.asarray(blurred, dtype=np.float32)


class Enlarger:
    """Gives rows of small maps (c, h, w) at the size (width, height), never all of them at once. Cubic, by four taps:
    a product of matrices would have BLAS start threads beside those that call this."""

    def __init__(self, maps: Floats, size: tuple[int, int]) -> None:
        self.count, height, self.small = maps.shape
        self.width = size[0]
        self.flat = np.ascontiguousarray(maps.transpose(1, 0, 2)).reshape(height, -1)  # (h, c w)
        at = (np.arange(size[1]) + 0.5) * height / size[1] - 0.5
        first = np.floor(at).astype(int)
        self.taps = [
            (np.clip(first + tap, 0, height - 1), _cubic(at - first - tap).astype(np.float32)[:, None])
            for tap in (-1, 0, 1, 2)
        ]

    def rows(self, top: int, bottom: int) -> Floats:
        """Rows top..bottom at the large size: (c, bottom - top, width)."""
        mixed = np.zeros((bottom - top, self.flat.shape[1]), np.float32)
        for rows, weight in self.taps:
            mixed += self.flat[rows[top:bottom]] * weight[top:bottom]
        mixed = mixed.reshape(-1, self.small)
        wide = cv2.resize(mixed, (self.width, len(mixed)), interpolation=cv2.INTER_CUBIC)
        large: Floats = np.asarray(wide).reshape(bottom - top, self.count, self.width).transpose(1, 0, 2)
        return large


def _cubic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of the taps at distance `x`, as OpenCV's cubic has them (Keys, 1981, a = -.75)."""
    x = np.abs(x)
    near = (1.25 * x - 2.25) * x * x + 1
    far = ((-0.75 * x + 3.75) * x - 6) * x + 3
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def _inverse(m: Mapping[tuple[int, int], Floats]) -> dict[tuple[int, int], Floats]:
    """The inverse of a symmetric 3 x 3 matrix at each pixel, by its adjugate."""
    a, b, c, d, e, f = (m[pair] for pair in PAIRS)
    cofactors = (d * f - e * e, c * e - b * f, b * e - c * d, a * f - c * c, b * c - a * e, a * d - b * b)
    determinant = a * cofactors[0] + b * cofactors[1] + c * cofactors[2]
    return {pair: cofactor / determinant for pair, cofactor in zip(PAIRS, cofactors, strict=True)}


def edged(fitted: Floats, colour: Floats) -> Floats:
    """What `Guide.fit` gave, (4, n, W) enlarged, at pixels of `colour` (3, n, W), 0..1: the map's values (n, W)."""
    value = fitted[3].copy()
    for slope, channel in zip(fitted[:3], colour, strict=True):
        value += slope * channel
    return value


def smoothstep(values: Floats | float, low: float, high: float) -> NDArray[np.float32]:
    """0 at `low` and before, 1 at `high` and after (`low` may be the larger), a smooth curve between."""
    t = np.clip((np.asarray(values, dtype=np.float32) - np.float32(low)) / np.float32(high - low), 0, 1)
    result: NDArray[np.float32] = t * t * (3 - 2 * t)
    return result
