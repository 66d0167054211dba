"""Fills holes in a photograph with what is around them.

The hole is filled by PatchMatch (Barnes et al., "PatchMatch", SIGGRAPH 2009; coarse to fine as Wexler et al. 2007) at a
size that shows the whole of its surroundings. What that size cannot hold comes back afterwards: each filled pixel is
matched to the place that it resembles, and the fine detail is copied from there at the photo's own size. Colour comes
from the small fill alone, so that what is copied leaves no seam. Holes as thin as a wire are closed by Navier-Stokes
(Bertalmio et al. 2001) instead, which carries lines across, and get their detail in the same way.
"""

from __future__ import annotations

import threading
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.specialists.base import Bools, Bytes, Report
from omniedit.specialists.masks import Box, Floats, bounds

__all__ = ["fill", "livened"]

WORKING = 640  # longest side of the crop at which the hole is filled, and
ACROSS = 200  # root of the hole's area there: what is larger loses its forms among small patches
LEAST_ACROSS = 0.6  # of that, where most of what is filled will be hidden
CONTEXT = 0.9  # of the root of the hole's box, seen on each side
LEAST_CONTEXT = 48  # pixels
MOST_PARTS = 12  # holes that are filled one by one
PATCH, LEAST_PATCH = 4, 3  # radius of the patches compared, and where less is seen of a fill
THIN = 4.0  # pixels at the working size: a hole that is nowhere thicker is closed by Navier-Stokes
FINE = 2.0  # sigma, in pixels of the working size, of the detail that votes weaken,
LIVELY = 4.0  # of the neighbourhood in which its strength is measured, and
LIVELIER = 1.6  # the most that it is strengthened
DESCRIBED = 3  # radius of the patches by which places are matched for their detail
SAMPLED = 4000  # patches that the axes are found from
DIMENSIONS = 16  # numbers that describe such a patch
ROUNDS = 5  # of propagation and random search
Ints = NDArray[np.int32]

_seeding = threading.Lock()  # PatchMatch's seed belongs to the process


def fill(
    rgb: Bytes,
    hole: Bools,
    seed: int = 0,
    report: Report | None = None,
    forbidden: Bools | None = None,
    hidden: Bools | None = None,
) -> Bytes:
    """`rgb`, uint8 (H, W, 3), with `hole` (bool, H, W) filled; all other pixels are as they were.

    `forbidden` (bool, H, W) is never copied from, for instance the person who stands beside the hole. Parts of the hole
    that lie apart are filled on their own, each with its own surroundings. Over `hidden` (bool, H, W) something will be
    put: there is no detail there, and the more of a hole it is, the coarser and faster the rest. Another seed gives
    another fill.
    """
    result = rgb.copy()
    parts = _parts(hole)
    for number, part in enumerate(parts):
        left, top, right, bottom = _seen(part)
        view = np.s_[top:bottom, left:right]
        banned = hole[view] if forbidden is None else hole[view] | forbidden[view]
        if banned.all():  # nothing else is there to copy from
            banned = part[view]
        covered = np.zeros_like(banned) if hidden is None else hidden[view] & part[view]
        said = partial(_tell, report, number, len(parts))
        said(0.0)
        result[view] = _fill_crop(result[view], part[view], banned, covered, seed + number, said)
        said(1.0)
    return result


def _seen(hole: Bools) -> Box:
    """The box of the hole with its surroundings: as much on all sides, whether it is a pole or a ball."""
    left, top, right, bottom = bounds(hole)
    margin = max(LEAST_CONTEXT, round(CONTEXT * float(np.sqrt((right - left) * (bottom - top)))))
    return (
        max(left - margin, 0),
        max(top - margin, 0),
        min(right + margin, hole.shape[1]),
        min(bottom + margin, len(hole)),
    )


