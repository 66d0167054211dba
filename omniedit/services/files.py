"""Pictures between a person and the disk: an upload through the door, results under names that say what was done."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from omniedit.errors import refusals
from omniedit.images import open_picture, with_alpha
from omniedit.recipe import Recipe
from omniedit.results import encode_png, save_png

__all__ = ["address_of", "open_upload", "result_file", "result_files", "save_png", "small_address"]

LONGEST = 48  # characters of an instruction that a file name keeps


def open_upload(path: str | Path) -> tuple[Image.Image, tuple[str, ...]]:
    """A file of any supported format as RGB or RGBA, and what the person should know about it."""
    picture = open_picture(path)
    return with_alpha(picture.rgb, picture.alpha), picture.notes


def result_file(image: Image.Image, folder: Path, instruction: str, recipe: Recipe | None = None) -> Path:
    """Save `image` in `folder` under a name that says what was done, numbered where the name is taken."""
    words = re.sub(r"[^a-z0-9]+", "-", instruction.lower()).strip("-")[:LONGEST].strip("-") or "edit"
    number, target = 1, folder / f"{words}.png"
    while target.exists():
        number += 1
        target = folder / f"{words}-{number}.png"
    return save_png(image, target, recipe=recipe)


def result_files(
    images: Sequence[Image.Image], folder: Path, instruction: str, recipes: Sequence[Recipe | None]
) -> tuple[Path, ...]:
    """`result_file` for all variants."""
    made = zip(images, recipes, strict=True)
    return tuple(result_file(image, folder, instruction, recipe) for image, recipe in made)


def address_of(image: Image.Image) -> str:
    """An address that holds a small picture itself, for a page."""
    return f"data:image/png;base64,{b64encode(encode_png(image)).decode()}"


def small_address(path: Path, longest: int) -> str:
    """The same for a picture in a file, made at most `longest` pixels a side; what it loses is not seen."""
    with refusals("A small picture cannot be read", "open the history again"), Image.open(path) as image:
        image.thumbnail((longest, longest))
        into = BytesIO()
        image.convert("RGB").save(into, "WEBP", quality=80)
    return f"data:image/webp;base64,{b64encode(into.getvalue()).decode()}"
