"""Backgrounds that are painted by rules, as a camera would see them behind a portrait.

`paint` gives the scenes, `gradient` and `studio` what is hung behind a sitter, `bokeh` the photo's own background.
All are small: they are out of focus and hold nothing that enlarging would lose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from omniedit.specialists.base import Bytes
from omniedit.specialists.scenes import forest, indoors, land, lens, night, sky, town, water
from omniedit.specialists.scenes.studio import gradient, studio
from omniedit.specialists.scenes.view import Scene, View

__all__ = ["LONGEST", "SCENES", "Backdrop", "gradient", "paint", "studio"]

LONGEST = 1280  # side at which a scene is painted,
SOFTER = 960  # and one of which nothing is in focus: it holds nothing finer
SOFT = 0.0085  # radius of the largest discs, in longest sides of the picture, where a scene's softness is 1

SCENES: dict[str, Callable[[View, np.random.Generator], Scene]] = {
    "beach": water.beach,
    "sea": water.sea,
    "forest": forest.forest,
    "meadow": land.meadow,
    "mountains": land.mountains,
    "desert": land.desert,
    "snowfield": land.snowfield,
    "sky": sky.sky,
    "sunset": water.sunset,
    "night sky": night.night_sky,
    "space": night.space,
    "city": town.city,
    "room": indoors.room,
}


@dataclass(frozen=True)
class Backdrop:
    """`rgb`: uint8 (h, w, 3), small, to be enlarged; `stands`: whether there is ground for a thing to stand on."""

    rgb: Bytes
    stands: bool


def paint(
    kind: str, size: tuple[int, int], seed: int, horizon: float = 0.5, foot: float | None = None, blur: float = 1.0
) -> Backdrop:
    """A scene of a kind of SCENES for a picture of `size` (width, height).

    horizon: where it lies, in heights from the top; foot: where what stands in front meets the ground, None if that
    is not in the picture: ground there is in focus; blur: 1 is usual, 0 has all in focus. The same seed gives the same
    scene, another seed another one of the kind.
    """
    width, height = size
    scale = min(1.0, (LONGEST if foot is not None or blur < 1 else SOFTER) / max(size))
    view = View(max(8, round(width * scale)), max(8, round(height * scale)), horizon)
    rng = np.random.default_rng((seed, sorted(SCENES).index(kind)))
    scene = SCENES[kind](view, rng)
    standing = (1.45 if foot is None else max(foot, horizon + 0.05)) - horizon
    share = np.clip(1 - scene.near / standing, 0, 1).astype(np.float32)
    share = cv2.GaussianBlur(share, (0, 0), 0.004 * max(view.width, view.height))  # no hard change of focus
    radius = SOFT * scene.soft * blur * max(view.width, view.height)
    light = lens.defocus_by(scene.light, np.asarray(share, np.float32), radius)
    return Backdrop(lens.expose(light), scene.stands)
