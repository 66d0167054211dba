"""Pictures and maps at a smaller size, at which most of what there is to find out about them is found out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["shrink"]


def shrink(picture: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """uint8 (H, W, ...) -> (h, w, ...), area means, longest side at most `longest`; a smaller picture as it is."""
    height, width = picture.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
