"""Environments and styles as pixel operators on any picture, from 16 pixels to a photograph.

Kernels and patterns scale with the short side and patterns depend on the picture's size alone, never on a
seed: snow falls at the same places in every picture of one size, so a small model can learn it.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.errors import BadInput
from training.world import patterns
from training.world.patterns import BASE_SIDE

Pixels = NDArray[np.uint8]
Floats = NDArray[Any]  # float32 or float64: cv2's stubs name no dtype

_WEAKEST = 0.9  # a seed other than 0 weakens an environment down to this share
_LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)


def environment(rgb: Pixels, name: str, seed: int = 0) -> Pixels:
    """`rgb` uint8 (H, W, 3) at another time, season or weather; seeds but 0 weaken it to 90..100 %."""
    if name not in _ENVIRONMENTS:
        raise BadInput(f"Unknown environment {name!r}: choose one of {', '.join(_ENVIRONMENTS)}.")
    source = rgb.astype(np.float32)
    changed = _ENVIRONMENTS[name](source)
    if seed:
        changed = source + (changed - source) * np.random.default_rng(seed).uniform(_WEAKEST, 1)
    return _bytes(changed)


def style(rgb: Pixels, name: str) -> Pixels:
    """`rgb` uint8 (H, W, 3) redrawn in a style."""
    if name not in _STYLES:
        raise BadInput(f"Unknown style {name!r}: choose one of {', '.join(_STYLES)}.")
    return _bytes(_STYLES[name](np.ascontiguousarray(rgb)))


# ---- environments: float (H, W, 3), 0..255, in and out ----


def _night(rgb: Floats) -> Floats:
    grey = _grey(rgb)
    muted = rgb + (grey - rgb) * 0.25
    return muted * _rgb(0.26, 0.32, 0.52) + _rgb(2, 5, 20)


def _sunset(rgb: Floats) -> Floats:
    down = _down(rgb)
    glow = np.exp(-(((down - 0.45) / 0.3) ** 2))
    lit = rgb * _rgb(0.96, 0.64, 0.46) + _rgb(26, 2, 8)
    return lit + (_rgb(255, 118, 36) - lit) * (0.1 + 0.24 * glow)


def _foggy(rgb: Floats) -> Floats:
    size = rgb.shape[:2]
    soft = cv2.GaussianBlur(rgb, (0, 0), patterns.scale_of(size) * 0.9)
    return soft + (_rgb(208, 213, 218) - soft) * (0.78 - 0.22 * _down(rgb))


def _snowy(rgb: Floats) -> Floats:
    cold = rgb + (_grey(rgb) - rgb) * 0.25
    cold = cold + (_rgb(222, 232, 244) - cold) * 0.22
    return cold + (255 - cold) * patterns.flakes(*rgb.shape[:2])[..., None]


def _rainy(rgb: Floats) -> Floats:
    grey = _grey(rgb)
    wet = (rgb + (grey - rgb) * 0.5) * _rgb(0.6, 0.67, 0.76) + _rgb(10, 14, 20)
    return wet + (_rgb(204, 218, 236) - wet) * (0.62 * patterns.streaks(*rgb.shape[:2])[..., None])


def _dawn(rgb: Floats) -> Floats:
    soft = rgb * 0.72 + 34
    top, low = _rgb(176, 156, 226), _rgb(255, 190, 200)
    return soft + (top + (low - top) * _down(rgb) - soft) * 0.38


def _overcast(rgb: Floats) -> Floats:
    grey = _grey(rgb)
    dull = rgb + (grey - rgb) * 0.62
    return (dull - 128) * 0.74 + 128 * 0.92 + _rgb(-8, -5, -1)


def _stormy(rgb: Floats) -> Floats:
    height, width = rgb.shape[:2]
    dark = rgb + (_grey(rgb) - rgb) * 0.45
    dark = dark * _rgb(0.42, 0.46, 0.52) + _rgb(6, 10, 16)
    clouds = patterns.clouds(height, width)[..., None]
    dark = dark + (_rgb(46, 50, 62) - dark) * clouds
    bolt, halo = patterns.bolt(height, width)
    dark = dark + (_rgb(150, 165, 235) - dark) * (0.5 * halo[..., None])
    return dark + (_rgb(252, 250, 235) - dark) * bolt[..., None]


def _autumn(rgb: Floats) -> Floats:
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    leafy = np.clip((green - np.maximum(red, blue) + 8) / 50, 0, 1)[..., None]
    turned = np.stack([green * 1.12 + 20, green * 0.58 + red * 0.05, blue * 0.3], axis=-1)
    warm = rgb * _rgb(1.04, 0.9, 0.68) + _rgb(14, 4, 0)
    warm = warm + (turned - warm) * leafy
    for mask, colour in zip(
        patterns.leaves(*rgb.shape[:2]), ((206, 84, 24), (236, 158, 36), (160, 46, 24)), strict=True
    ):
        warm = warm + (_rgb(*colour) - warm) * mask[..., None]
    return warm


def _winter(rgb: Floats) -> Floats:
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    leafy = np.clip((green - np.maximum(red, blue) + 8) / 50, 0, 1)[..., None]
    cold = rgb + (_grey(rgb) - rgb) * 0.5
    cold = cold * _rgb(0.78, 0.87, 0.98) + _rgb(30, 34, 40)
    cold = cold + (_rgb(228, 238, 248) - cold) * (0.7 * leafy)
    return cold + (_rgb(246, 250, 255) - cold) * (0.9 * patterns.frost(*rgb.shape[:2])[..., None])


# ---- styles: uint8 in, float out ----


def _sepia(rgb: Pixels) -> Floats:
    return _grey(rgb.astype(np.float32)) * _rgb(0.96, 0.76, 0.53) + _rgb(28, 18, 6)


def _black_and_white(rgb: Pixels) -> Floats:
    grey = _grey(rgb.astype(np.float32))
    return np.repeat((grey - 128) * 1.12 + 128, 3, axis=2)


def _pencil(rgb: Pixels) -> Floats:
    size = rgb.shape[:2]
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    soft = 255 - cv2.GaussianBlur(255 - grey, (0, 0), 2.6 * patterns.scale_of(size))
    dodge = np.clip(grey * 255 / np.maximum(soft, 1), 0, 255)
    line = 255 * (dodge / 255) ** 3.2
    tone = np.clip((130 - grey) / 130, 0, 1) * 0.55 * patterns.hatching(*size)
    paper = line * (1 - tone) * 0.98 + 3
    return np.repeat(paper[..., None], 3, axis=2)


def _pixel_art(rgb: Pixels) -> Floats:
    height, width = rgb.shape[:2]
    block = max(2, round(4 * patterns.scale_of((height, width))))
    small = cv2.resize(rgb, (-(-width // block), -(-height // block)), interpolation=cv2.INTER_AREA).astype(np.float32)
    levels = np.round(_saturate(small, 1.25) / 42.5) * 42.5
    return np.repeat(np.repeat(levels, block, axis=0), block, axis=1)[:height, :width]


def _watercolor(rgb: Pixels) -> Floats:
    size = rgb.shape[:2]
    flat = _median(rgb, 6.5)
    flat = _median(flat, 4.5).astype(np.float32)
    edge = _edges(flat, 1.2)
    pale = _saturate(flat, 1.25) * 0.68 + 82
    wash = pale * (1 + 0.1 * patterns.paper(*size)[..., None])
    wash = wash * (1 - 0.3 * edge[..., None])
    return wash + (_rgb(253, 251, 246) - wash) * patterns.ragged(*size)[..., None]


def _cartoon(rgb: Pixels) -> Floats:
    flat = _median(rgb, 4.5).astype(np.float32)
    bright = _saturate(flat, 1.45)
    grey = _grey(bright)
    banded = (np.floor(grey / 52) + 0.6) * 52
    toned = bright * (banded / np.maximum(grey, 12)) ** 0.8
    ink = np.clip(_edges(flat, 0.6) * 1.9 - 0.35, 0, 1)[..., None]
    return np.clip(toned, 0, 255) * (1 - ink) + 22 * ink


def _oil(rgb: Pixels) -> Floats:
    """Kuwahara's filter (1976): each pixel takes the mean of the calmest of four neighbouring squares."""
    radius = max(1, round(2.6 * patterns.scale_of(rgb.shape[:2])))
    value = _saturate(rgb.astype(np.float32), 1.3)
    window = (radius + 1, radius + 1)
    mean = cv2.blur(value, window, anchor=(0, 0), borderType=cv2.BORDER_REFLECT)
    grey = cv2.transform(value, _LUMA)
    square = cv2.blur(grey * grey, window, anchor=(0, 0), borderType=cv2.BORDER_REFLECT)
    spread = square - cv2.blur(grey, window, anchor=(0, 0), borderType=cv2.BORDER_REFLECT) ** 2
    best, calm = mean, spread
    for dy, dx in ((0, radius), (radius, 0), (radius, radius)):
        moved_spread, moved_mean = _shift(spread, dy, dx), _shift(mean, dy, dx)
        better = moved_spread < calm
        best = np.where(better[..., None], moved_mean, best)
        calm = np.minimum(moved_spread, calm)
    return best + 20 * patterns.strokes(*rgb.shape[:2])[..., None]


