"""Results as PNG files: whole or not at all, no metadata but how they were made, never over another file unasked."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from omniedit.errors import BadInput, file_name, refusals
from omniedit.images import bare
from omniedit.recipe import Recipe, png_info

__all__ = ["check_target", "encode_png", "save_png", "save_pngs"]

LEVEL = 3  # of zlib: a 12 megapixel photo in about a second


def encode_png(image: Image.Image, recipe: Recipe | None = None) -> bytes:
    """PNG with no metadata but the recipe, if any; the same pixels and recipe give the same bytes."""
    if image.mode not in ("L", "RGB", "RGBA"):
        raise ValueError(f"Cannot encode mode {image.mode}; give L, RGB or RGBA.")
    buffer = io.BytesIO()
    bare(image).save(buffer, "PNG", compress_level=LEVEL, pnginfo=None if recipe is None else png_info(recipe))
    return buffer.getvalue()


def save_png(
    image: Image.Image, path: str | os.PathLike[str], overwrite: bool = False, recipe: Recipe | None = None
) -> Path:
    """Write `image` as PNG: all of it or nothing, over another file only with `overwrite`. Gives the path."""
    return save_pngs([image], [path], overwrite, [recipe])[0]


def save_pngs(
    images: Sequence[Image.Image],
    paths: Sequence[str | os.PathLike[str]],
    overwrite: bool,
    recipes: Sequence[Recipe | None] | None = None,
) -> list[Path]:
    """Write several pictures that belong together; none appears under its name before all are on the disk."""
    targets = [check_target(path, overwrite) for path in paths]
    written: list[Path] = []
    try:
        for image, target, recipe in zip(images, targets, recipes or [None] * len(images), strict=True):
            data = encode_png(image, recipe)
            with refusals(f"{file_name(target)} cannot be written", "give another place or make room"):
                written.append(target.parent / f".omniedit-{secrets.token_hex(8)}.tmp")
                _write(data, written[-1])
        for temporary, target in zip(written, targets, strict=True):
            with refusals(f"{file_name(target)} cannot be written", "give another place or make room"):
                _place(temporary, target, overwrite)
    finally:
        for temporary in written:
            temporary.unlink(missing_ok=True)
    return targets


def check_target(path: str | os.PathLike[str], overwrite: bool = False) -> Path:
    """Where a PNG of that name would go; BadInput, before any work is done, if it cannot go there."""
    target = Path(path)
    if target.suffix.lower() != ".png":
        raise BadInput(f"{file_name(target)} cannot be written: results are PNG; give a name that ends in .png.")
    with refusals(f"{file_name(target)} cannot be written", "give another place or make room"):
        if target.is_symlink():
            target = target.resolve()
        folder = target.parent
        if not folder.is_dir():
            raise BadInput(f"{file_name(target)} cannot be written: there is no folder {str(folder)!r}; make it first.")
        if target.exists() and not target.is_file():
            raise BadInput(f"{file_name(target)} cannot be written: it is not a file; give another name.")
        if target.exists() and not overwrite:
            raise BadInput(f"{file_name(target)} exists already; give another name, or --force to replace it.")
        if not os.access(folder, os.W_OK):
            raise BadInput(
                f"{file_name(target)} cannot be written: no leave to write in {str(folder)!r}; give another."
            )
    return target


def _write(data: bytes, path: Path) -> None:
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _place(temporary: Path, target: Path, overwrite: bool) -> None:
    """Give a finished file its name; a file that came there meanwhile stays unless `overwrite`."""
    if not overwrite:
        try:
            os.link(temporary, target)
            return
        except FileExistsError:
            raise BadInput(
                f"{file_name(target)} exists already; give another name, or --force to replace it."
            ) from None
        except OSError:
            pass  # a disk without hard links
    os.replace(temporary, target)
