"""Names and places of result files."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from omniedit.images import save_png

__all__ = ["result_file"]

LONGEST = 48  # characters of an instruction that a file name keeps


def result_file(image: Image.Image, folder: Path, instruction: str) -> Path:
    """Save `image` in `folder` under a name that says what was done, numbered where the name is taken."""
    words = re.sub(r"[^a-z0-9]+", "-", instruction.lower()).strip("-")[:LONGEST].strip("-") or "edit"
    number, target = 1, folder / f"{words}.png"
    while target.exists():
        number += 1
        target = folder / f"{words}-{number}.png"
    return save_png(image, target)
