"""Makes things larger or smaller where they stand.

A thing is cut out with its shadow, scaled about its foot and laid back, and what it uncovers is filled. Parts of a face
swell or shrink instead, and their surroundings give way smoothly, as a retoucher's warp tool does it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from omniedit.guided import smoothstep
from omniedit.specialists.base import Bools, Bytes, Report
from omniedit.specialists.edges import Cut, cut_out
from omniedit.specialists.filling.fill import fill
from omniedit.specialists.filling.shadows import shadow_of
from omniedit.specialists.masks import Floats, bounds, grow
from omniedit.specialists.tiles import Tile, each_tile

__all__ = ["Part", "cut_off", "parts_of", "reach", "resized"]

SOLID = 0.99  # alpha above which nothing behind is seen
RIM = 0.008  # of the picture's short side, filled around what is uncovered: the thing's last trace
CUT_BY = 0.25  # of the thing's side that lies on the picture's border: more, and the border cuts it
SMALLEST_PART = 0.1  # of the largest part's area: what is smaller goes with the largest
MOST_SHADOW = 0.5  # of the thing's area: more is no shadow of it
SWELL = 1.9  # radii of the part within which its surroundings give way
STIFF = 0.45  # of that, within which it keeps its shape
SWELLS_BY = 0.5  # power of the factor: much less is seen in a face


@dataclass(frozen=True)
class Part:
    """A thing in one piece, `mask` (bool, H, W); cut out, or not where it swells; the point (x, y) that stays."""

    mask: Bools
    cut: Cut | None
    anchor: tuple[float, float]


def parts_of(source: Bytes, mask: Bools, swells: bool, floats: bool) -> tuple[Part, ...]:
    """The pieces of `mask` that lie apart, two eyes for instance, each ready to be scaled.

    A thing that `floats` keeps its middle, any other its foot; where the picture's border cuts it, that place stays.
    """
    parts = []
    for piece in _pieces(mask):
        if swells:
            parts.append(Part(piece, None, _middle(piece)))
        else:
            shadow = shadow_of(source, piece)
            whole = piece | shadow if shadow.sum() < MOST_SHADOW * piece.sum() else piece
            cut = cut_out(source, whole)
            parts.append(Part(piece, cut, _anchor(piece, floats)))
    return tuple(parts)


def cut_off(mask: Bools) -> bool:
    """Whether a thing runs out of the picture on two opposite sides."""
    left, top, right, bottom = _cut_by(mask)
    return (left and right) or (top and bottom)


def reach(parts: tuple[Part, ...], factors: tuple[float, ...]) -> Bools:
    """All that changes (bool, H, W) when the parts become as many times as large as any of `factors`."""
    result = np.zeros_like(parts[0].mask)
    for part in parts:
        if part.cut is None:
            result |= _giving_way(part.mask)
            continue
        result |= grow(_covered(part.cut, part.mask), _rim(part.mask))
        for factor in factors:  # a smaller thing does not lie within the larger one where that is hollow
            placed = _placed(part.cut, factor, part.anchor, part.mask.shape)
            if placed is not None:
                result[placed[0]] |= placed[2] > 0
    return result


def resized(source: Bytes, parts: tuple[Part, ...], factor: float, seed: int, report: Report) -> Bytes:
    """`source`, uint8 (H, W, 3), with each part `factor` times as large."""
    result = source
    for number, part in enumerate(parts):
        if part.cut is None:
            result = _swollen(result, part.mask, factor**SWELLS_BY)
        else:
            result = _scaled(result, part.mask, part.cut, factor, part.anchor, seed + number)
        report((number + 1) / len(parts))
    return result


def _scaled(source: Bytes, mask: Bools, cut: Cut, factor: float, anchor: tuple[float, float], seed: int) -> Bytes:
    placed = _placed(cut, factor, anchor, mask.shape)
    thing = _covered(cut, mask)
    hole = thing.copy()
    if placed is not None and factor >= 1:
        hole[placed[0]] &= placed[2] < SOLID
    result = source.copy()
    if hole.any():
        hidden = thing if factor >= 1 else None  # what comes to lie behind the larger thing is nothing to copy
        result = fill(source, grow(hole, _rim(mask)), seed, forbidden=hidden)
    if placed is not None:
        view, own, alpha = placed
        there = result[view].astype(np.float32)
        there += alpha[..., None] * (own - there)
        result[view] = np.rint(there)
    return result


def _placed(
    cut: Cut, factor: float, anchor: tuple[float, float], shape: tuple[int, ...]
) -> tuple[tuple[slice, slice], Bytes, Floats] | None:
    """Where the thing lies at its new size, its colours and its alpha there; None where it leaves the picture."""
    left, top, _, _ = cut.box
    height, width = (max(1, round(n * factor)) for n in cut.alpha.shape)
    x, y = round(anchor[0] + factor * (left - anchor[0])), round(anchor[1] + factor * (top - anchor[1]))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    own = np.asarray(cv2.resize(cut.own, (width, height), interpolation=how), dtype=np.uint8)
    alpha = np.asarray(cv2.resize(cut.alpha, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    rows, columns = slice(max(y, 0), min(y + height, shape[0])), slice(max(x, 0), min(x + width, shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return None
    part = np.s_[rows.start - y : rows.stop - y, columns.start - x : columns.stop - x]
    return (rows, columns), own[part], alpha[part]


def _swollen(source: Bytes, mask: Bools, factor: float) -> Bytes:
    """`source` with the part of `mask` `factor` times as large about its middle."""
    x, y, a, b = _ellipse(mask)
    left, top, right, bottom = bounds(_giving_way(mask))
    result = source.copy()
    part = result[top:bottom, left:right]

    def work(tile: Tile) -> None:
        down, across = (np.arange(s.start, s.stop, dtype=np.float32) for s in tile)
        across, down = np.broadcast_arrays(across[None] + np.float32(left - x), down[:, None] + np.float32(top - y))
        away = np.hypot(across / np.float32(a), down / np.float32(b))
        scale = np.float32(1 / factor) + np.float32(1 - 1 / factor) * smoothstep(away, STIFF, 1.0)
        at = across * scale + np.float32(x), down * scale + np.float32(y)
        part[tile] = cv2.remap(source, *at, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)

    each_tile((bottom - top, right - left), work)
    return result


def _giving_way(mask: Bools) -> Bools:
    """The ellipse (bool, H, W) around a part within which things move."""
    x, y, a, b = _ellipse(mask)
    rows, columns = (np.arange(n, dtype=np.float32) for n in mask.shape)
    return np.asarray(((columns[None] - x) / a) ** 2 + ((rows[:, None] - y) / b) ** 2 < 1)


def _ellipse(mask: Bools) -> tuple[float, float, float, float]:
    """Middle (x, y) and half axes of the ellipse within which things move."""
    left, top, right, bottom = bounds(mask)
    a, b = SWELL * (right - left) / 2, SWELL * (bottom - top) / 2
    return *_middle(mask), max(a, 0.6 * b), max(b, 0.6 * a)


def _pieces(mask: Bools) -> list[Bools]:
    """The pieces of `mask` that lie apart, each bool (H, W); crumbs go with the largest."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    large = [k for k in range(1, count) if areas[k] >= SMALLEST_PART * areas.max()]
    if len(large) == 1:
        return [mask]
    pieces = [np.asarray(labels == k) for k in large]
    pieces[large.index(int(np.argmax(areas)))] |= mask & ~np.isin(labels, large)
    return pieces


