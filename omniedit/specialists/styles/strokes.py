"""Paints a picture in brush strokes: coarse ones everywhere, finer ones where there is detail, then light on the paint.

Hertzmann, "Painterly rendering with curved brush strokes of multiple sizes", SIGGRAPH 1998. What is drawn at full size
is not a colour but the number of the stroke that is on top; colour, bristles and relief follow from that number, so
that strokes have crisp edges at any size.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.specialists.base import Bytes
from omniedit.specialists.blur import blur
from omniedit.specialists.styles.flow import Flow, smear
from omniedit.specialists.styles.shared import Floats, Hand, enlarge, grain, in_strips, smaller, to_bytes

__all__ = ["Layer", "Strokes", "light", "paint_over", "strokes_of"]

T = TypeVar("T", bound=np.generic)
STEPS = 5  # points of a stroke on each side of its middle
FRACTION = 4  # bits of a pixel in the strokes' outlines
BRISTLE_SHORT = 1300  # short side at which bristles are smeared


@dataclass(frozen=True)
class Layer:
    """Strokes of one brush, in pixels of the picture: half a `width`, half a `length`, and how far apart.

    A stroke ends where the colour under it differs by more than `tolerance` levels; where the picture has fewer than
    `detail` levels of detail below the brush's size no stroke is put.
    """

    width: float
    length: float
    spacing: float
    tolerance: float
    detail: float = 0.0


@dataclass(frozen=True)
class Strokes:
    """`outlines` int32 (N, P, 2) in 1/16 pixels, in the order of painting; `colours` uint8 (N, 3)."""

    outlines: NDArray[np.int32]
    colours: Bytes

    def coloured(self, colours: Bytes) -> Strokes:
        """The same strokes in other colours, uint8 (N, 3)."""
        return Strokes(self.outlines, colours)


def strokes_of(work: Bytes, shape: tuple[int, ...], flow: Flow, layer: Layer, hand: Hand) -> Strokes:
    """The strokes of one layer for a picture of `shape`, in random order, each in the picture's colour at its middle.

    work: uint8 (h, w, 3), the picture at any size that shows what the layer's brush can paint.
    """
    reference = smaller(work, min(shape[:2]) / max(layer.width * 0.8, 1))
    seeds = _seeds(shape, layer.spacing, hand.rng)
    if layer.detail > 0:
        seeds = seeds[_sample(_detail(work, reference), seeds, shape) > layer.detail]
    points, ways = _trails(seeds, flow, layer, reference.astype(np.float32), shape)
    return Strokes(_ribbons(points, ways, layer.width, hand.rng), _sample(reference, seeds, shape))


def paint_over(shape: tuple[int, ...], strokes: Strokes) -> NDArray[np.int32]:
    """int32 (H, W): the number (from 1) of the stroke on top, 0 where there is none."""
    ids = np.zeros(shape[:2], np.int32)
    low, high = (strokes.outlines[..., 1].min(1) >> FRACTION), (strokes.outlines[..., 1].max(1) >> FRACTION)
    workers = min(4, os.cpu_count() or 1)
    edges = np.linspace(0, shape[0], workers + 1).astype(int)

    def band(part: int) -> None:
        top, bottom = int(edges[part]), int(edges[part + 1])
        view = ids[top:bottom]
        here = np.flatnonzero((high >= top - 1) & (low <= bottom))
        outlines = strokes.outlines[here] - np.array([0, top << FRACTION], np.int32)
        for number, outline in zip(here.tolist(), outlines, strict=True):
            cv2.fillPoly(view, [outline], number + 1, cv2.LINE_8, FRACTION)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(band, range(workers)))
    return ids


def light(
    ground: Bytes, ids: NDArray[np.int32], strokes: Strokes, flow: Flow, hand: Hand, relief: float, bristle: float
) -> Bytes:
    """uint8 (H, W, 3): the strokes' colours over `ground`, with bristle marks and light from the upper left.

    relief: how thick the paint lies; bristle: how much a brush's hairs show (both about 1).
    """
    count = len(strokes.colours) + 1
    packed = np.zeros((count, 4), np.uint8)
    packed[1:, :3] = strokes.colours
    colours = packed.view(np.uint32).ravel()
    turn = hand.rng.uniform(0, 2 * np.pi, count)  # each stroke has its own bristles, mixed from two patterns
    parts = [np.rint(48 * part).astype(np.int8) for part in (np.cos(turn), np.sin(turn))]
    thick = hand.rng.normal(0, 9, count).astype(np.int8)
    hairs = _bristles(ground.shape, flow, hand)
    tone = np.empty(ground.shape[:2], np.uint8)
    height = np.empty(ground.shape[:2], np.uint8)

    def pile(top: int, bottom: int) -> None:
        at = ids[top:bottom]
        value = hairs[0][top:bottom].astype(np.float32) * parts[0][at]
        value += hairs[1][top:bottom].astype(np.float32) * parts[1][at]
        value *= np.float32(1 / 48)
        tone[top:bottom] = to_bytes(128 + value)
        height[top:bottom] = to_bytes(128 + np.float32(0.7 * bristle) * value + thick[at])

    in_strips(ground.shape, pile)
    height = np.asarray(cv2.GaussianBlur(height, (0, 0), max(0.5 * hand.unit, 0.6)), dtype=np.uint8)
    slope = cv2.filter2D(height, cv2.CV_16S, np.array([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]], np.float32))
    steep = np.float32(relief * 0.004 * min(max(hand.unit, 0.7), 3.0))
    result = np.empty_like(ground)

    def shade(top: int, bottom: int) -> None:
        at = ids[top:bottom]
        colour = colours[at].view(np.uint8).reshape(*at.shape, 4)[..., :3]
        value = np.where((at > 0)[..., None], colour, ground[top:bottom]).astype(np.float32)
        lit = (tone[top:bottom].astype(np.float32) - 128) * np.float32(0.0016 * bristle)
        lit -= np.clip(slope[top:bottom].astype(np.float32) * steep, -0.35, 0.35)
        value *= (1 + lit)[..., None]
        value += np.maximum(lit, 0)[..., None] * 26
        result[top:bottom] = to_bytes(value)

    in_strips(ground.shape, shade)
    return np.asarray(cv2.GaussianBlur(result, (3, 3), 0.5), dtype=np.uint8)


def _bristles(shape: tuple[int, ...], flow: Flow, hand: Hand) -> list[NDArray[np.int8]]:
    """Two patterns of brush hairs along the flow, int8 (H, W), deviation about 30."""
    share = min(1.0, BRISTLE_SHORT / (1000 * hand.unit))
    small = (max(round(shape[0] * share), 2), max(round(shape[1] * share), 2))
    patterns = []
    for _ in range(2):
        noise = grain(small, max(0.8 * hand.unit * share * hand.size**0.5, 1.0), hand.rng)
        hairs = smear(noise, flow, 12 * hand.unit * share)
        patterns.append(enlarge(np.clip(hairs * 25, -110, 110), shape).astype(np.int8))
    return patterns


def _seeds(shape: tuple[int, ...], spacing: float, rng: np.random.Generator) -> Floats:
    """float32 (N, 2): x and y of a jittered grid, in random order."""
    rows, columns = np.mgrid[0 : shape[0] : spacing, 0 : shape[1] : spacing]
    seeds = np.stack([columns.ravel(), rows.ravel()], axis=1)
    seeds = (seeds + rng.uniform(0, spacing, seeds.shape)).astype(np.float32)
    seeds = seeds[(seeds[:, 0] < shape[1]) & (seeds[:, 1] < shape[0])]
    return np.asarray(seeds[rng.permutation(len(seeds))])


def _detail(work: Bytes, reference: Bytes) -> Floats:
    """(h, w): levels by which the picture differs, around each place, from what the brush of `reference` can say."""
    finer = smaller(work, 2.5 * min(reference.shape[:2])).astype(np.float32)
    lost = np.abs(finer - blur(finer, 2.2)).max(axis=2)
    return np.asarray(cv2.GaussianBlur(lost, (0, 0), 2.0), dtype=np.float32)


def _sample(values: NDArray[T], at: Floats, shape: tuple[int, ...]) -> NDArray[T]:
    """Values of a map of any size at places (N, 2) given in pixels of `shape`."""
    rows = np.clip(at[:, 1] * (values.shape[0] / shape[0]), 0, values.shape[0] - 1).astype(np.intp)
    columns = np.clip(at[:, 0] * (values.shape[1] / shape[1]), 0, values.shape[1] - 1).astype(np.intp)
    return values[rows, columns]


def _trails(
    seeds: Floats, flow: Flow, layer: Layer, reference: Floats, shape: tuple[int, ...]
) -> tuple[Floats, Floats]:
    """Points (P, N, 2) along the flow through each seed, and the way (P, N, 2) at each; a stopped one stays put."""
    points = np.repeat(seeds[None], 2 * STEPS + 1, axis=0)
    ways = np.zeros_like(points)
    own = _sample(reference, seeds, shape)
    step = layer.length / STEPS
    first = _way(flow, seeds, shape)
    ways[STEPS] = first
    for sign in (1, -1):
        at, before = seeds, sign * first
        alive = np.ones(len(seeds), np.bool_)
        for k in range(1, STEPS + 1):
            way = _way(flow, at, shape)
            way *= np.where((way * before).sum(1) < 0, -1, 1)[:, None]
            way += before
            way /= np.maximum(np.sqrt((way**2).sum(1)), 1e-3)[:, None]
            ahead = at + way * np.float32(step)
            strange = np.abs(_sample(reference, ahead, shape) - own).max(axis=1) > layer.tolerance
            alive &= ~strange
            if k == 1:  # a stroke is never shorter than it is wide
                ahead = np.where(alive[:, None], ahead, at + way * np.float32(min(step, layer.width)))
                at = ahead
            else:
                at = np.where(alive[:, None], ahead, at)
            points[STEPS + sign * k] = at
            ways[STEPS + sign * k] = sign * way
            before = way
    return points, ways


def _way(flow: Flow, at: Floats, shape: tuple[int, ...]) -> Floats:
    """Unit vectors (N, 2) along the flow at places (N, 2)."""
    twice = _sample(flow.along, at, shape)
    angle = np.arctan2(twice[:, 1], twice[:, 0]) * 0.5
    return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)


def _ribbons(points: Floats, ways: Floats, width: float, rng: np.random.Generator) -> NDArray[np.int32]:
    """Outlines (N, 2 P, 2) in 1/16 pixels around trails (P, N, 2): rounded at the ends, no two alike."""
    steps = np.sqrt((np.diff(points, axis=0) ** 2).sum(2))
    along = np.concatenate([np.zeros_like(steps[:1]), np.cumsum(steps, axis=0)])
    along /= np.maximum(along[-1:], 1e-3)
    half = width * rng.uniform(0.7, 1.25, along.shape[1]) * rng.uniform(0.86, 1.14, along.shape)
    half = half * np.sqrt(np.clip(1 - np.abs(2 * along - 1) ** 3, 0, 1))
    across = np.stack([-ways[..., 1], ways[..., 0]], axis=2) * half[..., None].astype(np.float32)
    outline = np.concatenate([points + across, (points - across)[::-1]])
    return np.rint(outline.transpose(1, 0, 2) * (1 << FRACTION)).astype(np.int32)
