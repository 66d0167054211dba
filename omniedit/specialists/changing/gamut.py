"""What sRGB can show: the most chroma for each hue and lightness, and colours brought into it."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from omniedit.colour import from_oklab, to_oklab
from omniedit.specialists.masks import Floats

__all__ = ["brightest", "in_gamut", "most_chroma", "polar"]

HUES, STEPS = 360, 128  # of the table: degrees, and steps of lightness
KNEE = 0.85  # of the most chroma: kept as it is below, pressed together above


def polar(lab: Floats) -> tuple[Floats, Floats]:
    """Chroma and hue in degrees (0..360), float32 (h, w) each, of OKLab float32 (h, w, 3)."""
    a, b = np.ascontiguousarray(lab[..., 1]), np.ascontiguousarray(lab[..., 2])
    chroma, degrees = cv2.cartToPolar(a, b, angleInDegrees=True)
    return np.asarray(chroma, dtype=np.float32), np.asarray(degrees, dtype=np.float32)


def most_chroma(light: Floats, degrees: Floats) -> Floats:
    """The most chroma that sRGB shows at OKLab lightness `light` (0..1) and hue `degrees`, of their shape."""
    rows = np.rint(degrees).astype(np.int32) % HUES
    chroma: Floats = _table()[rows, np.rint(np.clip(light, 0, 1) * STEPS).astype(np.int32)]
    return chroma


def in_gamut(lab: Floats) -> Floats:
    """OKLab float32 (h, w, 3) with chroma brought into sRGB, softly near its limit; hue and lightness stay."""
    light = np.clip(lab[..., 0], 0, 1)
    chroma, degrees = polar(lab)
    limit = most_chroma(light, degrees)
    knee = np.float32(KNEE) * limit
    over, room = np.maximum(chroma - knee, 0), limit - knee + np.float32(1e-6)
    held = np.minimum(chroma, knee) + room * over / (room + over)
    return np.dstack([light, lab[..., 1:] * (held / np.maximum(chroma, 1e-6))[..., None]])


def brightest(a: float, b: float, share: float) -> float:
    """The lightness (0..1) up to which sRGB shows `share` of the chroma of OKLab (a, b) in its hue."""
    most = _table()[round(float(np.degrees(np.arctan2(b, a)))) % HUES]
    shown = np.flatnonzero(most >= share * float(np.hypot(a, b)))
    return float(shown[-1]) / STEPS if shown.size else 1.0


@lru_cache(maxsize=1)
def _table() -> Floats:
    """float32 (HUES, STEPS + 1), by bisection: what sRGB can show comes back from 8 bits as it was."""
    shape = (HUES, STEPS + 1)
    angles = np.radians(np.arange(HUES, dtype=np.float32))[:, None]
    light = np.broadcast_to(np.linspace(0, 1, STEPS + 1, dtype=np.float32), shape)
    low, high = np.zeros(shape, np.float32), np.full(shape, 0.4, np.float32)
    for _ in range(12):
        middle = (low + high) / 2
        lab = np.dstack([light, middle * np.cos(angles), middle * np.sin(angles)])
        shown = np.abs(to_oklab(from_oklab(lab)) - lab).max(axis=2) < 0.008
        low, high = np.where(shown, middle, low), np.where(shown, high, middle)
    return low
