"""What happens when a person presses something: plain functions over the services, tested without a browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from omniedit.errors import BadInput, Cancelled, OmniEditError
from omniedit.recipe import Recipe, read_recipe
from omniedit.services.album import Album, State
from omniedit.services.compare import difference
from omniedit.services.editing import EditingService, Options
from omniedit.services.files import open_upload, result_file, result_files
from omniedit.services.log import By
from omniedit.services.masking import INSIDE
from omniedit.services.models import EngineRow
from omniedit.types import EditResult, Intent, Parameter, Progress, Task
from ui.forms import FORMS
from ui.looks import MASK_COLOUR
from ui.words import Tell, say

__all__ = [
    "TASKS",
    "Asked",
    "Planned",
    "Restored",
    "Shown",
    "Wish",
    "engines_text",
    "facts_line",
    "layer_of",
    "mask_of",
    "meant_by",
    "on_page",
    "photo_on",
    "run_compare",
    "run_edit",
    "run_open",
    "run_origin",
    "run_plan",
    "run_restore",
]

SMALL = 64  # pixels a side where pictures are compared
PAINTED = round(255 * MASK_COLOUR[3])  # alpha of the brush
LEVELS = np.r_[0, np.rint(np.linspace(INSIDE, 255, PAINTED)), np.full(255 - PAINTED, 255)].astype(np.uint8)
ROUNDED = 1  # levels by which a picture may change on its way through a browser's canvas

MADE_HERE = say("This is a result: the photo that it was made of, what was painted on it, words and settings are back.")
MADE_ELSEWHERE = say("This is a result: its words and settings are back; the photo that it was made of is not here.")

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
class Shown:
    """An edit as the page shows it, all pictures as files: `before`, the variants, and which of them is looked at."""

    before: Path
    variants: tuple[Path, ...]
    labels: tuple[str, ...]
    facts: str
    words: str = ""
    edit: str | None = None  # its id in the log
    state: State = field(default_factory=State)
    chosen: int = 0
    middle: float = 50.0  # of what changed, in percent of the width: there before and after meet
    looks: tuple[tuple[tuple[int, int], bytes], ...] = ()  # of the variants, see `_look`

    @property
    def after(self) -> Path:
        return self.variants[self.chosen]

    def choose(self, number: int) -> Shown:
        """The same edit with variant `number` (from 0) looked at."""
        return replace(self, chosen=number)

    def leads_to(self, photo: Image.Image) -> bool:
        """Whether `photo` is what is looked at: a page does not say whether a person or it itself filled the canvas."""
        (size, mine), (other_size, other) = self.looks[self.chosen], _look(photo)
        apart = np.abs(np.frombuffer(mine, np.uint8).astype(int) - np.frombuffer(other, np.uint8))
        return size == other_size and bool(apart.max() <= ROUNDED)


@dataclass(frozen=True)
class Wish:
    """What a person showed and turned for an instruction, beside its words: it counts for these words alone.

    `corner` is the first corner of a box whose second is still to come; places are (x, y) pixels of the photo. What a
    page keeps must be hashable, hence pairs and no dict.
    """

    words: str = ""
    click: tuple[int, int] | None = None
    box: tuple[int, int, int, int] | None = None
    corner: tuple[int, int] | None = None
    parameters: tuple[tuple[str, Parameter], ...] = ()

    def on(self, words: str) -> Wish:
        """This wish where it was made for `words`, else an empty one."""
        return self if self.words == words else Wish(words)

    def point(self, at: tuple[int, int], box: bool) -> Wish:
        """With the thing at `at`; with `box`, `at` is a corner, and the second one closes the box."""
        if not box:
            return replace(self, click=at, box=None, corner=None)
        if self.corner is None:
            return replace(self, corner=at)
        (x0, y0), (x1, y1) = self.corner, at
        closed = (min(x0, x1), min(y0, y1), max(x0, x1) + 1, max(y0, y1) + 1)
        return replace(self, box=closed, click=None, corner=None)

    def turn(self, name: str, value: Parameter) -> Wish:
        """With a parameter set."""
        return replace(self, parameters=tuple({**dict(self.parameters), name: value}.items()))


@dataclass(frozen=True)
class Asked:
    """What a person asks for: what is on the canvas, the words, how, and by which engine."""

    canvas: dict[str, Any] | None
    words: str
    options: Options
    engine: str
    by: By = field(default_factory=By)
    wish: Wish = field(default_factory=Wish)
    origin: Shown | None = None  # the edit whose result was put on the canvas last

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

    def at(self, x: int, y: int) -> tuple[int, int]:
        """The photo's pixel under the picture's."""
        return int((x + 0.5) * self.scale[0]), int((y + 0.5) * self.scale[1])


def mask_of(canvas: dict[str, Any]) -> Image.Image | None:
    """The painted layers as a mask (mode L, 128 to 255 by how opaque), or None where nothing was painted."""
    background = canvas["background"]
    opacity = np.zeros(background.size[::-1], np.uint8)
    for layer in canvas.get("layers") or []:
        if layer is None:
            continue
        if layer.size != background.size:
            raise BadInput(
                f"What was painted is {layer.width} x {layer.height}, the picture {background.width} x "
                f"{background.height}; clear the canvas and paint again."
            )
        opacity = np.maximum(opacity, np.asarray(layer.convert("RGBA").getchannel("A")))
    return Image.fromarray(LEVELS[opacity]) if opacity.any() else None


def layer_of(mask: Image.Image) -> Image.Image:
    """A mask as it is painted on the canvas."""
    layer = Image.new("RGBA", mask.size, MASK_COLOUR[:3])
    alphas = [int(np.abs(LEVELS.astype(int) - level).argmin()) if level >= INSIDE else 0 for level in range(256)]
    layer.putalpha(mask.point(alphas))
    return layer


def run_edit(
    service: EditingService,
    asked: Asked,
    stop: threading.Event,
    on_progress: Callable[[Progress], None],
    folder: Path,
) -> Shown:
    """Edit what is on the canvas, pictures into `folder`. Raises the project's errors, a sentence for the person."""
    if stop.is_set():
        raise Cancelled("The edit was stopped before it began.")
    source, mask = photo_on(asked.canvas)
    asked = asked.on(source)
    if not service.knows(asked.by.owner, asked.by.parent):  # it was deleted for good while its result was on the canvas
        asked = replace(asked, by=replace(asked.by, parent=None))
    result = service.edit(source, asked.words, mask, asked.options, asked.engine, on_progress, stop, asked.by)
    recipes = service.recipes(asked.words, asked.options, asked.engine, result)
    return replace(_shown(source, result, asked.words, recipes, folder), state=State(consent=asked.by.consent))


