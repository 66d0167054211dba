"""The scene graph: what is in a picture, and where. Numbers are shares of the picture unless said otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["SIZES", "Scene", "Thing", "overlap"]

SIZES = ((128, 128), (128, 192), (192, 128), (128, 176), (176, 128), (128, 224), (224, 128))  # (width, height)


@dataclass(frozen=True)
class Thing:
    """One object. `size` is its longest side as a share of the picture's short side; (x, y) its centre."""

    uid: int
    name: str
    drawing: str
    colour: str | None = None
    material: str | None = None
    size: float = 0.34
    x: float = 0.5
    y: float = 0.5
    angle: float = 0.0  # degrees, clockwise
    mirrored: bool = False
    shadow: bool = True
    lightness: float = 0.0  # -1 darkest .. 1 lightest


@dataclass(frozen=True)
class Scene:
    """A picture before it is painted; `things` from back to front."""

    width: int  # pixels
    height: int  # pixels
    background: str
    background_seed: int
    things: tuple[Thing, ...] = ()
    environment: str | None = None
    style: str | None = None
    light: float = 1.0  # factor on all colours

    @property
    def short(self) -> int:
        return min(self.width, self.height)

    def thing(self, uid: int) -> Thing:
        """The thing with that uid."""
        return next(t for t in self.things if t.uid == uid)

    def box(self, thing: Thing) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) in pixels of the square that `thing` may fill."""
        half = thing.size * self.short / 2
        x, y = thing.x * self.width, thing.y * self.height
        return x - half, y - half, x + half, y + half

    def named(self, name: str) -> Iterator[Thing]:
        """All things of that name."""
        return (t for t in self.things if t.name == name)


def overlap(scene: Scene, one: Thing, other: Thing) -> float:
    """Shared area of the two boxes as a share of the smaller box."""
    a, b = scene.box(one), scene.box(other)
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) ** 2, (b[2] - b[0]) ** 2)
    return max(wide, 0.0) * max(high, 0.0) / smaller
