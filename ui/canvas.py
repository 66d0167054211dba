"""What is on the canvas: how a photo and a mask get there, and how they come back.

A browser sends what is painted on many times for each thing that is done. So a large photo stays on the server, and the
canvas shows a smaller copy: what is painted on the copy counts for the photo.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from omniedit.errors import BadInput
from omniedit.services.files import open_upload, save_png
from omniedit.services.masking import INSIDE, resized
from ui.looks import MASK_COLOUR
from ui.words import say

__all__ = ["Easel", "Look", "Whole", "alike", "copy_size", "layer_of", "look_of", "mask_of", "on_canvas", "photo_on"]

MOST = 1_500_000  # pixels of a picture on the canvas
SMALL = 64  # pixels a side where pictures are compared
ROUNDED = 1  # levels by which a picture may change on its way through a browser's canvas
PAINTED = round(255 * MASK_COLOUR[3])  # alpha of the brush
LEVELS = np.r_[0, np.rint(np.linspace(INSIDE, 255, PAINTED)), np.full(255 - PAINTED, 255)].astype(np.uint8)
GONE = say("The photo at its full size is no more on the server; open it again.")

Look = tuple[tuple[int, int], bytes]  # what tells a picture from others: its size, and its pixels at SMALL x SMALL


@dataclass(frozen=True)
class Whole:
    """A photo at its full size, as a file, of which the canvas shows a copy with this look."""

    file: Path
    look: Look


class Easel:
    """The canvas and, as `whole`, the photo that it shows a copy of: who fills the one fills the other."""

    def __init__(self, canvas: gr.ImageEditor) -> None:
        """`canvas` with nothing on it."""
        self.canvas, self.whole = canvas, gr.State(None)
        self.outputs: list[Any] = [self.canvas, self.whole]

    def shows(
        self, picture: Path | Image.Image, folder: Callable[[], Path], mask: Image.Image | None = None
    ) -> dict[Any, Any]:
        """A picture, our file or decoded, with `mask` painted on it; a large one goes into the page's `folder`."""
        size = _size_of(picture)
        if copy_size(size) == size:
            return {self.canvas: on_canvas(picture, mask), self.whole: None}
        if isinstance(picture, Path):
            file, photo = picture, open_upload(picture)[0]
        else:
            file, photo = _kept(picture, folder()), picture
        copy = photo.resize(copy_size(size), Image.Resampling.LANCZOS, reducing_gap=2)
        painted = None if mask is None else resized(mask, copy.size)
        return {self.canvas: on_canvas(copy, painted), self.whole: Whole(file, look_of(copy))}


def _kept(photo: Image.Image, folder: Path) -> Path:
    """The photo as a file, the same one each time: who puts it on the canvas again and again fills no disk."""
    file = folder / f"{hashlib.sha256(f'{photo.mode} {photo.size}'.encode() + photo.tobytes()).hexdigest()}.png"
    return file if file.exists() else save_png(photo, file, overwrite=True)


def _size_of(picture: Path | Image.Image) -> tuple[int, int]:
    if isinstance(picture, Image.Image):
        return picture.size
    with Image.open(picture) as opened:
        return opened.size


def copy_size(size: tuple[int, int]) -> tuple[int, int]:
    """The size (width, height) that a photo of this size has on the canvas: its own unless it is large."""
    width, height = size
    scale = min(1.0, math.sqrt(MOST / (width * height)))
    return max(1, int(scale * width)), max(1, int(scale * height))  # rounded down: a copy of the copy is itself


def on_canvas(picture: Path | Image.Image, mask: Image.Image | None = None) -> dict[str, Any]:
    """A picture as the canvas takes it, `mask` painted on it."""
    shown = str(picture) if isinstance(picture, Path) else picture
    return {"background": shown, "layers": [] if mask is None else [layer_of(mask)], "composite": None}


def photo_on(canvas: dict[str, Any] | None, whole: Whole | None = None) -> tuple[Image.Image, Image.Image | None]:
    """The photo that the canvas shows, at its full size where that is `whole`, and what was painted on it.

    Raises BadInput where there is none.
    """
    if canvas is None or canvas.get("background") is None:
        raise BadInput("There is no picture yet; drop a photo on the canvas or choose an example.")
    photo, mask = canvas["background"], mask_of(canvas)
    if whole is None or not alike(whole.look, photo):
        return photo, mask
    if not whole.file.exists():  # the page has slept for long
        raise BadInput(GONE)
    photo, _ = open_upload(whole.file)
    return photo, None if mask is None else resized(mask, photo.size)


def mask_of(canvas: dict[str, Any]) -> Image.Image | None:
    """The painted layers as a mask (mode L, 128 to 255 by how opaque), or None where nothing was painted."""
    background = canvas["background"]
    opacity = np.zeros(background.size[::-1], np.uint8)
    for layer in canvas.get("layers") or []:
        if layer is None:
            continue
        if layer.size != background.size:
            raise BadInput(
                f"What was painted is {layer.width} x {layer.height}, the picture {background.width} x "
                f"{background.height}; clear the canvas and paint again."
            )
        opacity = np.maximum(opacity, np.asarray(layer.convert("RGBA").getchannel("A")))
    return Image.fromarray(LEVELS[opacity]) if opacity.any() else None


def layer_of(mask: Image.Image) -> Image.Image:
    """A mask as it is painted on the canvas."""
    layer = Image.new("RGBA", mask.size, MASK_COLOUR[:3])
    alphas = [int(np.abs(LEVELS.astype(int) - level).argmin()) if level >= INSIDE else 0 for level in range(256)]
    layer.putalpha(mask.point(alphas))
    return layer


def look_of(image: Image.Image) -> Look:
    """The look of a picture, on black: a browser forgets the colours of what cannot be seen."""
    if "A" in image.getbands():
        image = Image.alpha_composite(Image.new("RGBA", image.size, "black"), image.convert("RGBA"))
    return image.size, image.convert("RGB").resize((SMALL, SMALL), Image.Resampling.BOX, reducing_gap=2).tobytes()


def alike(look: Look, photo: Image.Image) -> bool:
    """Whether `photo` is of that look: a page does not say whether a person or it itself filled the canvas."""
    (size, mine), (other_size, other) = look, look_of(photo)
    apart = np.abs(np.frombuffer(mine, np.uint8).astype(int) - np.frombuffer(other, np.uint8))
    return size == other_size and bool(apart.max() <= ROUNDED)
