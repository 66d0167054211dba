"""The network that reads a sentence, in numpy: a small transformer with convolutions, so that no torch is needed.

`training.language` trains it; its Reader has the same weights by the same names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["HEADS", "LAYERS", "WIDTH", "Array", "Features", "Network", "log_softmax", "packed", "unpacked"]

WIDTH, LAYERS, HEADS = 96, 3, 4
ONE_THREAD = 2**18  # multiplications up to which OpenBLAS wakes no second thread, which costs more than it saves
SCALE = ".scale"  # ends the name of what the rows of a packed matrix are to be multiplied by

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Features:
    """What the network sees of a sentence, for each token: numbers of its word, parts, kinds and shapes."""

    words: tuple[int, ...]
    pieces: tuple[tuple[int, ...], ...]
    kinds: tuple[tuple[int, ...], ...]
    shapes: tuple[tuple[int, ...], ...]
    before: int  # 0: nothing came before, else 1 + the index of that edit's task


class Network:
    """Scores of tags, beginnings and classes from trained weights."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self.weights = weights

    def states(self, seen: Features) -> Array:
        """(1 + L, WIDTH): a state of the sentence, then one of each token."""
        w = self.weights
        vectors = w["word"][list(seen.words)]
        for table, rows in (("piece", seen.pieces), ("kind", seen.kinds), ("shape", seen.shapes)):
            for i, row in enumerate(rows):
                if row:
                    summed = w[table][list(row)].sum(axis=0)
                    vectors[i] += summed / len(row) if table == "piece" else summed
        x = np.concatenate([w["before"][seen.before][None], vectors])
        for layer in (f"layers.{i}" for i in range(LAYERS)):
            x = x + self._near(f"{layer}.near", self._norm(f"{layer}.norm1", x))
            x = x + self._attend(f"{layer}.attend", self._norm(f"{layer}.norm2", x))
            x = x + self._linear(f"{layer}.down", _gelu(self._linear(f"{layer}.up", self._norm(f"{layer}.norm3", x))))
        return self._norm("norm", x)

    def tags(self, states: Array) -> Array:
        """(L, tags) log probabilities."""
        return log_softmax(self._linear("tag", states[1:]))

    def begins(self, states: Array) -> Array:
        """(L,) above 0 where a token rather begins a clause than not."""
        begins: Array = self._linear("begin", states[1:])[:, 0]
        return begins

    def classes(self, states: Array, start: int, end: int) -> Array:
        """(classes,) log probabilities for the clause of tokens start to end."""
        inside = states[1 + start : 1 + end]
        weights = np.exp(log_softmax(self._linear("look", inside)[:, 0]))
        pooled = np.concatenate([weights @ inside, inside.max(axis=0), states[0]])
        return log_softmax(self._linear("class2", _gelu(self._linear("class1", pooled))))

    def _near(self, name: str, x: Array) -> Array:
        """Each state from itself and its neighbours: a convolution of width 3."""
        padded = np.pad(x, ((1, 1), (0, 0)))
        stacked = np.concatenate([padded[:-2], padded[1:-1], padded[2:]], axis=1)
        return _gelu(self._linear(name, stacked))

    def _attend(self, name: str, x: Array) -> Array:
        length = len(x)
        q, k, v = self._linear(f"{name}_in", x).reshape(length, 3, HEADS, -1).transpose(1, 2, 0, 3)
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1], dtype=np.float32)
        mixed = np.exp(log_softmax(scores)) @ v  # (H, L, D / H)
        return self._linear(f"{name}_out", mixed.transpose(1, 0, 2).reshape(length, -1))

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


def packed(networks: Sequence[Network]) -> dict[str, NDArray[np.generic]]:
    """The weights of all networks for a file: matrices as whole numbers from -127 to 127 with a scale for each row."""
    found: dict[str, NDArray[np.generic]] = {}
    for number, network in enumerate(networks):
        for name, weight in network.weights.items():
            key = f"{number}.{name}"
            if weight.ndim < 2:
                found[key] = weight.astype(np.float16)
                continue
            scale = np.maximum(np.abs(weight).max(axis=1), 1e-8) / 127
            found[key] = np.rint(weight / scale[:, None]).astype(np.int8)
            found[key + SCALE] = scale.astype(np.float32)
    return found


def unpacked(found: Mapping[str, NDArray[np.generic]]) -> list[Network]:
    """The networks of `packed` weights."""
    members: dict[str, dict[str, Array]] = {}
    for key, weight in found.items():
        number, _, name = key.partition(".")
        if not name.endswith(SCALE):
            scale = found.get(key + SCALE)
            values = weight.astype(np.float32)
            members.setdefault(number, {})[name] = (
                values if scale is None else values * scale.astype(np.float32)[:, None]
            )
    return [Network(members[number]) for number in sorted(members)]


def log_softmax(x: Array) -> Array:
    """Over the last axis."""
    shifted = x - x.max(axis=-1, keepdims=True)
    y: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return y


def _gelu(x: Array) -> Array:
    """The tanh form (Hendrycks and Gimpel 2016)."""
    y: Array = 0.5 * x * (1 + np.tanh(np.float32(0.7978845608) * (x + np.float32(0.044715) * x**3)))
    return y