def run_open(album: Album, owner: str, name: str, folder: Path) -> Shown:
    """An edit of the log as it was shown when it was made, pictures into `folder`. Raises the project's errors."""
    opened = album.open(owner, name)
    return replace(_shown(opened.source, opened.result, opened.instruction, opened.recipes, folder), state=opened.state)


def run_origin(album: Album, owner: str, name: str, photo: Image.Image, folder: Path) -> Shown:
    """The edit `name` of the log, that variant of it looked at which `photo` is: what was gone on from."""
    shown = run_open(album, owner, name, folder)
    variants = map(shown.choose, range(len(shown.variants)))
    return next((one for one in variants if one.leads_to(photo)), shown)


@dataclass(frozen=True)
class Restored:
    """A file that was opened: what goes on the canvas, and, where it says so, how it was made.

    `mask` was painted on it, `material` is a file of the picture that was used, `origin` the edit that it went on from.
    """

    picture: Image.Image
    notes: tuple[str, ...]
    recipe: Recipe | None = None
    mask: Image.Image | None = None
    material: Path | None = None
    origin: Shown | None = None

    @property
    def wish(self) -> Wish:
        """What was shown and turned for it."""
        if self.recipe is None:
            return Wish()
        recipe = self.recipe
        return Wish(recipe.instruction, recipe.click, recipe.box, None, tuple(recipe.parameters.items()))


def run_compare(shown: Shown, folder: Path, tell: Tell = str) -> tuple[Path, str]:
    """A picture of what the edit changed, as a file in `folder`, and a sentence about it."""
    picture, share = difference(shown.before, shown.after)
    says = tell("Changed: {}.").format(_percent(share, tell)) if share else tell("Nothing changed.")
    return result_file(picture, folder, "difference"), says


def run_restore(album: Album | None, owner: str, path: Path, folder: Path) -> Restored:
    """A file through the door; of a result that this owner made, all that it was made of. Raises the project's errors.

    Pictures go into `folder`.
    """
    picture, notes = open_upload(path)
    recipe = read_recipe(path)
    if recipe is None:
        return Restored(picture, notes)
    with suppress(OmniEditError):  # another's, or deleted
        if album is not None and recipe.edit is not None:
            opened = album.open(owner, recipe.edit)
            material = None if opened.material is None else result_file(opened.material, folder, "material")
            origin = None if opened.parent is None else run_origin(album, owner, opened.parent, opened.source, folder)
            return Restored(opened.source, (*notes, MADE_HERE), recipe, opened.mask, material, origin)
    return Restored(picture, (*notes, MADE_ELSEWHERE), recipe)


