"""Carries an edit made at the model's small size to full size: a local affine map of colour.

He and Sun, "Fast Guided Filter", arXiv 1505.00996, with the colour guide of He et al. 2013, section 3.4. The
map is fitted to the *difference* edited - source: where nothing was edited it is exactly zero, so the upload
comes out bit for bit, and where a window holds no structure the full-size texture is kept as it is.

A map of colour cannot say that an object went or came, and would let the old texture shine through. So each
place also gets a weight: how little of the edit's structure the map explains. There the edit itself is
upsampled instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Enlarger", "Floats", "Transfer", "fit_transfer", "smoothstep"]

Floats = NDArray[np.float32]

RADIUS = 2  # of the windows, in pixels of the small picture
RIDGE = (0.02 * 255) ** 2  # below this contrast a window keeps the full-size texture unscaled
MAX_GAIN = 2.5  # of contrast; more would amplify the noise of the upload
FLOOR = (3.0) ** 2  # variance (levels squared) that counts as no structure at all
EXPLAINED = (0.45, 0.8)  # share of the edit's variance explained: all upsampled below, all affine above
NOTICED = (2.0, 8.0)  # levels of difference: below nothing was edited
CORED = (3.0, 12.0)  # levels that the map leaves unexplained: below it is the model's noise
POOL = 5.0  # sigma, in small pixels, over which the share explained is averaged
STRIP = 1 << 18  # pixels worked on at a time


@dataclass(frozen=True)
class Transfer:
    """What to do to a full-size colour c (0..255): `c + gain c + offset`, or `edited` by the weight `plain`.

    gain: (9, h, w), row-major 3 x 3 minus the identity; offset: (3, h, w); plain: (h, w) in 0..1;
    edited: (3, h, w), all float32 at the small size.
    """

    gain: Floats
    offset: Floats
    plain: Floats
    edited: Floats


def fit_transfer(
    source: NDArray[np.uint8], edited: NDArray[np.uint8], change: Floats, pool_regions: bool = True
) -> Transfer:
    """The map from `source` to `edited`, both uint8 (h, w, 3), fitted where `change` (h, w, 0..1) is set.

    With `pool_regions` a connected region of the change is also judged as a whole: the inside of a plain
    balloon has no structure of its own, and only its outline tells whether it was recoloured or removed.
    """
    guide = source.astype(np.float32)  # (h, w, 3)
    target = edited.astype(np.float32)
    difference = target - guide
    weight = np.clip(change, 0, 1).astype(np.float32) + np.float32(1e-3)  # never zero: it divides
    norm = _box(weight)

    def mean(values: Floats) -> Floats:
        spread = _box(values * (weight if values.ndim == 2 else weight[..., None]))
        result: Floats = spread / (norm if values.ndim == 2 else norm[..., None])
        return result

    mean_guide, mean_difference = mean(guide), mean(difference)
    outer = guide[..., :, None] * guide[..., None, :]
    cross = guide[..., :, None] * difference[..., None, :]
    shape = (*guide.shape[:2], 3, 3)
    covariance = _each(mean, outer).reshape(shape) - mean_guide[..., :, None] * mean_guide[..., None, :]
    shared = _each(mean, cross).reshape(shape) - mean_guide[..., :, None] * mean_difference[..., None, :]
    ridge = RIDGE * np.eye(3, dtype=np.float32)
    gain = np.linalg.solve((covariance + ridge).astype(np.float64), shared.astype(np.float64))
    gain = np.clip(np.swapaxes(gain, -1, -2), -MAX_GAIN, MAX_GAIN).astype(np.float32)  # (h, w, out, in)

    # explained = var(E) - var(E - fit), window by window, where E = S + D and fit = S + gain S
    left = _variance(mean, difference) - 2 * np.einsum("hwoi,hwio->hw", gain, shared)
    left = np.maximum(left + np.einsum("hwoi,hwij,hwoj->hw", gain, covariance, gain), 0)
    total = np.maximum(_variance(mean, target), 0)
    explained = np.maximum(total - left, 0)
    share = _share(explained, total, weight, change if pool_regions else None)

    offset = mean_difference - np.einsum("hwoi,hwi->hwo", gain, mean_guide)
    gain = _each(mean, gain).reshape(shape)
    offset = mean(offset)
    unexplained = difference - np.einsum("hwoi,hwi->hwo", gain, guide) - offset
    size = np.abs(unexplained).max(axis=2, keepdims=True)
    offset = offset + unexplained * smoothstep(size, *CORED)

    most = cv2.dilate(np.abs(difference).max(axis=2), np.ones((3, 3), np.uint8))
    noticed = smoothstep(np.asarray(most, dtype=np.float32), *NOTICED)
    plain = cv2.GaussianBlur((1 - smoothstep(share, *EXPLAINED)) * noticed, (0, 0), 0.8)
    return Transfer(
        gain=np.ascontiguousarray(gain.reshape(*shape[:2], 9).transpose(2, 0, 1)),
        offset=np.ascontiguousarray(offset.transpose(2, 0, 1)),
        plain=plain.astype(np.float32),
        edited=np.ascontiguousarray(target.transpose(2, 0, 1)),
    )


class Enlarger:
    """Gives strips of small maps (c, h, w) at the size (width, height), never the whole of them at once."""

    def __init__(self, maps: Floats, size: tuple[int, int]) -> None:
        width, height = size
        across = _weights(width, maps.shape[2])  # (width, w)
        self.maps = np.ascontiguousarray((maps @ across.T).transpose(1, 0, 2))  # (h, c, width)
        self.down = _weights(height, maps.shape[1])  # (height, h)
        self.size = size

    def strips(self) -> Iterator[tuple[int, int]]:
        """(top, bottom) of strips that cover the whole height."""
        rows = max(1, STRIP // self.size[0])
        for top in range(0, self.size[1], rows):
            yield top, min(top + rows, self.size[1])

    def rows(self, top: int, bottom: int) -> Floats:
        """The maps' rows top..bottom at the large size: (c, bottom - top, width)."""
        weights = self.down[top:bottom]
        used = np.flatnonzero(weights.any(axis=0))
        first, last = int(used[0]), int(used[-1]) + 1
        _, channels, width = self.maps.shape
        flat = self.maps[first:last].reshape(last - first, channels * width)
        large: Floats = (weights[:, first:last] @ flat).reshape(bottom - top, channels, width).transpose(1, 0, 2)
        return large


