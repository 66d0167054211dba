"""Work that tells of itself while it goes on."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

__all__ = ["following"]

Told = TypeVar("Told")
Made = TypeVar("Made")


def following(work: Callable[[Callable[[Told], None]], Made]) -> Generator[Told, None, Made]:
    """Yield what `work(tell)` tells, only the newest where it is not asked in time; return what it gives.

    Raises what it raises. Left early, it waits for the work, which is to be stopped by other means.
    """
    newest: deque[Told] = deque(maxlen=1)
    something = threading.Event()

    def tell(what: Told) -> None:
        newest.append(what)
        something.set()

    with ThreadPoolExecutor(1) as beside:
        future = beside.submit(copy_context().run, work, tell)
        future.add_done_callback(lambda _: something.set())
        while not future.done():
            something.wait()
            something.clear()
            if newest and not future.done():
                yield newest.pop()
        return future.result()
