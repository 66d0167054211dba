"""What goes when a thing goes: the thing, its soft edge, what a brush or box left of it, its shadow and reflection."""

from __future__ import annotations

from omniedit.grounding import Found
from omniedit.specialists.base import Bools, Bytes
from omniedit.specialists.filling.shadows import reflection_of, shadow_of
from omniedit.specialists.filling.slivers import slivers_of
from omniedit.specialists.masks import grow
from omniedit.types import EditRequest

__all__ = ["hole_of"]

MARGIN = 0.012  # of the picture's short side, taken around a thing that was found: its soft edge goes with it
TIP = 0.06  # of the short side: how far from what was found its rest may reach in the box


def hole_of(
    source: Bytes, request: EditRequest, found: Found, margin: float = 1.0, traces: bool = True
) -> tuple[Bools, str]:
    """The hole (bool, H, W) that `found` leaves, and in words what went along: " with its shadow", often "".

    source: uint8 (H, W, 3); `margin` times the usual one is taken around what was found, none around what a brush
    painted; `traces` says whether shadow and reflection go along.
    """
    painted = request.mask is not None
    hole, extra = grow(found.mask, 0 if painted else round(margin * MARGIN * min(found.mask.shape))), ""
    if painted:
        missed = slivers_of(source, hole)
        hole, extra = hole | missed, " with what your brush left of its edge" if missed.any() else ""
    elif request.box is not None:  # it shows how far the thing goes, and a tip of another colour is easily missed
        left, top, right, bottom = request.box
        hole = hole.copy()
        hole[top:bottom, left:right] |= slivers_of(source, hole, TIP)[top:bottom, left:right]
    if traces:
        hole, more = _with_traces(source, hole)
        extra += f"{' and' if extra and more else ''}{more}"
    return hole, extra


def _with_traces(source: Bytes, thing: Bools) -> tuple[Bools, str]:
    """`thing` with its shadow and reflection, and the words that say so."""
    shadow, reflection = shadow_of(source, thing), reflection_of(source, thing)
    names = [name for name, part in (("shadow", shadow), ("reflection", reflection)) if part.any()]
    return thing | shadow | reflection, f" with its {' and '.join(names)}" if names else ""
