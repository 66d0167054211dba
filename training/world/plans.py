"""What a picture is to show, as numbers: a table of what is drawn in it, and a map of which of them a pixel shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.world.scene import Scene, Thing
from training.world.sprites import drawings
from training.world.vocabulary import BACKGROUNDS, COLOURS, MATERIALS, OBJECTS

__all__ = ["ANGLE", "CENTRE", "FIELDS", "LOOK", "NAMES", "ROWS", "SIZE", "TABLES", "Plan", "no_plan", "plan_of"]

NAMES = ("", *(d for name in OBJECTS for d in drawings(name)), *BACKGROUNDS)
TABLES = (len(NAMES), 1 + len(COLOURS), 1 + len(MATERIALS))  # sizes of the three word lists
ROWS = 8  # row 0 is nothing, the last one the background
FIELDS = 11  # name, colour and material by number, then:
CENTRE, SIZE = slice(3, 5), slice(5, 7)  # x, y and width, height in pixels
ANGLE, LOOK = slice(7, 8), slice(8, 11)  # degrees; mirrored, shadow, lightness
_NAME = {name: i for i, name in enumerate(NAMES)}
_COLOUR: dict[str | None, int] = {None: 0, **{name: i for i, name in enumerate(COLOURS, start=1)}}
_MATERIAL: dict[str | None, int] = {None: 0, **{name: i for i, name in enumerate(MATERIALS, start=1)}}

Plan = tuple[NDArray[np.float32], NDArray[np.uint8]]


def plan_of(scene: Scene, owners: NDArray[np.int16], things: Sequence[Thing], background: str | None) -> Plan:
    """The table (ROWS, FIELDS) of `things` and `background` in `scene`, and the map (H, W) of rows, 0 elsewhere.

    `owners`: which thing of the scene each pixel shows, as `render` gives it.
    """
    table = np.zeros((ROWS, FIELDS), np.float32)
    shown = np.zeros(owners.shape, np.uint8)
    for row, thing in enumerate(things[: ROWS - 2], start=1):
        side = thing.size * scene.short
        place = (thing.x * scene.width, thing.y * scene.height, side, side)
        words = (_NAME[thing.drawing], _COLOUR[thing.colour], _MATERIAL[thing.material])
        table[row] = *words, *place, thing.angle, thing.mirrored, thing.shadow, thing.lightness
        shown[owners == thing.uid] = row
    if background is not None:
        place = (scene.width / 2, scene.height / 2, scene.width, scene.height)
        table[-1] = _NAME[background], 0, 0, *place, 0, 0, 0, 0
        shown[owners == 0] = ROWS - 1
    return table, shown


def no_plan(height: int, width: int) -> Plan:
    """The plan of a picture of which nobody knows what it shows."""
    return np.zeros((ROWS, FIELDS), np.float32), np.zeros((height, width), np.uint8)
