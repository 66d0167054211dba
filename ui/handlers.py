"""What happens when a person presses something: plain functions over the services, tested without a browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image

from omniedit.errors import BadInput, Cancelled
from omniedit.services.album import State
from omniedit.services.editing import EditingService, Options
from omniedit.services.files import result_file
from omniedit.services.log import By
from omniedit.services.wording import reading
from omniedit.types import Intent, Parameter, Progress, Task, check_instruction
from ui.canvas import Whole, photo_on
from ui.forms import FORMS
from ui.shown import Shown, percent, shown_of
from ui.words import Tell

__all__ = [
    "TASKS",
    "Asked",
    "Planned",
    "Wish",
    "meant_by",
    "on_page",
    "run_edit",
    "run_plan",
    "run_read",
]

NAMED = (Task.BACKGROUND, Task.ENVIRONMENT, Task.STYLE)  # whose forms name the kind
TASKS = {  # what people call them
    Task.SWAP: "Swap",
    Task.REMOVAL: "Remove",
    Task.ADDITION: "Add",
    Task.ATTRIBUTE: "Colour and look",
    Task.BACKGROUND: "Background",
    Task.ENVIRONMENT: "Light and weather",
    Task.STYLE: "Style",
}


@dataclass(frozen=True)
class Wish:
    """What a person showed and turned for an instruction, beside its words: it counts for these words alone.

    `corner` is the first corner of a box whose second is still to come; places are (x, y) pixels of the photo. `engine`
    is asked instead of the one that is set. What a page keeps must be hashable, hence pairs and no dict.
    """

    words: str = ""
    click: tuple[int, int] | None = None
    box: tuple[int, int, int, int] | None = None
    corner: tuple[int, int] | None = None
    parameters: tuple[tuple[str, Parameter], ...] = ()
    engine: str = ""

    def on(self, words: str) -> Wish:
        """This wish where it was made for `words`, else an empty one."""
        return self if self.words == words else Wish(words)

    def point(self, at: tuple[int, int], box: bool) -> Wish:
        """With the thing at `at`; with `box`, `at` is a corner, and the second one closes the box.

        Who is shown what is meant is the usual engine.
        """
        if not box:
            return replace(self, click=at, box=None, corner=None, engine="")
        if self.corner is None:
            return replace(self, corner=at, engine="")
        (x0, y0), (x1, y1) = self.corner, at
        closed = (min(x0, x1), min(y0, y1), max(x0, x1) + 1, max(y0, y1) + 1)
        return replace(self, box=closed, click=None, corner=None)

    def turn(self, name: str, value: Parameter) -> Wish:
        """With a parameter set."""
        return replace(self, parameters=tuple({**dict(self.parameters), name: value}.items()))


@dataclass(frozen=True)
class Asked:
    """What a person asks for: what is on the canvas, the words, how, and by which engine.

    `whole` is the photo that the canvas shows a copy of.
    """

    canvas: dict[str, Any] | None
    words: str
    options: Options
    engine: str
    by: By = field(default_factory=By)
    wish: Wish = field(default_factory=Wish)
    whole: Whole | None = None
    origin: Shown | None = None  # the edit whose result was put on the canvas last
    own: str = ""  # the parameter that the form of the task has a slider for, where it is a form that asks

    def on(self, photo: Image.Image) -> Asked:
        """The same, going on from the origin where `photo` is its result."""
        if self.origin is None or not self.origin.leads_to(photo):
            return self
        options, by = replace(self.options, before=self.origin.words), replace(self.by, parent=self.origin.edit)
        return replace(self, options=options, by=by)


@dataclass(frozen=True)
class Planned:
    """A plan as the page shows it: `says` in Markdown, a picture as file, `scale` photo pixels to one of its pixels.

    It was made for the instruction `words`.
    """

    words: str
    picture: Path
    says: str
    refused: bool
    places: bool  # it is about one thing, which a person can show
    scale: tuple[float, float]
    mask: Path | None = None  # of the photo's size, where a part of it changes
    meant: tuple[tuple[str, str], ...] = ()  # as a form has it; empty where a form could not say all
    knobs: tuple[tuple[Any, Parameter], ...] = ()  # each with its value
    other: str = ""  # an engine that may try what is refused

    def at(self, x: int, y: int) -> tuple[int, int]:
        """The photo's pixel under the picture's."""
        return int((x + 0.5) * self.scale[0]), int((y + 0.5) * self.scale[1])


def run_edit(
    service: EditingService,
    asked: Asked,
    stop: threading.Event,
    on_progress: Callable[[Progress], None],
    folder: Path,
    tell: Tell = str,
) -> Shown:
    """Edit what is on the canvas, pictures into `folder`. Raises the project's errors, a sentence for the person."""
    if stop.is_set():
        raise Cancelled("The edit was stopped before it began.")
    source, mask = photo_on(asked.canvas, asked.whole)
    asked = asked.on(source)
    if not service.knows(asked.by.owner, asked.by.parent):  # it was deleted for good while its result was on the canvas
        asked = replace(asked, by=replace(asked.by, parent=None))
    result = service.edit(source, asked.words, mask, asked.options, asked.engine, on_progress, stop, asked.by)
    recipes = service.recipes(asked.words, asked.options, asked.engine, result)
    return replace(shown_of(source, result, asked.words, recipes, folder, tell), state=State(consent=asked.by.consent))


