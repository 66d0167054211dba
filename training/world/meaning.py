"""What an edit means, apart from any words: the scene's edits make it, the wording says it."""

from __future__ import annotations

from dataclasses import dataclass

from omniedit.types import Task

__all__ = ["Meaning", "Reference"]


@dataclass(frozen=True)
class Reference:
    """How a thing is pointed at; every field but the name is said only where it is set."""

    name: str
    colour: str | None = None
    material: str | None = None
    place: str | None = None
    size: str | None = None  # "small" or "big"
    beside: str | None = None  # another thing's name: "next to the tree"


@dataclass(frozen=True)
class Meaning:
    """A symbolic instruction.

    kinds: remove, add, swap, colour, lighter, darker, bigger, smaller, rotate (value left, right or upside down),
    mirror, material, background, environment, style, keep (nothing changes) and both (two `parts`).
    """

    task: Task
    kind: str
    target: Reference | None = None
    new: Reference | None = None
    value: str | None = None
    place: str | None = None
    parts: tuple[Meaning, ...] = ()