def _parts(hole: Bools) -> list[Bools]:
    """The parts of `hole` that lie apart, the largest first; one for all of them where they are many."""
    apart = max(9, min(hole.shape) // 100)
    near = cv2.dilate(hole.astype(np.uint8), np.ones((apart, apart), np.uint8))
    count, labels = cv2.connectedComponents(near)
    if count - 1 > MOST_PARTS:
        return [hole]
    parts = [(labels == k) & hole for k in range(1, count)]
    return sorted((part for part in parts if part.any()), key=lambda part: -int(part.sum()))


def _fill_crop(rgb: Bytes, hole: Bools, banned: Bools, covered: Bools, seed: int, report: Report) -> Bytes:
    """`rgb` (h, w, 3) with `hole` filled from what is not `banned`, coarsely where it is `covered`."""
    height, width = hole.shape
    area = float(hole.sum())
    seen = max(LEAST_ACROSS, float(np.sqrt(1 - covered.sum() / area)))  # 1 where nothing is covered
    patch = max(LEAST_PATCH, round(PATCH * seen))
    scale = min(WORKING / max(height, width), seen * ACROSS / float(np.sqrt(area)))
    if scale >= 1:
        return livened(_fill_small(rgb, hole, banned, seed, patch), hole)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small_hole = _touched(hole, size)
    small_banned = small_hole | _touched(banned, size)
    small = _shrunk(rgb, ~hole, size)
    filled = _fill_small(small, small_hole, small_banned, seed, patch)
    report(0.5)
    if small_banned.all():
        small_banned = small_hole
    shown = hole & ~covered
    rows, columns = _origins(filled, _touched(shown, size), small_banned, seed)
    report(0.8)
    # at the rim a small pixel is partly known, and what is known of it goes before what was made up: no seam is seen
    known = cv2.resize((~hole).astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None]
    lively = livened(filled, small_hole)
    joined = np.rint(lively + known * (small.astype(np.float32) - lively)).astype(np.uint8)
    return _enlarged(rgb, hole, shown, filled, joined, rows, columns)


def _tell(report: Report | None, part: int, parts: int, share: float) -> None:
    if report is not None:
        report((part + share) / parts)


def _fill_small(rgb: Bytes, hole: Bools, banned: Bools, seed: int, patch: int) -> Bytes:
    """The fill at the working size: by Navier-Stokes where the hole is thin, else by PatchMatch."""
    import patchmatch

    depth = cv2.distanceTransform(np.pad(hole, 1).astype(np.uint8), cv2.DIST_L2, 3)
    if 2 * float(depth.max()) <= THIN:
        return np.asarray(cv2.inpaint(rgb, hole.astype(np.uint8), 3, cv2.INPAINT_NS), dtype=np.uint8)
    with _seeding:
        patchmatch.set_random_seed(seed)
        return patchmatch.inpaint(rgb, hole, global_mask=banned & ~hole, patch_size=patch)


def _origins(filled: Bytes, shown: Bools, banned: Bools, seed: int) -> tuple[Ints, Ints]:
    """For each pixel of `shown` (in the order of np.nonzero) the row and column of the place that it resembles.

    PatchMatch's search over all filled pixels at once: offsets spread from neighbour to neighbour, then random places
    near the best are tried. A patch is compared by a few numbers, its projection on the main axes of the picture's own.
    """
    height, width = shown.shape
    described = _descriptors(filled)
    rng = np.random.default_rng(seed)
    rows, columns = np.nonzero(shown)
    sound = np.argwhere(~banned)
    usable = ~banned
    first = sound[rng.integers(0, len(sound), len(rows))]
    offset = np.zeros((height, width, 2), np.int32)
    offset[rows, columns] = first - np.stack([rows, columns], axis=1)
    wanted = described[rows, columns]
    here = np.stack([rows, columns], axis=1).astype(np.int32)

    def cost(place: Ints) -> Floats:
        inside = (place >= 0).all(1) & (place[:, 0] < height) & (place[:, 1] < width)
        y, x = np.clip(place[:, 0], 0, height - 1), np.clip(place[:, 1], 0, width - 1)
        distance = ((described[y, x] - wanted) ** 2).sum(1)
        return np.where(inside & usable[y, x], distance, np.inf).astype(np.float32)

    best = cost(here + offset[rows, columns])

    def offer(candidate: Ints) -> None:
        nonlocal best
        price = cost(here + candidate)
        better = price < best
        offset[rows[better], columns[better]] = candidate[better]
        best = np.where(better, price, best)

    for _ in range(ROUNDS):
        for step in (8, 4, 2, 1):
            for down, across in ((0, step), (0, -step), (step, 0), (-step, 0)):
                y, x = np.clip(rows + down, 0, height - 1), np.clip(columns + across, 0, width - 1)
                offer(np.where(shown[y, x][:, None], offset[y, x], offset[rows, columns]))
        reach = max(height, width) // 2
        while reach >= 1:
            offer(offset[rows, columns] + rng.integers(-reach, reach + 1, (len(rows), 2)).astype(np.int32))
            reach //= 3
    return (rows + offset[rows, columns, 0]).astype(np.int32), (columns + offset[rows, columns, 1]).astype(np.int32)


def _descriptors(rgb: Bytes) -> Floats:
    """(h, w, DIMENSIONS): the patch around each pixel on the main axes of all patches."""
    side = 2 * DESCRIBED + 1
    height, width = rgb.shape[:2]
    padded = np.pad(rgb, ((DESCRIBED, DESCRIBED), (DESCRIBED, DESCRIBED), (0, 0)), "reflect").astype(np.float32)
    places = np.arange(0, height * width, max(1, height * width // SAMPLED))
    patches = np.lib.stride_tricks.sliding_window_view(padded, (side, side), (0, 1))
    sample = patches[places // width, places % width].reshape(len(places), -1)  # 3, side, side
    centre = sample.mean(0)
    _, axes = np.linalg.eigh(np.cov((sample - centre).T))
    described = np.empty((height, width, DIMENSIONS), np.float32)
    inner = np.s_[DESCRIBED:-DESCRIBED, DESCRIBED:-DESCRIBED]
    for k, axis in enumerate(axes[:, -DIMENSIONS:].T.astype(np.float32)):
        kernels = axis.reshape(3, side, side)
        along = sum(cv2.filter2D(padded[..., c], -1, kernels[c])[inner] for c in range(3))
        described[..., k] = along - float(centre @ axis)
    return described


def livened(filled: Bytes, hole: Bools) -> Bytes:
    """`filled` with the fine detail in `hole` as strong as around it, where votes, which average, made it weaker."""
    smooth = cv2.GaussianBlur(filled, (0, 0), FINE).astype(np.float32)
    detail = filled - smooth
    fine = (detail * detail).mean(axis=2)
    known = (~hole).astype(np.float32)

    def strength(weight: Floats) -> Floats:
        total = cv2.GaussianBlur(fine * weight, (0, 0), LIVELY)
        return np.asarray(np.sqrt(total / (cv2.GaussianBlur(weight, (0, 0), LIVELY) + np.float32(1e-6))), np.float32)

    reach = max(LIVELY, float(np.sqrt(hole.sum())) / 4)
    # a mean of logarithms: one edge near by makes no texture
    around = cv2.GaussianBlur(np.log1p(strength(known)) * known, (0, 0), reach)
    expected = np.expm1(around / (cv2.GaussianBlur(known, (0, 0), reach) + np.float32(1e-6)))
    gain = np.clip(expected / (strength(np.ones_like(known)) + np.float32(0.5)), 1, LIVELIER)[..., None]
    result = filled.copy()
    result[hole] = np.clip(np.rint(smooth + gain * detail), 0, 255)[hole]
    return result


def _enlarged(rgb: Bytes, hole: Bools, shown: Bools, voted: Bytes, filled: Bytes, rows: Ints, columns: Ints) -> Bytes:
    """`rgb` with `hole` filled at full size: colours from `filled`, where it is `shown` detail from `rows`, `columns`.

    `voted`, the fill as its votes left it, says what of the photo the small size already holds.
    """
    height, width = hole.shape
    low_height, low_width = filled.shape[:2]
    y, x = np.nonzero(shown)
    low_y = (y * low_height // height).astype(np.int32)
    low_x = (x * low_width // width).astype(np.int32)
    at = np.zeros((low_height, low_width), np.int32)
    at[_touched(shown, (low_width, low_height))] = np.arange(len(rows), dtype=np.int32)
    index = at[low_y, low_x]
    from_y = np.clip(y + np.rint((rows[index] - low_y) * (height / low_height)).astype(np.int32), 0, height - 1)
    from_x = np.clip(x + np.rint((columns[index] - low_x) * (width / low_width)).astype(np.int32), 0, width - 1)
    smooth = cv2.resize(voted, (width, height), interpolation=cv2.INTER_CUBIC)
    painted = cv2.resize(filled, (width, height), interpolation=cv2.INTER_CUBIC)
    detail = rgb[from_y, from_x].astype(np.int16) - smooth[from_y, from_x]
    detail[hole[from_y, from_x]] = 0
    result = np.asarray(cv2.copyTo(painted, hole.view(np.uint8), rgb.copy()), np.uint8)
    result[y, x] = np.clip(painted[y, x] + detail, 0, 255).astype(np.uint8)
    return result


def _touched(mask: Bools, size: tuple[int, int]) -> Bools:
    """`mask` at `size` (width, height): True wherever any of it falls."""
    share = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    touched: Bools = share > 0
    return touched


def _shrunk(rgb: Bytes, known: Bools, size: tuple[int, int]) -> Bytes:
    """`rgb` at `size` (width, height), each pixel the mean of what is known of it: the hole's colours do not bleed."""
    weight = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(rgb * known[..., None], size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.clip(np.rint(total / np.maximum(weight, 1e-3)[..., None]), 0, 255).astype(np.uint8)
