"""Swaps a thing for another: the old one is removed, the new one put in its stead (paper, section 3.2.1 and A.1.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import cv2
import numpy as np

from omniedit.specialists.adding.cutouts import Wanted, wanted
from omniedit.specialists.adding.figures import MOST_WIDE, WORN, rest_of
from omniedit.specialists.adding.placing import KNOBS, moved
from omniedit.specialists.adding.stage import Stage
from omniedit.specialists.base import Bools, Knob, Painted, Plan, Refusal, Report, Specialist
from omniedit.specialists.compositing.pasting import Layer, Rest, Spot, lay, lighting, stick, touched
from omniedit.specialists.filling.fill import fill
from omniedit.specialists.filling.hole import hole_of
from omniedit.specialists.locate import locate
from omniedit.specialists.masks import Box, bounds
from omniedit.sprites import Stance, Thing, named
from omniedit.types import EditRequest, Intent, Task

__all__ = ["Swap"]

MOST = 0.65  # of the picture that may be filled
ALIKE = (0.4, 2.5)  # of the old thing's real height: such a thing takes its height as it is
FITS = (0.35, 1.45)  # times the old thing's height, or area: what would be drawn smaller or larger suits no scene
REAL = 0.6  # power of the real ratio by which an unlike thing is smaller or larger
BESIDE = 0.15  # share of the hole on people up to which it is beside them
TALL = 2.5  # metres from which a thing is tall by nature, and takes the height of another such thing
WIDER = 1.35  # widths of the old thing that the new one may take
OPAQUE = 0.98  # alpha from which nothing is seen through the new thing
SIZES = (1.0, 0.88, 1.14)  # of the variants


@dataclass(frozen=True)
class Exchange:
    """What `paint` needs: the hole, what it must not be filled with, and the new thing of each seed."""

    hole: Bools
    people: Bools | None
    layers: dict[int, Layer]


class Swap(Specialist):
    """Removal, then the new thing on the same foot, as high as its kind is held against the old one."""

    name: ClassVar[str] = "swap"
    task: ClassVar[Task] = Task.SWAP
    knobs: ClassVar[tuple[Knob, ...]] = (*KNOBS, Knob("margin", "Margin around what goes", 1.0, 0.0, 4.0))

    def prepare(self, request: EditRequest, intent: Intent) -> Plan | Refusal:
        """The hole, and the new thing in it; a refusal where either thing is not to be had."""
        thing = wanted(request, intent)
        if isinstance(thing, Refusal):
            return thing
        blank = self.blank(request, intent)
        source = blank.source
        found = locate(request, intent, source)
        if isinstance(found, Refusal):
            return found
        turned = {name: float(value) for name, value in blank.parameters.items()}
        size = (source.shape[1], source.shape[0])
        hole, _ = hole_of(source, request, found, turned["margin"])
        if (share := float(hole.mean())) > MOST:
            return Refusal(
                f"What is to be swapped covers {share:.0%} of the picture, and too little is left to fill it from",
                "choose a smaller part",
            )
        stage = Stage(source)
        spot = moved(_instead(stage, thing, bounds(found.mask), intent.target), turned, size)
        lit, layers, mask = lighting(source), {}, hole.copy()
        for seed in range(request.seed, request.seed + request.variants):
            again = seed // thing.pictures  # first each picture, then each once more, mirrored and of another size
            varied = replace(spot, mirrored=again % 2 == 1, height=spot.height * SIZES[again % len(SIZES)])
            layers[seed] = lay(
                source,
                lit,
                thing.cut_out(seed, spot.rest in (Rest.AIR, Rest.SKY)),
                varied,
                turned["shadow"],
                without=hole,
            )
            mask |= touched(layers[seed], size)
        says = f"Swaps {intent.target or 'what is marked'} ({found.by}) for {thing.shown}."
        return replace(
            blank,
            mask=mask,
            says=says,
            confidence=found.score,
            knobs=self.knobs if request.mask is None else self.knobs_but("margin"),
            work=Exchange(hole, _people(stage, hole), layers),
        )

    def paint(self, plan: Plan, seed: int, report: Report) -> Painted:
        """The picture with the new thing; `seed` is one of those of the plan's request."""
        exchange: Exchange = plan.work
        hole, layer = exchange.hole, exchange.layers[seed]
        rgb = fill(plan.source, hole, seed, lambda share: report(0.9 * share), exchange.people, _hidden(hole, layer))
        stick(rgb, layer, np.random.default_rng(seed))
        report(1.0)
        return Painted(rgb)


def _hidden(hole: Bools, layer: Layer) -> Bools:
    """Where the new thing stands before the hole."""
    hidden = np.zeros_like(hole)
    left, top, right, bottom = layer.box
    hidden[top:bottom, left:right] = hole[top:bottom, left:right] & (layer.alpha > OPAQUE)
    return hidden


def _people(stage: Stage, hole: Bools) -> Bools | None:
    """The people beside the hole, of whom nothing is copied; None where there are none or it is on them."""
    found = stage.find("the people") if stage.face is not None else None
    if found is None:
        return None
    people = cv2.resize(found.mask.astype(np.uint8), hole.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    if (people & hole).sum() > BESIDE * hole.sum():
        return None
    beside: Bools = people & ~hole
    return beside


def _instead(stage: Stage, wanted_thing: Wanted, box: Box, target: str | None) -> Spot:
    """Where the new thing goes: on the foot of what was in `box`, or in its middle where it does not stand."""
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    new, picture = wanted_thing.thing, wanted_thing.cut_out(0, False).rgba
    aspect = picture.shape[1] / picture.shape[0]
    old = named(target or "")
    rest = rest_of(new.stance)
    worn = old is not None and old.stance in WORN
    if worn or new.stance in WORN:
        height, rest = min(high, wide / aspect) if not worn else wide / aspect, Rest.WORN
    else:
        tall = high * _taller(old, new)
        narrow = min(tall, WIDER * wide * max(1.0, _taller(old, new)) / aspect)
        # what is far slimmer than the new thing gives it neither its height nor its width alone
        height = float(np.sqrt(tall * narrow))
        if _is_tall(new) and (old is None or _is_tall(old)):  # a mast is no measure of a tree's width
            height = max(height, min(high, float(np.sqrt(FITS[1] * wide * high / aspect))))
        height = min(height, MOST_WIDE * stage.width / aspect)
        if rest == Rest.GROUND and stage.sky.mean() > 0.04 and bottom < 0.9 * stage.horizon:
            rest = Rest.AIR
    height *= wanted_thing.factor
    foot = float(bottom) if rest in (Rest.GROUND, Rest.WORN) else (top + bottom + height) / 2
    if new.stance == Stance.EYES:
        foot = (top + bottom + height) / 2
    return Spot((left + right) / 2, foot, height, rest)


def _is_tall(thing: Thing) -> bool:
    """Whether things like it tower over people; what is far away above is no thing to be measured."""
    return thing.size is not None and thing.size >= TALL and thing.stance is not Stance.SKY


def _taller(old: Thing | None, new: Thing) -> float:
    """How much taller the new thing is drawn than the old one was: as it is, but nothing becomes a dot or a giant."""
    if old is None or old.size is None or new.size is None or Stance.SKY in (old.stance, new.stance):
        return 1.0
    ratio = new.size / old.size
    if ALIKE[0] <= ratio <= ALIKE[1]:
        return 1.0
    return float(np.clip(ratio**REAL, *FITS))
