"""Finds the region that an edit is about, for specialists: the found one, or a refusal that says what would help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from omniedit.grounding import SURE, Finder, Found, Hints, ground
from omniedit.grounding.pointing import under_brush
from omniedit.grounding.words import Kind, Wanted, wanted
from omniedit.specialists.base import Bools, Bytes, Refusal
from omniedit.specialists.masks import asked_mask
from omniedit.types import EditRequest, Intent, Task

__all__ = ["finder", "finding", "kept", "locate"]

NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
BRUSHED = 0.95  # score of the one thing under a brush
POINT = "brush over it or click it"
FROM_A_FACE = (Kind.FACE, Kind.HAIR, Kind.CLOTHES)
EVEN = (Kind.SKY, Kind.GRASS, Kind.WATER, Kind.SAND, Kind.SNOW, Kind.GROUND)


_FINDER: ContextVar[Finder | None] = ContextVar("finder", default=None)


@contextmanager
def finding(with_: Finder | None) -> Iterator[None]:
    """Let what is looked for by its name in this block be found by a model (None: without one).

    An engine says it once; the seven specialists, which are the same objects with a model and without, need not hand
    it down to where they look. It holds in the thread, or task, of the block.
    """
    before = _FINDER.set(with_)
    try:
        yield
    finally:
        _FINDER.reset(before)


def finder() -> Finder | None:
    """The model of the `finding` around this call."""
    return _FINDER.get()


def locate(request: EditRequest, intent: Intent, source: Bytes) -> Found | Refusal:
    """What `intent.target` names in `source`, uint8 (H, W, 3), or what the request's mask, box or click shows.

    Without a target and without a hint it is the main thing of the picture. A region that is not sure is not given: the
    refusal says why, and what the person can do.
    """
    hints = Hints(asked_mask(request), request.box, request.click)
    if hints.mask is not None and intent.task is Task.ATTRIBUTE:
        tight = under_brush(source, hints.mask)  # the thing changes, not the wall that a loose brush touched
        if tight is not None:
            return Found(tight, BRUSHED, "your brush")
    found = ground(intent.target, source, hints, finder())
    if found and found[0].score >= SURE:
        return found[0]
    if hints.click is not None:
        return Refusal("I cannot tell where the thing that you clicked ends", "brush over it or draw a box around it")
    return _refusal(intent.target, found)


def kept(intent: Intent, source: Bytes) -> tuple[Bools | None, tuple[str, ...]]:
    """What must not change: the union (bool, H, W) of all that `intent.keep` names, and notes on what is not found.

    None where nothing is to be kept or nothing of it was found.
    """
    region: Bools | None = None
    notes = []
    for name in intent.keep:
        found = ground(name, source, finder=finder())
        if found and found[0].score >= SURE:
            region = found[0].mask if region is None else region | found[0].mask
        else:
            refusal = _refusal(name, found)
            notes.append(f"{refusal.reason}, so it is not kept as it is; brush over what may change instead.")
    return region, tuple(notes)


def _refusal(target: str | None, found: tuple[Found, ...]) -> Refusal:
    """Why nothing that is sure enough was found for the words `target`."""
    if target is None:
        return Refusal("I cannot tell what the picture is mainly of", "name the thing, brush over it or click it")
    asked, name = wanted(target), _named(target)
    several = len(found) > 1 and found[1].score > 0.5 * found[0].score
    if several and (seen := _seen(asked, len(found))):
        return Refusal(f"I see {seen}", "click the one you mean")
    if asked.kind in FROM_A_FACE and not found:
        return Refusal(f"I look for {name} from the face on, and see no face that looks at the camera", POINT)
    if asked.kind in EVEN and not found:
        return Refusal(f"I see no {asked.noun} in this picture", "if there is one, brush over it or click it")
    if asked.colour_name is not None and not found:
        return Refusal(f"I see nothing {asked.colour_name} that stands out", "brush over what you mean or click it")
    if asked.kind not in (Kind.THING, Kind.SUBJECT) and not found:
        return Refusal(f"I see no {asked.noun} in this picture", "if there is one, brush over it")
    if asked.place and not found:
        return Refusal(f"I cannot find {name} there", "brush over what you mean or click it")
    return Refusal(f"I cannot find {name} by myself here", POINT)


def _seen(asked: Wanted, count: int) -> str | None:
    """What is seen of the wanted kind more than once: "two red things"."""
    number = NUMBERS[count]
    if asked.kind in (Kind.PERSON, *FROM_A_FACE):
        return f"{number} people"
    if asked.colour_name is not None:
        return f"{number} {asked.colour_name} things"
    if asked.kind is Kind.LIGHTS:
        return f"{number} lights"
    if asked.kind in (Kind.THING, Kind.SUBJECT):
        return f"{number} things that could be meant"
    return None


def _named(target: str) -> str:
    """How a sentence names the target: "the dog" for "dog", "her hair" as it is."""
    words = target.strip().strip(".!?").split()
    fixed = {"the", "a", "an", "my", "her", "his", "their", "our", "your", "its", "this", "that", "these", "those"}
    fixed |= {"me", "him", "them", "us", "it", "all", "both", "everyone", "everything"}
    if not words or words[0].lower() in fixed:
        return " ".join(words)
    return "the " + " ".join(words)