def run_plan(service: EditingService, asked: Asked, folder: Path, tell: Tell = str) -> Planned:
    """What an edit of what is on the canvas would do, in the language of `tell`. Raises the project's errors."""
    source, mask = photo_on(asked.canvas, asked.whole)
    asked = asked.on(source)
    plan = service.plan(source, asked.words, mask, asked.options, asked.engine)
    meant = meant_by(plan.intent)
    named = meant and plan.intent.task in NAMED and asked.options.material is None
    said = (asked.own, "kind" if named else "")
    return Planned(
        words=asked.words,
        picture=result_file(plan.picture, folder, "plan"),
        says=plan_text(on_page(plan.says, tell), plan.refused, plan.intent, plan.share, not meant, tell),
        refused=plan.refused,
        places=plan.intent.task not in (Task.STYLE, Task.ENVIRONMENT),
        scale=(source.width / plan.picture.width, source.height / plan.picture.height),
        mask=None if plan.mask is None else result_file(plan.mask, folder, "mask"),
        meant=meant,
        knobs=tuple((knob, plan.parameters.get(knob.name, knob.usual)) for knob in plan.knobs if knob.name not in said),
        other=plan.other,
    )


def run_read(words: str, tell: Tell = str) -> tuple[tuple[tuple[str, str], ...], str]:
    """What the words mean before there is a plan: as a form has it, else in a line; nothing for words of no edit."""
    try:
        check_instruction(words)
        intent = reading(words)
    except BadInput:
        return (), ""
    if intent.task is None:
        return (), ""
    meant = meant_by(intent)
    return meant, "" if meant else _understood(intent, tell)


def meant_by(intent: Intent) -> tuple[tuple[str, str], ...]:
    """Task, target, new, value and place, as a form has them; nothing where a form could not say all."""
    if intent.task is None or intent.keep or intent.then:
        return ()
    said = tuple((name, words) for name in ("target", "new", "value", "place") if (words := getattr(intent, name)))
    if {name for name, _ in said} - {field.name for field in FORMS[intent.task].fields}:
        return ()
    return ("task", intent.task.value), *said


def plan_text(says: str, refused: bool, intent: Intent, share: float, understood: bool = True, tell: Tell = str) -> str:
    """What will happen, as Markdown; before it, what was `understood`, if that is not shown otherwise."""
    if not refused:
        whole, part = tell("The whole picture may change."), tell("The outlined {} may change.")
        says = f"{says} {whole if share == 1 else part.format(percent(share, tell))}"
    return f"{_understood(intent, tell)}\n\n{says}" if understood else says


def _understood(intent: Intent, tell: Tell) -> str:
    assert intent.task is not None
    words = (
        (tell("what"), intent.target),
        (tell("new"), intent.new),
        (tell("becomes"), intent.value),
        (tell("where"), intent.place),
        (tell("kept"), ", ".join(intent.keep)),
        *((tell("then"), step.text) for step in intent.then),
    )
    understood = [f"**{tell(TASKS[intent.task])}**", *(f"{name}: {said}" for name, said in words if said)]
    return f"{tell('Understood')}: {' · '.join(understood)}"


def on_page(sentence: str, tell: Tell = str) -> str:
    """A sentence for the person as it is said here: what the command line calls --with is a place of the page."""
    return re.sub(r"\(--with [^)]*\)", tell("(A picture to use)"), tell(sentence))
