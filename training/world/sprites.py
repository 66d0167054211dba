"""The drawings of the world: loading, recolouring with the shading kept, and materials.

A drawing is named by family and object, "noto/cat". Recolouring works in OKLab: lightness keeps its
structure and moves as a whole to the colour's, hue and chroma become the colour's; eyes, outlines and parts of
another hue stay.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from omniedit.colour import from_oklab, to_oklab
from omniedit.errors import BadInput
from omniedit.settings import assets_dir
from training.world.materials import apply_material
from training.world.vocabulary import COLOURS, MATERIALS, OBJECTS

SPRITES = assets_dir() / "sprites"
SPRITE_SIDE = 96  # longest side of a stored drawing, pixels
FAMILIES = ("noto", "fluent")

Pixels = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]


def canonical(name: str) -> str:
    """The drawing that is used whenever a thing of this name is added or swapped in."""
    return f"noto/{name}"


def drawings(name: str) -> tuple[str, ...]:
    """All drawings of an object, the canonical one first."""
    return tuple(f"{family}/{name}" for family in FAMILIES)


@lru_cache(maxsize=4096)
def sprite(drawing: str, colour: str | None = None, material: str | None = None) -> Pixels:
    """A drawing as read-only uint8 (h, w, 4), straight alpha, longest side 96."""
    family, _, name = drawing.partition("/")
    if family not in FAMILIES or name not in OBJECTS:
        raise BadInput(f"Unknown drawing {drawing!r}: give noto/NAME or fluent/NAME of an object in the vocabulary.")
    if colour is not None and colour not in COLOURS:
        raise BadInput(f"Unknown colour {colour!r}: choose one of {', '.join(COLOURS)}.")
    if material is not None and material not in MATERIALS:
        raise BadInput(f"Unknown material {material!r}: choose one of {', '.join(MATERIALS)}.")
    with Image.open(SPRITES / family / f"{name}.png") as file:
        rgba: Pixels = np.array(file.convert("RGBA"))
    if colour is not None:
        rgba = np.dstack([recolour(rgba[..., :3], rgba[..., 3], COLOURS[colour].rgb), rgba[..., 3]])
    if material is not None:
        rgba = apply_material(rgba, material)
    rgba.flags.writeable = False
    return rgba


def recolour(rgb: Pixels, alpha: Pixels, colour: tuple[int, int, int]) -> Pixels:
    """`rgb` (h, w, 3) in another colour where it is body rather than detail."""
    lab = to_oklab(rgb)
    target = to_oklab(np.array(colour, np.uint8))
    weight = _body(lab, alpha.astype(np.float32) / 255)
    share = weight * alpha
    light = lab[..., 0]
    mean = float((light * share).sum() / max(share.sum(), 1e-6))
    above, below = _percentile(light, share, 0.98) - mean, mean - _percentile(light, share, 0.02)
    # Shading is squeezed on the side where the colour is near white or black, so highlights never clip flat.
    up = min(0.8, (1.0 - target[0]) / max(above, 1e-3))
    down = min(0.8, 0.75 * target[0] / max(below, 1e-3))
    contrast = np.where(light > mean, max(up, 0.15), down)
    new_light = np.clip(target[0] + (light - mean) * contrast, 0.05, 1)
    fade = np.clip((1.04 - new_light) / 0.12, 0, 1)  # highlights lose chroma, as in real shading
    new = np.stack([new_light, target[1] * fade, target[2] * fade], axis=-1).astype(np.float32)
    return from_oklab(lab + (new - lab) * weight[..., None])


def _body(lab: Floats, alpha: Floats) -> Floats:
    """Weight in [0, 1] (h, w) of the pixels that carry the object's colour."""
    light, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    area = max(float(alpha.sum()), 1e-6)
    grey = 1 - _smoothstep(0.03, 0.07, chroma)
    weight = np.ones_like(light)
    dark = grey * (1 - _smoothstep(0.3, 0.42, light))
    bright = grey * _smoothstep(0.86, 0.94, light)
    dark_thing = float((light * alpha).sum()) / area < 0.45  # a top hat: its black is its body
    for detail, most in ((dark, 0.0 if dark_thing else 0.2), (bright, 0.3)):
        if float((detail * alpha).sum()) / area < most:
            weight *= 1 - detail
    # A body of one hue (an apple, a car): its leaf and its windows are details too.
    vivid = _smoothstep(0.03, 0.06, chroma) * alpha
    hue = np.arctan2(lab[..., 2], lab[..., 1])
    histogram, edges = np.histogram(hue, bins=24, range=(-np.pi, np.pi), weights=vivid)
    main = edges[int(np.argmax(histogram + np.roll(histogram, 1) + np.roll(histogram, -1)))] + np.pi / 24
    distance = np.abs((hue - main + np.pi) % (2 * np.pi) - np.pi)
    near = (1 - _smoothstep(0.75, 1.05, distance)) * _smoothstep(0.02, 0.035, chroma)
    if float((near * alpha).sum()) / area > 0.66:
        weight *= near
    return weight.astype(np.float32)


def _smoothstep(low: float, high: float, value: Floats) -> Floats:
    t = np.clip((value - low) / (high - low), 0, 1)
    ramp: Floats = t * t * (3 - 2 * t)
    return ramp


def _percentile(value: Floats, weight: Floats, share: float) -> float:
    order = np.argsort(value, axis=None)
    total = np.cumsum(weight.ravel()[order])
    return float(value.ravel()[order[min(int(np.searchsorted(total, share * total[-1])), order.size - 1)]])
