"""Photographs for measurements: the bundled ones, at the sizes that a person's have."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from omniedit.settings import assets_dir

__all__ = ["TWELVE", "enlarged", "photo", "spread"]

TWELVE = (4000, 3000)
BENT, LIT = 0.025, 0.08  # standard deviations: displacement in short sides, and light, of a photo that is spread
Bytes = NDArray[np.uint8]


def photo(name: str) -> Bytes:
    """A bundled photograph, uint8 (h, w, 3), at its own size: at most 384 pixels."""
    with Image.open(assets_dir() / "photos" / f"{name}.jpg") as image:
        return np.asarray(image.convert("RGB"))


def spread(rgb: Bytes, size: tuple[int, int], times: int = 2) -> Bytes:
    """`rgb`, `times` as large and mirrored on until it fills `size` (width, height), bent so that no copy is another's.

    The texture stays as fine as the photo's. Each copy is stretched, turned and lit in its own way by slow noise, so
    that what a hole hides is found nowhere else pixel by pixel.
    """
    rng = np.random.default_rng(0)

    def slow(strength: float) -> NDArray[np.float32]:
        noise = rng.normal(0, strength, (7, 9)).astype(np.float32)
        return np.asarray(cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC), np.float32)

    rows, columns = np.mgrid[: size[1], : size[0]].astype(np.float32)

    def mirrored(axis: NDArray[np.float32], length: int) -> NDArray[np.float32]:
        at = (axis + slow(BENT * min(size))) / times % np.float32(2 * (length - 1))
        return np.minimum(at, 2 * (length - 1) - at)

    bent = cv2.remap(rgb, mirrored(columns, rgb.shape[1]), mirrored(rows, len(rgb)), cv2.INTER_CUBIC)
    return _grained(bent * (1 + slow(LIT))[..., None])


def enlarged(rgb: Bytes, size: tuple[int, int] = TWELVE) -> Bytes:
    """`rgb` cut from the top to the ratio of `size` (width, height) and scaled to it, with the grain that this took."""
    height, width = rgb.shape[:2]
    wide = min(width, round(height * size[0] / size[1]))
    left = (width - wide) // 2
    rgb = rgb[: min(height, round(width * size[1] / size[0])), left : left + wide]
    return _grained(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC)))


def _grained(rgb: Bytes) -> Bytes:
    grain = np.random.default_rng(0).normal(0, 3, rgb.shape[:2]).astype(np.float32)
    return np.clip(rgb + grain[..., None], 0, 255).astype(np.uint8)
