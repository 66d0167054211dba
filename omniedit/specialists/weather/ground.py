"""What rain and snow do to surfaces."""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.specialists.blur import blur
from omniedit.specialists.weather.edges import Floats, edged, smoothstep
from omniedit.specialists.weather.noise import fractal, overhead, patches
from omniedit.specialists.weather.recipe import Strip
from omniedit.specialists.weather.scene import Scene, luminance

__all__ = ["SnowCover", "WetGround"]

CAP = 0.011  # of the longest side: how thick snow lies on what stands before the sky
SNOW = np.array([0.88, 0.91, 0.96], np.float32)[:, None, None]
SHADOW = np.array([0.26, 0.16, 0.04], np.float32)[:, None, None]  # what shadows on snow lack of it: they are blue
GRAIN_TILE = 256


class WetGround:
    """Ground that rain made dark and shiny: it mirrors what stands above it, most where one looks along it."""

    def __init__(self, scene: Scene, rng: np.random.Generator, sky: Floats | None, strength: float) -> None:
        mirrored = _mirrored(scene, sky)
        wet = scene.ground * np.float32(strength)
        pools = 0.35 + 0.65 * smoothstep(_along_ground(scene, rng, 0.35), 0.42, 0.6)
        mirror = wet * pools * _grazing(scene) * (1 - 0.9 * scene.leaves)  # grass is wet but no mirror
        self.maps = np.concatenate([scene.guide.fit(wet), mirrored, mirror[None]]).astype(np.float32)

    def paint(self, light: Floats, maps: Floats, strip: Strip) -> None:
        """See Surface."""
        wet = np.clip(edged(maps[:4], strip.colour), 0, 1.6)
        mirror = np.clip(maps[7], 0, 0.85) * np.clip(wet * 1.4, 0, 1)
        light *= 1 - 0.4 * np.clip(wet, 0, 1.4)
        light *= 1 - mirror
        light += mirror * strip.things * np.maximum(maps[4:7], 0)


class SnowCover:
    """Snow on what looks upwards: it fills from the lightest spots on, and shows the form of what lies under it."""

    def __init__(self, scene: Scene, depth: float, rng: np.random.Generator) -> None:
        patchy = patches(rng, scene.shape, 0.18, 1.4) - 0.5
        much = np.float32((0.55 + 0.45 * min(depth, 1.6)) * min(1, 2.5 * depth))
        lying, caught = _lying(scene), _caught(scene)
        lying = np.clip(much * (lying + 0.16 * patchy * (lying > 0.02)), 0, 1.3)
        caught = np.clip(much * (caught + 0.16 * patchy * (caught > 0.02)), 0, 1.3)
        tops = much * _tops(scene, 1 + 1.4 * patchy)
        grey = luminance(scene.linear) + np.float32(0.004)
        form = scene.guide.smooth(np.log(grey))
        middle = float(np.median(form[scene.things > 0.5])) if (scene.things > 0.5).any() else 0.0
        shade = np.exp(np.clip(0.42 * (form - middle), -0.8, 0.2)) * (0.94 + 0.12 * _along_ground(scene, rng, 0.3))
        near = blur(scene.lab[..., 0], 0.004 * max(scene.shape))
        self.maps = np.concatenate(
            [scene.guide.fit(lying), scene.guide.fit(caught), np.stack([shade, near, tops])]
        ).astype(np.float32)
        self.grain = fractal(rng, 0.9, GRAIN_TILE)
        self.light = np.float32(scene.daylight)

    def paint(self, light: Floats, maps: Floats, strip: Strip) -> None:
        """See Surface."""
        lying, caught = edged(maps[:4], strip.colour), edged(maps[4:8], strip.colour)
        shade, near, tops = maps[8:]
        up = np.maximum.reduce([smoothstep(lying, 0.25, 0.75), caught, tops])
        detail = strip.grey - near
        rows = np.arange(strip.top, strip.bottom) % GRAIN_TILE
        columns = np.arange(strip.grey.shape[1]) % GRAIN_TILE
        grain = self.grain[rows][:, columns] - np.float32(0.5)
        cover = smoothstep(up + 1.1 * detail * (up > 0.05) + 0.16 * grain, 0.34, 0.62)
        shade = shade * np.clip(1 + 1.3 * detail + 0.08 * grain, 0.5, 1.25)
        shade = shade + tops * 0.7 * (1 - shade)
        shadow = np.clip(1 - shade, 0, 1)
        snow = self.light * shade * (SNOW - shadow * SHADOW)
        light += cover * (snow * strip.things - light)


def _lying(scene: Scene) -> Floats:
    """(h, w), 0..1: where snow lies thick: on the ground, but not on water."""
    return (scene.ground * (1 - _water(scene)) * _bare(scene)).astype(np.float32)


def _caught(scene: Scene) -> Floats:
    """(h, w), 0..1: where some snow stays: on distant land, foliage and ledges."""
    caught = np.maximum(0.5 * scene.leaves, _ledges(scene))
    if scene.sky is not None:
        caught = np.maximum(caught, 0.5 * smoothstep(scene.distance, 0.45, 0.85) * (1 - _water(scene)))
    return (caught * _bare(scene) * scene.things).astype(np.float32)


