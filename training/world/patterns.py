"""Patterns that effects lay over a picture: flakes, streaks, leaves, paper, screens.

Each depends on the picture's height and width alone and is kept for the last sizes; results are read-only by
convention. Sizes are in pixels at a short side of BASE_SIDE.
"""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]  # float32 or float64: cv2's stubs name no dtype

BASE_SIDE = 128


def scale_of(size: tuple[int, int]) -> float:
    return min(size) / BASE_SIDE


def jittered(height: int, width: int, step: float, seed: int) -> Floats:
    """Places (n, 3) on a shaken grid with `step` pixels at BASE_SIDE: x, y in pixels, share in [0, 1)."""
    pixels = step * scale_of((height, width))
    columns, rows = max(1, round(width / pixels)), max(1, round(height / pixels))
    random = np.random.default_rng(seed).random((rows, columns, 3), dtype=np.float32)
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    x = (x + 0.25 * (np.arange(rows)[:, None] % 2) + 0.15 + 0.5 * random[..., 0]) * width / columns
    y = (y + 0.2 + 0.6 * random[..., 1]) * height / rows
    return np.stack([x, y, random[..., 2]], axis=-1).reshape(-1, 3)


@lru_cache(maxsize=32)
def flakes(height: int, width: int) -> Floats:
    # Drawn four times as large: cv2 draws discs of one or two pixels as crosses.
    mask, scale = np.zeros((4 * height, 4 * width), np.uint8), 4 * scale_of((height, width))
    for x, y, share in jittered(height, width, 13, 1):
        centre = (round(4 * x), round(4 * y))
        cv2.circle(mask, centre, max(2, round((0.8 + 1.2 * share) * scale)), 240, -1, cv2.LINE_AA)
    return cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


@lru_cache(maxsize=32)
def streaks(height: int, width: int) -> Floats:
    mask, scale = np.zeros((height, width), np.uint8), scale_of((height, width))
    for x, y, share in jittered(height, width, 15, 2):
        length = (8 + 5 * share) * scale
        start, end = (
            (round(x * 16), round(y * 16)),
            (round((x - 0.28 * length) * 16), round((y + length) * 16)),
        )
        cv2.line(mask, start, end, 255, max(1, round(0.9 * scale)), cv2.LINE_AA, 4)
    return mask.astype(np.float32) / 255


@lru_cache(maxsize=32)
def leaves(height: int, width: int) -> tuple[Floats, Floats, Floats]:
    """Three masks of falling leaves, one a colour."""
    masks, scale = [np.zeros((height, width), np.uint8) for _ in range(3)], scale_of((height, width))
    for i, (x, y, share) in enumerate(jittered(height, width, 32, 3)):
        axes = (round(3.6 * scale * 16), round(1.9 * scale * 16))
        cv2.ellipse(masks[i % 3], (round(x * 16), round(y * 16)), axes, share * 180, 0, 360, 255, -1, cv2.LINE_AA, 4)
    first, second, third = (mask.astype(np.float32) / 255 for mask in masks)
    return first, second, third


@lru_cache(maxsize=32)
def clouds(height: int, width: int) -> Floats:
    """Weight of dark clouds, heavy at the top and gone by the middle."""
    coarse = np.random.default_rng(4).random((4, 6), dtype=np.float32)
    noise = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    cover: Floats = np.clip(0.9 - 1.7 * down + 0.5 * (noise - 0.5), 0, 0.85)
    return cover


@lru_cache(maxsize=32)
def bolt(height: int, width: int) -> tuple[Floats, Floats]:
    """A flash of lightning at the upper right and the light around it."""
    shape = np.array(((0.74, 0.0), (0.68, 0.15), (0.735, 0.17), (0.66, 0.32), (0.715, 0.335), (0.63, 0.52)))
    mask, scale = np.zeros((height, width), np.uint8), scale_of((height, width))
    points = np.round(shape * (width, height) * 16).astype(np.int32)
    cv2.polylines(mask, [points], False, 255, max(1, round(1.8 * scale)), cv2.LINE_AA, 4)
    bolt = mask.astype(np.float32) / 255
    halo = cv2.GaussianBlur(bolt, (0, 0), 6 * scale)
    return bolt, halo / max(float(halo.max()), 1e-6)


@lru_cache(maxsize=32)
def frost(height: int, width: int) -> Floats:
    """Weight of frost that grows in from the border in crystals."""
    short = min(height, width)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    margin = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y)) / short
    crystals = np.abs(np.sin((x + y) / short * 52)) * 0.5 + np.abs(np.sin((x - y) / short * 38)) * 0.5
    frost: Floats = np.clip(1 - margin / (0.05 + 0.09 * crystals), 0, 1)
    return frost


@lru_cache(maxsize=32)
def hatching(height: int, width: int) -> Floats:
    """Diagonal pencil strokes, 0..1."""
    y, x = np.mgrid[:height, :width].astype(np.float32) / scale_of((height, width))
    strokes: Floats = 0.5 + 0.5 * np.sin((x + y) * 2 * np.pi / 5.5)
    return strokes


@lru_cache(maxsize=32)
def halftone(height: int, width: int) -> Floats:
    """Threshold of a dot screen at 45 degrees, 0..1."""
    y, x = np.mgrid[:height, :width].astype(np.float32) / scale_of((height, width))
    turn = 2 * np.pi / 7
    screen: Floats = 0.5 + 0.25 * (np.cos((x + y) * turn) + np.cos((x - y) * turn))
    return 1 - screen * 0.9


@lru_cache(maxsize=32)
def paper(height: int, width: int) -> Floats:
    """Grain of paper, about -1..1, the same for every picture of one size."""
    cells = (
        max(2, round(width / scale_of((height, width)) / 2.5)),
        max(2, round(height / scale_of((height, width)) / 2.5)),
    )
    coarse = np.random.default_rng(5).uniform(-1, 1, cells[::-1]).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)


@lru_cache(maxsize=32)
def strokes(height: int, width: int) -> Floats:
    """Relief of brush strokes, about -1..1."""
    y, x = np.mgrid[:height, :width].astype(np.float32) / scale_of((height, width))
    relief: Floats = np.sin(x * 0.9 + 2.5 * np.sin(y * 0.16)) * np.sin(y * 0.34 + 1.7 * np.sin(x * 0.11))
    return relief


@lru_cache(maxsize=32)
def ragged(height: int, width: int) -> Floats:
    """Weight of the bare paper around a watercolour, with a wavy border."""
    short = min(height, width)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    margin = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y)) / short
    wave = 0.035 + 0.012 * np.sin(x / short * 26) + 0.012 * np.sin(y / short * 31 + 1)
    bare: Floats = np.clip((wave - margin) / 0.012, 0, 1)
    return bare
