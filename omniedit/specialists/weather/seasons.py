"""The seasons: what they do to leaves and grass, and the light that goes with them."""

from __future__ import annotations

import numpy as np

from omniedit.specialists.blur import blur
from omniedit.specialists.weather.edges import Floats, edged, smoothstep
from omniedit.specialists.weather.ground import SnowCover
from omniedit.specialists.weather.noise import patches
from omniedit.specialists.weather.recipe import Recipe, Strip, Turn, warmth
from omniedit.specialists.weather.scene import Scene, luminance
from omniedit.specialists.weather.skies import (
    Colour,
    blue_sky,
    closed_sky,
    clouds,
    gradient,
    light_of,
    over,
    recoloured,
    replaced,
)
from omniedit.specialists.weather.sky import Sky
from omniedit.specialists.weather.tone import air_before, brighter, exposure, flattened, mist, toward

__all__ = ["autumn", "spring", "summer", "winter"]

GREENER = (0.015, 0.09)  # 2 g - r - b of a pixel (0..1): not green below, green above
OWN = 0.45  # of a leaf's own deviation from the mean leaf colour that stays

LEAVES: tuple[tuple[Colour, float], ...] = (  # and how light they are, compared with green ones
    ((214, 176, 48), 1.25),
    ((222, 140, 36), 1.1),
    ((198, 88, 30), 0.95),
    ((164, 52, 30), 0.7),
    ((150, 104, 48), 0.95),
)
STRAW: Colour = (176, 156, 84)
FRESH: Colour = (142, 184, 62)
FRESH_GRASS: Colour = (120, 178, 62)
LUSH: Colour = (70, 124, 40)
LUSH_GRASS: Colour = (96, 142, 44)
BLOSSOM: tuple[Colour, ...] = ((246, 206, 218), (250, 238, 240), (238, 170, 194))
BARE: Colour = (132, 122, 108)


class Foliage:
    """Leaves and grass in other colours, leaf by leaf as light or dark as they were.

    `target` (3, h, w) is the light of a leaf of middling lightness, `share` (h, w) how far it goes there.
    """

    def __init__(self, scene: Scene, target: Floats, share: Floats) -> None:
        weight = scene.leaves + 1e-6
        mean = (scene.linear * weight).sum(axis=(1, 2)) / weight.sum()
        grey = max(float(luminance(mean[:, None])[0]), 1e-3)
        self.leaf = (mean / grey).astype(np.float32)[:, None, None]  # light per luminance of the mean leaf
        hue = np.broadcast_to(target / np.float32(grey), (3, *scene.shape))
        self.maps = np.concatenate([scene.guide.fit(share * scene.leaves), hue]).astype(np.float32)

    def paint(self, light: Floats, maps: Floats, strip: Strip) -> None:
        """See Surface."""
        red, green, blue = strip.colour
        share = np.clip(edged(maps[:4], strip.colour), 0, 1) * smoothstep(2 * green - red - blue, *GREENER)
        grey = luminance(light)
        own = light - grey * self.leaf
        light += share * (grey * maps[4:7] + OWN * own - light)
        np.maximum(light, 0, out=light)


def spring(scene: Scene, turn: Turn) -> Recipe:
    """Fresh yellow-green, blossom on some of the trees, an airy light."""
    a, rng = turn.amount, turn.rng("spring")
    trees = _crowns(scene)
    target = _leaf_light(scene, FRESH, 1.25) * trees + _leaf_light(scene, FRESH_GRASS, 1.15) * (1 - trees)
    clumps = patches(turn.rng("blossom"), scene.shape, 0.12, 1.3)
    which = patches(turn.rng("trees"), scene.shape, 0.4)
    bloom = smoothstep(clumps, 0.5, 0.62) * smoothstep(which, 0.42, 0.58) * trees * np.float32(min(a, 1.2))
    colour = BLOSSOM[int(rng.integers(len(BLOSSOM)))]
    target = target + bloom * (_leaf_light(scene, colour, 3.2) - target)
    share = np.clip(0.7 * a + 0.3 * bloom, 0, 1)
    return Recipe(
        curve=exposure(brighter(scene, 0.25, a), 1 - 0.04 * a, 0.18),
        matrix=warmth(turn, 1.06, (1.02, 1.0, 0.97)),
        surfaces=(Foliage(scene, target, share),),
        sky=replaced(scene, 0.85 * a, lambda sky: blue_sky(sky, rng, pale=0.75)),
    )