def _water(scene: Scene) -> Floats:
    """(h, w), 0..1: what is blue below the horizon, not counting the bluish seam between things and sky."""
    if scene.sky is None:
        return np.zeros(scene.shape, np.float32)
    y = (np.arange(scene.shape[0], dtype=np.float32)[:, None] + 0.5) / scene.shape[0]
    blue = smoothstep(-scene.lab[..., 2], 0.0, 0.035) * scene.things * (y > scene.sky.horizon - 0.01)
    side = max(3, max(scene.shape) // 110 | 1)
    return np.asarray(cv2.morphologyEx(blue, cv2.MORPH_OPEN, np.ones((side, side), np.uint8)), dtype=np.float32)


def _tops(scene: Scene, thickness: Floats) -> Floats:
    """(h, w), 0..1: the upper edges of what stands before the sky, `thickness` (h, w) times as deep as usual."""
    if scene.sky is None:
        return np.zeros(scene.shape, np.float32)
    deep = 3 * max(1, round(CAP * max(scene.shape)))
    sky = np.concatenate([np.ones((deep, scene.shape[1]), np.float32) * scene.sky.alpha[:1], scene.sky.alpha])
    under = np.zeros(scene.shape, np.float32)  # how close below the sky, as a share of `deep`
    for step in range(deep, 0, -1):
        seen = sky[deep - step : deep - step + scene.shape[0]]
        under = np.maximum(under, seen * (1 - step / deep))
    # nothing lies on a mast or between the bars of a lattice: only what is broad below carries snow
    side = max(3, deep // 2 | 1)
    broad = cv2.morphologyEx(scene.things, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    carries = smoothstep(np.asarray(cv2.GaussianBlur(broad, (0, 0), 0.8), np.float32), 0.5, 0.9)
    lying = smoothstep(under, 0.0, 0.2) * smoothstep(under - (1 - thickness / 3), -0.1, 0.1)
    return lying * carries * (1 - _water(scene))


def _bare(scene: Scene) -> Floats:
    """(h, w): 0 on skin and close to it, 1 elsewhere."""
    return np.clip(1 - 2.5 * blur(scene.skin, max(scene.shape) / 100), 0, 1)


def _ledges(scene: Scene) -> Floats:
    """Upper edges of things, as the sky lights them: lighter than what is above and below; at two scales."""
    longest = max(scene.shape)
    lightness = scene.lab[..., 0]
    found = np.zeros_like(lightness)
    for step in (0.006, 0.016):
        smooth = blur(lightness, step * longest / 2)
        shift = max(1, round(step * longest))
        below = np.concatenate([smooth[shift:], np.repeat(smooth[-1:], shift, axis=0)])
        above = np.concatenate([np.repeat(smooth[:1], shift, axis=0), smooth[:-shift]])
        found = np.maximum(found, smoothstep(smooth - below, 0.05, 0.16) * smoothstep(smooth - above, 0.0, 0.05))
    return 0.55 * found


def _grazing(scene: Scene) -> Floats:
    """(h, 1): how much a flat wet ground mirrors, by the angle at which it is seen (after Fresnel)."""
    horizon = 0.35 if scene.sky is None else scene.sky.horizon
    y = (np.arange(scene.shape[0], dtype=np.float32)[:, None] + 0.5) / scene.shape[0]
    near = np.clip((y - horizon) / max(1 - horizon, 0.1), 0, 1)
    result: Floats = 0.16 + 0.5 * (1 - near) ** 2
    return result


def _mirrored(scene: Scene, sky: Floats | None) -> Floats:
    """(3, h, w): what the ground mirrors: what stands above where the ground begins, upside down and smeared."""
    height, width = scene.shape
    picture = scene.linear
    if scene.sky is not None and sky is not None:
        picture = picture * scene.things + sky * scene.sky.alpha
    flat = scene.ground > 0.4
    begins = np.where(flat.any(axis=0), np.argmax(flat, axis=0), height - 1).astype(np.float32)
    begins = np.asarray(cv2.medianBlur(begins[None], 5), dtype=np.float32)
    begins = blur(begins, 0.01 * width)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    source_row = np.clip(2 * begins - y, 0, None)
    turned = cv2.remap(
        np.ascontiguousarray(picture.transpose(1, 2, 0)),
        x,
        source_row,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    smeared = cv2.GaussianBlur(turned, (0, 0), sigmaX=max(0.4, 0.003 * width), sigmaY=max(0.8, 0.03 * height))
    return np.ascontiguousarray(smeared.transpose(2, 0, 1))


def _along_ground(scene: Scene, rng: np.random.Generator, scale: float) -> Floats:
    """(h, w), 0..1: a random field that lies on the ground, flatter towards the horizon."""
    horizon = 0.35 if scene.sky is None else min(scene.sky.horizon, 0.9)
    return overhead(rng, scene.shape, 1 - horizon, scale, 1.6)[::-1].copy()
