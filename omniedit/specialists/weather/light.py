"""The light of other hours and skies: night, sunset, golden hour, dawn, overcast, sunny."""

from __future__ import annotations

import numpy as np

from omniedit.specialists.blur import blur
from omniedit.specialists.weather.edges import Floats, smoothstep
from omniedit.specialists.weather.heavens import moon, stars
from omniedit.specialists.weather.lamps import bloom, lamps, windows
from omniedit.specialists.weather.noise import patches
from omniedit.specialists.weather.recipe import Plane, Recipe, Turn, warmth
from omniedit.specialists.weather.scene import Scene, luminance
from omniedit.specialists.weather.skies import (
    Clouds,
    between,
    blue_sky,
    closed_sky,
    clouds,
    evening_sky,
    gradient,
    light_of,
    over,
    recoloured,
    replaced,
    sun_glow,
)
from omniedit.specialists.weather.sky import Sky
from omniedit.specialists.weather.tone import brighter, exposure, flattened, toward

__all__ = ["dawn", "golden_hour", "night", "overcast", "sunny", "sunset"]

SCOTOPIC = np.array([0.06, 0.50, 0.44], np.float32)  # how the eye weighs red, green and blue in the dark (Purkinje)
NIGHT_LEVEL = 0.02  # linear luminance of what is middling at night
CLOSE_UP = 1.4  # times as much where no sky is seen: what is near fills the picture
LAMPLIGHT = np.array([1.0, 0.72, 0.42], np.float32)[:, None, None]
MOONLIGHT = np.array([0.8, 0.9, 1.1], np.float32)[:, None, None]
RIM = np.array([1.4, 0.9, 0.45], np.float32)[:, None, None]


def night(scene: Scene, turn: Turn) -> Recipe:
    """Day for night: a few stops down, blue and pale as the eye sees in the dark; stars, lit windows and lamps."""
    level = NIGHT_LEVEL * turn.rng("night").uniform(0.85, 1.2) * (CLOSE_UP if scene.sky is None else 1)
    stops = float(np.clip(np.log2(level / scene.level), -5, -0.6)) * turn.amount**0.8
    lamp = lamps(scene) * np.float32(turn.share)
    shine = scene.linear * (lamp * smoothstep(luminance(scene.linear), 0.25, 0.6))
    planes: list[Plane] = []
    if (lit := windows(scene, turn.rng("windows"), turn.share)) is not None:
        shine = shine + 0.7 * lit[0]
        planes.append(lit[1])
    glow = bloom(shine)
    if scene.sky is not None:
        in_sky, moonlight = _in_night_sky(scene, scene.sky, turn)
        planes, glow = [*in_sky, *planes], glow + moonlight
    pool = blur(luminance(shine), 0.07 * max(scene.shape))
    return Recipe(
        curve=exposure(stops, 1 + 0.22 * turn.amount, scene.level),
        matrix=warmth(turn, 0.34, (0.6, 0.86, 1.5), SCOTOPIC),
        gain=1 + LAMPLIGHT * np.clip(14 * pool, 0, 6),
        shining=lamp,
        sky=replaced(scene, turn.amount, lambda sky: _night_sky(sky, turn)),
        glow=glow,
        planes=tuple(planes),
    )


def _night_sky(sky: Sky, turn: Turn) -> Floats:
    new = gradient(sky, [(0, (30, 41, 68)), (0.3, (18, 27, 54)), (1, (6, 10, 26))])
    new = recoloured(sky, new, light_of((46, 54, 74)), 0.5)
    return over(new, _night_clouds(sky, turn), light_of((44, 52, 74)), light_of((18, 24, 42)), 0.6)


def _night_clouds(sky: Sky, turn: Turn) -> Clouds:
    rng = turn.rng("night clouds")
    return clouds(rng, sky, float(rng.uniform(0.1, 0.45)), scale=0.8, softness=0.3)


def _in_night_sky(scene: Scene, sky: Sky, turn: Turn) -> tuple[list[Plane], Floats]:
    """Stars, in some variants a moon, and its light in the air (3, h, w)."""
    clear = (1 - 0.9 * _night_clouds(sky, turn).density) * (1 - 0.9 * sky.own_cloud)
    planes, light = [stars(turn.rng("stars"), scene, sky, clear, turn.share)], np.zeros_like(scene.linear)
    rng = turn.rng("moon")
    if rng.uniform() < 0.55 and (risen := moon(rng, scene, sky, turn.share)) is not None:
        planes.append(risen[0])
        light = MOONLIGHT * (np.float32(0.11 * turn.share) * risen[1] * (0.4 + 0.6 * sky.alpha))
    return planes, light


