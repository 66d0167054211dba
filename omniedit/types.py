"""What crosses the boundaries between packages: frozen dataclasses, no torch."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from omniedit.errors import BadInput

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "MAX_INSTRUCTION",
    "MAX_STEPS",
    "MAX_VARIANTS",
    "EditRequest",
    "EditResult",
    "OnProgress",
    "Progress",
    "Sampling",
    "Task",
    "check_instruction",
    "upright_size",
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


@dataclass(frozen=True)
class Progress:
    """Where an edit stands: `step` of `steps` for variant `variant` of `variants` (all from 1)."""

    step: int
    steps: int
    variant: int = 1
    variants: int = 1


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Sampling:
    """How an engine samples where a request leaves it open."""

    steps: int
    guidance: float
    image_guidance: float


@dataclass(frozen=True)
class EditRequest:
    """One edit that a person asks for.

    `source` is a picture at its own size, turned upright if its EXIF says so; `mask` (mode "L", the upright size) is
    white where the edit may happen. `steps`, `guidance` (text) and `image_guidance` of None mean the engine's own
    defaults.
    Raises BadInput, in one sentence, for a value that cannot be used.
    """

    source: Image
    instruction: str
    task: Task | None = None
    mask: Image | None = None
    seed: int = 0
    steps: int | None = None
    guidance: float | None = None
    image_guidance: float | None = None
    variants: int = 1

    def __post_init__(self) -> None:
        check_instruction(self.instruction)
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
        if not 1 <= self.variants <= MAX_VARIANTS:
            raise BadInput(f"The number of variants is {self.variants}; give 1 to {MAX_VARIANTS}.")
        if self.seed + self.variants > 2**32:
            raise BadInput(f"Variants take the seeds after {self.seed}, past {2**32 - 1}; give a smaller seed.")


@dataclass(frozen=True)
class EditResult:
    """The edited pictures at the source's size, and how they were made."""

    images: tuple[Image, ...]
    engine: str
    checkpoint: str | None
    seeds: tuple[int, ...]
    steps: int
    guidance: float
    image_guidance: float
    seconds: float
    resampled: bool  # True where every pixel was computed anew (edits of the whole picture)
    notes: tuple[str, ...] = field(default=())  # sentences for the person, e.g. what the engine cannot do


def upright_size(image: Image) -> tuple[int, int]:
    """(width, height) once the EXIF orientation is applied."""
    turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    return (image.height, image.width) if turned else image.size


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