def smoothstep(values: Floats, low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high`, a smooth curve between."""
    t = np.clip((values - low) / (high - low), 0, 1).astype(np.float32)
    result: Floats = t * t * (3 - 2 * t)
    return result


def _share(explained: Floats, total: Floats, weight: Floats, change: Floats | None) -> Floats:
    """The share of the edit's structure that the map explains, (h, w): near by and in the whole region."""
    if change is None:
        regions, pull = np.zeros(total.shape, np.int32), 0.25
    else:
        regions, pull = np.asarray(cv2.connectedComponents((change > 0.25).astype(np.uint8))[1]), 1.0
    areas = np.maximum(np.bincount(regions.ravel()), 1)

    def pooled(values: Floats) -> Floats:
        weighted = values * weight
        whole = (np.bincount(regions.ravel(), weighted.ravel()) / areas)[regions]
        near: Floats = np.asarray(cv2.GaussianBlur(weighted, (0, 0), POOL), dtype=np.float32)
        return near + np.float32(pull) * whole.astype(np.float32)

    return pooled(explained) / pooled(total + np.float32(FLOOR))


def _variance(mean: Callable[[Floats], Floats], values: Floats) -> Floats:
    result: Floats = (mean(values * values) - mean(values) ** 2).sum(axis=2)
    return result


def _each(mean: Callable[[Floats], Floats], matrices: Floats) -> Floats:
    """Window means of (h, w, 3, 3) as (h, w, 9)."""
    result: Floats = mean(np.ascontiguousarray(matrices.reshape(*matrices.shape[:2], 9)))
    return result


def _box(values: Floats) -> Floats:
    side = 2 * RADIUS + 1
    channels = 1 if values.ndim == 2 else values.shape[2]
    if channels <= 4:
        return np.asarray(cv2.boxFilter(values, -1, (side, side), borderType=cv2.BORDER_REFLECT), dtype=np.float32)
    parts = [_box(np.ascontiguousarray(values[..., k : k + 3])) for k in range(0, channels, 3)]
    return np.concatenate(parts, axis=2)


def _weights(large: int, small: int) -> Floats:
    """(large, small): resampling by Mitchell's cubic, widened when it shrinks; each row sums to 1."""
    scale = small / large
    stretch = max(scale, 1.0)
    centres = (np.arange(large) + 0.5) * scale - 0.5
    reach = int(np.ceil(2 * stretch)) + 1
    taps = np.floor(centres).astype(int)[:, None] + np.arange(-reach, reach + 1)[None]
    x = np.abs(taps - centres[:, None]) / stretch
    near = (7 * x**3 - 12 * x**2 + 16 / 3) / 6
    far = (-7 / 3 * x**3 + 12 * x**2 - 20 * x + 32 / 3) / 6
    values = np.where(x < 1, near, np.where(x < 2, far, 0))
    weights = np.zeros((large, small))
    np.add.at(weights, (np.arange(large)[:, None], np.clip(taps, 0, small - 1)), values)
    result: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return result
