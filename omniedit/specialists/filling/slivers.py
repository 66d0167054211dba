"""What a brush missed: the narrow rest of a thing that stands out along the rim of what was painted.

A person paints to the edge of a thing and stops a little short of it. What is left is neither the thing nor its
surroundings, and a fill that begins there carries it on as a ghost.
"""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.colour import to_oklab
from omniedit.specialists.base import Bools, Bytes
from omniedit.specialists.blur import blur
from omniedit.specialists.masks import Floats, bounds, grow, widen

__all__ = ["slivers_of"]

REACH = 0.014  # of the picture's short side: what goes on further out is a thing of its own
WORKING = 1000  # longest side of the crop that is looked at
RING = 3.0  # reaches from the rim at which the surroundings end that a sliver is compared to
DIFFERENT = 0.045  # OKLab distance from the surroundings, and
DEVIATIONS = 3.0  # how many of their standard deviations, that a sliver has at least
LEAST = 3.0  # pixels of the crop that the reach must have
WORTH = 0.004  # of what was painted: less than that is grain


def slivers_of(rgb: Bytes, painted: Bools, share: float = REACH) -> Bools:
    """What stands out from calm surroundings (bool, H, W) along the rim of `painted` and ends near it.

    rgb: uint8 (H, W, 3); `share` of the short side is how far it may end. Where the surroundings are as lively as what
    could be left, nothing is taken.
    """
    nothing = np.zeros_like(painted)
    reach = share * min(painted.shape)
    left, top, right, bottom = widen(bounds(painted), 0, (painted.shape[1], len(painted)), round((1 + RING) * reach))
    view = np.s_[top:bottom, left:right]
    scale = min(1.0, WORKING / max(right - left, bottom - top))
    reach *= scale
    if reach < LEAST:
        return nothing
    size = (max(8, round((right - left) * scale)), max(8, round((bottom - top) * scale)))
    lab = to_oklab(np.asarray(cv2.resize(rgb[view], size, interpolation=cv2.INTER_AREA), dtype=np.uint8))
    inside = cv2.resize(painted[view].astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    found = _standing_out(lab.astype(np.float32), inside, reach)
    if found.sum() > WORTH * inside.sum():
        shown = cv2.resize(found.astype(np.float32), (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
        nothing[view] = (shown > 0.3) & ~painted[view]
    return nothing


def _standing_out(lab: Floats, inside: Bools, reach: float) -> Bools:
    """The slivers at the working size, each with a margin of a few pixels."""
    away = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 5)
    ring = ((away > reach) & (away <= RING * reach)).astype(np.float32)
    norm = blur(ring, reach) + np.float32(1e-6)
    mean = blur(lab * ring[..., None], reach) / norm[..., None]
    apart = ((lab - mean) ** 2).sum(axis=2)
    spread = np.sqrt(blur(apart * ring, reach) / norm)
    different = (np.sqrt(apart) > np.maximum(DIFFERENT, DEVIATIONS * spread)) & (norm > 1e-3)
    goes_on = different & (np.abs(away - reach) < 1.5)
    loose = different & (away > 0) & (away <= reach) & ~grow(goes_on, round(reach))
    _, labels = cv2.connectedComponents((loose | inside).astype(np.uint8), connectivity=8)
    touching: Bools = loose & np.isin(labels, np.unique(labels[inside]))
    return grow(touching, max(2, round(reach / 3))) & ~inside if touching.any() else touching
