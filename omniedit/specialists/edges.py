"""Where a thing ends: a hard mask brought to the soft edge that the picture shows, and colours unmixed there.

At an edge a pixel holds a share of the thing and the rest of what is behind it. An edit that is laid over the picture
by that share alone leaves a fringe of the thing's old colour; so the old colour is taken out by the same share.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from omniedit.guided import smoothstep
from omniedit.sizes import shrink
from omniedit.specialists.base import Bools, Bytes
from omniedit.specialists.masks import Box, Floats, bounds, widen
from omniedit.specialists.tiles import Tile, each_tile

__all__ = ["Affine", "Cut", "cut_out", "fit_guided", "lay"]

FITTED = 1024  # longest side at which edges are looked for
SIDES = 320  # longest side at which the colours on both sides of the edge are looked at
BAND = 0.008  # of that side: half the width of the band in which the edge may lie
LEAST_BAND = 3.0  # pixels of the small picture
RIDGE = 5e-4  # variance (of colours in 0..1) below which a window counts as plain
SURE = (0.1, 0.9)  # of the filtered mask: outside the thing below, inside above
NEAR, FAR = 1.5, 6.0  # bands: sigmas of the surroundings from which a side's colours are taken
FAR_TRUST = 1e-3  # far ones count only where nothing of that side is near
NOISE = 0.02  # of colours in 0..1: what differs less is not told apart
PURE = (0.1, 0.96)  # of the way from what is behind to the thing: all behind below, all thing above
CLEAR = (2.0, 10.0)  # squared difference of both sides' colours in their variances: not told apart below, clear above
LOST = 0.5  # alpha: a thing that nowhere reaches it was not seen
GRAIN = 0.35  # sigma, in pixels of the small picture, of the blur that calms the full-size one


@dataclass(frozen=True)
class Affine:
    """A picture-like map at a small size that follows a full-size one: `gain` (h, w, 3) times colour plus `offset`."""

    gain: Floats
    offset: Floats  # (h, w)

    def at(self, rgb: Bytes) -> Floats:
        """The map at the size of `rgb`, uint8 (H, W, 3), of which it was fitted to a smaller version; (H, W)."""
        height, width = rgb.shape[:2]
        result = np.empty((height, width), np.float32)
        maps = np.dstack([self.gain, self.offset])

        def work(tile: Tile) -> None:
            there = enlarged(maps, (height, width), tile)
            colour = rgb[tile].astype(np.float32) * np.float32(1 / 255)
            result[tile] = there[..., 3] + np.einsum("hwc,hwc->hw", there[..., :3], colour)

        each_tile((height, width), work)
        return result


@dataclass(frozen=True)
class Cut:
    """A thing cut out of a picture: `alpha` (h, w, 0..1) in `box`, and `own` (uint8, h, w, 3), its colours there.

    Where alpha is 1 `own` is the picture; at the edge it is what the thing itself would show.
    """

    box: Box
    alpha: Floats
    own: Bytes

    @property
    def view(self) -> tuple[slice, slice]:
        """The box as rows and columns."""
        left, top, right, bottom = self.box
        return slice(top, bottom), slice(left, right)


def cut_out(source: Bytes, mask: Bools) -> Cut:
    """The thing under `mask` (bool, H, W; not empty) with the soft edge that `source`, uint8 (H, W, 3), shows there.

    The edge is looked for in a band around the mask's outline by a guided filter (He et al. 2013) that follows colour.
    """
    height, width = mask.shape
    left, top, right, bottom = bounds(mask)
    reach = BAND * max(right - left, bottom - top, FITTED // 2)
    box = widen((left, top, right, bottom), 0, (width, height), least=round(2 * reach) + 4)
    view = np.s_[box[1] : box[3], box[0] : box[2]]
    crop, inside = source[view], mask[view]
    small = shrink(crop, FITTED)
    band = max(LEAST_BAND, BAND * max(small.shape[:2]))
    follow = _follow(inside, small, band)
    tiny = shrink(small, SIDES)
    sides = _sides(tiny, _resized(inside, tiny) > 0.5, band * tiny.shape[1] / small.shape[1])
    alpha, own = _settle(crop, inside, follow, sides, band)
    if alpha.max() < LOST:  # thin, and of the colour of what is behind it: nothing but the mask tells where it is
        alpha, own = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 0.7), crop
    return Cut(box, alpha, own)


def lay(source: Bytes, cut: Cut, edited: Bytes, strength: Floats | None = None) -> Bytes:
    """`source`, uint8 (H, W, 3), with the thing of `cut` as `edited`, uint8 (h, w, 3), an edit of `cut.own`.

    `strength` (h, w, 0..1) says where less of the edit is wanted.
    """
    result = source.copy()
    part = result[cut.view]

    def work(tile: Tile) -> None:
        share = cut.alpha[tile] if strength is None else cut.alpha[tile] * strength[tile]
        moved = edited[tile].astype(np.float32) - cut.own[tile]
        part[tile] = np.clip(np.rint(part[tile] + share[..., None] * moved), 0, 255)

    each_tile(cut.alpha.shape, work)
    return result


def fit_guided(guide: Floats, values: Floats, radius: int, ridge: float) -> Affine:
    """`values` (h, w) as a map that is affine in the colours of `guide` (h, w, 3, 0..1), window by window.

    The guided filter with a colour guide (He et al. 2013, section 3.4): edges of the values move to the guide's edges.
    """

    def mean(of: Floats) -> Floats:
        side = 2 * radius + 1
        return np.asarray(cv2.boxFilter(of, -1, (side, side), borderType=cv2.BORDER_REFLECT), dtype=np.float32)

    centre = mean(guide)
    level = mean(values)
    shared = mean(guide * values[..., None]) - centre * level[..., None]
    r, g, b = (guide[..., k] for k in range(3))
    square = mean(guide * guide) - centre * centre + np.float32(ridge)
    crossed = mean(np.dstack([r * g, r * b, g * b]))
    rg = crossed[..., 0] - centre[..., 0] * centre[..., 1]
    rb = crossed[..., 1] - centre[..., 0] * centre[..., 2]
    gb = crossed[..., 2] - centre[..., 1] * centre[..., 2]
    rr, gg, bb = (square[..., k] for k in range(3))
    # the inverse of a symmetric 3 x 3 matrix by its cofactors
    c00, c01, c02 = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    c11, c12, c22 = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    scale = 1 / np.maximum(rr * c00 + rg * c01 + rb * c02, 1e-14)
    x, y, z = (shared[..., k] for k in range(3))
    gain = np.dstack([c00 * x + c01 * y + c02 * z, c01 * x + c11 * y + c12 * z, c02 * x + c12 * y + c22 * z])
    gain *= scale[..., None]
    offset = level - np.einsum("hwc,hwc->hw", gain, centre)
    return Affine(mean(gain.astype(np.float32)), mean(offset.astype(np.float32)))


def enlarged(maps: Floats, size: tuple[int, int], tile: Tile) -> Floats:
    """A tile of `maps` (h, w, c <= 4) as they are at `size` (height, width), by straight lines, without the rest."""
    across, down = maps.shape[1] / size[1], maps.shape[0] / size[0]
    rows, columns = tile
    at = np.array(
        [[across, 0, (columns.start + 0.5) * across - 0.5], [0, down, (rows.start + 0.5) * down - 0.5]], np.float64
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    to = (columns.stop - columns.start, rows.stop - rows.start)
    return np.asarray(cv2.warpAffine(maps, at, to, flags=flags, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32)


def _follow(inside: Bools, small: Bytes, band: float) -> Affine:
    """The soft edge of `inside` (H, W; 1 is in) as colours of `small` (h, w, 3) show it."""
    hard = _resized(inside, small)
    guide = small.astype(np.float32) * np.float32(1 / 255)
    radius = max(2, round(band))
    soft = smoothstep(fit_guided(guide, hard, radius, RIDGE).at(small), *SURE)
    # once more from the edge that was found: a mask that is a little off comes nearer to it
    inner, outer = _leash(_depth(hard > 0.5), band)
    return fit_guided(guide, (soft + (1 - soft) * inner) * (1 - outer), radius, RIDGE)


def _depth(inside: Bools) -> Floats:
    """Pixels from the outline of `inside`, (H, W): positive in it, negative out of it."""
    # a mask that runs out of the picture does not end there
    padded = cv2.copyMakeBorder(inside.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    deep = cv2.distanceTransform(padded, cv2.DIST_L2, 3)
    deep -= cv2.distanceTransform(1 - padded, cv2.DIST_L2, 3)
    return np.asarray(deep[1:-1, 1:-1], dtype=np.float32)


def _leash(depth: Floats, band: float) -> tuple[Floats, Floats]:
    """(h, w) each: how surely a pixel is in, or out, because it lies that far from the outline."""
    return smoothstep(depth, band, 2 * band), smoothstep(-depth, band, 2 * band)


def _sides(small: Bytes, inside: Bools, band: float) -> tuple[Floats, Floats]:
    """The thing's colours near its edge and those behind it: (h, w, 4) each, mean (0..1) and variance."""
    guide = small.astype(np.float32) * np.float32(1 / 255)
    values = np.dstack([guide, (guide * guide).sum(axis=2)])

    def side(sure: Floats, likely: Floats) -> Floats:
        weight = sure + np.float32(1e-2) * likely + np.float32(1e-6)
        total, norm = np.zeros_like(values), np.zeros_like(weight)
        for spread, trust in ((NEAR * band, 1.0), (FAR * band, FAR_TRUST)):
            total += np.float32(trust) * cv2.GaussianBlur(values * weight[..., None], (0, 0), spread)
            norm += np.float32(trust) * cv2.GaussianBlur(weight, (0, 0), spread)
        total /= norm[..., None]
        total[..., 3] = np.maximum(total[..., 3] - (total[..., :3] ** 2).sum(axis=2), 0) / 3
        return total

    inner, outer = _leash(_depth(inside), band / 2)
    return side(inner, inside.astype(np.float32)), side(outer, (~inside).astype(np.float32))


