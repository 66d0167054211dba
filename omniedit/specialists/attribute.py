"""Changes how a thing or the whole picture looks: its colour, light, sharpness, material or size.

The paper makes such pairs by masked Prompt-to-Prompt (section 3.2.3); here a thing is cut out with its soft edge, its
own colours are changed by what they are, and it is laid back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from omniedit.grounding import Found
from omniedit.specialists.base import Bools, Bytes, Knob, Painted, Plan, Refusal, Report, Specialist
from omniedit.specialists.changing.changes import DETAILS, TONES, blurred, developed, outcome, shifted
from omniedit.specialists.changing.materials import material
from omniedit.specialists.changing.patterns import PRINTS
from omniedit.specialists.changing.recolour import recolour
from omniedit.specialists.changing.resize import Part, cut_off, parts_of, reach, resized
from omniedit.specialists.changing.wishes import COLOUR, FACIAL, FLOATING, WHOLE, Wish, wish_of
from omniedit.specialists.edges import Cut, cut_out, lay
from omniedit.specialists.locate import locate
from omniedit.types import EditRequest, Intent, Task
from omniedit.vocabulary import CHANGES, MATERIALS

__all__ = ["Attribute"]

SIZES = {"bigger": 1.35, "smaller": 0.7}
LEAST = 12  # pixels that a thing must have
# by seed: as asked, then a tone lighter, a tone darker, and paler: steps of the slider, factors of chroma
TONES_OF_COLOUR = ((0.0, 1.0), (0.34, 0.97), (-0.34, 1.05), (0.08, 0.7))
STRENGTHS = (1.0, 0.7, 1.35, 0.5)  # of a change, by seed


@dataclass(frozen=True)
class Work:
    """What becomes of what: the thing cut out, or its parts where they are to be scaled; neither is all of it."""

    wish: Wish
    cut: Cut | None = None
    parts: tuple[Part, ...] = ()


class Attribute(Specialist):
    """Recolours in OKLab with shading kept, changes light and sharpness, puts on materials, scales."""

    name: ClassVar[str] = "attribute"
    task: ClassVar[Task] = Task.ATTRIBUTE
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("kind", "What changes", COLOUR, choices=(COLOUR, *MATERIALS, *CHANGES)),
        Knob("colour", "Colour", "", free=True),
        Knob("amount", "Strength", 1.0),
        Knob("lightness", "Darker or lighter", 0.0, -1.0, 1.0),
    )

    def fades(self, plan: Plan) -> bool:
        """See Specialist; a thing of another size moves."""
        return plan.parameters.get("kind") not in SIZES

    def prepare(self, request: EditRequest, intent: Intent) -> Plan | Refusal:
        """What becomes of which thing; a refusal where the words ask for what cannot be done, or nothing is found."""
        wish = wish_of(request, intent)
        if isinstance(wish, Refusal):
            return wish
        blank = self.blank(request, intent)
        amount = min(max(float(blank.parameters["amount"]), 0.0), 2.0)
        source = blank.source
        found = _found(request, intent, source, wish)
        if isinstance(found, Refusal):
            return found
        work = Work(wish) if found is None else _work(wish, source, found.mask, (intent.target or "").lower())
        if isinstance(work, Refusal):
            return work
        return replace(
            blank,
            mask=_changing(work, source.shape[:2], amount),
            says=_says(wish, intent, found),
            parameters={**blank.parameters, "kind": wish.kind, "colour": wish.name, "amount": amount},
            confidence=1.0 if found is None else found.score,
            knobs=self.knobs_but(*_idle(wish.kind)),
            notes=(*blank.notes, *(("What it uncovers is made up from its surroundings.",) if work.parts else ())),
            work=work,
        )

    def paint(self, plan: Plan, seed: int, report: Report) -> Painted:
        """One variant: every fourth seed gives what was asked for, those between are a little different."""
        work, kind = plan.work, str(plan.parameters["kind"])
        assert isinstance(work, Work)
        amount, lightness = float(plan.parameters["amount"]), float(plan.parameters["lightness"])
        if kind in CHANGES:
            amount *= STRENGTHS[seed % len(STRENGTHS)]
        if work.parts:
            return Painted(resized(plan.source, work.parts, SIZES[kind] ** amount, seed, report))
        longest = max(plan.source.shape[:2])
        if (cut := work.cut) is None:
            return Painted(shifted(_changed(kind, plan.source, amount, longest), lightness))
        report(0.1)
        share = None
        if kind == COLOUR:
            assert work.wish.colour is not None
            tone, chroma = TONES_OF_COLOUR[seed % len(TONES_OF_COLOUR)]
            chroma *= work.wish.chroma
            rgb = recolour(cut.own, cut.alpha, work.wish.colour, amount, lightness + tone, chroma)
        elif kind in MATERIALS:
            rgb, share = material(kind, cut.own, cut.alpha, seed, work.wish.colour)
            rgb = shifted(rgb, lightness)
            if amount < 1:
                share = np.float32(amount) * (np.ones_like(cut.alpha) if share is None else share)
        else:
            rgb = shifted(_changed(kind, cut.own, amount, longest, cut), lightness)
        report(0.8)
        return Painted(lay(plan.source, cut, rgb, share))


def _idle(kind: str) -> Iterator[str]:
    """Knobs that do nothing for the kind."""
    if kind in CHANGES:
        yield "colour"
    if kind in SIZES:
        yield "lightness"


def _found(request: EditRequest, intent: Intent, source: Bytes, wish: Wish) -> Found | Refusal | None:
    """What is meant; None for the whole picture."""
    pointed = request.mask is not None or request.box is not None or request.click is not None
    target = (intent.target or "").lower().strip()
    if not pointed and (not target or WHOLE.fullmatch(target)):
        if wish.kind in TONES or wish.kind in DETAILS or wish.kind == "blurred":
            return None
        return Refusal(
            f"I do not know what is to become {wish.name or wish.kind}", "name it, brush over it or click it"
        )
    found = locate(request, intent, source)
    if isinstance(found, Refusal) or found.mask.sum() >= LEAST:
        return found
    return Refusal("What is marked is only a few pixels", "brush over all of it")


def _work(wish: Wish, source: Bytes, mask: Bools, target: str) -> Work | Refusal:
    if wish.kind not in SIZES:
        return Work(wish, cut_out(source, mask))
    swells = FACIAL.search(target) is not None
    if wish.kind == "smaller" and not swells and cut_off(mask):
        return Refusal(
            "What is to be smaller runs out of the picture on both sides", "choose a thing that is seen whole"
        )
    return Work(wish, parts=parts_of(source, mask, swells, FLOATING.search(target) is not None))


def _changing(work: Work, shape: tuple[int, ...], amount: float) -> Bools | None:
    """All pixels that any variant may change (bool, H, W); None for all of them."""
    if work.parts:
        return reach(work.parts, tuple(SIZES[work.wish.kind] ** (amount * strength) for strength in STRENGTHS))
    if work.cut is None:
        return None
    mask = np.zeros(shape, np.bool_)
    mask[work.cut.view] = work.cut.alpha > 0
    return mask


def _changed(kind: str, rgb: Bytes, amount: float, longest: int, cut: Cut | None = None) -> Bytes:
    """`rgb` after a change of light or sharpness; `longest`: the whole picture's longer side."""
    if kind == "blurred":
        return blurred(rgb, amount, None if cut is None else cut.alpha)
    return developed(kind, rgb, amount, longest)


def _says(wish: Wish, intent: Intent, found: Found | None) -> str:
    what = "the whole picture" if found is None else f"{intent.target or 'what is marked'} ({found.by})"
    if wish.kind == COLOUR:
        return f"Recolours {what} to {wish.name}; its shading and texture stay."
    if wish.kind in MATERIALS:
        kind = f"{wish.name} {wish.kind}".strip()
        return f"Prints {kind} on {what}." if wish.kind in PRINTS else f"Makes {what} of {kind} that follows its form."
    return f"Makes {what} {outcome(wish.kind)}."
