"""Open country: mountains, desert, snowfield and meadow."""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.specialists.scenes.noise import Floats, fractal, mix, ridged, sample, smooth
from omniedit.specialists.scenes.plants import firs, flowers, grass, trees
from omniedit.specialists.scenes.sky import Air, clouded, day_air, sunset_air
from omniedit.specialists.scenes.terrain import SIDE, Land, Seen, heights_in_light, look, see
from omniedit.specialists.scenes.view import Canvas, Scene, View, canvas, light_of

__all__ = ["desert", "meadow", "mountains", "snowfield"]


def mountains(view: View, rng: np.random.Generator) -> Scene:
    """Snow-capped ridges behind wooded hills, with a meadow or a lake before them."""
    air = day_air(rng)
    painting = canvas(view, rng, clouded(view, air, rng, rng.uniform(0.15, 0.45)))
    mass = smooth(fractal(SIDE, 2.4, rng, coarsest=2), -1.8, 1.8)
    tall = rng.uniform(640, 820)
    land = Land(tall * mass * (0.45 + 0.55 * ridged(SIDE, rng, octaves=8, coarsest=5)), 2800.0, _anywhere(rng))
    seen = look(view, land, 900, 3400, lambda heights, away: heights * smooth(away, 900, 1900) - 30)
    lit = heights_in_light(land, (air.sun.x, -0.25, 0.6), 700)
    see(painting, seen, _rock_and_snow(seen, land, lit, tall, rng), air, far=5200)
    _woods(painting, air)
    if rng.random() < 0.5:
        _lake(painting)
    grass(painting, air, dry=rng.uniform(0, 0.5), farthest=rng.uniform(9, 110), roll=0.5)
    return painting.scene(stands=True, soft=0.7)


def desert(view: View, rng: np.random.Generator) -> Scene:
    """Dunes with rippled sand, by day or late."""
    late = rng.random() < 0.5
    air = sunset_air(rng, above=rng.uniform(0.1, 0.2)) if late else day_air(rng)
    painting = canvas(view, rng, clouded(view, air, rng, rng.uniform(0.05, 0.25)))
    crest = cv2.GaussianBlur(ridged(SIDE, rng, octaves=2, gain=0.22, coarsest=5), (0, 0), 1.6)
    land = Land(crest * rng.uniform(13, 18), 260.0, _anywhere(rng))
    lit = heights_in_light(land, (rng.choice([-1, 1]), 0.1, 0.3 if late else 0.45), 60, steep=1.2)
    seen = look(view, land, 1.1, 640, lambda heights, away: heights * smooth(away, 3, 90) + 0.006 * away)
    ripples = fractal(512, 1.1, rng, coarsest=22, stretch=0.28)
    wave = sample(ripples, seen.across / 7, seen.away / 7) * smooth(seen.away, 40, 4)
    grains = sample(fractal(512, 0.3, rng), seen.across / 2, seen.away / 2) * smooth(seen.away, 16, 2)
    tone = land.at(lit, seen.across, seen.away)
    tone = tone + (0.62 - tone) * smooth(seen.away, 50, 3)  # the flat sand near by has no dune's shade
    sand = mix(light_of(112, 68, 54), light_of(240, 190, 128), np.clip(tone * 1.4 + 0.05 * wave, 0, 1))
    sand *= (1 + 0.05 * grains + 0.05 * wave)[..., None]
    see(painting, seen, sand * np.array((1.0, 0.8, 0.66) if late else (1.0, 1.0, 1.0), np.float32), air, far=1100)
    return painting.scene(stands=True)


def snowfield(view: View, rng: np.random.Generator) -> Scene:
    """Drifts of snow before snowy firs and pale hills."""
    air = day_air(rng)
    painting = canvas(view, rng, clouded(view, air, rng, rng.uniform(0.15, 0.5)))
    hills = Land(ridged(SIDE, rng, octaves=6, coarsest=3) * 130, 1100.0, _anywhere(rng))
    seen = look(view, hills, 400, 1500, lambda heights, away: heights * smooth(away, 400, 800) - 12)
    tone = hills.at(heights_in_light(hills, (air.sun.x, 0.2, 0.5), 250), seen.across, seen.away)
    rough = sample(fractal(512, 1.0, rng, coarsest=4), seen.across / 90, seen.away / 90)
    white = mix(light_of(120, 142, 180), light_of(244, 246, 250), tone * 1.2)
    see(painting, seen, mix(white, light_of(74, 92, 108), 0.6 * smooth(rough, 0.3, 1.2)), air, far=2200)
    firs(painting, air, away=95, count=150, snow=0.7)
    drifts = Land(fractal(SIDE, 2.6, rng, coarsest=2) * 0.45, 60.0, _anywhere(rng))
    seen = look(view, drifts, 1.05, 110, lambda heights, away: heights * smooth(away, 1, 12))
    tone = drifts.at(heights_in_light(drifts, (air.sun.x, 0.2, 0.5), 6, steep=1.3), seen.across, seen.away)
    wind = sample(fractal(512, 1.0, rng, coarsest=12, stretch=0.3), seen.across / 9, seen.away / 9)
    sparkle = sample(fractal(512, 0.2, rng), seen.across * 2, seen.away * 2) * smooth(seen.away, 14, 2)
    tone = tone * 1.5 - 0.12 + 0.03 * wind * smooth(seen.away, 60, 4) + 0.025 * sparkle
    see(painting, seen, mix(light_of(140, 166, 208), light_of(240, 239, 238), np.clip(tone, 0, 1)), air, far=900)
    return painting.scene(stands=True)


