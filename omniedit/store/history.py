"""Reads the log: pages of edits, newest first, by what they are and by the words in them; one edit; its tree."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    bindparam,
    column,
    func,
    or_,
    select,
    table,
    text,
    tuple_,
    union,
    update,
)
from sqlalchemy.orm import Session, aliased

from omniedit.errors import BadInput
from omniedit.store.database import Database
from omniedit.store.schema import Edit, Picture, Variant, folded

__all__ = ["STATUSES", "Entry", "History", "Wanted"]

STATUSES = ("running", "done", "failed", "cancelled", "interrupted")
CHANGEABLE = {"starred", "title", "consent", "binned"}
MOST = 200  # edits on a page
AT_ONCE = 1000  # hashes read by one query
WORD = re.compile(r"\w+")

Place = tuple[datetime, int]


@dataclass(frozen=True)
class Entry:
    """An edit as it was asked for and as it ended; pictures are hashes.

    `number` is the order of coming, which is not that of making where edits of another installation were taken in.
    """

    number: int
    id: str
    owner: str
    parent: str | None
    status: str
    began: datetime
    ended: datetime | None
    source: str
    mask: str | None
    material: str | None
    instruction: str
    expanded: str | None
    task: str | None
    asked: Mapping[str, Any]
    engine: str | None
    checkpoint: str | None
    made: Mapping[str, Any]
    notes: tuple[str, ...]
    seconds: float | None
    error: str | None
    consent: bool
    starred: bool
    title: str | None
    binned: datetime | None
    results: tuple[str, ...]
    seeds: tuple[int, ...]

    @property
    def place(self) -> Place:
        """Where it stands in the history."""
        return self.began, self.number


ABOVE = aliased(Edit)  # that an edit goes on from
COLUMNS = tuple(f.name for f in fields(Entry) if f.name not in ("parent", "results", "seeds"))  # the edit's own


@dataclass(frozen=True)
class Wanted:
    """Which edits: None or empty leaves it open. `words` are all to be in the instruction or title, the last one
    perhaps only begun."""

    task: str | None = None
    engine: str | None = None
    statuses: tuple[str, ...] = ()
    since: datetime | None = None
    words: str = ""
    starred: bool = False
    binned: bool = False  # those in the bin, instead of those that are not

    def __post_init__(self) -> None:
        for status in self.statuses:
            if status not in STATUSES:
                raise BadInput(f"The status is {status!r}; give one of: {', '.join(STATUSES)}.")
        if self.words.strip() and not WORD.search(self.words):
            raise BadInput(f"{self.words!r} has no word to search for; give a word of the instruction.")


class History:
    """What `owner` (None: everybody, for those who may) has edited."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def page(
        self, owner: str | None, wanted: Wanted = Wanted(), before: Place | None = None, limit: int = 50
    ) -> tuple[Entry, ...]:
        """The newest edits that are `wanted`; `before` the place of the last one of the page before."""
        if not 1 <= limit <= MOST:
            raise BadInput(f"A page of {limit} edits is asked for; give 1 to {MOST}.")
        asked = _of(owner).where(*_conditions(wanted))
        if before is not None:
            asked = asked.where(tuple_(Edit.began, Edit.number) < before)
        with self.database.reading() as session:
            if wanted.words.strip():
                asked = _with_words(session, asked, wanted.words)
            rows = session.execute(asked.order_by(Edit.began.desc(), Edit.number.desc()).limit(limit)).all()
            return _entries(session, rows)

    def one(self, owner: str | None, name: str) -> Entry:
        """The edit with that id; BadInput where this owner has none."""
        with self.database.reading() as session:
            found = _entries(session, session.execute(_of(owner).where(Edit.id == name)).all())
        if not found:
            raise _unknown(name)
        return found[0]

    def numbered(self, numbers: Collection[int]) -> tuple[Entry, ...]:
        """The edits of these numbers, oldest first, whoever's they are."""
        with self.database.reading() as session:
            asked = _of(None).where(Edit.number.in_(numbers)).order_by(Edit.number)
            return _entries(session, session.execute(asked).all())

    def count(self) -> int:
        """How many edits there are, the bin and everybody's with them."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Edit)) or 0

    def taken(self, owner: str) -> int:
        """Bytes of all pictures that this owner's edits name, the bin's with them; what is shared counts once."""
        own = select(Edit.number).where(Edit.owner == owner)
        columns = (Edit.source, Edit.mask, Edit.material)
        named: list[Any] = [select(column).where(Edit.owner == owner, column.is_not(None)) for column in columns]
        hashes: Any = union(*named, select(Variant.picture).where(Variant.edit.in_(own)))
        with self.database.reading() as session:
            asked = select(func.sum(Picture.size)).where(Picture.hash.in_(hashes))
            return int(session.scalar(asked) or 0)

    def binned(self, owner: str) -> tuple[datetime, ...]:
        """When this owner's edits came into the bin, the earliest first."""
        asked = select(Edit.binned).where(Edit.owner == owner, Edit.binned.is_not(None)).order_by(Edit.binned)
        with self.database.reading() as session:
            return tuple(moment for moment in session.scalars(asked) if moment is not None)

    def pictures(self) -> Iterator[str]:
        """The hashes of all pictures, in order."""
        last = ""
        while True:
            with self.database.reading() as session:
                asked = select(Picture.hash).where(Picture.hash > last).order_by(Picture.hash).limit(AT_ONCE)
                some = session.scalars(asked).all()
            if not some:
                return
            yield from some
            last = some[-1]

    def naming(self, picture: str) -> str | None:
        """The id of an edit that this picture belongs to."""
        here = (Edit.source == picture, Edit.mask == picture, Edit.material == picture, Variant.picture == picture)
        asked = select(Edit.id).outerjoin(Variant, Variant.edit == Edit.number).where(or_(*here)).limit(1)
        with self.database.reading() as session:
            return session.scalar(asked)

    def tree(self, owner: str | None, name: str) -> tuple[Entry, ...]:
        """All edits of the photo that this one goes back to, oldest first: its owner's, and all that follow on them."""
        with self.database.reading() as session:
            own = select(Edit).where(Edit.id == name)
            first = session.scalar(own if owner is None else own.where(Edit.owner == owner))
            if first is None:
                raise _unknown(name)
            while first.parent is not None:
                first = session.scalars(select(Edit).where(Edit.number == first.parent)).one()
            same = (Edit.source == first.source, Edit.parent.is_(None), Edit.owner == first.owner)
            below = select(Edit.number).where(*same).cte(recursive=True)
            below = below.union_all(select(Edit.number).where(Edit.parent == below.c.number))
            hanging = _of(owner).where(Edit.number.in_(select(below.c.number))).order_by(Edit.began, Edit.number)
            return _entries(session, session.execute(hanging).all())

    def change(self, owner: str | None, name: str, **values: Any) -> None:
        """Set `starred`, `title`, `consent` or `binned`; BadInput where this owner has no such edit.

        What is in the bin can be taken out until it is purged.
        """
        if unknown := set(values) - CHANGEABLE:
            raise ValueError(f"An edit's {sorted(unknown)[0]} does not change.")
        if "title" in values:
            values["title"] = values["title"] or None
        if "binned" in values:
            values["binned"] = datetime.now(UTC) if values["binned"] else None
        chosen = select(Edit).where(Edit.id == name).with_for_update()
        if owner is not None:
            chosen = chosen.where(Edit.owner == owner)
        with self.database.writing() as session:
            edit = session.scalar(chosen)
            if edit is None:
                raise _unknown(name)
            for column, value in values.items():
                setattr(edit, column, value)

    def bin_all(self, owner: str, statuses: Collection[str] = STATUSES) -> int:
        """Put this owner's edits of these statuses into the bin; how many came there."""
        here = (Edit.owner == owner, Edit.binned.is_(None), Edit.status.in_(statuses))
        with self.database.writing() as session:
            binned = session.scalars(update(Edit).where(*here).values(binned=datetime.now(UTC)).returning(Edit.number))
            return len(binned.all())


