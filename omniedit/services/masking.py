"""What is done with a painted mask as a whole."""

from __future__ import annotations

import math
from enum import StrEnum

import cv2
import numpy as np
from PIL import Image

from omniedit.errors import BadInput
from omniedit.fading import FULL, INSIDE
from omniedit.specialists.masks import Bools, Floats, feather, grow

__all__ = ["INSIDE", "Change", "changed", "resized"]

STEP = 0.01  # of the short side, by which a mask grows, shrinks or gets softer; at least a pixel


class Change(StrEnum):
    """What becomes of a mask."""

    INVERT = "invert"
    GROW = "grow"
    SHRINK = "shrink"
    FEATHER = "feather"


def changed(mask: Image.Image, change: Change) -> Image.Image:
    """`mask` (mode L, white = edit here) changed; its edge is sharp, but softer each time that it is feathered.

    Raises BadInput where nothing would be left of it.
    """
    levels = np.asarray(mask.convert("L"))
    painted = levels >= INSIDE
    step = max(1, round(STEP * min(painted.shape)))
    if change is Change.INVERT:
        result = ~painted
    elif change is Change.SHRINK:
        result = ~grow(~painted, step) if not painted.all() else painted
    else:
        result = grow(painted, step) if change is Change.GROW and painted.any() else painted
    if not result.any():
        raise BadInput("Nothing would be left of what is painted; paint more, or clear it.")
    if change is Change.FEATHER:
        ramp = feather(painted, _softness(levels) + 2 * step)
        return Image.fromarray(np.where(painted, np.rint(INSIDE + (255 - INSIDE) * ramp), 0).astype(np.uint8))
    return Image.fromarray(result.astype(np.uint8) * 255)


def resized(mask: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`mask` (mode L) of a picture for the same picture at another size: a sharp edge stays sharp, a soft one soft."""
    if mask.size == size:
        return mask
    levels = np.asarray(mask.convert("L"))
    painted = levels >= INSIDE
    inside = np.asarray(Image.fromarray(painted).convert("L").resize(size, Image.Resampling.BILINEAR)) >= INSIDE
    reach = 2 * max(1, math.ceil(mask.width / size[0])) + 1
    full = cv2.dilate(levels, np.ones((reach, reach), np.uint8))  # else the edge is mixed with what is outside
    soft = np.asarray(Image.fromarray(full).resize(size, Image.Resampling.BILINEAR))
    return Image.fromarray(np.where(inside, np.maximum(soft, INSIDE), 0).astype(np.uint8))


def _softness(levels: np.ndarray) -> float:
    """Pixels that the edge takes to become full."""
    painted: Bools = levels >= INSIDE
    soft = painted & (levels < FULL)
    if not soft.any():
        return 0.0
    depth: Floats = cv2.distanceTransform(painted.astype(np.uint8), cv2.DIST_L2, 3)
    return float(depth[soft].max())
