"""What the grey of a mask (mode L) means: below INSIDE nothing is asked for, from there to FULL an edit fades in."""

from __future__ import annotations

import numpy as np
from PIL import Image

__all__ = ["FULL", "INSIDE", "faded_in"]

INSIDE, FULL = 128, 250  # levels


def faded_in(source: Image.Image, edited: Image.Image, mask: Image.Image | None) -> Image.Image:
    """`edited` as the soft edge of `mask` lets it be seen over `source`, all of one size.

    A mask that is full nowhere has no edge: it is a sharp one, painted in grey.
    """
    if mask is None:
        return edited
    levels = np.asarray(mask.convert("L"))
    soft = (levels >= INSIDE) & (levels < FULL)
    if not soft.any() or levels.max() < FULL:
        return edited
    was, now = np.asarray(source.convert(edited.mode)), np.asarray(edited).copy()
    share = ((levels[soft].astype(np.float32) - INSIDE) / (FULL - INSIDE))[:, None]
    now[soft] = np.rint(was[soft] + share * (now[soft].astype(np.float32) - was[soft])).astype(np.uint8)
    return Image.fromarray(now)
