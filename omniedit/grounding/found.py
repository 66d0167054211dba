"""What grounding takes and gives: hints of a person, and regions with how sure they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["SURE", "Found", "Hints"]

Bools = NDArray[np.bool_]

SURE = 0.5  # a region that scores less is not edited: the person is asked


@dataclass(frozen=True)
class Hints:
    """What a person shows: `mask` (bool, H, W), `box` (left, top, right, bottom) and `click` (x, y) in pixels."""

    mask: Bools | None = None
    box: tuple[int, int, int, int] | None = None
    click: tuple[int, int] | None = None


@dataclass(frozen=True)
class Found:
    """A region (bool, H, W), how sure it is (0..1) and what showed it: "your box", "the only red thing", "the sky"."""

    mask: Bools
    score: float
    by: str
