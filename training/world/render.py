"""From a scene to pixels, in a few milliseconds: background, things with shadows, light, then weather and style."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.colour import from_oklab, to_oklab
from training.world import effects
from training.world.backgrounds import paint
from training.world.scene import Scene, Thing
from training.world.sprites import sprite

__all__ = ["Rendered", "drawn", "render"]

SHADOW_DARKNESS = 0.32


@dataclass(frozen=True)
class Rendered:
    """`rgb`: uint8 (H, W, 3); `owners`: int16 (H, W), the uid of the thing that a pixel shows, 0 for background."""

    rgb: NDArray[np.uint8]
    owners: NDArray[np.int16]


def render(scene: Scene) -> Rendered:
    """Paint the scene. The same scene gives the same pixels."""
    canvas = paint(scene.background, scene.width, scene.height, scene.background_seed).astype(np.float32)
    owners = np.zeros((scene.height, scene.width), np.int16)
    for thing in scene.things:
        _place(canvas, owners, scene, thing)
    if scene.light != 1.0:
        canvas *= scene.light
    rgb = np.clip(np.rint(canvas), 0, 255).astype(np.uint8)
    if scene.environment is not None:
        rgb = effects.environment(rgb, scene.environment)
    if scene.style is not None:
        rgb = effects.style(rgb, scene.style)
    return Rendered(rgb, owners)


def drawn(thing: Thing, short: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The thing's colours (h, w, 3) in 0..255 and its alpha (h, w) in 0..1 in a picture of that short side."""
    side = max(4, round(thing.size * short))
    return _drawn(thing.drawing, thing.colour, thing.material, side, thing.angle, thing.mirrored, thing.lightness)


@lru_cache(maxsize=4096)
def _drawn(
    drawing: str, colour: str | None, material: str | None, side: int, angle: float, mirrored: bool, lightness: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    picture = sprite(drawing, colour, material)
    if lightness:
        lab = to_oklab(picture[..., :3])
        goal = 1.0 if lightness > 0 else 0.0
        lab[..., 0] += (goal - lab[..., 0]) * abs(lightness)
        lab[..., 1:] *= 1 - 0.35 * abs(lightness)
        picture = np.dstack([from_oklab(lab), picture[..., 3]])
    colours = picture.astype(np.float32)
    colours[..., :3] *= colours[..., 3:] / 255  # premultiplied, so that resizing does not bleed
    height, width = colours.shape[:2]
    scale = side / max(height, width)
    colours = cv2.resize(
        colours, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    if mirrored:
        colours = colours[:, ::-1]
    if angle:
        height, width = colours.shape[:2]
        turned = int(np.ceil(np.hypot(height, width)))
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
        matrix[:, 2] += (turned - width) / 2, (turned - height) / 2
        colours = cv2.warpAffine(np.ascontiguousarray(colours), matrix, (turned, turned), flags=cv2.INTER_LINEAR)
    alpha = np.ascontiguousarray(colours[..., 3]) / 255
    straight = colours[..., :3] / np.maximum(alpha, 1e-3)[..., None]
    return np.clip(straight, 0, 255).astype(np.float32), alpha.astype(np.float32)


def _place(canvas: NDArray[np.float32], owners: NDArray[np.int16], scene: Scene, thing: Thing) -> None:
    colours, alpha = drawn(thing, scene.short)
    height, width = alpha.shape
    left, top = round(thing.x * scene.width - width / 2), round(thing.y * scene.height - height / 2)
    if thing.shadow:
        pad = max(2, round(0.06 * max(height, width)))
        soft = cv2.GaussianBlur(np.pad(alpha, pad), (0, 0), pad / 2) * SHADOW_DARKNESS
        shift = max(1, round(0.05 * max(height, width)))
        _blend(canvas, soft, left - pad + shift // 2, top - pad + shift, None)
    _blend(canvas, alpha, left, top, colours)
    rows, columns, part = _inside(alpha, left, top, owners.shape)
    owners[rows, columns][alpha[part] > 0.5] = thing.uid


def _blend(
    canvas: NDArray[np.float32], alpha: NDArray[np.float32], left: int, top: int, colours: NDArray[np.float32] | None
) -> None:
    """Lay `colours` (None: black) over the canvas where it falls inside."""
    rows, columns, part = _inside(alpha, left, top, canvas.shape[:2])
    weight = alpha[part][..., None]
    canvas[rows, columns] *= 1 - weight
    if colours is not None:
        canvas[rows, columns] += weight * colours[part]


def _inside(
    alpha: NDArray[np.float32], left: int, top: int, shape: tuple[int, ...]
) -> tuple[slice, slice, tuple[slice, slice]]:
    height, width = alpha.shape
    y0, y1 = max(top, 0), min(top + height, shape[0])
    x0, x1 = max(left, 0), min(left + width, shape[1])
    y1, x1 = max(y0, y1), max(x0, x1)
    return slice(y0, y1), slice(x0, x1), (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
