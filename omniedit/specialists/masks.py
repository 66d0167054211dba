"""Small things that are done with masks: (H, W) bool, True where the picture may change."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.errors import BadInput
from omniedit.specialists.base import Bools
from omniedit.types import EditRequest

__all__ = ["Box", "Floats", "asked_mask", "bounds", "feather", "grow", "widen"]

Floats = NDArray[np.float32]
Box = tuple[int, int, int, int]  # left, top, right, bottom


def asked_mask(request: EditRequest) -> Bools | None:
    """The mask that a person painted, or None; BadInput where it is all below half."""
    if request.mask is None:
        return None
    mask: Bools = np.asarray(request.mask.convert("L")) > 127
    if not mask.any():
        raise BadInput("The mask has no white in it (all below half); paint white where the edit may happen.")
    return mask


def bounds(mask: Bools) -> Box:
    """The smallest box around `mask`, which must not be empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def widen(box: Box, share: float, size: tuple[int, int], least: int = 0) -> Box:
    """`box` with `share` of its longer side (at least `least` pixels) added on each side, within (width, height)."""
    left, top, right, bottom = box
    margin = max(least, round(share * max(right - left, bottom - top)))
    return max(left - margin, 0), max(top - margin, 0), min(right + margin, size[0]), min(bottom + margin, size[1])


def grow(mask: Bools, pixels: int) -> Bools:
    """`mask` and what is at most `pixels` away from it."""
    if pixels <= 0:
        return mask
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3)
    grown: Bools = away <= pixels
    return grown


def feather(mask: Bools, reach: float) -> Floats:
    """float32 (H, W): 0 outside `mask`, rising to 1 at `reach` pixels inside it; the picture's border is no edge."""
    inside = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 3)[1:-1, 1:-1]
    return np.clip(depth / max(reach, 1.0), 0, 1).astype(np.float32)
