"""Styles laid out of small squares: pixel art, mosaic."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from omniedit.colour import from_oklab, to_oklab
from omniedit.specialists.base import Bytes
from omniedit.specialists.styles.flow import contours, flow_of
from omniedit.specialists.styles.shared import (
    Floats,
    Hand,
    fit_palette,
    floats,
    grain,
    in_strips,
    kuwahara,
    luma,
    nearest,
    soft_step,
    to_bytes,
    vivid,
)

__all__ = ["mosaic", "pixel_art"]

BAYER = floats([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16 - np.float32(15 / 32)
COLOURS = (16, 24, 32)  # of a pixel artist
SMALTI = 48  # colours of stone and glass in a mosaic
FRACTION = 4  # bits of a pixel in the corners of a tile
GROUTS = ((92, 86, 78), (58, 54, 52), (122, 112, 100))
Ints = NDArray[np.int32]


def pixel_art(rgb: Bytes, hand: Hand) -> Bytes:
    """Square cells in a small palette, shaded by ordered dithering, dark outlines."""
    cell = max(round(hand.mark(9.5)), 2)
    height, width = rgb.shape[:2]
    rows, columns = -(-height // cell), -(-width // cell)
    padded = cv2.copyMakeBorder(rgb, 0, rows * cell - height, 0, columns * cell - width, cv2.BORDER_REPLICATE)
    small = np.asarray(cv2.resize(padded, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    hand.report(0.4)
    # what the mean over a cell took of the contrast
    level = small.astype(np.float32)
    sharp = to_bytes(level + np.float32(0.7) * (level - cv2.GaussianBlur(level, (0, 0), 1.0)))
    lab = to_oklab(vivid(sharp, 1.1 + 0.15 * hand.bold))
    edge = soft_step(contours(luma(small), flow_of(small), 0.7, 0.98), -2.0, -9.0)
    lab *= (1 - np.float32(0.4) * edge)[..., None]
    palette = fit_palette(lab, COLOURS[int(hand.rng.integers(len(COLOURS)))], hand.rng)
    dither = np.tile(BAYER, (rows // 4 + 1, columns // 4 + 1))[:rows, :columns]
    lab[..., 0] += dither * np.float32(0.045)
    cells = from_oklab(palette)[nearest(lab, palette)]
    large = cv2.resize(cells, (columns * cell, rows * cell), interpolation=cv2.INTER_NEAREST)
    return np.ascontiguousarray(large[:height, :width])


def mosaic(rgb: Bytes, hand: Hand) -> Bytes:
    """Tesserae in rows along the outlines (opus vermiculatum), each of one colour and a bit aslant, in grout.

    Rows lie on level lines of the distance to the nearest outline, as in Hausner, "Simulating decorative mosaics",
    SIGGRAPH 2001, whose tiles also turn with that distance.
    """
    side = hand.mark(9.5, 9)
    work = kuwahara(hand.shrunk(rgb, 700), 3)
    tiles = _rows_of_tiles(work, rgb.shape, side, hand)
    hand.report(0.3)
    gap = max(0.12 * side, 1.3)
    ids = _set(tiles, rgb.shape, gap)
    centres = tiles.mean(axis=1)
    centres = np.concatenate([centres, _fill_gaps(ids, len(tiles), side, gap)])
    hand.report(0.6)
    stones = _stones(work, centres, rgb.shape, hand)
    return _lit_tiles(ids, centres, stones, side, hand)


def _rows_of_tiles(work: Bytes, shape: tuple[int, ...], side: float, hand: Hand) -> Floats:
    """float32 (N, 4, 2): corners in pixels of `shape`, rows near outlines first."""
    scale = shape[0] / work.shape[0]
    small = side / scale
    edges = cv2.Canny(kuwahara(work, 0.9 * small), 90, 200)
    _, parts, about, _ = cv2.connectedComponentsWithStats(edges)
    edges[about[parts, cv2.CC_STAT_AREA] < 12 * small] = 0
    edges[hand.rng.integers(edges.shape[0]), hand.rng.integers(edges.shape[1])] = 255  # where there is no outline
    margin = round(3 * small)
    edges = cv2.copyMakeBorder(edges, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=0)
    away = cv2.GaussianBlur(cv2.distanceTransform(255 - edges, cv2.DIST_L2, 5), (0, 0), 0.3 * small)
    tiles = []
    for level in np.arange(0.55 * small, float(away.max()), small):
        lines, _ = cv2.findContours((away > level).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        tiles += [_along(line[:, 0].astype(np.float32) - margin, small) for line in lines if len(line) > 2 * small]
    corners = np.concatenate(tiles) if tiles else np.zeros((0, 4, 2), np.float32)
    corners = (corners + 0.5) * np.float32(scale)
    inside = (corners.max(axis=1) > 0).all(1) & (corners.min(axis=1) < floats(shape[1::-1])).all(1)
    return np.asarray(corners[inside], dtype=np.float32)


def _along(line: Floats, side: float) -> Floats:
    """Corners (N, 4, 2) of tiles of `side` that stand in a row on a closed line (P, 2)."""
    line = gaussian_filter1d(line, 0.3 * side, axis=0, mode="wrap")
    closed = np.concatenate([line, line[:1]])
    steps = np.sqrt((np.diff(closed, axis=0) ** 2).sum(1))
    length = np.concatenate([[0], np.cumsum(steps)])
    count = max(round(length[-1] / side), 3)
    places = np.arange(count + 1) * length[-1] / count
    points = np.stack([np.interp(places, length, closed[:, k]) for k in (0, 1)], axis=1)
    way = np.diff(points, axis=0)
    way /= np.maximum(np.sqrt((way**2).sum(1)), 1e-6)[:, None]
    turned = way + np.roll(way, 1, axis=0)
    turned /= np.maximum(np.sqrt((turned**2).sum(1)), 1e-6)[:, None]
    across = np.stack([-turned[:, 1], turned[:, 0]], axis=1) * (side / 2)
    ahead = np.roll(across, -1, axis=0)
    quads = [points[:-1] - across, points[:-1] + across, points[1:] + ahead, points[1:] - ahead]
    return np.stack(quads, axis=1).astype(np.float32)


def _set(tiles: Floats, shape: tuple[int, ...], gap: float) -> Ints:
    """int32 (H, W): the number (from 1) of the tile there, 0 in the grout. A later tile cuts an earlier one."""
    ids = np.zeros(shape[:2], np.int32)
    centre = tiles.mean(axis=1, keepdims=True)
    reach = np.sqrt(((tiles - centre) ** 2).sum(2, keepdims=True))
    grown = centre + (tiles - centre) * (1 + gap * 0.7 / np.maximum(reach, 1e-3))
    shrunk = centre + (tiles - centre) * np.maximum(1 - gap * 0.7 / np.maximum(reach, 1e-3), 0.3)
    outer, inner = (np.rint(corners * (1 << FRACTION)).astype(np.int32) for corners in (grown, shrunk))
    for number in range(len(tiles)):
        cv2.fillConvexPoly(ids, outer[number], 0, cv2.LINE_8, FRACTION)
        cv2.fillConvexPoly(ids, inner[number], number + 1, cv2.LINE_8, FRACTION)
    return ids


def _fill_gaps(ids: Ints, count: int, side: float, gap: float) -> Floats:
    """Put cut pieces, numbered after `count`, where the grout would be too wide; their centres (N, 2)."""
    height, width = ids.shape
    away = cv2.distanceTransform((ids == 0).astype(np.uint8), cv2.DIST_L2, 3)
    wide = cv2.dilate(
        (away > 1.3 * gap).astype(np.uint8), np.ones((3, 3), np.uint8), iterations=max(round(gap * 0.3), 1)
    )
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    column, row = (x // side).astype(np.int32), (y // side).astype(np.int32)
    columns = int(column[-1]) + 1
    wide[:, x % side < gap] = 0
    wide[y % side < gap] = 0
    np.copyto(ids, count + 1 + row[:, None] * columns + column[None], where=wide > 0)
    rows = int(row[-1]) + 1
    places = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=2).reshape(-1, 2)
    return ((places + 0.5) * side).astype(np.float32)


def _stones(work: Bytes, centres: Floats, shape: tuple[int, ...], hand: Hand) -> Bytes:
    """uint8 (N, 3): the stone for each tile, from a limited stock, no two quite alike."""
    rows = np.clip(centres[:, 1] * work.shape[0] / shape[0], 0, work.shape[0] - 1).astype(int)
    columns = np.clip(centres[:, 0] * work.shape[1] / shape[1], 0, work.shape[1] - 1).astype(int)
    lab = to_oklab(cv2.GaussianBlur(vivid(work, 1.1 + 0.15 * hand.bold), (0, 0), 1.5)[rows, columns])
    stock = fit_palette(lab, SMALTI, hand.rng, rounds=6)
    lab = stock[nearest(lab, stock)] * np.float32(0.75) + lab * np.float32(0.25)
    lab[:, 0] += np.float32(0.03)
    lab = lab + hand.rng.normal(0, (0.022, 0.006, 0.006), lab.shape).astype(np.float32)
    return from_oklab(lab)


def _lit_tiles(ids: Ints, centres: Floats, stones: Bytes, side: float, hand: Hand) -> Bytes:
    """uint8 (H, W, 3): `stones` (N, 3) at the places of `ids`, each tilted a bit, light from the upper left."""
    count = len(stones) + 1
    packed = np.zeros((count, 4), np.uint8)
    packed[0, :3] = GROUTS[int(hand.rng.integers(len(GROUTS)))]
    packed[1:, :3] = stones
    colours = packed.view(np.uint32).ravel()
    tilt = hand.rng.normal(0, 0.09, (count, 2)).astype(np.float32) / np.float32(side)
    tilt[0] = 0
    middle = np.concatenate([np.zeros((1, 2), np.float32), centres])
    level = -(tilt * middle).sum(1)
    away = cv2.distanceTransform((ids > 0).astype(np.uint8), cv2.DIST_L2, 3)
    bevel = max(0.14 * side, 1.0)
    height = to_bytes(np.minimum(away, bevel) * np.float32(200 / bevel))
    height = cv2.GaussianBlur(height, (0, 0), max(0.05 * side, 0.5))
    slope = cv2.filter2D(height, cv2.CV_16S, np.array([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]], np.float32))
    rough = grain(ids.shape, max(1.6 * hand.unit, 1.0), hand.rng)
    steep = np.float32(0.9 * bevel / 1600)
    result = np.empty((*ids.shape, 3), np.uint8)

    def shade(top: int, bottom: int) -> None:
        rows = slice(top, bottom)
        at = ids[rows]
        value = colours[at].view(np.uint8).reshape(*at.shape, 4)[..., :3].astype(np.float32)
        x = np.arange(at.shape[1], dtype=np.float32)[None]
        y = np.arange(top, bottom, dtype=np.float32)[:, None]
        lit = tilt[:, 0][at] * x + tilt[:, 1][at] * y + level[at]
        lit -= np.clip(slope[rows].astype(np.float32) * steep, -0.3, 0.3)
        lit += rough[rows] * np.float32(0.025)
        value *= (1 + lit)[..., None]
        value += np.maximum(lit, 0)[..., None] * 40
        result[rows] = to_bytes(value)

    in_strips(ids.shape, shade)
    return np.asarray(cv2.GaussianBlur(result, (3, 3), 0.5), dtype=np.uint8)
