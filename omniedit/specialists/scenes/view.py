"""Where a scene is seen from: a level camera above flat ground, and the picture that it fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omniedit.colour import to_linear
from omniedit.specialists.scenes.noise import Floats, blend

__all__ = ["Box", "Canvas", "Scene", "View", "canvas", "light_of", "one_of"]

Box = tuple[slice, slice]  # rows and columns
ALL = (slice(None), slice(None))


@dataclass(frozen=True)
class View:
    """A picture of (height, width) pixels with the horizon at `horizon`, in heights from its top.

    Lengths on the ground are in heights of the camera; the picture plane is one picture height high and FOCAL away.
    """

    width: int
    height: int
    horizon: float

    FOCAL = 1.3

    @property
    def x(self) -> Floats:
        """(1, width): picture heights to the right of the middle."""
        return ((np.arange(self.width, dtype=np.float32) + 0.5 - self.width / 2) / self.height)[None]

    @property
    def below(self) -> Floats:
        """(height, 1): picture heights below the horizon; above it they are negative."""
        return ((np.arange(self.height, dtype=np.float32) + 0.5) / self.height - self.horizon)[:, None]

    def row(self, below: float) -> int:
        """The first row that lies `below` heights under the horizon, within the picture."""
        return int(np.clip(round((self.horizon + below) * self.height), 0, self.height))

    def ground(self, least: float = 1e-3) -> tuple[Floats, Floats]:
        """Where each pixel's ray meets the ground: (across, away), both (height, width); beyond it, at the horizon."""
        down = np.maximum(self.below, least)
        across = self.x / down
        away = np.broadcast_to(self.FOCAL / down, across.shape)
        return across.astype(np.float32), away.astype(np.float32)


@dataclass(frozen=True)
class Scene:
    """`light`: (h, w, 3) float32, linear light, may exceed 1 where it is brighter than white. `near`: (h, w) float32,
    how near things are: the ground at that distance is seen so many heights below the horizon; 0 is far away.
    `stands`: whether there is ground on which a thing may stand and throw a shadow; `soft`: how much it is out of
    focus behind a portrait, 1 being usual.
    """

    light: Floats
    near: Floats
    stands: bool
    soft: float = 1.0


@dataclass(frozen=True)
class Canvas:
    """A scene while it is painted, from far to near; `light` and `near` as in Scene are painted over in place."""

    view: View
    rng: np.random.Generator
    light: Floats
    near: Floats

    def lay(self, colour: Floats, share: Floats, near: Floats | float | None = None, box: Box = ALL) -> None:
        """Paint `colour` (..., 3) over what is in `box` (rows, columns) by `share` (h, w); it is as near as `near`."""
        blend(self.light[box], colour, share)
        if near is not None:
            self.near[box] += (near - self.near[box]) * share

    def scene(self, stands: bool, soft: float = 1.0) -> Scene:
        return Scene(self.light.astype(np.float32), self.near.astype(np.float32), stands, soft)


def canvas(view: View, rng: np.random.Generator, light: Floats, flat: bool = False) -> Canvas:
    """A canvas that shows `light` (h, w, 3), all of it far away, or flat ground below the horizon."""
    near = np.maximum(view.below, 0) + 0 * view.x if flat else np.zeros(light.shape[:2])
    return Canvas(view, rng, light.astype(np.float32), near.astype(np.float32))


def light_of(*rgb: int) -> Floats:
    """An sRGB colour (0..255) as linear light, (3,)."""
    levels: NDArray[np.uint8] = np.array(rgb, np.uint8)
    return to_linear(levels)


def one_of(rng: np.random.Generator, colours: Sequence[tuple[int, ...]]) -> Floats:
    """The linear light (3,) of one of some sRGB colours."""
    return light_of(*colours[int(rng.integers(len(colours)))])
