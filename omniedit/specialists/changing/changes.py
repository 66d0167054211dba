"""What a photographer does to a picture or a part of it: light, colour, contrast and sharpness, without clipping.

Light goes by curves that keep black and white where they are, so nothing clips however far a slider is turned.
Each function takes and gives uint8 (h, w, 3) sRGB; `amount` is 1 for the usual strength and 0 for none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import cv2
import numpy as np

from omniedit.colour import from_oklab, to_linear, to_oklab, to_srgb
from omniedit.guided import smoothstep
from omniedit.sizes import shrink
from omniedit.specialists.base import Bytes
from omniedit.specialists.changing.gamut import in_gamut, most_chroma, polar
from omniedit.specialists.edges import enlarged
from omniedit.specialists.masks import Floats
from omniedit.specialists.tiles import Tile, each_tile

__all__ = ["DETAILS", "OUTCOMES", "TONES", "blurred", "developed", "outcome", "shifted"]

FloatLike = TypeVar("FloatLike", Floats, float)

STOPS = 0.75  # of light that the usual amount gives or takes
VIVID = 0.75  # of the chroma that is still free
SKIN = (20.0, 32.0, 78.0, 95.0)  # degrees of hue: skin between the inner two, none outside the outer two
SKIN_CHROMA = 0.17  # more is no skin
SKIN_KEPT = 0.65  # of the usual boost that skin is spared
FADED, MATTE = 0.5, 0.08  # of the colour that goes, and the share of white that black gets
WARM = np.array([1.0, 0.81, 0.69], np.float32)  # of linear red, green and blue that stay: daylight at 5300 K
COOL = np.array([0.77, 0.82, 1.0], np.float32)  # and at 8000 K
STEEPER = 0.42  # of the contrast that is added
BLUR, BLUR_OF_ALL = 0.05, 0.01  # sigma in shares of the thing's size, and of the picture's shorter side
FINE, BROAD = 1 / 2200, 1 / 450  # sigmas of detail, in shares of the picture's longer side
CRISP, CLARITY = 1.1, 0.35  # how much fine and broad detail is raised
OVERSHOOT = 7.0  # levels by which a sharpened edge may pass its surroundings
WORKED_AT = 1024  # longest side at which smoothing is fitted
SMOOTH_RADIUS = 0.009  # of that side
SMOOTH_RIDGE = 0.055**2  # variance (levels in 0..1) below which structure is smoothed away
PORES = 0.45  # of the finest detail stays, so that skin is not plastic


def lighter(rgb: Bytes, amount: float) -> Bytes:
    """More light, as by opening the lens, with a film's shoulder: shadows gain most, white stays white."""
    return _through(rgb, _exposed(2 ** (STOPS * amount)))


def darker(rgb: Bytes, amount: float) -> Bytes:
    """Less light: the inverse of `lighter`."""
    return _through(rgb, _exposed(2 ** (-STOPS * amount)))


def warmer(rgb: Bytes, amount: float) -> Bytes:
    """As under a warmer light (von Kries), as bright as before."""
    return _tinted(rgb, WARM**amount)


def cooler(rgb: Bytes, amount: float) -> Bytes:
    """As under a bluer light, as bright as before."""
    return _tinted(rgb, COOL**amount)


def contrast(rgb: Bytes, amount: float) -> Bytes:
    """An S-curve about the middle of what is there: y = logistic(gain (logit(x) - logit(m)) + logit(m))."""
    levels = np.clip(np.linspace(0, 1, 256, dtype=np.float32), 1e-4, 1 - 1e-4)
    middle = float(np.clip(rgb[::4, ::4].mean() / 255, 0.25, 0.75))
    gain = 1 + STEEPER * amount
    curve = 1 / (1 + np.exp(-(gain * (_logit(levels) - _logit(middle)) + _logit(middle))))
    return _through(rgb, curve.astype(np.float32), linear=False)


