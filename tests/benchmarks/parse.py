"""Understanding instructions that no rule and no weight was made with, beside the nearest hand-written phrasing.

What is compared, over tests/data/phrasings/heldout.jsonl:

- `task`: the tasks of an instruction in order, a refusal (of whatever kind) being a class of its own. Counted by edit,
  place by place; an edit too many or too few is a mistake too. `instructions` counts whole instructions instead, wrong
  if any of it is.
- `target`: for every edit of the file, whether the target phrase at its place in the order is the same, null included;
  `target_named` leaves those out that name none. The same means: after lower case, single spaces, no punctuation
  around it and without a leading determiner ("the", "a", "my", "his", ...). `new`, `value` and `place` likewise, where
  the file names one. `keep`: the instructions that keep something, with all of that and no more.
- `refused`: the refusals that were refused, `refusal_kind` those with the right kind of sentence, and
  `wrongly_refused` the share of the instructions with edits that were refused.

The peer answers with the tasks of the development phrasing that shares most words with the instruction (cosine of
TF-IDF), and with that one's target where the instruction holds it word for word.
"""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from omniedit.language import parse
from omniedit.language.refusals import saying
from omniedit.types import Intent
from training.phrasings import Edit, Phrasing, read_phrasings

__all__ = ["marks", "measure"]

PHRASINGS = Path(__file__).parents[1] / "data/phrasings"
SLOTS = ("target", "new", "value", "place")
DETERMINERS = frozenset(
    "the a an this that these those my your his her its our their some any all every each one".split()
)
REFUSED = "refusal"

Reader = Callable[[str, str | None], Intent]


def measure(quick: bool) -> dict[str, Any]:
    """Shares of right answers, and milliseconds an instruction."""
    heldout = read_phrasings(PHRASINGS / "heldout.jsonl")
    known = read_phrasings(PHRASINGS / "phrasings.jsonl")
    begun = time.perf_counter()
    parse("warm up")
    loading = time.perf_counter() - begun
    times = []
    for _ in range(1 if quick else 5):
        for phrasing in heldout:
            begun = time.perf_counter()
            parse(phrasing.text, before=phrasing.before)
            times.append((time.perf_counter() - begun) * 1e3)
    p50, p95 = (float(np.percentile(times, share)) for share in (50, 95))
    return {
        **marks(heldout, lambda text, before: parse(text, before=before)),
        "ms_p50": round(p50, 2),
        "ms_p95": round(p95, 2),
        "first_call_s": round(loading, 2),
        "peer": "the development phrasing that shares most words (TF-IDF)",
        "peer_marks": marks(heldout, _Nearest(known)),
    }


def marks(phrasings: Sequence[Phrasing], read: Reader) -> dict[str, Any]:
    """The shares that the module's docstring explains, of `read` over `phrasings`."""
    right, count = Counter[str](), Counter[str]()

    def mark(name: str, good: bool) -> None:
        right[name] += good
        count[name] += 1

    for phrasing in phrasings:
        first = read(phrasing.text, phrasing.before)
        intents = [first, *first.then] if first.task is not None else []
        wanted = [edit.task.value for edit in phrasing.edits] or [REFUSED]
        given = [str(intent.task) for intent in intents] or [REFUSED]
        mark("instructions", wanted == given)
        for i in range(max(len(wanted), len(given))):
            mark("task", wanted[i : i + 1] == given[i : i + 1])
        if phrasing.refusal is not None:
            mark("refused", not intents)
            mark("refusal_kind", first.refusal == saying(phrasing.refusal))
            continue
        mark("wrongly_refused", not intents)
        for i, edit in enumerate(phrasing.edits):
            mark(f"task_{edit.task.value}", wanted[i : i + 1] == given[i : i + 1])
            _mark_slots(edit, intents[i] if i < len(intents) else None, mark)
        if phrasing.keep:
            kept = sorted(_same(k) for k in intents[0].keep) if intents else []
            mark("keep", kept == sorted(_same(k) for k in phrasing.keep))
    return {name: round(right[name] / count[name], 4) for name in sorted(count)} | {"edits": count["target"]}


def _mark_slots(edit: Edit, intent: Intent | None, mark: Callable[[str, bool], None]) -> None:
    for slot in SLOTS:
        wanted = getattr(edit, slot)
        given = getattr(intent, slot) if intent else None
        same = intent is not None and _same(wanted) == _same(given)
        if slot == "target":
            mark("target", same)
        if wanted is not None:
            mark("target_named" if slot == "target" else slot, same)


def _same(phrase: str | None) -> str:
    words = re.sub(r"\s+", " ", (phrase or "").lower()).strip(" .,;:!?\"'").split(" ")
    return " ".join(words[1:] if words[0] in DETERMINERS and len(words) > 1 else words)


class _Nearest:
    """Reads an instruction as the known phrasing that shares most words with it."""

    def __init__(self, known: Sequence[Phrasing]) -> None:
        self.known = known
        bags = [Counter(re.findall(r"\w+", p.text.lower())) for p in known]
        holding = Counter(word for bag in bags for word in bag)
        self.weights = {word: math.log(len(bags) / n) for word, n in holding.items()}
        self.vectors = [self._vector(bag) for bag in bags]

    def __call__(self, text: str, before: str | None) -> Intent:
        wanted = self._vector(Counter(re.findall(r"\w+", text.lower())))
        near = [sum(wanted.get(word, 0) * x for word, x in vector.items()) for vector in self.vectors]
        nearest = self.known[int(np.argmax(near))]
        if nearest.refusal is not None:
            return Intent(None, text, refusal=saying(nearest.refusal))
        intents = [
            Intent(edit.task, text, **{s: v for s in SLOTS if (v := getattr(edit, s)) and v in text})
            for edit in nearest.edits
        ]
        return Intent(**{**vars(intents[0]), "then": tuple(intents[1:])})

    def _vector(self, bag: Counter[str]) -> dict[str, float]:
        found = {word: n * self.weights.get(word, 0.0) for word, n in bag.items()}
        length = math.sqrt(sum(x * x for x in found.values())) or 1.0
        return {word: x / length for word, x in found.items()}
