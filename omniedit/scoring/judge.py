"""The interface of judges, and what they judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from omniedit.types import Score, Task

__all__ = ["Judge", "Sample"]


@dataclass(frozen=True)
class Sample:
    """An edit to be judged: `source`, `edited` uint8 (H, W, 3); `mask` bool (H, W), where it was meant to happen (None:
    everywhere); `truth` uint8 (H, W, 3), the right result, where a program knows it.
    """

    source: NDArray[np.uint8]
    edited: NDArray[np.uint8]
    instruction: str
    task: Task
    mask: NDArray[np.bool_] | None = None
    truth: NDArray[np.uint8] | None = None


class Judge(Protocol):
    """Something that scores edits."""

    name: str

    def score(self, sample: Sample) -> Score: ...