def _unknown(name: str) -> BadInput:
    return BadInput(f"There is no edit {name!r}; `omniedit log` lists those that there are.")


def _of(owner: str | None) -> Select[Any]:
    """Rows of edits, with the ids of those that they go on from."""
    own = (getattr(Edit, name) for name in COLUMNS)
    asked = select(*own, ABOVE.id.label("parent")).outerjoin(ABOVE, Edit.parent == ABOVE.number)
    return asked if owner is None else asked.where(Edit.owner == owner)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield Edit.binned.is_not(None) if wanted.binned else Edit.binned.is_(None)
    for here, value in ((Edit.task, wanted.task), (Edit.engine, wanted.engine)):
        if value is not None:
            yield here == value
    if wanted.statuses:
        yield Edit.status.in_(wanted.statuses)
    if wanted.since is not None:
        yield Edit.began >= wanted.since
    if wanted.starred:
        yield Edit.starred.is_(True)


def _with_words(session: Session, asked: Select[Any], words: str) -> Select[Any]:
    found = WORD.findall(folded(words))
    if session.get_bind().dialect.name == "sqlite":
        index = table("edit_words", column("rowid"))
        query = " ".join(f'"{word}"' for word in found) + "*"
        hits = select(index.c.rowid).where(text("edit_words MATCH :words").bindparams(bindparam("words", query, Text)))
        return asked.where(Edit.number.in_(hits))
    vector = func.to_tsvector(text("'simple'"), Edit.words)
    return asked.where(vector.op("@@")(func.to_tsquery(text("'simple'"), " & ".join(found) + ":*")))


def _entries(session: Session, rows: Iterable[Row[Any]]) -> tuple[Entry, ...]:
    rows = list(rows)
    made: dict[int, list[tuple[str, int]]] = {}
    columns = select(Variant.edit, Variant.picture, Variant.seed)
    asked = columns.where(Variant.edit.in_([row.number for row in rows])).order_by(Variant.place)
    for number, picture, seed in session.execute(asked):
        made.setdefault(number, []).append((picture, seed))
    return tuple(_entry(row, made.get(row.number, [])) for row in rows)


def _entry(row: Row[Any], variants: list[tuple[str, int]]) -> Entry:
    values = {**row._mapping, "made": row.made or {}, "notes": tuple(row.notes or ())}
    return Entry(**values, results=tuple(picture for picture, _ in variants), seeds=tuple(seed for _, seed in variants))
