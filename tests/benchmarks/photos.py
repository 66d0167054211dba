"""Photographs for measurements: the bundled ones, at the sizes that a person's have."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from omniedit.settings import assets_dir

__all__ = ["TWELVE", "enlarged", "mirrored", "photo"]

TWELVE = (4000, 3000)
Bytes = NDArray[np.uint8]


def photo(name: str) -> Bytes:
    """A bundled photograph, uint8 (h, w, 3), at its own size: at most 384 pixels."""
    with Image.open(assets_dir() / "photos" / f"{name}.jpg") as image:
        return np.asarray(image.convert("RGB"))


def mirrored(rgb: Bytes, size: tuple[int, int], times: int = 2) -> Bytes:
    """`rgb`, `times` as large and mirrored on until it fills `size` (width, height): its texture stays fine."""
    height, width = rgb.shape[:2]
    tile = cv2.resize(rgb, (width * times, height * times), interpolation=cv2.INTER_CUBIC)
    tile = np.concatenate([tile, tile[:, ::-1]], axis=1)
    tile = np.concatenate([tile, tile[::-1]], axis=0)
    rows, columns = -(-size[1] // len(tile)), -(-size[0] // tile.shape[1])
    return _grained(np.tile(tile, (rows, columns, 1))[: size[1], : size[0]])


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