def meadow(view: View, rng: np.random.Generator) -> Scene:
    """Grass with flowers in front of trees and far hills."""
    air = day_air(rng)
    painting = canvas(view, rng, clouded(view, air, rng, rng.uniform(0.2, 0.5)))
    hills = Land(fractal(SIDE, 2.2, rng, coarsest=2) * 14 + 16, 700.0, _anywhere(rng))
    seen = look(view, hills, 220, 900, lambda heights, away: heights * smooth(away, 220, 520))
    speck = sample(fractal(512, 0.9, rng, coarsest=5), seen.across / 120, seen.away / 240)
    colour = mix(light_of(66, 100, 58), light_of(136, 158, 84), np.clip(0.5 + 0.35 * speck, 0, 1))
    see(painting, seen, colour, air, far=1500)
    trees(painting, air, away=rng.uniform(40, 80))
    grass(painting, air, dry=rng.uniform(0, 0.55), farthest=110, roll=0.45)
    flowers(painting)
    return painting.scene(stands=True)


def _anywhere(rng: np.random.Generator) -> tuple[float, float]:
    return rng.random(), rng.random()


def _rock_and_snow(seen: Seen, land: Land, lit: Floats, tall: float, rng: np.random.Generator) -> Floats:
    """Colours of high mountains: snow where it is high and not steep, rock, and woods below."""
    slope = np.hypot(np.gradient(land.heights, axis=0), np.gradient(land.heights, axis=1)) * SIDE / land.size
    steep = land.at(cv2.GaussianBlur(slope, (0, 0), 1.5), seen.across, seen.away)
    rough = sample(fractal(512, 1.3, rng, coarsest=4), seen.across / 300, seen.away / 300)
    high = land.at(land.heights, seen.across, seen.away) / tall + 0.035 * rough
    rock = mix(light_of(92, 90, 92), light_of(140, 132, 124), np.clip(0.5 + 0.3 * rough, 0, 1))
    rock = mix(rock, light_of(62, 82, 56), smooth(high, 0.3, 0.12))
    snow = smooth(high, 0.22, 0.38) * smooth(steep + 0.15 * rough, 1.9, 1.2)
    shadow = np.array([0.34, 0.43, 0.62], np.float32)  # shadows are lit by the sky
    sunlight = mix(shadow, np.array([1.25, 1.2, 1.1]), land.at(lit, seen.across, seen.away))
    return mix(rock, light_of(246, 247, 250), snow) * sunlight


def _woods(painting: Canvas, air: Air) -> None:
    """Hills covered with trees."""
    rng = painting.rng
    tops = fractal(SIDE, 1.9, rng, coarsest=2) * 10 + np.abs(fractal(SIDE, 0.6, rng, coarsest=120)) * 1.2
    woods = Land(tops + 10, 320.0, _anywhere(rng))
    lit = heights_in_light(woods, (air.sun.x, 0.1, 0.8), 60)
    seen = look(
        painting.view,
        woods,
        110,
        620,
        lambda heights, away: heights * smooth(away, 110, 330) - 2 * smooth(away, 200, 110),
    )
    tone = woods.at(lit, seen.across, seen.away) * 0.9 + 0.3
    speck = sample(fractal(512, 0.7, rng, coarsest=6), seen.across / 60, seen.away / 90)
    colour = mix(light_of(40, 70, 42), light_of(104, 132, 66), np.clip(0.45 + 0.25 * speck, 0, 1))
    see(painting, seen, colour * tone[..., None], air, far=1600)


def _lake(painting: Canvas) -> None:
    """Still water from the shore below the hills on: it mirrors what stands above it."""
    view, light = painting.view, painting.light
    shore = view.row(0.012)
    depth = min(view.height - shore, shore)
    if depth < 2:
        return
    below = np.broadcast_to(view.below[shore : shore + depth], (depth, view.width))
    waves = fractal(512, 1.0, painting.rng, coarsest=10)
    ripple = sample(waves, view.x / below / 30, View.FOCAL / below / 60)
    y, x = np.mgrid[:depth, : view.width].astype(np.float32)
    mirror = np.ascontiguousarray(light[shore - depth : shore][::-1])
    at = (x + ripple * 1.5, y + ripple * (2 + 0.03 * y))
    mirror = cv2.blur(cv2.remap(mirror, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), (3, 9))
    clear = 0.86 - 0.5 * np.clip(below / 0.5, 0, 1)  # looked at from above, water shows its own colour
    light[shore : shore + depth] = mix(light_of(40, 66, 74), mirror, clear)
    painting.near[shore : shore + depth] = below
