"""Exposure, contrast and thin mist."""

from __future__ import annotations

import numpy as np

from omniedit.colour import to_linear
from omniedit.specialists.blur import blur
from omniedit.specialists.weather.edges import Floats
from omniedit.specialists.weather.scene import Scene, luminance

__all__ = ["air_before", "brighter", "exposure", "flattened", "mist", "toward"]

TOE = 0.003  # light below which contrast changes no more
BRIGHT = 0.72  # linear luminance that the lightest tenth may reach
INDOORS = 0.3  # of the mist outdoors


def exposure(stops: float, contrast: float, pivot: float) -> Floats:
    """(256,) factors of light by luma: `stops` up or down, and `contrast` about the luminance `pivot`."""
    light = np.maximum(np.asarray(to_linear(np.arange(256, dtype=np.uint8)), dtype=np.float64), TOE)
    factor = 2.0**stops * (light / max(pivot, TOE)) ** (contrast - 1)
    return np.asarray(factor, dtype=np.float32)


def toward(scene: Scene, wanted: float, amount: float) -> float:
    """Stops up that bring a scene far darker than the luminance `wanted` most of the way; 0 for a light one."""
    return 0.8 * float(np.clip(np.log2(wanted / scene.level) - 0.7, 0, 3)) * min(amount, 1.0)


def brighter(scene: Scene, stops: float, amount: float) -> float:
    """`stops` up, and more for a dark scene, but fewer where the lightest tenth of the things would burn out."""
    values = luminance(scene.linear)[scene.things > 0.5]
    light = float(np.quantile(values, 0.9)) if values.size else 0.5
    room = max(float(np.log2(BRIGHT / max(light, 0.02))), 0.0)
    return min(stops * amount + toward(scene, 0.2, amount), room)


def flattened(scene: Scene, contrast: float) -> Floats:
    """(h, w): natural log of the factor that turns the contrast between light and shade into `contrast` of it.

    Texture stays as it is: only what is left after smoothing within outlines is moved about its mean.
    """
    broad = scene.guide.smooth(np.log(luminance(scene.linear) + np.float32(0.01)))
    weight = scene.things + 1e-3
    middle = float((broad * weight).sum() / weight.sum())
    return np.clip((contrast - 1) * (broad - middle), -0.8, 0.8).astype(np.float32)


def mist(scene: Scene, thickness: float) -> Floats:
    """(h, w): the share of light that comes through thin mist; close up and indoors there is next to none."""
    thickness *= INDOORS if scene.sky is None else 1
    return np.asarray(np.exp(-thickness * scene.distance * scene.things), dtype=np.float32)


def air_before(scene: Scene, sky: Floats | None, indoors: Floats) -> Floats:
    """(3, h, w): the colour of thin mist, that of the `sky` (3, h, w) around; `indoors` (3, 1, 1) without one."""
    if sky is None:
        return np.ascontiguousarray(np.broadcast_to(indoors, (3, *scene.shape)), dtype=np.float32)
    return np.stack([blur(channel, 0.1 * max(scene.shape)) for channel in sky])
