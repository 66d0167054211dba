"""Whose edit is next: one at a time, users in turn, however many edits one of them has asked for.

All work is done in one thread: libraries keep memory for each thread that they were ever used in.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import TypeVar

from omniedit.errors import BadInput, Cancelled

__all__ = ["UNDER_WAY", "WAITING", "WITH_PHOTOS", "Turns"]

T = TypeVar("T")

WAITING = 32  # plans and edits of all users that wait at the same time, each in a thread
WITH_PHOTOS = 8  # of these, those of pages: Gradio decodes their photos before they wait
UNDER_WAY = 8  # of one user, where others want to have their turn, too; those that work count
LOOK = 0.2  # seconds between looks at whether a waiting edit was stopped


class Turns:
    """A lock that goes round among its owners; who comes while others of an owner wait, waits behind these only."""

    def __init__(self, most: int | None = None) -> None:
        """`most`: how many plans and edits of one owner may be under way; None: any number."""
        self._most = most
        self._changed = threading.Condition()
        self._working: object | None = None
        self._owner_at_work = ""
        self._waiting: dict[str, deque[object]] = {}  # in the order in which owners are next
        self._worker = ThreadPoolExecutor(1, "edits")

    def run(
        self,
        owner: str,
        work: Callable[[], T],
        stop: threading.Event | None = None,
        on_wait: Callable[[int], None] | None = None,
    ) -> T:
        """What `work` gives, when it is the owner's turn; `on_wait` is told how many are before.

        Raises what `work` raises, BadInput where the owner has too many under way, Cancelled where `stop` is set while
        it waits.
        """
        with self._turn(owner, stop, on_wait):
            return self._worker.submit(copy_context().run, work).result()

    @contextmanager
    def _turn(self, owner: str, stop: threading.Event | None, on_wait: Callable[[int], None] | None) -> Iterator[None]:
        ticket = object()
        with self._changed:
            under_way = len(self._waiting.get(owner, ())) + (self._owner_at_work == owner)
            if self._most is not None and under_way >= self._most:
                raise BadInput(f"You have {self._most} plans and edits under way; wait until one of them is done.")
            self._waiting.setdefault(owner, deque()).append(ticket)
            self._next()
        try:
            self._wait(ticket, owner, stop, on_wait)
            yield
        finally:
            with self._changed:
                if self._working is ticket:
                    self._working, self._owner_at_work = None, ""
                elif ticket in self._waiting.get(owner, ()):
                    self._waiting[owner].remove(ticket)
                    if not self._waiting[owner]:
                        del self._waiting[owner]
                self._next()

    def _wait(
        self, ticket: object, owner: str, stop: threading.Event | None, on_wait: Callable[[int], None] | None
    ) -> None:
        told = -1
        while True:
            with self._changed:
                if self._working is ticket:
                    return
                before = self._before(ticket, owner)
                if before == told:
                    self._changed.wait(LOOK)
            if stop is not None and stop.is_set():
                raise Cancelled("The edit was stopped before it began.")
            if before != told and on_wait is not None:
                on_wait(before)
            told = before

    def _next(self) -> None:
        """Give the turn to the owner who has waited for it longest, and put that owner last."""
        if self._working is None and self._waiting:
            owner = next(iter(self._waiting))
            tickets = self._waiting.pop(owner)
            self._working, self._owner_at_work = tickets.popleft(), owner
            if tickets:
                self._waiting[owner] = tickets
        self._changed.notify_all()

    def _before(self, ticket: object, owner: str) -> int:
        """How many have their turn before the ticket, the one at work with them, if nobody else comes."""
        if ticket not in self._waiting.get(owner, ()):
            return 0
        rounds, count, passed = self._waiting[owner].index(ticket), 1, False
        for other, tickets in self._waiting.items():
            passed = passed or other == owner
            count += rounds if other == owner else min(len(tickets), rounds if passed else rounds + 1)
        return count