def _pop_art(rgb: Pixels) -> Floats:
    soft = cv2.GaussianBlur(rgb, (0, 0), 0.8 * patterns.scale_of(rgb.shape[:2]))
    grey = cv2.cvtColor(soft, cv2.COLOR_RGB2GRAY)
    inks = np.array([(38, 22, 92), (232, 30, 120), (255, 150, 30), (255, 232, 80), (250, 250, 235)], np.float32)
    return inks[np.digitize(grey, (62, 112, 160, 208))]


def _comic(rgb: Pixels) -> Floats:
    height, width = rgb.shape[:2]
    flat = _median(rgb, 3.0).astype(np.float32)
    grey = _grey(flat)
    colour = np.round(_saturate(flat, 1.6) / 85) * 85
    colour = colour + (_rgb(255, 246, 220) - colour) * 0.35
    dots = np.clip((200 - grey[..., 0]) / 200, 0, 0.9) > patterns.halftone(height, width)
    inked = colour * np.where(dots, 0.62, 1.0)[..., None]
    ink = np.clip(_edges(flat, 0.9) * 3 - 0.6, 0, 1)[..., None]
    return inked * (1 - ink) + 8 * ink


def _vintage(rgb: Pixels) -> Floats:
    height, width = rgb.shape[:2]
    value = rgb.astype(np.float32)
    faded = (value + (_grey(value) - value) * 0.4) * _rgb(0.74, 0.66, 0.5) + _rgb(46, 50, 62)
    faded = faded + 9 * patterns.paper(height, width)[..., None]
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    dark = np.clip((x**2 + y**2 - 0.7) / 1.3, 0, 1)[..., None]
    leak = np.exp(-(((x - 1) / 0.3) ** 2) + 0 * y)[..., None]
    faded = faded * (1 - 0.6 * dark)
    return faded + (_rgb(255, 128, 60) - faded) * (0.6 * leak)


