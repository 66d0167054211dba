"""Carries a recipe out at full size, strip by strip: all of the picture's own detail is kept.

A pixel of the source is c = a s + (1 - a) f: sky s, of which it shows the share a, and a thing's colour f. The sky is
taken out of it and the new one put in, so that branches, masts and hair keep no rim of the old sky.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from omniedit.colour import to_linear
from omniedit.specialists.weather.edges import Bytes, Enlarger, Floats, edged, smoothstep
from omniedit.specialists.weather.recipe import Plane, Recipe, Strip
from omniedit.specialists.weather.scene import Scene

__all__ = ["develop"]

STRIP = 1 << 18  # pixels worked on at a time
WORKERS = 4
ALPHA = (0.05, 0.92)  # of the fitted share of sky: a thing below, sky above, in proportion between
SKY_GAIN = 2.5  # of the detail that a sky keeps; more would show its noise
SHINING = (0.35, 0.75)  # luma: what is darker beside a lamp does not shine
SHADES = 1 << 13  # steps of the table that turns light into sRGB, by the square root of light
KNEE = 0.92  # of linear light: above it highlights are rolled off
HEADROOM = 4.0  # light above this is white
FAINT = np.float32(0.004)  # linear light that is lost in noise


def develop(
    source: Bytes, scene: Scene, recipe: Recipe, seed: int, keep_sky: bool, report: Callable[[float], None]
) -> Bytes:
    """`source`, uint8 (H, W, 3), as the recipe has it; `keep_sky` leaves the sky as it is.

    `report` is told the share that is done, and may raise Cancelled.
    """
    height, width = source.shape[:2]
    result = np.empty_like(source)
    darkroom = _Darkroom(scene, recipe, seed, keep_sky)
    rows = max(1, STRIP // width)
    tops = range(0, height, rows)
    with ThreadPoolExecutor(min(WORKERS, os.cpu_count() or 1)) as pool:
        done = pool.map(lambda top: darkroom.strip(source, result, top, min(top + rows, height)), tops)
        try:
            for k, _ in enumerate(done, start=1):
                report(k / len(tops))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return result


class _Darkroom:
    """The recipe's maps, enlarged row by row, and what is done with them."""

    def __init__(self, scene: Scene, recipe: Recipe, seed: int, keep_sky: bool) -> None:
        self.recipe, self.seed, self.keep_sky = recipe, seed, keep_sky
        self.linear = np.asarray(to_linear(np.arange(256, dtype=np.uint8)), dtype=np.float32)
        self.encoded = _encoding()
        self.curve = np.asarray(recipe.curve, dtype=np.float32)
        self.matrix = np.ascontiguousarray(recipe.matrix, dtype=np.float32)
        maps = _maps(scene, recipe, keep_sky)
        self.slices, at = {}, 0
        for name, stack in maps.items():
            self.slices[name] = slice(at, at + len(stack))
            at += len(stack)
        self.large = Enlarger(np.concatenate(list(maps.values())).astype(np.float32), scene.size) if maps else None

    def strip(self, source: Bytes, result: Bytes, top: int, bottom: int) -> None:
        """Fill rows top..bottom of `result`."""
        channels = cv2.split(source[top:bottom])
        light = np.stack([cv2.LUT(channel, self.linear) for channel in channels])  # (3, n, W)
        colour = np.stack(channels).astype(np.float32) / 255
        luma = cv2.cvtColor(source[top:bottom], cv2.COLOR_RGB2GRAY)
        rows = None if self.large is None else self.large.rows(top, bottom)
        maps = {} if rows is None else {name: rows[part] for name, part in self.slices.items()}
        alpha = _share(edged(maps["alpha"], colour), light, maps["old sky"]) if "alpha" in maps else None
        things = np.ones_like(colour[0]) if alpha is None else 1 - alpha
        strip = Strip(top, bottom, luma.astype(np.float32) / 255, colour, things)
        kept = light * alpha if alpha is not None and self.keep_sky else None
        light = self._lit(light, np.take(self.curve, luma), alpha, maps, strip)
        if "through" in maps:
            through = np.clip(edged(maps["through"], colour), 0, 1)
            light *= through
            light += (1 - through) * maps["air"]
        if "glow" in maps:
            light += maps["glow"]
        for plane in self.recipe.planes:
            _lay(light, plane, alpha, strip)
        if kept is not None:
            light *= things
            light += kept
        self._write(light, result, top, bottom)

    def _lit(
        self, light: Floats, factor: Floats, alpha: Floats | None, maps: dict[str, Floats], strip: Strip
    ) -> Floats:
        """What things and sky are in the new light: (3, n, W)."""
        sky: Floats | None = None
        if alpha is not None:
            light -= alpha * maps["old sky"]
            sky = light * (alpha * alpha)  # detail that the small sky has not: cloud edges, birds, grain
            light -= sky
            sky *= maps["sky gain"]
            sky += alpha * maps["new sky"]
        for k, surface in enumerate(self.recipe.surfaces):
            surface.paint(light, maps[f"surface {k}"], strip)
        own = light.copy() if "shining" in maps else light
        if "relief" in maps:
            factor = factor * np.exp(edged(maps["relief"], strip.colour))
        light *= factor
        if "gain" in maps:
            light *= maps["gain"]
        light = _through(self.matrix, light)
        if "shining" in maps:
            light += np.clip(maps["shining"][0], 0, 1) * smoothstep(strip.grey, *SHINING) * (own - light)
        if sky is not None:
            light += sky
        return light

    def _write(self, light: Floats, result: Bytes, top: int, bottom: int) -> None:
        """Light as sRGB, with noise below a level: smooth skies show no steps."""
        np.clip(light, 0, HEADROOM, out=light)
        light *= np.float32((SHADES - 1) ** 2 / HEADROOM)
        np.sqrt(light, out=light)
        value = np.take(self.encoded, light.astype(np.uint16))
        value += np.random.default_rng([self.seed, top]).random(value.shape[1:], dtype=np.float32)
        value -= np.float32(0.5)
        np.clip(np.rint(value, out=value), 0, 255, out=value)
        for channel in range(3):
            result[top:bottom, :, channel] = value[channel]


