"""Styles drawn in one colour on paper: pencil, charcoal, ink."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from omniedit.specialists.base import Bytes
from omniedit.specialists.blur import blur
from omniedit.specialists.styles.flow import FLOW_SHORT, Flow, contours, flow_of, smear
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
    paper,
    soft_step,
    to_bytes,
)

__all__ = ["charcoal", "ink", "pencil"]

INKS = ((22, 22, 28), (44, 30, 22), (20, 26, 52))  # black, sepia, blue-black
HATCHED_BELOW = (0.66, 0.46, 0.28)  # the tones (0..1) below which each direction of hatching begins
SHORT = 1300  # short side at which lines and hatching are drawn; they are cut out at full size


def pencil(rgb: Bytes, hand: Hand) -> Bytes:
    """Graphite on grained paper: thin outlines, tones hatched along the forms, the lights left white."""
    stick = _Stick(
        tones=curve((0, 0.93), (0.2, 0.68), (0.45, 0.36), (0.7, 0.13), (0.85, 0.03), (1, 0)),
        hatch=1.3,
        reach=30,
        streaks=0.95 * hand.bold,
        line=0.95,
        soft=0.6,
        rough=0.62,
        tooth=0.55,
        smudge=0.25,
        mark=floats([56, 56, 60]),
        paper=floats([250, 249, 245]),
    )
    return _draw(rgb, stick, hand)


def charcoal(rgb: Bytes, hand: Hand) -> Bytes:
    """Charcoal on rough paper: broad strokes that catch on its tooth, smudged tones, deep blacks."""
    stick = _Stick(
        tones=curve((0, 1), (0.2, 0.88), (0.4, 0.6), (0.6, 0.28), (0.8, 0.07), (1, 0)),
        hatch=5,
        reach=44,
        streaks=0.8 * hand.bold,
        line=1.9,
        soft=3.0,
        rough=0.9,
        tooth=0.75,
        smudge=0.35,
        mark=floats([30, 28, 27]),
        paper=floats([(243, 238, 226), (232, 222, 204), (236, 236, 232)][int(hand.rng.integers(3))]),
    )
    return _draw(rgb, stick, hand)


def ink(rgb: Bytes, hand: Hand) -> Bytes:
    """Pen and ink: crisp outlines, hatching in up to three directions that bends with the forms, solid blacks."""
    work = hand.shrunk(rgb, SHORT)
    unit = hand.unit * work.shape[0] / rgb.shape[0]
    grey = _evened(luma(work))
    lines = contours(grey, flow_of(hand.shrunk(rgb, FLOW_SHORT)), max(1.35 * unit * hand.size**0.5, 0.6), 0.975)
    tones: Floats = floats(cv2.bilateralFilter(grey, 0, 40, max(3 * unit, 1))) * np.float32(1 / 255)
    bend = blur(tones, 22 * unit) * np.float32(7)
    hand.report(0.4)
    tones, lines, bend = (enlarge(field, rgb.shape) for field in (tones, lines, bend))
    wobble = clouds(rgb.shape, 24 * hand.unit, hand.rng, octaves=3)
    first = hand.rng.choice([-1, 1]) * hand.rng.uniform(0.6, 0.95)
    turns = [first, first + hand.rng.uniform(1.1, 1.5), first + hand.rng.uniform(0.5, 0.7)]
    sheet, drawn = floats([252, 251, 246]), floats(INKS[int(hand.rng.integers(len(INKS)))])
    period = hand.mark(5, 6)
    hand.report(0.7)
    result = np.empty_like(rgb)

    def lay(top: int, bottom: int) -> None:
        rows = slice(top, bottom)
        tone = tones[rows] + np.float32(0.03) * wobble[rows]
        y = np.arange(top, bottom, dtype=np.float32)[:, None] / np.float32(period)
        x = np.arange(rgb.shape[1], dtype=np.float32)[None] / np.float32(period)
        cover = np.maximum(soft_step(lines[rows], -1.0, -2.6), soft_step(tone, 0.15, 0.12))
        for turn, starts in zip(turns, HATCHED_BELOW, strict=True):
            phase = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
            phase += bend[rows] + np.float32(0.14) * wobble[rows]
            middle = np.abs(2 * (phase - np.floor(phase)) - 1)  # 0 on a stroke's middle, 1 between two
            wide = np.clip((starts - tone) * np.float32(1.3 * hand.bold), -0.2, 0.52) + np.float32(0.05) * wobble[rows]
            stroke = np.clip((wide - middle) * np.float32(period / 2) + np.float32(0.5), 0, 1) * (wide > 0.03)
            np.maximum(cover, stroke, out=cover)
        result[rows] = to_bytes(sheet + (drawn - sheet) * cover[..., None])

    in_strips(rgb.shape, lay)
    return result


@dataclass(frozen=True)
class _Stick:
    """What draws, and on what.

    `tones`: how much is put where the picture is so bright; `hatch`, `reach`: width and length of a streak, in units;
    `streaks`: how much of the tone is hatching; `line`: width of an outline, in units, `soft`: how blurred it is, in
    levels; `tooth`: how much the paper's hills, `rough` times as wide as usual, show; `smudge`: the share rubbed in.
    """

    tones: Bytes
    hatch: float
    reach: float
    streaks: float
    line: float
    soft: float
    rough: float
    tooth: float
    smudge: float
    mark: Floats
    paper: Floats


def _draw(rgb: Bytes, stick: _Stick, hand: Hand) -> Bytes:
    work = hand.shrunk(rgb, SHORT)
    scale = work.shape[0] / rgb.shape[0]
    unit = hand.unit * scale
    flow = flow_of(hand.shrunk(rgb, FLOW_SHORT))
    grey = _evened(luma(work))
    lines = contours(grey, flow, max(stick.line * unit * hand.size**0.5, 0.5), 0.98)
    hand.report(0.25)
    soft = np.asarray(cv2.bilateralFilter(grey, 0, 30, max(2.2 * unit, 0.8)), dtype=np.uint8)
    tones = cv2.LUT(soft, stick.tones).astype(np.float32) * np.float32(1 / 255)
    # colour dodge: what is darker than its surroundings
    details = soft_step(grey.astype(np.float32) / np.maximum(blur(grey.astype(np.float32), 7 * unit), 1), 0.97, 0.6)
    tones = np.maximum(tones, details * np.float32(0.6))
    streaks = _hatching(tones.shape, flow, stick, unit, hand)
    hand.report(0.6)
    put = tones + np.float32(2.4 * stick.streaks) * tones * (1 - tones) * (streaks + np.float32(0.1))
    rubbed = blur(tones, 3 * stick.hatch * unit)
    put = np.clip(put, 0, 1) * np.float32(1 - stick.smudge) + rubbed * np.float32(stick.smudge)
    hills = paper(rgb.shape, hand, stick.rough)
    put, lines = enlarge(np.asarray(put, dtype=np.float32), rgb.shape), enlarge(lines, rgb.shape)
    hand.report(0.8)
    result = np.empty_like(rgb)

    def lay(top: int, bottom: int) -> None:
        rows = slice(top, bottom)
        hill = hills[rows]
        line = soft_step(lines[rows], stick.soft, -4.5 - stick.soft)
        pressed = np.clip(put[rows], 0, 1)
        # it catches on the hills of the paper; a firm stroke fills the dales too
        held = pressed + np.float32(stick.tooth) * hill * pressed * (np.float32(1.05) - pressed)
        held = np.maximum(held, line * (np.float32(0.88) + np.float32(0.25 * stick.tooth) * hill))
        value = stick.paper + (stick.mark - stick.paper) * np.clip(held, 0, 1)[..., None]
        value *= (1 + np.float32(0.012) * hill)[..., None]
        result[rows] = to_bytes(value)

    in_strips(rgb.shape, lay)
    return result


def _evened(grey: Bytes) -> Bytes:
    """`grey` with its tones spread over the whole scale, dark pictures lighter: a draughtsman starts from white."""
    low, high = np.percentile(grey[::4, ::4], (1, 99))
    low, high = min(low, 64), max(high, 192)
    spread = np.clip((np.arange(256) - low) / (high - low), 0, 1)
    middle = float(np.clip(np.median(spread[grey[::4, ::4]]), 0.02, 0.98))
    gamma = float(np.clip(np.log(0.5) / np.log(middle), 0.5, 1.1))
    return np.asarray(cv2.LUT(grey, np.rint(spread**gamma * 255).astype(np.uint8)), dtype=np.uint8)


def _hatching(shape: tuple[int, ...], flow: Flow, stick: _Stick, unit: float, hand: Hand) -> Floats:
    """float32 (h, w), mean 0, deviation about .5: two layers of streaks, aslant and a bit along the forms."""
    slant = hand.rng.choice([-1, 1]) * hand.rng.uniform(0.6, 1.0)
    total = np.zeros(shape[:2], np.float32)
    for turn, weight in ((0.0, 0.42), (hand.rng.uniform(0.5, 1.3), 0.22)):
        twice = 2 * (slant + turn)
        along = blur(flow.along * flow.sure[..., None], 5) * np.float32(1.6 if turn == 0 else 0.5)
        along = along + floats([np.cos(twice), np.sin(twice)]) * np.float32(0.55)
        leaned = Flow(np.ascontiguousarray(along), flow.sure)
        noise = grain(shape, max(stick.hatch * unit * hand.size, 1.0), hand.rng)
        total += np.float32(weight) * smear(noise, leaned, stick.reach * unit * hand.size)
    return total
