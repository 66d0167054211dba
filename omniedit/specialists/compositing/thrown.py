"""What a thing that is put into a photo throws: shadows on the ground, on a face, and its reflection in water."""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.colour import to_linear
from omniedit.specialists.base import Bytes
from omniedit.specialists.blur import blur
from omniedit.specialists.masks import Floats

__all__ = ["afloat", "cast_slope", "ground_shadow", "worn_shadow"]

DARKEST = {"contact": 0.85, "pool": 0.68, "cast": 0.52, "worn": 0.5}  # share of the light that a usual shadow takes
SQUASH = 0.2  # of a cast shadow: how much shorter the ground is seen than what stands on it
SHADOW_AT = 320  # height at which the shadow of a larger thing is drawn
SUNK = 0.07  # of the height of what swims is under water
NARROWER = 0.8  # than what is worn is its shadow
MIRRORED = 0.55  # of its height, that a reflection is high


def cast_slope(towards: tuple[float, float]) -> float:
    """How far to the right a shadow falls for each pixel of height."""
    return float(np.clip(-1.1 * towards[0], -0.75, 0.75))


def ground_shadow(alpha: Floats, tall: float, foot: float, towards: tuple[float, float], strength: float) -> Floats:
    """The share of light (h, w) left on the ground by a thing that stands: dark where it touches, soft further off.

    alpha: (h, w), of the thing, `tall` pixels high, whose lowest row is `foot`; `towards`: unit vector to the light.
    """
    shrunk = min(1.0, SHADOW_AT / tall)  # soft as it is, nobody sees at which size it was drawn
    size = tuple(max(1, round(side * shrunk)) for side in alpha.shape[::-1])
    small = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.float32)
    tall, foot = tall * shrunk, foot * shrunk
    taken = [
        DARKEST["cast"] * _cast(small, tall, foot, cast_slope(towards)),
        DARKEST["pool"] * _pool(small, tall, foot),
    ]
    taken.append(DARKEST["contact"] * _contact(small, tall, foot))
    left = np.prod([1 - np.clip(strength * shadow, 0, 1) for shadow in taken], axis=0, dtype=np.float32)
    return np.asarray(cv2.resize(left, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _contact(alpha: Floats, tall: float, foot: float) -> Floats:
    """1 where the thing touches the ground, along the lowest pixels of its outline."""
    solid = alpha > 0.5
    lowest = alpha.shape[0] - 1 - np.argmax(solid[::-1], axis=0)
    gap = np.where(solid.any(axis=0), np.maximum(foot - 1 - lowest, 0), np.inf)
    touching = np.exp(-gap / (0.035 * tall)).astype(np.float32)
    line = np.zeros(alpha.shape, np.float32)
    columns = np.flatnonzero(touching > 0.01)
    line[np.minimum(lowest[columns] + 1, alpha.shape[0] - 1), columns] = touching[columns]
    high = max(0.014 * tall, 0.8)
    spread = cv2.GaussianBlur(line, (0, 0), sigmaX=max(0.018 * tall, 0.8), sigmaY=high)
    return np.asarray(np.clip(spread * (2.6 * high), 0, 1), np.float32)


def _pool(alpha: Floats, tall: float, foot: float) -> Floats:
    """The soft shade under and around what stands: less of the sky is seen from there."""
    rows = foot - np.arange(alpha.shape[0], dtype=np.float32)[:, None]
    near = (alpha * np.exp(-np.maximum(rows, 0) / (0.12 * tall)) * (rows >= 0)).max(axis=0)
    flat = np.zeros(alpha.shape, np.float32)
    high = 0.05 * tall
    flat[max(0, round(foot - high)) : max(1, round(foot + 0.6 * high))] = near
    spread = cv2.GaussianBlur(flat, (0, 0), sigmaX=max(0.07 * tall, 1.0), sigmaY=max(0.032 * tall, 1.0))
    return np.asarray(np.clip(1.4 * spread, 0, 1), np.float32)


def _cast(alpha: Floats, tall: float, foot: float, slope: float) -> Floats:
    """The outline laid down on the ground, away from the light, a little to the back, softer further off."""
    laid = np.array([[1, slope / SQUASH, -slope / SQUASH * foot], [0, 1 / SQUASH, foot - foot / SQUASH]], np.float32)
    cast = cv2.warpAffine(alpha, laid, alpha.shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    rows = np.clip((foot - np.arange(alpha.shape[0], dtype=np.float32)) / (SQUASH * tall), 0, 1)[:, None]
    near, far = (cv2.GaussianBlur(cast, (0, 0), max(sigma * tall, 0.8)) for sigma in (0.014, 0.05))
    return np.asarray((near + rows * (far - near)) * (1 - 0.6 * rows), np.float32)


def worn_shadow(alpha: Floats, tall: float, strength: float) -> Floats:
    """The share of light (h, w) left just below a thing that is worn."""
    # narrower than the thing: it falls on the head, not on the wall behind
    columns = np.flatnonzero((alpha > 0.5).any(axis=0))
    middle = float(columns.mean()) if columns.size else 0.0
    down = np.array([[NARROWER, 0, (1 - NARROWER) * middle], [0, 1, 0.05 * tall]], np.float32)
    shadow = blur(cv2.warpAffine(alpha, down, alpha.shape[::-1]), max(0.03 * tall, 0.8))
    left: Floats = 1 - np.clip(DARKEST["worn"] * strength, 0, 1) * shadow
    return left


def afloat(colour: Bytes, alpha: Floats, tall: float, foot: float) -> tuple[Floats, Floats]:
    """`alpha` with its lowest part under water, and the reflection: premultiplied linear (h, w, 4)."""
    line = foot - SUNK * tall
    rows = np.arange(alpha.shape[0], dtype=np.float32)[:, None]
    above = alpha * np.clip((line - rows) / max(0.02 * tall, 1.0) + 0.5, 0, 1)
    flip = np.array([[1, 0, 0], [0, -1 / MIRRORED, line + line / MIRRORED]], np.float32)
    seen = np.dstack([to_linear(colour) * above[..., None], above])
    mirror = cv2.warpAffine(seen, flip, alpha.shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    fading = 0.4 * np.clip(1 - (rows - line) / (MIRRORED * tall), 0, 1) * (rows > line)
    return above, np.asarray(blur(mirror, max(0.02 * tall, 0.8)) * fading[..., None], np.float32)
