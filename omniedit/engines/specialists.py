"""Seven specialists as an engine: the words are read, each edit goes to its specialist, one after the other."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from omniedit.errors import BadInput
from omniedit.fading import faded_in
from omniedit.grounding import Finder
from omniedit.language import as_task, parse
from omniedit.specialists import prepare, specialist
from omniedit.specialists.base import Plan, Refusal, Specialist
from omniedit.specialists.locate import finding
from omniedit.types import EditRequest, EditResult, Intent, OnProgress, Progress, Task

__all__ = ["SpecialistsEngine", "read"]

SHOWN = re.compile(r"\b(?:it|this one|that one|this|that|them|these|those)\b", re.IGNORECASE)
MADE_OF = (Task.SWAP, Task.ADDITION, Task.BACKGROUND)  # tasks that can use a picture of the person's
POINTED = (Task.SWAP, Task.REMOVAL, Task.ADDITION, Task.ATTRIBUTE)  # tasks of one thing: where a person points counts


def read(request: EditRequest) -> Intent:
    """What the request asks for: the person's own reading, else that of its words; the task, where one is given, holds.

    Raises BadInput, with what can be asked, where the words ask for no edit.
    """
    intent = request.intent or parse(request.instruction, before=request.before)
    if intent.task is None and (request.mask or request.box or request.click):  # what is shown needs no name
        intent = parse(SHOWN.sub("the object", request.instruction, count=1), before=request.before)
    if request.task is not None and request.intent is None and intent.task != request.task:
        intent = as_task(intent, request.task)
    if intent.task is None:
        raise BadInput(intent.refusal or 'This asks for no edit; say what to change, for example "make it night".')
    return intent


class SpecialistsEngine:
    """Edits by the specialists that `of` gives for each task; the usual ones are classical operators.

    `finder` is asked at each plan for the model that finds things by their name, so one that has just been fetched
    counts; it gives None where there is none. `of` raises EngineUnavailable for a task that needs what is not here.
    """

    def __init__(
        self,
        name: str = "specialists",
        of: Callable[[Task], Specialist] = specialist,
        finder: Callable[[], Finder | None] = lambda: None,
    ) -> None:
        self.name, self.of, self.finder = name, of, finder

    def plan(self, request: EditRequest) -> Plan | Refusal:
        """What would be done first, or why it cannot be done; EngineUnavailable where a later edit has no model."""
        first, *later = _steps(request)
        for step in later:
            self._of(step)
        return self._prepare(first)

    def edit(
        self, request: EditRequest, on_progress: OnProgress | None = None, plan: Plan | Refusal | None = None
    ) -> EditResult:
        """All edits of the instruction, in order; `plan` is the first one's, where it has been made.

        Raises BadInput with the specialist's sentence where the first one refuses; of a later one a note says so.
        """
        began, steps = time.perf_counter(), list(_steps(request))
        plan = plan or self.plan(request)
        if len(steps) == 1:
            return self._done(plan, on_progress)
        results = [
            self._chain(steps, plan, request.seed + i, _Counted(on_progress, len(steps), i + 1, request.variants))
            for i in range(request.variants)
        ]
        return replace(
            results[0],
            images=tuple(result.images[0] for result in results),
            seeds=tuple(result.seeds[0] for result in results),
            notes=_together(result.notes for result in results),
            undone=_together(result.undone for result in results),
            resampled=any(result.resampled for result in results),
            seconds=time.perf_counter() - began,
        )

    def _chain(self, steps: list[EditRequest], first: Plan | Refusal, seed: int, on_progress: _Counted) -> EditResult:
        """One variant of several edits, each made of the result before."""
        results, undone = list[EditResult](), list[str]()
        for number, step in enumerate(steps):
            on_progress.done = number
            step = replace(step, source=results[-1].images[0] if results else step.source, seed=seed, variants=1)
            plan = self._prepare(step) if results else first
            if isinstance(plan, Plan):
                plan = replace(plan, request=step)
            elif results:
                undone.append(f"Not done: {read(step).text!r}. {plan}")
                continue
            results.append(self._done(plan, on_progress))
        return replace(
            results[-1],
            parameters=results[0].parameters,
            notes=_together((undone, *(result.notes for result in results))),
            undone=tuple(undone),
            resampled=any(result.resampled for result in results),
        )

    def _prepare(self, step: EditRequest) -> Plan | Refusal:
        chosen = self._of(step)
        with finding(self.finder()):
            return prepare(step, read(step), chosen)

    def _of(self, step: EditRequest) -> Specialist:
        task = read(step).task
        assert task is not None
        return self.of(task)

    def _done(self, plan: Plan | Refusal, on_progress: OnProgress | None) -> EditResult:
        if isinstance(plan, Refusal):
            raise BadInput(str(plan))
        assert plan.intent.task is not None
        chosen = self.of(plan.intent.task)
        with finding(self.finder()):
            result = chosen.apply(plan, on_progress)
        if chosen.fades(plan):
            asked = plan.request
            result = replace(result, images=tuple(faded_in(asked.source, one, asked.mask) for one in result.images))
        return replace(result, engine=self.name)


def _steps(request: EditRequest) -> Iterator[EditRequest]:
    """A request for each edit of the instruction.

    Where a person points counts for the edits of one thing, a picture to use for the first edit that can use one, and
    parameters are those of the first edit.
    """
    intent = read(request)
    if not intent.then:
        yield replace(request, intent=intent)
        return
    material, parameters = request.material, request.parameters
    for step in (replace(intent, then=()), *intent.then):
        made_of = material if step.task in MADE_OF else None
        asked = replace(request, intent=step, parameters=parameters, material=made_of)
        yield asked if step.task in POINTED else replace(asked, mask=None, box=None, click=None)
        material, parameters = None if made_of is not None else material, {}


def _together(notes: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """All of them, each once."""
    return tuple(dict.fromkeys(note for some in notes for note in some))


class _Counted:
    """Progress over several edits of one variant, told as one."""

    def __init__(self, on_progress: OnProgress | None, edits: int, variant: int, variants: int) -> None:
        self.on_progress, self.edits, self.variant, self.variants, self.done = on_progress, edits, variant, variants, 0

    def __call__(self, progress: Progress) -> None:
        if self.on_progress is not None:
            step = self.done * progress.steps + progress.step
            self.on_progress(Progress(step, self.edits * progress.steps, self.variant, self.variants))
