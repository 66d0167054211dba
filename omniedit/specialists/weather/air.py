"""Weather of the air itself: fog that thickens with distance, and a storm."""

from __future__ import annotations

import numpy as np

from omniedit.specialists.blur import blur
from omniedit.specialists.weather.edges import Floats
from omniedit.specialists.weather.falling import streaks
from omniedit.specialists.weather.heavens import lightning
from omniedit.specialists.weather.lamps import bloom, lamps
from omniedit.specialists.weather.noise import patches
from omniedit.specialists.weather.recipe import Recipe, Turn, warmth
from omniedit.specialists.weather.scene import Scene, luminance
from omniedit.specialists.weather.skies import light_of, replaced, stormy_sky
from omniedit.specialists.weather.sky import Sky
from omniedit.specialists.weather.tone import air_before, exposure, flattened, mist, toward

__all__ = ["fog", "storm"]

THICKNESS = 2.6  # of fog between the camera and the horizon: exp(-2.6) of the light comes through
DARK = 0.15  # linear luminance of the sky: below it is dusk or night
LIGHTNING = 0.65  # of the variants have some
FLASH = np.array([0.62, 0.66, 0.9], np.float32)[:, None, None]


def fog(scene: Scene, turn: Turn) -> Recipe:
    """Fog: I = J t + A (1 - t) with t = exp(-beta d), the air's colour A from the picture (Koschmieder, 1924)."""
    a = turn.amount
    beta = THICKNESS * a * turn.density * float(turn.rng("fog").uniform(0.7, 1.25))
    banks = 0.5 + 0.7 * patches(turn.rng("banks"), scene.shape, 0.8)
    banks += 0.26 * patches(turn.rng("wisps"), scene.shape, 0.25)
    through = np.exp(-np.float32(beta) * scene.distance**1.25 * banks)
    air = _air_of(scene)
    shine = scene.linear * lamps(scene) * np.float32(turn.share)
    return Recipe(
        curve=exposure(-0.1 * turn.share, 1 - 0.12 * min(a, 1.5), scene.level),
        matrix=warmth(turn, 0.78, (1, 1, 1)),
        relief=flattened(scene, 1 - 0.25 * min(a, 1.5)),
        sky=replaced(scene, 0.6 * a, lambda sky: _veiled(sky, air)),
        through=through,
        air=air * (0.95 + 0.1 * patches(turn.rng("light"), scene.shape, 1.0)),
        glow=bloom(shine),
    )


def storm(scene: Scene, turn: Turn) -> Recipe:
    """A thunderstorm: dark torn clouds, hard cold light, rain, and lightning in some of the variants."""
    a, rng = turn.amount, turn.rng("storm")
    bolt = None
    if scene.sky is not None and rng.uniform() < LIGHTNING:
        bolt = lightning(turn.rng("lightning"), scene, scene.sky, turn.share)
    sky = replaced(scene, a, lambda sky: stormy_sky(sky, rng))
    return Recipe(
        curve=exposure(-1.15 * a + toward(scene, 0.12, a), 1 + 0.14 * a, scene.level),
        matrix=warmth(turn, 0.64, (0.92, 1.0, 1.06)),
        relief=flattened(scene, 1 - 0.1 * min(a, 1.5)),
        sky=sky,
        through=mist(scene, 0.75 * a * turn.density),
        air=air_before(scene, sky, light_of((112, 120, 126))),
        glow=None if bolt is None else FLASH * (np.float32(0.34 * turn.share) * bolt[1] * (1 - 0.7 * scene.things)),
        planes=(*([] if bolt is None else [bolt[0]]), *streaks(scene, turn, 0.75, (0.42, 0.45, 0.48))),
    )


def _air_of(scene: Scene) -> Floats:
    """(3, h, w): the colour of hazy air in this picture: that of its sky or of its haziest parts, greyer."""
    dark = scene.linear.min(axis=0)
    weight = (dark >= np.quantile(dark, 0.93)).astype(np.float32) if scene.sky is None else scene.sky.alpha
    colour = (scene.linear * weight).sum(axis=(1, 2)) / max(float(weight.sum()), 1.0)
    grey = float(luminance(colour[:, None])[0])
    # fog scatters most of the light that there is: paler than the sky, but no lighter than it by night
    level = 1.3 * grey + 0.02 if grey < DARK else float(np.clip(0.3 + 0.7 * grey, 0.3, 0.66))
    colour = (grey + 0.12 * (colour - grey)) * (level / max(grey, 1e-3))
    y = (np.arange(scene.shape[0], dtype=np.float32)[:, None] + 0.5) / scene.shape[0]
    lit = 1.06 - 0.16 * y  # light comes from above
    return colour.astype(np.float32)[:, None, None] * np.broadcast_to(lit, scene.shape)


def _veiled(sky: Sky, air: Floats) -> Floats:
    """A sky behind fog: the air's colour with a trace of what was there."""
    grey = luminance(sky.light)
    trace = grey / np.maximum(blur(grey, 0.2 * max(grey.shape)), 1e-3)
    result: Floats = air * np.sqrt(np.clip(trace, 0.7, 1.3))
    return result
