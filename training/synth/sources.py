"""What the pairs are made of: photographs of a folder, those that come with the project, scenes of the world."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from omniedit.compose import RATIOS
from omniedit.errors import BadInput, refusals
from omniedit.images import open_picture
from omniedit.settings import assets_dir
from training.world.heldout import HELD_BACKGROUNDS

__all__ = ["BUNDLED", "WORLD", "Gathered", "crop", "gather", "held_photographs"]

BUNDLED, WORLD = "bundled", "world"  # names that stand for the project's own photographs and scenes
ENDINGS = frozenset(".jpg .jpeg .png .webp .avif .tif .tiff .heic .heif".split())
HELD = frozenset(name.removeprefix("photo:") for name in HELD_BACKGROUNDS if name.startswith("photo:"))
LEAST_SHARE = 0.55  # of the largest part of that ratio that a crop shows at least
ENOUGH = 96  # pixels: a photograph with a shorter side is left out


@dataclass(frozen=True)
class Gathered:
    """The sources of a run by name, "world" or a photograph's path, and what was left out, each with the reason."""

    names: tuple[str, ...]
    left_out: tuple[str, ...]


def gather(given: str) -> Gathered:
    """The photographs of a folder and of those in it, in the order of their names; or "bundled", or "world".

    Files that are no photographs, and those of the project's own that are kept for benches, are left out and named;
    raises BadInput where nothing is left.
    """
    if given == WORLD:
        return Gathered((WORLD,), ())
    own = assets_dir() / "photos"
    folder = own if given == BUNDLED else Path(given)
    with refusals(f"The folder {folder.name!r} cannot be read", "name a folder of photographs, or bundled, or world"):
        if not folder.is_dir():
            raise BadInput(f"There is no folder {given!r}; name a folder of photographs, or bundled, or world.")
        files = sorted(path for path in folder.rglob("*") if path.is_file())
    names, left_out = [], []
    for file in files:
        if file.suffix.lower() not in ENDINGS:
            if file.name not in ("README.md", ".DS_Store", "Thumbs.db"):
                left_out.append(f"{file.name}: not a photograph")
            continue
        if file.stem in HELD and file.resolve().parent == own.resolve():
            left_out.append(f"{file.name}: kept for benches")
            continue
        try:
            short = min(_photograph(str(file)).size)
        except BadInput as error:
            left_out.append(f"{file.name}: {error}")
            continue
        if short < ENOUGH:
            left_out.append(f"{file.name}: its shorter side has {short} pixels, fewer than {ENOUGH}")
        else:
            names.append(str(file))
    if not names:
        raise BadInput(f"There is no photograph in {given!r} ({len(left_out)} other files); name another folder.")
    return Gathered(tuple(names), tuple(left_out))


def held_photographs() -> tuple[str, ...]:
    """The project's own photographs that no training shows, in the order of their names."""
    return tuple(str(assets_dir() / "photos" / f"{name}.jpg") for name in sorted(HELD))


def crop(name: str, side: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A part of the photograph in one of the seven ratios, about `side` pixels on its shorter side, hardly enlarged.

    uint8 (h, w, 3), its sides multiples of 16, to which they are rounded.
    """
    photograph = _photograph(name)
    wide, high = RATIOS[int(rng.integers(len(RATIOS)))]
    unit = min(photograph.width / wide, photograph.height / high) * float(rng.uniform(LEAST_SHARE, 1))
    width, height = wide * unit, high * unit
    left = float(rng.uniform(0, photograph.width - width))
    top = float(rng.uniform(0, photograph.height - height))
    scale = min(1.0, side / min(width, height))
    size = (max(32, round(width * scale / 16) * 16), max(32, round(height * scale / 16) * 16))
    box = (left, top, left + width, top + height)
    shown = photograph.resize(size, Image.Resampling.LANCZOS, box=box)
    if rng.random() < 0.5:
        shown = shown.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return np.asarray(shown)


@lru_cache(maxsize=8)
def _photograph(name: str) -> Image.Image:
    return open_picture(name).rgb
