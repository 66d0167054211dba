"""A wood seen from a path: trunks one behind the other, leaves that the sun shines through, and spots of light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from omniedit.specialists.scenes.noise import Floats, fractal, line, mix, sample, smooth
from omniedit.specialists.scenes.view import Canvas, Scene, View, canvas, light_of

__all__ = ["forest"]

DEPTHS = (60.0, 38.0, 24.0, 15.0, 9.5, 6.0)  # of the rows of trees, in heights of the camera


@dataclass(frozen=True)
class _Wood:
    """Colours of the season, and the textures that all its leaves are cut from."""

    autumn: bool
    air: Floats
    leaf: tuple[Floats, Floats]  # in shadow and in light
    leaves: Floats
    masses: Floats


def forest(view: View, rng: np.random.Generator) -> Scene:
    """Trees, undergrowth and a path in the light that falls through the leaves."""
    autumn = rng.random() < 0.3
    shades = ((92, 58, 24), (214, 150, 46)) if autumn else ((26, 52, 22), (142, 172, 58))
    wood = _Wood(
        autumn,
        air=light_of(226, 206, 150) if autumn else light_of(206, 224, 168),
        leaf=(light_of(*shades[0]), light_of(*shades[1])),
        leaves=fractal(1024, 0.95, rng, coarsest=5),
        masses=fractal(512, 1.7, rng, coarsest=2),
    )
    painting = canvas(view, rng, _distance(view, wood, rng), flat=True)
    _floor(painting, wood)
    for depth in DEPTHS:
        if depth < 45:
            _undergrowth(painting, wood, depth)
        for _ in range(max(2, round(9 * (depth / 24) ** 0.7))):
            _trunk(painting, wood, depth)
        _crowns(painting, wood, depth)
    return painting.scene(stands=True, soft=1.25)


def _clearness(depth: float) -> float:
    """How much of a thing's own colour is seen through the haze between the trees."""
    return float(np.exp(-depth / 26))


def _distance(view: View, wood: _Wood, rng: np.random.Generator) -> Floats:
    """What is too far to be told apart: bright haze, far leaves and gaps where the sky is seen; (h, w, 3)."""
    x, y, shift = view.x, view.below, rng.random(2)
    fine = sample(wood.leaves, x * 0.7 + shift[0], y * 0.7 + shift[1])
    broad = sample(wood.masses, x * 0.3 + shift[1], y * 0.3 + shift[0])
    far = mix(*wood.leaf, np.clip(0.45 + 0.25 * broad + 0.2 * fine, 0, 1))
    beam = np.exp(-((x - rng.uniform(-0.3, 0.3)) ** 2) / 0.25)
    light = mix(far, wood.air * 0.9, np.clip(0.35 + 0.35 * beam + 0.15 * broad, 0, 1))
    gap = smooth(fine + 0.5 * broad - 0.4 * y, 1.5, 2.0) * smooth(-y, -0.08, 0.1)
    return light + gap[..., None] * np.array([1.6, 1.6, 1.35], np.float32)


def _floor(painting: Canvas, wood: _Wood) -> None:
    """Litter, moss, a winding path and spots of sun."""
    view, rng = painting.view, painting.rng
    across, away = view.ground()
    litter = sample(fractal(512, 0.6, rng, coarsest=14), across / 6, away / 6) * smooth(away, 30, 3)
    moss = sample(fractal(512, 1.5, rng, coarsest=3), across / 14, away / 20)
    level = np.clip(0.5 + 0.25 * litter, 0, 1)
    brown = mix(light_of(70, 50, 34), light_of(140, 106, 72), level)
    green = mix(light_of(48, 70, 26), light_of(118, 138, 56), level)
    ground = mix(brown, green, smooth(moss, *((0.8, 2.0) if wood.autumn else (-0.6, 0.8))))
    bend = 0.9 * np.sin(away / rng.uniform(7, 13) + rng.uniform(0, 6)) * smooth(away, 2, 20)
    path = smooth(np.abs(across - bend - rng.uniform(-0.6, 0.6)) + 0.12 * litter, 1.1, 0.7)
    ground = mix(ground, mix(light_of(118, 92, 66), light_of(178, 150, 116), level), path)
    sun = sample(fractal(512, 1.3, rng, coarsest=8), across / 16, away / 30)
    ground *= (0.42 + 1.5 * smooth(sun, 0.5, 1.3))[..., None]
    ground = mix(ground, wood.air * 0.7, 1 - np.exp(-away / 34))
    painting.lay(ground, smooth(view.below + 0 * across, 0.012, 0.04))


