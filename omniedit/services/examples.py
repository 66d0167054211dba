"""Pictures to try the app with, each with an instruction that works on it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from omniedit.language import parse
from omniedit.settings import assets_dir
from omniedit.types import Task

__all__ = ["Example", "examples"]


@dataclass(frozen=True)
class Example:
    """A picture with words that work on it; where these do not say it, a `click` (x, y) shows the thing that is meant.

    Those that are `first` are shown to who has not chosen a task yet. `engine` is who can do it, where that is not the
    usual one.
    """

    picture: Path
    words: str
    click: tuple[int, int] | None = None
    first: bool = False
    engine: str = ""

    @property
    def task(self) -> Task | None:
        """Of which task it is one."""
        return parse(self.words).task


PHOTOS = (
    ("astronaut.jpg", "make her suit blue"),
    ("rocket.jpg", "make it sunset"),
    ("coffee.jpg", "blur the background"),
    ("chelsea.jpg", "turn it into a watercolour"),
)
MORE = (
    Example(Path("photos/coffee.jpg"), "remove the spoon", (238, 179)),
    Example(Path("examples/meadow.png"), "remove the car", (432, 276)),
    Example(Path("examples/meadow.png"), "swap the car for a bicycle", (432, 276)),
    Example(Path("examples/meadow.png"), "add a dog on the grass"),
    Example(Path("photos/astronaut.jpg"), "add a hat"),
    Example(Path("photos/astronaut.jpg"), "make her hair red"),
    Example(Path("photos/astronaut.jpg"), "put a forest behind her"),
    Example(Path("examples/meadow.png"), "make it snow"),
    Example(Path("photos/astronaut.jpg"), "make it a pencil drawing"),
)


def examples() -> list[Example]:
    """All whose picture is there: photographs, the drawn scenes with what is written beside them, more of each task."""
    first = [Example(Path("photos") / name, words, first=True) for name, words in PHOTOS]
    listed = assets_dir() / "examples" / "examples.json"
    rows = json.loads(listed.read_text()) if listed.is_file() else []
    scenes = [
        Example(Path("examples") / row["file"], row["instruction"], first=True, engine=row.get("engine", ""))
        for row in rows
    ]
    here = [replace(one, picture=assets_dir() / one.picture) for one in (*first, *scenes, *MORE)]
    return [one for one in here if one.picture.is_file()]