def vivid(rgb: Bytes, amount: float) -> Bytes:
    """More chroma where there is little of it yet; skin is spared and no colour leaves the screen's range."""

    def boost(lab: Floats) -> Floats:
        chroma, degrees = polar(lab)
        free = np.clip(1 - chroma / np.maximum(most_chroma(lab[..., 0], degrees), 1e-3), 0, 1)
        skin = smoothstep(degrees, SKIN[0], SKIN[1]) * (1 - smoothstep(degrees, SKIN[2], SKIN[3]))
        skin *= 1 - smoothstep(chroma, 0.7 * SKIN_CHROMA, SKIN_CHROMA)
        more = 1 + np.float32(VIVID * amount) * free * (1 - np.float32(SKIN_KEPT) * skin)
        return np.dstack([lab[..., 0], lab[..., 1:] * more[..., None]])

    return _in_oklab(rgb, boost)


def faded(rgb: Bytes, amount: float) -> Bytes:
    """Less colour and softer blacks, as a print that hung in the sun."""
    stays, rise = max(1 - FADED * amount, 0.0), MATTE * amount
    grey = np.array([0.299, 0.587, 0.114])
    mixed = (1 - 1.3 * rise) * (stays * np.eye(3) + (1 - stays) * np.tile(grey, (3, 1)))
    matrix = np.column_stack([mixed, np.full(3, 255 * rise)])
    return np.asarray(cv2.transform(rgb, matrix), dtype=np.uint8)


def shifted(rgb: Bytes, lightness: float) -> Bytes:
    """`rgb` lighter (up to 1) or darker (down to -1) by the curve of `lighter`; at 0 itself."""
    return rgb if lightness == 0 else _through(rgb, _exposed(2 ** (1.2 * STOPS * lightness)))


def blurred(rgb: Bytes, amount: float, weight: Floats | None = None) -> Bytes:
    """Out of focus, in linear light; colours come from where `weight` (h, w, 0..1) is set, so nothing bleeds in."""
    if amount <= 0:
        return rgb
    height, width = rgb.shape[:2]
    covered = height * width if weight is None else max(float(weight.sum()), 1.0)
    sigma = amount * (BLUR_OF_ALL * min(height, width) if weight is None else BLUR * covered**0.5)
    factor = max(1.0, sigma / 3)
    size = (max(2, round(width / factor)), max(2, round(height / factor)))
    small = to_linear(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8))
    share = np.ones(size[::-1], np.float32)
    if weight is not None:
        share = np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), dtype=np.float32) + np.float32(1e-4)
    sigma *= size[0] / width
    soft = cv2.GaussianBlur(small * share[..., None], (0, 0), sigma) / cv2.GaussianBlur(share, (0, 0), sigma)[..., None]
    result = np.empty_like(rgb)

    def work(tile: Tile) -> None:
        result[tile] = to_srgb(enlarged(np.asarray(soft, dtype=np.float32), (height, width), tile))

    each_tile((height, width), work)
    return result


def sharper(rgb: Bytes, amount: float, longest: int) -> Bytes:
    """Unsharp masking at two scales: noise is left alone, and edges get no halo. `longest`: the picture's side."""
    light = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    fine_sigma = max(0.8, FINE * longest)
    near = cv2.GaussianBlur(light, (0, 0), fine_sigma)
    fine = light - near
    noise = 2.2 * float(np.median(np.abs(fine[::3, ::3]))) + 0.5
    fine *= fine**2 / (fine**2 + np.float32(noise**2))
    small = shrink(rgb, WORKED_AT)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    broad = cv2.GaussianBlur(grey, (0, 0), max(2.0, BROAD * longest * small.shape[1] / rgb.shape[1]))
    far = cv2.resize(broad, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR)
    raised = light + np.float32(CRISP * amount) * fine + np.float32(CLARITY * amount) * (near - far)
    around = np.ones((2 * round(fine_sigma) + 1,) * 2, np.uint8)
    raised = np.clip(raised, cv2.erode(light, around) - OVERSHOOT, cv2.dilate(light, around) + OVERSHOOT)
    return np.clip(np.rint(rgb + (raised - light)[..., None]), 0, 255).astype(np.uint8)


