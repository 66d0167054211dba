"""What an edit changed, for the eye."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from omniedit.images import from_pil, with_alpha
from omniedit.services.planning import OUTLINE

__all__ = ["difference"]

LONGEST = 1600  # side of the picture, pixels
DIMMED = 0.35  # brightness of what is the same
LEAST, FULL = 0.35, 32.0  # strength of the colour where anything changed, and levels from which it is full


def difference(before: Path | Image.Image, after: Path | Image.Image) -> tuple[Image.Image, float]:
    """What changed in colour over the dimmed photo, and the share (0..1) of the pixels that did at all.

    Both are pictures of one size. What changed little is faint, but seen.
    """
    was, now = (_rgba(picture) for picture in (before, after))
    levels = np.abs(was.astype(np.int16) - now).max(axis=2).astype(np.float32)
    strength = np.where(levels > 0, np.clip(levels / FULL, LEAST, 1), 0).astype(np.float32)
    share = float((levels > 0).mean())
    scale = min(1.0, LONGEST / max(levels.shape))
    size = (max(1, round(levels.shape[1] * scale)), max(1, round(levels.shape[0] * scale)))
    grey = (
        np.asarray(Image.fromarray(was[..., :3]).convert("L").resize(size, Image.Resampling.BOX), np.float32) * DIMMED
    )
    small = np.asarray(Image.fromarray(strength).resize(size, Image.Resampling.BOX))[..., None]
    mixed = grey[..., None] * (1 - small) + np.array(OUTLINE, np.float32) * small
    return Image.fromarray(np.rint(mixed).astype(np.uint8)), share


def _rgba(picture: Path | Image.Image) -> NDArray[np.uint8]:
    if isinstance(picture, Path):
        with Image.open(picture) as image:
            return _rgba(image.copy())
    found = from_pil(picture)
    return np.asarray(with_alpha(found.rgb, found.alpha).convert("RGBA"))
