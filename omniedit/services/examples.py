"""Pictures to try the app with, each with an instruction that works on it."""

from __future__ import annotations

import json
from pathlib import Path

from omniedit.settings import assets_dir

__all__ = ["example_pictures"]


def example_pictures() -> list[tuple[Path, str]]:
    """(file, instruction) of each example in assets/examples."""
    folder = assets_dir() / "examples"
    try:
        listed = json.loads((folder / "examples.json").read_text())
    except FileNotFoundError:
        return []
    return [(folder / row["file"], row["instruction"]) for row in listed]
