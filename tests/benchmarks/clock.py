"""Time, measured in one way everywhere."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

__all__ = ["seconds"]


def seconds(work: Callable[[], object], repeats: int, warm: int = 1) -> float:
    """Median wall-clock seconds of `work` over `repeats`, after `warm` unmeasured calls."""
    for _ in range(warm):
        work()
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
