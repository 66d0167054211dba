"""Brings the outline of a region from a small picture to the full-size one, pixel by pixel.

Only a band around the outline is looked at. There each pixel is given to the side whose colours near by it fits
better (normal distributions of both sides, local as in Shared Matting, Gastal and Oliveira 2010, section 4), with the
small outline as the prior, level by level up an image pyramid; hair and leaves come out as strands, straight edges
without a staircase.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, product

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Box", "Bytes", "Floats", "enlarge"]

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
Box = tuple[int, int, int, int]  # left, top, right, bottom

STEP = 4.0  # at most this much larger from level to level
TILE = 256  # pixels
REACH = 2.0  # half the width of the band, in pixels of the level below
THINNED = 2  # the sides' colours are taken on every second pixel of the level below, both ways
NEAR, FAR = 1.5, 5.0  # sigma over which they are taken, in such steps
NOISE = 5.0  # levels that colours may differ without meaning anything
SHARED = 0.15  # of both sides' variance that each side is given
PRIOR = 2.0  # log-odds of the small outline, a pixel of the level below away from it
TRUST = 2.5  # log-odds that colours can give at most
WORKERS = 4


def enlarge(soft: Floats, rgb: Bytes) -> Bools:
    """The region of `soft` (float32 (h, w), 0..1, inside above .5) as bool (H, W), its outline on edges of `rgb`.

    rgb: uint8 (H, W, 3), the picture of which `soft` shows the same part at its own size or smaller.
    """
    height, width = rgb.shape[:2]
    small = soft.shape
    scale = max(height / small[0], width / small[1])
    levels = max(1, int(np.ceil(np.log(scale) / np.log(STEP) - 1e-6)))
    pyramid = [rgb]
    for level in reversed(range(levels)):
        up = scale ** (level / levels)
        size = (round(small[1] * up), round(small[0] * up))
        pyramid.insert(0, np.asarray(cv2.resize(pyramid[0], size, interpolation=cv2.INTER_AREA), dtype=np.uint8))
    for below, large in pairwise(pyramid):
        soft = _follow(soft, below, large)
    return soft > 0.5


def _follow(soft: Floats, below: Bytes, rgb: Bytes) -> Floats:
    """`soft` (h, w) at the size of `rgb` (H, W, 3), its outline moved to the edges there; float32 (H, W).

    below: uint8 (h, w, 3), the picture at the size of `soft`.
    """
    height, width = rgb.shape[:2]
    small = soft.shape
    inside = (soft > 0.5).astype(np.uint8)
    result = np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    if not inside.any() or inside.all():
        return result
    signed = _signed_distance(inside)
    band = (np.abs(signed) < REACH + 1).astype(np.uint8)
    coarse = max(1, small[1] // THINNED), max(1, small[0] // THINNED)
    guide = np.asarray(cv2.resize(below, coarse, interpolation=cv2.INTER_AREA), dtype=np.float32)
    inner, outer = (
        _colours(guide, cv2.resize((s > 0.7).astype(np.float32), coarse, interpolation=cv2.INTER_AREA))
        for s in (signed, -signed)
    )
    spread = inner[..., 3] + outer[..., 3]
    for side in (inner, outer):  # a pixel on the outline is a mixture of both: no side may be too narrow for it
        side[..., 3] += SHARED * spread
    scale = small[1] / width, small[0] / height

    def tile(corner: tuple[int, int]) -> None:
        top, left = corner
        bottom, right = min(top + TILE, height), min(left + TILE, width)
        part = band[
            int(top * scale[1]) : int(np.ceil(bottom * scale[1])) + 1,
            int(left * scale[0]) : int(np.ceil(right * scale[0])) + 1,
        ]
        if not part.any():
            return
        pad = 3
        y0, x0, y1, x1 = max(top - pad, 0), max(left - pad, 0), min(bottom + pad, height), min(right + pad, width)
        size = (x1 - x0, y1 - y0)

        def warped(values: Floats) -> Floats:
            """A map of the whole, at whatever size, as this tile sees it."""
            sx, sy = values.shape[1] / width, values.shape[0] / height
            at = np.array([[sx, 0, (x0 + 0.5) * sx - 0.5], [0, sy, (y0 + 0.5) * sy - 0.5]])
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            return np.asarray(cv2.warpAffine(values, at, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))

        away = warped(signed)
        near = np.abs(away) < REACH + 1
        pixels = rgb[y0:y1, x0:x1][near].astype(np.float32)
        odds = np.zeros(away.shape, np.float32)
        odds[near] = _fit(pixels, warped(inner)[near]) - _fit(pixels, warped(outer)[near])
        odds = np.clip(cv2.GaussianBlur(odds, (0, 0), 0.8), -TRUST, TRUST)
        middle = np.s_[top - y0 : bottom - y0, left - x0 : right - x0]
        away, odds = away[middle], odds[middle]
        near = np.abs(away) < REACH
        leash = PRIOR * away[near] * np.maximum(1, np.abs(away[near]))  # it holds ever firmer further out
        result[top:bottom, left:right][near] = 1 / (1 + np.exp(-np.clip(odds[near] + leash, -30, 30)))

    corners = list(product(range(0, height, TILE), range(0, width, TILE)))
    with ThreadPoolExecutor(min(WORKERS, os.cpu_count() or 1)) as pool:
        for _ in pool.map(tile, corners):
            pass
    return result


def _signed_distance(inside: NDArray[np.uint8]) -> Floats:
    """Pixels to the outline, positive inside; 0 lies between an inner and an outer pixel."""
    deep = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    out = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    signed: Floats = np.where(inside > 0, deep - 0.5, 0.5 - out).astype(np.float32)
    return signed


def _colours(guide: Floats, weight: Floats) -> Floats:
    """Mean colour and variance of the pixels that `weight` (h, w) marks, around each pixel: (h, w, 4)."""
    values = np.dstack([guide * weight[..., None], (guide**2).sum(axis=2) * weight, weight])
    sums = [
        cv2.GaussianBlur(part, (0, 0), NEAR) + 0.02 * cv2.GaussianBlur(part, (0, 0), FAR)
        for part in (values[..., :3], values[..., 3:])
    ]
    total, rest = sums
    norm = np.maximum(rest[..., 1], 1e-6)
    mean = total / norm[..., None]
    spread = np.maximum(rest[..., 0] / norm - (mean**2).sum(axis=2), 0) / 3
    return np.dstack([mean, spread + NOISE**2]).astype(np.float32)


def _fit(pixels: Floats, side: Floats) -> Floats:
    """Log-likelihood (n,) of pixels (n, 3) under a side's colours (n, 4)."""
    away = pixels - side[:, :3]
    away = np.einsum("nc,nc->n", away, away)
    fit: Floats = -0.5 * away / side[:, 3] - 1.5 * np.log(side[:, 3])
    return fit
