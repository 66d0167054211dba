"""A store in a folder, and attempts for it."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image as Pillow

from omniedit.store.database import open_database
from omniedit.store.history import History
from omniedit.store.journal import Attempt, Image, Journal, Outcome
from omniedit.store.pictures import Pictures
from omniedit.store.runners import Runners


def square(level: int) -> Image:
    """A grey picture of 16 x 16."""
    buffer = io.BytesIO()
    Pillow.new("RGB", (16, 16), (level, level, level)).save(buffer, "PNG")
    return Image(buffer.getvalue(), 16, 16)


def attempt(words: str = "make it night", owner: str = "ann", level: int = 10, **more: object) -> Attempt:
    return Attempt(owner, square(level), words, **more)  # type: ignore[arg-type]


def outcome(*levels: int) -> Outcome:
    variants = tuple((square(level), seed) for seed, level in enumerate(levels))
    return Outcome("specialists", None, variants, 0.25, ("Makes it night.",), {"kind": "night"})


def opened(folder: Path, url: str | None = None) -> tuple[Journal, History]:
    database = open_database(url or f"sqlite:///{folder / 'omniedit.db'}")
    return Journal(database, Pictures(folder / "pictures"), Runners(folder / "running")), History(database)
