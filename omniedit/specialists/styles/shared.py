"""What the styles share: sizes in proportion to the picture, work in strips, paper, grain, curves, palettes."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from omniedit.specialists.base import Bytes, Report

__all__ = [
    "Floats",
    "Hand",
    "clouds",
    "crisp",
    "curve",
    "enlarge",
    "fit_palette",
    "floats",
    "grain",
    "in_strips",
    "kuwahara",
    "luma",
    "mood",
    "nearest",
    "paper",
    "smaller",
    "soft_step",
    "to_bytes",
    "vivid",
]

Floats = NDArray[np.floating[Any]]  # float32 throughout
STRIP = 1 << 18  # pixels worked on at a time


@dataclass(frozen=True)
class Hand:
    """How a style is to be done.

    `unit` is a thousandth of the picture's short side in pixels; every stroke, dot and cell is so many units, so that
    a small and a large picture look alike. `size` (1 is usual) makes them smaller or larger, `bold` (1..2, 1 is usual)
    asks for more of what is typical. `whole` is False where only a part of the picture is restyled.
    """

    unit: float
    size: float
    bold: float
    whole: bool
    rng: np.random.Generator
    report: Report

    def mark(self, units: float, least: float = 1.0) -> float:
        """The size in pixels of a mark of so many units, at least `least`."""
        return max(units * self.unit * self.size, least)

    def shrunk(self, rgb: Bytes, short: float) -> Bytes:
        """`rgb` at the scale at which the whole picture's short side is at most `short` pixels."""
        return smaller(rgb, min(rgb.shape[:2]) * short / (1000 * self.unit))


def floats(values: ArrayLike) -> Floats:
    """`values` as float32."""
    return np.asarray(values, dtype=np.float32)


def mood(rng: np.random.Generator) -> Floats:
    """A shift of OKLab colours (3,) that sets variants apart: none, towards evening light or towards cool daylight."""
    return floats(((0, 0, 0), (0.0, 0.005, 0.016), (0.004, -0.004, -0.011))[int(rng.integers(3))])


def in_strips(shape: tuple[int, ...], work: Callable[[int, int], None]) -> None:
    """Call `work(top, bottom)` for strips that cover the height, on all cores; numpy and OpenCV release the lock."""
    height, width = shape[:2]
    rows = max(1, STRIP // width)
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for _ in pool.map(lambda top: work(top, min(top + rows, height)), range(0, height, rows)):
            pass


def smaller(picture: Bytes, short: float) -> Bytes:
    """`picture` with a short side of at most `short` pixels (at least 8), by area means."""
    height, width = picture.shape[:2]
    share = max(short, 8.0) / min(height, width)
    if share >= 1:
        return picture
    size = (max(round(width * share), 1), max(round(height * share), 1))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def enlarge(values: Floats, shape: tuple[int, ...], smooth: bool = True) -> Floats:
    """A map of the size (H, W) of `shape`; cubic where `smooth`, else by straight lines."""
    if values.shape[:2] == shape[:2]:
        return values
    how = cv2.INTER_CUBIC if smooth else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, (shape[1], shape[0]), interpolation=how), dtype=values.dtype)


def crisp(picture: Bytes, shape: tuple[int, ...]) -> Bytes:
    """uint8 (h, w, 3) of flat colours at the size of `shape`, its edges sharp again.

    Each value goes to the nearer of the least and the greatest around it (Kramer and Bruckner, "Iterations of a
    non-linear transformation for enhancement of digital images", 1975), which undoes the softness of enlarging.
    """
    scale = shape[0] / picture.shape[0]
    size = (shape[1], shape[0])
    if scale < 1.3:
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    # softened first, or the small picture's pixels would show as steps
    large = cv2.resize(cv2.GaussianBlur(picture, (0, 0), 0.8), size, interpolation=cv2.INTER_CUBIC)
    for reach in (0.8, 0.5):
        side = 2 * round(scale * reach) + 1
        window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        high, low = cv2.dilate(large, window), cv2.erode(large, window)
        large = np.where(high - large < large - low, high, low)
    return np.asarray(cv2.GaussianBlur(large, (3, 3), 0), dtype=np.uint8)


def grain(shape: tuple[int, ...], size: float, rng: np.random.Generator) -> Floats:
    """float32 (H, W): normal noise (mean 0, deviation 1) whose spots are about `size` pixels wide."""
    height, width = shape[:2]
    shrink = max(size / 2.5, 1.0)
    small = (max(round(height / shrink), 2), max(round(width / shrink), 2))
    kernel = cv2.getGaussianKernel(7, max(size / shrink / 2.5, 0.3)).astype(np.float32)
    noise = rng.standard_normal((small[0] + 6, small[1] + 6), dtype=np.float32)  # what the kernel needs at the border
    noise = cv2.sepFilter2D(noise, -1, kernel, kernel)[3:-3, 3:-3]
    noise = enlarge(np.ascontiguousarray(noise), shape)
    noise *= np.float32(1 / (kernel**2).sum())
    return noise


