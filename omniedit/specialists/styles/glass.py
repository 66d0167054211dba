"""Stained glass: pieces of clear strong colour in leads, what is too fine painted on."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import erfinv

from omniedit.colour import from_oklab, to_oklab
from omniedit.specialists.base import Bytes
from omniedit.specialists.blur import blur
from omniedit.specialists.styles.flow import FLOW_SHORT, contours, flow_of
from omniedit.specialists.styles.shared import (
    Floats,
    Hand,
    clouds,
    enlarge,
    floats,
    grain,
    in_strips,
    kuwahara,
    luma,
    soft_step,
    to_bytes,
)

__all__ = ["stained_glass"]

PIECE_SHORT = 260  # short side at which the pieces are cut
PIECE = 53  # units: the usual width of a piece before like ones are joined
GLASS_SHORT = 800  # short side at which their borders are made smooth; they are cut out at full size
Ints = NDArray[np.int32]


def stained_glass(rgb: Bytes, hand: Hand) -> Bytes:
    """Pieces of glowing glass in leads; what is too fine for a piece is painted on the glass."""
    small = hand.shrunk(rgb, PIECE_SHORT)
    labels = _pieces(small, hand.unit * small.shape[0] / rgb.shape[0], hand)
    hand.report(0.3)
    work = hand.shrunk(rgb, GLASS_SHORT)
    scale = work.shape[0] / rgb.shape[0]
    unit = hand.unit * scale
    labels, away = _smoothed(labels, work.shape, max(4.5 * unit, 1.0))
    away = enlarge(away, rgb.shape) * np.float32(1 / scale)
    glass = to_bytes(_glass(work, labels, hand))
    glass = np.asarray(cv2.resize(glass, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    lines = contours(luma(work), flow_of(hand.shrunk(rgb, FLOW_SHORT)), max(1.2 * unit, 0.6), 0.98)
    hand.report(0.7)
    return _leaded(glass, soft_step(enlarge(lines, rgb.shape), -1.2, -3.5), away, hand)


def _pieces(small: Bytes, unit: float, hand: Hand) -> Ints:
    """int32 (h, w): the piece of glass at each place: clusters in place and colour, smaller where there is detail.

    Achanta et al., "SLIC superpixels compared to state-of-the-art superpixel methods", PAMI 2012, with a tree for
    the nearest centre.
    """
    height, width = small.shape[:2]
    flat = kuwahara(small, 2)
    level = cv2.GaussianBlur(flat.astype(np.float32), (0, 0), 1.5)  # fur and leaves are no detail
    detail = blur(np.abs(level - blur(level, 6)).max(axis=2), 4) + np.float32(3)
    count = int(np.clip(height * width / (PIECE * unit * hand.size) ** 2, 12, 2000))
    chosen = hand.rng.choice(
        height * width, size=min(count, height * width), replace=False, p=(detail / detail.sum()).ravel()
    )
    spacing = np.sqrt(height * width / len(chosen))
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    lab = to_oklab(flat)
    features = np.concatenate([np.stack([rows, columns], 2) / np.float32(spacing), lab / np.float32(0.09)], axis=2)
    features = features.reshape(-1, 5)
    centres = features[chosen]
    for _ in range(4):
        own = cKDTree(centres).query(features, workers=2)[1]
        size = np.maximum(np.bincount(own, minlength=len(centres)), 1)
        centres = np.stack([np.bincount(own, features[:, k], len(centres)) / size for k in range(5)], axis=1)
    return _merged(np.asarray(own.reshape(height, width), dtype=np.int32), lab)


def _merged(labels: Ints, lab: Floats) -> Ints:
    """Pieces in one part each: neighbours of nearly one colour become one, and splinters join what they are most like.

    So leads lie where the colour changes.
    """
    labels = _parted(labels)
    flat, count = labels.ravel(), int(labels.max()) + 1
    size = np.bincount(flat, minlength=count).astype(np.float64)
    mean = np.stack([np.bincount(flat, lab[..., k].ravel(), count) for k in range(3)], 1) / size[:, None]
    pairs = _touching(labels)
    apart = np.sqrt(((mean[pairs[:, 0]] - mean[pairs[:, 1]]) ** 2).sum(1))
    usual = float((size**2).sum() / size.sum())  # of the piece that a pixel lies in
    owner = np.arange(count)

    def top(piece: int) -> int:
        while owner[piece] != piece:
            piece = int(owner[piece])
        return piece

    for likeness, most, splinter in ((0.045, 4 * usual, usual), (np.inf, np.inf, 0.16 * usual)):
        for index in np.argsort(apart):
            one, other = (top(int(piece)) for piece in pairs[index])
            small = min(size[one], size[other]) <= splinter
            if one != other and small and apart[index] <= likeness and size[one] + size[other] <= most:
                owner[other] = one
                size[one] += size[other]
    return np.array([top(piece) for piece in range(count)], np.int32)[labels]


def _parted(labels: Ints) -> Ints:
    """Labels from 0 on, another for each connected part."""
    result, marks = np.zeros_like(labels), _marks(labels)[labels]
    for mark in range(int(marks.max()) + 1):
        parts = cv2.connectedComponents((marks == mark).astype(np.uint8), connectivity=4)[1]
        parts[parts > 0] += int(result.max())
        result += parts
    return result - 1


def _smoothed(labels: Ints, shape: tuple[int, ...], sigma: float) -> tuple[Ints, Floats]:
    """`labels` at the size of `shape` with smooth borders, and float32 (h, w): pixels from the nearest border.

    Neighbours get different marks out of a few; the marks' areas are blurred by `sigma`, and the strongest one wins a
    place. By how much it wins is erf(d / (sigma sqrt 2)) at a distance d from a straight border.
    """
    marks = _marks(labels)
    first, second = np.zeros(shape[:2], np.float32), np.zeros(shape[:2], np.float32)
    result = np.zeros(shape[:2], np.float32)
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(2 * sigma) + 1,) * 2)
    large = cv2.resize(labels, shape[1::-1], interpolation=cv2.INTER_NEAREST).astype(np.float32)
    for mark in range(int(marks.max()) + 1):
        here = (marks[large.astype(np.int32)] == mark).astype(np.float32)
        share = cv2.GaussianBlur(here, (0, 0), sigma)
        owner = cv2.dilate(large * here, reach)
        wins = share > first
        second = np.where(wins, first, np.maximum(second, share))
        first = np.maximum(first, share)
        np.copyto(result, owner, where=wins)
    away = np.float32(sigma * np.sqrt(2)) * erfinv(np.clip(first - second, 0, 0.998)).astype(np.float32)
    return result.astype(np.int32), away


def _marks(labels: Ints) -> Ints:
    """A mark for each label, from as few as come, so that touching ones differ."""
    marks = np.full(int(labels.max()) + 1, -1, np.int32)
    touching: dict[int, set[int]] = {}
    for one, other in _touching(labels).tolist():
        touching.setdefault(one, set()).add(other)
        touching.setdefault(other, set()).add(one)
    for label in np.unique(labels).tolist():
        taken = {int(marks[other]) for other in touching.get(label, ())}
        marks[label] = next(mark for mark in range(len(taken) + 1) if mark not in taken)
    return marks


def _touching(labels: Ints) -> Ints:
    """(P, 2): the pairs of labels that touch, the smaller first, each once."""
    across = np.stack([labels[:, :-1].ravel(), labels[:, 1:].ravel()], axis=1)
    down = np.stack([labels[:-1].ravel(), labels[1:].ravel()], axis=1)
    pairs = np.concatenate([across, down])
    return np.asarray(np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0), dtype=np.int32)


def _glass(work: Bytes, labels: Ints, hand: Hand) -> Floats:
    """float32 (h, w, 3) in 0..255: pieces of strong clear colour, with some of the picture's shading painted on."""
    lab = to_oklab(cv2.GaussianBlur(work, (0, 0), 2))
    flat, count = labels.ravel(), int(labels.max()) + 1
    size = np.maximum(np.bincount(flat, minlength=count), 1)
    mean = np.stack([np.bincount(flat, lab[..., k].ravel(), count) / size for k in range(3)], axis=1).astype(np.float32)
    shading = lab[..., 0] - mean[:, 0][labels]
    mean[:, 0] = np.float32(0.2) + np.float32(0.8) * mean[:, 0] + hand.rng.normal(0, 0.03, count)
    chroma = np.sqrt((mean[:, 1:] ** 2).sum(1, keepdims=True))
    mean[:, 1:] *= (1.5 + 0.2 * hand.bold) + 0.05 / np.maximum(chroma, 0.02)
    mean[:, 1:] += hand.rng.normal(0, 0.02, (count, 2))
    piece = mean[labels]
    piece[..., 0] += np.float32(0.6) * shading
    return from_oklab(piece).astype(np.float32)


