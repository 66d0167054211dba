"""Edits with all that hangs on them, as a file holds them: out of one installation and into another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from omniedit.errors import BadInput
from omniedit.store.database import Database
from omniedit.store.history import COLUMNS, STATUSES, Entry, History
from omniedit.store.journal import ALPHABET, LETTERS, RUNNING, Kept, add_pictures
from omniedit.store.pictures import is_name
from omniedit.store.schema import Edit, Review, Score, Variant

__all__ = ["Parcel", "parcels", "receive"]

AT_ONCE = 100  # edits read by one query
NOBODY = "nobody"  # owner of what comes without a name

Hanging = type[Score] | type[Review]


@dataclass(frozen=True)
class Parcel:
    """An edit, what judges said of its variants and what curators decided; `edit.number` holds in its own database."""

    edit: Entry
    scores: tuple[Mapping[str, Any], ...] = ()
    reviews: tuple[Mapping[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        facts: dict[str, Any] = ADAPTER.dump_python(self, mode="json")
        return facts

    @classmethod
    def from_json(cls, facts: Any) -> Parcel:
        """The parcel in a decoded JSON object; BadInput where it is none that `receive` could take in."""
        try:
            parcel = ADAPTER.validate_python(facts)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "it"
            raise BadInput(f"An edit in the file cannot be read: {place}: {first['msg'].lower()}.") from None
        edit = parcel.edit
        if len(edit.id) != LETTERS or set(edit.id) - set(ALPHABET):
            raise BadInput(f"An edit in the file has the id {edit.id[:40]!r}, which no log gives.")
        if edit.status not in STATUSES or edit.status == RUNNING:
            raise BadInput(f"The edit {edit.id} in the file is {edit.status[:40]!r}; it must have ended.")
        for name in parcel.pictures:
            if not is_name(name):
                raise BadInput(f"The edit {edit.id} in the file names the picture {name[:40]!r}; give its sha256.")
        if len(edit.results) != len(edit.seeds):
            raise BadInput(f"The edit {edit.id} in the file has {len(edit.results)} results, {len(edit.seeds)} seeds.")
        return parcel

    def anonymous(self) -> Parcel:
        """Without who made it, what it is called, and what it goes on from."""
        edit = replace(self.edit, owner=NOBODY, parent=None, title=None, error=None, starred=False)
        return Parcel(edit, self.scores, tuple({**row, "who": NOBODY} for row in self.reviews))

    @property
    def pictures(self) -> tuple[str, ...]:
        """The hashes of all its pictures."""
        edit = self.edit
        return tuple(dict.fromkeys(n for n in (edit.source, edit.mask, edit.material, *edit.results) if n is not None))


ADAPTER = TypeAdapter(Parcel)


def parcels(database: Database, consented: bool = False) -> Iterator[Parcel]:
    """All edits that have ended, oldest first; those alone that may be used for training where `consented`."""
    history, last = History(database), 0
    while True:
        with database.reading() as session:
            asked = select(Edit.number).where(Edit.number > last, Edit.status != RUNNING)
            if consented:
                asked = asked.where(Edit.consent, Edit.binned.is_(None))
            numbers = list(session.scalars(asked.order_by(Edit.number).limit(AT_ONCE)))
            scores, reviews = (_hanging(session, table, numbers) for table in (Score, Review))
        if not numbers:
            return
        for entry in history.numbered(numbers):
            yield Parcel(entry, tuple(scores.get(entry.number, ())), tuple(reviews.get(entry.number, ())))
        last = numbers[-1]


def receive(database: Database, parcel: Parcel, kept: tuple[Kept, ...]) -> bool:
    """Take in an edit whose pictures are `kept` already; False where it is here. Its parent is one that is here."""
    entry = parcel.edit
    with database.writing() as session:
        if session.scalar(select(Edit.number).where(Edit.id == entry.id)) is not None:
            return False
        add_pictures(session, *kept)
        above = None
        if entry.parent is not None:
            above = session.scalar(select(Edit.number).where(Edit.id == entry.parent, Edit.owner == entry.owner))
        as_they_are = {name: getattr(entry, name) for name in COLUMNS if name != "number"}
        edit = Edit(**as_they_are, parent=above, runner="", made=dict(entry.made), notes=list(entry.notes))
        edit.asked = dict(entry.asked)
        session.add(edit)
        session.flush()
        made = enumerate(zip(entry.results, entry.seeds, strict=True))
        session.add_all(Variant(edit=edit.number, place=place, picture=name, seed=seed) for place, (name, seed) in made)
        for table, rows in ((Score, parcel.scores), (Review, parcel.reviews)):
            session.add_all(table(**_row(table, row), edit=edit.number) for row in rows)
    return True


def _hanging(session: Session, table: Hanging, numbers: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Rows by the number of their edit, without what is the database's own matter."""
    found: dict[int, list[dict[str, Any]]] = {}
    rows: Sequence[Any] = session.scalars(select(table).where(table.edit.in_(numbers)).order_by(table.number)).all()
    for row in rows:
        found.setdefault(row.edit, []).append({name: getattr(row, name) for name in _columns(table)})
    return found


def _columns(table: Hanging) -> list[str]:
    return [column.key for column in table.__table__.columns if column.key not in ("number", "edit")]


def _row(table: Hanging, given: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: given.get(name) for name in _columns(table)}
    try:
        row["at"] = datetime.fromisoformat(str(row["at"])).astimezone(UTC)
    except ValueError:
        raise BadInput(f"A {table.__name__.lower()} in the file has no time; export it again.") from None
    return row
