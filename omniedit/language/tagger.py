"""The learned reader: which words are the target, the new thing, ..., where each wish begins, and what it asks for.

A small transformer with convolutions over sums of word, word-part, lexicon and shape vectors, in numpy so that reading
a sentence needs no torch. `training.language` trains it; its weights are one safetensors file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from omniedit.errors import CheckpointError
from omniedit.language.words import Lexicon, Token, bundled_lexicon, pieces, shapes, tokens_of
from omniedit.settings import assets_dir
from omniedit.types import Task

__all__ = ["CLASSES", "HEADS", "LAYERS", "TAGS", "WIDTH", "Clause", "Features", "Tagger", "bundled_tagger", "features"]

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
WIDTH, LAYERS, HEADS = 96, 3, 4
UNKNOWN = 0  # the number of every word that training did not list
NEVER = -1e9
ONE_THREAD = 2**18  # multiplications up to which OpenBLAS wakes no second thread, which costs more than it saves

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Features:
    """What the network sees of a sentence, for each token: numbers of its word, parts, kinds and shapes."""

    words: tuple[int, ...]
    pieces: tuple[tuple[int, ...], ...]
    kinds: tuple[tuple[int, ...], ...]
    shapes: tuple[tuple[int, ...], ...]
    before: int  # 0: nothing came before, else 1 + the index of that edit's task


@dataclass(frozen=True)
class Clause:
    """One wish of a sentence: the probability of each class, and the words of each slot as (begin, end, sureness)."""

    start: int
    end: int
    classes: Array  # (len(CLASSES),), sums to 1
    slots: dict[str, tuple[int, int, float]]
    keep: tuple[tuple[int, int], ...]


def features(tokens: Sequence[Token], lexicon: Lexicon, words: dict[str, int], before: str | None) -> Features:
    """The features of a sentence; `words` numbers the words of the training vocabulary."""
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
    """Reads sentences with trained weights.

    Raises CheckpointError for weights that are missing, damaged or made for another lexicon.
    """

    def __init__(self, weights: dict[str, Array], words: dict[str, int], lexicon: Lexicon) -> None:
        self.weights = weights
        self.words = words
        self.lexicon = lexicon
        lexicon.learn(words)

    @classmethod
    def load(cls, path: Path, lexicon: Lexicon) -> Tagger:
        """From a safetensors file whose metadata lists the vocabulary."""
        try:
            with safe_open(path, framework="numpy") as file:
                facts = file.metadata() or {}
                weights = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
            words = {word: number for number, word in enumerate(json.loads(facts["words"]), 1)}
            if json.loads(facts["kinds"]) != list(lexicon.kinds):
                raise CheckpointError(f"{path.name} was trained with another lexicon; run python -m training.language.")
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise CheckpointError(f"The weights {path} cannot be read ({error}); copy them again.") from None
        return cls(weights, words, lexicon)

    def read(self, text: str, before: str | None = None) -> tuple[list[Token], list[Clause]]:
        """The tokens of `text` and its clauses in order (at least one); `before` is the task of the edit before."""
        tokens = tokens_of(text)
        states = self.states(self.features(tokens, before))
        tags = _log_softmax(self._linear("tag", states[1:]))  # (L, len(TAGS))
        begins = self._linear("begin", states[1:])[:, 0] > 0
        starts = [0, *(i for i in range(1, len(tokens)) if begins[i])]
        clauses = []
        for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
            classes = np.exp(_log_softmax(self.classes(states, start, end)))
            clauses.append(self._clause(start, end, classes, tags))
        return tokens, clauses

    def slots_for(self, text: str, task: Task, clause: Clause, before: str | None = None) -> Clause:
        """`clause` with its words tagged as if `task` were asked for."""
        tokens = tokens_of(text)
        tags = _log_softmax(self._linear("tag", self.states(self.features(tokens, before))[1:]))
        return self._clause(clause.start, clause.end, clause.classes, tags, task)

    def features(self, tokens: Sequence[Token], before: str | None) -> Features:
        """What the network sees of `tokens`."""
        return features(tokens, self.lexicon, self.words, before)

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

    def states(self, found: Features) -> Array:
        """(1 + L, WIDTH): a state of the sentence, then one of each token."""
        w = self.weights
        vectors = w["word"][list(found.words)]
        for table, rows in (("piece", found.pieces), ("kind", found.kinds), ("shape", found.shapes)):
            for i, row in enumerate(rows):
                if row:
                    summed = w[table][list(row)].sum(axis=0)
                    vectors[i] += summed / len(row) if table == "piece" else summed
        x = np.concatenate([w["before"][found.before][None], vectors])
        for layer in (f"layers.{i}" for i in range(LAYERS)):
            x = x + self._near(f"{layer}.near", self._norm(f"{layer}.norm1", x))
            x = x + self._attend(f"{layer}.attend", self._norm(f"{layer}.norm2", x))
            x = x + self._linear(f"{layer}.down", _gelu(self._linear(f"{layer}.up", self._norm(f"{layer}.norm3", x))))
        return self._norm("norm", x)

    def _near(self, name: str, x: Array) -> Array:
        """Each state from itself and its neighbours: a convolution of width 3."""
        padded = np.pad(x, ((1, 1), (0, 0)))
        stacked = np.concatenate([padded[:-2], padded[1:-1], padded[2:]], axis=1)
        return _gelu(self._linear(name, stacked))

    def _attend(self, name: str, x: Array) -> Array:
        length = len(x)
        q, k, v = self._linear(f"{name}_in", x).reshape(length, 3, HEADS, -1).transpose(1, 2, 0, 3)
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1], dtype=np.float32)
        mixed = np.exp(_log_softmax(scores)) @ v  # (H, L, D / H)
        return self._linear(f"{name}_out", mixed.transpose(1, 0, 2).reshape(length, -1))

    def classes(self, states: Array, start: int, end: int) -> Array:
        """(len(CLASSES),) scores of the clause tokens[start:end]."""
        inside = states[1 + start : 1 + end]
        weights = np.exp(_log_softmax(self._linear("look", inside)[:, 0]))
        pooled = np.concatenate([weights @ inside, inside.max(axis=0), states[0]])
        return self._linear("class2", _gelu(self._linear("class1", pooled)))

    def _linear(self, name: str, x: Array) -> Array:
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        rows = max(1, ONE_THREAD // weight.size)
        if x.ndim == 1 or len(x) <= rows:
            return np.asarray(x @ weight.T + bias)
        return np.concatenate([x[i : i + rows] @ weight.T for i in range(0, len(x), rows)]) + bias

    def _norm(self, name: str, x: Array) -> Array:
        centred = x - x.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
        y: Array = centred / scale * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
        return y


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


def _log_softmax(x: Array) -> Array:
    shifted = x - x.max(axis=-1, keepdims=True)
    y: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return y


def _gelu(x: Array) -> Array:
    """The tanh form (Hendrycks and Gimpel 2016)."""
    y: Array = 0.5 * x * (1 + np.tanh(np.float32(0.7978845608) * (x + np.float32(0.044715) * x**3)))
    return y


@lru_cache(maxsize=1)
def bundled_tagger() -> Tagger:
    """The trained tagger of assets/language, loaded once."""
    return Tagger.load(assets_dir() / "language" / "tagger.safetensors", bundled_lexicon())
