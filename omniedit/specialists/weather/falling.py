"""What falls: rain with wet ground, and snow that lies on what looks upwards."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.specialists.blur import blur
from omniedit.specialists.weather.depth import sharpness
from omniedit.specialists.weather.edges import Floats, smoothstep
from omniedit.specialists.weather.ground import SnowCover, WetGround
from omniedit.specialists.weather.noise import patches
from omniedit.specialists.weather.recipe import SHIFT, Plane, Recipe, Turn, warmth
from omniedit.specialists.weather.scene import Scene
from omniedit.specialists.weather.skies import closed_sky, light_of, replaced
from omniedit.specialists.weather.tone import air_before, exposure, flattened, mist, toward

__all__ = ["flakes", "rain", "snow", "streaks"]

MIDDLING = 0.12  # linear luminance of what is middling in rain

# from far to near: streaks per picture, how far they are (as in Scene.distance), length and width as shares of the
# short side, opacity, blur as a share of the width
DROPS = (
    (9000, 0.5, 0.014, 0.0005, 0.22, 0.0),
    (1500, 0.2, 0.04, 0.0010, 0.21, 0.4),
    (150, 0.0, 0.1, 0.0026, 0.17, 0.8),
)
# from far to near: flakes per picture, how far they are, radius as a share of the short side, opacity, blur as a
# share of the radius: the nearest are out of focus
FLAKES = (
    (6500, 0.5, 0.0008, 0.6, 0.3),
    (1300, 0.2, 0.0019, 0.7, 0.45),
    (130, 0.0, 0.005, 0.5, 0.6),
    (24, 0.0, 0.011, 0.34, 0.75),
)
SIZES, LEAST, MOST = 0.42, 0.4, 2.4  # standard deviation of the log of a flake's size, and its bounds
SOFT = 0.5  # pixels of blur at least: a flake of a few pixels shows no corners
CLOSE_UP = 0.4  # of the flakes: between the camera and what is close there is little air
SPARED = 0.85  # of the flakes that are not drawn before the sharpest part of a close-up


def rain(scene: Scene, turn: Turn) -> Recipe:
    """Rain: grey sky, dull light, streaks near and far, mist, and ground that is dark and mirrors what is above it."""
    a, rng = turn.amount, turn.rng("rain")
    sky = replaced(scene, a, lambda sky: closed_sky(sky, rng, (182, 188, 193), (116, 124, 134), 0.6))
    light = (0.62, 0.66, 0.7) if scene.level > 0.03 else (0.3, 0.33, 0.38)
    return Recipe(
        curve=exposure(-0.55 * a + toward(scene, MIDDLING, a), 1 - 0.02 * a, scene.level),
        matrix=warmth(turn, 0.7, (0.94, 1.0, 1.07)),
        relief=flattened(scene, 1 - 0.22 * min(a, 1.5)),
        surfaces=(WetGround(scene, turn.rng("puddles"), sky, min(a, 1.6)),),
        sky=sky,
        through=mist(scene, 0.65 * a * turn.density),
        air=air_before(scene, sky, light_of((168, 175, 181))),
        planes=tuple(streaks(scene, turn, 1.0, light)),
    )


def snow(scene: Scene, turn: Turn) -> Recipe:
    """Snow: flakes near and far, white on the ground and on top of things, pale cool light."""
    a, rng = turn.amount, turn.rng("snow")
    day = np.float32(scene.daylight)  # snow is as light as the sky above it: at night it is grey
    sky = replaced(scene, a, lambda sky: day * closed_sky(sky, rng, (222, 225, 229), (178, 184, 193), 0.5))
    depth = a * (0.75 + 0.25 * turn.density) * float(rng.uniform(0.85, 1.15))
    return Recipe(
        curve=exposure(-0.12 * a + scene.daylight * toward(scene, 0.16, a), 1 - 0.06 * a, scene.level),
        matrix=warmth(turn, 0.7, (0.95, 1.0, 1.07)),
        relief=flattened(scene, 1 - 0.2 * min(a, 1.5)),
        surfaces=(SnowCover(scene, depth, turn.rng("drifts")),),
        sky=sky,
        through=mist(scene, 0.45 * a * turn.density),
        air=air_before(scene, sky, day * light_of((214, 219, 226))),
        planes=tuple(flakes(scene, turn)),
    )


def streaks(scene: Scene, turn: Turn, share: float, colour: tuple[float, float, float]) -> list[Plane]:
    """Rain drops as the shutter draws them, one plane for each distance; `share` of a full rain."""
    rng = turn.rng("streaks")
    width, height = scene.size
    short = min(width, height)
    lean = float(rng.normal(0, 0.14))
    gusts = patches(rng, scene.shape, 0.5)
    planes = []
    for count, far, length, thick, opacity, blurred in DROPS:
        number = int(count * share * turn.density * min(turn.amount, 1.5) * max(width, height) / short / 1.3)
        level = np.zeros((height, width), np.uint8)
        tall = short * length * rng.uniform(0.6, 1.4, number)
        tilt = lean + rng.normal(0, 0.018, number)
        x, y = rng.uniform(-0.1, 1.1, number), rng.uniform(-0.1, 1.05, number)
        strength = rng.uniform(0.35, 1.0, number) * (0.45 + 0.9 * scene.at(gusts, x, y))
        strength *= scene.at(scene.distance, x, y) > far * rng.uniform(0, 1, number)  # the others fall behind things
        start, way = np.stack([x * width, y * height], 1), np.stack([np.sin(tilt), np.cos(tilt)], 1) * tall[:, None]
        _draw_streaks(level, start, way, thick * short, strength)
        if blurred * thick * short > 0.3:
            level = blur(level, blurred * thick * short)
        planes.append(Plane(level, colour, opacity=min(opacity * (0.6 + 0.4 * turn.amount), 0.6)))
    return planes


def flakes(scene: Scene, turn: Turn) -> list[Plane]:
    """Snow flakes, one plane for each distance; the nearest are large, soft and not before a face.

    A close-up has few, and fewest before what it is sharp on.
    """
    rng = turn.rng("flakes")
    width, height = scene.size
    short = min(width, height)
    lean = float(rng.normal(0, 0.35))
    drifts = patches(rng, scene.shape, 0.5)
    light = 0.3 + 0.7 * scene.daylight
    open_air = 0.4 + 0.8 * drifts
    if scene.sky is None:
        open_air *= CLOSE_UP * (1 - SPARED * smoothstep(sharpness(scene.lab[..., 0]), 0.15, 0.5))
    planes = []
    for count, far, radius, opacity, blurred in FLAKES:
        number = int(count * turn.density * min(turn.amount, 1.5) * max(width, height) / short / 1.3)
        x, y = rng.uniform(0, 1, number), rng.uniform(0, 1, number)
        keep = rng.uniform(0, 1, number) < scene.at(open_air, x, y)
        keep &= scene.at(scene.distance, x, y) > far * rng.uniform(0, 1, number)  # the others fall behind things
        if far == 0:
            keep &= scene.at(scene.skin, x, y) < 0.2
        level = np.zeros((height, width), np.uint8)
        size = short * radius * np.clip(rng.lognormal(0, SIZES, number), LEAST, MOST)
        strength = rng.uniform(0.3, 1.0, number)
        tilt = np.degrees(lean + rng.normal(0, 0.3, number)) + 90
        stretch = rng.uniform(1.0, 1.6, number)
        for k in np.flatnonzero(keep):
            _draw_flake(level, (x[k] * width, y[k] * height), size[k], stretch[k], tilt[k], strength[k])
        level = blur(level, max(blurred * radius * short, SOFT))
        planes.append(Plane(level, (0.9 * light, 0.93 * light, 0.97 * light), opacity=opacity))
    return planes


def _draw_streaks(level: NDArray[np.uint8], start: Floats, way: Floats, thick: float, strength: Floats) -> None:
    """Lines that are bright in the middle and fade at the ends."""
    if thick < 1:
        strength = strength * max(thick, 0.35)
    line = max(1, round(thick))
    fixed = 2**SHIFT
    ends = np.rint(np.stack([start, start + way], 1) * fixed).astype(np.int64)
    inner = np.rint(np.stack([start + 0.22 * way, start + 0.78 * way], 1) * fixed).astype(np.int64)
    values = np.minimum(255, 255 * strength).astype(int).tolist()
    for outer, core, value in zip(ends.tolist(), inner.tolist(), values, strict=True):
        if value < 2:
            continue
        cv2.line(level, outer[0], outer[1], value // 2, line, cv2.LINE_AA, SHIFT)
        cv2.line(level, core[0], core[1], value, line, cv2.LINE_AA, SHIFT)


def _draw_flake(
    level: NDArray[np.uint8], centre: tuple[float, float], radius: float, stretch: float, tilt: float, strength: float
) -> None:
    if radius < 0.6:  # smaller than a pixel: dimmer instead
        strength, radius = strength * (radius / 0.6) ** 1.3, 0.6
    fixed = 2**SHIFT
    at = (round(centre[0] * fixed), round(centre[1] * fixed))
    axes = (round(radius * stretch * fixed), round(radius * fixed))
    cv2.ellipse(level, at, axes, float(tilt), 0, 360, int(255 * strength), -1, cv2.LINE_AA, SHIFT)
