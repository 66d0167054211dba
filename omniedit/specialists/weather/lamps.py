"""What shines by itself at night: lamps that are lit in the picture, and windows that could be."""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.specialists.blur import blur
from omniedit.specialists.weather.edges import Floats, smoothstep
from omniedit.specialists.weather.recipe import SHIFT, Plane
from omniedit.specialists.weather.scene import Scene, luminance

__all__ = ["bloom", "lamps", "windows"]

DUSK = (0.42, 0.16)  # luminance of the brighter parts: broad daylight, in which a white spot is no lamp; dusk
SPOT = 0.035  # of the longest side: a lit thing may be as wide
LIT = 0.7  # share of the windows behind which somebody is at home
WINDOW_LIGHT = (1.0, 0.6, 0.24)
SCATTERED = np.array([1.0, 0.86, 0.66], np.float32)[:, None, None]  # the air takes blue out of a lamp's light
SIDES = (0.008, 0.12)  # of the longest side: a window's
RATIOS = (0.28, 3.2)  # width to height
BOXLIKE = 0.78  # share of its box that a window fills
TILT = 12  # degrees that a window may lean
STEP = 0.05  # of lightness: a window is darker than its wall by this
FEWEST = 2  # a single dark rectangle may be anything


def lamps(scene: Scene) -> Floats:
    """(h, w), 0..1: bright spots that stand out of darker surroundings, where the light is low enough for lamps."""
    if scene.sky is None:  # indoors a white cup is as bright as a lamp
        return np.zeros(scene.shape, np.float32)
    grey = luminance(scene.linear)
    dusk = smoothstep(float(np.quantile(grey, 0.75)), *DUSK)
    side = 2 * (round(SPOT * max(scene.shape)) // 2) + 1
    spot = grey - cv2.morphologyEx(grey, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    shining = smoothstep(spot, 0.12, 0.4) * smoothstep(grey, 0.2, 0.5) * scene.things * dusk
    return np.clip(1.6 * blur(cv2.dilate(shining, np.ones((3, 3), np.uint8)), 1.2), 0, 1)


def bloom(light: Floats) -> Floats:
    """(3, h, w): what lens and air scatter of bright `light` (3, h, w)."""
    longest = max(light.shape)
    total = np.zeros_like(light)
    for sigma, share in ((0.004, 0.35), (0.014, 0.35), (0.05, 0.3)):
        total += np.float32(share) * np.stack([blur(channel, sigma * longest) for channel in light])
    return total * SCATTERED


def windows(scene: Scene, rng: np.random.Generator, opacity: float) -> tuple[Floats, Plane] | None:
    """Windows with light behind them: their light (3, h, w), and drawn at full size; None where none are seen."""
    boxes = _boxes(scene) if scene.sky is not None else []
    scale = np.array(scene.size) / np.array(scene.shape[::-1])
    level = np.zeros(scene.size[::-1], np.uint8)
    for corners in boxes:
        if rng.uniform() < LIT:
            fixed = np.rint((corners + 0.5) * scale * 2**SHIFT).astype(np.int32)
            cv2.fillConvexPoly(level, fixed, int(rng.uniform(120, 255)), cv2.LINE_AA, SHIFT)
    if not level.any():
        return None
    level = np.asarray(cv2.GaussianBlur(level, (0, 0), max(0.5, min(scene.size) / 2500)), dtype=np.uint8)
    small = cv2.resize(level, scene.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    light = small * np.array(WINDOW_LIGHT, np.float32)[:, None, None] * np.float32(opacity)
    return light, Plane(level, WINDOW_LIGHT, opacity=0.8 * opacity, adds=True, textured=0.75)


def _boxes(scene: Scene) -> list[Floats]:
    """Corners (4, 2) of rectangles that are darker than the wall around them, in the small picture's pixels."""
    longest = max(scene.shape)
    lightness = cv2.GaussianBlur((scene.lab[..., 0] * 255).astype(np.uint8), (0, 0), 0.8)
    block = max(3, 2 * (round(0.08 * longest) // 2) + 1)
    dark = cv2.adaptiveThreshold(lightness, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 255 * STEP)
    dark[(scene.things < 0.5) | (blur(scene.leaves, 0.006 * longest) > 0.25)] = 0
    outlines, _ = cv2.findContours(dark, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline in outlines:
        centre, size, angle = cv2.minAreaRect(outline)
        wide, high = size if abs(angle) < 45 else size[::-1]
        if not all(SIDES[0] * longest < side < SIDES[1] * longest for side in (wide, high)):
            continue
        full = cv2.contourArea(outline) / (wide * high)
        upright = min(abs(angle) % 90, 90 - abs(angle) % 90) < TILT
        if upright and RATIOS[0] < wide / high < RATIOS[1] and full > BOXLIKE:
            found.append(np.asarray(cv2.boxPoints((centre, size, angle)), dtype=np.float32))
    return found if len(found) >= FEWEST else []
