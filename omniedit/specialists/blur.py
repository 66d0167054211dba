"""A wide blur that costs little."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["blur"]

COARSE = 3.0  # sigma, in pixels of the copy, that is still smooth once enlarged
CHANNELS = 4  # at most, in one call of OpenCV

T = TypeVar("T", bound=np.generic)


def blur(values: NDArray[T], sigma: float) -> NDArray[T]:
    """`values` (h, w) or (h, w, c) under a Gaussian; a sigma of next to nothing leaves them as they are.

    A wide one is worked out on a smaller copy, where the difference cannot be seen.
    """
    if sigma < 0.1:
        return values.copy()
    if values.ndim == 3 and values.shape[2] > CHANNELS:
        parts = (values[..., :CHANNELS], values[..., CHANNELS:])
        return np.concatenate([blur(part, sigma) for part in parts], axis=2)
    values = np.ascontiguousarray(values)
    height, width = values.shape[:2]
    step = min(sigma / COARSE, height / 4, width / 4)
    if step >= 2:
        size = (round(width / step), round(height / step))
        coarse = blur(np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), values.dtype), sigma / step)
        blurred = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    else:
        blurred = cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, values.dtype).reshape(values.shape)