def sunset(scene: Scene, turn: Turn) -> Recipe:
    """A low sun: the sky from orange to violet, warm light from one side, violet shade, haze that glows."""
    a, rng = turn.amount, turn.rng("sunset")
    warm = rng.uniform(0, 1)  # from pink evenings to fiery ones
    near_sun = sun_glow(scene.shape, _sun(scene, rng), 0.9)
    horizon = between((255, 168, 108), (255, 176, 84), warm)
    stops = [
        (0.0, between((255, 186, 128), (255, 190, 92), warm)),
        (0.16, between((246, 152, 118), (250, 150, 72), warm)),
        (0.4, between((206, 124, 136), (214, 118, 96), warm)),
        (0.7, between((128, 104, 148), (132, 96, 124), warm)),
        (1.0, between((74, 80, 130), (70, 70, 112), warm)),
    ]
    return Recipe(
        curve=exposure(-1.05 * a + toward(scene, 0.13, a), 1 + 0.1 * a, scene.level),
        matrix=warmth(turn, 0.88, (1, 1, 1)),
        gain=_from_one_side(turn, near_sun**0.7, (1.62, 0.94, 0.5), (0.98, 0.8, 0.88)) * _rim(scene, near_sun, 0.5 * a),
        sky=replaced(scene, a, lambda sky: evening_sky(sky, stops, light_of((255, 190, 150)), near_sun, rng)),
        through=_haze(scene, near_sun, 0.35 * a),
        air=light_of(horizon) * (0.55 + 0.35 * near_sun),
        glow=light_of(horizon) * near_sun * np.float32(0.05 * a),
    )


def golden_hour(scene: Scene, turn: Turn) -> Recipe:
    """Late sun: warm, soft and from the side, the blue of the sky kept above, gold in the haze."""
    a, rng = turn.amount, turn.rng("golden hour")
    near_sun = sun_glow(scene.shape, _sun(scene, rng), float(rng.uniform(0.8, 1.3)))
    stops = [(0.0, (255, 222, 166)), (0.3, (244, 214, 178)), (0.65, (182, 194, 206)), (1.0, (122, 152, 188))]
    return Recipe(
        curve=exposure(-0.1 * a + toward(scene, 0.16, a), 1 + 0.05 * a, scene.level),
        matrix=warmth(turn, 1.1, (1, 1, 1)),
        gain=_from_one_side(turn, near_sun**0.8, (1.34, 1.02, 0.6), (1.02, 0.94, 0.84))
        * _rim(scene, near_sun, 0.6 * a),
        sky=replaced(scene, 0.85 * a, lambda sky: evening_sky(sky, stops, light_of((255, 228, 190)), near_sun, rng)),
        through=_haze(scene, near_sun, 0.3 * a),
        air=light_of((255, 214, 150)) * (0.55 + 0.35 * near_sun),
        glow=light_of((255, 206, 130)) * near_sun * np.float32(0.07 * a),
    )


def dawn(scene: Scene, turn: Turn) -> Recipe:
    """First light: pink above the horizon, cool and soft below, mist lying low."""
    a, rng = turn.amount, turn.rng("dawn")
    pink = rng.uniform(0, 1)
    near_sun = sun_glow(scene.shape, _sun(scene, rng), 0.8)
    stops = [
        (0.0, between((255, 214, 186), (255, 200, 190), pink)),
        (0.22, between((246, 196, 190), (240, 180, 194), pink)),
        (0.55, between((186, 182, 210), (186, 172, 208), pink)),
        (1.0, between((116, 142, 190), (112, 128, 184), pink)),
    ]
    return Recipe(
        curve=exposure(-0.45 * a + toward(scene, 0.14, a), 1 - 0.06 * a, scene.level),
        matrix=warmth(turn, 0.8, (1, 1, 1)),
        gain=_from_one_side(turn, near_sun, (1.1, 0.96, 0.92), (0.86, 0.92, 1.1)),
        sky=replaced(scene, a, lambda sky: evening_sky(sky, stops, light_of((255, 214, 206)), 0.6 * near_sun, rng)),
        through=np.exp(-0.9 * a * _low_mist(scene, turn)),
        air=light_of((226, 206, 210)) * (0.75 + 0.25 * near_sun),
        glow=light_of((255, 190, 180)) * near_sun * np.float32(0.03 * a),
    )


