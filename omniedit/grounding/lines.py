"""Finds wires, cables, scratches and cracks: long thin lines, darker or lighter than both of their sides.

A top-hat keeps what is narrower than a wire may be, so that the edge of a roof or a cloud is none; openings by line
segments of many directions keep what is long (Soille and Talbot 2001); lines that stand alone are kept, texture is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from omniedit.grounding.refine import Bools, Bytes
from omniedit.grounding.view import Region, View
from omniedit.sizes import shrink

__all__ = ["lines"]

LONGEST = 1200  # of the picture that is searched: wires are thin
WIDEST = 0.007  # of the longest side that a line may be wide
SEGMENT, DIRECTIONS = 0.02, 16  # length of a straight piece at least, and how many directions are tried
STRONG, WEAK = 14, 6  # grey levels that a line differs from its sides: mostly, and everywhere
LENGTH = 0.1  # a shorter line is no wire
KIN = 0.35  # of the longest line, at least, that others are long
ALONE = 0.08  # share of the surroundings that may be covered by other lines
LONG, USUAL = 0.65, 0.9  # length of the longest line, and of all, at which it is even whether they are wires
MUCH = 0.03  # of the picture: more lines than that are a pattern


def lines(view: View) -> list[Region]:
    """All lines together as one region; empty where there are none."""
    rgb = shrink(view.full, LONGEST)
    light = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    side = max(5, round(WIDEST * max(light.shape))) | 1
    found, longest, length, clutter = np.zeros(light.shape, np.bool_), 0.0, 0.0, 0.0
    for how in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT):
        thin = cv2.morphologyEx(light, how, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
        some = _long_and_alone(_straight(np.asarray(thin, dtype=np.uint8)), side)
        found |= some.mask
        longest, length, clutter = max(longest, some.longest), length + some.length, clutter + some.clutter
    if not found.any():
        return []
    evidence = 8 * (longest - LONG) + 1.2 * np.log(length / USUAL) - 3 * clutter
    evidence -= 2 * max(float(found.mean()) / MUCH - 1, 0)
    mask = cv2.dilate(found.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))) > 0
    return [Region(mask, 0.95 / (1 + float(np.exp(-evidence))), "long thin lines", sharp=True)]


def _straight(thin: Bytes) -> Bytes:
    """How strongly pixels of `thin` (h, w) lie on a straight piece of line of each direction: (DIRECTIONS, h, w)."""
    half = max(7, round(SEGMENT * max(thin.shape) / 2))
    result = np.empty((DIRECTIONS, *thin.shape), np.uint8)
    for k in range(DIRECTIONS):
        angle = np.pi * k / DIRECTIONS
        dx, dy = half * np.cos(angle), half * np.sin(angle)
        segment = np.zeros((2 * half + 1, 2 * half + 1), np.uint8)
        cv2.line(segment, (round(half - dx), round(half - dy)), (round(half + dx), round(half + dy)), 1)
        result[k] = cv2.morphologyEx(thin, cv2.MORPH_OPEN, segment)
    return result


@dataclass(frozen=True)
class _Lines:
    """`mask` bool (h, w); lengths in longest sides; `clutter`, the share of the picture that other pieces cover."""

    mask: Bools
    longest: float
    length: float
    clutter: float


def _long_and_alone(pieces: Bytes, side: int) -> _Lines:
    weak = pieces.max(axis=0) >= WEAK
    reach_of_crowd = 4 * side + 1
    density = cv2.blur(weak.astype(np.float32), (reach_of_crowd, reach_of_crowd))
    candidates = []
    for k in range(DIRECTIONS):
        # a sagging wire turns a little: three directions make one line
        line = np.maximum(np.maximum(pieces[k], pieces[k - 1]), pieces[(k + 1) % DIRECTIONS])
        _, labels, stats, _ = cv2.connectedComponentsWithStats((line >= WEAK).astype(np.uint8), connectivity=8)
        for j in np.flatnonzero(np.hypot(*stats[1:, 2:4].T) > LENGTH * max(weak.shape)) + 1:
            x, y, w, h, area = (int(n) for n in stats[j])
            window = np.s_[y : y + h, x : x + w]
            mine, reach = labels[window] == j, float(np.hypot(w, h))
            # its own share of the surroundings is its width over theirs
            crowd = float(density[window][mine].mean()) - area / reach / reach_of_crowd
            solid = float((line[window][mine] >= STRONG).mean()) > 0.5
            if solid and area / reach < side and crowd < ALONE:
                candidates.append((reach, area, window, mine))
    found, total = np.zeros(weak.shape, np.bool_), 0.0
    longest = max((reach for reach, *_ in candidates), default=0.0)
    for reach, area, window, mine in candidates:
        if reach > KIN * longest:
            total += reach * float((mine & ~found[window]).sum()) / area
            found[window] |= mine
    around = cv2.dilate(found.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    scale = max(weak.shape)
    return _Lines(found, longest / scale, total / scale, float((weak & ~around).mean()))
