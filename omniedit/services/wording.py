"""From words to what is meant and back, for whoever shows a form: what can be chosen, and what a choice asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omniedit.language import as_json, as_task, filled, parse
from omniedit.sprites import THINGS
from omniedit.types import Intent, Task, check_instruction
from omniedit.vocabulary import BACKGROUNDS, CHANGES, COLOURS, ENVIRONMENTS, MATERIALS, STYLES

__all__ = ["choices", "filled", "read_as_json", "reading"]

CHOICES: Mapping[Task, tuple[str, ...]] = {
    Task.SWAP: tuple(sorted(THINGS)),
    Task.ADDITION: tuple(sorted(THINGS)),
    Task.ATTRIBUTE: (*COLOURS, *MATERIALS, *CHANGES),
    Task.BACKGROUND: tuple(BACKGROUNDS),
    Task.ENVIRONMENT: tuple(ENVIRONMENTS),
    Task.STYLE: tuple(STYLES),
}


def choices(task: Task) -> tuple[str, ...]:
    """What always works for a task: the new things of a swap or addition, the values of the others."""
    return CHOICES.get(task, ())


def reading(instruction: str, task: Task | None = None) -> Intent:
    """What the words mean; as `task`, where one is given."""
    intent = parse(instruction)
    return intent if task is None else as_task(intent, task)


def read_as_json(instruction: str) -> dict[str, Any]:
    """What the words mean, for JSON. Raises BadInput for words that are none."""
    check_instruction(instruction)
    return as_json(parse(instruction))
