"""Styles of photographs: sepia, black and white, colour film, polaroid."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from omniedit.specialists.base import Bytes
from omniedit.specialists.blur import blur
from omniedit.specialists.styles.shared import (
    Floats,
    Hand,
    clouds,
    curve,
    enlarge,
    floats,
    grain,
    in_strips,
    luma,
    soft_step,
    to_bytes,
    vivid,
)

__all__ = ["black_and_white", "film", "polaroid", "sepia"]

SMALL = 500  # short side for what is soft: glows, vignettes, stains
TONERS = (  # dark, middle and light of a print
    ((40, 25, 15), (160, 120, 82), (250, 238, 212)),
    ((46, 24, 18), (164, 114, 84), (250, 234, 212)),
    ((36, 30, 20), (156, 128, 86), (248, 240, 210)),
)
FILTERS = ((0.72, 0.33, -0.05), (0.52, 0.46, 0.02), (0.16, 0.80, 0.04))  # red, orange, green glass before the lens


@dataclass(frozen=True)
class _Stock:
    """A colour film: curves for red, green and blue, how vivid, how much halation and grain (about 1)."""

    red: Bytes
    green: Bytes
    blue: Bytes
    colour: float
    halation: float
    grain: float


STOCKS = (
    _Stock(  # warm negative for portraits
        curve((0, 0.06), (0.25, 0.25), (0.5, 0.54), (0.75, 0.80), (1, 0.98)),
        curve((0, 0.055), (0.25, 0.24), (0.5, 0.51), (0.75, 0.77), (1, 0.96)),
        curve((0, 0.075), (0.25, 0.25), (0.5, 0.47), (0.75, 0.70), (1, 0.90)),
        colour=0.95,
        halation=0.8,
        grain=0.9,
    ),
    _Stock(  # slide: deep and strong
        curve((0, 0.02), (0.25, 0.19), (0.5, 0.53), (0.75, 0.84), (1, 1)),
        curve((0, 0.025), (0.25, 0.19), (0.5, 0.50), (0.75, 0.80), (1, 0.98)),
        curve((0, 0.04), (0.25, 0.20), (0.5, 0.47), (0.75, 0.76), (1, 0.95)),
        colour=1.2,
        halation=0.6,
        grain=0.7,
    ),
    _Stock(  # cinema: teal shadows, red rings around lamps
        curve((0, 0.03), (0.25, 0.20), (0.5, 0.50), (0.75, 0.79), (1, 0.99)),
        curve((0, 0.06), (0.25, 0.25), (0.5, 0.51), (0.75, 0.76), (1, 0.96)),
        curve((0, 0.085), (0.25, 0.29), (0.5, 0.51), (0.75, 0.72), (1, 0.90)),
        colour=1.0,
        halation=1.8,
        grain=1.1,
    ),
    _Stock(  # holiday snapshots, years later
        curve((0, 0.09), (0.25, 0.30), (0.5, 0.57), (0.75, 0.80), (1, 0.96)),
        curve((0, 0.08), (0.25, 0.28), (0.5, 0.53), (0.75, 0.77), (1, 0.95)),
        curve((0, 0.11), (0.25, 0.25), (0.5, 0.44), (0.75, 0.65), (1, 0.84)),
        colour=0.9,
        halation=0.7,
        grain=1.3,
    ),
)


def sepia(rgb: Bytes, hand: Hand) -> Bytes:
    """A toned print on old paper: brown shadows, cream lights, darker corners, a little uneven."""
    # early plates saw blue well and red hardly
    grey = cv2.transform(rgb, floats([[0.22, 0.5, 0.28]]))
    spread = _spread(grey, 0.05, 0.97)
    toner = np.array(TONERS[int(hand.rng.integers(len(TONERS)))], np.float32) / 255
    tables = [curve((0, dark), (0.5, middle), (1, bright)) for dark, middle, bright in toner.T]
    table = np.stack([one[spread] for one in tables], axis=1)[:, None]
    hand.report(0.4)
    size = _soft_size(rgb, hand)
    picture = np.asarray(cv2.LUT(cv2.merge([grey] * 3), table.reshape(256, 1, 3)), dtype=np.uint8)
    shade = _corners(size, hand, 0.2 * hand.bold) * (1 + 0.03 * clouds(size, 0.24 * min(size), hand.rng))
    return _exposed(picture, np.asarray(shade, dtype=np.float32), _grains(rgb.shape, 1.0, hand), 5.0)


def black_and_white(rgb: Bytes, hand: Hand) -> Bytes:
    """Black-and-white film behind a coloured filter: tones by colour, local contrast, deep blacks, fine grain."""
    mix = floats(FILTERS[int(hand.rng.integers(len(FILTERS)))])
    grey = cv2.transform(rgb, mix[None])
    small = hand.shrunk(np.asarray(grey, dtype=np.uint8), SMALL)
    unit = hand.unit * small.shape[0] / rgb.shape[0]
    around = enlarge(blur(small.astype(np.float32), 44 * unit), rgb.shape, smooth=False)
    table = _spread(small, 0.0, 1.0)
    contrast = curve((0, 0), (0.25, 0.21), (0.5, 0.5), (0.75, 0.79), (1, 1))
    table = contrast[table]
    hand.report(0.4)
    spots = _grains(rgb.shape, 0.9, hand)
    result = np.empty_like(rgb)

    def expose(top: int, bottom: int) -> None:
        rows = slice(top, bottom)
        level = grey[rows].astype(np.float32)
        level += np.float32(0.28 * hand.bold) * (level - around[rows])
        level = table[to_bytes(level)].astype(np.float32)
        level += spots[rows] * (np.float32(2.5) + np.float32(0.022) * np.minimum(level, 255 - level))
        result[rows] = to_bytes(level)[..., None]

    in_strips(rgb.shape, expose)
    return result


def film(rgb: Bytes, hand: Hand) -> Bytes:
    """Colour film: the curves of one of four stocks, a red glow around lamps (halation), grain."""
    stock = STOCKS[int(hand.rng.integers(len(STOCKS)))]
    table = np.stack([stock.red, stock.green, stock.blue], axis=1)[:, None]
    picture = np.asarray(cv2.LUT(vivid(rgb, stock.colour), table), dtype=np.uint8)
    hand.report(0.3)
    small = hand.shrunk(picture, SMALL).astype(np.float32)
    lamps = soft_step(small.max(axis=2), 205, 250)
    unit = hand.unit * small.shape[0] / rgb.shape[0]
    near, far = blur(lamps, 5 * unit), blur(lamps, 18 * unit)
    halo = np.maximum(near + far - lamps * 0.9, 0) * np.float32(46 * stock.halation * hand.bold)
    shade = _corners((small.shape[0], small.shape[1]), hand, 0.1)
    glow = halo[..., None] * floats([1, 0.36, 0.12])
    spots = _grains(rgb.shape, 1.1, hand)
    hand.report(0.6)
    return _exposed(picture, shade, spots, 5.5 * stock.grain * hand.bold, glow)


def polaroid(rgb: Bytes, hand: Hand) -> Bytes:
    """An instant photo: soft, faded and warm, greenish shadows, dark corners, chemicals not quite even."""
    red = curve((0, 0.13), (0.25, 0.33), (0.5, 0.60), (0.75, 0.83), (1, 0.97))
    green = curve((0, 0.135), (0.25, 0.33), (0.5, 0.57), (0.75, 0.79), (1, 0.94))
    blue = curve((0, 0.16), (0.25, 0.32), (0.5, 0.51), (0.75, 0.68), (1, 0.82))
    table = np.stack([red, green, blue], axis=1)[:, None]
    soft = cv2.GaussianBlur(rgb, (0, 0), max(1.1 * hand.unit, 0.5))
    picture = cv2.LUT(vivid(cv2.addWeighted(rgb, 0.45, soft, 0.55, 0), 0.84), table)
    hand.report(0.4)
    size = _soft_size(rgb, hand)
    stain = clouds(size, 0.66 * min(size), hand.rng, octaves=2)[..., None] * floats([3, 1.5, -3])
    side = hand.rng.integers(4)  # the sheet is pulled through rollers: one side develops last
    ramp = np.linspace(1, 0, size[1 if side < 2 else 0], dtype=np.float32)[:: 1 if side % 2 else -1]
    late = np.broadcast_to(ramp[None] if side < 2 else ramp[:, None], size) ** 3
    stain = stain + late[..., None] * floats([34, 14, -8]) * np.float32(hand.rng.uniform(0.4, 1) * hand.bold)
    shade = _corners(size, hand, 0.34 * hand.bold)
    spots = _grains(rgb.shape, 1.4, hand)
    return _exposed(np.asarray(picture, dtype=np.uint8), shade, spots, 3.0, np.asarray(stain, dtype=np.float32))


def _exposed(picture: Bytes, shade: Floats, spots: Floats, amount: float, glow: Floats | None = None) -> Bytes:
    """`picture` times `shade` plus `glow` (both soft, at any size) with grain: most in the middle tones."""
    shape = picture.shape
    shade = enlarge(shade, shape, smooth=False)
    glow = None if glow is None else enlarge(glow, shape, smooth=False)
    result = np.empty_like(picture)

    def expose(top: int, bottom: int) -> None:
        rows = slice(top, bottom)
        value = picture[rows].astype(np.float32)
        value *= shade[rows][..., None]
        if glow is not None:
            value += glow[rows] * (255 - value) * np.float32(1 / 160)
        level = value[..., 1]
        seen = np.float32(amount) * (np.float32(0.45) + np.minimum(level, 255 - level) * np.float32(0.55 / 127))
        value += (spots[rows] * seen)[..., None]
        result[rows] = to_bytes(value)

    in_strips(shape, expose)
    return result


def _grains(shape: tuple[int, ...], units: float, hand: Hand) -> Floats:
    """Grain of so many units; weaker where a grain would be less than a pixel, as the mean over pixels would be."""
    size = units * hand.unit * hand.size
    return grain(shape, max(size, 1.2), hand.rng) * np.float32(min(size / 1.2, 1) ** 0.5)


def _soft_size(rgb: Bytes, hand: Hand) -> tuple[int, int]:
    height, width = hand.shrunk(luma(rgb), SMALL).shape
    return height, width


def _corners(size: tuple[int, int], hand: Hand, dark: float) -> Floats:
    """float32 of `size` (h, w): 1 in the middle, 1 - `dark` in the corners; 1 throughout for a part of a picture."""
    height, width = size
    if not hand.whole:
        return np.ones((height, width), np.float32)
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    away = np.sqrt((x * x + y * y) / 2)
    return np.float32(1) - np.float32(dark) * soft_step(away, 0.35, 1.0) ** 1.6


def _spread(grey: Bytes, low: float, high: float) -> Bytes:
    """A table that puts the darkest and lightest percent of `grey` at `low` and `high` (0..1), at most half-way."""
    dark, bright = np.percentile(grey[::4, ::4], (0.5, 99.5))
    dark, bright = min(dark, 50), max(bright, 190)
    return curve((0, low), (max(dark, 1) / 255, low + 0.01), (min(bright, 254) / 255, high - 0.01), (1, high))
