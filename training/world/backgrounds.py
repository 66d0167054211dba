"""Backgrounds: eighteen painted settings, crops of bundled photographs, and smooth random textures.

A painted setting keeps its palette and layout, so that a small model can paint it from its name alone;
the seed moves hills, trees and light a little, and seed 0 moves nothing.
"""

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from omniedit.errors import BadInput
from omniedit.settings import assets_dir
from training.world.painter import Painter
from training.world.vocabulary import BACKGROUNDS

PHOTOS_FOLDER = assets_dir() / "photos"
PHOTOS = ("astronaut", "brick", "chelsea", "coffee", "grass", "gravel", "hubble", "rocket")
TEXTURE = "texture"
NAMES = (*BACKGROUNDS, *(f"photo:{name}" for name in PHOTOS), TEXTURE)  # all that `paint` knows

Pixels = NDArray[np.uint8]


@lru_cache(maxsize=512)
def paint(name: str, width: int, height: int, seed: int = 0) -> Pixels:
    """A background as read-only uint8 RGB (height, width, 3); `name` is one of NAMES."""
    if name not in NAMES:
        raise BadInput(f"Unknown background {name!r}: choose one of {', '.join(NAMES)}.")
    if min(width, height) < 1:
        raise BadInput(f"A background of {width} x {height} pixels is empty: give sides of at least one pixel.")
    rng = np.random.default_rng((seed, NAMES.index(name)))
    if name == TEXTURE:
        rgb = _texture(width, height, rng)
    elif name.startswith("photo:"):
        rgb = _crop(_photo(name.removeprefix("photo:")), width, height, rng)
    else:
        painter = Painter(width, height, rng if seed else None)
        _SETTINGS[name](painter)
        rgb = painter.rgb
    rgb.flags.writeable = False
    return rgb


@lru_cache(maxsize=len(PHOTOS))
def _photo(name: str) -> Pixels:
    with Image.open(PHOTOS_FOLDER / f"{name}.jpg") as file:
        return np.array(file.convert("RGB"))


def _crop(photo: Pixels, width: int, height: int, rng: np.random.Generator) -> Pixels:
    """A random crop of the wanted shape, 55 % to 100 % of the largest one, scaled to size."""
    rows, columns = photo.shape[:2]
    scale = min(columns / width, rows / height) * rng.uniform(0.55, 1)
    w, h = max(1, int(width * scale)), max(1, int(height * scale))
    x, y = int(rng.integers(columns - w + 1)), int(rng.integers(rows - h + 1))
    method = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
    crop: Pixels = np.ascontiguousarray(cv2.resize(photo[y : y + h, x : x + w], (width, height), interpolation=method))
    return crop