def _shown(
    source: Image.Image, result: EditResult, words: str, recipes: Sequence[Recipe | None], folder: Path
) -> Shown:
    return Shown(
        before=result_file(source, folder, "before"),
        variants=result_files(result.images, folder, words, recipes),
        labels=tuple(f"seed {seed}" for seed in result.seeds),
        facts=facts_line(result),
        words=words,
        edit=result.edit,
        middle=_middle(source, result.images[0]),
        looks=tuple(map(_look, result.images)),
    )


def run_plan(service: EditingService, asked: Asked, folder: Path, tell: Tell = str) -> Planned:
    """What an edit of what is on the canvas would do, in the language of `tell`. Raises the project's errors."""
    source, mask = photo_on(asked.canvas)
    asked = asked.on(source)
    plan = service.plan(source, asked.words, mask, asked.options, asked.engine)
    meant = meant_by(plan.intent)
    return Planned(
        words=asked.words,
        picture=result_file(plan.picture, folder, "plan"),
        says=plan_text(on_page(plan.says, tell), plan.refused, plan.intent, plan.share, not meant, tell),
        refused=plan.refused,
        places=plan.intent.task not in (Task.STYLE, Task.ENVIRONMENT),
        scale=(source.width / plan.picture.width, source.height / plan.picture.height),
        mask=None if plan.mask is None else result_file(plan.mask, folder, "mask"),
        meant=meant,
        knobs=tuple((knob, plan.parameters.get(knob.name, knob.usual)) for knob in plan.knobs),
    )


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
        says = f"{says} {whole if share == 1 else part.format(_percent(share, tell))}"
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


def engines_text(rows: Sequence[EngineRow], private: bool, tell: Tell = str) -> str:
    """What can edit here and why something cannot, as Markdown; strangers are told no paths."""
    found = []
    for row in rows:
        size = f" · {row.size_mb:.0f} MB" if row.size_mb else ""
        state = tell("ready") if row.ready else tell("not on this machine")
        said = f"**{row.name}** · {state}{size} · {tell(row.licence)}\n\n{tell(row.summary)}"
        found.append(f"{said} {row.reason}" if private and row.reason else said)
    return "\n\n".join(found)


def _percent(share: float, tell: Tell) -> str:
    """A share of the picture in words; a small one is never 0 %."""
    if share < 0.01:
        return tell("part (less than 1% of the picture)")
    return tell("{}% of the picture").format(round(100 * share))


def on_page(sentence: str, tell: Tell = str) -> str:
    """A sentence for the person as it is said here: what the command line calls --with is a place of the page."""
    return re.sub(r"\(--with [^)]*\)", tell("(More, A picture to use)"), tell(sentence))


def facts_line(result: EditResult) -> str:
    """Engine, seed, time and what the person should know, as Markdown."""
    size = result.images[0].size
    made = f"**{result.engine}** · seed {', '.join(map(str, result.seeds))} · "
    if result.sampling:
        made += f"{result.sampling.steps} steps · "
    made += f"{result.seconds:.1f} s · {size[0]} x {size[1]}"
    if result.resampled:
        made += " · the whole picture was recomputed"
    return "\n\n".join([made, *result.notes])


def _look(image: Image.Image) -> tuple[tuple[int, int], bytes]:
    """What tells a picture from others: its size, and its pixels at SMALL x SMALL."""
    return image.size, image.convert("RGB").resize((SMALL, SMALL), Image.Resampling.BOX, reducing_gap=2).tobytes()


def _middle(source: Image.Image, edited: Image.Image) -> float:
    """Where the change is, in percent of the width from the left; 50 where nothing changed."""
    before, after = (np.asarray(p.convert("RGB").resize((SMALL, SMALL)), np.float32) for p in (source, edited))
    changed = np.abs(after - before).max(axis=(0, 2))
    return float(np.average(np.arange(0.5, SMALL), weights=changed) / SMALL * 100) if changed.any() else 50.0


def photo_on(canvas: dict[str, Any] | None) -> tuple[Image.Image, Image.Image | None]:
    """The photo on the canvas and what was painted on it."""
    if canvas is None or canvas.get("background") is None:
        raise BadInput("There is no picture yet; drop a photo on the canvas or choose an example.")
    return canvas["background"], mask_of(canvas)
