"""Colour as people see it: sRGB to OKLab and back (Björn Ottosson, 2020, https://bottosson.github.io/posts/oklab/)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["from_oklab", "to_linear", "to_oklab", "to_srgb"]

Pixels = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
_FROM_LMS = np.linalg.inv(_TO_LMS).astype(np.float32)
_FROM_LAB = np.linalg.inv(_TO_LAB).astype(np.float32)
_STEPS = np.arange(256, dtype=np.float32) / 255
_LINEAR = np.where(_STEPS <= 0.04045, _STEPS / 12.92, ((_STEPS + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_linear(rgb: Pixels) -> Floats:
    """sRGB uint8 -> linear light, float32 in [0, 1], of the same shape."""
    return _LINEAR[rgb]


def to_srgb(linear: Floats) -> Pixels:
    """Linear light -> sRGB uint8; what is outside [0, 1] is clipped."""
    linear = np.clip(linear, 0, 1)
    value = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    rgb: Pixels = np.rint(value * 255).astype(np.uint8)
    return rgb


def to_oklab(rgb: Pixels) -> Floats:
    """sRGB uint8 (..., 3) -> OKLab float32 (..., 3), L in [0, 1]."""
    lab: Floats = (np.cbrt(to_linear(rgb) @ _TO_LMS.T) @ _TO_LAB.T).astype(np.float32)
    return lab


def from_oklab(lab: Floats) -> Pixels:
    """OKLab float32 (..., 3) -> sRGB uint8 (..., 3); colours outside sRGB are clipped."""
    return to_srgb((lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T)
