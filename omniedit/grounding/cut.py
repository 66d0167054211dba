"""Cuts a thing out of its surroundings: GrabCut (Rother et al. 2004) at small size, its outline at full size."""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.grounding.refine import Bools, Box, Bytes, enlarge
from omniedit.sizes import shrink

__all__ = ["around", "grab", "in_full", "joined", "resized"]

SIDE = 288  # longest side at which GrabCut sees the surroundings of a region
BAND = 0.03  # of the longest side of a region: how far its outline may move


def grab(rgb: Bytes, trimap: Bytes, rounds: int = 3) -> Bools:
    """The thing: bool (h, w). rgb: uint8 (h, w, 3); `trimap` (h, w) holds cv2.GC_BGD, GC_FGD, GC_PR_BGD, GC_PR_FGD."""
    mask = trimap.copy()
    likely: Bools = (mask & 1).astype(np.bool_)
    if likely.all() or likely.sum() < 16 or (~likely).sum() < 16:
        return likely  # too little for colour models
    cv2.setRNGSeed(1)  # its k-means draws at random
    cv2.grabCut(rgb, mask, None, np.zeros((1, 65)), np.zeros((1, 65)), rounds, cv2.GC_INIT_WITH_MASK)
    return (mask & 1).astype(np.bool_)


def in_full(mask: Bools, full: Bytes, sharp: bool = False) -> Bools:
    """A region, bool (h, w) at small size, at the size of `full`, uint8 (H, W, 3): bool (H, W).

    The surroundings are cut anew near the outline unless the region is `sharp`, then it is refined pixel by pixel.
    """
    height, width = full.shape[:2]
    result = np.zeros((height, width), np.bool_)
    if not mask.any() or mask.all():
        result[:] = mask.any()
        return result
    left, top, right, bottom = around(mask, 0.25, (height, width))
    part = full[top:bottom, left:right]
    small = shrink(part, SIDE)
    known = _crop(mask, (left, top, right, bottom), (height, width), small.shape[:2])
    if not sharp:
        known = _recut(small, known)
    elif max(small.shape[:2]) < max(mask.shape):
        known = _crop(mask, (left, top, right, bottom), (height, width), None)
    result[top:bottom, left:right] = enlarge(known.astype(np.float32), part)
    return result


def _recut(rgb: Bytes, mask: Bools) -> Bools:
    one = mask.astype(np.uint8)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return mask
    reach = max(2.0, BAND * max(rows[-1] - rows[0], columns[-1] - columns[0]))
    deep = cv2.distanceTransform(one, cv2.DIST_L2, 3)
    out = cv2.distanceTransform(1 - one, cv2.DIST_L2, 3)
    trimap = np.where(mask, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[deep > min(reach, 0.6 * float(deep.max()))] = cv2.GC_FGD
    trimap[out > reach] = cv2.GC_BGD
    cut = grab(rgb, trimap, 2)
    return cut if 0.6 < cut.sum() / mask.sum() < 1.6 else mask


def around(mask: Bools, share: float, size: tuple[int, int]) -> Box:
    """The box around `mask`, `share` of its longer side wider, in pixels of a picture of `size` (height, width)."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    margin = max(3.0, share * max(rows[-1] - rows[0], columns[-1] - columns[0]))
    up, across = size[0] / mask.shape[0], size[1] / mask.shape[1]
    left, right = (columns[0] - margin) * across, (columns[-1] + 1 + margin) * across
    top, bottom = (rows[0] - margin) * up, (rows[-1] + 1 + margin) * up
    return max(int(left), 0), max(int(top), 0), min(round(right), size[1]), min(round(bottom), size[0])


def joined(mask: Bools, least: float = 0.02, holes: float = 0.02) -> Bools:
    """`mask` without parts and holes smaller than these shares of its largest part."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count < 2:
        return mask
    areas = stats[1:, cv2.CC_STAT_AREA]
    most = int(areas.max())
    kept = np.isin(labels, 1 + np.flatnonzero(areas >= least * most))
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~kept).astype(np.uint8), connectivity=4)
    small = 1 + np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] < holes * most)
    filled: Bools = kept | np.isin(labels, small)
    return filled


def resized(mask: Bools, size: tuple[int, int]) -> Bools:
    """`mask` at `size` (height, width): more than half covered where it shrinks."""
    if mask.shape == size:
        return mask
    shrinks = size[0] < mask.shape[0]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    scaled: Bools = cv2.resize(mask.astype(np.float32), size[::-1], interpolation=how) > 0.5
    return scaled


def _crop(mask: Bools, box: Box, full: tuple[int, int], size: tuple[int, int] | None) -> Bools:
    """The part of `mask` that `box`, in pixels of the `full` (height, width) picture, shows, at `size`."""
    left, top, right, bottom = box
    up, across = mask.shape[0] / full[0], mask.shape[1] / full[1]
    if size is None:
        size = max(1, round((bottom - top) * up)), max(1, round((right - left) * across))
    step_x, step_y = (right - left) / size[1] * across, (bottom - top) / size[0] * up
    at = np.array([[step_x, 0, left * across + step_x / 2 - 0.5], [0, step_y, top * up + step_y / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    scaled = cv2.warpAffine(mask.astype(np.float32), at, size[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
    part: Bools = scaled > 0.5
    return part
