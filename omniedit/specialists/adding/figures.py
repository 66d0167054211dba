"""What is to be placed in a photo, and how the answer to "where" is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from omniedit.specialists.adding.stage import Stage
from omniedit.specialists.compositing.pasting import Rest, Spot
from omniedit.sprites import Stance, Thing

__all__ = ["MOST_WIDE", "WORN", "Figure", "Placing", "fitting", "inside", "rest_of"]

WORN = (Stance.HEAD, Stance.EYES, Stance.NECK)
MOST_WIDE, MOST_HIGH = 0.7, 0.85  # of the picture, that a thing may fill unasked
LEAST = 0.025  # of the picture's short side: what is smaller is not seen


@dataclass(frozen=True)
class Figure:
    """What is to be placed: the thing, width over height of its picture, a factor of its size, and how many."""

    thing: Thing
    aspect: float
    factor: float = 1.0
    many: int = 1


@dataclass(frozen=True)
class Placing:
    """`choices`: arrangements, the best first, each a spot for each thing; `says`: where, in words after a verb."""

    choices: tuple[tuple[Spot, ...], ...]
    says: str
    confidence: float = 1.0
    notes: tuple[str, ...] = ()


def rest_of(stance: Stance) -> Rest:
    """What a thing rests on where nothing else is said."""
    if stance in WORN:
        return Rest.WORN
    return {Stance.FLOATS: Rest.AIR, Stance.SKY: Rest.SKY}.get(stance, Rest.GROUND)


def fitting(stage: Stage, figure: Figure, high: float) -> float:
    """`high`, so that it is neither too small to be seen nor fills the picture."""
    most = min(MOST_HIGH * stage.height, MOST_WIDE * stage.width / figure.aspect)
    return max(4.0, min(max(high, LEAST * min(stage.height, stage.width)), most))


def inside(stage: Stage, x: float, wide: float) -> float:
    """`x` moved so that all of what is `wide` there is seen."""
    half = min(0.5 * wide, 0.5 * stage.width)
    return float(np.clip(x, half, stage.width - half))
