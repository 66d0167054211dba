"""What crosses from one database into another: nothing that the other cannot hold, and no consent that nobody gave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from omniedit.store.cleaning import purge
from omniedit.store.history import History
from omniedit.store.journal import Journal, Kept
from omniedit.store.schema import Edit
from omniedit.store.transfer import Judged, Parcel, Received, Reviewed, parcels, receive
from tests.servers import postgres, postgres_programs
from tests.stores import attempt, opened, outcome

STRANGER = "page:0123"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Journal, History]]:
    """A store that is empty, on each of the two kinds of database."""
    if request.param == "sqlite":
        journal, history = opened(tmp_path)
        yield journal, history
        journal.database.close()
        return
    if postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed: sudo apt-get install postgresql")
    with postgres() as address:
        journal, history = opened(tmp_path, address.format(name="postgres"))
        yield journal, history
        journal.database.close()


def done(journal: Journal, owner: str = "ann", **more: Any) -> str:
    name = journal.begin(attempt(owner=owner, asked={"engine": "auto"}, **more))
    journal.done(name, outcome(30))
    return name


def taken_in(journal: Journal, parcel: Parcel) -> Received:
    pictures = journal.pictures
    return receive(
        journal.database, parcel, tuple(Kept(name, 16, 16, len(pictures.get(name))) for name in parcel.pictures)
    )


def deleted(journal: Journal, history: History, name: str) -> None:
    """The edit deleted by its owner, for good."""
    history.change("ann", name, binned=True)
    assert purge(journal.database, datetime.now(UTC) + timedelta(seconds=5), "ann", "ann").edits == 1


def test_all_that_a_file_may_say_comes_in_and_goes_out_the_same(store: tuple[Journal, History]) -> None:
    journal, history = store
    name = done(journal, consent=True)
    (parcel,) = parcels(journal.database)
    deleted(journal, history, name)
    late, deep = datetime(2999, 12, 31, 23, 59, 59, tzinfo=UTC), "end"
    for _ in range(47):
        deep = [deep]  # type: ignore[assignment]
    asked = {"engine": "auto", "deep": deep, "much": 10**300, "zero": "\0"}
    edit = replace(parcel.edit, seeds=(2**63 - 1,), began=datetime(1970, 1, 1, tzinfo=UTC), ended=late, asked=asked)
    edit = replace(edit, consent=False, title="é" * 120, engine="x" * 120, task="x" * 20, instruction="wörd " * 200)
    score = Judged(2**31 - 1, "j" * 120, "r" * 120, "failed", None, 10.0, None, "no\nreply", late)
    review = Reviewed(-(2**31), "c" * 120, "d" * 12, None, 0.5, None, late)
    whole = Parcel.from_json(Parcel(edit, (score,), (review,)).as_json())
    assert taken_in(journal, whole) == Received.NEW
    (again,) = parcels(journal.database)
    assert replace(again, edit=replace(again.edit, number=edit.number)) == Parcel(edit, (score,), (review,))


def test_a_strangers_consent_is_left_behind_and_not_taken_in(store: tuple[Journal, History]) -> None:
    journal, history = store
    done(journal, STRANGER, consent=True)
    done(journal, "ann", consent=True)
    assert [parcel.edit.owner for parcel in parcels(journal.database, consented=True)] == ["ann"]
    theirs, anns = parcels(journal.database)
    for parcel, owner, consent in ((theirs, STRANGER, False), (anns, "Page:ann", True)):
        name = parcel.edit.id[::-1]
        came = Parcel.from_json(replace(parcel, edit=replace(parcel.edit, id=name, owner=owner)).as_json())
        assert taken_in(journal, came) == Received.NEW
        assert came.edit.consent and history.one(None, name).consent == consent


def test_an_edit_that_was_deleted_for_good_comes_back_without_consent(store: tuple[Journal, History]) -> None:
    journal, history = store
    name, other = done(journal, consent=True), done(journal)
    backup = {parcel.edit.id: parcel for parcel in parcels(journal.database)}
    for gone in (name, other):
        deleted(journal, history, gone)
    assert taken_in(journal, backup[name]) == Received.BACK
    assert not history.one("ann", name).consent
    assert taken_in(journal, backup[other]) == Received.NEW, "it had no consent to lose"
    assert taken_in(journal, backup[name]) == Received.HERE


def test_new_tables_know_no_consent_of_strangers(store: tuple[Journal, History]) -> None:
    journal, history = store
    names = [done(journal, owner, consent=True) for owner in (STRANGER, "ann", "Page:bob", "page")]
    journal.database.migrate("0003")
    with journal.database.writing() as session:
        session.execute(update(Edit).values(consent=True))
    journal.database.migrate()
    assert [history.one(None, name).consent for name in names] == [False, True, True, True]
    journal.database.migrate("0003")
    assert [history.one(None, name).consent for name in names] == [False, True, True, True]
