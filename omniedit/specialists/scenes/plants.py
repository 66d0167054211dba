"""What grows: grass, flowers, leafy trees and firs, as they are seen from some way off."""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.specialists.scenes.noise import Floats, fractal, mix, sample, smooth
from omniedit.specialists.scenes.sky import Air
from omniedit.specialists.scenes.terrain import SIDE, Land, heights_in_light, look, see
from omniedit.specialists.scenes.view import Box, Canvas, View, light_of

__all__ = ["firs", "flowers", "grass", "trees"]

PETALS = ((244, 240, 230), (238, 206, 60), (206, 54, 58), (150, 110, 196))


def grass(painting: Canvas, air: Air, dry: float, farthest: float, roll: float) -> None:
    """Grass from the foot of the picture up to `farthest`; `dry` 0..1 takes it from green to straw."""
    rng = painting.rng
    ground = Land(fractal(SIDE, 2.1, rng, coarsest=2) * roll, 90.0, (rng.random(), rng.random()))
    seen = look(painting.view, ground, 1.05, farthest, lambda heights, away: heights * smooth(away, 1, 25))
    lit = heights_in_light(ground, (air.sun.x, 0.2, 0.6), 10)
    patches = sample(fractal(512, 1.5, rng, coarsest=3), seen.across / 30, seen.away / 60)
    tufts = sample(fractal(512, 0.9, rng, coarsest=20), seen.across / 7, seen.away / 12) * smooth(seen.away, 90, 5)
    blades = sample(fractal(512, 0.25, rng, stretch=3.5).T.copy(), seen.across / 3, seen.away / 5)
    tone = 0.45 + 0.75 * ground.at(lit, seen.across, seen.away) + 0.1 * tufts + 0.1 * blades * smooth(seen.away, 30, 2)
    green = mix(light_of(62, 104, 36), light_of(150, 178, 76), np.clip(0.5 + 0.22 * patches + 0.12 * tufts, 0, 1))
    straw = mix(light_of(128, 110, 60), light_of(196, 178, 112), np.clip(0.5 + 0.25 * patches, 0, 1))
    colour = mix(green, straw, np.clip(dry * (0.7 + 0.4 * patches), 0, 1)) * np.clip(tone, 0.1, 1.6)[..., None]
    see(painting, seen, colour, air, far=400)


def flowers(painting: Canvas) -> None:
    """Spots of two colours in the grass, larger where it is nearer."""
    view, rng = painting.view, painting.rng
    colours = [light_of(*PETALS[int(k)]) for k in rng.choice(len(PETALS), 2, replace=False)]
    patch = fractal(256, 1.4, rng, coarsest=2)
    half = 0.5 * view.width / view.height
    for _ in range(700):
        away, x = 1.6 * 11 ** rng.random(), rng.uniform(-half, half)
        if patch[int(x * 200) % 256, int(away * 16) % 256] < 0.2:
            continue
        centre = (round(x * view.height + view.width / 2), round((view.horizon + View.FOCAL / away) * view.height))
        radius = max(1, round(0.012 * View.FOCAL / away * view.height * rng.uniform(0.6, 1.3)))
        colour = colours[int(rng.random() < 0.3)] * rng.uniform(0.7, 1.15)
        cv2.circle(painting.light, centre, radius, colour.tolist(), -1, cv2.LINE_AA)


def trees(painting: Canvas, air: Air, away: float) -> None:
    """A line of leafy trees that stand `away`: crowns of many lit clumps."""
    view, rng = painting.view, painting.rng
    foot = View.FOCAL / away
    clumps: list[tuple[float, float, float]] = []  # right of the middle, below the horizon, radius
    x = -0.75 * view.width / view.height
    while x < 0.75 * view.width / view.height:
        tall = rng.uniform(4.0, 9.0) * foot  # trees are some times as high as the camera
        clumps += [
            (x + rng.normal(0, 0.3) * tall, foot - rng.uniform(0.25, 1.0) * tall, rng.uniform(0.14, 0.3) * tall)
            for _ in range(26)
        ]
        x += tall * rng.uniform(0.35, 1.3)
    ragged = fractal(512, 1.0, rng, coarsest=6)
    for clump in sorted(clumps, key=lambda clump: clump[1]):
        _clump(painting, air, clump, ragged, foot)


def _clump(painting: Canvas, air: Air, clump: tuple[float, float, float], ragged: Floats, foot: float) -> None:
    """Leaves at (x, below the horizon, radius), lit from where the sun is."""
    x, below, radius = clump
    box = _box(painting.view, (x - 1.3 * radius, x + 1.3 * radius), (below - 1.3 * radius, below + 1.3 * radius))
    dx, dy = (painting.view.x[:, box[1]] - x) / radius, (painting.view.below[box[0]] - below) / radius
    if not dx.size or not dy.size:
        return
    shift = painting.rng.random(2)
    leaves = sample(ragged, dx * 0.11 + shift[0], dy * 0.11 + shift[1])
    lit = 0.42 + 0.38 * (0.6 * np.sign(air.sun.x) * dx - 0.8 * dy) + 0.2 * leaves
    colour = mix(light_of(30, 52, 26), light_of(104, 132, 56), np.clip(lit, 0, 1))
    colour += (air.horizon - colour) * 0.05
    painting.lay(colour, smooth(np.hypot(dx, dy) + 0.28 * leaves, 1.0, 0.86), foot, box)


def firs(painting: Canvas, air: Air, away: float, count: int, snow: float) -> None:
    """A wood of firs that stand `away` and farther, with `snow` (0..1) on their branches."""
    view, rng = painting.view, painting.rng
    ragged = fractal(512, 0.8, rng, coarsest=8)
    half = 0.5 * view.width / view.height + 0.05
    for k in range(count):
        distance = away * (1 + 0.7 * (1 - k / count))
        tall = rng.uniform(6, 13) * View.FOCAL / distance
        _fir(painting, air, rng.uniform(-half, half), distance, tall, ragged, snow)


def _fir(painting: Canvas, air: Air, x: float, distance: float, tall: float, ragged: Floats, snow: float) -> None:
    foot, wide = 0.75 * View.FOCAL / distance, tall * painting.rng.uniform(0.16, 0.24)
    box = _box(painting.view, (x - wide, x + wide), (foot - tall, foot))
    down = (painting.view.below[box[0]] - foot + tall) / tall  # 0 at the tip, 1 at the foot
    aside = np.abs(painting.view.x[:, box[1]] - x) / wide
    if not down.size or not aside.size:
        return
    shift = painting.rng.random(2)
    rag = sample(ragged, aside * 0.25 + shift[0], down * 0.6 + shift[1])
    whorl = 1 - np.mod(down * 9, 1)  # branches grow in rings
    inside = smooth(aside, 1.0, 0.8) * smooth(aside - down * (0.72 + 0.28 * whorl) * (1 + 0.16 * rag), 0.06, -0.05)
    white = smooth(rag + 1.2 * whorl - 0.5, 0.1, 0.9) * snow
    colour = mix(light_of(30, 46, 44), light_of(226, 232, 242), white)
    colour += (air.horizon - colour) * (1 - np.exp(-distance / 420))
    painting.lay(colour, inside, foot, box)


def _box(view: View, x: tuple[float, float], below: tuple[float, float]) -> Box:
    """The rows and columns between two places to the right of the middle and two below the horizon."""
    left, right = (int(np.clip(side * view.height + view.width / 2, 0, view.width)) for side in x)
    return slice(view.row(below[0]), view.row(below[1])), slice(left, right)
