"""What a thing is made of: wood, gold, glass or stripes, painted onto a drawing with its shading kept."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.errors import BadInput

Pixels = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]


def apply_material(rgba: Pixels, material: str) -> Pixels:
    """A drawing (h, w, 4) uint8, straight alpha, as if made of `material`."""
    if material not in _MATERIALS:
        raise BadInput(f"Unknown material {material!r}: choose one of {', '.join(_MATERIALS)}.")
    return _MATERIALS[material](rgba)


def _light(rgba: Pixels) -> Floats:
    """Lightness in [0, 1] (h, w), stretched to the drawing's own range to keep its detail."""
    grey = rgba[..., :3].astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32) / 255
    inside = grey[rgba[..., 3] > 128]
    if inside.size == 0:
        return grey
    low, high = np.percentile(inside, [2, 98])
    stretched: Floats = np.clip((grey - low) / max(high - low, 0.25), 0, 1).astype(np.float32)
    return stretched


def _ramp(light: Floats, stops: list[tuple[float, tuple[int, int, int]]]) -> Floats:
    """Lightness (h, w) through a colour ramp -> float (h, w, 3), 0..255."""
    at = [stop for stop, _ in stops]
    channels = [np.interp(light, at, [colour[i] for _, colour in stops]) for i in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def _join(rgb: Floats, alpha: NDArray[np.generic]) -> Pixels:
    joined: Pixels = np.dstack([np.clip(rgb, 0, 255), alpha]).round().astype(np.uint8)
    return joined


def _wooden(rgba: Pixels) -> Pixels:
    height, width = rgba.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    rings = np.sin(y * 0.62 + 2.2 * np.sin(x * 0.055 + 0.6) + 0.6 * np.sin(x * 0.17 + y * 0.05))
    grain = 0.5 + 0.5 * rings
    rgb = _ramp(_light(rgba), [(0, (70, 38, 16)), (0.45, (160, 100, 52)), (1, (226, 174, 112))])
    return _join(rgb * (0.78 + 0.26 * grain)[..., None], rgba[..., 3])


def _golden(rgba: Pixels) -> Pixels:
    height, width = rgba.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    shine = np.exp(-(((x / width + y / height) - 0.75) ** 2) / 0.012)
    light = np.clip(_light(rgba) * 0.85 + 0.3 * shine, 0, 1).astype(np.float32)
    stops = [
        (0.0, (92, 58, 6)),
        (0.35, (178, 122, 18)),
        (0.65, (236, 186, 48)),
        (0.85, (255, 222, 104)),
        (1, (255, 248, 200)),
    ]
    return _join(_ramp(light, stops), rgba[..., 3])


def _glass(rgba: Pixels) -> Pixels:
    alpha = rgba[..., 3].astype(np.float32) / 255
    height, width = alpha.shape
    inner = cv2.GaussianBlur(cv2.copyMakeBorder(alpha, 8, 8, 8, 8, cv2.BORDER_CONSTANT), (0, 0), 3.5)[8:-8, 8:-8]
    rim = np.clip((1 - inner) * 1.8, 0, 1) * alpha
    y, x = np.mgrid[:height, :width].astype(np.float32)
    shine = np.exp(-(((x / width + y / height) - 0.7) ** 2) / 0.006)
    rgb = _ramp(_light(rgba), [(0, (84, 136, 160)), (0.5, (160, 208, 226)), (1, (236, 250, 255))])
    rgb = rgb + (255 - rgb) * (0.75 * np.maximum(rim * 0.7, shine))[..., None]
    return _join(rgb, rgba[..., 3] * np.clip(0.5 + 0.4 * rim + 0.3 * shine, 0, 1))


def _striped(rgba: Pixels) -> Pixels:
    height, width = rgba.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    stripe = np.clip(0.5 + 2.2 * np.sin((x + y) * 2 * np.pi / 22), 0, 1)[..., None]
    rgb = rgba[..., :3].astype(np.float32)
    grey = rgb.mean(axis=-1, keepdims=True)
    bright = np.median(grey[rgba[..., 3] > 128]) if (rgba[..., 3] > 128).any() else 128.0
    # A pale thing gets dark stripes, any other thing white ones: either way they are seen.
    band = 30 + 0.25 * grey if bright > 190 else 205 + 0.2 * grey
    return _join(rgb + (band - rgb) * 0.88 * stripe, rgba[..., 3])


_MATERIALS = {"wooden": _wooden, "golden": _golden, "glass": _glass, "striped": _striped}
