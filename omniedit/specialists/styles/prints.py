"""Styles of drawn and printed stories: cartoon, comic, anime-like, pop art."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.colour import from_oklab, to_oklab
from omniedit.specialists.base import Bytes
from omniedit.specialists.blur import blur
from omniedit.specialists.styles.flow import FLOW_SHORT, contours, flow_of
from omniedit.specialists.styles.shared import (
    Floats,
    Hand,
    crisp,
    enlarge,
    fit_palette,
    floats,
    grain,
    in_strips,
    kuwahara,
    luma,
    mood,
    nearest,
    soft_step,
    to_bytes,
)

__all__ = ["anime", "cartoon", "comic", "pop_art"]

FLAT_SHORT = 900  # short side at which colours are made flat
LINE_SHORT = 1300  # short side at which lines are found; they are cut out at full size
INKS = floats([[0, 158, 224], [226, 20, 122], [255, 226, 0], [36, 32, 40]])  # cyan, magenta, yellow, black
SCREENS = (15.0, 75.0, 0.0, 45.0)  # degrees: at these angles the inks' dots do not beat against each other
PENS = ((24, 20, 26), (46, 26, 52), (58, 32, 20))  # black, plum, brown
PAPERS = ((252, 247, 232), (255, 253, 250), (244, 232, 206))  # for comics: fresh, white, yellowed
POP = (  # inks from dark to light
    ((36, 22, 92), (226, 38, 128), (255, 120, 60), (60, 190, 190), (252, 222, 60)),
    ((18, 60, 120), (210, 40, 48), (64, 170, 100), (250, 160, 190), (250, 226, 150)),
    ((88, 20, 100), (0, 140, 150), (240, 80, 60), (250, 190, 40), (190, 232, 220)),
    ((20, 90, 90), (150, 50, 160), (240, 90, 150), (120, 200, 240), (250, 240, 120)),
)


def cartoon(rgb: Bytes, hand: Hand) -> Bytes:
    """Smooth areas in a few soft tones with clean dark outlines.

    Winnemöller, Olsen and Gooch, "Real-time video abstraction", SIGGRAPH 2006.
    """
    flat = _flat(rgb, hand, 6.5)
    lab = to_oklab(flat)
    lab[..., 0] = _stepped(np.float32(0.1) + np.float32(0.92) * lab[..., 0], int(hand.rng.integers(5, 9)), 12.0, 5.0)
    lab += mood(hand.rng)
    lab[..., 1:] *= np.float32(1.2 + 0.2 * hand.bold)
    hand.report(0.4)
    flat = crisp(from_oklab(lab), rgb.shape)
    lines = _lines(rgb, hand, float(hand.rng.uniform(1.3, 1.9)), 0.98)
    hand.report(0.8)
    return _inked(flat, soft_step(lines, -0.8, -2.0), floats(PENS[int(hand.rng.integers(len(PENS)))]))


def comic(rgb: Bytes, hand: Hand) -> Bytes:
    """Newsprint: three inks in dots at the angles of a printer's screens, bold outlines, solid blacks."""
    lab = to_oklab(_flat(rgb, hand, 5))
    lab[..., 0] = _stepped(np.float32(0.16) + np.float32(0.86) * lab[..., 0], 5, 20.0, 3.0)
    lab[..., 1:] *= np.float32(1.3 + 0.3 * hand.bold)
    inks = crisp(_separated(from_oklab(lab)), rgb.shape)
    hand.report(0.4)
    lines = _lines(rgb, hand, 1.9, 0.975)
    dark = enlarge(blur(luma(hand.shrunk(rgb, FLAT_SHORT)).astype(np.float32), 1.5), rgb.shape)
    shift = floats(hand.rng.uniform(0, 1, (4, 2)))
    lean = float(hand.rng.uniform(0, 30))
    period = hand.mark(float(hand.rng.uniform(5.8, 7.4)), 6)
    sheet = floats(PAPERS[int(hand.rng.integers(len(PAPERS)))])
    result = np.empty_like(rgb)
    hand.report(0.7)

    def lay(top: int, bottom: int) -> None:
        rows = slice(top, bottom)
        y = np.arange(top, bottom, dtype=np.float32)[:, None] / np.float32(period)
        x = np.arange(rgb.shape[1], dtype=np.float32)[None] / np.float32(period)
        value = np.broadcast_to(sheet / 255, (bottom - top, rgb.shape[1], 3)).copy()
        for ink in range(4):
            screen = _screen(x + shift[ink, 0], y + shift[ink, 1], np.deg2rad(SCREENS[ink] + lean))
            amount = inks[rows, :, ink].astype(np.float32) * np.float32(1.16 / 255) - np.float32(0.08)
            cover = np.clip((amount - screen) * np.float32(0.9 * period) + np.float32(0.5), 0, 1)
            value *= 1 + cover[..., None] * (INKS[ink] / 255 - 1)
        black = np.maximum(soft_step(lines[rows], -1.2, -2.8), soft_step(dark[rows], 44, 38))
        result[rows] = to_bytes(value * (1 - np.float32(0.93) * black)[..., None] * 255)

    in_strips(rgb.shape, lay)
    return result


