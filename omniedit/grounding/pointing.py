"""Cuts out what a person points at: in a box, at a click, under a loose brush."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from omniedit.colour import to_oklab
from omniedit.grounding.cut import around, grab, joined, resized
from omniedit.grounding.refine import Bools, Box, Bytes, enlarge
from omniedit.grounding.view import View
from omniedit.sizes import shrink

__all__ = ["at_click", "in_box", "under_brush"]

SIDE = 288  # longest side at which things are cut out
WINDOWS = (0.2, 0.3, 0.45, 0.6, 0.8)  # shares of the picture around a click in which its thing is looked for
WINDOW = 160  # longest side at which they are cut
AT, AROUND, BEYOND = 0.03, 0.28, 0.42  # of a window: surely the thing, perhaps, surely not any more
LEAST = 0.012  # of a window that a thing covers
RUNS_OUT = 0.15  # of a thing's outline that may lie where the window ends
ALONE = 0.3  # agreement that a region has which no other confirms or denies


def in_box(rgb: Bytes, box: Box) -> tuple[Bools, bool]:
    """The thing that fills `box` (pixels of `rgb`): bool (H, W), never outside the box, and whether it came out well.

    GrabCut from the box, its colours held against a frame around the box. Where that fails the box itself is meant.
    """
    height, width = rgb.shape[:2]
    asked = np.zeros((height, width), np.bool_)
    asked[box[1] : box[3], box[0] : box[2]] = True
    view = _around_box(box, (height, width), 0.3)
    part = rgb[view[1] : view[3], view[0] : view[2]]
    small = shrink(part, SIDE)
    scale = small.shape[1] / part.shape[1], small.shape[0] / part.shape[0]
    left, right = (round((x - view[0]) * scale[0]) for x in (box[0], box[2]))
    top, bottom = (round((y - view[1]) * scale[1]) for y in (box[1], box[3]))
    trimap = np.full(small.shape[:2], cv2.GC_BGD, np.uint8)
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    trimap[top:bottom, left:right] = cv2.GC_PR_FGD
    wide, high = right - left, bottom - top
    cut = grab(small, trimap, 4) & (trimap == cv2.GC_PR_FGD)
    cut = _middle(joined(cut, 0.1, 0.02), (top + high / 2, left + wide / 2))
    share = float(cut.sum() / (wide * high))
    rows, columns = np.flatnonzero(cut.any(axis=1)), np.flatnonzero(cut.any(axis=0))
    if share < 0.08 or share > 0.985 or np.ptp(rows) < 0.4 * high or np.ptp(columns) < 0.4 * wide:
        return asked, False
    result = np.zeros((height, width), np.bool_)
    result[view[1] : view[3], view[0] : view[2]] = enlarge(cut.astype(np.float32), part)
    return result & asked, True


def at_click(view: View, click: tuple[int, int], also: Sequence[Bools] = ()) -> tuple[Bools, float]:
    """The thing at `click` (x, y in pixels of the full picture): bool of the view's shape, perhaps empty, and 0..1.

    Cut out in windows of several sizes around the click; `also` are other regions (of the view's shape) that it may be.
    The one is taken that agrees best with all others, and its mean agreement says how sure it is.
    """
    height, width = view.full.shape[:2]
    at = int(click[1] / height * view.shape[0]), int(click[0] / width * view.shape[1])
    found = [region for region in also if region[at]]
    for share in WINDOWS:
        box = _window(click, share, (height, width))
        cut = _in_window(shrink(view.full[box[1] : box[3], box[0] : box[2]], WINDOW), click, box, (height, width))
        if cut.mean() > LEAST:
            found.append(_placed(cut, box, (height, width), view.shape))
    if len(found) < 2:
        return (found[0], ALONE) if found else (np.zeros(view.shape, np.bool_), 0.0)
    shared = [np.mean([_iou(one, other) for other in found if other is not one]) for one in found]
    best = int(np.argmax(shared))
    return found[best], float(shared[best])


def under_brush(rgb: Bytes, brush: Bools) -> Bools | None:
    """The one thing under a loose `brush` (bool, H, W), within it; None where the brush shows no single thing."""
    size = rgb.shape[:2]
    view = around(brush, 0.25, (size[0], size[1]))
    part = rgb[view[1] : view[3], view[0] : view[2]]
    small = shrink(part, SIDE)
    inside = resized(brush[view[1] : view[3], view[0] : view[2]], (small.shape[0], small.shape[1]))
    if not inside.any() or inside.all():
        return None
    cut = joined(grab(small, np.where(inside, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8), 4) & inside, 0.1, 0.02)
    share = float(cut.sum() / inside.sum())
    if not 0.25 < share < 0.97:
        return None
    lab = to_oklab(small)
    kept, left = lab[cut].mean(axis=0), lab[inside & ~cut].mean(axis=0)
    outside = cv2.dilate(inside.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    beyond = lab[outside & ~inside].mean(axis=0)
    # what is left out must be more of what lies around the brush
    if np.linalg.norm(left - beyond) > 0.6 * np.linalg.norm(kept - left):
        return None
    result = np.zeros(size, np.bool_)
    result[view[1] : view[3], view[0] : view[2]] = enlarge(cut.astype(np.float32), part)
    return result & brush


def _in_window(rgb: Bytes, click: tuple[int, int], box: Box, size: tuple[int, int]) -> Bools:
    """The connected thing at `click` in the window `box` of a picture of `size` (height, width), shown as `rgb`.

    Empty where it runs on beyond the window.
    """
    height, width = rgb.shape[:2]
    x = (click[0] + 0.5 - box[0]) / (box[2] - box[0]) * width
    y = (click[1] + 0.5 - box[1]) / (box[3] - box[1]) * height
    ys, xs = np.mgrid[:height, :width] + 0.5
    away = np.hypot(xs - x, ys - y) / max(height, width)
    wide = max(2, max(height, width) // 32)
    rim = np.ones((height, width), np.bool_)
    rows = slice(wide * (box[1] > 0), height - wide * (box[3] < size[0]))  # where the picture ends is no rim
    columns = slice(wide * (box[0] > 0), width - wide * (box[2] < size[1]))
    rim[rows, columns] = False
    trimap = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    trimap[(away > BEYOND) | rim] = cv2.GC_BGD
    trimap[away < AROUND] = cv2.GC_PR_FGD
    trimap[away < AT] = cv2.GC_FGD
    _, labels = cv2.connectedComponents(grab(rgb, trimap, 4).astype(np.uint8))
    mine = labels[min(int(y), height - 1), min(int(x), width - 1)]
    cut = joined(labels == mine, 0.02, 0.05) if mine else np.zeros((height, width), np.bool_)
    ring = (cv2.dilate(cut.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~cut
    runs_out = (ring & (trimap == cv2.GC_BGD)).sum() > RUNS_OUT * ring.sum()
    return np.zeros_like(cut) if runs_out else cut


def _placed(cut: Bools, box: Box, size: tuple[int, int], shape: tuple[int, int]) -> Bools:
    """A window's `cut` in the view of that `shape`, whose full picture has that `size` (height, width)."""
    up, across = shape[0] / size[0], shape[1] / size[1]
    left, right = round(box[0] * across), max(round(box[2] * across), round(box[0] * across) + 1)
    top, bottom = round(box[1] * up), max(round(box[3] * up), round(box[1] * up) + 1)
    result = np.zeros(shape, np.bool_)
    result[top:bottom, left:right] = resized(cut, (bottom - top, right - left))[: shape[0] - top, : shape[1] - left]
    return result


def _iou(one: Bools, other: Bools) -> float:
    return float((one & other).sum() / max((one | other).sum(), 1))


def _middle(mask: Bools, centre: tuple[float, float]) -> Bools:
    """The parts of `mask` that are large and near `centre` (row, column)."""
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count < 3:
        return mask
    reach = 0.5 * np.hypot(*mask.shape)
    away = np.hypot(centres[1:, 1] - centre[0], centres[1:, 0] - centre[1]) / reach
    worth = stats[1:, cv2.CC_STAT_AREA] * np.maximum(1.2 - away, 0.1)
    kept: Bools = np.isin(labels, 1 + np.flatnonzero(worth > 0.2 * worth.max()))
    return kept


def _around_box(box: Box, size: tuple[int, int], share: float) -> Box:
    margin = max(4, round(share * max(box[2] - box[0], box[3] - box[1])))
    return (
        max(box[0] - margin, 0),
        max(box[1] - margin, 0),
        min(box[2] + margin, size[1]),
        min(box[3] + margin, size[0]),
    )


def _window(click: tuple[int, int], share: float, size: tuple[int, int]) -> Box:
    """The part of a picture of `size` (height, width), `share` of its sides, that has the click in its middle."""
    wide, high = (max(min(64, n), round(n * share)) for n in (size[1], size[0]))
    left = min(max(click[0] - wide // 2, 0), size[1] - wide)
    top = min(max(click[1] - high // 2, 0), size[0] - high)
    return left, top, left + wide, top + high
