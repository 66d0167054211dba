"""How far things are and what lies flat, guessed from one photograph.

There is no depth in a single picture; there are signs of it. The ground runs away to the horizon, what rises high
above the horizon stands near, haze and lost sharpness grow with distance (He, Sun and Tang, "Single Image Haze
Removal Using Dark Channel Prior", 2009), and a person who is photographed is near. The signs are mixed, smoothed
within the outlines of things, and good enough for air and fog, not for measuring.
"""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.specialists.blur import blur
from omniedit.specialists.weather.edges import Bytes, Floats, Guide, smoothstep
from omniedit.specialists.weather.sky import Sky

__all__ = ["distance_of", "ground_of", "sharpness"]

NEARNESS = 0.18  # of the way from the horizon down to the picture's lower side: there it is half as far
RISE = 0.3  # of the picture's height: what rises so far above the horizon is half as far
PATCH = 60  # a dark channel's patch is the longest side over this
CLOSE = (0.1, 0.65)  # the nearest and the farthest where no sky is seen
LOOKING_UP = 0.85  # a horizon below this share of the height: the camera is turned up, no ground is seen
LEAST_GROUND = 0.01  # of the picture: smaller parts are things of the ground's colour
OUTLINE = 0.01  # step of colour over three pixels of a picture 768 wide: a thing's outline


def distance_of(small: Bytes, lab: Floats, skin: Floats, sky: Sky | None, guide: Guide) -> Floats:
    """(h, w): 0 at the camera, 1 at the horizon and in the sky."""
    height, width = lab.shape[:2]
    y = np.repeat((np.arange(height, dtype=np.float32)[:, None] + 0.5) / height, width, axis=1)
    haze, sharp = _haze(small), sharpness(lab[..., 0])
    if sky is None:
        x = (np.arange(width, dtype=np.float32)[None] + 0.5) / width
        subject = np.exp(-(((x - 0.5) / 0.3) ** 2) - ((y - 0.7) / 0.5) ** 2)  # what a picture is of is in its middle
        guess = (0.8 - 0.45 * y) * (0.75 + 0.5 * haze - 0.25 * sharp) * (1 - 0.4 * subject)
    else:
        below = np.clip(y - sky.horizon, 0, None) / (NEARNESS * max(1 - sky.horizon, 0.15))
        rise = _rise(sky)
        rise = rise + (1 - rise) * smoothstep(y, sky.horizon + 0.05, sky.horizon + 0.25)
        guess = 1 / (1 + below) * np.clip(0.92 + 0.3 * haze - 0.15 * sharp, 0.7, 1.1) * rise
    guess = guess * (1 - 0.75 * _person(skin))
    smooth = guide.smooth(blur(guess.astype(np.float32), max(height, width) / 200))
    if sky is None:  # no horizon to compare with: from the nearest to the farthest that is seen
        low, high = np.quantile(smooth, (0.1, 0.9))
        smooth = CLOSE[0] + (smooth - low) * (CLOSE[1] - CLOSE[0]) / max(float(high - low), 0.1)
    else:
        smooth = smooth + sky.alpha * (1 - smooth)
    return np.clip(smooth, 0.02, 1).astype(np.float32)


def ground_of(lab: Floats, skin: Floats, sky: Sky | None, guide: Guide) -> Floats:
    """(h, w): 1 where the ground is; 0 everywhere where there is no horizon to go by."""
    height, width = lab.shape[:2]
    if sky is None or sky.horizon > LOOKING_UP:
        return np.zeros((height, width), np.float32)
    y = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / height
    lower = smoothstep(y, sky.horizon - 0.12, sky.horizon - 0.02) * (1 - sky.alpha)
    looks = _looks(lab)
    flat = _flat(looks, lower)
    ground = lower * np.maximum(flat, _like_near(looks, flat)) * np.clip(1 - 2 * skin, 0, 1)
    smooth = guide.smooth(blur(ground.astype(np.float32), max(height, width) / 400))
    return np.clip(smooth, 0, 1).astype(np.float32)


