"""New skies: what they are made of, and whole ones. Colours are linear light, (3, h, w)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from omniedit.colour import to_linear
from omniedit.specialists.blur import blur
from omniedit.specialists.weather.edges import Floats, smoothstep
from omniedit.specialists.weather.noise import overhead
from omniedit.specialists.weather.scene import Scene, luminance
from omniedit.specialists.weather.sky import Sky

__all__ = [
    "Clouds",
    "Colour",
    "between",
    "blue_sky",
    "closed_sky",
    "clouds",
    "evening_sky",
    "gradient",
    "light_of",
    "over",
    "recoloured",
    "replaced",
    "stormy_sky",
    "sun_glow",
]

Colour = tuple[int, int, int]  # sRGB
Stops = Sequence[tuple[float, Colour]]  # colours by height: 0 at the horizon, 1 at the picture's top


@dataclass(frozen=True)
class Clouds:
    """`density` (h, w): 0 none, 1 all cloud; `shade` (h, w): how lit it is, 0 its dark base, 1 its bright top."""

    density: Floats
    shade: Floats


def light_of(colour: Colour) -> Floats:
    """(3, 1, 1) linear light."""
    return np.asarray(to_linear(np.array(colour, np.uint8)), dtype=np.float32)[:, None, None]


def between(low: Colour, high: Colour, t: float) -> Colour:
    """The colour between `low` (t = 0) and `high` (t = 1)."""
    red, green, blue = (round(a + t * (b - a)) for a, b in zip(low, high, strict=True))
    return red, green, blue


def replaced(scene: Scene, share: float, make: Callable[[Sky], Floats]) -> Floats | None:
    """The scene's sky with `share` (at most all) of the new one that `make` gives; None where there is no sky."""
    if scene.sky is None:
        return None
    old = scene.sky.light
    result: Floats = old + np.float32(min(share, 1.0)) * (make(scene.sky) - old)
    return result


def gradient(sky: Sky, stops: Stops) -> Floats:
    """(3, h, w): the colours of `stops` by height, mixed in sRGB without steps."""
    height, width = sky.alpha.shape
    horizon = sky.horizon
    y = (np.arange(height) + 0.5) / height
    up = np.clip((horizon - y) / max(horizon, 0.05), 0, 1)
    at = [stop for stop, _ in stops]
    colours = np.array([colour for _, colour in stops], np.float64) / 255
    mixed = np.stack([np.interp(up, at, colours[:, k]) for k in range(3)]).astype(np.float32)[..., None]  # (3, h, 1)
    mixed = np.stack([blur(np.repeat(row, 8, axis=1), 0.025 * height)[:, :1] for row in mixed])
    linear = np.where(mixed <= 0.04045, mixed / 12.92, ((mixed + 0.055) / 1.055) ** 2.4)
    return np.repeat(linear, width, axis=2).astype(np.float32)


def clouds(
    rng: np.random.Generator, sky: Sky, cover: float, scale: float = 0.5, softness: float = 0.15, ragged: float = 0.3
) -> Clouds:
    """A layer of cloud that covers the share `cover` of the sky, with soft or (low `softness`) firm edges, `ragged` by
    finer cloud. Its upper edges are lit, its thick parts are dark below."""
    shape = sky.alpha.shape
    body = overhead(rng, shape, sky.horizon, scale, 2.0)
    fine = overhead(rng, shape, sky.horizon, 0.4 * scale, 1.35)
    field = body + np.float32(ragged) * (fine - 0.5)
    edge = 1 - cover
    density = smoothstep(field, edge - 0.5 * softness, edge + softness)
    thick = np.clip((field - edge) / max(cover, 0.15), 0, 1)
    lit = np.zeros_like(field)
    for step, share in ((0.008, 3.0), (0.03, 1.6)):
        rows = max(1, round(step * shape[0]))
        above = np.concatenate([np.repeat(field[:1], rows, axis=0), field[:-rows]])
        lit += np.float32(share) * (field - above)
    shade = np.clip(0.72 + lit - 0.55 * thick + 0.35 * (fine - 0.5), 0, 1)
    return Clouds(density.astype(np.float32), blur(shade.astype(np.float32), 0.7))


def over(sky: Floats, layer: Clouds, bright: Floats, dark: Floats, opacity: float = 1.0) -> Floats:
    """`sky` with `layer` before it, whose light goes from `dark` to `bright` (both (3, ...))."""
    colour = dark + layer.shade * (bright - dark)
    share = np.float32(opacity) * layer.density
    result: Floats = sky + share * (colour - sky)
    return result


def recoloured(sky: Sky, new: Floats, cloud: Floats, keep: float = 0.8) -> Floats:
    """`new` (3, h, w) with the clouds that are in `sky`: their light and shade, their colour towards `cloud`."""
    grey = luminance(sky.light) + np.float32(0.002)
    around = blur(grey, 0.3 * max(grey.shape))
    relief = np.clip(grey / around, 0.4, 1.5) ** np.float32(keep)
    result: Floats = (new + sky.own_cloud * (cloud - new)) * relief
    return result


