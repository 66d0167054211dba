"""Watercolour: flat washes with wet edges, pigment that settles in the paper, white paper where nobody painted.

After Bousseau, Kaplan, Thollot and Sillion, "Interactive watercolor rendering with temporal coherence and abstraction",
NPAR 2006: a colour C under pigment of density d is C - (C - C²)(d - 1), and paper, turbulence and edges change d.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from omniedit.specialists.base import Bytes
from omniedit.specialists.styles.flow import FLOW_SHORT, contours, flow_of
from omniedit.specialists.styles.shared import (
    Floats,
    Hand,
    clouds,
    curve,
    enlarge,
    floats,
    in_strips,
    kuwahara,
    luma,
    paper,
    soft_step,
    to_bytes,
    vivid,
)

__all__ = ["watercolour"]

SHORT = 900  # short side at which the washes are found
WASHES = 6  # tones
LIGHTENED = curve((0, 0.13), (0.25, 0.42), (0.5, 0.67), (0.75, 0.86), (0.95, 0.985), (1, 1))
PAPER = floats([253, 251, 246])


def watercolour(rgb: Bytes, hand: Hand) -> Bytes:
    """Watercolour on rough paper, with an unpainted margin where the whole picture is painted."""
    shape = rgb.shape
    work = _loose(hand.shrunk(rgb, SHORT), hand, shape)
    patches = hand.mark(6) * work.shape[0] / shape[0]
    flat = kuwahara(kuwahara(work, max(patches, 2)), max(patches / 2, 1))
    flat = vivid(cv2.LUT(flat, LIGHTENED), 1.2 + 0.25 * hand.bold)
    hand.report(0.2)
    washes = _washes(flat, work, rgb, hand)
    hand.report(0.6)
    result = np.empty_like(rgb)
    in_strips(shape, lambda top, bottom: _lay(result, washes, hand, top, bottom))
    return result


@dataclass(frozen=True)
class _Washes:
    """Maps at full size: what the brush left, before paper and pigment."""

    colour: Bytes  # (H, W, 3), soft: colours bleed
    tone: Floats  # 0..WASHES
    slope: Floats  # of the tone, per pixel
    pencil: Floats  # 0..1, the drawing under the paint
    hills: Floats  # of the paper
    water: Floats  # how much pigment flowed here, mean 0
    painted: Floats  # pixels from the edge of the painted part, less than 0 outside


def _washes(flat: Bytes, work: Bytes, rgb: Bytes, hand: Hand) -> _Washes:
    shape = rgb.shape
    scale = flat.shape[0] / shape[0]
    tone = cv2.GaussianBlur(luma(flat).astype(np.float32) * np.float32(WASHES / 255), (0, 0), 1.3)
    dx, dy = cv2.Sobel(tone, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(tone, cv2.CV_32F, 0, 1) / 8
    slope = cv2.GaussianBlur(cv2.magnitude(dx, dy), (0, 0), 1.5) * np.float32(scale)
    lines = contours(luma(work), flow_of(hand.shrunk(rgb, FLOW_SHORT)), max(1.1 * hand.unit * scale, 0.7))
    unit = hand.unit
    water = clouds(shape, 110 * unit, hand.rng)
    return _Washes(
        colour=np.asarray(cv2.resize(cv2.GaussianBlur(flat, (0, 0), 2), shape[1::-1], interpolation=cv2.INTER_LINEAR)),
        tone=enlarge(np.asarray(tone, dtype=np.float32), shape) + np.float32(0.07) * water,
        slope=enlarge(np.asarray(slope, dtype=np.float32), shape, smooth=False),
        pencil=soft_step(enlarge(lines, shape), -1.0, -7.0),
        hills=paper(shape, hand),
        water=water,
        painted=_margin(shape, hand),
    )


def _lay(result: Bytes, washes: _Washes, hand: Hand, top: int, bottom: int) -> None:
    """Write rows of the finished picture into `result`."""
    rows = slice(top, bottom)
    hills, water = washes.hills[rows], washes.water[rows]
    tone = washes.tone[rows] + np.float32(0.05) * hills
    near = np.round(tone)
    away = tone - near  # from the next edge of a wash, in tones; below 0 on its dark side
    slope = np.maximum(washes.slope[rows], 1e-5)
    pixels = away / slope
    hard = soft_step(slope * hand.unit, 0.006, 0.03) * soft_step(water, -1.2, 0.3)  # other edges ran into each other
    width = max(0.8 * hand.unit, 0.7)
    steps = near + np.clip(pixels / np.float32(2 * width), -0.5, 0.5)
    laid = tone + hard * np.float32(0.75) * (steps - tone)
    rim = np.exp(-np.square((pixels + np.float32(1.2 * width)) / np.float32(1.6 * width))) * hard
    border = washes.painted[rows]
    rim = np.maximum(rim * np.float32(0.8), np.float32(0.6) * np.exp(-np.square(border / np.float32(3 * width) - 1)))
    density = 1 + np.float32(0.48 * hand.bold) * rim + np.float32(0.17) * water - np.float32(0.10) * hills
    density += np.float32(0.05) * np.abs(hills) * (WASHES - tone) * np.float32(1 / WASHES)
    value = washes.colour[rows].astype(np.float32) * np.float32(1 / 255)
    value *= (np.clip(laid, 0, WASHES) / np.maximum(tone, 0.3))[..., None]
    np.clip(value, 0.02, 1, out=value)
    value -= (value - value * value) * (density - 1)[..., None]
    bare = soft_step(
        laid + np.float32(0.14) * hills + np.float32(0.1) * water, WASHES - 0.5, WASHES - 0.1
    )  # lights are the paper itself
    cover = (1 - bare) * soft_step(border, -0.5, 1)
    value = 1 + (value - 1) * cover[..., None]
    value *= (1 - np.float32(0.45) * washes.pencil[rows] * soft_step(hills, -1.2, 0.6))[..., None]
    value *= (1 + np.float32(0.018) * hills)[..., None]
    result[rows] = to_bytes(value * PAPER)


def _loose(work: Bytes, hand: Hand, shape: tuple[int, ...]) -> Bytes:
    """`work` with its outlines a bit off, as a hand draws them."""
    unit = hand.unit * work.shape[0] / shape[0]
    reach = 1.5 * unit * hand.bold
    rows, columns = np.mgrid[: work.shape[0], : work.shape[1]].astype(np.float32)
    dx, dy = (clouds(work.shape, 26 * unit, hand.rng, octaves=2) * np.float32(reach) for _ in range(2))
    return np.asarray(cv2.remap(work, columns + dx, rows + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))


def _margin(shape: tuple[int, ...], hand: Hand) -> Floats:
    """float32 (H, W): pixels inside the painted part, whose border a brush left uneven; all inside for a part."""
    height, width = shape[:2]
    if not hand.whole:
        return np.full((height, width), 1e4, np.float32)
    rows = np.minimum(np.arange(height), np.arange(height)[::-1]).astype(np.float32)
    columns = np.minimum(np.arange(width), np.arange(width)[::-1]).astype(np.float32)
    inside = np.minimum(rows[:, None], columns[None]) - np.float32(22 * hand.unit)
    inside += clouds(shape, 150 * hand.unit, hand.rng, octaves=6) * np.float32(3.5 * hand.unit)
    return inside
