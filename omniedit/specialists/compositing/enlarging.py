"""Drawings enlarged as if they had been drawn larger: flat parts smooth, edges crisp, outlines without stairs."""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.specialists.base import Bytes
from omniedit.specialists.masks import Floats

__all__ = ["enlarged_colour", "enlarged_outline"]

LONGEST = (
    1100  # side up to which edges are made crisp again after each doubling; beyond it that costs more than it shows
)
APART = 16.0  # levels: what differs less is shading and is smoothed, what differs more is an edge
NEAR = 2.0  # sigma in pixels of what is smoothed
ROUNDED = 0.7  # sigma in small pixels: the stairs of an outline
MOST_CRISP = 4.0  # times its slope after enlarging that an outline gets at most


def enlarged_colour(rgb: Bytes, size: tuple[int, int]) -> Bytes:
    """`rgb`, uint8 (h, w, 3), at the larger `size` (width, height).

    Doubled again and again, with a bilateral filter (Tomasi and Manduchi, 1998) after each doubling: it pulls a slope
    that enlarging made to one of its sides or the other, and takes the blocks of a compressed drawing away.
    """
    rgb = _calm(rgb)
    while 2 * rgb.shape[1] <= size[0] and 2 * max(rgb.shape[:2]) <= LONGEST:
        rgb = _calm(cv2.resize(rgb, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def enlarged_outline(alpha: Floats, size: tuple[int, int]) -> Floats:
    """`alpha`, float32 (h, w) in [0, 1], at the larger `size` (width, height), about as crisp as before."""
    scale = size[0] / alpha.shape[1]
    if scale > 2:
        alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), ROUNDED, borderType=cv2.BORDER_REPLICATE), np.float32)
    large = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_CUBIC), np.float32)
    return np.clip((large - 0.5) * np.float32(np.clip(0.75 * scale, 1, MOST_CRISP)) + 0.5, 0, 1)


def _calm(rgb: Bytes) -> Bytes:
    return np.asarray(cv2.bilateralFilter(rgb, -1, APART, NEAR), np.uint8)