def _texture(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Two to four related colours in soft clouds."""
    palette = np.clip(rng.uniform(40, 225, 3) + rng.uniform(-70, 70, (int(rng.integers(2, 5)), 3)), 0, 255)
    cells = int(rng.integers(3, 7))
    picks = palette[rng.integers(len(palette), size=(cells, cells))].astype(np.float32)
    soft = cv2.resize(picks, (width, height), interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(rng.normal(0, 5, (16, 16)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    texture: Pixels = np.clip(soft + fine[..., None], 0, 255).astype(np.uint8)
    return texture


def _beach(p: Painter) -> None:
    p.gradient(0, 0.42, (112, 188, 242), (206, 236, 250))
    p.disc(0.8, 0.14, 0.075, (255, 244, 190), 0.03)
    p.cloud(0.25, 0.14, 0.1)
    p.gradient(0.4, 0.62, (22, 138, 186), (92, 208, 206))
    p.waves((0.45, 0.5), (80, 180, 205), 0.014)
    p.hill(0.59, 0.012, 2.2, 0.5, (250, 252, 248))
    p.hill(0.615, 0.012, 2.2, 0.5, (214, 186, 134))
    p.hill(0.635, 0.012, 2.2, 0.5, (240, 216, 160), (226, 190, 128))
    p.disc(0.16, 0.86, 0.022, (250, 236, 220))
    p.disc(0.7, 0.92, 0.018, (236, 150, 130))


def _forest(p: Painter) -> None:
    p.gradient(0, 0.75, (196, 222, 178), (128, 170, 108))
    for base, size, count, shift, colour in (
        (0.66, 0.42, 9, 0.0, (118, 162, 112)),
        (0.74, 0.52, 7, 0.06, (72, 122, 74)),
    ):
        for i in range(count):
            p.fir((i + 0.3) / count + shift, base, size, colour)
    p.gradient(0.7, 1, (78, 116, 58), (44, 72, 36))
    for x, base, size in ((0.06, 0.86, 0.74), (0.3, 0.78, 0.5), (0.72, 0.79, 0.54), (0.95, 0.88, 0.78)):
        p.fir(x, base, size, (34, 82, 46), trunk=(84, 56, 36))


def _desert(p: Painter) -> None:
    p.gradient(0, 0.66, (246, 186, 116), (254, 234, 184))
    p.disc(0.72, 0.2, 0.085, (255, 250, 214), 0.03)
    p.hill(0.5, 0.05, 0.9, 0.15, (238, 188, 112), (224, 160, 84))
    p.hill(0.62, 0.06, 0.8, 0.62, (226, 160, 82), (208, 132, 60))
    p.hill(0.78, 0.07, 0.7, 0.05, (206, 130, 60), (180, 104, 46))


def _space(p: Painter) -> None:
    p.gradient(0, 1, (14, 10, 38), (36, 14, 62))
    p.glow(0.3, 0.65, 0.5, (96, 36, 130), 0.55)
    p.glow(0.75, 0.25, 0.4, (30, 60, 140), 0.5)
    p.stars(70)
    p.disc(0.8, 0.2, 0.1, (226, 160, 92))
    p.disc(0.825, 0.185, 0.07, (240, 188, 122))
    p.ring(0.8, 0.2, 0.17, 0.04, (238, 214, 170))


def _city(p: Painter) -> None:
    p.gradient(0, 0.9, (150, 182, 226), (236, 222, 222))
    for x, wide, top in (
        (0.0, 0.12, 0.45),
        (0.14, 0.1, 0.34),
        (0.42, 0.12, 0.3),
        (0.66, 0.1, 0.4),
        (0.9, 0.12, 0.36),
    ):
        p.box(x, top, x + wide, 0.85, (160, 174, 200))
    for x, wide, top, colour in (
        (-0.02, 0.16, 0.54, (92, 104, 134)),
        (0.16, 0.15, 0.4, (110, 92, 110)),
        (0.33, 0.13, 0.58, (78, 98, 124)),
        (0.48, 0.17, 0.46, (104, 112, 138)),
        (0.67, 0.14, 0.6, (86, 84, 112)),
        (0.83, 0.2, 0.44, (96, 106, 128)),
    ):
        p.tower(x, wide, top, 0.86, colour)
    p.box(0, 0.86, 1, 0.89, (170, 168, 166))
    p.box(0, 0.89, 1, 1, (72, 74, 82))
    p.dashes(0.945, (236, 226, 170))


def _ocean(p: Painter) -> None:
    p.gradient(0, 0.37, (126, 178, 234), (220, 236, 248))
    p.cloud(0.7, 0.17, 0.11)
    p.cloud(0.22, 0.24, 0.08)
    p.gradient(0.36, 1, (38, 108, 176), (10, 38, 104))
    p.waves((0.42, 0.48, 0.56, 0.66, 0.78, 0.91), (96, 160, 214), 0.02)


def _snow(p: Painter) -> None:
    p.gradient(0, 0.6, (172, 204, 234), (232, 240, 248))
    p.hill(0.44, 0.04, 1.2, 0.3, (206, 220, 238), (222, 232, 244))
    for x, base, size in ((0.08, 0.52, 0.3), (0.2, 0.5, 0.22), (0.84, 0.51, 0.26), (0.95, 0.54, 0.34)):
        p.fir(x, base, size, (104, 138, 138), cap=(244, 248, 252))
    p.hill(0.53, 0.03, 0.9, 0.7, (240, 245, 251), (226, 234, 246))
    p.hill(0.72, 0.04, 0.7, 0.1, (250, 252, 255), (232, 239, 250))


def _grass(p: Painter) -> None:
    p.gradient(0, 0.55, (98, 178, 246), (200, 232, 252))
    p.cloud(0.24, 0.15, 0.11)
    p.cloud(0.76, 0.22, 0.09)
    p.hill(0.42, 0.03, 0.8, 0.2, (120, 192, 84), (96, 172, 66))
    p.hill(0.52, 0.04, 0.6, 0.6, (98, 182, 62), (54, 138, 40))
    p.specks(0.6, 46, (128, 204, 84), 0.009)
    p.specks(0.62, 14, (252, 240, 150), 0.011)


def _mountains(p: Painter) -> None:
    p.gradient(0, 0.8, (108, 168, 226), (222, 234, 244))
    for x, top, wide in ((0.16, 0.3, 0.3), (0.88, 0.26, 0.34)):
        p.peak(x, top, wide, 0.72, (136, 152, 182), (236, 242, 250))
    p.peak(0.5, 0.14, 0.42, 0.74, (104, 120, 152), (250, 252, 255))
    p.hill(0.68, 0.03, 1.1, 0.4, (88, 126, 88), (70, 108, 70))
    p.hill(0.8, 0.03, 0.9, 0.1, (116, 158, 82), (82, 126, 58))


def _room(p: Painter) -> None:
    p.gradient(0, 0.7, (240, 222, 196), (230, 208, 178))
    p.box(0.1, 0.1, 0.4, 0.46, (250, 248, 242))
    p.box(0.125, 0.13, 0.242, 0.43, (168, 214, 244))
    p.box(0.258, 0.13, 0.375, 0.43, (168, 214, 244))
    p.box(0.62, 0.14, 0.86, 0.36, (120, 78, 50))
    p.box(0.645, 0.165, 0.835, 0.335, (106, 168, 160))
    p.box(0, 0.69, 1, 0.72, (250, 246, 238))
    p.gradient(0.72, 1, (170, 112, 68), (138, 86, 50))
    p.planks(0.72, (112, 68, 40), 4)
    p.box(0.54, 0.5, 0.94, 0.7, (94, 122, 158))
    p.box(0.5, 0.58, 0.98, 0.76, (112, 140, 176))


def _studio(p: Painter) -> None:
    p.gradient(0, 0.66, (206, 208, 214), (226, 227, 231))
    p.gradient(0.66, 0.76, (226, 227, 231), (196, 198, 204))
    p.gradient(0.76, 1, (196, 198, 204), (216, 217, 221))
    p.glow(0.5, 0.42, 0.75, (255, 255, 255), 0.75)


def _sky(p: Painter) -> None:
    p.gradient(0, 1, (58, 138, 232), (190, 226, 252))
    for x, y, size in (
        (0.22, 0.2, 0.14),
        (0.74, 0.32, 0.17),
        (0.34, 0.58, 0.16),
        (0.8, 0.76, 0.14),
        (0.2, 0.9, 0.15),
    ):
        p.cloud(x, y, size)


def _park(p: Painter) -> None:
    p.gradient(0, 0.5, (150, 208, 246), (222, 242, 250))
    for i in range(6):
        p.bush(0.04 + i * 0.185, 0.42, 0.12, (126, 180, 110))
    p.gradient(0.48, 1, (134, 198, 92), (92, 164, 68))
    p.polygon(((0.44, 0.48), (0.52, 0.48), (0.6, 0.72), (0.86, 1.0), (0.28, 1.0), (0.46, 0.72)), (226, 206, 168))
    for x, y in ((0.16, 0.36), (0.84, 0.34)):
        p.box(x - 0.022, y, x + 0.022, y + 0.3, (120, 84, 56))
        p.bush(x, y - 0.03, 0.17, (72, 148, 66))
    p.box(0.66, 0.56, 0.92, 0.585, (150, 96, 56))
    p.box(0.68, 0.585, 0.7, 0.64, (90, 60, 40))
    p.box(0.88, 0.585, 0.9, 0.64, (90, 60, 40))


def _underwater(p: Painter) -> None:
    p.gradient(0, 1, (96, 214, 226), (8, 78, 140))
    for x in (0.18, 0.42, 0.7):
        p.ray(x, 0.06, 0.14, 0.75, (190, 246, 246), 0.28)
    p.hill(0.84, 0.025, 1.3, 0.3, (210, 190, 140), (180, 158, 112))
    for x, size, colour in (
        (0.1, 0.2, (236, 96, 112)),
        (0.9, 0.24, (240, 142, 70)),
        (0.76, 0.13, (196, 92, 176)),
    ):
        p.coral(x, 0.9, size, colour)
    for x, size in ((0.26, 0.24), (0.31, 0.17), (0.62, 0.2)):
        p.weed(x, 0.9, size, (40, 150, 104))
    for x, y, size in ((0.5, 0.3, 0.02), (0.54, 0.2, 0.014), (0.47, 0.12, 0.012), (0.86, 0.36, 0.016)):
        p.ring(x, y, size, size, (214, 246, 250))


def _brick_wall(p: Painter) -> None:
    p.gradient(0, 1, (206, 190, 176), (196, 180, 166))
    p.bricks(9, (176, 82, 62))


def _wooden_floor(p: Painter) -> None:
    p.boards(6, (182, 128, 78), (112, 70, 38))


def _road(p: Painter) -> None:
    p.gradient(0, 0.42, (142, 196, 238), (228, 240, 248))
    p.hill(0.38, 0.04, 1.3, 0.6, (142, 170, 150))
    p.gradient(0.42, 1, (152, 186, 96), (110, 154, 66))
    p.polygon(((0.46, 0.42), (0.54, 0.42), (1.02, 1.0), (-0.02, 1.0)), (98, 100, 108))
    for top, bottom in ((0.46, 0.5), (0.56, 0.64), (0.74, 0.88)):
        a, b = (top - 0.42) * 0.045 + 0.002, (bottom - 0.42) * 0.045 + 0.002
        p.polygon(((0.5 - a, top), (0.5 + a, top), (0.5 + b, bottom), (0.5 - b, bottom)), (250, 246, 230))


def _farm(p: Painter) -> None:
    p.gradient(0, 0.52, (120, 190, 240), (236, 240, 226))
    p.hill(0.45, 0.03, 0.9, 0.1, (134, 172, 96))
    p.box(0.62, 0.32, 0.86, 0.52, (178, 50, 44))
    p.polygon(((0.59, 0.33), (0.66, 0.22), (0.82, 0.22), (0.89, 0.33)), (110, 62, 56))
    p.box(0.7, 0.4, 0.78, 0.52, (244, 236, 226))
    p.gradient(0.5, 1, (244, 212, 108), (212, 162, 54))
    p.rows(0.5, (196, 144, 46), 12)


_SETTINGS: dict[str, Callable[[Painter], None]] = {
    "beach": _beach,
    "forest": _forest,
    "desert": _desert,
    "space": _space,
    "city": _city,
    "ocean": _ocean,
    "snow": _snow,
    "grass": _grass,
    "mountains": _mountains,
    "room": _room,
    "studio": _studio,
    "sky": _sky,
    "park": _park,
    "underwater": _underwater,
    "brick wall": _brick_wall,
    "wooden floor": _wooden_floor,
    "road": _road,
    "farm": _farm,
}
