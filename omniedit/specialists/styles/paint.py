"""Styles made of brush strokes: oil, impressionist, van Gogh."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from omniedit.colour import from_oklab, to_oklab
from omniedit.specialists.base import Bytes
from omniedit.specialists.blur import blur
from omniedit.specialists.styles.flow import FLOW_SHORT, Flow, contours, flow_of
from omniedit.specialists.styles.shared import Floats, Hand, floats, kuwahara, luma, mood, soft_step, to_bytes, vivid
from omniedit.specialists.styles.strokes import Layer, Strokes, light, paint_over, strokes_of

__all__ = ["impressionist", "oil", "van_gogh"]

BASE_SHORT = 700  # short side at which strokes find their colour and place


def oil(rgb: Bytes, hand: Hand) -> Bytes:
    """Oil on canvas: broad strokes, finer ones over them where the picture has detail, light on thick paint."""
    flow = flow_of(hand.shrunk(rgb, FLOW_SHORT))
    base = kuwahara(vivid(hand.shrunk(rgb, BASE_SHORT), 1.1 + 0.1 * hand.bold), 4)
    hand.report(0.2)
    hand = replace(hand, size=hand.size * hand.rng.uniform(0.85, 1.2))
    layers = [
        Layer(hand.mark(13, 3), hand.mark(60, 9), hand.mark(14, 3), 40),
        Layer(hand.mark(7, 2), hand.mark(34, 6), hand.mark(8, 2.2), 30, 3),
        Layer(hand.mark(3.4, 1.4), hand.mark(18, 4), hand.mark(4, 1.6), 24, 5),
        Layer(hand.mark(1.7, 1.1), hand.mark(9, 3), hand.mark(2.3, 1.3), 20, 8),
    ]
    strokes = _all_strokes(base, rgb.shape, flow, layers, hand)
    strokes = strokes.coloured(_varied(to_oklab(strokes.colours) + mood(hand.rng), hand, 0.012, 0.006))
    return _done(base, rgb.shape, strokes, flow, hand, relief=0.4 * hand.bold, bristle=0.6)


def impressionist(rgb: Bytes, hand: Hand) -> Bytes:
    """Short visible dabs of broken colour: light tones, violet in the shadows, the ground between the dabs."""
    flow = flow_of(hand.shrunk(rgb, FLOW_SHORT))
    base = kuwahara(hand.shrunk(rgb, BASE_SHORT), 3)
    hand.report(0.2)
    hand = replace(hand, size=hand.size * hand.rng.uniform(0.85, 1.2))
    layers = [
        Layer(hand.mark(8, 2), hand.mark(20, 5), hand.mark(9.5, 2.5), 80),
        Layer(hand.mark(5, 1.6), hand.mark(13, 4), hand.mark(6.5, 2), 60, 2),
        Layer(hand.mark(2.8, 1.2), hand.mark(8, 3), hand.mark(3.8, 1.6), 45, 6),
    ]
    strokes = _all_strokes(base, rgb.shape, flow, layers, hand)
    lab = _sunlit(to_oklab(strokes.colours), hand.bold) + mood(hand.rng)
    strokes = strokes.coloured(_varied(lab, hand, 0.035, 0.022 * hand.bold))
    ground = from_oklab(_sunlit(to_oklab(base), hand.bold))
    return _done(ground, rgb.shape, strokes, flow, hand, relief=0.5, bristle=0.7)


def van_gogh(rgb: Bytes, hand: Hand) -> Bytes:
    """Long curved strokes side by side, light next to dark, in a heightened palette; still areas begin to swirl."""
    flow = _swirling(flow_of(hand.shrunk(rgb, FLOW_SHORT)), hand)
    base = _outlined(kuwahara(hand.shrunk(rgb, BASE_SHORT), 5), flow, 1.8 * hand.bold)
    hand.report(0.2)
    hand = replace(hand, size=hand.size * hand.rng.uniform(0.85, 1.2))
    layers = [
        Layer(hand.mark(7.5, 2), hand.mark(70, 10), hand.mark(10, 2.6), 50),
        Layer(hand.mark(5.2, 1.7), hand.mark(50, 8), hand.mark(8, 2.2), 42, 1),
        Layer(hand.mark(3, 1.3), hand.mark(24, 5), hand.mark(4.6, 1.7), 32, 5),
        Layer(hand.mark(1.8, 1.1), hand.mark(10, 3), hand.mark(2.7, 1.3), 24, 9),
    ]
    strokes = _all_strokes(base, rgb.shape, flow, layers, hand)
    lab = _heightened(to_oklab(strokes.colours), hand.bold) + mood(hand.rng)
    lab[:, 0] += hand.rng.choice(floats([-0.055, 0.0, 0.05]), len(lab)) * np.float32(hand.bold)
    strokes = strokes.coloured(_varied(lab, hand, 0.012, 0.018))
    ground = from_oklab(_heightened(to_oklab(base), hand.bold) * floats([0.8, 1, 1]))
    return _done(ground, rgb.shape, strokes, flow, hand, relief=0.6, bristle=0.8)


def _all_strokes(work: Bytes, shape: tuple[int, ...], flow: Flow, layers: list[Layer], hand: Hand) -> Strokes:
    strokes = [strokes_of(work, shape, flow, layer, hand) for layer in layers]
    hand.report(0.4)
    return Strokes(np.concatenate([part.outlines for part in strokes]), np.concatenate([s.colours for s in strokes]))


def _done(
    ground: Bytes, shape: tuple[int, ...], strokes: Strokes, flow: Flow, hand: Hand, relief: float, bristle: float
) -> Bytes:
    ids = paint_over(shape, strokes)
    hand.report(0.7)
    ground = np.asarray(cv2.resize(ground, shape[1::-1], interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    return light(ground, ids, strokes, flow, hand, relief, bristle)


def _varied(lab: Floats, hand: Hand, light_by: float, colour_by: float) -> Bytes:
    """OKLab (N, 3) -> uint8, each a bit lighter or darker and of another tint: paint is never mixed twice alike."""
    noise = hand.rng.normal(0, (light_by, colour_by, colour_by), lab.shape).astype(np.float32)
    return from_oklab(lab + noise * np.minimum(lab[..., :1] * 1.6, 1))  # a dark colour shows each step more


def _sunlit(lab: Floats, bold: float) -> Floats:
    """OKLab as the impressionists saw it: no black, shadows towards violet, lights towards yellow, more colour."""
    lightness = lab[..., :1]
    shade, glow = np.clip(1 - lightness / 0.55, 0, 1), np.clip((lightness - 0.6) / 0.4, 0, 1)
    result = lab * floats([0.86, 1 + 0.3 * bold, 1 + 0.3 * bold]) + floats([0.13, 0, 0])
    return result + shade * floats([0.02, 0.015, -0.055]) * bold + glow * floats([0, -0.004, 0.02]) * bold


def _heightened(lab: Floats, bold: float) -> Floats:
    """OKLab in van Gogh's palette: greys become blue in the dark and yellow in the light, colours are strong."""
    lightness = lab[..., :1]
    chroma = np.sqrt((lab[..., 1:] ** 2).sum(-1, keepdims=True))
    grey = np.exp(-((chroma / 0.06) ** 2))
    dark, bright = np.clip(1.1 - lightness / 0.62, 0, 1), np.clip((lightness - 0.55) / 0.35, 0, 1)
    result = lab * floats([0.9, 1 + 0.45 * bold, 1 + 0.45 * bold]) + floats([0.06, 0, 0])
    result = result + grey * dark * floats([0.03, -0.01, -0.09]) * bold
    return result + grey * bright * floats([-0.03, -0.012, 0.075]) * bold