def sun_glow(shape: tuple[int, int], at: tuple[float, float], reach: float) -> Floats:
    """(h, w): 1 at `at` (x, y, as shares of width and height), falling off as light in haze does."""
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    away = np.hypot((x / width - at[0]) * width, (y / height - at[1]) * height * 1.5) / (reach * max(shape))
    result: Floats = 0.65 * np.exp(-1.6 * away) + 0.35 * np.exp(-((3.5 * away) ** 2))
    return result.astype(np.float32)


def closed_sky(sky: Sky, rng: np.random.Generator, bright: Colour, dark: Colour, cover: float = 0.55) -> Floats:
    """(3, h, w): a closed ceiling of cloud, lighter at the horizon, with the picture's own clouds in it."""
    new = gradient(sky, [(0, bright), (0.35, between(bright, dark, 0.6)), (1, dark)])
    new = recoloured(sky, new, light_of(bright), 0.45)
    wide = clouds(rng, sky, cover, scale=1.0, softness=0.45)
    fine = clouds(rng, sky, cover, scale=0.45, softness=0.4)
    shadow = light_of(dark) * 0.72
    new = over(new, wide, light_of(bright), shadow, 0.55)
    return over(new, fine, light_of(bright), light_of(dark) * 0.9, 0.35)


def blue_sky(sky: Sky, rng: np.random.Generator, pale: float = 0.0) -> Floats:
    """(3, h, w): blue with a few white clouds and the picture's own; `pale` 0..1 as in spring."""
    deep = rng.uniform(0, 1)
    stops = [
        (0.0, between((206, 226, 242), (196, 222, 244), deep)),
        (0.35, between((142, 188, 232), (124, 178, 232), deep)),
        (1.0, between((66, 128, 204), (46, 108, 194), deep)),
    ]
    new = gradient(sky, [(at, between(colour, (214, 230, 244), pale / 2)) for at, colour in stops])
    new = recoloured(sky, new, light_of((250, 250, 252)), 0.6)
    layer = clouds(rng, sky, float(rng.uniform(0.12, 0.34)), scale=0.42, softness=0.16, ragged=0.45)
    return over(new, layer, light_of((252, 252, 252)), light_of((172, 184, 204)), 0.95)


def evening_sky(
    sky: Sky,
    stops: Stops,
    cloud: Floats,
    near_sun: Floats,
    rng: np.random.Generator,
) -> Floats:
    """A low sun's sky: the gradient, the picture's clouds in its colours, streaks of cloud lit from below."""
    spread = rng.uniform(0.7, 1.25)  # how high the colours of the horizon reach
    new = gradient(sky, [(at * spread, colour) for at, colour in stops])
    new = recoloured(sky, new, cloud * (0.35 + 0.65 * near_sun) + 0.4 * new, 0.8)
    bright, dark = light_of(stops[0][1]), light_of(stops[-2][1]) * 0.8
    high = clouds(rng, sky, float(rng.uniform(0.2, 0.5)), scale=0.7, softness=0.25)
    new = over(new, high, 0.35 * bright + 0.75 * new, 0.25 * dark + 0.6 * new, 0.7)
    low = clouds(rng, sky, float(rng.uniform(0.1, 0.35)), scale=0.35, softness=0.2)
    new = over(new, low, bright * (0.5 + 0.5 * near_sun), dark * 0.6 + 0.25 * new, 0.6)
    shine = light_of((255, 226, 170)) * near_sun**3 * 0.5
    return np.asarray(new + shine, dtype=np.float32)


def stormy_sky(sky: Sky, rng: np.random.Generator) -> Floats:
    """(3, h, w): dark clouds, heavy and torn, paler above the horizon."""
    shape = sky.alpha.shape
    new = gradient(sky, [(0, (150, 156, 158)), (0.16, (116, 123, 129)), (0.5, (70, 77, 86)), (1, (40, 45, 54))])
    new = recoloured(sky, new, light_of((120, 126, 134)), 0.4)
    heavy = clouds(rng, sky, 0.68, scale=1.0, softness=0.35, ragged=0.45)
    torn = overhead(rng, shape, sky.horizon, 0.5, 1.6)
    ridges = 1 - np.abs(2 * torn - 1)  # creases, as where two clouds meet
    body = np.clip(heavy.shade * (0.45 + 0.9 * ridges) - 0.05, 0, 1)
    heavy = Clouds(heavy.density, body.astype(np.float32))
    new = over(new, heavy, light_of((150, 156, 162)), light_of((24, 28, 35)), 0.88)
    y = (np.arange(shape[0], dtype=np.float32)[:, None] + 0.5) / shape[0]
    high = smoothstep(y, 0.9 * sky.horizon, 0.3 * sky.horizon)
    low = clouds(rng, sky, 0.4, scale=0.6, softness=0.3, ragged=0.4)
    low = Clouds(low.density * high, low.shade)
    return over(new, low, light_of((96, 102, 110)), light_of((26, 30, 38)), 0.7)
