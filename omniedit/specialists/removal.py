"""Removes a thing and fills its place with what is around it (paper, section 3.2.2 and A.1.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from omniedit.grounding import ground
from omniedit.specialists.base import Bools, Bytes, Knob, Painted, Plan, Refusal, Report, Specialist
from omniedit.specialists.filling.fill import fill
from omniedit.specialists.filling.hole import hole_of
from omniedit.specialists.locate import locate
from omniedit.types import EditRequest, Intent, Task

__all__ = ["Removal"]

MOST = 0.65  # of the picture that may be filled
BESIDE = 0.1  # of the hole that a person covers at most who stands beside it
WITH, WITHOUT = "goes too", "stays"


class Removal(Specialist):
    """Classical removal: PatchMatch at a small size, detail at the photo's own; shadow and reflection go along."""

    name: ClassVar[str] = "removal"
    task: ClassVar[Task] = Task.REMOVAL
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("margin", "Margin around the thing", 1.0, 0.0, 4.0),
        Knob("shadow", "Shadow and reflection", WITH, choices=(WITH, WITHOUT)),
    )

    def prepare(self, request: EditRequest, intent: Intent) -> Plan | Refusal:
        """The hole: the thing, a margin, and its shadow; a refusal where the thing is not found or is too large."""
        blank = self.blank(request, intent)
        source = blank.source
        found = locate(request, intent, source)
        if isinstance(found, Refusal):
            return found
        margin, traces = float(blank.parameters["margin"]), blank.parameters["shadow"] == WITH
        hole, extra = hole_of(source, request, found, margin, traces)
        share = float(hole.mean())
        if share > MOST:
            return Refusal(
                f"What is to be removed covers {share:.0%} of the picture, and too little is left to fill it from",
                "choose a smaller part",
            )
        knobs = self.knobs if request.mask is None else self.knobs_but("margin")  # a brush has its own edge
        what = intent.target or "what is marked"
        says = f"Removes {what} ({found.by}){extra} and fills the place with what is around it."
        return replace(blank, mask=hole, says=says, confidence=found.score, knobs=knobs, work=_people(source, hole))

    def paint(self, plan: Plan, seed: int, report: Report) -> Painted:
        """The picture without the thing."""
        assert plan.mask is not None
        return Painted(fill(plan.source, plan.mask, seed, report, forbidden=plan.work))


def _people(source: Bytes, hole: Bools) -> Bools | None:
    """People (bool, H, W) who stand beside the hole: nobody wants a second face where something was removed."""
    beside = [
        found.mask for found in ground("people", source) if (found.mask & hole).sum() < BESIDE * float(hole.sum())
    ]
    return np.logical_or.reduce(beside) if beside else None
