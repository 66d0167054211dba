"""Who empties the bin and who goes on from what is in it wait for each other, where writers are not alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from omniedit.errors import BadInput
from omniedit.store.cleaning import purge
from omniedit.store.database import Database
from omniedit.store.history import History
from omniedit.store.journal import Journal
from tests.servers import postgres, postgres_programs
from tests.stores import attempt, opened

pytestmark = pytest.mark.postgres
SOON = timedelta(seconds=5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[tuple[Journal, History, str]]:
    """A store on a server of its own, with an edit in the bin."""
    if postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed: sudo apt-get install postgresql")
    with postgres() as address:
        journal, history = opened(tmp_path, address.format(name="postgres"))
        root = journal.begin(attempt())
        journal.failed(root, "No.")
        history.change("ann", root, binned=True)
        yield journal, history, root
        journal.database.close()


def held_back(database: Database, before: str, work: Callable[[], Any], meanwhile: Callable[[], Any]) -> list[Any]:
    """What `work` in a thread and `meanwhile` here gave or raised: the work ends its first statement that begins with
    `before`, and keeps its transaction open until `meanwhile`, in a thread of its own, waits for a lock or is done.
    """
    reached, go, gave = threading.Event(), threading.Event(), dict[str, Any]()

    @event.listens_for(database.engine, "after_cursor_execute")
    def pause(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if threading.current_thread().name == "work" and statement.startswith(before) and not reached.is_set():
            reached.set()
            go.wait(20)

    def call(name: str, function: Callable[[], Any]) -> None:
        try:
            gave[name] = function()
        except Exception as error:
            gave[name] = error

    threads = [
        threading.Thread(target=call, args=pair, name=pair[0]) for pair in (("work", work), ("other", meanwhile))
    ]
    threads[0].start()
    assert reached.wait(20)
    threads[1].start()
    until = time.monotonic() + 20
    while threads[1].is_alive() and not _waiting(database) and time.monotonic() < until:
        time.sleep(0.02)
    go.set()
    for thread in threads:
        thread.join(20)
    event.remove(database.engine, "after_cursor_execute", pause)
    return [gave["work"], gave["other"]]


def _waiting(database: Database) -> bool:
    with database.reading() as session:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return bool(session.scalar(text(asked)))


def test_the_bin_is_emptied_while_somebody_goes_on_from_what_is_in_it(store: tuple[Journal, History, str]) -> None:
    journal, history, root = store
    child, purged = held_back(
        journal.database,
        "INSERT INTO edit",
        lambda: journal.begin(attempt("make it night", parent=root)),
        lambda: purge(journal.database, datetime.now(UTC) + SOON, "ann", "ann"),
    )
    assert purged.edits == 0 and purged.pictures == frozenset()
    assert history.one("ann", child).parent == root


def test_who_goes_on_from_what_is_being_removed_is_told_that_it_is_gone(store: tuple[Journal, History, str]) -> None:
    journal, history, root = store
    purged, refused = held_back(
        journal.database,
        "DELETE FROM edit",
        lambda: purge(journal.database, datetime.now(UTC) + SOON, "ann", "ann"),
        lambda: journal.begin(attempt("make it night", parent=root)),
    )
    assert purged.edits == 1 and history.count() == 0
    assert isinstance(refused, BadInput) and str(refused).startswith(f"There is no edit {root!r} to go on from")
