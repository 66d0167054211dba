"""A drawn outdoor scene, its edits of light and weather, and what is measured of them."""

from dataclasses import replace
from functools import cache
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from omniedit.colour import to_linear, to_oklab
from omniedit.settings import assets_dir
from omniedit.specialists.base import Plan
from omniedit.specialists.environment import Environment
from omniedit.types import EditRequest, Intent, Parameter, Task
from omniedit.vocabulary import ENVIRONMENTS

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]

KINDS = tuple(ENVIRONMENTS)
HORIZON, WIDTH, HEIGHT = 150, 420, 300


def mixed(seed: int, shape: tuple[int, int], sigma: float, strength: float) -> NDArray[np.float64]:
    """Soft noise of standard deviation `strength`."""
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=shape), (0, 0), sigma)
    return np.asarray(noise / noise.std() * strength)[..., None]


@cache
def outdoors() -> Bytes:
    """Blue sky, grass to the horizon, a red-brown hut with a flat grey roof and two windows, a dark mast, a bush."""
    shape = (HEIGHT, WIDTH)
    down = np.arange(HEIGHT)[:, None, None] / HORIZON
    picture = np.array([80, 130, 205]) + np.clip(down, 0, 1) * np.array([110, 85, 35]) + np.zeros((*shape, 3))
    grass = np.array([96, 132, 52]) + mixed(1, shape, 0.8, 10) + mixed(2, shape, 9, 5)
    picture[HORIZON:] = grass[HORIZON:]
    picture[110:215, 40:130] = np.array([150, 84, 66]) + mixed(3, shape, 0.6, 4)[110:215, 40:130]
    picture[104:112, 34:136] = (120, 120, 122)
    picture[130:150, 56:72] = picture[130:150, 96:112] = (46, 50, 58)
    picture[40:210, 250:256] = (40, 38, 36)
    bush = np.hypot(np.arange(WIDTH)[None] - 345, 1.2 * (np.arange(HEIGHT)[:, None] - 165)) < 38
    leaves = np.array([50, 92, 34]) + mixed(4, shape, 1.2, 16)
    picture[bush] = leaves[bush]
    return np.clip(picture + mixed(5, shape, 0.5, 1.5), 0, 255).astype(np.uint8)


SKY: tuple[slice, slice] = np.s_[20:130, 160:240]
GRASS: tuple[slice, slice] = np.s_[230:295, 150:400]
WALL: tuple[slice, slice] = np.s_[155:205, 50:120]
ROOF: tuple[slice, slice] = np.s_[105:110, 45:125]
BUSH: tuple[slice, slice] = np.s_[150:180, 330:360]


@cache
def photo(name: str) -> Bytes:
    with Image.open(assets_dir() / "photos" / name) as image:
        return np.asarray(image.convert("RGB"))


def planned(source: Bytes, kind: str, seed: int = 0, **more: object) -> Plan:
    request = EditRequest(Image.fromarray(source), f"make it {kind}", seed=seed, **more)  # type: ignore[arg-type]
    return cast(Plan, Environment().prepare(request, Intent(Task.ENVIRONMENT, kind, parameters={"kind": kind})))


@cache
def looked_at(data: bytes, shape: tuple[int, ...]) -> Plan:
    return planned(np.frombuffer(data, np.uint8).reshape(shape), "night")


def made(source: Bytes, kind: str, seed: int = 0, **parameters: Parameter) -> Bytes:
    """The edit; the scene is looked at once for all kinds and seeds."""
    plan = looked_at(source.tobytes(), source.shape)
    turned = {**plan.parameters, "kind": kind, **parameters}
    plan = replace(plan, parameters=turned, request=replace(plan.request, seed=seed))
    return np.asarray(Environment().apply(plan).images[0])


@cache
def edited(kind: str, seed: int = 0) -> Bytes:
    return made(outdoors(), kind, seed)


def light(rgb: Bytes, part: tuple[slice, slice] | Bools = np.s_[:, :]) -> float:
    """Mean linear luminance."""
    return float((to_linear(rgb)[part] @ np.array([0.2126, 0.7152, 0.0722])).mean())


def colour(rgb: Bytes, part: tuple[slice, slice] | Bools = np.s_[:, :]) -> NDArray[np.float64]:
    """Mean OKLab (lightness, green to red, blue to yellow)."""
    return np.asarray(to_oklab(rgb)[part].reshape(-1, 3).mean(axis=0), dtype=np.float64)


def contrast(rgb: Bytes, part: tuple[slice, slice]) -> float:
    return float(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[part].std())


def edges_kept(before: Bytes, after: Bytes, part: tuple[slice, slice]) -> float:
    """Correlation of fine structure."""
    fine = []
    for rgb in (before, after):
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float64)
        fine.append((grey - cv2.GaussianBlur(grey, (0, 0), 3))[part].ravel())
    return float(np.corrcoef(*fine)[0, 1])