def anime(rgb: Bytes, hand: Hand) -> Bytes:
    """In the manner of anime: clean tones in two or three steps, thin coloured lines, glowing lights, deep skies."""
    flat = _flat(rgb, hand, 5)
    sky = _sky(flat)
    lab = to_oklab(flat)
    lightness = lab[..., 0]
    lightness = np.float32(0.12) + np.float32(0.9) * lightness
    lab[..., 0] = np.float32(0.35) * lightness + np.float32(0.65) * _stepped(lightness, 5, 14.0, 0.5)
    shade = np.clip((0.55 - lab[..., :1]) / 0.4, 0, 1)
    lab[..., 1:] *= np.float32(1.25 + 0.2 * hand.bold)
    lab[..., 1:] += shade * floats([0.006, -0.022])  # shadows are violet, not black
    deep = np.linspace(1, 0, len(lab), dtype=np.float32)[:, None] * sky
    lab[..., 0] += sky * np.float32(0.07) - np.float32(0.13) * deep
    lab[..., 1:] += (deep * 0.06 + sky * 0.02)[..., None] * floats([-0.25, -1])
    picture = from_oklab(lab + mood(hand.rng))
    hand.report(0.4)
    unit = hand.unit * picture.shape[0] / rgb.shape[0]
    bright = np.clip(picture.astype(np.float32) - 175, 0, 80) * np.float32(0.7 * hand.bold)
    glow = blur(bright, 8 * unit) + blur(bright, 30 * unit)
    picture = to_bytes(255 - (255 - picture.astype(np.float32)) * np.clip(1 - glow / 255, 0, 1))
    large = crisp(picture, rgb.shape)
    lines = _lines(rgb, hand, 1.1, 0.98)
    hand.report(0.8)
    return _inked(large, soft_step(lines, -0.6, -2.2) * np.float32(0.85), floats(PENS[int(hand.rng.integers(1, 3))]))


def pop_art(rgb: Bytes, hand: Hand) -> Bytes:
    """A silk screen: flat unlikely inks, a black screen over them that does not quite fit."""
    flat = _flat(rgb, hand, 6)
    inks = np.array(POP[int(hand.rng.integers(len(POP)))], np.uint8)
    hue = floats([1, 2.2, 2.2])  # what differs in colour gets inks of its own
    colours = fit_palette(to_oklab(hand.shrunk(rgb, 200)) * hue, len(inks), hand.rng)
    labels = nearest(to_oklab(flat) * hue, colours[np.argsort(colours[:, 0])])
    hand.report(0.3)
    off = floats(hand.mark(4.5) * hand.rng.choice([-1, 1], 2))
    picture = _flat_labels(labels, inks, rgb.shape, off)
    hand.report(0.6)
    grey = luma(hand.shrunk(rgb, LINE_SHORT))
    unit = hand.unit * grey.shape[0] / rgb.shape[0]
    level = grey.astype(np.float32)
    level = blur(level, 1.2 * unit)
    local = level - np.float32(0.75) * blur(level, 45 * unit)  # shadows wherever they are, not only in the dark
    low, high = np.percentile(local[::4, ::4], (12, 55))
    screen = enlarge((local - np.float32(low)) / np.float32(max(high - low, 8)), rgb.shape)
    screen += np.float32(0.13) * grain(rgb.shape, max(2.2 * hand.unit, 1.5), hand.rng)
    return _inked(picture, soft_step(screen, 0.1, -0.1), floats([22, 20, 24]))


def _flat(rgb: Bytes, hand: Hand, patches: float) -> Bytes:
    """The picture at FLAT_SHORT in smooth patches, noise gone, edges kept; `patches` in units."""
    work = hand.shrunk(rgb, FLAT_SHORT)
    unit = hand.unit * work.shape[0] / rgb.shape[0]
    for _ in range(2):
        work = cv2.bilateralFilter(work, 0, 28, max(2.2 * unit, 1))
    return kuwahara(np.asarray(work, dtype=np.uint8), max(patches * unit * hand.size, 1), 5)


def _stepped(values: Floats, steps: int, sharp: float, soft: float) -> Floats:
    """Values (h, w) of 0..1 in `steps` tones: by steps as hard as `sharp` at edges, as `soft` where all is smooth.

    There the values themselves are smoothed too, or a step would follow their noise.
    """
    calm = blur(values, 1.5)
    steep = cv2.magnitude(cv2.Sobel(calm, cv2.CV_32F, 1, 0), cv2.Sobel(calm, cv2.CV_32F, 0, 1)) / 8
    edge = blur(soft_step(cv2.dilate(np.asarray(steep, dtype=np.float32), np.ones((5, 5), np.uint8)), 0.002, 0.01), 3)
    still = 1.001 - edge  # edges have no part in it, or they would get a halo
    values = values * edge + blur(values * still, 5) / blur(still, 5) * (1 - edge)
    phi = np.float32(soft) + np.float32(sharp - soft) * edge
    scaled = values * np.float32(steps)
    near = np.round(scaled)
    result = (near + np.tanh((scaled - near) * phi) / np.tanh(phi / 2) * np.float32(0.5)) / np.float32(steps)
    return np.asarray(result, dtype=np.float32)