def clouds(shape: tuple[int, ...], size: float, rng: np.random.Generator, octaves: int = 4) -> Floats:
    """float32 (H, W): fractal noise (mean 0, deviation about 1) whose largest forms are `size` pixels wide."""
    coarse = (shape[0], shape[1]) if min(shape[:2]) < 700 else (shape[0] // 3, shape[1] // 3)
    size = size * coarse[0] / shape[0]
    total = sum(grain(coarse, max(size / 2**k, 1.0), rng) * np.float32(0.6**k) for k in range(octaves))
    return enlarge(floats(total) * np.float32(0.8), shape)


def paper(shape: tuple[int, ...], hand: Hand, rough: float = 1.0) -> Floats:
    """float32 (H, W), mean 0, about -1..1: the hills and dales of drawing paper, `rough` times as wide as usual."""
    tooth = max(2.6 * hand.unit * rough, 1.6)
    hills = grain(shape, tooth * 2.7, hand.rng)
    hills *= np.float32(0.38)
    for share, size in ((0.5, tooth), (0.4, 0.4 * tooth)):
        part = grain(shape, max(size, 1.0), hand.rng)
        part *= np.float32(share)
        hills += part
    return hills


def curve(*points: tuple[float, float]) -> Bytes:
    """A table of 256 bytes through `points` (in and out in 0..1), smooth between them (monotone cubic)."""
    from scipy.interpolate import PchipInterpolator

    known = np.array(points)
    values = PchipInterpolator(known[:, 0], known[:, 1])(np.linspace(0, 1, 256))
    table: Bytes = np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
    return table


def luma(rgb: Bytes) -> Bytes:
    """uint8 (H, W): how bright."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def vivid(rgb: Bytes, factor: float) -> Bytes:
    """`rgb` with its colours `factor` times as strong."""
    grey = np.array([0.299, 0.587, 0.114], np.float32)
    matrix = np.eye(3, dtype=np.float32) * factor + (1 - factor) * grey[None]
    return np.asarray(cv2.transform(rgb, matrix.astype(np.float32)), dtype=np.uint8)


def soft_step(values: Floats, low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high`, straight between; float32. `low` may be the greater: then it falls."""
    return np.clip((values - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)


def to_bytes(values: Floats) -> Bytes:
    """0..255 rounded and clipped."""
    result: Bytes = np.clip(values + np.float32(0.5), 0, 255).astype(np.uint8)
    return result


def kuwahara(rgb: Bytes, radius: float, sharp: float = 4.0) -> Bytes:
    """`rgb` in smooth patches with edges kept, uint8.

    Means of eight sectors around each pixel, weighted by how even each is: Papari, Petkov and Campisi, "Artistic edge
    and corner enhancing smoothing", IEEE TIP 2007.
    """
    reach = max(round(radius), 1)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    disc = np.exp(-(x * x + y * y) / (2 * (0.5 * reach + 0.3) ** 2)) * (x * x + y * y <= (reach + 0.5) ** 2)
    angle = np.arctan2(y, x)
    colour = rgb.astype(np.float32)
    grey = luma(rgb).astype(np.float32)
    grey2 = grey * grey
    total, weights = np.zeros_like(colour), np.zeros_like(grey)
    for sector in range(8):
        away = np.abs((angle - sector * np.pi / 4 + np.pi) % (2 * np.pi) - np.pi)
        kernel = disc * np.clip(1.5 - away / (np.pi / 8), 0, 1)
        kernel[reach, reach] = disc.max() / 8
        kernel = (kernel / kernel.sum()).astype(np.float32)
        mean = cv2.filter2D(colour, -1, kernel, borderType=cv2.BORDER_REFLECT)
        level = cv2.filter2D(grey, -1, kernel, borderType=cv2.BORDER_REFLECT)
        spread = np.sqrt(np.maximum(cv2.filter2D(grey2, -1, kernel, borderType=cv2.BORDER_REFLECT) - level**2, 0))
        weight = (1 / (1 + spread)) ** np.float32(2 * sharp)
        total += mean * weight[..., None]
        weights += weight
    return to_bytes(total / np.maximum(weights, 1e-30)[..., None])


def fit_palette(lab: Floats, count: int, rng: np.random.Generator, rounds: int = 12) -> Floats:
    """`count` colours (count, 3) that stand for `lab` (..., 3): k-means (k-means++) on a sample of its pixels.

    Rare colours are sampled more often than their share: a small green eye must not be lost in brown fur.
    """
    pixels = lab.reshape(-1, 3)
    pixels = pixels[rng.permutation(len(pixels))[:40_000]]
    bins = np.unique(np.floor(pixels * 24).astype(np.int64) @ np.array([1, 1_000, 1_000_000]), return_inverse=True)[1]
    likely = 1 / np.sqrt(np.bincount(bins))[bins]
    pixels = pixels[rng.choice(len(pixels), 6_000, p=likely / likely.sum())]
    centres = pixels[rng.integers(len(pixels))][None]
    for _ in range(count - 1):  # the next centre is likely far from those there are
        away = ((pixels[:, None] - centres[None]) ** 2).sum(2).min(1) + 1e-9
        centres = np.concatenate([centres, pixels[rng.choice(len(pixels), p=away / away.sum())][None]])
    for _ in range(rounds):
        own = nearest(pixels, centres)
        for k in range(count):
            if (own == k).any():
                centres[k] = pixels[own == k].mean(0)
    return np.asarray(centres, dtype=np.float32)


def nearest(lab: Floats, palette: Floats) -> NDArray[np.intp]:
    """The index of the palette's colour nearest to each of `lab` (..., 3)."""
    products = lab @ palette.T
    return np.asarray(((palette**2).sum(1) - 2 * products).argmin(-1))
