"""Finds the sky of a photograph, or that there is none to be seen.

Sky starts at the picture's top, has a sky's colours, and no edges of things in it. Between blue sky and cloud the
blue channel hardly changes, whereas it does between sky and nearly everything else: there the edges are looked for.
A wall or a studio's backdrop is like a grey sky in all of this, so a grey region has to show more: that it is wide,
lighter than what is below it, and that nobody sits in front of it as in a portrait.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.colour import to_oklab, to_srgb
from omniedit.specialists.blur import blur
from omniedit.specialists.weather.edges import Bytes, Floats, smoothstep

__all__ = ["Sky", "find_sky"]

SURE = 0.5  # of the score: below there is no sky
LEAST_SHARE = 0.02  # of the picture
LEAST_PART = 0.0004  # of the picture
EDGE = 0.055  # step of the blue channel (0..1) over three pixels: a thing's outline
LIKE = 0.3  # how much of a sky's colour a pixel needs at least
TOP = 0.02  # of the height: sky reaches into this
UNLIKE = 0.05  # distance in OKLab from the sky's colour near by: it is something else


@dataclass(frozen=True)
class Sky:
    """`alpha` (h, w): 1 is sky. `light` (3, h, w): its linear colour with its clouds, continued behind what stands
    before it. `cloud` (h, w): 0 clear, 1 cloud. `horizon`: the height at which it ends, 0 (top) to 1; `score`: how sure
    it is, 0..1."""

    alpha: Floats
    light: Floats
    cloud: Floats
    horizon: float
    score: float

    @property
    def share(self) -> float:
        """How much of the picture it takes."""
        return float(self.alpha.mean())

    @property
    def own_cloud(self) -> Floats:
        """(h, w): the clouds that stand out; less of it where the sky is grey all over."""
        closed = float(self.cloud[self.alpha > 0.5].mean())
        return self.cloud * np.float32(np.clip(1.5 - 1.5 * closed, 0, 1))


def find_sky(small: Bytes, lab: Floats, linear: Floats, skin: Floats) -> Sky | None:
    """The sky of `small`, uint8 (h, w, 3), whose OKLab is `lab` (h, w, 3) and linear light `linear` (3, h, w).

    skin: (h, w), 1 where the colour and place are those of skin.
    """
    like = _likeness(lab)
    region, parts = _from_the_top(small, like)
    if region.mean() < LEAST_SHARE:
        return None
    region = _same_colour(region, parts, lab)
    score = _score(region, lab, skin)
    if score < SURE:
        return None
    alpha = region.astype(np.float32)
    light = np.stack([_continued(channel, alpha) for channel in linear])
    return Sky(alpha, light, _cloud(light, alpha), _end(region), score)


def _likeness(lab: Floats) -> Floats:
    """How much a pixel has the colour of some sky, 0..1: blue, white, grey, dusk; not green, not earth."""
    lightness, a, b = np.moveaxis(lab, 2, 0)
    chroma = np.hypot(a, b)
    blue = smoothstep(-b, 0.0, 0.03) * smoothstep(a, 0.06, 0.02) * smoothstep(lightness, 0.12, 0.25)
    pale = smoothstep(chroma, 0.055, 0.02) * smoothstep(lightness, 0.5, 0.72)
    angle = np.degrees(np.arctan2(b, a))
    dusk = smoothstep(np.abs(angle - 45), 75, 45) * smoothstep(lightness, 0.45, 0.65)
    return np.asarray(np.maximum.reduce([blue, pale, 0.7 * dusk]), dtype=np.float32)


def _from_the_top(small: Bytes, like: Floats) -> tuple[Floats, NDArray[np.int32]]:
    """What is connected with the picture's top without crossing an outline (h, w), 0 or 1; and all the parts that
    outlines divide the sky's colours into, numbered (h, w), 0 is none."""
    height, width = like.shape
    smooth = blur(small.astype(np.float32) / 255, max(height, width) / 900)
    step = cv2.morphologyEx(np.ascontiguousarray(smooth[..., 2]), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    even = ((like > LIKE) & (step < EDGE)).astype(np.uint8)
    even = cv2.morphologyEx(even, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, parts, stats, _ = cv2.connectedComponentsWithStats(even, connectivity=4)
    kept = (stats[:, cv2.CC_STAT_TOP] <= TOP * height) & (stats[:, cv2.CC_STAT_AREA] > 0.002 * height * width)
    kept[0] = False
    return kept[parts].astype(np.float32), parts


def _same_colour(region: Floats, parts: NDArray[np.int32], lab: Floats) -> Floats:
    """`region` with what has its colour: the other parts that do, and pixels up to the outlines and through gaps."""
    height, width = region.shape
    longest = max(height, width)
    region = _with_parts(region, parts, lab)
    colour = _colour_near(region, lab)
    same = (_unlike(lab, colour) < UNLIKE).astype(np.uint8)
    same[min(_lowest(region) + round(0.01 * height) + 2, height) :] = 0
    side = 2 * (longest // 24) + 1
    near = cv2.dilate(region.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    wider = cv2.medianBlur((same & near) | region.astype(np.uint8), 5)
    return _with_sun(np.maximum(wider, region.astype(np.uint8)), lab[..., 0], colour[..., 0]).astype(np.float32)


def _with_parts(region: Floats, parts: NDArray[np.int32], lab: Floats) -> Floats:
    """`region` with the parts that have its colour, though things divide them from it; not what lies below all of it,
    which may be water."""
    away = _unlike(lab, _colour_near(region, lab))
    counts = np.maximum(np.bincount(parts.ravel()), 1)
    mean = np.bincount(parts.ravel(), away.ravel()) / counts
    rows = np.repeat(np.arange(len(region))[:, None], region.shape[1], axis=1)
    middle = np.bincount(parts.ravel(), rows.ravel()) / counts
    taken = (mean < UNLIKE / 2) & (counts > LEAST_PART * region.size) & (middle < _lowest(region))
    taken[0] = False
    return np.maximum(region, taken[parts]).astype(np.float32)


def _lowest(region: Floats) -> int:
    """The lowest row that has some of `region`."""
    return int(np.flatnonzero(region.mean(axis=1) > 0.02)[-1])


def _colour_near(region: Floats, lab: Floats) -> Floats:
    """(h, w, 3): the colour of `region`, near by where it is near."""
    longest = max(region.shape)
    weighted = np.dstack([lab * region[..., None], region])
    total = blur(weighted, 0.03 * longest) + 0.01 * blur(weighted, 0.2 * longest)
    result: Floats = total[..., :3] / np.maximum(total[..., 3:], 1e-6)
    return result


def _unlike(lab: Floats, colour: Floats) -> Floats:
    """(h, w): distance in OKLab, in which lightness says less than colour."""
    away = (lab - colour) * np.array([0.6, 1, 1], np.float32)
    result: Floats = np.sqrt((away**2).sum(axis=2))
    return result


def _with_sun(region: NDArray[np.uint8], lightness: Floats, around: Floats) -> NDArray[np.uint8]:
    """`region` (0 or 1) with the holes in it that are lighter than the sky around them: the sun, bright clouds."""
    _, holes, stats, _ = cv2.connectedComponentsWithStats(1 - region, connectivity=4)
    height, width = region.shape
    left, top, wide, high, area = stats.T
    enclosed = (left > 0) & (left + wide < width) & (top + high < height) & (area < 0.03 * height * width)
    lighter = np.bincount(holes.ravel(), (lightness > around).ravel().astype(np.float64), minlength=len(stats))
    taken = enclosed & (lighter > 0.9 * area)
    taken[0] = False
    return region | taken[holes].astype(np.uint8)


def _score(region: Floats, lab: Floats, skin: Floats) -> float:
    """How sure it is that `region` is sky, 0..1: as blue sky, as a sky of cloud, or as one at dusk."""
    inside = region > 0.5
    _, a, b = (float(value) for value in lab[inside].mean(axis=0))
    wide, end = float(region.mean(axis=1).max()), _end(region)
    outside = lab[~inside][:, 0]
    lighter = float(lab[inside, 0].mean() - np.quantile(outside, 0.9)) if outside.size else 0.0
    texture = _texture(region, lab[..., 0])
    rows = np.nonzero(inside)[0] / region.shape[0]
    descent = np.cov(rows, lab[inside, 2])[0, 1] / max(float(rows.var()), 1e-6)  # of blueness, downwards
    even = _ramp(texture, 0.007, 0.004)
    blue = _ramp(-b, 0.02, 0.045) * _ramp(texture, 0.014, 0.008)
    nobody = _ramp(float(skin.mean()), 0.06, 0.015)
    broad = _ramp(wide, 0.7, 0.9) * even * nobody
    grey = broad * _ramp(float(np.hypot(a, b)), 0.035, 0.02) * _ramp(lighter, 0.0, 0.06) * _ramp(end, 0.95, 0.85)
    dusk = broad * _ramp(float(descent), 0.04, 0.1)
    return max(blue, grey, dusk)


def _ramp(value: float, low: float, high: float) -> float:
    return float(smoothstep(value, low, high))


def _texture(region: Floats, lightness: Floats) -> float:
    """Mean fine contrast well inside `region`."""
    fine = np.abs(blur(lightness, 1.0) - blur(lightness, 4.0))
    inner = cv2.erode(region, np.ones((9, 9), np.uint8)) > 0.5
    return float(fine[inner].mean()) if inner.any() else 1.0


def _continued(channel: Floats, alpha: Floats) -> Floats:
    """`channel` where `alpha` is 1, and from there on continued smoothly behind everything."""
    size = max(alpha.shape)
    inner = cv2.erode(alpha, np.ones((3, 3), np.uint8))
    if not inner.any():
        inner = alpha
    value, weight = np.zeros_like(channel), np.zeros_like(channel)
    for sigma, share in ((0.002, 1.0), (0.008, 1e-2), (0.03, 1e-4), (0.12, 1e-6), (0.5, 1e-9)):
        near = blur(inner, sigma * size)
        value += np.float32(share) * blur(channel * inner, sigma * size)
        weight += np.float32(share) * near
    filled: Floats = value / np.maximum(weight, 1e-20)
    return np.where(inner > 0.5, channel, filled)


def _cloud(light: Floats, alpha: Floats) -> Floats:
    """How much cloud there is at each place of a sky's `light` (3, h, w), 0..1: less blue than its bluest."""
    blueness = -to_oklab(to_srgb(light.transpose(1, 2, 0)))[..., 2]
    clear = float(np.quantile(blueness[alpha > 0.5], 0.9))
    if clear < 0.02:
        return np.ones_like(alpha)
    return smoothstep(blueness, 0.7 * clear, 0.25 * clear)


def _end(region: Floats) -> float:
    """The height of the horizon, 0..1: where the sky ends in the columns that have it."""
    height = region.shape[0]
    has = region.max(axis=0) > 0.5
    lowest = height - 1 - np.argmax(region[::-1] > 0.5, axis=0)
    return float(np.quantile(lowest[has], 0.8) + 1) / height
