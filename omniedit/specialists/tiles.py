"""Work on a large picture a tile at a time: little memory, all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

__all__ = ["Tile", "at_once", "each_tile"]

Tile = tuple[slice, slice]  # rows and columns

SIDE = 384  # pixels
WORKERS = 4


def each_tile(size: tuple[int, int], work: Callable[[Tile], None]) -> None:
    """Call `work` with tiles that cover a picture of `size` (height, width), several at a time."""
    rows, columns = ([slice(at, min(at + SIDE, length)) for at in range(0, length, SIDE)] for length in size)
    at_once(work, product(rows, columns))


def at_once(work: Callable[..., None], *given: Iterable[Any]) -> None:
    """Call `work` with the values of `given`, as `map` does, several at a time."""
    with ThreadPoolExecutor(min(WORKERS, os.cpu_count() or 1)) as pool:
        for _ in pool.map(work, *given):
            pass
