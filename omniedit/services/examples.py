"""Pictures to try the app with, each with an instruction that works on it."""

from __future__ import annotations

import json
from pathlib import Path

from omniedit.settings import assets_dir

__all__ = ["example_photos", "example_pictures", "examples"]

PHOTOS = (
    ("astronaut.jpg", "make her suit blue"),
    ("rocket.jpg", "make it sunset"),
    ("coffee.jpg", "blur the background"),
    ("chelsea.jpg", "turn it into a watercolour"),
)


def examples() -> list[tuple[Path, str]]:
    """(file, instruction) of all pictures to try, photographs first."""
    return [*example_photos(), *example_pictures()]


def example_photos() -> list[tuple[Path, str]]:
    """(file, instruction) of photographs in assets/photos that the specialists edit well."""
    folder = assets_dir() / "photos"
    return [(folder / name, words) for name, words in PHOTOS if (folder / name).is_file()]


def example_pictures() -> list[tuple[Path, str]]:
    """(file, instruction) of each drawn scene in assets/examples."""
    folder = assets_dir() / "examples"
    try:
        listed = json.loads((folder / "examples.json").read_text())
    except FileNotFoundError:
        return []
    return [(folder / row["file"], row["instruction"]) for row in listed]