def _leaded(glass: Bytes, drawn: Floats, away: Floats, hand: Hand) -> Bytes:
    """`glass` lit from behind, with paint where `drawn` (0..1) says, in leads.

    away: pixels from the nearest border of a piece; all of one size.
    """
    shape = glass.shape
    half = np.float32(hand.mark(2.5, 1.7))
    streaks = clouds(shape, 40 * hand.unit, hand.rng)
    hammered = grain(shape, max(3.5 * hand.unit, 1.5), hand.rng)
    y, x = np.mgrid[0:1:64j, 0:1:64j].astype(np.float32)
    sun = hand.rng.uniform(0.2, 0.8, 2)
    spot = np.exp(-((x - np.float32(sun[0])) ** 2 + (y - np.float32(sun[1]) * 0.6) ** 2) / np.float32(0.35))
    spot = enlarge(np.float32(0.86) + np.float32(0.3) * spot, shape, smooth=False)
    result = np.empty_like(glass)

    def lay(top: int, bottom: int) -> None:
        rows = slice(top, bottom)
        distance = away[rows]
        value = glass[rows].astype(np.float32)
        lit = spot[rows] + np.float32(0.045) * streaks[rows] + np.float32(0.03) * hammered[rows]
        lit -= np.float32(0.3) * np.exp(-distance / (2 * half))
        value *= (lit * (1 - np.float32(0.85) * drawn[rows]))[..., None]
        cover = np.clip(half - distance + 0.5, 0, 1)
        lead = 20 + 45 * np.exp(-np.square(distance / (np.float32(0.45) * half))) + 5 * hammered[rows]
        value += (lead[..., None] * floats([0.96, 0.98, 1.05]) - value) * cover[..., None]
        result[rows] = to_bytes(value)

    in_strips(shape, lay)
    small = hand.shrunk(result, 400)
    unit = hand.unit * small.shape[0] / shape[0]
    glow = blur(np.maximum(small.astype(np.float32) - 120, 0), 10 * unit) * np.float32(0.35 * hand.bold)
    glow = enlarge(np.asarray(glow, dtype=np.float32), shape, smooth=False)

    def shine(top: int, bottom: int) -> None:
        value = result[top:bottom].astype(np.float32)
        value += glow[top:bottom] * (255 - value) * np.float32(1 / 255)
        result[top:bottom] = to_bytes(value)

    in_strips(shape, shine)
    return result
