"""Sentences with what they mean: read from JSONL, checked, and laid out as tags for the tagger to learn.

The JSONL files (tests/data/phrasings) were written by hand; `training.sayings` draws more of the same form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from omniedit.errors import BadInput
from omniedit.language.words import Token, tokens_of
from omniedit.types import Task

__all__ = ["KINDS_OF_REFUSAL", "SLOTS", "Edit", "Phrasing", "Said", "read_phrasings", "said_of"]

SLOTS = ("target", "new", "value", "place")
KINDS_OF_REFUSAL = ("greeting", "question", "empty", "chatter", "other")
_JOINING = frozenset({"and", "then", "&", "plus", ";", "+", "also", "afterwards", "after"})
_COMMA = frozenset({",", ".", "!", "?"})

# How the instruction before begins, which the phrasings give in plain words, and its task; the first that fits.
_PRIOR = (
    (r"remove|delete|erase", Task.REMOVAL),
    (r"add|give|put (?:a|an|some) ", Task.ADDITION),
    (r"turn the (?:photo|picture) |make it a |make it look like ", Task.STYLE),
    (r"replace|swap|turn .* into ", Task.SWAP),
    (r"let it|make it (?:snow|rain|night|foggy)|change the (?:light|weather)", Task.ENVIRONMENT),
    (r"put|place|blur the background|change the background|make the background", Task.BACKGROUND),
    (r"", Task.ATTRIBUTE),
)

Span = tuple[int, int]
Slot = tuple[str, int, int]


@dataclass(frozen=True)
class Edit:
    """One edit of a phrasing, in the words of its text (or, of a follow-up, of the text before)."""

    task: Task
    target: str | None
    new: str | None
    value: str | None
    place: str | None


@dataclass(frozen=True)
class Phrasing:
    """What a person typed and what it means; without edits `refusal` says why there is nothing to do."""

    text: str
    edits: tuple[Edit, ...]
    keep: tuple[str, ...]
    refusal: str | None
    before: str | None


@dataclass(frozen=True)
class Said:
    """A sentence with its meaning as places in it.

    `clauses`: for each edit its task and where its clause begins; one clause with a kind of refusal if nothing is to
    be done. `spans`: (slot or "keep", begin, end) in characters. `before`: the task of the edit before, if there was.
    """

    text: str
    clauses: tuple[tuple[str, int], ...]
    spans: tuple[tuple[str, int, int], ...]
    before: str | None = None


def read_phrasings(path: Path) -> list[Phrasing]:
    """Every line of a JSONL file; BadInput, with the line's number, for one that breaks the schema."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(_phrasing(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"Line {number} of {path.name} is no phrasing ({error}); mend or remove it.") from None
    return found


def _phrasing(row: dict[str, Any]) -> Phrasing:
    extra = row.keys() - {"text", "before", "edits", "keep", "refusal"}
    if extra:
        raise ValueError(f"unknown keys {sorted(extra)}")
    edits = tuple(Edit(Task(e["task"]), *(e[slot] for slot in SLOTS)) for e in row["edits"])
    phrasing = Phrasing(row["text"], edits, tuple(row["keep"]), row["refusal"], row.get("before"))
    if bool(edits) == bool(phrasing.refusal):
        raise ValueError("edits and a refusal exclude each other")
    if phrasing.refusal not in (None, *KINDS_OF_REFUSAL):
        raise ValueError(f"unknown refusal {phrasing.refusal!r}")
    words = f"{phrasing.text}\n{phrasing.before or ''}"
    for named in (*phrasing.keep, *(value for e in edits for slot in SLOTS if (value := getattr(e, slot)))):
        if named not in words:
            raise ValueError(f"{named!r} is not in the text")
    return phrasing


def said_of(phrasing: Phrasing) -> Said:
    """The phrasing as places in its text; a thing that only the text before names has none."""
    before = _prior(phrasing.before)
    if phrasing.refusal is not None:
        return Said(phrasing.text, ((phrasing.refusal, 0),), (), before)
    text, taken, of_edits, since = phrasing.text, list[Span](), list[list[Slot]](), 0
    for edit in phrasing.edits:
        spans = []
        for slot in ("target", "new", "value", "place"):
            words = getattr(edit, slot)
            span = _place(text, words, since, taken) if words else None
            if span is not None:
                taken.append(span)
                spans.append((slot, *span))
        of_edits.append(spans)
        since = max((end for _, _, end in spans), default=since)
    kept = [("keep", *span) for words in phrasing.keep if (span := _place(text, words, 0, taken))]
    tokens = tokens_of(text)
    begins = [0, *(_border(tokens, a, b) for a, b in pairwise(of_edits))]
    clauses = tuple((edit.task.value, begin) for edit, begin in zip(phrasing.edits, begins, strict=True))
    spans = sorted([span for spans in of_edits for span in spans] + kept, key=lambda s: s[1])
    return Said(text, clauses, tuple(spans), before)


def _prior(before: str | None) -> str | None:
    return None if before is None else next(task.value for begin, task in _PRIOR if re.match(begin, before))


def _place(text: str, words: str, since: int, taken: Sequence[Span]) -> Span | None:
    """Where `words` stand: after `since` rather than before it, at a word's edge, on nothing that is taken."""
    found = []
    at = text.find(words)
    while at >= 0:
        end = at + len(words)
        whole = not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())
        free = all(end <= a or at >= b for a, b in taken)
        found.append((not (whole and free), at < since, at))
        at = text.find(words, at + 1)
    if not found:
        return None
    at = min(found)[2]
    return at, at + len(words)


def _border(tokens: Sequence[Token], first: Sequence[Slot], second: Sequence[Slot]) -> int:
    """Where the clause of the second edit begins: at the joining word, else the comma, between the two."""
    end = max((b for _, _, b in first), default=0)
    begin = min((a for _, a, _ in second if a >= end), default=min((a for _, a, _ in second), default=0))
    end = max((b for _, _, b in first if b <= begin), default=0)
    between = [t for t in tokens if end <= t.start and t.end <= begin]
    at = next((i for i in reversed(range(len(between))) if between[i].plain in _JOINING), None)
    if at is None:
        at = next((i for i in reversed(range(len(between))) if between[i].plain in _COMMA), None)
    if at is None:
        return begin
    while at and between[at - 1].plain in (_JOINING | _COMMA):
        at -= 1
    return between[at].start