def smoother(rgb: Bytes, amount: float, longest: int) -> Bytes:
    """Blotches and wrinkles evened out by a guided filter (He et al. 2013); edges and a share of the pores stay."""
    small = shrink(rgb, WORKED_AT)
    values = small.astype(np.float32) / 255
    side = 2 * max(2, round(SMOOTH_RADIUS * longest * small.shape[1] / rgb.shape[1])) + 1
    ridge = np.float32(SMOOTH_RIDGE * max(amount, 1e-3) ** 2)
    mean = cv2.boxFilter(values, -1, (side, side))
    spread = np.maximum(cv2.boxFilter(values * values, -1, (side, side)) - mean * mean, 0)
    gain = spread.max(axis=2, keepdims=True) / (spread.max(axis=2, keepdims=True) + ridge)
    offset = cv2.boxFilter(mean * (1 - gain), -1, (side, side))
    gain = cv2.boxFilter(np.ascontiguousarray(gain), -1, (side, side))[..., None]
    maps = np.dstack([offset * 255, gain]).astype(np.float32)
    fine = np.asarray(cv2.GaussianBlur(rgb, (0, 0), max(0.8, FINE * longest)), dtype=np.uint8)
    result, size = np.empty_like(rgb), rgb.shape[:2]

    def work(tile: Tile) -> None:
        there = enlarged(maps, (size[0], size[1]), tile)
        colour = rgb[tile].astype(np.float32)
        pores = np.float32(PORES) * (1 - there[..., 3:]) * (colour - fine[tile])
        result[tile] = np.clip(np.rint(there[..., 3:] * colour + there[..., :3] + pores), 0, 255)

    each_tile((size[0], size[1]), work)
    return result


TONES: dict[str, Callable[[Bytes, float], Bytes]] = {
    "lighter": lighter,
    "darker": darker,
    "vivid": vivid,
    "faded": faded,
    "warmer": warmer,
    "cooler": cooler,
    "contrast": contrast,
}
OUTCOMES = {"vivid": "more vivid", "faded": "more faded", "contrast": "richer in contrast"}  # others as they are
DETAILS: dict[str, Callable[[Bytes, float, int], Bytes]] = {"sharper": sharper, "smoother": smoother}


def developed(kind: str, rgb: Bytes, amount: float, longest: int) -> Bytes:
    """`rgb`, uint8 (H, W, 3), after a change of light, colour or sharpness (a key of TONES or DETAILS); `amount` 1 is
    usual, `longest` the whole picture's longer side in pixels.
    """
    return TONES[kind](rgb, amount) if kind in TONES else DETAILS[kind](rgb, amount, longest)


def outcome(kind: str) -> str:
    """What a change makes a thing, in words."""
    return OUTCOMES.get(kind, kind)


def _exposed(gain: float) -> Floats:
    """256 levels of linear light after `gain`: x' = g x / (1 + (g - 1) x), which keeps 0 and 1."""
    light = to_linear(np.arange(256, dtype=np.uint8))
    return np.asarray(gain * light / (1 + (gain - 1) * light), dtype=np.float32)


def _tinted(rgb: Bytes, stay: Floats) -> Bytes:
    light = to_linear(np.arange(256, dtype=np.uint8))[:, None] * stay
    gain = 1 / float(stay @ np.array([0.2126, 0.7152, 0.0722]))
    return _through(rgb, (gain * light / (1 + (gain - 1) * light)).astype(np.float32))


def _through(rgb: Bytes, curve: Floats, linear: bool = True) -> Bytes:
    """`rgb` through a curve of 256 levels, (256,) or (256, 3), in linear light or as it is stored."""
    table = to_srgb(curve) if linear else np.rint(curve * 255).astype(np.uint8)
    table = np.broadcast_to(table[:, None] if table.ndim == 1 else table, (256, 3))
    return np.asarray(cv2.LUT(rgb, np.ascontiguousarray(table)[None]), dtype=np.uint8)


def _in_oklab(rgb: Bytes, change: Callable[[Floats], Floats]) -> Bytes:
    result = np.empty_like(rgb)

    def work(tile: Tile) -> None:
        result[tile] = from_oklab(in_gamut(change(to_oklab(rgb[tile]))))

    each_tile((rgb.shape[0], rgb.shape[1]), work)
    return result


def _logit(x: FloatLike) -> FloatLike:
    result: FloatLike = np.log(x / (1 - x))
    return result
