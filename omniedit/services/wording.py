"""From words to what is meant and back, for whoever shows a form: what can be chosen, and what a choice asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omniedit.language import as_json, as_task, filled, parse
from omniedit.sprites import THINGS
from omniedit.types import Intent, Parameter, Task, check_instruction
from omniedit.vocabulary import BACKGROUNDS, CHANGES, COLOURS, ENVIRONMENTS, MATERIALS, STYLES

__all__ = ["choices", "filled", "main_knob", "read_as_json", "reading"]

CHOICES: Mapping[Task, tuple[str, ...]] = {
    Task.SWAP: tuple(sorted(THINGS)),
    Task.ADDITION: tuple(sorted(THINGS)),
    Task.ATTRIBUTE: (*COLOURS, *MATERIALS, *CHANGES),
    Task.BACKGROUND: tuple(BACKGROUNDS),
    Task.ENVIRONMENT: tuple(ENVIRONMENTS),
    Task.STYLE: tuple(STYLES),
}


@dataclass(frozen=True)
class Main:
    """The parameter of a specialist that is turned most often; its usual value, and from where to where it goes.

    The specialist's own `Knob` says the same; it is written here since a page is drawn before specialists are loaded.
    """

    name: str
    label: str
    usual: float = 1.0
    low: float = 0.0
    high: float = 2.0

    def within(self, value: Parameter | None) -> float:
        """`value`, or what a slider can show of it."""
        if isinstance(value, str | None) or value != value:
            return self.usual
        return min(max(float(value), self.low), self.high)


MAIN: Mapping[Task, Main] = {
    Task.SWAP: Main("size", "Size", low=0.25, high=4.0),
    Task.REMOVAL: Main("margin", "Margin around the thing", high=4.0),
    Task.ADDITION: Main("size", "Size", low=0.25, high=4.0),
    Task.ATTRIBUTE: Main("amount", "Strength"),
    Task.BACKGROUND: Main("amount", "Out of focus"),
    Task.ENVIRONMENT: Main("amount", "Strength"),
    Task.STYLE: Main("amount", "Strength"),
}


def main_knob(task: Task) -> Main:
    """What a task's form has a slider for."""
    return MAIN[task]


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
