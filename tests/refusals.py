"""Thirty requests that cannot be done, and what is said: `python -m tests.refusals` writes tests/data/refusals.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from omniedit.engines.specialists import SpecialistsEngine
from omniedit.errors import BadInput
from omniedit.settings import assets_dir
from omniedit.specialists.base import Refusal
from omniedit.types import EditRequest

__all__ = ["REQUESTS", "TABLE", "said", "table"]

TABLE = Path(__file__).parent / "data" / "refusals.md"


def full_mask() -> Image.Image:
    return Image.new("L", (384, 256), 255)


REQUESTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    # what it is about, photograph, words, what a person shows
    ("not found", "coffee", "remove the dog", {}),
    ("not found", "astronaut", "get rid of the horse", {}),
    ("not found", "rocket", "make the bus yellow", {}),
    ("not found", "hubble", "take away the wires", {}),
    ("not found", "gravel", "replace the lamp with a cat", {}),
    ("not found", "brick", "make her dress green", {}),
    ("not there", "coffee", "make the sky orange", {}),
    ("not there", "gravel", "brighten the face", {}),
    ("not there", "brick", "remove the purple thing", {}),
    ("not there", "rocket", "give the man a hat", {}),
    ("unclear", "chelsea", "put it on a beach", {}),
    ("unclear", "gravel", "blur the background", {}),
    ("unknown thing", "coffee", "add a dragon", {}),
    ("unknown thing", "coffee", "swap the cup for a spaceship engine", {"box": (110, 8, 266, 158)}),
    ("unknown kind", "rocket", "as if drawn by Hilma af Klint", {}),
    ("unknown kind", "rocket", "make the weather weird", {}),
    ("unknown kind", "astronaut", "put her in a submarine", {"click": (150, 250)}),
    ("cannot do", "astronaut", "make her smile", {"click": (160, 90)}),
    ("cannot do", "astronaut", "make her look younger", {"click": (160, 90)}),
    ("cannot do", "chelsea", "close its eyes", {"box": (112, 70, 178, 128)}),
    ("unsafe mask", "coffee", "remove it all", {"mask": full_mask()}),
    ("unsafe mask", "rocket", "remove the sky", {}),
    ("no edit", "coffee", "hello there", {}),
    ("no edit", "coffee", "is this coffee or tea?", {}),
    ("no edit", "coffee", "how much does this cost", {}),
    ("no edit", "coffee", "thanks, that looks great", {}),
    ("no edit", "coffee", "do something", {}),
    ("no edit", "coffee", "undo", {}),
    ("no edit", "coffee", "send it to my mum", {}),
    ("no edit", "coffee", "asdf qwer", {}),
)


def said(photo: str, words: str, shown: dict[str, Any]) -> str | None:
    """What is said to a request; None where it would be done."""
    with Image.open(assets_dir() / "photos" / f"{photo}.jpg") as image:
        request = EditRequest(image.convert("RGB"), words, **shown)
    try:
        plan = SpecialistsEngine().plan(request)
    except BadInput as error:
        return str(error)
    return str(plan) if isinstance(plan, Refusal) else None


def table() -> Iterator[str]:
    """The lines of the table."""
    yield "# What cannot be done, and what is said\n"
    yield "Thirty requests on the bundled photographs. `python -m tests.refusals` writes this table anew.\n"
    yield "| why | photograph | asked for | shown | said |"
    yield "|---|---|---|---|---|"
    for why, photo, words, shown in REQUESTS:
        hint = ", ".join("all painted" if k == "mask" else f"{k} {','.join(map(str, v))}" for k, v in shown.items())
        yield f"| {why} | {photo} | {words} | {hint} | {said(photo, words, shown) or 'DONE'} |"


if __name__ == "__main__":
    TABLE.write_text("\n".join(table()) + "\n")
