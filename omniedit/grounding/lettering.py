"""Finds text: captions, dates, logos, watermarks, as rows of letters.

A letter is a connected stroke of even width, darker or lighter than what is around; letters of a row are alike in
height, stroke and lightness and stand on one line (after Epshtein et al., "Detecting Text in Natural Scenes with
Stroke Width Transform", CVPR 2010). Nothing is read.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.grounding.refine import Bools, Bytes
from omniedit.grounding.view import Region, View
from omniedit.sizes import shrink

__all__ = ["text"]

LONGEST = 1000  # of the picture that is searched
STROKES = (0.02, 0.06)  # of the shorter side: two widths under which a stroke is looked for
LEAST_CONTRAST = 14  # grey levels
SMALLEST, TALLEST = 6, 0.16  # height of a letter: in pixels, and as a share of the shorter side
IN_A_ROW = 4  # letters, at least
GAP = 1.6  # letter heights between two letters of a row, at most: a space
BLOCKS = 4


@dataclass(frozen=True)
class _Letters:
    """Each array (n,): left, top, width and height of the letter's box, its stroke and its contrast, float64.

    Not `single`, bool: a few letters that touch.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    w: NDArray[np.float64]
    h: NDArray[np.float64]
    stroke: NDArray[np.float64]
    contrast: NDArray[np.float64]
    single: Bools


def text(view: View) -> list[Region]:
    """Each row of text as a region that covers it whole, surest first; rows that are surely text are joined."""
    rgb = shrink(view.full, LONGEST)
    shape = rgb.shape[:2]
    rows: list[tuple[float, Bools]] = []
    for share in STROKES:
        side = max(7, round(share * min(shape))) | 1
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
        for how in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT):
            strokes = np.asarray(cv2.morphologyEx(rgb, how, kernel), dtype=np.uint8).max(axis=2)
            letters = _letters(strokes)
            rows += [(_score(letters, row), _covered(letters, _whole(letters, row), shape)) for row in _rows(letters)]
    rows.sort(key=lambda row: -row[0])
    kept: list[tuple[float, Bools]] = []
    for score, mask in rows:
        if all((mask & other).sum() < 0.4 * mask.sum() for _, other in kept):
            kept.append((score, mask))
    sure = [row for row in kept if row[0] > 0.5]
    if sure:
        joint = np.logical_or.reduce([mask for _, mask in sure])
        kept = [(sure[0][0], joint), *(row for row in kept if row[0] <= 0.5)]
    return [Region(mask, score, "what looks like text", score, sharp=True) for score, mask in kept[:BLOCKS]]