def _maps(scene: Scene, recipe: Recipe, keep_sky: bool) -> dict[str, Floats]:
    """The small maps that strips are made with, each (c, h, w); those that follow edges as the guide's fit."""
    maps: dict[str, Floats] = {}
    if scene.sky is not None:
        new = scene.sky.light if recipe.sky is None or keep_sky else recipe.sky
        maps["alpha"] = scene.guide.fit(scene.sky.alpha)
        maps["old sky"], maps["new sky"] = scene.sky.light, new
        maps["sky gain"] = np.clip(new / np.maximum(scene.sky.light, 1e-3), 0, SKY_GAIN)
    for name, map_ in (("relief", recipe.relief), ("through", recipe.through)):
        if map_ is not None:
            maps[name] = scene.guide.fit(map_)
    for name, map_ in (("gain", recipe.gain), ("air", recipe.air), ("glow", recipe.glow)):
        if map_ is not None:
            maps[name] = np.broadcast_to(map_, (len(map_), *scene.shape))
    if recipe.shining is not None:
        maps["shining"] = recipe.shining[None]
    return maps | {f"surface {k}": surface.maps for k, surface in enumerate(recipe.surfaces)}


def _through(matrix: Floats, light: Floats) -> Floats:
    """`matrix` (3, 3) times `light` (3, n, W), without BLAS (see Enlarger)."""
    result = np.empty_like(light)
    for row, channel in zip(matrix, result, strict=True):
        np.multiply(light[0], row[0], out=channel)
        channel += row[1] * light[1]
        channel += row[2] * light[2]
    return result


def _share(fitted: Floats, light: Floats, sky: Floats) -> Floats:
    """The share of sky in a pixel, 0..1: as fitted, but no more sky than the pixel has light (f is not negative)."""
    share = np.clip((fitted - np.float32(ALPHA[0])) / np.float32(ALPHA[1] - ALPHA[0]), 0, 1)
    most = ((light + FAINT) / (sky + FAINT)).min(axis=0)
    result: Floats = np.minimum(share, np.maximum(most, 0))
    return result


def _lay(light: Floats, plane: Plane, alpha: Floats | None, strip: Strip) -> None:
    """Draw `plane` into `light` (3, n, W)."""
    level = plane.level[strip.top : strip.bottom]
    if not level.any():
        return
    share = level.astype(np.float32) * np.float32(plane.opacity / 255)
    if plane.behind and alpha is not None:
        share *= alpha * alpha
    colour = np.array(plane.colour, np.float32)[:, None, None]
    if plane.textured:
        colour = colour * (1 - plane.textured + plane.textured * 2 * strip.grey)
    if not plane.adds:
        light *= 1 - share
    light += share * colour


def _encoding() -> Floats:
    """(SHADES,) sRGB 0..255 of light, by its square root; what is brighter than white is rolled off."""
    light = (np.arange(SHADES, dtype=np.float64) / (SHADES - 1)) ** 2 * HEADROOM
    over = np.clip(light - KNEE, 0, None)
    light = np.minimum(light, KNEE) + (1 - KNEE) * (1 - np.exp(-over / (1 - KNEE)))
    value = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(value * 255, dtype=np.float32)