def summer(scene: Scene, turn: Turn) -> Recipe:
    """Deep green, a strong high sun, a deep blue sky."""
    a, rng = turn.amount, turn.rng("summer")
    trees = _crowns(scene)
    vary = 0.85 + 0.3 * patches(turn.rng("leaves"), scene.shape, 0.2)
    target = (_leaf_light(scene, LUSH, 0.95) * trees + _leaf_light(scene, LUSH_GRASS, 1.05) * (1 - trees)) * vary
    return Recipe(
        curve=exposure(brighter(scene, 0.2, a), 1 + 0.08 * a, 0.18),
        matrix=warmth(turn, 1.04, (1.05, 1.0, 0.89)),
        relief=flattened(scene, 1 + 0.1 * min(a, 1.5)),
        surfaces=(Foliage(scene, target, np.full(scene.shape, min(0.65 * a, 1), np.float32)),),
        sky=replaced(scene, a, lambda sky: blue_sky(sky, rng)),
    )


def autumn(scene: Scene, turn: Turn) -> Recipe:
    """Leaves from yellow to red, tree by tree and branch by branch; grass that tires; soft low light."""
    a, rng = turn.amount, turn.rng("autumn")
    tree = 0.75 * patches(turn.rng("trees"), scene.shape, 0.28)
    tree += 0.25 * patches(turn.rng("twigs"), scene.shape, 0.05, 1.2)
    tree = np.clip((tree - 0.5) * 1.6 + 0.5 + rng.uniform(-0.28, 0.28), 0, 1) * (len(LEAVES) - 1)
    target = np.zeros((3, *scene.shape), np.float32)
    for k, (colour, lift) in enumerate(LEAVES):
        target += np.clip(1 - np.abs(tree - k), 0, 1) * _leaf_light(scene, colour, lift)
    grass = 1 - _crowns(scene)
    target += grass * (_leaf_light(scene, STRAW, 1.05) - target)
    share = np.clip(
        a * (0.95 - rng.uniform(0.15, 0.6) * grass * (0.6 + 0.8 * patches(turn.rng("grass"), scene.shape, 0.2))), 0, 1
    )
    sky = replaced(scene, 0.75 * a, lambda sky: _autumn_sky(sky, rng))
    return Recipe(
        curve=exposure(-0.1 * a + toward(scene, 0.16, a), 1 + 0.06 * a, scene.level),
        matrix=warmth(turn, 0.96, (1.08, 1.0, 0.86)),
        surfaces=(Foliage(scene, target, share.astype(np.float32)),),
        sky=sky,
        through=mist(scene, 0.1 * a),
        air=air_before(scene, sky, light_of((226, 212, 186))),
    )


def winter(scene: Scene, turn: Turn) -> Recipe:
    """Cold clear air after snow: white ground and tops, greens gone grey, a pale sky."""
    a, rng = turn.amount, turn.rng("winter")
    target = _leaf_light(scene, BARE, 0.85)
    share = np.full(scene.shape, min(0.85 * a, 1), np.float32)
    day = np.float32(scene.daylight)
    sky = replaced(scene, 0.9 * a, lambda sky: day * _winter_sky(sky, rng))
    depth = a * float(rng.uniform(0.75, 1.1))
    return Recipe(
        curve=exposure(scene.daylight * toward(scene, 0.16, a), 1 - 0.02 * a, scene.level),
        matrix=warmth(turn, 0.78, (0.93, 1.0, 1.09)),
        surfaces=(Foliage(scene, target, share), SnowCover(scene, depth, turn.rng("drifts"))),
        sky=sky,
        through=mist(scene, 0.3 * a),
        air=air_before(scene, sky, day * light_of((214, 222, 234))),
    )


def _autumn_sky(sky: Sky, rng: np.random.Generator) -> Floats:
    new = gradient(sky, [(0, (238, 226, 204)), (0.35, (206, 212, 214)), (1, (132, 160, 190))])
    new = recoloured(sky, new, light_of((244, 236, 224)), 0.7)
    veil = clouds(rng, sky, float(rng.uniform(0.15, 0.6)), scale=0.9, softness=0.4)
    return over(new, veil, light_of((240, 234, 224)), light_of((186, 186, 190)), 0.7)


def _winter_sky(sky: Sky, rng: np.random.Generator) -> Floats:
    if rng.uniform() < 0.4:
        return closed_sky(sky, rng, (222, 226, 232), (172, 180, 192), 0.5)
    new = gradient(sky, [(0, (232, 236, 242)), (0.4, (198, 212, 228)), (1, (138, 164, 196))])
    return recoloured(sky, new, light_of((238, 240, 244)), 0.6)


def _crowns(scene: Scene) -> Floats:
    """(h, w), 0..1: leaves that are no lawn: of trees and bushes."""
    return smoothstep(blur(scene.leaves * (1 - scene.ground), 0.012 * max(scene.shape)), 0.3, 0.5)


def _leaf_light(scene: Scene, colour: Colour, lift: float) -> Floats:
    """(3, 1, 1): the light of a middling leaf here, had it the hue of `colour`, `lift` times as light."""
    weight = scene.leaves + 1e-6
    grey = float((luminance(scene.linear) * weight).sum() / weight.sum())
    light = light_of(colour)
    return np.asarray(light / float(luminance(light)[0, 0]) * np.float32(grey * lift), dtype=np.float32)
