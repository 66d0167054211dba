"""The door for pictures: the only way one comes in.

What comes in is judged by its header before a pixel is decoded, and leaves as plain 8-bit sRGB, upright,
without metadata, its alpha beside it. What cannot be used raises BadInput with one sentence.
"""

from __future__ import annotations

import io
import logging
import os
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from omniedit.errors import BadInput, file_name, refusals

__all__ = [
    "Limits",
    "Picture",
    "bare",
    "from_pil",
    "guard_decoders",
    "open_mask",
    "open_picture",
    "with_alpha",
]

Source: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes]"

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "TIFF")  # Pillow's names; HEIF is added when it is needed
ALLOWED = "PNG, JPEG, WebP, AVIF, GIF, TIFF or HEIC"
_quiet_lock = threading.Lock()  # what `_quiet` sets holds for the whole process


@dataclass(frozen=True)
class Limits:
    """What a picture may be; all of it is read from the header."""

    bytes: int = 256 * 2**20  # 48 megapixels without compression are 144 MiB
    gif_bytes: int = 32 * 2**20  # to count the pictures of a GIF, all of it must be walked through
    pixels: int = 50_000_000
    min_side: int = 16
    max_side: int = 20_000
    aspect: float = 20.0
    frames: int = 1_000


@dataclass(frozen=True)
class Picture:
    """`rgb` (mode RGB, sRGB, upright, no metadata); `alpha` (mode L, same size), None where all is opaque."""

    rgb: Image.Image
    alpha: Image.Image | None
    format: str  # as Pillow names it, "" if unknown
    notes: tuple[str, ...] = ()  # sentences for the person: what was left out


def open_picture(source: Source, limits: Limits = Limits()) -> Picture:
    """The picture in a file, in bytes or in an open binary file."""
    name, data = _read(source, limits)
    formats = [*FORMATS, *(_heif(name) if _is_heif(data) else [])]
    with _quiet():
        image = _open(name, data, formats, limits)
        if image.format == "GIF" and len(data) > limits.gif_bytes:
            raise BadInput(f"{name} is a GIF larger than {limits.gif_bytes / 2**20:g} MiB; save its picture as PNG.")
        _check(name, image.size, 1, limits)
        frames = _frames(name, image)
        _check(name, image.size, frames, limits)
        notes = []
        if frames > 1:
            notes.append(f"{name} holds {frames} pictures; only the first one is used.")
        try:
            image.load()
        except Exception as error:  # a damaged file makes Pillow's decoders raise nearly anything
            raise BadInput(f"{name} is damaged or cut off; open it in another program and save it again.") from error
        return _picture(name, image, notes)


def from_pil(image: Image.Image, limits: Limits = Limits()) -> Picture:
    """The same for a picture that somebody else has decoded; `image` itself is left as it is."""
    with _quiet():
        _check("The picture", image.size, 1, limits)
        return _picture("The picture", image, [])


def open_mask(source: Source | Image.Image, limits: Limits = Limits()) -> Image.Image:
    """A mask (mode L, white = edit here): the alpha of a picture that has one, otherwise its brightness."""
    picture = from_pil(source, limits) if isinstance(source, Image.Image) else open_picture(source, limits)
    if picture.alpha is not None and picture.alpha.getextrema()[1] == 0:
        raise BadInput("The mask is wholly transparent; paint where the edit may happen, or leave the mask out.")
    return picture.alpha if picture.alpha is not None else bare(picture.rgb.convert("L"))


def with_alpha(rgb: Image.Image, alpha: Image.Image | None) -> Image.Image:
    """`rgb` with `alpha` (mode L) given back to it: RGBA, or RGB where there is none."""
    result = rgb.convert("RGB")  # a copy, whatever it was
    result.info = {}
    if alpha is not None:
        result.putalpha(alpha)
    return result


