"""What a bench is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omniedit.types import Task
from training.measures import Verdict

__all__ = ["BenchEdit"]


@dataclass(frozen=True)
class BenchEdit:
    """One held-out edit with its pictures, uint8 (H, W, 3), masks, bool (H, W), and what tells whether it is done."""

    task: Task
    kind: str
    instruction: str
    source: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    change: NDArray[np.bool_]
    hint: NDArray[np.bool_] | None
    judge: Callable[[NDArray[np.uint8]], Verdict]
