"""Empties the bin of what is old and removes pictures that no row names; what a row names always stays."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, text, union
from sqlalchemy.orm import Session, aliased

from omniedit.store.database import Database
from omniedit.store.journal import RUNNING
from omniedit.store.owners import STRANGER
from omniedit.store.pictures import SETTLED, YOUNG, Pictures, is_old
from omniedit.store.schema import Edit, Picture, Record, Variant

__all__ = [
    "Purged",
    "Remover",
    "is_due",
    "purge",
    "purge_strangers",
    "release",
    "strangers_are_due",
    "strangers_take",
    "strays",
    "sweep",
]

T = TypeVar("T")
Old = Select[int, str, str, str | None, str | None]

AT_ONCE = 500  # files looked up by one query, while writers wait


@dataclass(frozen=True)
class Purged:
    """How many edits were removed, and the hashes of the pictures that they named."""

    edits: int
    pictures: frozenset[str]


@dataclass
class Remover:
    """Removes files. One that cannot be removed is remembered, with the reason, and keeps no other from going."""

    stuck: dict[Path, str] = field(default_factory=dict)

    def __call__(self, path: Path) -> bool:
        """Whether the file is gone."""
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self.stuck[path] = (error.strerror or str(error)).lower()
            return False
        return True

    @property
    def says(self) -> str:
        """A sentence about the files that are stuck, of which there must be one."""
        path, reason = next(iter(self.stuck.items()))
        return (
            f"{len(self.stuck)} files that no edit names cannot be removed, {str(path)!r} first ({reason}); give leave "
            "to write there, then run omniedit gc."
        )


def purge(database: Database, before: datetime, who: str, owner: str | None = None) -> Purged:
    """Remove edits that came into the bin before that moment, everybody's or the owner's; their files stay.

    One from which others go on waits for them. The audit says that `who` did it.
    """
    return _remove(database, _old(before, owner), who)


def is_due(database: Database, before: datetime) -> bool:
    """Whether `purge` would remove anything."""
    return _any(database, _old(before, None))


def purge_strangers(database: Database, before: datetime, who: str) -> Purged:
    """Remove all edits of strangers of whom none runs and none began or ended after that moment; their files stay."""
    return _remove(database, _abandoned(before), who)


def strangers_are_due(database: Database, before: datetime) -> bool:
    """Whether `purge_strangers` would remove anything."""
    return _any(database, _abandoned(before))


def strangers_take(database: Database) -> int:
    """Bytes of all pictures that edits of strangers name; what is shared counts once."""
    theirs = select(Edit.number).where(Edit.owner.startswith(STRANGER)).cte()
    columns = (Edit.source, Edit.mask, Edit.material)
    named: list[Any] = [
        select(column).where(Edit.number.in_(select(theirs)), column.is_not(None)) for column in columns
    ]
    hashes: Any = union(*named, select(Variant.picture).where(Variant.edit.in_(select(theirs))))
    with database.reading() as session:
        return int(session.scalar(select(func.sum(Picture.size)).where(Picture.hash.in_(hashes))) or 0)


def _remove(database: Database, old: Old, who: str) -> Purged:
    gone, pictures = 0, set[str]()
    while True:
        with database.writing() as session:
            locked = session.execute(old.limit(AT_ONCE).with_for_update(of=Edit)).all()
            # who goes on from one of them while its lock is waited for is seen only now
            below = select(Edit.parent).where(Edit.parent.in_([row.number for row in locked]))
            parents = set(session.scalars(below))
            found = [row for row in locked if row.number not in parents]
            numbers = [row.number for row in found]
            pictures |= {name for row in found for name in (row.source, row.mask, row.material) if name}
            pictures |= set(session.scalars(select(Variant.picture).where(Variant.edit.in_(numbers))))
            session.execute(delete(Variant).where(Variant.edit.in_(numbers)))
            session.execute(delete(Edit).where(Edit.number.in_(numbers)))
            now = datetime.now(UTC)
            session.add_all(Record(at=now, who=who, what="removed", about=row.id) for row in found)
        if not locked:
            return Purged(gone, frozenset(pictures))
        gone += len(found)


def _any(database: Database, old: Old) -> bool:
    with database.reading() as session:
        return session.execute(old.limit(1)).first() is not None


def _leaves() -> Old:
    """Edits that do not run, and from which no others go on."""
    below = aliased(Edit)
    leaf = ~select(below.number).where(below.parent == Edit.number).exists()
    columns = (Edit.number, Edit.id, Edit.source, Edit.mask, Edit.material)
    return select(*columns).where(Edit.status != RUNNING, leaf)


def _old(before: datetime, owner: str | None) -> Old:
    """Those in the bin since before that moment."""
    old = _leaves().where(Edit.binned < before)
    return old if owner is None else old.where(Edit.owner == owner)


def _abandoned(before: datetime) -> Old:
    """Those of strangers of whom nothing has been seen since that moment."""
    seen = aliased(Edit)
    last, running = func.max(func.coalesce(seen.ended, seen.began)), func.count().filter(seen.status == RUNNING)
    theirs = select(seen.owner).where(seen.owner.startswith(STRANGER)).group_by(seen.owner)
    return _leaves().where(Edit.owner.in_(theirs.having(last < before, running == 0)))


def strays(database: Database, pictures: Pictures, now: float | None = None) -> list[Path]:
    """Files that are not young and that no row knows."""
    found: list[Path] = []
    for some in _in_parts(pictures.old(now)):
        with database.reading() as session:
            found += _unknown(session, some)
    return found


def sweep(database: Database, pictures: Pictures, now: float | None = None, remove: Remover | None = None) -> int:
    """Remove rows of pictures that nothing names, and, by `remove`, files that are `strays`; how many files."""
    remove = remove or Remover()
    with database.writing() as session:
        _alone(session)
        old = datetime.fromtimestamp(time.time() if now is None else now, UTC) - timedelta(seconds=YOUNG)
        session.execute(delete(Picture).where(Picture.added < old, ~_named()))
    return sum(_unlink(database, some, now, YOUNG, remove) for some in _in_parts(strays(database, pictures, now)))


def release(
    database: Database,
    pictures: Pictures,
    names: Collection[str],
    now: float | None = None,
    remove: Remover | None = None,
) -> frozenset[str]:
    """Remove those of these pictures that no row names; the names of those that may only be removed later.

    No other picture is looked at. One that was put within the last `SETTLED` seconds stays for now; one that `remove`
    cannot remove is left to the next `sweep`.
    """
    remove = remove or Remover()
    for some in _in_parts(sorted(names)):
        with database.writing() as session:
            _alone(session)
            session.execute(delete(Picture).where(Picture.hash.in_(some), ~_named()))
        _unlink(database, [path for path in map(pictures.path, some) if path], now, SETTLED, remove)
    with database.reading() as session:
        left = [path for path in map(pictures.path, names) if path and path not in remove.stuck]
        return frozenset(path.stem for some in _in_parts(left) for path in _unknown(session, some))


def _unlink(database: Database, files: list[Path], now: float | None, age: float, remove: Remover) -> int:
    """Remove those of these files that no row knows and that are older; how many."""
    with database.writing() as session:
        _alone(session)  # a writer that comes now looks for its files once more when it is done
        return sum(remove(path) for path in _unknown(session, files) if is_old(path, now, age))


def _in_parts(files: list[T]) -> Iterator[list[T]]:
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