def guard_decoders(limits: Limits = Limits()) -> None:
    """Hold libraries that decode pictures by themselves (Gradio does) to the door's limit of pixels."""
    Image.MAX_IMAGE_PIXELS = limits.pixels // 2  # Pillow warns above this and refuses above its double
    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def _read(source: Source, limits: Limits) -> tuple[str, bytes]:
    """A name for sentences, and all bytes; never more than the limit is read."""
    name = "The picture"
    if isinstance(source, bytes):
        data = source
    elif isinstance(source, str | os.PathLike):
        path = Path(source)
        name = file_name(path)
        with refusals(f"{name} cannot be read", "give another file"):
            if path.is_dir():
                raise BadInput(f"{name} is a folder; give a picture in it ({ALLOWED}).")
            if not path.exists():
                raise BadInput(f"There is no file {name}; check its name and folder.")
            if not path.is_file():
                raise BadInput(f"{name} is not a regular file; give a picture ({ALLOWED}).")
            with open(path, "rb") as file:
                data = file.read(limits.bytes + 1)
    else:
        data = source.read(limits.bytes + 1)
    if not data:
        raise BadInput(f"{name} is empty (0 bytes); give a picture ({ALLOWED}).")
    if len(data) > limits.bytes:
        raise BadInput(f"{name} is larger than {limits.bytes / 2**20:g} MiB; save it smaller.")
    return name, data


def _open(name: str, data: bytes, formats: list[str], limits: Limits) -> Image.Image:
    """The picture with its header read and no pixel decoded."""
    try:
        return Image.open(io.BytesIO(data), formats=formats)
    except Image.DecompressionBombError as error:
        found = re.search(r"\d+", str(error))
        pixels = f"{int(found[0]) / 1e6:,.0f}" if found else "too many"
        raise BadInput(
            f"{name} has {pixels} megapixels; at most {limits.pixels / 1e6:g} can be edited, save it smaller."
        ) from error
    except Exception as error:  # headers made to do harm raise nearly anything
        raise BadInput(_no_picture(name, data)) from error


def _no_picture(name: str, data: bytes) -> str:
    """Why `data` is no picture that can be opened, in one sentence."""
    head = data[:4096]
    text = head.decode("utf-8", errors="ignore").lower()
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")) or _is_heif(data):
        return f"{name} is damaged or cut off; open it in another program and save it again."
    if head[:4] == b"RIFF" or head[4:8] == b"ftyp":
        return f"{name} is damaged, or is a film or sound rather than a picture; give {ALLOWED}."
    if "<svg" in text:
        return f"{name} is an SVG drawing, which is not supported; export it as PNG."
    for start, kind in (
        (b"%PDF", "a PDF document"),
        (b"8BPS", "a Photoshop document"),
        (b"BM", "a BMP picture"),
    ):
        if head.startswith(start):
            return f"{name} is {kind}, which is not supported; export it as PNG."
    if head.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")):
        return f"{name} is a JPEG XL picture, which is not supported; export it as PNG."
    if b"\0" not in head and len(text.encode()) >= len(head) - 3 and text.isprintable() | ("\n" in text):
        return f"{name} is text, not a picture; give {ALLOWED}."
    return f"{name} is not a picture that can be read; give {ALLOWED}."


def _check(name: str, size: tuple[int, int], frames: int, limits: Limits) -> None:
    width, height = size
    shown = f"{name} is {width} x {height} pixels"
    if min(size) < limits.min_side:
        raise BadInput(f"{shown}; each side needs at least {limits.min_side}, so give a larger picture.")
    if width * height > limits.pixels:
        raise BadInput(
            f"{shown} ({width * height / 1e6:,.1f} megapixels); at most {limits.pixels / 1e6:g} megapixels "
            "can be edited, so save it smaller."
        )
    if max(size) > limits.max_side:
        raise BadInput(f"{shown}; a side may have at most {limits.max_side:,}, so save it smaller.")
    if max(size) > limits.aspect * min(size):
        raise BadInput(
            f"{shown}, {max(size) / min(size):.0f} times as long as wide; at most {limits.aspect:g} times "
            "can be edited, so crop it."
        )
    if frames > limits.frames:
        raise BadInput(f"{name} holds {frames:,} pictures; at most {limits.frames:,} are allowed, so save one of them.")


def _frames(name: str, image: Image.Image) -> int:
    if image.format == "MPO":
        return 1  # a photo with a preview or depth picture beside it, as many phones write: not an animation
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception as error:  # as above: the later frames' headers may be damaged
        raise BadInput(f"{name} is damaged or cut off; open it in another program and save it again.") from error


