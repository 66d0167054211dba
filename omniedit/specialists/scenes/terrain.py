"""Hills, dunes and mountains: a landscape of heights, seen in perspective, with light, shadow and air.

Each column of the picture is one ray over the landscape, walked from near to far; a place is seen where it stands
higher in the picture than all that is nearer (as in the flight games of the nineties), for all columns at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from omniedit.specialists.base import Bools
from omniedit.specialists.scenes.noise import Floats, sample
from omniedit.specialists.scenes.sky import Air
from omniedit.specialists.scenes.view import Canvas, View

__all__ = ["SIDE", "Land", "Seen", "heights_in_light", "look", "see"]

SIDE = 768  # of a landscape's tile
STEPS = 700  # distances at which a ray looks at the ground


@dataclass(frozen=True)
class Land:
    """`heights`: (n, n) that tiles, in heights of the camera above its foot; `size`: one tile's side, in the same."""

    heights: Floats
    size: float
    shift: tuple[float, float] = (0.0, 0.0)

    def at(self, tile: Floats, across: Floats, away: Floats) -> Floats:
        """Values of `tile`, of the shape of `heights`, at places of the ground."""
        return sample(tile, across / self.size + self.shift[0], away / self.size + self.shift[1])


@dataclass(frozen=True)
class Seen:
    """For each pixel (h, w): whether ground is seen, and where: `across`, `away` (heights of the camera)."""

    ground: Bools
    across: Floats
    away: Floats


def look(
    view: View, land: Land, nearest: float, farthest: float, shape: Callable[[Floats, Floats], Floats] | None = None
) -> Seen:
    """The part of `land` that is seen between two distances. `shape(heights, away)` may change its heights."""
    away = (nearest * (farthest / nearest) ** np.linspace(0, 1, STEPS)).astype(np.float32)[:, None]  # (STEPS, 1)
    across = view.x * away / View.FOCAL  # (STEPS, width)
    heights = land.at(land.heights, across, away * np.ones_like(across))
    if shape is not None:
        heights = shape(heights, away)
    rows = (view.horizon + (1 - heights) * View.FOCAL / away) * view.height  # where it stands in the picture
    rows = np.minimum.accumulate(rows, axis=0)
    # for each pixel: how many distances lie below it, with the share of the next
    first = np.clip(np.ceil(rows - 0.5), 0, view.height).astype(np.int64)  # rows from here on are covered
    places = first * view.width + np.arange(view.width)
    counts = np.bincount(places.ravel(), minlength=(view.height + 1) * view.width).reshape(-1, view.width)
    covering = np.cumsum(counts[:-1], axis=0, dtype=np.int32)  # distances whose ground stands at or above this row
    index = STEPS - covering  # the nearest of them
    ground = covering > 0
    index = np.clip(index, 1, STEPS - 1)
    low = np.take_along_axis(rows, index - 1, axis=0)
    high = np.take_along_axis(rows, index, axis=0)
    y = np.arange(view.height, dtype=np.float32)[:, None] + 0.5
    share = np.clip((low - y) / np.maximum(low - high, 1e-3), 0, 1)
    step = np.float32((farthest / nearest) ** (1 / (STEPS - 1)))
    seen_away = away[index - 1, 0] * step**share
    return Seen(ground, (view.x * seen_away / View.FOCAL).astype(np.float32), seen_away.astype(np.float32))


def see(painting: Canvas, seen: Seen, colour: Floats, air: Air, far: float) -> None:
    """Paint ground of `colour` (h, w, 3) where it is seen; half of what is `far` away is air."""
    haze = 1 - np.exp(-0.7 * seen.away / far)
    colour = colour + (air.horizon * 0.92 - colour) * haze[..., None]
    painting.light[seen.ground] = colour[seen.ground]
    painting.near[seen.ground] = (View.FOCAL / seen.away)[seen.ground]


def heights_in_light(land: Land, sun: tuple[float, float, float], reach: float, steep: float = 1.0) -> Floats:
    """(n, n): the light of a sun in direction (right, away, up) on each place, 0..1, with the shadows that hills throw.

    Shadows are looked for up to `reach` heights of the camera away. `steep` exaggerates slopes.
    """
    direction = np.array(sun) / np.linalg.norm(sun)
    side = land.heights.shape[0]
    cell = land.size / side
    slope_x = (np.roll(land.heights, -1, 1) - np.roll(land.heights, 1, 1)) / (2 * cell) * steep
    slope_y = (np.roll(land.heights, -1, 0) - np.roll(land.heights, 1, 0)) / (2 * cell) * steep
    facing = (-slope_x * direction[0] - slope_y * direction[1] + direction[2]) / np.sqrt(1 + slope_x**2 + slope_y**2)
    level = float(np.hypot(direction[0], direction[1]))
    shade = np.ones_like(land.heights)
    if level > 1e-3:
        distance = cell
        while distance < reach:
            dx, dy = (round(distance * direction[k] / level / cell) for k in (0, 1))
            above = np.roll(land.heights, (-dy, -dx), (0, 1)) - land.heights - distance * direction[2] / level
            shade = np.minimum(shade, np.clip(1 - above / (0.06 * distance + cell), 0, 1))
            distance *= 1.25
    return (np.clip(facing, 0, 1) * shade).astype(np.float32)