def _outlined(base: Bytes, flow: Flow, width: float) -> Bytes:
    """`base` with dark blue along its outlines, `width` pixels wide; the finer strokes will pick it up."""
    lines = soft_step(contours(luma(base), flow, width, 0.98), -1.5, -7.0)[..., None] * np.float32(0.7)
    return to_bytes(base.astype(np.float32) * (1 - lines) + floats([24, 34, 84]) * lines)


def _swirling(flow: Flow, hand: Hand) -> Flow:
    """`flow` with whirls where the forms do not say which way to go."""
    height, width = flow.sure.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    twice = np.zeros((height, width, 2), np.float32)
    for _ in range(14):
        x, y = hand.rng.uniform(0, width), hand.rng.uniform(0, height)
        reach = hand.rng.uniform(0.1, 0.24) * min(height, width)
        dx, dy = columns - np.float32(x), rows - np.float32(y)
        near = np.exp(-(dx * dx + dy * dy) / np.float32(2 * reach**2))
        angle = 2 * (np.arctan2(dy, dx) + np.float32(np.pi / 2 + 0.35))  # spirals rather than rings
        twice += near[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=2)
    still = np.clip(1 - flow.sure / 0.35, 0, 1)[..., None]
    along = flow.along * (1 - still) + still * (0.35 * flow.along + 1.6 * twice)
    along = blur(np.ascontiguousarray(along), 3)
    along /= np.maximum(np.sqrt((along**2).sum(2, keepdims=True)), 1e-3)
    return Flow(along, flow.sure)
