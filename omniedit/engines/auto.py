"""The engine that chooses the engine.

A full-size engine where one is on the machine; else the specialist of the task where its preconditions hold; else the
bundled EditNet, where it has learned the words. Whatever edits, the result says which and why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from omniedit.engines.editnet import EditNetEngine
from omniedit.engines.specialists import SpecialistsEngine, read
from omniedit.errors import BadInput
from omniedit.specialists.base import Plan, Refusal
from omniedit.types import EditRequest, EditResult, OnProgress

__all__ = ["AutoEngine"]


class AutoEngine:
    """Routes an edit. `specialists` are tried in order, full-size ones first; `mini` loads the bundled EditNet."""

    name = "auto"

    def __init__(self, specialists: Sequence[SpecialistsEngine], mini: Callable[[], EditNetEngine]) -> None:
        self.specialists, self.mini = tuple(specialists), mini

    def plan(self, request: EditRequest) -> Plan | Refusal:
        """What the first specialist that can would do, or why the last one cannot."""
        return self._choose(request)[1]

    def edit(self, request: EditRequest, on_progress: OnProgress | None = None) -> EditResult:
        """The edit by whoever can do it. BadInput with the specialist's sentence where nobody can."""
        engine, plan = self._choose(request)
        if isinstance(plan, Plan):
            result = engine.edit(request, on_progress, plan)
            return replace(result, notes=(*result.notes, self._why(engine)))
        shown = request.click is not None or request.material is not None or read(request).keep
        mini = None if shown else self.mini()  # which knows nothing of a click, a picture to use, or what is to be kept
        if mini is None or mini.unlearned(request.instruction):
            raise BadInput(str(plan))
        result = mini.edit(request, on_progress)
        why = f"Chosen: {result.engine}, since the specialist could not do it. {plan}"
        return replace(result, notes=(*result.notes, why))

    def _why(self, engine: SpecialistsEngine) -> str:
        if len(self.specialists) == 1:
            return f"Chosen: {engine.name}, since no full-size model is on this machine."
        if engine is self.specialists[0]:
            return f"Chosen: {engine.name}, a full-size model."
        return f"Chosen: {engine.name}, since the full-size model could not do it."

    def _choose(self, request: EditRequest) -> tuple[SpecialistsEngine, Plan | Refusal]:
        *better, last = self.specialists
        for engine in better:
            with suppress(BadInput):  # parameters of another engine
                plan = engine.plan(request)
                if isinstance(plan, Plan):
                    return engine, plan
        return last, last.plan(request)