def _middle(mask: Bools) -> tuple[float, float]:
    left, top, right, bottom = bounds(mask)
    return (left + right) / 2, (top + bottom) / 2


def _anchor(mask: Bools, floats: bool) -> tuple[float, float]:
    height, width = mask.shape
    x, y = _middle(mask)
    y = y if floats else float(bounds(mask)[3])
    left, top, right, bottom = _cut_by(mask)
    if left != right:
        x = 0.0 if left else float(width)
    if top != bottom:
        y = 0.0 if top else float(height)
    return x, y


def _cut_by(mask: Bools) -> tuple[bool, bool, bool, bool]:
    """Whether the picture's left, top, right and bottom border cuts the thing."""
    left, top, right, bottom = bounds(mask)
    across, down = CUT_BY * (right - left), CUT_BY * (bottom - top)
    sides = ((mask[:, 0], down), (mask[0], across), (mask[:, -1], down), (mask[-1], across))
    one, two, three, four = (bool(side.sum() > least) for side, least in sides)
    return one, two, three, four


def _covered(cut: Cut, mask: Bools) -> Bools:
    """Where the thing is, softly or not: bool (H, W), as large as `mask`."""
    result = np.zeros_like(mask)
    result[cut.view] = cut.alpha > 0
    return result


def _rim(mask: Bools) -> int:
    return max(2, round(RIM * min(mask.shape)))