def _settle(
    crop: Bytes, inside: Bools, follow: Affine, sides: tuple[Floats, Floats], band: float
) -> tuple[Floats, Bytes]:
    """Alpha (H, W) and the thing's own colours (H, W, 3), pixel by pixel in a band around the outline of `inside`.

    Where both sides differ clearly a pixel's place between them is its alpha; elsewhere the guided filter says it. The
    own colours then are by Forte, "Approximate Fast Foreground Colour Estimation" (2021).
    """
    scale = crop.shape[1] / follow.offset.shape[1]
    calm = crop if scale < 1.5 else np.asarray(cv2.GaussianBlur(crop, (0, 0), GRAIN * scale), dtype=np.uint8)
    depth, size = _depth(inside), inside.shape
    alpha, own = inside.astype(np.float32), crop.copy()
    guided = np.dstack([follow.gain, follow.offset])

    def work(tile: Tile) -> None:
        at = np.abs(depth[tile]) < 2 * band * scale
        if not at.any():
            return
        inner, outer = _leash(depth[tile][at], band * scale)
        pixel = calm[tile][at].astype(np.float32) * np.float32(1 / 255)
        thing, behind = (enlarged(side, size, tile)[at] for side in sides)
        map_ = enlarged(guided, size, tile)[at]
        soft = smoothstep((map_[:, :3] * pixel).sum(axis=1) + map_[:, 3], *SURE)
        apart = thing[:, :3] - behind[:, :3]
        distance = (apart * apart).sum(axis=1)
        between = ((pixel - behind[:, :3]) * apart).sum(axis=1) / (distance + np.float32(1e-6))
        between = np.clip((between - np.float32(PURE[0])) / np.float32(PURE[1] - PURE[0]), 0, 1)
        clear = smoothstep(distance / (thing[:, 3] + behind[:, 3] + np.float32(NOISE**2)), *CLEAR)
        soft += clear * (between - soft)
        soft = (soft + (1 - soft) * inner) * (1 - outer)
        alpha[tile][at] = soft
        part = soft[:, None]
        colour = crop[tile][at].astype(np.float32) * np.float32(1 / 255)
        colour = thing[:, :3] + part * (colour - part * thing[:, :3] - (1 - part) * behind[:, :3])
        own[tile][at] = np.clip(np.rint(colour * 255), 0, 255)

    each_tile(size, work)
    return alpha, own


def _resized(inside: Bools, small: Bytes) -> Floats:
    """The share of `inside` (H, W) under each pixel of `small` (h, w, 3)."""
    size = (small.shape[1], small.shape[0])
    share = cv2.resize(inside.astype(np.uint8) * np.uint8(255), size, interpolation=cv2.INTER_AREA)
    return np.asarray(share, dtype=np.float32) * np.float32(1 / 255)
