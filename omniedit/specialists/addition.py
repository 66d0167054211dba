"""Adds a thing to a photo, and turns removals around into additions for training (paper, section 3.2.3 and A.1.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from omniedit.specialists.adding.cutouts import Wanted, wanted
from omniedit.specialists.adding.figures import Figure, Placing
from omniedit.specialists.adding.placing import KNOBS, moved, place
from omniedit.specialists.adding.stage import Stage
from omniedit.specialists.base import Knob, Painted, Plan, Refusal, Report, Specialist
from omniedit.specialists.compositing.pasting import CutOut, Layer, Rest, Spot, lay, lighting, stick, touched
from omniedit.specialists.masks import asked_mask, bounds
from omniedit.types import EditRequest, Intent, Task

__all__ = ["Addition"]

SIZES = (1.0, 0.9, 1.1)  # of the variants that differ in nothing else


class Addition(Specialist):
    """Puts a cut-out where the words, a box or a click say, else where there is room."""

    name: ClassVar[str] = "addition"
    task: ClassVar[Task] = Task.ADDITION
    knobs: ClassVar[tuple[Knob, ...]] = KNOBS

    def prepare(self, request: EditRequest, intent: Intent) -> Plan | Refusal:
        """Where it will be seen with its shadow; a refusal where it or the place is not to be had."""
        thing = wanted(request, intent)
        if isinstance(thing, Refusal):
            return thing
        blank = self.blank(request, intent)
        source = blank.source
        painted = asked_mask(request)
        box = bounds(painted) if painted is not None else request.box
        first = thing.cut_out(0, False).rgba
        figure = Figure(thing.thing, first.shape[1] / first.shape[0], thing.factor, thing.many)
        found = place(Stage(source), figure, intent.place, intent.target, box, request.click)
        if isinstance(found, Refusal):
            return found
        turned = {name: float(value) for name, value in blank.parameters.items()}
        size = (source.shape[1], source.shape[0])
        lit, layers = lighting(source), {}
        mask = np.zeros(source.shape[:2], np.bool_)
        for seed in range(request.seed, request.seed + request.variants):
            cut_outs, spots = _variant(thing, found, seed)
            layers[seed] = tuple(
                lay(source, lit, cut_out, moved(spot, turned, size), turned["shadow"])
                for cut_out, spot in zip(cut_outs, spots, strict=True)
            )
            for layer in layers[seed]:
                mask |= touched(layer, size)
        if not mask.any():
            return Refusal("The place lies outside the picture", "move it back, or click where it should stand")
        says = f"Adds {thing.shown} {found.says if painted is None else 'where you painted'}."
        return replace(
            blank, mask=mask, says=says, confidence=found.confidence, notes=(*blank.notes, *found.notes), work=layers
        )

    def paint(self, plan: Plan, seed: int, report: Report) -> Painted:
        """The picture with the thing in it; `seed` is one of those of the plan's request."""
        rgb, rng = plan.source.copy(), np.random.default_rng(seed)
        layers: tuple[Layer, ...] = plan.work[seed]
        for number, layer in enumerate(layers, start=1):
            stick(rgb, layer, rng)
            report(number / len(layers))
        return Painted(rgb)


def _variant(thing: Wanted, found: Placing, seed: int) -> tuple[list[CutOut], list[Spot]]:
    """What a seed shows: each place, then each picture of the thing, then both mirrored and of other sizes."""
    rounds, number = divmod(seed, len(found.choices))
    again, which = divmod(rounds, thing.pictures)
    spots = [
        replace(spot, height=spot.height * SIZES[again % len(SIZES)], mirrored=spot.mirrored ^ (again % 2 == 1))
        for spot in found.choices[number]
    ]
    cut_outs = [thing.cut_out(which + k, spot.rest in (Rest.AIR, Rest.SKY)) for k, spot in enumerate(spots)]
    return cut_outs, spots
