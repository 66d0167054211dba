"""Users are served in turn, one edit at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import ContextVar

import pytest

from omniedit.errors import BadInput, Cancelled
from ui.turns import UNDER_WAY, Turns


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


class Crowd:
    """Owners who wait while the first one is at work; `order` is who had a turn, `told` what each was told."""

    def __init__(self) -> None:
        self.turns, self.go = Turns(UNDER_WAY), threading.Event()
        self.order: list[str] = []
        self.told: dict[str, list[int]] = {}
        self.threads: list[threading.Thread] = []

    def comes(self, owner: str, name: str) -> None:
        """One more edit of the owner; only when it waits, or works, does the next one come."""
        self.told[name] = []

        def work() -> None:
            self.order.append(name)
            self.go.wait(10)

        asked = (owner, work, None, self.told[name].append)
        self.threads.append(threading.Thread(target=self.turns.run, args=asked))
        self.threads[-1].start()
        until(lambda: bool(self.told[name]) or name in self.order)

    def all_done(self) -> None:
        self.go.set()
        for thread in self.threads:
            thread.join(10)


def test_who_asks_for_much_waits_behind_who_asks_for_little() -> None:
    crowd = Crowd()
    for owner, name in (("ann", "a1"), ("ann", "a2"), ("ann", "a3"), ("ann", "a4"), ("bob", "b1"), ("cho", "c1")):
        crowd.comes(owner, name)
    assert {name: told[0] for name, told in crowd.told.items() if told} == {
        "a2": 1,
        "a3": 2,
        "a4": 3,
        "b1": 2,
        "c1": 3,
    }
    crowd.all_done()
    assert crowd.order == ["a1", "a2", "b1", "c1", "a3", "a4"]


def test_what_is_told_is_how_it_comes() -> None:
    crowd = Crowd()
    comers = ["ann", "bob", "ann", "cho", "bob", "ann", "bob", "cho", "dee"]
    for number, owner in enumerate(comers):
        crowd.comes(owner, f"{owner}{number}")
    told = {
        name: crowd.turns._before(ticket, owner)
        for owner, tickets in crowd.turns._waiting.items()
        for name, ticket in zip(
            [n for n in crowd.told if n.startswith(owner) and n not in crowd.order], tickets, strict=True
        )
    }
    crowd.all_done()
    assert told == {name: crowd.order.index(name) for name in told}


def test_one_at_a_time_and_a_fault_gives_the_turn_on() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError):
        turns.run("ann", lambda: 1 // 0)
    assert turns.run("ann", lambda: 5) == 5


def test_one_that_waits_can_be_stopped_and_nobody_waits_for_it() -> None:
    turns, stop, said = Turns(), threading.Event(), []

    def waits() -> None:
        try:
            turns.run("bob", lambda: said.append("worked"), stop, lambda before: stop.set())
        except Cancelled as error:
            said.append(str(error))

    thread = threading.Thread(target=waits)

    def holds() -> None:
        thread.start()
        thread.join(10)

    turns.run("ann", holds)
    assert said == ["The edit was stopped before it began."] and not turns._waiting
    assert turns.run("cho", lambda: "next") == "next"


def test_the_work_sees_what_its_caller_sees_and_is_always_in_one_thread() -> None:
    turns, mine = Turns(), ContextVar("mine", default="nobody's")
    found: list[tuple[str, int]] = []

    def call(owner: str) -> None:
        mine.set(owner)
        turns.run(owner, lambda: found.append((mine.get(), threading.get_ident())))

    for owner in ("ann", "bob"):
        thread = threading.Thread(target=call, args=(owner,))
        thread.start()
        thread.join(10)
    assert [owner for owner, _ in found] == ["ann", "bob"] and len({thread for _, thread in found}) == 1


def test_one_user_cannot_fill_the_queue() -> None:
    crowd = Crowd()
    for number in range(UNDER_WAY):
        crowd.comes("ann", f"a{number}")
    with pytest.raises(BadInput, match="8 plans and edits under way"):
        crowd.turns.run("ann", lambda: None)
    crowd.comes("bob", "b")
    crowd.all_done()
    assert crowd.order.index("b") == 2
