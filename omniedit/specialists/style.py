"""Restyles a picture, or the part of it that is meant, as a painting, a drawing, a print or a photograph of old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import cv2
import numpy as np

from omniedit.specialists.base import Bools, Bytes, Knob, Painted, Plan, Refusal, Report, Specialist
from omniedit.specialists.changing.changes import DETAILS, TONES, developed, outcome
from omniedit.specialists.masks import bounds, feather, widen
from omniedit.specialists.part import asked_part
from omniedit.specialists.styles.drawing import charcoal, ink, pencil
from omniedit.specialists.styles.film import black_and_white, film, polaroid, sepia
from omniedit.specialists.styles.glass import stained_glass
from omniedit.specialists.styles.paint import impressionist, oil, van_gogh
from omniedit.specialists.styles.prints import anime, cartoon, comic, pop_art
from omniedit.specialists.styles.shared import Floats, Hand, in_strips
from omniedit.specialists.styles.tiles import mosaic, pixel_art
from omniedit.specialists.styles.wash import watercolour
from omniedit.types import EditRequest, Intent, Task
from omniedit.vocabulary import STYLES

__all__ = ["DEVELOPED", "WAYS", "Style", "Way"]

FEATHER = 0.012  # of the picture's short side, over which a restyled part fades into the picture
AROUND = 0.1  # of a part's longer side that is restyled around it, so that its edge is like its middle
SMALL = 900  # short side below which marks are drawn at twice the size, then averaged: no steps in thin lines


@dataclass(frozen=True)
class Way:
    """How a style is made: uint8 (H, W, 3) and a hand -> uint8 (H, W, 3).

    `drawn` ones have thin lines or strokes; `words` complete "Makes the picture …", `whole` is said where all of it is
    restyled.
    """

    make: Callable[[Bytes, Hand], Bytes]
    words: str
    drawn: bool = True
    whole: str = ""


WAYS: dict[str, Way] = {
    "watercolour": Way(watercolour, "a watercolour on rough paper", whole=", with an unpainted margin"),
    "oil": Way(oil, "an oil painting"),
    "impressionist": Way(impressionist, "an impressionist painting in short dabs of broken colour"),
    "van gogh": Way(van_gogh, "a painting in van Gogh's manner, in long curved strokes"),
    "pencil": Way(pencil, "a pencil drawing"),
    "charcoal": Way(charcoal, "a charcoal drawing"),
    "ink": Way(ink, "a pen-and-ink drawing"),
    "cartoon": Way(cartoon, "a cartoon"),
    "comic": Way(comic, "a comic print in dots of four inks"),
    "anime": Way(anime, "anime-like: flat tones, thin lines and glowing lights; shapes and faces stay the photo's"),
    "pixel art": Way(pixel_art, "pixel art in a small palette", drawn=False),
    "mosaic": Way(mosaic, "a mosaic"),
    "stained glass": Way(stained_glass, "a stained-glass window"),
    "pop art": Way(pop_art, "a silk-screen print in a few flat inks"),
    "sepia": Way(sepia, "an old print in sepia", drawn=False),
    "black and white": Way(black_and_white, "a black-and-white photograph", drawn=False),
    "film": Way(film, "a photograph on colour film", drawn=False),
    "polaroid": Way(polaroid, "an instant photo", drawn=False),
}


def _developed(kind: str) -> Way:
    """Light, colour or sharpness of all the picture, as a photographer develops it."""

    def make(rgb: Bytes, hand: Hand) -> Bytes:
        longest = round(1000 * hand.unit * max(rgb.shape[:2]) / min(rgb.shape[:2]))
        return developed(kind, rgb, hand.bold, longest)

    return Way(make, outcome(kind), drawn=False)


DEVELOPED: dict[str, Way] = {kind: _developed(kind) for kind in (*TONES, *DETAILS)}
ALL = {**WAYS, **DEVELOPED}


class Style(Specialist):
    """Classical restyling at the picture's own size; the forms stay where they are."""

    name: ClassVar[str] = "style"
    task: ClassVar[Task] = Task.STYLE
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("kind", "Style", "watercolour", choices=tuple(STYLES)),
        Knob("amount", "Strength", 1.0, 0.0, 2.0),
        Knob("size", "Size of strokes, dots and cells", 1.0, 0.5, 2.0),
    )

    def prepare(self, request: EditRequest, intent: Intent) -> Plan | Refusal:
        """The style and where; a refusal that lists the styles where none of them is meant."""
        kind = self.asked_kind(request, intent, "style", WAYS, also=DEVELOPED)
        if isinstance(kind, Refusal):
            return kind
        blank = self.blank(request, intent)
        source = blank.source
        part = asked_part(request, intent, source)
        if isinstance(part, Refusal):
            return part
        way = ALL[kind]
        says = f"Makes {part.name} {way.words}." if part else f"Makes the picture {way.words}{way.whole}."
        return replace(
            blank,
            mask=part.mask if part else None,
            says=says,
            confidence=part.score if part else 1.0,
            fade=part.fade if part else None,
            knobs=self.knobs_but("kind", "size") if kind in DEVELOPED else self.knobs,
        )

    def paint(self, plan: Plan, seed: int, report: Report) -> Painted:
        """The restyled picture; strength 0 gives the source, 1 the usual look, 2 the boldest."""
        way = ALL[str(plan.parameters["kind"])]
        amount = float(np.clip(float(plan.parameters["amount"]), 0, 2))
        size = float(np.clip(float(plan.parameters["size"]), 0.5, 2))
        if amount == 0:
            return Painted(plan.source)
        height, width = plan.source.shape[:2]
        left, top, right, bottom = 0, 0, width, height
        if plan.mask is not None:
            least = round(0.05 * min(height, width))
            left, top, right, bottom = widen(bounds(plan.mask), AROUND, (width, height), least)
        part = np.ascontiguousarray(plan.source[top:bottom, left:right])
        hand = Hand(
            unit=min(height, width) / 1000,
            size=size,
            bold=max(amount, 1.0),
            whole=plan.mask is None,
            rng=np.random.default_rng(seed),
            report=lambda share: report(0.9 * share),
        )
        styled = _made(way, part, hand)
        report(0.9)
        share = np.float32(min(amount, 1.0))
        if plan.mask is None:
            return Painted(styled if share == 1 else _blended(part, styled, np.full((height, 1), share, np.float32)))
        result = plan.source.copy()
        if plan.fade is None:
            fade = _fade(plan.mask[top:bottom, left:right], FEATHER * min(height, width)) * share
        else:  # how the part's edge fades is known, and is seen to afterwards
            fade = np.full((bottom - top, 1), share, np.float32)
        result[top:bottom, left:right] = _blended(part, styled, fade)
        return Painted(result)


def _made(way: Way, part: Bytes, hand: Hand) -> Bytes:
    if not way.drawn or 1000 * hand.unit >= SMALL:
        return way.make(part, hand)
    height, width = part.shape[:2]
    large = np.asarray(cv2.resize(part, (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    made = way.make(large, Hand(2 * hand.unit, hand.size, hand.bold, hand.whole, hand.rng, hand.report))
    return np.asarray(cv2.resize(made, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _fade(mask: Bools, reach: float) -> Floats:
    """0 outside `mask`, rising to 1 at `reach` pixels inside, or half-way in where it is thin."""
    deepest = float(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3).max())
    return feather(mask, min(reach, max(deepest / 2, 1.0)))


def _blended(source: Bytes, styled: Bytes, share: Floats) -> Bytes:
    """`source` with `share` (H, W or H, 1; 0..1) of `styled`; uint8 (H, W, 3)."""
    result = np.empty_like(source)

    def blend(top: int, bottom: int) -> None:
        under = source[top:bottom].astype(np.float32)
        value = under + (styled[top:bottom] - under) * share[top:bottom, :, None]
        result[top:bottom] = np.rint(value).astype(np.uint8)

    in_strips(source.shape, blend)
    return result
