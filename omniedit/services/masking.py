"""What is done with a painted mask as a whole."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from PIL import Image

from omniedit.errors import BadInput
from omniedit.specialists.masks import grow

__all__ = ["Change", "changed"]

STEP = 0.01  # of the short side, by which a mask grows or shrinks; at least a pixel


class Change(StrEnum):
    """What becomes of a mask."""

    INVERT = "invert"
    GROW = "grow"
    SHRINK = "shrink"


def changed(mask: Image.Image, change: Change) -> Image.Image:
    """`mask` (mode L, white = edit here) changed. Raises BadInput where nothing would be left of it."""
    painted = np.asarray(mask.convert("L")) > 127
    step = max(1, round(STEP * min(painted.shape)))
    if change is Change.INVERT:
        result = ~painted
    elif change is Change.GROW:
        result = grow(painted, step) if painted.any() else painted
    else:
        result = ~grow(~painted, step) if not painted.all() else painted
    if not result.any():
        raise BadInput("Nothing would be left of what is painted; paint more, or clear it.")
    return Image.fromarray(result.astype(np.uint8) * 255)
