"""The part of a picture that an edit of light or style is meant for: painted, pointed at or named; or all of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from omniedit.specialists.base import Bools, Bytes, Refusal
from omniedit.specialists.edges import cut_out
from omniedit.specialists.locate import locate
from omniedit.specialists.masks import Floats, asked_mask
from omniedit.types import EditRequest, Intent

__all__ = ["Part", "asked_part"]

ALL_OF_IT = frozenset(
    "picture photo photograph image pic shot scene everything all it this that weather day daylight light lighting "
    "season outside world view".split()
)
FAINT = 0.004  # share of the edit that nobody sees


@dataclass(frozen=True)
class Part:
    """Where an edit is meant: `mask` (bool, H, W), and `fade` (H, W, 0..1), how much of the edit is seen.

    `fade` is None for what a person painted: how gently that begins is the specialist's own matter. `name` completes
    "Makes …"; `score` (0..1) says how sure the part is.
    """

    mask: Bools
    fade: Floats | None
    name: str
    score: float = 1.0


def asked_part(request: EditRequest, intent: Intent, source: Bytes, by_name: bool = True) -> Part | Refusal | None:
    """The part of `source`, uint8 (H, W, 3), that is meant, None for all of it; a refusal where it is not to be found.

    A brush goes before a box or a click, and those before the words; without `by_name` words alone name no part.
    """
    painted = asked_mask(request)
    if painted is not None:
        return Part(painted, None, "the part that you painted")
    words = (intent.target or "").lower().split()
    named = by_name and bool(words) and ALL_OF_IT.isdisjoint(words)
    if not named and request.box is None and request.click is None:
        return None
    found = locate(request, intent, source)
    if isinstance(found, Refusal):
        return found
    cut = cut_out(source, found.mask)
    fade = np.zeros(found.mask.shape, np.float32)
    fade[cut.view] = cut.alpha
    return Part(fade > FAINT, fade, f"{intent.target if words else 'the thing'} ({found.by})", found.score)
