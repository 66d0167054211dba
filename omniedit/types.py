"""What crosses the boundaries between packages: frozen dataclasses, no torch."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from omniedit.errors import BadInput

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "MAX_INSTRUCTION",
    "MAX_STEPS",
    "MAX_VARIANTS",
    "EditRequest",
    "EditResult",
    "How",
    "Intent",
    "OnProgress",
    "Parameter",
    "Progress",
    "Role",
    "Sampling",
    "Score",
    "Task",
    "check_instruction",
    "check_variants",
    "upright_size",
    "whole_numbers",
]

MAX_INSTRUCTION = 1_000  # characters
MAX_STEPS = 200
MAX_VARIANTS = 4
MAX_GUIDANCE = 30.0


class Task(StrEnum):
    """The seven tasks of the paper (Table 2)."""

    SWAP = "swap"
    REMOVAL = "removal"
    ADDITION = "addition"
    ATTRIBUTE = "attribute"
    BACKGROUND = "background"
    ENVIRONMENT = "environment"
    STYLE = "style"


class Role(StrEnum):
    """What somebody who signs in may do; each may do what those before it may."""

    CREATOR = "creator"  # edits
    CURATOR = "curator"  # decides what a model learns from
    ADMIN = "admin"  # trains models, and says who may do what


@dataclass(frozen=True)
class Progress:
    """Where an edit stands: `step` of `steps` for variant `variant` of `variants`, from 1; step 0: it has not begun.

    `preview` makes a small picture of what it looks like so far, where the engine can tell; it counts until the next
    step.
    """

    step: int
    steps: int
    variant: int = 1
    variants: int = 1
    preview: Callable[[], Image] | None = field(default=None, compare=False, repr=False)


OnProgress = Callable[[Progress], None]
Parameter = str | float  # of an edit: a kind ("night"), a colour ("red"), an amount (1 is usual), ...


@dataclass(frozen=True)
class Intent:
    """What one edit of an instruction means; what it names is in the words of the instruction.

    `target` is acted on, `new` comes (swap, addition), `value` is what it becomes, `place` is where a new thing goes,
    `keep` must not change. `parameters` says the same in canonical words (`omniedit.vocabulary`): "kind", "colour",
    "amount" (1 is usual, .5 a bit, 1.5 very). `others` are readings that are nearly as likely, `then` the edits that
    follow in the same instruction. Without a task nothing is to be edited, and `refusal` says so to the person.
    """

    task: Task | None
    text: str  # the words that ask for this edit
    target: str | None = None
    new: str | None = None
    value: str | None = None
    place: str | None = None
    keep: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    confidence: float = 1.0  # 0..1
    refusal: str | None = None
    others: tuple[Intent, ...] = ()
    then: tuple[Intent, ...] = ()


@dataclass(frozen=True)
class Sampling:
    """How an engine samples where a request leaves it open."""

    steps: int
    guidance: float
    image_guidance: float


@dataclass(frozen=True, kw_only=True)
class How:
    """How an edit is to be made, in values that are no pictures.

    `box` (left, top, right, bottom) and `click` (x, y), in pixels of the upright picture, show the thing that is meant.
    `before` is the instruction that made the source, for "it" and "that one". `intent`, where a person has corrected
    it, goes before what the instruction says, and `parameters` before the intent's. `steps`, `guidance` (text) and
    `image_guidance` of None mean the engine's own defaults.
    """

    task: Task | None = None
    seed: int = 0
    steps: int | None = None
    guidance: float | None = None
    image_guidance: float | None = None
    variants: int = 1
    box: tuple[int, int, int, int] | None = None
    click: tuple[int, int] | None = None
    before: str | None = None
    intent: Intent | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        """These values by their names, as another kind of How takes them."""
        return {f.name: getattr(self, f.name) for f in fields(How)}


@dataclass(frozen=True)
class EditRequest(How):
    """One edit that a person asks for.

    `source` is a picture at its own size, turned upright if its EXIF says so. `mask` (mode "L", the upright size) is
    white where the edit is meant (from middle grey on light, style and colour fade in): what belongs to it (a shadow, a
    soft edge, the foot of a new thing) may lie a little beyond, and the plan shows how far. `material` is a picture to
    use: a background, or a cut-out thing with alpha.
    Raises BadInput, in one sentence, for a value that cannot be used.
    """

    source: Image
    instruction: str
    mask: Image | None = None
    material: Image | None = None

    def __post_init__(self) -> None:
        check_instruction(self.instruction)
        if self.before is not None and self.before.strip():
            check_instruction(self.before)
        self._check_pointing()
        if self.mask is not None and self.mask.size != (size := upright_size(self.source)):
            raise BadInput(
                f"The mask is {self.mask.width} x {self.mask.height} but the picture is {size[0]} x {size[1]}; paint "
                "the mask on the picture itself or save it at the same size."
            )
        if self.mask is not None and self.mask.convert("L").getextrema()[1] == 0:
            raise BadInput("The mask is empty (all black); paint white where the edit may happen, or leave it out.")
        if not 0 <= self.seed < 2**32:
            raise BadInput(f"The seed is {self.seed}; give a whole number from 0 to {2**32 - 1}.")
        if self.steps is not None and not 1 <= self.steps <= MAX_STEPS:
            raise BadInput(f"The number of steps is {self.steps}; give 1 to {MAX_STEPS}.")
        for name, value in (("guidance", self.guidance), ("image guidance", self.image_guidance)):
            if value is not None and not 0 <= value <= MAX_GUIDANCE:
                raise BadInput(f"The {name} is {value}; give 0 to {MAX_GUIDANCE:g}.")
        check_variants(self.variants)
        if self.seed + self.variants > 2**32:
            raise BadInput(f"Variants take the seeds after {self.seed}, past {2**32 - 1}; give a smaller seed.")

    def _check_pointing(self) -> None:
        width, height = upright_size(self.source)
        if self.box is not None:
            left, top, right, bottom = self.box
            if not (0 <= left < right <= width and 0 <= top < bottom <= height):
                raise BadInput(
                    f"The box is {left},{top},{right},{bottom}; give left,top,right,bottom inside the picture "
                    f"(0,0,{width},{height}), left before right and top before bottom."
                )
        if self.click is not None:
            x, y = self.click
            if not (0 <= x < width and 0 <= y < height):
                raise BadInput(f"The click is at {x},{y}; click inside the picture (0,0 to {width - 1},{height - 1}).")


@dataclass(frozen=True)
class EditResult:
    """The edited pictures at the source's size, and how they were made."""

    images: tuple[Image, ...]
    engine: str
    checkpoint: str | None
    seeds: tuple[int, ...]
    seconds: float
    resampled: bool  # True where every pixel was computed anew (edits of the whole picture)
    sampling: Sampling | None = None  # None: the engine does not sample
    notes: tuple[str, ...] = ()  # sentences for the person, e.g. what the engine cannot do
    parameters: Mapping[str, Parameter] = field(default_factory=dict)  # with which a specialist worked
    edit: str | None = None  # its id in the log
    undone: tuple[str, ...] = ()  # those of the notes that say which of several edits could not be made

    def facts(self) -> dict[str, Any]:
        """All but the pictures, for JSON."""
        return {
            "edit": self.edit,
            "engine": self.engine,
            "checkpoint": self.checkpoint,
            "seeds": list(self.seeds),
            **(asdict(self.sampling) if self.sampling else {}),
            "parameters": dict(self.parameters),
            "seconds": round(self.seconds, 3),
            "size": list(self.images[0].size),
            "resampled": self.resampled,
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Score:
    """What a judge gave an edit, each from 0 to 10.

    SC is the smaller of `success` and `restraint` (nothing else was edited), PQ is `quality`, O = sqrt(SC x PQ)
    (VIEScore, as the paper uses it in section 3.3).
    """

    judge: str
    success: float
    restraint: float
    quality: float
    sc_reasoning: str = ""
    pq_reasoning: str = ""

    @property
    def sc(self) -> float:
        """Semantic consistency, 0..10."""
        return min(self.success, self.restraint)

    @property
    def overall(self) -> float:
        """O, 0..10."""
        return math.sqrt(self.sc * self.quality)

    def weight(self, threshold: float = 9.0) -> float:
        """The importance weight of equation 6: 1 where O reaches the threshold, else 0 (section 3.3)."""
        return float(self.overall >= threshold)


def upright_size(image: Image) -> tuple[int, int]:
    """(width, height) once the EXIF orientation is applied."""
    turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    return (image.height, image.width) if turned else image.size


def check_variants(number: int) -> None:
    """Raise BadInput for a number of variants that nobody makes."""
    if not 1 <= number <= MAX_VARIANTS:
        raise BadInput(f"The number of variants is {number}; give 1 to {MAX_VARIANTS}.")


def check_instruction(instruction: str) -> None:
    """Raise BadInput unless `instruction` holds at least one letter or digit and is not too long."""
    if len(instruction) > MAX_INSTRUCTION:
        raise BadInput(f"The instruction has {len(instruction):,} characters; say it in at most {MAX_INSTRUCTION:,}.")
    if not instruction.strip():
        raise BadInput('The instruction is empty; say what to change, for example "make it night".')
    if any(unicodedata.category(c) == "Cs" for c in instruction):
        raise BadInput("The instruction holds bytes that are not text (UTF-8); type it again.")
    if not any(unicodedata.category(c)[0] in "LN" for c in instruction):
        raise BadInput('The instruction has no words; say what to change, for example "remove the red car".')


def whole_numbers(words: str, count: int) -> tuple[int, ...] | None:
    """`count` whole numbers with commas between; None where the words are not that."""
    try:
        numbers = tuple(int(word) for word in words.split(","))
    except ValueError:
        return None
    return numbers if len(numbers) == count else None
