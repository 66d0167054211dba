"""A street between houses, by day or when its lamps are lit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.specialists.scenes.noise import Floats, fractal, mix, sample, smooth
from omniedit.specialists.scenes.sky import Air, clouded, day_air, sunset_air
from omniedit.specialists.scenes.view import Canvas, Scene, View, canvas, light_of, one_of

__all__ = ["city"]

Ints = NDArray[np.integer[Any]]

BRICKS = (
    (150, 92, 74), (188, 168, 140), (126, 122, 122), (206, 196, 178), (104, 84, 78), (168, 148, 132), (92, 104, 118)
)  # fmt: skip
WARES = ((255, 226, 170), (214, 232, 255), (255, 190, 150), (120, 70, 60), (60, 80, 90))  # in shop windows
AWNINGS = ((168, 40, 40), (40, 84, 70), (210, 190, 150), (50, 60, 90))
CARS = ((30, 32, 36), (170, 172, 176), (120, 24, 26), (36, 56, 96), (214, 214, 212), (60, 62, 64))
LIGHTS = ((1.0, 0.1, 0.06), (0.1, 1.0, 0.5), (1.0, 0.75, 0.4), (0.5, 0.7, 1.0), (1.0, 0.3, 0.5))  # linear
HEADLIGHT, TAIL_LIGHT, LAMP = (1.0, 0.93, 0.78), (1.0, 0.06, 0.03), (1.0, 0.72, 0.4)
NIGHT = np.array((0.13, 0.16, 0.23), np.float32)  # what is left of daylight at dusk
STOREY, BAY = 2.1, 1.9  # of a house, in heights of the camera
HOUSES = 26  # on each side
KERB = 0.58  # of the way from the middle of the street to the houses


@dataclass(frozen=True)
class _Street:
    """`half`: its half width between the houses; of the houses of each side, (2, HOUSES): where each ends along the
    street, its height and its colour.
    """

    dusk: bool
    air: Air
    half: float
    ends: Floats
    heights: Floats
    colours: Floats

    @property
    def daylight(self) -> Floats:
        return NIGHT if self.dusk else np.full(3, 0.95, np.float32)


def city(view: View, rng: np.random.Generator) -> Scene:
    """A street with shops, traffic and trees; at dusk in one of two cases."""
    dusk = rng.random() < 0.5
    air = _dusk(rng) if dusk else day_air(rng)
    painting = canvas(view, rng, clouded(view, air, rng, rng.uniform(0.2, 0.5)), flat=True)
    street = _street(rng, dusk, air)
    _skyline(painting, street)
    _road(painting, street)
    _houses(painting, street)
    for away in sorted(rng.uniform(9, 90, 16), reverse=True):
        _tree(painting, street, away)
    for away in sorted(rng.uniform(8, 70, 9), reverse=True):
        _car(painting, street, away)
    _lights(painting, street)
    return painting.scene(stands=True, soft=1.8)


def _dusk(rng: np.random.Generator) -> Air:
    air = replace(sunset_air(rng, above=0.02), zenith=light_of(30, 46, 96), horizon=light_of(168, 140, 150))
    return replace(air, lit=light_of(150, 120, 140), shade=light_of(52, 60, 98), glow=0.2, depth=5.0)


def _street(rng: np.random.Generator, dusk: bool, air: Air) -> _Street:
    size = (2, HOUSES)
    heights = np.round(rng.uniform(3, 7, size)) * STOREY
    tall = (rng.random(size) < 0.2) & (np.arange(HOUSES) < 5)  # far ones would be seen as needles
    bricks = np.array([light_of(*colour) for colour in BRICKS])[rng.integers(len(BRICKS), size=size)]
    return _Street(
        dusk,
        air,
        half=float(rng.uniform(5.5, 8.5)),
        ends=np.cumsum(rng.uniform(6, 15, size), axis=1) + rng.uniform(-6, 0, (2, 1)),
        heights=np.where(tall, heights * rng.uniform(1.5, 2.5, size), heights),
        colours=(bricks * rng.uniform(0.85, 1.1, (*size, 1))).astype(np.float32),
    )


def _skyline(painting: Canvas, street: _Street) -> None:
    """Towers far behind the end of the street."""
    view, rng = painting.view, painting.rng
    tone = street.air.horizon * np.float32(0.5 if street.dusk else 0.72) + np.float32(0.01)
    for _ in range(34):
        x, wide = rng.uniform(-0.8, 0.8), rng.uniform(0.012, 0.04)
        tall = rng.uniform(0.03, 0.2) * np.exp(-((x / 0.6) ** 2))
        rows = slice(view.row(-tall), view.row(0))
        painting.light[rows, np.abs(view.x[0] - x) < wide] = tone * np.float32(rng.uniform(0.8, 1.1))


def _road(painting: Canvas, street: _Street) -> None:
    """Asphalt with its marks, and pavements."""
    view = painting.view
    across, away = view.ground()
    aside, kerb = np.abs(across), KERB * street.half
    rough = sample(fractal(512, 0.8, painting.rng, coarsest=6), across / 8, away / 8) * smooth(away, 40, 3)
    level = np.clip(0.5 + 0.2 * rough, 0, 1)
    road = mix(light_of(66, 66, 70), light_of(98, 97, 98), level)
    road[((aside < 0.09) & (np.mod(away, 5) < 2.6)) | (np.abs(aside - kerb * 0.95) < 0.05)] = light_of(158, 156, 150)
    pavement = mix(light_of(138, 132, 126), light_of(170, 164, 156), level)
    pavement[np.mod(across, 0.9) < 0.05] *= 0.8
    ground = np.where((aside > kerb)[..., None], pavement, road) * street.daylight
    if street.dusk:  # what the shops throw out on the pavement
        ground += (smooth(aside, kerb * 0.7, street.half) * 0.13)[..., None] * np.array(LAMP, np.float32)
    ground = mix(ground, street.air.horizon * 0.8, 1 - np.exp(-away / 240))
    painting.lay(ground, smooth(view.below + 0 * across, 0.0, 0.004))


def _houses(painting: Canvas, street: _Street) -> None:
    """Both rows of houses: each pixel's ray meets the plane of their fronts at some distance and height."""
    view = painting.view
    x = view.x + 0 * view.below
    side = (x > 0).astype(np.int64)
    away = View.FOCAL * street.half / np.maximum(np.abs(x), 1e-3)
    height = 1 - view.below * away / View.FOCAL
    house = np.where(side > 0, *(np.searchsorted(street.ends[k], away) for k in (1, 0)))
    house = np.minimum(house, HOUSES - 1)
    front = _front(painting, street, side, house, away, height)
    shop = (height < STOREY) & (height > 0.15)
    front = np.where(shop[..., None], _shops(street, side, away, height), front)
    front = mix(front, street.air.horizon * 0.9, 1 - np.exp(-away / 170))
    seen = (height > 0) & (height < street.heights[side, house]) & (away < street.ends[:, -1].min())
    painting.light[seen] = front[seen]
    painting.near[seen] = (View.FOCAL / away)[seen]


