"""The log of edits: nothing is lost, nothing is half there, and nobody sees what is another's."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from omniedit.errors import BadInput, OmniEditError
from omniedit.store.cleaning import purge, release, strays, sweep
from omniedit.store.database import Database, open_database
from omniedit.store.history import Entry, Place, Wanted
from omniedit.store.journal import Journal
from omniedit.store.pictures import SETTLED, YOUNG, Pictures
from omniedit.store.runners import Runners
from omniedit.store.schema import Edit
from tests.stores import attempt, opened, outcome, square


def test_the_attempt_is_there_before_the_work_and_its_results_after(tmp_path: Path, url: str) -> None:
    journal, history = opened(tmp_path, url)
    name = journal.begin(
        attempt("make it night", asked={"seed": 7, "variants": 2}, task="environment", mask=square(255))
    )
    before = history.one("ann", name)
    assert (before.status, before.ended, before.results, before.asked) == (
        "running",
        None,
        (),
        {"seed": 7, "variants": 2},
    )
    journal.done(name, outcome(30, 31))
    after = history.one("ann", name)
    assert after.status == "done" and after.seeds == (0, 1) and after.made == {"kind": "night"}
    assert after.ended is not None and after.ended.tzinfo is UTC and after.ended >= after.began
    shown = [journal.pictures.get(picture) for picture in (after.source, *after.results)]
    assert shown == [square(10).data, square(30).data, square(31).data]


def test_what_fails_or_is_stopped_is_kept_with_its_reason(tmp_path: Path, url: str) -> None:
    journal, history = opened(tmp_path, url)
    failed, stopped = journal.begin(attempt()), journal.begin(attempt())
    journal.failed(failed, "I cannot find the dog.")
    journal.cancelled(stopped)
    assert history.one("ann", failed).error == "I cannot find the dog."
    assert history.one("ann", stopped).status == "cancelled"
    with pytest.raises(ValueError, match="is cancelled, not running"):
        journal.done(stopped, outcome(1))


def test_edits_are_a_tree(tmp_path: Path, url: str) -> None:
    journal, history = opened(tmp_path, url)
    root = journal.begin(attempt("one"))
    left, right = (journal.begin(attempt(words, parent=root)) for words in ("two", "three"))
    leaf = journal.begin(attempt("four", parent=left))
    again = journal.begin(attempt("the same photo once more"))
    other = journal.begin(attempt("another photo", level=11))
    journal.begin(attempt("somebody else's", owner="bob"))
    for name in (root, right, leaf, again):
        assert [entry.id for entry in history.tree("ann", name)] == [root, left, right, leaf, again]
    assert history.one("ann", leaf).parent == left
    assert [entry.id for entry in history.tree("ann", other)] == [other]


def test_nobody_sees_changes_or_goes_on_from_what_is_anothers(tmp_path: Path, url: str) -> None:
    journal, history = opened(tmp_path, url)
    name = journal.begin(attempt(owner="ann"))
    for forbidden in (
        lambda: history.one("bob", name),
        lambda: history.tree("bob", name),
        lambda: history.change("bob", name, starred=True),
        lambda: history.change("bob", name, binned=True),
        lambda: journal.begin(attempt(owner="bob", parent=name)),
    ):
        with pytest.raises(BadInput, match="There is no edit"):
            forbidden()
    assert history.page("bob") == () and [entry.id for entry in history.page(None)] == [name]
    assert not history.one("ann", name).starred


def test_pages_go_back_in_time_and_choose(tmp_path: Path, url: str) -> None:
    journal, history = opened(tmp_path, url)
    names = [journal.begin(attempt(f"edit {k}", task=("style", "swap")[k % 2])) for k in range(7)]
    journal.done(names[3], outcome(5))
    first = history.page("ann", limit=3)
    assert [entry.id for entry in first] == names[:3:-1]
    second = history.page("ann", before=first[-1].place, limit=3)
    assert [entry.id for entry in second] == names[3:0:-1]
    assert {entry.id for entry in history.page("ann", Wanted(task="swap"))} == set(names[1::2])
    assert [entry.id for entry in history.page("ann", Wanted(statuses=("done",), engine="specialists"))] == [names[3]]
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert history.page("ann", Wanted(since=later)) == ()
    history.change("ann", names[0], starred=True, title="the keeper", consent=True)
    assert [entry.title for entry in history.page("ann", Wanted(starred=True))] == ["the keeper"]


def test_words_are_found_by_their_beginning_and_follow_a_new_title(tmp_path: Path, url: str) -> None:
    journal, history = opened(tmp_path, url)
    car, hat = journal.begin(attempt("remove the red car")), journal.begin(attempt("give her a Café hat"))
    for words, found in (("red", [car]), ("CAR remove", [car]), ("cafe", [hat]), ("ha", [hat]), ("red hat", [])):
        assert [entry.id for entry in history.page("ann", Wanted(words=words))] == found, words
    history.change("ann", hat, title="Grandmother")
    assert [entry.id for entry in history.page("ann", Wanted(words="grandm"))] == [hat]
    for odd in ('"', "NEAR(", "a OR b*", "car' --", "%"):
        try:
            history.page("ann", Wanted(words=odd))
        except BadInput as error:
            assert "no word to search for" in str(error)


def test_the_bin_hides_and_gives_back(tmp_path: Path, url: str) -> None:
    journal, history = opened(tmp_path, url)
    name = journal.begin(attempt())
    history.change("ann", name, binned=True)
    assert history.page("ann") == () and [entry.id for entry in history.page("ann", Wanted(binned=True))] == [name]
    history.change("ann", name, binned=False)
    assert [entry.id for entry in history.page("ann")] == [name]


def test_equal_pictures_are_one_file_and_only_old_ones_without_a_row_are_swept(tmp_path: Path, url: str) -> None:
    journal, history = opened(tmp_path, url)
    names = [journal.begin(attempt(level=10)) for _ in range(2)]
    assert len({history.one("ann", name).source for name in names}) == 1
    pictures = journal.pictures
    stray = pictures.put(square(99).data)
    (pictures.folder / stray[:2] / ".left.tmp").write_bytes(b"half")
    named = [history.one("ann", names[0]).source]
    assert sweep(journal.database, pictures) == 0 and pictures.path(stray) is not None, "young: a row may come"
    later = time.time() + YOUNG + 5
    assert len(strays(journal.database, pictures, later)) == 2
    assert sweep(journal.database, pictures, later) == 2 and list(pictures.names()) == named
    assert not list(pictures.folder.glob("??/.*"))


def test_the_bin_is_emptied_from_the_leaves_and_its_pictures_go(tmp_path: Path, url: str) -> None:
    journal, history = opened(tmp_path, url)
    root = journal.begin(attempt(level=1))
    leaf = journal.begin(attempt(parent=root, level=2))
    journal.done(leaf, outcome(3, 4))
    later, soon = time.time() + YOUNG + 5, datetime.now(UTC) + timedelta(seconds=5)
    history.change("ann", root, binned=True)
    assert purge(journal.database, soon, "ann").edits == 0, "it runs, and another goes on from it"
    journal.cancelled(root)
    assert purge(journal.database, soon, "ann").edits == 0
    history.change("ann", leaf, binned=True)
    assert purge(journal.database, datetime.now(UTC) - timedelta(days=1), "ann").edits == 0
    gone = purge(journal.database, soon, "ann")
    assert gone.edits == 2 and gone.pictures == set(journal.pictures.names())
    assert history.page(None, Wanted(binned=True)) == () and history.count() == 0
    assert sweep(journal.database, journal.pictures, later) == 4 and list(history.pictures()) == []


def test_what_removed_edits_named_is_released_and_nothing_that_is_named_or_being_put(tmp_path: Path, url: str) -> None:
    journal, history = opened(tmp_path, url)
    pictures, soon = journal.pictures, datetime.now(UTC) + timedelta(seconds=5)
    kept = journal.begin(attempt(level=1))
    shared, gone = (journal.begin(attempt(level=level, mask=square(50))) for level in (1, 2))
    journal.done(gone, outcome(3))
    journal.failed(shared, "No.")
    pictures.put(square(99).data)  # an edit that is being written
    for name in (shared, gone):
        history.change("ann", name, binned=True)
    named = purge(journal.database, soon, "ann").pictures
    assert len(named) == 4 and release(journal.database, pictures, named) == named - {history.one("ann", kept).source}
    later = time.time() + SETTLED + 5
    assert release(journal.database, pictures, named, later) == frozenset()
    assert set(pictures.names()) == {history.one("ann", kept).source, hashlib.sha256(square(99).data).hexdigest()}
    assert list(history.pictures()) == [history.one("ann", kept).source]
    assert release(journal.database, pictures, named, later) == frozenset(), "again, as another process may"


def test_a_picture_that_is_removed_while_it_is_put_again_is_there_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = Pictures(tmp_path)
    name = pictures.put(b"one")
    touch = os.utime

    def too_late(path: Path) -> None:
        path.unlink()
        touch(path)

    monkeypatch.setattr("omniedit.store.pictures.os.utime", too_late)
    assert pictures.put(b"one") == name and pictures.get(name) == b"one"


def test_a_picture_that_is_damaged_or_gone_is_said(tmp_path: Path) -> None:
    pictures = Pictures(tmp_path)
    name = pictures.put(b"one")
    pictures.path(name).write_bytes(b"two")  # type: ignore[union-attr]
    with pytest.raises(OmniEditError, match="is damaged"):
        pictures.get(name)
    with pytest.raises(OmniEditError, match="is missing"):
        pictures.get("0" * 64)
    with pytest.raises(ValueError, match="no sha256"):
        pictures.get("../../etc/passwd")


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.servers import postgres, postgres_programs
from tests.stores import attempt, opened
journal, _ = opened(Path(sys.argv[1]), sys.argv[2])
print(journal.begin(attempt()), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_running_is_interrupted_and_what_runs_is_not(tmp_path: Path, url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), url], capture_output=True, text=True, check=False
    )
    journal, history = opened(tmp_path, url)
    mine = journal.begin(attempt())
    assert journal.interrupted() == 1
    assert history.one("ann", done.stdout.strip()).status == "interrupted"
    assert history.one("ann", mine).status == "running"


def test_many_writers_wait_for_each_other(tmp_path: Path, url: str) -> None:
    first, history = opened(tmp_path, url)
    journals = [first, *(Journal(open_database(url), first.pictures, Runners(tmp_path / "running")) for _ in range(3))]

    def work(journal: Journal) -> None:
        for k in range(8):
            journal.done(journal.begin(attempt(level=k)), outcome(k))

    threads = [threading.Thread(target=work, args=(journal,)) for journal in journals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.status for entry in history.page(None, limit=100)] == ["done"] * 32


def test_edits_are_seen_as_they_were_made_whenever_they_came(tmp_path: Path, url: str) -> None:
    journal, history = opened(tmp_path, url)
    names = [journal.begin(attempt(f"edit {k}")) for k in range(6)]
    made = [datetime(2026, 11, day, tzinfo=UTC) for day in (4, 2, 2, 6, 1, 2)]  # as if taken in from elsewhere
    with journal.database.writing() as session:
        for name, moment in zip(names, made, strict=True):
            session.execute(update(Edit).where(Edit.id == name).values(began=moment))
    order = [names[k] for k in (3, 0, 5, 2, 1, 4)]
    assert [entry.id for entry in history.tree("ann", names[0])] == order[::-1]
    for owner in ("ann", None):
        seen: list[Entry] = []
        while page := history.page(owner, before=seen[-1].place if seen else None, limit=2):
            seen += page
        assert [entry.id for entry in seen] == order


@pytest.mark.parametrize("owner", ["ann", None])
@pytest.mark.parametrize("before", [None, (datetime(2026, 11, 1, tzinfo=UTC), 5)])
@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(task="swap"),
        Wanted(statuses=("done",)),
        Wanted(starred=True),
        Wanted(binned=True),
        Wanted(since=datetime(2026, 10, 1, tzinfo=UTC)),
    ],
)
def test_a_page_is_read_from_an_index_and_sorts_nothing(
    tmp_path: Path, owner: str | None, before: Place | None, wanted: Wanted
) -> None:
    journal, history = opened(tmp_path)
    with asked(journal.database) as queries:
        history.page(owner, wanted, before)
    with journal.database.engine.connect() as connection:
        steps = [row[3] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + queries[0][0], queries[0][1])]
    first, second = steps  # the second finds the edit that each goes on from; a sort would be a third
    assert "edit USING INDEX" in first and "began_number" in first and "PRIMARY KEY" in second


@contextmanager
def asked(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The queries and their values meanwhile."""
    queries: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            queries.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    yield queries
    event.remove(database.engine, "before_cursor_execute", note)
