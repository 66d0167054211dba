"""The engine that chooses the engine.

A full-size engine where one is on the machine; else the specialist of the task where its preconditions hold. Whatever
edits, the result says which and why. Where none can, the question of the specialist stands, and beside it that the
bundled EditNet may try, where it has learned the words: unasked it would spoil photos, which it has never seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from omniedit.engines.specialists import SpecialistsEngine, read
from omniedit.errors import BadInput, EngineUnavailable
from omniedit.specialists.base import Plan, Refusal
from omniedit.types import EditRequest, EditResult, OnProgress, Progress

if TYPE_CHECKING:
    from omniedit.engines.editnet import EditNetEngine

__all__ = ["AutoEngine"]

MAY_TRY = "The engine {} knows these words from small drawn scenes and may try it."


class AutoEngine:
    """Routes an edit. `specialists` are tried in order, full-size ones first.

    `mini` loads the bundled EditNet, and calls what it is given while it does.
    """

    name = "auto"

    def __init__(
        self, specialists: Sequence[SpecialistsEngine], mini: Callable[[Callable[[], object]], EditNetEngine]
    ) -> None:
        self.specialists, self.mini = tuple(specialists), mini

    def plan(self, request: EditRequest) -> Plan | Refusal:
        """What the first specialist that can would do, or why the last one cannot, and who may try all the same."""
        plan = self._choose(request)[1]
        return plan if isinstance(plan, Plan) else self._offered(plan, request)

    def edit(self, request: EditRequest, on_progress: OnProgress | None = None) -> EditResult:
        """The edit by whoever can do it. BadInput with the specialist's sentence, and who may try, where nobody can."""
        engine, plan, why = self._choose(request)
        if isinstance(plan, Plan):
            result = engine.edit(request, on_progress, plan)
            return replace(result, notes=(*result.notes, f"Chosen: {engine.name}, {why}."))

        def waits() -> None:
            if on_progress is not None:
                on_progress(Progress(0, 1, 1, request.variants))

        refusal = self._offered(plan, request, waits)
        raise BadInput(f"{refusal} {MAY_TRY.format(refusal.other)}" if refusal.other else str(refusal))

    def _offered(self, refusal: Refusal, request: EditRequest, on_wait: Callable[[], object] = lambda: None) -> Refusal:
        """The refusal; with the bundled EditNet where it knows all that is asked for."""
        if request.click is not None or request.material is not None or read(request).keep:
            return refusal  # it knows of no click, no picture to use and nothing to be kept
        with suppress(EngineUnavailable):
            mini = self.mini(on_wait)
            if not mini.unlearned(request.instruction):
                return replace(refusal, other=mini.name)
        return refusal

    def _choose(self, request: EditRequest) -> tuple[SpecialistsEngine, Plan | Refusal, str]:
        """Who edits, the plan, and why that one. What each needs is looked for anew: it may have been fetched."""
        *better, last = self.specialists
        why = "since no full-size model for it is on this machine"
        for engine in better:
            try:
                plan = engine.plan(request)
            except EngineUnavailable:
                continue
            except BadInput:  # parameters of another engine
                plan = None
            if isinstance(plan, Plan):
                return engine, plan, "a full-size model"
            why = "since the full-size model could not do it"
        return last, last.plan(request), why
