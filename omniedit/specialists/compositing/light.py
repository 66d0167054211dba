"""How the light of a picture is, and how to bring one picture's light, colour and grain to another's.

A thing that is pasted looks pasted when it is brighter, bluer, cleaner or sharper than what is around it. `measure`
says how both are, `relight` and `with_grain` bring the one to the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.colour import from_oklab, to_linear, to_oklab, to_srgb
from omniedit.specialists.tiles import at_once

__all__ = ["Light", "Tone", "direction", "grain_of", "measure", "relight", "tone", "with_grain"]

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

LOOKED_AT = 384  # longest side at which lightness, tint and direction are measured
WINDOW, WINDOWS = 256, 5  # grain and sharpness: in at most 5 x 5 windows of 256 px at full size
BLOCK = 16  # side of the blocks in which noise is measured
QUIET = 15  # percentile of the blocks: what is left there is noise, not texture
BROAD = 1.5  # sigma of the high-pass: noise that a camera has smoothed a little still counts
BROADER = 4.0  # sigma up to which forms are looked for,
FORMLESS = 0.55  # times the noise that a block has of them at most (white noise: about .2), and
FLAT = 0.1  # the share of such blocks from which on the picture has a flat part
LOUDEST = 14.0  # levels: no camera's noise
MOST_IN_TEXTURE = 2.0  # levels: grain that a picture without one is taken to have at most
KEPT = 0.842  # standard deviation that white noise keeps under that high-pass and the sampling of blocks
REBLURS = (0.6, 1.4, 3.2)  # sigmas of blurs by which sharpness is measured: the first is against noise too
LEAST_EDGES = 12  # points on edges that it takes to say how sharp they are
SHARPEST, COARSEST = 0.3, 8.0  # limits of sharpness
GREYISH = (0.12, 0.08)  # chroma / L, round by round: what is more colourful says little about the light
TINT_LIMIT = 0.05  # of a move of tint
CONTRAST = (0.8, 1.35)  # limits of the change of contrast
GRAIN_SIZE = 0.55  # sigma in pixels: grains are no squares
STRIP = 1 << 17  # pixels worked on at a time: more would not stay in the cache


@dataclass(frozen=True)
class Tone:
    """`lightness` and `spread`: mean and standard deviation of OKLab L (0..1); `tint`: OKLab (a, b) / L of what should
    be grey.
    """

    lightness: float
    spread: float
    tint: tuple[float, float]


@dataclass(frozen=True)
class Light(Tone):
    """`grain`: standard deviation of the noise in sRGB levels; `sharpness`: the sigma, in pixels, of the blur that an
    ideal edge would need to be like the sharpest edges here.
    """

    grain: float
    sharpness: float


def measure(rgb: Bytes, weight: Floats | None = None) -> Light:
    """The light of `rgb`, uint8 (H, W, 3), where `weight`, (H, W) in [0, 1], is set; everywhere where it is nowhere."""
    found, windows = tone(rgb, weight), _windows(rgb, weight)
    grain = _grain(windows)
    return Light(found.lightness, found.spread, found.tint, grain, _sharpness(windows, grain))


def tone(rgb: Bytes, weight: Floats | None = None) -> Tone:
    """What of `measure` is seen at a small size."""
    small, share = _looked_at(rgb, weight)
    lab = to_oklab(small)
    return Tone(*_mean_and_spread(lab[..., 0], share), _tint(lab, share))


def grain_of(rgb: Bytes, weight: Floats | None = None) -> float:
    """The grain that `measure` finds."""
    return _grain(_windows(rgb, weight))


def relight(rgb: Bytes, own: Tone, there: Tone, strength: float) -> Bytes:
    """`rgb`, uint8 (H, W, 3), with lightness, contrast and tint moved from `own` towards `there`; 0 changes nothing.

    Lightness and contrast go by one S-curve for all channels, y = logistic(gain logit(x) + shift), which keeps black
    and white where they are: nothing clips. The tint goes as light does, by a factor for each channel of linear light.
    """
    if strength <= 0:
        return rgb.copy()
    levels = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)  # (256, 3): each level as a grey
    lightness = np.clip(to_oklab(levels)[:, 0], 1e-4, 1 - 1e-4)
    mean = float(np.clip(own.lightness, 0.08, 0.92))
    goal = float(np.clip(own.lightness + strength * (there.lightness - own.lightness), 0.08, 0.92))
    contrast = float(np.clip(max(there.spread, 0.02) / max(own.spread, 0.02), *CONTRAST)) ** strength
    gain = float(np.clip(contrast * mean * (1 - mean) / (goal * (1 - goal)), 0.5, 2.0))
    curve = _logistic(gain * _logit(lightness) + _logit(goal) - gain * _logit(mean))
    ceiling = 1 + 0.7 * min(goal - mean, 0.0)  # in less light white is darker too
    factors = _tint_factors(own.tint, there.tint, strength)
    table = to_srgb((curve * ceiling)[:, None] ** 3 * factors[None])  # the cube: OKLab's L of a grey is a cube root
    result: Bytes = np.asarray(cv2.LUT(np.ascontiguousarray(rgb), table[None]), dtype=np.uint8)
    return result


def with_grain(rgb: Bytes, grain: float, rng: np.random.Generator) -> Bytes:
    """`rgb`, uint8 (H, W, 3), with film-like grain of standard deviation `grain` in sRGB levels (of the mid-tones).

    The grain is in the lightness mostly, weaker in deep shadows and in white, and a little larger than a pixel;
    `measure` finds about the same figure again on an even surface.
    """
    if grain <= 0:
        return rgb.copy()
    height, width = rgb.shape[:2]
    levels = np.arange(256, dtype=np.float32) / 255
    amount = (grain * (0.35 + 0.65 * np.sqrt(4 * levels * (1 - levels)))).astype(np.float32)
    result = np.empty_like(rgb)
    rows = max(1, STRIP // width)
    tops = range(0, height, rows)

    def strip(top: int, seed: int) -> None:
        part = rgb[top : top + rows]
        size = part.shape[:2]
        cv2.setRNGSeed(seed)  # of this thread: its normal numbers come three times as fast as numpy's
        grey = _rough(cv2.randn(np.empty(size, np.float32), 0, 1)) * cv2.LUT(cv2.extractChannel(part, 1), amount)
        speckle = np.empty((size[0] // 2 + 1, size[1] // 2 + 1, 3), np.float32)
        cv2.randn(speckle, (0,) * 3, (0.3 * grain,) * 3)
        colour = cv2.add(cv2.resize(speckle, size[::-1], interpolation=cv2.INTER_LINEAR), cv2.merge([grey] * 3))
        result[top : top + rows] = cv2.add(part, colour, dtype=cv2.CV_8U)  # rounds, and clips to 0..255

    at_once(strip, tops, rng.integers(1, 1 << 31, len(tops)).tolist())
    return result


def direction(rgb: Bytes) -> tuple[float, float]:
    """Where the main light of `rgb` comes from: a unit vector (x to the right, y down) that points to it.

    A guess. Three things speak: the brighter side of the picture, the mean direction in which surfaces get brighter
    (the tilt estimator of Pentland, "Local shading analysis", 1984), and that light comes from above as a rule.
    """
    small, _ = _looked_at(rgb, None)
    lightness = cv2.GaussianBlur(to_oklab(small)[..., 0], (0, 0), LOOKED_AT / 128)
    height, width = lightness.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x / max(width - 1, 1) - 0.5, y / max(height - 1, 1) - 0.5
    bright = np.clip(lightness - np.quantile(lightness, 0.7), 0, None)
    weight = bright.sum() + 1e-6
    side = np.array([(x * bright).sum() / weight, (y * bright).sum() / weight])
    dx, dy = cv2.Sobel(lightness, cv2.CV_32F, 1, 0), cv2.Sobel(lightness, cv2.CV_32F, 0, 1)
    steep = np.hypot(dx, dy) + 1e-6
    gentle = steep <= np.quantile(steep, 0.9)  # the steepest are outlines of things, not shading
    slope = np.array([dx[gentle].sum(), dy[gentle].sum()]) / steep[gentle].sum()
    vector = 1.5 * side + 0.8 * slope + np.array([0.0, -0.12])
    length = float(np.hypot(*vector))
    return (0.0, -1.0) if length < 1e-3 else (float(vector[0]) / length, float(vector[1]) / length)


def _looked_at(rgb: Bytes, weight: Floats | None) -> tuple[Bytes, Floats]:
    """The picture at a small size, and the weights there: all 1 where none are set."""
    height, width = rgb.shape[:2]
    scale = min(1.0, LOOKED_AT / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if weight is None or not weight.any():
        return small, np.ones(small.shape[:2], np.float32)
    share = cv2.resize(weight.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return small, np.asarray(share, dtype=np.float32)


def _mean_and_spread(values: Floats, weight: Floats) -> tuple[float, float]:
    total = max(float(weight.sum()), 1e-12)
    mean = float((values * weight).sum()) / total
    return mean, float(np.sqrt(max(float(((values - mean) ** 2 * weight).sum()) / total, 0.0)))


def _tint(lab: Floats, weight: Floats) -> tuple[float, float]:
    """The mean (a, b) / L of what is nearly grey: of a cluster that is looked for from grey on (mean shift)."""
    hue = lab[..., 1:] / np.maximum(lab[..., :1], 0.1)
    weight = weight * lab[..., 0]  # what is nearly black has no colour to go by
    centre = np.zeros(2, np.float32)
    for reach in GREYISH:
        near = weight / (1 + (np.hypot(*np.moveaxis(hue - centre, 2, 0)) / reach) ** 4)
        # the fewer near it there are, the less they say
        centre = (hue * near[..., None]).sum(axis=(0, 1)) / max(0.5 * float(near.sum() + weight.sum()), 1e-9)
    return float(centre[0]), float(centre[1])


def _windows(rgb: Bytes, weight: Floats | None) -> list[Floats]:
    """Grey windows at full size, spread over the picture, where the weight is set for the most part."""
    height, width = rgb.shape[:2]
    high, wide = min(WINDOW, height), min(WINDOW, width)
    places = [
        (int(y), int(x))
        for y in np.unique(np.linspace(0, height - high, min(WINDOWS, -(-height // high))).astype(int))
        for x in np.unique(np.linspace(0, width - wide, min(WINDOWS, -(-width // wide))).astype(int))
    ]
    shares = [1.0 if weight is None else float(weight[y : y + high, x : x + wide].mean()) for y, x in places]
    least = min(0.6, 0.9 * max(shares))
    kept = [place for place, share in zip(places, shares, strict=True) if share >= least]
    return [cv2.cvtColor(rgb[y : y + high, x : x + wide], cv2.COLOR_RGB2GRAY).astype(np.float32) for y, x in kept]


def _grain(windows: list[Floats]) -> float:
    """Noise by the median absolute deviation of a high-pass, in the blocks where it is least."""
    found, flat = [], []
    for grey in windows:
        high = grey - cv2.GaussianBlur(grey, (0, 0), BROAD)
        rows, columns = grey.shape[0] // BLOCK, grey.shape[1] // BLOCK
        if not rows or not columns:
            found.append(np.array([1.4826 * np.median(np.abs(high))]))
            continue
        blocks = _blocks(high, rows, columns)
        level = _blocks(grey, rows, columns).mean(axis=1)
        seen = (level > 12) & (level < 243)  # clipped light has no noise
        strength = 1.4826 * np.median(np.abs(blocks), axis=1)[seen]
        broad = cv2.GaussianBlur(grey, (0, 0), BROAD) - cv2.GaussianBlur(grey, (0, 0), BROADER)
        found.append(strength)
        flat.append(_blocks(broad, rows, columns).std(axis=1)[seen] < FORMLESS * strength)
    values = np.concatenate(found)
    if not values.size:
        return 0.0
    even = np.concatenate(flat) if flat else np.ones(values.shape, np.bool_)
    if (
        len(even) == len(values) and (even & (values < LOUDEST)).mean() < FLAT
    ):  # gravel or grass throughout: its texture is no grain
        return min(float(np.percentile(values, 1)) / KEPT, MOST_IN_TEXTURE)
    return float(np.percentile(values, QUIET)) / KEPT


def _blocks(values: Floats, rows: int, columns: int) -> Floats:
    """(blocks, pixels of a block)."""
    cut = values[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return cut.swapaxes(1, 2).reshape(rows * columns, -1)


def _sharpness(windows: list[Floats], grain: float) -> float:
    """Sigma of the sharpest edges: a second blur takes the more of a gradient, the sharper it was.

    Zhuo and Sim, "Defocus map estimation from a single image", 2011, equation 6; at the finest of three scales at
    which edges stand out of the noise and are not much wider than the blurs.
    """
    sigma = COARSEST
    for blur in REBLURS:
        ratios = np.concatenate([_ratios(grey, blur, grain) for grey in windows])
        if ratios.size < LEAST_EDGES:
            continue
        ratio = max(float(np.percentile(ratios, 75)), 1.001)
        sigma = float(np.sqrt(max((1.6 * blur) ** 2 / (ratio**2 - 1) - blur**2, SHARPEST**2)))
        if sigma < 2 * blur:
            break
    return min(sigma, COARSEST)


def _ratios(grey: Floats, blur: float, grain: float) -> Floats:
    """At the crests of steep edges: the gradient after a blur over that after 1.6 times the blur more."""
    once = cv2.GaussianBlur(grey, (0, 0), blur)
    steep = _steepness(once)
    less = _steepness(cv2.GaussianBlur(once, (0, 0), 1.6 * blur))
    noise = 2.5 * grain / max(blur**2, 1.0)  # of a Sobel gradient behind that blur, about
    crest = steep >= cv2.dilate(steep, np.ones((3, 3), np.uint8))
    high = float(np.percentile(steep[::2, ::2], 95))  # a quarter of the pixels says it as well
    edges = crest & (steep > max(16.0, 6 * noise, high))
    return np.asarray(steep[edges] / np.maximum(less[edges], 1e-3), dtype=np.float32)


def _steepness(grey: Floats) -> Floats:
    dx, dy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return np.asarray(cv2.magnitude(dx, dy), dtype=np.float32)


def _tint_factors(own: tuple[float, float], there: tuple[float, float], strength: float) -> Floats:
    """(3,) factors of linear light, the largest 1, that take a grey of tint `own` towards tint `there`."""
    start = np.array(own)
    goal = start + strength * np.clip(np.subtract(there, start), -TINT_LIMIT, TINT_LIMIT)
    before, after = (to_linear(from_oklab(0.8 * np.array([1, *tint], np.float32))) for tint in (start, goal))
    factors = np.asarray(after, np.float32) / np.maximum(before, 1e-3)
    weights = np.array([0.2126, 0.7152, 0.0722], np.float32)
    factors = factors / float((factors * weights).sum())  # as bright as before
    return np.asarray(factors / max(1.0, float(factors.max())), dtype=np.float32)


def _rough(white: Floats) -> Floats:
    """Noise of standard deviation 1 whose grains are a little larger than a pixel, of one whose are not."""
    noise = cv2.GaussianBlur(white, (0, 0), GRAIN_SIZE)
    taps = np.exp(-(np.arange(-4, 5) ** 2) / (2 * GRAIN_SIZE**2))
    taps /= taps.sum()
    noise /= np.float32((taps**2).sum())  # what that blur leaves of white noise
    return np.asarray(noise, dtype=np.float32)


def _logit(x: Floats | float) -> Floats:
    return np.asarray(np.log(x) - np.log1p(-np.asarray(x)), dtype=np.float32)


def _logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)), dtype=np.float32)