def _lines(rgb: Bytes, hand: Hand, width: float, weight: float) -> Floats:
    """Outlines at full size: float32 (H, W), less than 0 on a line."""
    work = hand.shrunk(rgb, LINE_SHORT)
    unit = hand.unit * work.shape[0] / rgb.shape[0]
    grey = np.asarray(cv2.bilateralFilter(luma(work), 0, 30, max(1.6 * unit, 0.8)), dtype=np.uint8)
    drawn = contours(grey, flow_of(hand.shrunk(rgb, FLOW_SHORT)), max(width * unit * hand.size**0.5, 0.6), weight)
    # specks are no lines
    _, parts, about, _ = cv2.connectedComponentsWithStats((drawn < -0.8).astype(np.uint8))
    specks = about[:, cv2.CC_STAT_AREA] < 55 * (width * unit) ** 2
    specks[0] = False
    gone = cv2.dilate(specks[parts].astype(np.uint8), np.ones((3, 3), np.uint8))
    drawn[gone > 0] = np.maximum(drawn[gone > 0], 0)
    return enlarge(drawn, rgb.shape)


def _inked(picture: Bytes, cover: Floats, colour: Floats) -> Bytes:
    """`picture` with ink of `colour` over it where `cover` (H, W) in 0..1 says; in place."""

    def lay(top: int, bottom: int) -> None:
        rows = slice(top, bottom)
        value = picture[rows].astype(np.float32)
        value += (colour - value) * cover[rows][..., None]
        picture[rows] = to_bytes(value)

    in_strips(picture.shape, lay)
    return picture


def _separated(rgb: Bytes) -> Bytes:
    """uint8 (h, w, 4): how much cyan, magenta, yellow and black gives these colours; greys are mostly black ink."""
    inks = 255 - rgb.astype(np.float32)
    black = inks.min(axis=2, keepdims=True) * np.float32(0.75)
    inks = (inks - black) / np.maximum(1 - black / 255, 0.2)
    return to_bytes(np.concatenate([inks, black], axis=2))


def _screen(x: Floats, y: Floats, turn: float) -> Floats:
    """0 in the middle of a dot, 1 between dots; `x` and `y` in dots, turned by so many radians."""
    across = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
    along = y * np.float32(np.cos(turn)) - x * np.float32(np.sin(turn))
    away = [np.abs(place - np.round(place)) * np.float32(2) for place in (across, along)]
    return (away[0] ** 2 * (3 - 2 * away[0]) + away[1] ** 2 * (3 - 2 * away[1])) * np.float32(0.5)


def _flat_labels(labels: NDArray[np.intp], inks: Bytes, shape: tuple[int, ...], off: Floats) -> Bytes:
    """uint8 (H, W, 3): the ink of each label (h, w), shifted by `off` pixels, with smooth crisp borders."""
    best = np.zeros(shape[:2], np.uint8)
    own = np.zeros(shape[:2], np.uint8)
    scale = shape[0] / labels.shape[0]
    shift = floats([[scale, 0, off[0]], [0, scale, off[1]]])
    for number in range(len(inks)):
        here = cv2.GaussianBlur((labels == number).astype(np.uint8) * 255, (0, 0), 1.5)
        here = cv2.warpAffine(here, shift, shape[1::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        np.copyto(own, np.uint8(number), where=here > best)
        np.maximum(best, here, out=best)
    return np.asarray(cv2.GaussianBlur(inks[own], (3, 3), 0), dtype=np.uint8)


def _sky(flat: Bytes) -> Floats:
    """float32 (h, w) in 0..1: smooth, bluish and joined to the upper border; all 0 where there is no such thing."""
    height, width = flat.shape[:2]
    small = cv2.resize(flat, (max(width // 3, 4), max(height // 3, 4)), interpolation=cv2.INTER_AREA)
    lab = to_oklab(np.asarray(small, dtype=np.uint8))
    steep = cv2.morphologyEx(lab[..., 0], cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    smooth = ((steep < 0.045) & (lab[..., 2] < -0.012)).astype(np.uint8)
    _, parts = cv2.connectedComponents(smooth)
    reached = np.unique(parts[0][parts[0] > 0])
    sky = np.isin(parts, reached).astype(np.float32)
    if sky.mean() < 0.04:
        return np.zeros((height, width), np.float32)
    return enlarge(blur(sky, 2.0), flat.shape, smooth=False)