def _picture(name: str, image: Image.Image, notes: list[str]) -> Picture:
    """A decoded picture, upright, in 8-bit sRGB."""
    kind = "JPEG" if image.format == "MPO" else image.format or ""
    profile = image.info.get("icc_profile")
    try:
        upright = ImageOps.exif_transpose(image)
    except Exception:  # EXIF that cannot be parsed says nothing about the pixels
        upright = image
        notes.append(f"The metadata of {name} is damaged, so its rotation was not applied.")
    try:
        colour, alpha = _split(upright)
        if profile:
            colour, note = _to_srgb(colour, profile, name)
            notes += note
        rgb = colour.convert("RGB")  # a copy, whatever it was
        rgb.info = {}
    except (ValueError, OSError) as error:
        raise BadInput(f"{name} has colours of the kind {image.mode}, which cannot be read; save it as PNG.") from error
    if alpha is not None and alpha.getextrema() == (255, 255):
        alpha = None
    return Picture(rgb, None if alpha is None else bare(alpha), kind, tuple(notes))


def _split(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colour in an 8-bit mode that a profile can be applied to (L, RGB, CMYK, LAB), and alpha."""
    transparent = image.info.get("transparency")
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image)
        alpha = None
        if isinstance(transparent, int):
            alpha = Image.fromarray(np.where(values == transparent, 0, 255).astype(np.uint8))
        return Image.fromarray(_to_bytes(values, _white_is_zero(image))), alpha
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if image.mode == "PA" or transparent is not None else "RGB")
    elif transparent is not None and image.mode in ("1", "L", "RGB"):
        image = image.convert("RGBA")
    elif image.mode == "La":
        image = image.convert("LA")
    elif image.mode == "RGBa":
        image = image.convert("RGBA")
    if image.mode in ("RGBA", "LA"):
        *bands, alpha = image.split()
        return (Image.merge("RGB", bands) if len(bands) == 3 else bands[0]), alpha
    if image.mode in ("1", "HSV", "YCbCr", "RGBX"):
        return image.convert("L" if image.mode == "1" else "RGB"), None
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
        return converted or image, None
    return image, None


def _to_bytes(values: NDArray[np.generic], inverted: bool) -> NDArray[np.uint8]:
    """Grey of 16 bits, 32 bits or floats -> uint8. Wide types do not say where white is: the values must."""
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        white = 65535.0
        levels = values.astype(np.float32)
    else:
        levels = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
        top = float(levels.max(initial=0))
        fixed = (1.0, 255.0, 65535.0) if values.dtype.kind == "f" else (255.0, 65535.0)
        white = next((w for w in fixed if top <= w), top)
    grey = np.clip(levels * (255.0 / white), 0, 255)
    result: NDArray[np.uint8] = np.rint(255 - grey if inverted else grey).astype(np.uint8)
    return result


def _white_is_zero(image: Image.Image) -> bool:
    tags = getattr(image, "tag_v2", None)  # TIFF's PhotometricInterpretation; Pillow applies it to 8 bits only
    return tags is not None and tags.get(262) == 0


def _to_srgb(image: Image.Image, profile: bytes, name: str) -> tuple[Image.Image, list[str]]:
    """`image` with its ICC profile applied; one that is sRGB already changes not a bit."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), image.mode, "RGB")
        if image.mode == "RGB":
            steps = np.linspace(0, 255, 9).astype(np.uint8)
            grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(27, 27, 3)
            probe = ImageCms.applyTransform(Image.fromarray(grid), transform)
            if probe is not None and int(np.abs(np.asarray(probe).astype(int) - grid).max()) <= 2:
                return image, []
        return ImageCms.applyTransform(image, transform) or image, []
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image, [f"The colour profile of {name} cannot be used and was ignored; colours may differ slightly."]


def bare(image: Image.Image) -> Image.Image:
    """The pixels alone: a copy with nothing in `info`."""
    result = image.copy()
    result.info = {}
    return result


def _is_heif(data: bytes) -> bool:
    if data[4:8] != b"ftyp":
        return False
    brands = data[8 : min(int.from_bytes(data[:4], "big"), 128)]
    named = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
    return brands[:4] in named and b"avif" not in brands and b"avis" not in brands


def _heif(name: str) -> list[str]:
    """Pillow's name for HEIC, once its reader is there."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        raise BadInput(
            f"{name} is a HEIC picture and no reader for it is installed; pip install pillow-heif, or save it as JPEG."
        ) from error
    register_heif_opener()
    return ["HEIF"]


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow warns about odd files on stderr; what matters of it is said in sentences instead."""
    log = logging.getLogger("PIL.TiffImagePlugin")
    with _quiet_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before, log.disabled = log.disabled, True
        try:
            yield
        finally:
            log.disabled = before