def overcast(scene: Scene, turn: Turn) -> Recipe:
    """A closed sky: soft grey cloud, flat light without a direction, colours a little tired."""
    a, rng = turn.amount, turn.rng("overcast")
    return Recipe(
        curve=exposure(-0.2 * a + toward(scene, 0.15, a), 1 - 0.1 * a, scene.level),
        matrix=warmth(turn, 0.74, (0.96, 1.0, 1.05)),
        relief=flattened(scene, 1 - 0.28 * min(a, 1.5)),
        sky=replaced(scene, a, lambda sky: closed_sky(sky, rng, (206, 210, 215), (158, 165, 174))),
    )


def sunny(scene: Scene, turn: Turn) -> Recipe:
    """A clear day: blue sky with a few white clouds, warm bright light, firm contrast."""
    a, rng = turn.amount, turn.rng("sunny")
    return Recipe(
        curve=exposure(brighter(scene, 0.25, a), 1 + 0.07 * a, 0.18),
        matrix=warmth(turn, 1.02, (1.05, 1.0, 0.91)),
        relief=flattened(scene, 1 + 0.12 * min(a, 1.5)),
        sky=replaced(scene, 0.95 * a, lambda sky: blue_sky(sky, rng)),
    )


def _sun(scene: Scene, rng: np.random.Generator) -> tuple[float, float]:
    """Where the low sun stands, as shares of width and height: where the sky is brightest, else on some side."""
    guess = float(rng.choice([-0.05, 0.15, 0.35, 0.65, 0.85, 1.05]))
    if scene.sky is None:
        return (0.0 if guess < 0.5 else 1.0), 0.25
    sky = scene.sky
    band = luminance(sky.light) * sky.alpha
    columns = blur(band.mean(axis=0, keepdims=True), 0.1 * scene.shape[1])[0] / (sky.alpha.mean(axis=0) + 0.05)
    if float(columns.max()) > 2.2 * float(np.median(columns)):
        guess = float(columns.argmax()) / scene.shape[1]
    return guess, sky.horizon


def _from_one_side(
    turn: Turn, side: Floats, light: tuple[float, float, float], shade: tuple[float, float, float]
) -> Floats:
    """(3, h, w): a factor of light, `light` where `side` (h, w) is 1 and `shade` where it is 0."""
    lit, dim = (np.array(colour, np.float32)[:, None, None] for colour in (light, shade))
    result: Floats = (dim + side * (lit - dim)) ** np.float32(min(turn.amount, 1.6))
    return result


def _rim(scene: Scene, near_sun: Floats, strength: float) -> Floats:
    """(3, h, w): a factor, the warm light of the sky on the edges of things that stand before it."""
    if scene.sky is None:
        return np.ones((3, 1, 1), np.float32)
    edge = blur(scene.sky.alpha, 0.006 * max(scene.shape)) * scene.things
    return 1 + np.float32(strength) * RIM * edge * (0.4 + near_sun)


def _haze(scene: Scene, near_sun: Floats, thickness: float) -> Floats:
    """(h, w): the share of light that comes through haze in the distance, less of it before the sun."""
    if scene.sky is None:
        return np.ones(scene.shape, np.float32)
    return np.exp(-np.float32(thickness) * scene.distance * (0.4 + near_sun) * scene.things)


def _low_mist(scene: Scene, turn: Turn) -> Floats:
    """(h, w): how much mist one looks through: near the ground, in the distance, in banks."""
    banks = 0.5 + patches(turn.rng("mist"), scene.shape, 0.6)
    if scene.sky is None:
        return 0.2 * scene.distance * banks
    y = (np.arange(scene.shape[0], dtype=np.float32)[:, None] + 0.5) / scene.shape[0]
    low = smoothstep(y, scene.sky.horizon - 0.16, scene.sky.horizon + 0.01)
    return scene.distance**1.4 * (0.25 + low) * banks * scene.things