def _front(painting: Canvas, street: _Street, side: Ints, house: Ints, away: Floats, height: Floats) -> Floats:
    """Walls with ledges and windows (h, w, 3), one side of the street in the sun, some windows lit."""
    rng, air = painting.rng, street.air
    weathered = 0.9 + 0.06 * sample(fractal(256, 0.8, rng), away / 11, height / 11)
    bay, storey = np.mod(away, BAY) / BAY, np.mod(height, STOREY) / STOREY
    sunny = (side == (0 if air.sun.x > 0 else 1))[..., None]
    day = np.where(sunny, np.float32(1.15), np.array((0.45, 0.5, 0.59), np.float32))
    wall = street.colours[side, house] * weathered[..., None] * (NIGHT if street.dusk else day)
    wall *= np.where((storey < 0.07) & (height > STOREY), 1.25, 1.0)[..., None]
    window = smooth(np.abs(bay - 0.5), 0.30, 0.26) * smooth(np.abs(storey - 0.52), 0.33, 0.29)
    number = np.floor(away / BAY) * 131 + np.floor(height / STOREY) * 71 + house * 17 + side * 7
    chance = rng.random(4096).astype(np.float32)[number.astype(np.int64) % 4096]
    glass = mix(light_of(38, 46, 58), air.horizon * 0.7, np.clip(chance * 1.3 - 0.2, 0, 1))
    lit = light_of(255, 206, 140) * np.float32(1.3 if street.dusk else 0.8) * (0.4 + 2 * chance[..., None])
    glass = np.where((chance < (0.45 if street.dusk else 0.06))[..., None], lit, glass)
    return mix(wall, glass, window * (height > STOREY * 1.15))


def _shops(street: _Street, side: Ints, away: Floats, height: Floats) -> Floats:
    """Shop windows with awnings above them, (h, w, 3)."""
    wares, awnings = (np.array([light_of(*colour) for colour in colours]) for colours in (WARES, AWNINGS))
    shown = wares[(np.floor(away / (BAY * 1.5)).astype(np.int64) * 7 + side * 3) % len(WARES)]
    shown = shown * (0.75 + 0.25 * np.mod(away * 1.7, 1))[..., None] * np.float32(1.1 if street.dusk else 0.45)
    above = awnings[(np.floor(away / (BAY * 3)).astype(np.int64) + side) % len(AWNINGS)]
    above = above * np.float32(0.25 if street.dusk else 1.0)
    return np.where((height > STOREY * 0.75)[..., None], above, shown)


