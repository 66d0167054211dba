"""A photo's own background out of focus: the subject is taken out first, so that none of its colours bleed into it."""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.colour import to_linear, to_srgb
from omniedit.specialists.base import Bytes
from omniedit.specialists.scenes.lens import defocus_by
from omniedit.specialists.scenes.noise import Floats, smooth

__all__ = ["blurred", "without"]

LONGEST = 1280  # side at which the blur is made; what is sharper comes from the photo itself
RADIUS = 0.016  # of the largest disc, in longest sides, at a strength of 1
NEAREST = 0.6  # share of that radius right beside the subject
REACH = 0.3  # longest sides away from the subject, where the radius is full
FULL_SIZE = (0.6, 3.5)  # radius in pixels of the photo: below it is the photo itself, above it the blur
RIM = 0.004  # of the longest side around the subject: its last trace


def blurred(rgb: Bytes, alpha: Floats, strength: float, foot: float | None, blades: int = 0) -> Bytes:
    """The background of `rgb`, uint8 (H, W, 3), out of focus; where `alpha` (H, W) is set it is made up.

    strength: 1 is a portrait lens wide open; foot: where the subject stands on the ground, in heights from the top, or
    None; the ground there is as sharp as the subject. blades: of the iris, 0 for round discs.
    """
    height, width = alpha.shape
    scale = min(1.0, LONGEST / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    cover = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    rim = 2 * round(RIM * max(size)) + 1
    hole = cv2.dilate((cover > 0.02).astype(np.uint8), np.ones((rim, rim), np.uint8)) > 0
    behind = without(small, hole.astype(np.float32))
    share = _share(cover, foot)
    radius = RADIUS * strength * max(size)
    soft = to_srgb(defocus_by(_lamps(behind), share, radius, blades))
    result = np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    sharp = 1 - smooth(share * np.float32(radius / scale), *FULL_SIZE)
    if sharp.any():
        _lay_sharp(result, rgb, alpha, sharp)
    return result


def without(rgb: Bytes, hole: Floats) -> Bytes:
    """`rgb`, uint8 (h, w, 3), with what is under `hole` (h, w, 0..1) made up smoothly from around it.

    Pull-push (Gortler et al., "The lumigraph", 1996): coarser and coarser means, then filled back in.
    """
    weight = 1 - hole
    levels = [(rgb.astype(np.float32) * weight[..., None], weight)]
    while min(levels[-1][1].shape) > 2:
        colour, known = levels[-1]
        half = ((known.shape[1] + 1) // 2, (known.shape[0] + 1) // 2)
        colour = cv2.resize(colour, half, interpolation=cv2.INTER_AREA)
        known = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
        full = np.minimum(known * 4, 1)  # a quarter of a pixel is enough to know its colour
        levels.append((colour * (full / np.maximum(known, 1e-6))[..., None], full))
    filled = levels[-1][0] / np.maximum(levels[-1][1], 1e-6)[..., None]
    for colour, known in reversed(levels[:-1]):
        coarse = cv2.resize(filled, known.shape[::-1], interpolation=cv2.INTER_LINEAR)
        filled = colour + coarse * (1 - known)[..., None]
    return np.clip(np.rint(filled), 0, 255).astype(np.uint8)


def _share(cover: Floats, foot: float | None) -> Floats:
    """(h, w) in 0..1: how far out of focus, from the distance to the subject and, on the ground, from its depth."""
    height = cover.shape[0]
    away = cv2.distanceTransform((cover < 0.5).astype(np.uint8), cv2.DIST_L2, 3) / (REACH * max(cover.shape))
    share = np.asarray(NEAREST + (1 - NEAREST) * np.minimum(away, 1), dtype=np.float32)
    if foot is not None:
        rows = np.flatnonzero((cover > 0.5).any(axis=1))
        head = float(rows[0]) / height if rows.size else 0.0
        y = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / height
        depth = np.where(y < foot, (foot - y) / max(foot - head, 0.05) * 1.6, (y - foot) * 1.5)
        share = share * np.minimum(depth, 1)
    return np.asarray(cv2.GaussianBlur(share, (0, 0), 0.01 * max(cover.shape)), dtype=np.float32)


def _lamps(rgb: Bytes) -> Floats:
    """The linear light of a photo, brighter than white where points of light are clipped: their discs stay bright."""
    light = to_linear(rgb).astype(np.float32)
    peak = smooth(light.max(axis=2), 0.8, 1.0)
    around = cv2.GaussianBlur(peak, (0, 0), 0.010 * max(rgb.shape[:2]))
    bright = cv2.GaussianBlur(light.max(axis=2), (0, 0), 0.020 * max(rgb.shape[:2]))
    point = peak * np.clip(1.4 - 4 * around, 0, 1) * smooth(bright, 0.45, 0.2)  # a white wall or sky is no lamp
    return np.asarray(light * (1 + 6 * point[..., None]), dtype=np.float32)


def _lay_sharp(result: Bytes, rgb: Bytes, alpha: Floats, sharp: Floats) -> None:
    """Where the background is in focus, the photo's own pixels, as far as none of the subject is in them."""
    height, width = alpha.shape
    rows = np.flatnonzero(sharp.max(axis=1) > 0) * height // sharp.shape[0]
    top, bottom = int(rows[0]), min(height, int(rows[-1]) + -(-height // sharp.shape[0]))
    share = cv2.resize(sharp, (width, height), interpolation=cv2.INTER_LINEAR)[top:bottom]
    share = share * np.clip(1 - 30 * alpha[top:bottom], 0, 1)
    part = result[top:bottom]
    for channel in range(3):
        own = rgb[top:bottom, :, channel].astype(np.float32)
        mixed = part[..., channel] + share * (own - part[..., channel])
        part[..., channel] = np.rint(mixed)