def _flat(looks: Floats, lower: Floats) -> Floats:
    """(h, w), 0 or 1: what reaches the picture's lower side without crossing an outline, or lies wide and flat."""
    height, width = lower.shape
    longest = max(height, width)
    step = cv2.morphologyEx(looks, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)
    even = ((step < OUTLINE * 768 / longest) & (lower > 0.3)).astype(np.uint8)
    side = max(3, longest // 70 | 1)
    even = cv2.morphologyEx(even, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))  # no leaks through thin gaps
    _, parts, stats, _ = cv2.connectedComponentsWithStats(even, connectivity=4)
    _, top, wide, high, area = stats.T
    lies = (top + high == height) | ((wide > 3.5 * high) & (wide > 0.25 * width))
    kept = lies & (area > LEAST_GROUND * height * width)
    kept[0] = False
    return kept[parts].astype(np.float32)


def _like_near(looks: Floats, flat: Floats) -> Floats:
    """(h, w), 0..1: how much a place looks like the `flat` ground around it."""
    longest = max(flat.shape)
    near = np.dstack([looks * flat[..., None], flat])
    near = blur(near, 0.02 * longest) + 0.01 * blur(near, 0.15 * longest)
    away = np.sqrt(((looks - near[..., :4] / np.maximum(near[..., 4:], 1e-6)) ** 2).sum(axis=2))
    return smoothstep(away, 0.11, 0.06) * smoothstep(near[..., 4], 0.15, 0.4)


def _looks(lab: Floats) -> Floats:
    """(h, w, 4): colour without texture, and how much texture there is: a bush is rougher than a lawn."""
    longest = max(lab.shape)
    even = np.dstack([blur(np.ascontiguousarray(lab[..., k]), 0.006 * longest) for k in range(3)])
    even *= np.array([0.7, 1.5, 1.5], np.float32)  # light and shade say less than colour
    lightness = np.ascontiguousarray(lab[..., 0])
    fine = blur(np.abs(lightness - blur(lightness, 0.004 * longest)), 0.006 * longest)
    return np.ascontiguousarray(np.dstack([even, 2 * fine]), dtype=np.float32)


def _haze(small: Bytes) -> Floats:
    """(h, w), 0..1: the dark channel, which is dark where the air is clear."""
    side = max(1, max(small.shape) // PATCH)
    dark = cv2.erode(small.min(axis=2), np.ones((side, side), np.uint8))
    return blur(dark.astype(np.float32) / 255, side / 2)


def sharpness(lightness: Floats) -> Floats:
    """(h, w), 0..1: how much fine contrast there is, compared with the rest of the picture."""
    longest = max(lightness.shape)
    fine = blur(np.abs(lightness - blur(lightness, longest / 500 + 0.5)), longest / 40)
    return np.clip(fine / max(float(np.quantile(fine, 0.95)), 1e-4), 0, 1).astype(np.float32)


def _rise(sky: Sky) -> Floats:
    """(1, w), a factor: columns in which something rises far above the horizon are nearer."""
    height, width = sky.alpha.shape
    seen = sky.alpha > 0.5
    top = np.where(seen.any(axis=0), height - 1 - np.argmax(seen[::-1], axis=0), 0) / height
    rise = np.clip(sky.horizon - top, 0, 1).astype(np.float32)[None]
    rise = blur(rise, width / 200)
    factor: Floats = 1 / (1 + rise / RISE)
    return factor


def _person(skin: Floats) -> Floats:
    """(h, w), 0..1: faces and hands, what is around them and what is below."""
    longest = max(skin.shape)
    around = blur(skin, longest / 14)
    falling = np.maximum.accumulate(around * smoothstep(around, 0.03, 0.12), axis=0)
    return np.clip(3 * blur(np.maximum(around, 0.6 * falling), longest / 14), 0, 1)