def _tree(painting: Canvas, street: _Street, away: float) -> None:
    """A tree on the pavement."""
    view, rng = painting.view, painting.rng
    foot = View.FOCAL / away
    x, tall, wide = rng.choice([-1, 1]) * street.half * 0.68 * foot, 4.2 * foot, 1.5 * foot
    trunk = slice(view.row(foot - 0.6 * tall), view.row(foot))
    painting.light[trunk, np.abs(view.x[0] - x) < 0.09 * wide] = light_of(58, 46, 38) * street.daylight
    rows = slice(view.row(foot - 1.15 * tall), view.row(foot - 0.25 * tall))
    dx = (view.x - x) / wide
    columns = np.flatnonzero(np.abs(dx[0]) < 1.5)
    if not columns.size or rows.stop <= rows.start:
        return
    box = (rows, slice(int(columns[0]), int(columns[-1]) + 1))
    dx, dy = dx[:, box[1]], (view.below[rows] - foot + 0.72 * tall) / (0.36 * tall)
    leaves = sample(fractal(256, 0.9, rng, coarsest=4), dx * 0.2, dy * 0.2)
    tone = mix(light_of(34, 54, 26), light_of(120, 146, 66), np.clip(0.4 + 0.25 * leaves - 0.3 * dy, 0, 1))
    painting.lay(tone * street.daylight, smooth(np.hypot(dx, dy) + 0.3 * leaves, 1.0, 0.7) * 0.96, foot, box)


def _car(painting: Canvas, street: _Street, away: float) -> None:
    """A car that comes on the left or goes on the right, with its lights."""
    view, rng = painting.view, painting.rng
    side = int(rng.choice([-1, 1]))
    scale = View.FOCAL / away * view.height
    x, y = side * street.half * 0.3 * scale + view.width / 2, (view.horizon + View.FOCAL / away) * view.height
    body = one_of(rng, CARS) * street.daylight
    for wide, low, high, tone in ((0.62, 0.05, 0.52, 1.0), (0.5, 0.5, 0.92, 0.35)):
        corners = [(-wide, low), (wide, low), (wide * 0.92, high), (-wide * 0.92, high)]
        outline = np.array([(x + right * scale, y - up * scale) for right, up in corners]).round().astype(np.int32)
        cv2.fillConvexPoly(painting.light, outline, (body * tone).tolist())
    under = (round(0.62 * scale), max(1, round(0.05 * scale)))
    cv2.ellipse(painting.light, (round(x), round(y)), under, 0, 0, 360, (light_of(30, 30, 32) * 0.5).tolist(), -1)
    lamp, power = (HEADLIGHT, 9.0 if street.dusk else 1.0) if side < 0 else (TAIL_LIGHT, 3.5 if street.dusk else 0.5)
    for end in (-1, 1):
        _point(painting, x + end * 0.47 * scale, y - 0.4 * scale, 0.07 * scale, lamp, power)


def _lights(painting: Canvas, street: _Street) -> None:
    """Street lamps at dusk, and signals and signs of all colours."""
    view, rng = painting.view, painting.rng
    for away in np.arange(8, 110, 11.0) if street.dusk else ():
        scale = View.FOCAL / away * view.height
        for side in (-1, 1):
            x, y = side * street.half * 0.62 * scale + view.width / 2, view.horizon * view.height - 2.6 * scale
            _point(painting, x, y, 0.09 * scale, LAMP, 9.0)
    for _ in range(60 if street.dusk else 6):
        scale = View.FOCAL / (12 * 12 ** rng.random()) * view.height
        x, y = rng.uniform(-1, 1) * street.half * scale + view.width / 2, rng.uniform(-1.6, 0.5) * scale
        colour = LIGHTS[int(rng.integers(len(LIGHTS)))]
        _point(painting, x, view.horizon * view.height + y, 0.05 * scale, colour, 5.0 if street.dusk else 1.2)


def _point(
    painting: Canvas, x: float, y: float, radius: float, colour: tuple[float, float, float], power: float
) -> None:
    """A lamp; one smaller than a pixel is less bright instead."""
    light = np.array(colour) * power * min(1.0, (radius / 0.8) ** 2)
    cv2.circle(painting.light, (round(x), round(y)), max(1, round(radius)), light.tolist(), -1, cv2.LINE_AA)
