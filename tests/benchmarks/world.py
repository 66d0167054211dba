"""Making a pair of the world, beside reading the same pair from PNG files with Pillow."""

from __future__ import annotations

import io
from itertools import count
from typing import Any

import cv2
import numpy as np
from PIL import Image

from omniedit.types import Task
from tests.benchmarks.clock import seconds
from training.world.generate import make_pair

__all__ = ["measure"]


def measure(quick: bool) -> dict[str, Any]:
    """Milliseconds a pair on one core at 128 x 128, over all tasks in turn."""
    cv2.setNumThreads(1)
    rounds = 5 if quick else 60
    seeds, tasks = count(), list(Task)
    for task in tasks:
        make_pair(next(seeds), task, (128, 128), "train")  # the sprites are read once

    def one_of_each() -> None:
        for task in tasks:
            make_pair(next(seeds), task, (128, 128), "train")

    made = seconds(one_of_each, rounds) / len(tasks)
    files = [_png(p) for p in _pictures(make_pair(1, Task.SWAP, (128, 128), "train"))]

    def read() -> None:
        for file in files:
            np.asarray(Image.open(io.BytesIO(file)))

    peer = seconds(read, rounds * 5)
    return {
        "ms_per_pair_and_core": round(made * 1e3, 3),
        "pairs": rounds * len(tasks),
        "peer": "Pillow reading source, edited and mask of one pair from PNG in memory",
        "peer_ms": round(peer * 1e3, 3),
        "ratio": round(made / peer, 2),
    }


def _pictures(pair: Any) -> list[np.ndarray]:
    return [pair.source, pair.edited, pair.mask.astype(np.uint8) * 255]


def _png(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()
