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


def following(
    work: Callable[[Callable[[Told], None]], Made], leave: Callable[[], object] = lambda: None
) -> Generator[Told, None, Made]:
    """Yield what `work(tell)` tells, only the newest where it is not asked in time; return what it gives.

    Raises what it raises. Left early it calls `leave`, which is to end the work, and waits for nothing: who leaves may
    be the server's own loop.
    """
    newest: deque[Told] = deque(maxlen=1)
    something = threading.Event()

    def tell(what: Told) -> None:
        newest.append(what)
        something.set()

    beside = ThreadPoolExecutor(1)
    future = beside.submit(copy_context().run, work, tell)
    future.add_done_callback(lambda _: something.set())
    beside.shutdown(wait=False)  # its thread ends with the work
    try:
        while not future.done():
            something.wait()
            something.clear()
            if newest and not future.done():
                yield newest.pop()
    except GeneratorExit:
        leave()
        raise
    return future.result()
