"""The database itself: its tables from version to version, and what is no database of ours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from omniedit.errors import OmniEditError
from omniedit.store.database import open_database
from omniedit.store.history import Wanted
from omniedit.store.schema import Base
from tests.stores import attempt, opened, outcome


def test_the_migrations_make_the_tables_of_the_code_and_keep_what_is_in_them(tmp_path: Path, url: str) -> None:
    journal, history = opened(tmp_path, url)
    name = journal.begin(attempt())
    database = journal.database
    there = inspect(database.engine)
    for table in Base.metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in there.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}, table.name
        indexes = {index["name"] for index in there.get_indexes(table.name)}
        assert {index.name for index in table.indexes} <= indexes, table.name
    again = open_database(url)
    assert again.revision == database.revision is not None
    assert history.one("ann", name).status == "running"
    database.migrate("base")
    assert not set(inspect(database.engine).get_table_names()) & set(Base.metadata.tables)
    database.migrate()
    assert history.page(None) == ()


def test_going_to_the_newest_tables_and_back_keeps_what_is_in_them(tmp_path: Path, url: str) -> None:
    journal, history = opened(tmp_path, url)
    root = journal.begin(attempt("make it night"))
    leaf = journal.begin(attempt("remove the car", parent=root))
    journal.done(leaf, outcome(3))
    history.change("ann", leaf, binned=True)
    before = [history.one(None, name) for name in (root, leaf)]
    indexes = [sorted(index["name"] or "" for index in inspect(journal.database.engine).get_indexes("edit"))]
    for revision in ("0002", "head"):
        journal.database.migrate(revision)
        assert [history.one(None, name) for name in (root, leaf)] == before
        assert [entry.id for entry in history.page(None, Wanted(words="night"))] == [root]
        indexes.append(sorted(index["name"] or "" for index in inspect(journal.database.engine).get_indexes("edit")))
    assert indexes[0] == indexes[2] and "ix_edit_owner_number" in indexes[1]


def test_a_database_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path, url: str) -> None:
    journal, _ = opened(tmp_path, url)
    with journal.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(OmniEditError, match="of a newer OmniEdit"):
        open_database(url)
    assert journal.database.revision == "9999"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "is no address"),
        ("mysql://me@host/db", "names a mysql database"),
        ("postgresql://me:secret@host:port/db", "is no address"),
        ("postgresql://me:p@secret@host/db", "more than one @; write %40"),
        ("postgresql://me:p@1:secret@host/db", "is no address|more than one @"),
        ("sqlite://", "names no file, so edits would be lost"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:////proc/no/where.db", "cannot be made"),
        ("postgresql://nobody@127.0.0.1:9/omniedit", "cannot be used|needs psycopg"),
    ],
)
def test_addresses_that_lead_nowhere_are_one_sentence(url: str, said: str) -> None:
    with pytest.raises(OmniEditError, match=said) as caught:
        open_database(url)
    assert "\n" not in str(caught.value) and "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "omniedit.db").write_bytes(os.urandom(4096))
    with pytest.raises(OmniEditError, match="The database cannot be used: file is not a database"):
        opened(tmp_path)