def _trunk(painting: Canvas, wood: _Wood, depth: float) -> None:
    """One trunk, round and rough, from its foot to the top of the picture."""
    view, rng = painting.view, painting.rng
    half = 0.5 * view.width / view.height
    x = rng.uniform(-half - 0.1, half + 0.1)
    if depth < 16 and abs(x) < 0.22:  # no tree stands on the path
        x += float(np.copysign(0.25, x))
    foot, wide = View.FOCAL / depth * rng.uniform(0.85, 1.15), View.FOCAL / depth * rng.uniform(0.10, 0.26)
    lean = rng.normal(0, 0.03)
    bottom, reach = view.row(foot), wide * 1.6 + abs(lean) + 0.02
    left, right = (int(np.clip((x + s * reach) * view.height + view.width / 2, 0, view.width)) for s in (-1, 1))
    if bottom < 2 or right - left < 1:
        return
    up = foot - view.below[:bottom]  # (rows, 1)
    middle = x + lean * up + 0.006 * line(bottom, 1.6, rng)[:, None]
    thick = 0.5 * wide * (1 - 0.25 * np.clip(up, 0, 1)) * (1 + 0.35 * np.exp(-up / (0.25 * wide)))
    aside = (view.x[:, left:right] - middle) / thick
    bark = sample(fractal(256, 0.7, rng, coarsest=6), aside * 0.12, up / wide * 0.05)
    side = np.clip(0.55 + 0.45 * aside * rng.choice([-1, 1], p=[0.3, 0.7]), 0.1, 1)
    tone = mix(light_of(40, 32, 26), light_of(134, 116, 96), np.clip(side * 0.8 + 0.12 * bark, 0, 1))
    inside = smooth(np.abs(aside), 1.0, 0.88) * smooth(up, -0.004, 0.004)
    painting.lay(mix(wood.air * 0.62, tone, _clearness(depth)), inside, foot, np.s_[:bottom, left:right])


def _undergrowth(painting: Canvas, wood: _Wood, depth: float) -> None:
    """Ferns and bushes beside the path."""
    view, rng, foot = painting.view, painting.rng, View.FOCAL / depth
    rows = slice(view.row(-0.9 * foot), view.row(1.05 * foot))
    if rows.stop - rows.start < 2:
        return
    y, shift = view.below[rows], rng.random(2)
    fine = sample(wood.leaves, view.x / foot * 0.10 + shift[0], y / foot * 0.10 + shift[1])
    tall = foot * (0.45 * line(view.width, 1.2, rng)[None] + 0.8 * smooth(np.abs(view.x), 0.12, 0.5) - 0.03)
    inside = smooth(y - foot + tall + 0.16 * foot * fine, 0.0, 0.05 * foot)
    inside = inside * smooth(foot * 1.04 - y + 0.04 * foot * fine, 0, 0.06 * foot)
    tone = mix(*wood.leaf, np.clip(0.42 + 0.3 * fine - 0.25 * (y / foot - 0.3), 0, 1))
    painting.lay(mix(wood.air * 0.6, tone, _clearness(depth)), inside, foot, (rows, slice(None)))


def _crowns(painting: Canvas, wood: _Wood, depth: float) -> None:
    """Leaves that hang in the upper part of the picture; the sun shines through some of them."""
    view = painting.view
    lowest = -0.05 - 0.22 * (1 - depth / DEPTHS[0])  # far crowns are seen lower
    rows = slice(0, view.row(lowest))
    if rows.stop < 2:
        return
    y, size, shift = view.below[rows], 0.02 * depth + 0.25, painting.rng.random(2)
    fine = sample(wood.leaves, view.x * size + shift[0], y * size + shift[1])
    broad = sample(wood.masses, view.x * size * 0.45 + shift[1], y * size * 0.45 + shift[0])
    thin = 3.6 * np.exp((y - lowest) / 0.09)  # towards their lower side fewer and fewer leaves are left
    inside = smooth(broad * 0.9 + fine * 0.6 - 0.35 - thin, 0.0, 0.35)
    colour = mix(*wood.leaf, np.clip(0.35 + 0.28 * fine + 0.2 * broad, 0, 1))
    colour *= (1 + 2.25 * smooth(fine, 1.5, 2.1))[..., None]  # a leaf with the sun behind it
    colour = mix(wood.air * 0.75, colour, _clearness(depth))
    painting.lay(colour, inside, View.FOCAL / depth, (rows, slice(None)))
