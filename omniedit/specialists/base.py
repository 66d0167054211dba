"""What the seven specialists share: a plan that can be shown before it is done, and how it becomes a result.

    prepare(request, intent) -> Plan | Refusal      what will happen: mask, parameters, one sentence
    apply(plan, on_progress) -> EditResult          it happens

Algorithm 1, line 3 of the paper maps an instruction to the specialist of its task; `omniedit.specialists` does it.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from omniedit.errors import BadInput
from omniedit.images import from_pil, with_alpha
from omniedit.types import EditRequest, EditResult, Intent, OnProgress, Parameter, Progress, Task

__all__ = ["Bools", "Bytes", "Knob", "Painted", "Plan", "Refusal", "Report", "Specialist"]

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Report = Callable[[float], None]  # told the share that is done, 0..1; raises Cancelled where a person stops the edit
PARTS = 20  # steps in which progress is told


@dataclass(frozen=True)
class Knob:
    """A parameter that a person can turn: a slider from `low` to `high`, or one of `choices`."""

    name: str
    label: str
    usual: Parameter
    low: float = 0.0
    high: float = 2.0
    choices: tuple[str, ...] = ()
    free: bool = False  # any words are allowed: a colour

    def check(self, value: Parameter) -> None:
        """Raise BadInput unless `value` is one that the knob can have."""
        if self.free:
            return
        if self.choices:
            if value not in self.choices:
                raise BadInput(f"{self.name} is {value!r}; give one of: {', '.join(self.choices)}.")
        elif not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise BadInput(f"{self.name} is {value!r}; give a number from {self.low:g} to {self.high:g}.")


@dataclass(frozen=True)
class Plan:
    """What a specialist will do.

    `source` is uint8 (H, W, 3). Pixels not in `mask` (bool, H, W; None means all may change) stay as they are, bit for
    bit; `fade` (float32, H, W, 0..1, or None) is how much of the edit is seen at each pixel. `parameters` has a value
    for each of the specialist's knobs; `work` is what `prepare` found out for `paint`.
    """

    request: EditRequest
    intent: Intent
    specialist: str
    source: Bytes
    alpha: Image.Image | None
    mask: Bools | None
    parameters: Mapping[str, Parameter]
    says: str  # one sentence: "Removes the van, which your box shows; its shadow goes with it."
    confidence: float = 1.0  # 0..1, that the right thing was found
    notes: tuple[str, ...] = ()
    fade: NDArray[np.float32] | None = None
    knobs: tuple[Knob, ...] = ()  # those of the specialist's that make a difference here
    work: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Refusal:
    """Why a specialist cannot do the job, and what the person can do next; its text is one sentence."""

    reason: str  # "I cannot find the dog by myself here"
    next_step: str  # "brush over it or click it"
    other: str = ""  # an engine that may be asked to try all the same

    def __str__(self) -> str:
        return f"{self.reason}: {self.next_step}."


@dataclass(frozen=True)
class Painted:
    """A finished variant: uint8 (H, W, 3), and its alpha (mode L) where the edit made one."""

    rgb: Bytes
    alpha: Image.Image | None = None
    notes: tuple[str, ...] = ()


class Specialist(ABC):
    """One task, done by one method. An object holds no picture: plans do."""

    name: ClassVar[str]
    task: ClassVar[Task]
    knobs: ClassVar[tuple[Knob, ...]] = ()

    @abstractmethod
    def prepare(self, request: EditRequest, intent: Intent) -> Plan | Refusal:
        """What would be done, or why it cannot be. Draws nothing at random and changes nothing."""

    @abstractmethod
    def paint(self, plan: Plan, seed: int, report: Report) -> Painted:
        """One variant. `report` is called between stages and may raise Cancelled."""

    def fades(self, plan: Plan) -> bool:
        """Whether the edit fades in over the soft edge of a mask: not where a thing goes, comes or moves as a whole."""
        return self.task not in (Task.SWAP, Task.REMOVAL, Task.ADDITION)

    def apply(self, plan: Plan, on_progress: OnProgress | None = None) -> EditResult:
        """All variants of `plan`, seeds from the request's on. Outside the mask the source's pixels come back."""
        began, request = time.perf_counter(), plan.request
        seeds = tuple(request.seed + i for i in range(request.variants))
        images, notes = [], [plan.says, *plan.notes]
        for variant, seed in enumerate(seeds, start=1):
            report = partial(_tell, on_progress, variant, request.variants)
            report(0.0)
            painted = self.paint(plan, seed, report)
            images.append(
                with_alpha(Image.fromarray(_let(plan, plan.source, painted.rgb)), _alpha(plan, painted.alpha))
            )
            notes += painted.notes
            report(1.0)
        return EditResult(
            images=tuple(images),
            engine="specialists",
            checkpoint=None,
            seeds=seeds,
            seconds=time.perf_counter() - began,
            resampled=plan.mask is None,
            notes=tuple(dict.fromkeys(notes)),
            parameters=dict(plan.parameters),
        )

    def check(self, parameters: Mapping[str, Parameter]) -> None:
        """Raise BadInput for a parameter that is no knob of this specialist, or a value out of the knob's range."""
        knobs = {knob.name: knob for knob in self.knobs}
        for name, value in parameters.items():
            if name not in knobs:
                raise BadInput(
                    f"{self.task.capitalize()} has no parameter {name!r}; it has {', '.join(knobs) or 'none'}."
                )
            knobs[name].check(value)

    def turned(self, request: EditRequest, intent: Intent) -> dict[str, Parameter]:
        """A value for each knob: the person's, else what the words say, else the usual one."""
        said = {**intent.parameters, **request.parameters}
        return {knob.name: said.get(knob.name, knob.usual) for knob in self.knobs}

    def knobs_but(self, *idle: str) -> tuple[Knob, ...]:
        """The knobs without those of these names, which would do nothing."""
        return tuple(knob for knob in self.knobs if knob.name not in idle)

    def asked_kind(
        self, request: EditRequest, intent: Intent, what: str, known: Collection[str], also: Collection[str] = ()
    ) -> str | Refusal:
        """Which of the `known` kinds of `what` ("style") is asked for, or of those that are known `also`.

        A refusal that lists the former where none is.
        """
        said = {**intent.parameters, **request.parameters}.get("kind")
        if said in known or said in also:
            return str(said)
        asked = said or intent.value
        reason = f"I do not know the {what} {str(asked)!r}" if asked else f"I do not see which {what} is meant"
        return Refusal(reason, f"ask for one of these: {', '.join(known)}")

    def blank(self, request: EditRequest, intent: Intent) -> Plan:
        """The plan before anything is found: the photo, its notes, the knobs; no mask, and nothing said."""
        picture = from_pil(request.source)
        source, turned = np.asarray(picture.rgb), self.turned(request, intent)
        return Plan(
            request,
            intent,
            self.name,
            source,
            picture.alpha,
            None,
            turned,
            says="",
            notes=picture.notes,
            knobs=self.knobs,
        )


def _let(plan: Plan, was: Bytes, made: Bytes) -> Bytes:
    """`made` where, and as far as, the plan lets the picture change, `was` elsewhere; both (H, W) or (H, W, C)."""
    spread = np.s_[..., None] if made.ndim == 3 else np.s_[...]
    if plan.fade is not None:
        made = np.rint(was + plan.fade[spread] * (made.astype(np.float32) - was)).astype(np.uint8)
    if plan.mask is None:
        return made
    return np.asarray(cv2.copyTo(np.ascontiguousarray(made), plan.mask.view(np.uint8), was.copy()), np.uint8)


def _alpha(plan: Plan, made: Image.Image | None) -> Image.Image | None:
    """The source's alpha, changed to `made` where the plan lets the picture change."""
    if made is None:
        return plan.alpha
    was = np.full(plan.source.shape[:2], 255, np.uint8) if plan.alpha is None else np.asarray(plan.alpha)
    return Image.fromarray(_let(plan, was, np.asarray(made)))


def _tell(on_progress: OnProgress | None, variant: int, variants: int, share: float) -> None:
    if on_progress is not None:
        on_progress(Progress(round(share * PARTS), PARTS, variant, variants))
