"""The learned reader: which words are the target, the new thing, ..., where each wish begins, and what it asks for.

Several networks of one shape, trained from different seeds, read a sentence, and their mean says what it means: they
err in different places.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from omniedit.errors import CheckpointError
from omniedit.language.network import Array, Features, Network, unpacked
from omniedit.language.words import Lexicon, Token, bundled_lexicon, pieces, shapes, tokens_of
from omniedit.settings import assets_dir
from omniedit.types import Task

__all__ = ["CLASSES", "REFUSALS", "TAGS", "Clause", "Tagger", "bundled_tagger", "features"]

SLOTS = ("target", "new", "value", "place", "keep")
TAGS = ("O", *(f"{edge}-{slot}" for slot in SLOTS for edge in "BI"))
REFUSALS = ("greeting", "question", "empty", "chatter", "other")
CLASSES = (*(task.value for task in Task), *REFUSALS)
SLOTS_OF = {
    Task.SWAP: ("target", "new"),
    Task.REMOVAL: ("target",),
    Task.ADDITION: ("target", "new", "place"),
    Task.ATTRIBUTE: ("target", "value"),
    Task.BACKGROUND: ("target", "value"),
    Task.ENVIRONMENT: ("target", "value"),
    Task.STYLE: ("target", "value"),
}
UNKNOWN = 0  # the number of every word that training did not list
NEVER = -1e9


@dataclass(frozen=True)
class Clause:
    """One wish of a sentence: the probability of each class, and the words of each slot as (begin, end, sureness)."""

    start: int
    end: int
    classes: Array  # (len(CLASSES),), sums to 1
    slots: dict[str, tuple[int, int, float]]
    keep: tuple[tuple[int, int], ...]


def features(tokens: Sequence[Token], lexicon: Lexicon, words: dict[str, int], before: str | None) -> Features:
    """What a network sees of `tokens`; `words` numbers the words of the training vocabulary."""
    read = [lexicon.read_as(token.plain) for token in tokens]
    guessed = [now != token.plain for now, token in zip(read, tokens, strict=True)]
    return Features(
        words=tuple(words.get(word, UNKNOWN) for word in read),
        pieces=tuple(pieces(token.plain) for token in tokens),
        kinds=tuple(tuple(sorted(kinds)) for kinds in lexicon.kinds_of(read)),
        shapes=tuple(shapes(tokens, guessed)),
        before=0 if before is None else 1 + [t.value for t in Task].index(before),
    )


class Tagger:
    """Reads sentences with trained networks."""

    def __init__(self, networks: Sequence[Network], words: dict[str, int], lexicon: Lexicon) -> None:
        self.networks = networks
        self.words = words
        self.lexicon = lexicon
        lexicon.learn(words)

    @classmethod
    def load(cls, path: Path, lexicon: Lexicon) -> Tagger:
        """From a safetensors file whose metadata lists the vocabulary.

        Raises CheckpointError for weights that are missing, damaged or made for another lexicon.
        """
        try:
            with safe_open(path, framework="numpy") as file:
                facts = json.loads((file.metadata() or {})["facts"])
                networks = unpacked({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
            words = {word: number for number, word in enumerate(facts["words"], 1)}
            if facts["kinds"] != list(lexicon.kinds):
                raise CheckpointError(f"{path.name} was trained with another lexicon; run python -m training.language.")
        except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
            raise CheckpointError(f"The weights {path} cannot be read ({error}); copy them again.") from None
        return cls(networks, words, lexicon)

    def read(self, text: str, before: str | None = None) -> tuple[list[Token], list[Clause]]:
        """The tokens of `text` and its clauses in order (at least one); `before` is the task of the edit before.

        `text` must hold something to read.
        """
        tokens, states, tags = self._read(text, before)
        votes = np.mean([n.begins(s) for n, s in zip(self.networks, states, strict=True)], axis=0)
        starts = [0, *(i for i in range(1, len(tokens)) if votes[i] > 0)]
        clauses = []
        for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
            scores = [n.classes(s, start, end) for n, s in zip(self.networks, states, strict=True)]
            classes = np.exp(np.mean(scores, axis=0))
            clauses.append(self._clause(start, end, classes / classes.sum(), tags))
        return tokens, clauses

    def slots_for(self, text: str, task: Task, clause: Clause, before: str | None = None) -> Clause:
        """`clause` with its words tagged as if `task` were asked for."""
        return self._clause(clause.start, clause.end, clause.classes, self._read(text, before)[2], task)

    def _read(self, text: str, before: str | None) -> tuple[list[Token], list[Array], Array]:
        """The tokens, the states that each network gives them, and the mean of their tags."""
        tokens = tokens_of(text)
        seen = features(tokens, self.lexicon, self.words, before)
        states = [network.states(seen) for network in self.networks]
        tags = np.mean([n.tags(s) for n, s in zip(self.networks, states, strict=True)], axis=0)
        return tokens, states, tags

    def _clause(self, start: int, end: int, classes: Array, tags: Array, task: Task | None = None) -> Clause:
        best = CLASSES[int(classes.argmax())]
        if task is None and best in REFUSALS:
            return Clause(start, end, classes, {}, ())
        allowed = (*SLOTS_OF[task or Task(best)], "keep")
        scores = tags[start:end] + np.array([0.0 if t[2:] in ("", *allowed) else NEVER for t in TAGS], np.float32)
        slots, keep = dict[str, tuple[int, int, float]](), list[tuple[int, int]]()
        for slot, a, b in _spans(_viterbi(scores)):
            sure = float(np.exp(scores[a:b].max(axis=1)).mean())
            if slot == "keep":
                keep.append((start + a, start + b))
            elif slot not in slots or sure > slots[slot][2]:
                slots[slot] = (start + a, start + b, sure)
        return Clause(start, end, classes, slots, tuple(keep))


def _viterbi(scores: Array) -> list[int]:
    """The likeliest tags, of which an I follows only a B or an I of its slot."""
    follows = np.array([[0.0 if t[0] != "I" or s[2:] == t[2:] else NEVER for t in TAGS] for s in TAGS], np.float32)
    best = scores[0] + np.array([NEVER if t[0] == "I" else 0.0 for t in TAGS], np.float32)
    came = []
    for row in scores[1:]:
        paths = best[:, None] + follows
        came.append(paths.argmax(axis=0))
        best = paths.max(axis=0) + row
    tags = [int(best.argmax())]
    for back in reversed(came):
        tags.append(int(back[tags[-1]]))
    return tags[::-1]


def _spans(tags: Sequence[int]) -> list[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    for i, tag in enumerate(TAGS[t] for t in tags):
        if tag[0] == "B":
            found.append((tag[2:], i, i + 1))
        elif tag[0] == "I":
            slot, begin, _ = found[-1]
            found[-1] = (slot, begin, i + 1)
    return found


@lru_cache(maxsize=1)
def bundled_tagger() -> Tagger:
    """The trained tagger of assets/language, loaded once."""
    return Tagger.load(assets_dir() / "language" / "tagger.safetensors", bundled_lexicon())