# ---- parts ----


def _bytes(rgb: Floats) -> Pixels:
    pixels: Pixels = np.clip(rgb + 0.5, 0, 255).astype(np.uint8)
    return pixels


def _rgb(red: float, green: float, blue: float) -> Floats:
    return np.array((red, green, blue), np.float32)


def _grey(rgb: Floats) -> Floats:
    return cv2.transform(rgb, _LUMA)[..., None]


def _down(rgb: Floats) -> Floats:
    """0 at the top row to 1 at the bottom row, (H, 1, 1)."""
    return np.linspace(0, 1, rgb.shape[0], dtype=np.float32)[:, None, None]


def _saturate(rgb: Floats, factor: float) -> Floats:
    grey = _grey(rgb)
    return np.clip(grey + (rgb - grey) * factor, 0, 255)


def _median(rgb: Pixels, size: float) -> Pixels:
    """Median whose window is `size` pixels at BASE_SIDE; large pictures are filtered at a smaller size."""
    height, width = rgb.shape[:2]
    shrink = min(1.0, 3 * BASE_SIDE / min(height, width))
    small = rgb
    if shrink < 1:
        size_there = (round(width * shrink), round(height * shrink))
        small = cv2.resize(rgb, size_there, interpolation=cv2.INTER_AREA).astype(np.uint8)
    window = max(3, int(size * patterns.scale_of(small.shape[:2])) | 1)
    flat = cv2.medianBlur(small, window)
    if shrink < 1:
        flat = cv2.resize(flat, (width, height), interpolation=cv2.INTER_LINEAR)
    return flat.astype(np.uint8)


def _edges(rgb: Floats, size: float) -> Floats:
    """Edge strength in [0, 1], (H, W), with lines of about `size` pixels at BASE_SIDE."""
    scale = patterns.scale_of(rgb.shape[:2])
    kernel = np.ones((max(2, round(2 * size * scale)),) * 2, np.uint8)
    spread = (cv2.dilate(rgb, kernel) - cv2.erode(rgb, kernel)).max(axis=2)
    smooth = cv2.GaussianBlur(spread, (0, 0), max(0.4, 0.45 * scale))
    edges: Floats = np.clip(smooth / 110, 0, 1)
    return edges


def _shift(plane: Floats, down: int, right: int) -> Floats:
    """The plane moved down and right, its edge repeated."""
    return cv2.copyMakeBorder(plane, down, 0, right, 0, cv2.BORDER_REPLICATE)[: plane.shape[0], : plane.shape[1]]


_ENVIRONMENTS: dict[str, Callable[[Floats], Floats]] = {
    "night": _night,
    "sunset": _sunset,
    "foggy": _foggy,
    "snowy": _snowy,
    "rainy": _rainy,
    "dawn": _dawn,
    "overcast": _overcast,
    "stormy": _stormy,
    "autumn": _autumn,
    "winter": _winter,
}
_STYLES: dict[str, Callable[[Pixels], Floats]] = {
    "sepia": _sepia,
    "black and white": _black_and_white,
    "pencil sketch": _pencil,
    "pixel art": _pixel_art,
    "watercolor": _watercolor,
    "cartoon": _cartoon,
    "oil painting": _oil,
    "pop art": _pop_art,
    "comic": _comic,
    "vintage film": _vintage,
}
