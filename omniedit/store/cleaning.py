"""Empties the bin of what is old and removes pictures that no row names; what a row names always stays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Select, delete, or_, select, text
from sqlalchemy.orm import Session, aliased

from omniedit.store.database import Database
from omniedit.store.journal import RUNNING
from omniedit.store.pictures import YOUNG, Pictures, is_old
from omniedit.store.schema import Edit, Picture, Record, Variant

__all__ = ["is_due", "purge", "strays", "sweep"]

AT_ONCE = 500  # files looked up by one query, while writers wait


def purge(database: Database, before: datetime, who: str, owner: str | None = None) -> int:
    """Remove edits that came into the bin before that moment, everybody's or the owner's; how many.

    One from which others go on waits for them. The audit says that `who` did it.
    """
    gone = 0
    while True:
        with database.writing() as session:
            found = session.execute(_old(before, owner).limit(AT_ONCE).with_for_update(of=Edit)).all()
            numbers = [number for number, _ in found]
            session.execute(delete(Variant).where(Variant.edit.in_(numbers)))
            session.execute(delete(Edit).where(Edit.number.in_(numbers)))
            now = datetime.now(UTC)
            session.add_all(Record(at=now, who=who, what="removed", about=name) for _, name in found)
        if not found:
            return gone
        gone += len(found)


def is_due(database: Database, before: datetime) -> bool:
    """Whether `purge` would remove anything."""
    with database.reading() as session:
        return session.execute(_old(before, None).limit(1)).first() is not None


def _old(before: datetime, owner: str | None) -> Select[int, str]:
    """Number and id of edits in the bin since before that moment, from which no others go on."""
    below = aliased(Edit)
    leaf = ~select(below.number).where(below.parent == Edit.number).exists()
    old = select(Edit.number, Edit.id).where(Edit.binned < before, Edit.status != RUNNING, leaf)
    return old if owner is None else old.where(Edit.owner == owner)


def strays(database: Database, pictures: Pictures, now: float | None = None) -> list[Path]:
    """Files that are not young and that no row knows."""
    found: list[Path] = []
    for some in _in_parts(pictures.old(now)):
        with database.reading() as session:
            found += _unknown(session, some)
    return found


def sweep(database: Database, pictures: Pictures, now: float | None = None) -> int:
    """Remove rows of pictures that nothing names, and files that are `strays`; how many files."""
    with database.writing() as session:
        _alone(session)
        old = datetime.fromtimestamp(time.time() if now is None else now, UTC) - timedelta(seconds=YOUNG)
        session.execute(delete(Picture).where(Picture.added < old, ~_named()))
    gone = 0
    for some in _in_parts(strays(database, pictures, now)):
        with database.writing() as session:
            _alone(session)  # a writer that comes now looks for its files once more when it is done
            for path in _unknown(session, some):
                if is_old(path, now):
                    path.unlink(missing_ok=True)
                    gone += 1
    return gone


def _in_parts(files: list[Path]) -> Iterator[list[Path]]:
    return (files[start : start + AT_ONCE] for start in range(0, len(files), AT_ONCE))


def _unknown(session: Session, files: list[Path]) -> list[Path]:
    known = set(session.scalars(select(Picture.hash).where(Picture.hash.in_([path.stem for path in files]))))
    return [path for path in files if path.stem not in known]


def _named() -> ColumnElement[bool]:
    """Whether a row names the picture."""
    here = (Edit.source, Edit.mask, Edit.material)
    return or_(*(select(1).where(column == Picture.hash).exists() for column in (*here, Variant.picture)))


def _alone(session: Session) -> None:
    """Nobody else adds pictures until the transaction ends; on SQLite a writer is alone anyway."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("LOCK TABLE picture IN SHARE ROW EXCLUSIVE MODE"))
