"""Out of focus as a lens does it: every point of light becomes a disc, in linear light.

Light here may be brighter than white; film and sensors compress it in the end (`expose`).
"""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.colour import to_srgb
from omniedit.specialists.base import Bytes
from omniedit.specialists.scenes.noise import Floats

__all__ = ["defocus", "defocus_by", "disc", "expose"]

LEVELS = (0.0, 0.15, 0.35, 0.65, 1.0)  # of the largest radius: between them it is interpolated
WORK_RADIUS = 14.0  # a larger disc is drawn at a smaller size
RIM = 0.25  # how much brighter a disc's rim is than its middle
SHOULDER = 0.75  # light above it is compressed towards white, as film does


def disc(radius: float, blades: int = 0) -> Floats:
    """A kernel that sums to 1: a disc, or a polygon of so many `blades` with round sides, smooth at its edge."""
    reach = int(np.ceil(radius)) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    distance = np.hypot(x, y)
    limit = np.full_like(distance, radius)
    if blades:
        sector = 2 * np.pi / blades
        angle = np.mod(np.arctan2(y, x) + 0.3, sector) - sector / 2
        polygon = radius * np.cos(sector / 2) / np.cos(angle) * 1.03
        limit = 0.5 * limit + 0.5 * np.minimum(limit, polygon)
    inside = np.clip(limit - distance + 0.5, 0, 1)
    kernel = inside * (1 + RIM * np.clip(distance / max(radius, 1e-3), 0, 1) ** 4)
    return (kernel / kernel.sum()).astype(np.float32)


def defocus(light: Floats, radius: float, blades: int = 0) -> Floats:
    """`light`, (h, w, 3) linear, with every point spread over a disc of `radius` pixels."""
    if radius < 0.5:
        return light
    height, width = light.shape[:2]
    scale = min(1.0, WORK_RADIUS / radius)
    if scale < 0.75:
        size = (max(2, round(width * scale)), max(2, round(height * scale)))
        small = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
        small = defocus(np.asarray(small, np.float32), radius * size[0] / width, blades)
        return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    kernel = disc(radius, blades)
    return np.asarray(cv2.filter2D(light, -1, kernel, borderType=cv2.BORDER_REFLECT), dtype=np.float32)


def defocus_by(light: Floats, share: Floats, radius: float, blades: int = 0) -> Floats:
    """`light` with discs of `share` (h, w, 0..1) times `radius` pixels."""
    result = np.zeros_like(light)
    for k, level in enumerate(LEVELS):
        weight = np.ones_like(share)
        if k > 0:
            below = LEVELS[k - 1]
            weight = np.minimum(weight, (share - below) / (level - below))
        if k + 1 < len(LEVELS):
            above = LEVELS[k + 1]
            weight = np.minimum(weight, (above - share) / (above - level))
        weight = np.clip(weight, 0, 1)
        if weight.any():
            result += defocus(light, level * radius, blades) * weight[..., None]
    return result


def expose(light: Floats) -> Bytes:
    """Linear light -> sRGB uint8 with a soft shoulder: what is brighter than white pales towards it."""
    over = np.maximum(light - SHOULDER, 0)
    room = 1 - SHOULDER
    soft = np.where(light > SHOULDER, SHOULDER + room * (1 - np.exp(-over / (room * 1.6))), light)
    glare = np.clip(light.max(axis=2, keepdims=True) - 1, 0, 4) / 8  # all channels saturate in the end
    return to_srgb((soft + (1 - soft) * glare).astype(np.float32))