def _letters(strokes: Bytes) -> _Letters:
    """The connected strokes that can be letters."""
    size = max(9, round(0.06 * min(strokes.shape))) | 1
    strongest = cv2.dilate(strokes, np.ones((size, size), np.uint8))
    ink = (strokes > np.maximum(LEAST_CONTRAST, 0.5 * strongest)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    deep = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    x, y, w, h, area = stats.T.astype(np.float64)
    widest = np.zeros(count)
    np.maximum.at(widest, labels.ravel(), deep.ravel())
    contrast = np.bincount(labels.ravel(), strokes.ravel(), minlength=count) / np.maximum(area, 1)
    solid = area / np.maximum(w * h, 1)
    fits = (h >= SMALLEST) & (h <= TALLEST * min(ink.shape)) & (w <= 6 * h) & (w >= 0.08 * h)
    fits &= (solid > 0.15) & ((solid < 0.8) | (w < 0.35 * h)) & (2 * widest < 0.6 * h)
    fits[0] = False
    if fits.sum() > 1500:  # texture
        fits[:] = False
    return _Letters(x[fits], y[fits], w[fits], h[fits], 2 * widest[fits], contrast[fits], (w <= 2 * h)[fits])


def _rows(letters: _Letters) -> list[list[int]]:
    """Letters that stand side by side and are alike, from left to right: at least IN_A_ROW."""
    order = np.argsort(letters.x)
    order = order[letters.single[order]]
    right = letters.x + letters.w
    foot = letters.y + letters.h
    follows: dict[int, int] = {}
    for place, k in enumerate(order):
        after = order[place + 1 :]
        if not after.size:
            break
        tall = np.maximum(letters.h[after], letters.h[k])
        gap = letters.x[after] - right[k]
        alike = (tall < 2.1 * np.minimum(letters.h[after], letters.h[k])) & (gap > -0.4 * tall) & (gap < GAP * tall)
        alike &= np.minimum(np.abs(foot[after] - foot[k]), np.abs(letters.y[after] - letters.y[k])) < 0.3 * tall
        strokes = np.maximum(letters.stroke[after], letters.stroke[k])
        alike &= strokes < 2.2 * np.minimum(letters.stroke[after], letters.stroke[k])
        alike &= np.abs(letters.contrast[after] - letters.contrast[k]) < 0.45 * letters.contrast[k]
        if alike.any():
            follows[int(k)] = int(after[alike][np.argmin(gap[alike])])
    starts = set(follows) - set(follows.values())
    rows, used = [], set()
    for start in sorted(starts, key=lambda k: letters.x[k]):
        row = [start]
        while (following := follows.get(row[-1])) is not None and following not in used:
            row.append(following)
            used.add(following)
        if len(row) >= IN_A_ROW:
            rows.append(row)
    return rows


def _score(letters: _Letters, row: list[int]) -> float:
    """0..1 that a row is text: letters on one line, of one stroke and one contrast, and many of them."""
    x, foot, h = letters.x[row], letters.y[row] + letters.h[row], float(np.median(letters.h[row]))
    slope = float(np.median(np.diff(foot) / np.maximum(np.diff(x), 1)))
    off = foot - slope * x
    uneven = float(np.mean(np.abs(off - np.median(off)) > 0.12 * h))
    strokes = float(letters.stroke[row].std() / letters.stroke[row].mean())
    contrast = float(letters.contrast[row].std() / letters.contrast[row].mean())
    as_strong = letters.contrast > 0.6 * letters.contrast[row].mean()
    strays = (as_strong.sum() - len(row)) / (4 * len(row))  # what is full of strokes has some in a row by chance
    evidence = 0.55 * (min(len(row), 14) - 9) - 0.95 * float(np.log1p(max(strays, 0.0)))
    evidence += 4 * (0.45 - uneven) + 5 * (0.3 - strokes) + 5 * (0.2 - contrast)
    return 0.95 / (1 + float(np.exp(-evidence)))


def _whole(letters: _Letters, row: list[int]) -> list[int]:
    """`row` with the letters that hang together with it but are too different in shape to have begun it: i, l, '-'."""
    h, contrast = float(np.median(letters.h[row])), float(np.median(letters.contrast[row]))
    members = np.zeros(len(letters.x), np.bool_)
    members[row] = True
    middle = letters.y + letters.h / 2
    alike = (letters.h < 2.2 * h) & (letters.contrast > 0.7 * contrast) & (letters.contrast < 2.2 * contrast)
    for _ in range(4):
        near = np.zeros_like(members)
        for k in np.flatnonzero(members):
            gap = np.maximum(letters.x - letters.x[k] - letters.w[k], letters.x[k] - letters.x - letters.w)
            near |= (gap < GAP * h) & (np.abs(middle - middle[k]) < 0.6 * h)
        if not (near & alike & ~members).any():
            break
        members |= near & alike
    return sorted((int(k) for k in np.flatnonzero(members)), key=lambda k: letters.x[k])


def _covered(letters: _Letters, row: list[int], shape: tuple[int, ...]) -> Bools:
    """The row's letters, the space between them and a rim."""
    mask = np.zeros(shape, np.uint8)
    pad = 0.3 * float(np.median(letters.h[row]))
    for k, following in zip(row, [*row[1:], row[-1]], strict=True):
        left, right = letters.x[k] - pad, letters.x[following] + letters.w[following] + pad
        top = min(letters.y[k], letters.y[following]) - pad
        bottom = max(letters.y[k] + letters.h[k], letters.y[following] + letters.h[following]) + pad
        mask[max(int(top), 0) : round(bottom), max(int(left), 0) : round(right)] = 1
    return mask > 0
