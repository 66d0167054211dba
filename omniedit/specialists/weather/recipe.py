"""How a kind of light or weather changes a picture: small maps and a few numbers, in the order in which light goes.

What things are made of changes first (`surfaces`), then the light that falls on them (`curve`, `matrix`, `gain`,
`relief`), the sky behind them (`sky`), the air between (`through`, `air`, `glow`), and what is in the air (`planes`).
All light is linear, 1 is white.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from omniedit.specialists.weather.edges import Bytes, Floats
from omniedit.specialists.weather.scene import LUMINANCE

__all__ = ["SHIFT", "Plane", "Recipe", "Strip", "Surface", "Turn", "warmth"]

SHIFT = 4  # bits of a pixel that planes are drawn by


@dataclass(frozen=True)
class Turn:
    """What a person turned, 1 is usual: `amount` 0..2 of the whole, `density` 0.2..2 of fog, rain and snow; and the
    seed that makes one variant unlike another."""

    amount: float
    density: float
    seed: int

    @property
    def share(self) -> float:
        """The amount, but at most all."""
        return min(self.amount, 1.0)

    def rng(self, what: str) -> np.random.Generator:
        """Random numbers for `what`, the same whatever else is drawn."""
        return np.random.default_rng([self.seed, *what.encode()])


@dataclass(frozen=True)
class Strip:
    """Rows `top`..`bottom` of the source at full size, W wide: `colour` (3, n, W), 0..1; `grey` (n, W), its luma;
    `things` (n, W), 1 where no sky is, 0 in it."""

    top: int
    bottom: int
    grey: Floats
    colour: Floats
    things: Floats


class Surface(Protocol):
    """Changes what things are made of. `maps` (c, h, w) are small; at full size `paint` gets their rows."""

    @property
    def maps(self) -> Floats: ...

    def paint(self, light: Floats, maps: Floats, strip: Strip) -> None:
        """Change `light` (3, n, W), that of things times the share of the pixel that they take; maps: (c, n, W)."""


@dataclass(frozen=True)
class Plane:
    """Something drawn at full size: `level` uint8 (H, W), 255 is all of it, in one `colour` of linear light.

    `adds`: as a light does; otherwise it covers. `behind`: in the sky, behind everything. `textured`: how much of the
    source's light and shade shows in it, 0..1.
    """

    level: Bytes
    colour: tuple[float, float, float]
    opacity: float = 1.0
    adds: bool = False
    behind: bool = False
    textured: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """See the module; what is None stays as it is.

    `curve` (256,) is a factor of light by the source's luma, `matrix` (3, 3) is of linear colour. Maps that do not
    follow edges: `gain` (3, h, w) a factor of light, `shining` (h, w) where bright spots shine by themselves and keep
    their light, `sky` (3, h, w) the new sky, `air` (3, h, w) the air's colour, `glow` (3, h, w) light that is added.
    Maps that do: `relief` (h, w) the natural log of a factor, `through` (h, w) the share of light that comes through
    the air.
    """

    curve: Floats = field(default_factory=lambda: np.ones(256, np.float32))
    matrix: NDArray[np.float32] = field(default_factory=lambda: np.eye(3, dtype=np.float32))
    gain: Floats | None = None
    relief: Floats | None = None
    surfaces: tuple[Surface, ...] = ()
    shining: Floats | None = None
    sky: Floats | None = None
    through: Floats | None = None
    air: Floats | None = None
    glow: Floats | None = None
    planes: tuple[Plane, ...] = ()


def warmth(
    turn: Turn, saturation: float, tint: tuple[float, float, float], weights: NDArray[np.float32] = LUMINANCE
) -> NDArray[np.float32]:
    """(3, 3): colour of `saturation` about the grey that `weights` see (1 keeps it), then `tint`, a factor for each
    channel; as far as `turn` says."""
    saturation = max(1 + (saturation - 1) * min(turn.amount, 1.5), 0.0)
    grey = np.repeat(weights[None], 3, axis=0)
    mixed = grey + np.float32(saturation) * (np.eye(3, dtype=np.float32) - grey)
    result: NDArray[np.float32] = np.array(tint, np.float32)[:, None] ** np.float32(turn.amount) * mixed
    return result
