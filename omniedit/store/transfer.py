"""Edits with all that hangs on them, as a file holds them: out of one installation and into another."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy import BigInteger, Column, select
from sqlalchemy.orm import Session

from omniedit.errors import BadInput
from omniedit.store.database import Database
from omniedit.store.history import COLUMNS, STATUSES, Entry, History
from omniedit.store.journal import ALPHABET, LETTERS, RUNNING, Kept, add_pictures, number_of
from omniedit.store.owners import may_train
from omniedit.store.pictures import is_name
from omniedit.store.schema import Edit, Record, Review, Score, Variant
from omniedit.types import MAX_INSTRUCTION, MAX_VARIANTS

__all__ = ["Judged", "Parcel", "Received", "Reviewed", "parcels", "receive"]

AT_ONCE = 100  # edits read by one query
NOBODY = "nobody"  # owner of what comes without a name
SINCE, UNTIL = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)  # every clock can show it
DEEPEST = 50  # lists and objects in each other
SHOWN = 40  # letters of a value in a sentence

Of10 = Annotated[float, Field(ge=0, le=10)] | None
Of1 = Annotated[float, Field(ge=0, le=1)] | None


@dataclass(frozen=True)
class Judged:
    """What a judge said of a variant, a row of Score."""

    place: int
    judge: str
    rubric: str
    status: Literal["done", "failed"]
    success: Of10
    restraint: Of10
    quality: Of10
    reply: str
    at: datetime


@dataclass(frozen=True)
class Reviewed:
    """What a curator decided on a variant, a row of Review."""

    place: int
    who: str
    decision: str
    reason: str | None
    sc: Of1
    pq: Of1
    at: datetime


Hanging = TypeVar("Hanging", Judged, Reviewed)


@dataclass(frozen=True)
class Parcel:
    """An edit, what judges said of its variants and what curators decided; `edit.number` holds in its own database."""

    edit: Entry
    scores: tuple[Judged, ...] = ()
    reviews: tuple[Reviewed, ...] = ()

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
            given = "missing" if first["type"] == "missing" else _shown(first["input"])
            raise BadInput(
                f"{_which(facts)} in the file cannot be read: {place} is {given} ({first['msg'].lower()}); export it "
                "again."
            ) from None
        edit = parcel.edit
        if not _is_id(edit.id):
            raise BadInput(f"An edit in the file has the id {_shown(edit.id)}, which no log gives; export it again.")
        if wrong := _wrong(parcel):
            raise BadInput(f"The edit {edit.id} in the file {wrong}; export it again.")
        return parcel

    def anonymous(self) -> Parcel:
        """Without who made it, what it is called, and what it goes on from."""
        edit = replace(self.edit, owner=NOBODY, parent=None, title=None, error=None, starred=False)
        return Parcel(edit, self.scores, tuple(replace(row, who=NOBODY) for row in self.reviews))

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
            scores, reviews = _hanging(session, Judged, numbers), _hanging(session, Reviewed, numbers)
        if not numbers:
            return
        for entry in history.numbered(numbers):
            if consented and not may_train(entry.owner):
                continue
            yield Parcel(entry, tuple(scores.get(entry.number, ())), tuple(reviews.get(entry.number, ())))
        last = numbers[-1]


class Received(StrEnum):
    """What became of an edit that came."""

    NEW = "new"
    HERE = "here"
    WITHDRAWN = "withdrawn"  # it was here, and may be used for training no more
    BACK = "back"  # it is new, but was deleted here for good: the consent that it came with is not taken in


def receive(database: Database, parcel: Parcel, kept: tuple[Kept, ...]) -> Received:
    """Take in an edit whose pictures are `kept` already. Its parent is one that is here.

    One that is here stays as it is, but that it may not be used for training once it says so on either side. Nor may
    one of a stranger, or one that was deleted here for good.
    """
    entry = parcel.edit
    with database.writing() as session:
        here = session.scalar(select(Edit).where(Edit.id == entry.id).with_for_update())
        if here is not None:
            withdrawn = here.consent and not entry.consent
            here.consent = here.consent and entry.consent
            return Received.WITHDRAWN if withdrawn else Received.HERE
        add_pictures(session, *kept)
        above = None if entry.parent is None else number_of(session, entry.parent, entry.owner)
        consent = entry.consent and may_train(entry.owner)
        back = consent and _was_removed(session, entry.id)
        values = {name: getattr(entry, name) for name in COLUMNS if name != "number"}
        copies = {"asked": dict(entry.asked), "made": dict(entry.made), "notes": list(entry.notes)}
        edit = Edit(**{**values, **copies, "consent": consent and not back}, parent=above, runner="")
        session.add(edit)
        session.flush()
        made = enumerate(zip(entry.results, entry.seeds, strict=True))
        session.add_all(Variant(edit=edit.number, place=place, picture=name, seed=seed) for place, (name, seed) in made)
        for _, table, rows in _hung(parcel):
            session.add_all(table(**_values(row), edit=edit.number) for row in rows)
    return Received.BACK if back else Received.NEW


def _was_removed(session: Session, name: str) -> bool:
    asked = select(Record.number).where(Record.what == "removed", Record.about == name).limit(1)
    return session.scalar(asked) is not None


def _hanging(session: Session, kind: type[Hanging], numbers: list[int]) -> dict[int, list[Hanging]]:
    """Rows by the number of their edit, without what is the database's own matter."""
    table: Any = Score if kind is Judged else Review
    found: dict[int, list[Hanging]] = {}
    rows: Sequence[Any] = session.scalars(select(table).where(table.edit.in_(numbers)).order_by(table.number)).all()
    for row in rows:
        found.setdefault(row.edit, []).append(kind(**{f.name: getattr(row, f.name) for f in fields(kind)}))
    return found


def _hung(parcel: Parcel) -> Iterator[tuple[str, Any, Sequence[Any]]]:
    """What hangs on an edit: its name, its table and what its rows hold."""
    yield "scores", Score, parcel.scores
    yield "reviews", Review, parcel.reviews


def _values(row: Any) -> dict[str, Any]:
    return {f.name: getattr(row, f.name) for f in fields(row)}


def _wrong(parcel: Parcel) -> str | None:
    """What keeps the edit from being taken in, after its name in a sentence."""
    edit = parcel.edit
    if edit.status not in STATUSES or edit.status == RUNNING:
        return f"is {_shown(edit.status)}, but must have ended"
    if edit.parent is not None and not _is_id(edit.parent):
        return f"goes on from {_shown(edit.parent)}, which is the id of no edit"
    for name in parcel.pictures:
        if not is_name(name):
            return f"names the picture {_shown(name)}, which is no sha256"
    if len(edit.results) != len(edit.seeds) or len(edit.results) > MAX_VARIANTS:
        return f"has {len(edit.results)} results, {len(edit.seeds)} seeds; one seed for each of at most {MAX_VARIANTS}"
    if edit.status == "done" and not edit.results:
        return "is done and has 0 results"
    if len(edit.instruction) > MAX_INSTRUCTION:
        return f"has an instruction of {len(edit.instruction):,} characters; at most {MAX_INSTRUCTION:,} are allowed"
    for number, score in enumerate(parcel.scores):
        if score.status == "done" and None in (score.success, score.restraint, score.quality):
            return f"cannot be read: scores.{number} is done without all three numbers"
    for place, column, value in _cells(parcel):
        if value is not None and (misfit := _misfit(column, value)):
            return f"cannot be read: {place} is {_shown(value)}; {misfit}"
    return None


def _cells(parcel: Parcel) -> Iterator[tuple[str, Column[Any], Any]]:
    """The values that become cells of rows, each with its place in the file and its column."""
    columns: Any = Edit.__table__.columns
    yield from ((f"edit.{name}", columns[name], getattr(parcel.edit, name)) for name in COLUMNS if name != "number")
    seed: Any = Variant.__table__.columns["seed"]
    yield from ((f"edit.seeds.{place}", seed, value) for place, value in enumerate(parcel.edit.seeds))
    for what, table, rows in _hung(parcel):
        columns = table.__table__.columns
        for place, row in enumerate(rows):
            yield from ((f"{what}.{place}.{name}", columns[name], value) for name, value in _values(row).items())


def _misfit(column: Column[Any], value: Any) -> str | None:
    """What is allowed where the column of one of the databases cannot hold the value, which is of its type."""
    if isinstance(value, str):
        length = getattr(column.type, "length", None)
        if length is not None and len(value) > length:
            return f"at most {length} characters are allowed, it has {len(value):,}"
        return None if "\0" not in value and _is_text(value) else "text (UTF-8) without zero bytes is allowed"
    if isinstance(value, datetime):
        there = value.tzinfo is not None and SINCE <= value < UNTIL
        return None if there else f"a moment with its time zone is allowed, from {SINCE.year} to {UNTIL.year - 1}"
    if isinstance(value, int):
        bits = 63 if isinstance(column.type, BigInteger) else 31
        return None if -(2**bits) <= value < 2**bits else f"a whole number of {bits + 1} bits is allowed"
    if isinstance(value, float):
        return None if math.isfinite(value) else "a finite number is allowed"
    return None if _is_plain(value) else f"text and finite numbers, at most {DEEPEST} deep, are allowed"


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a pair, as JSON can write it
        return False
    return True


def _is_plain(value: Any) -> bool:
    """Whether any program can read these lists and objects as JSON again, from wherever it is called."""
    try:
        return _depth(value) <= DEEPEST and _is_text(json.dumps(value, ensure_ascii=False, allow_nan=False))
    except (ValueError, RecursionError):
        return False


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return 1 + max(map(_depth, inner), default=0)


def _is_id(name: str) -> bool:
    return len(name) == LETTERS and not set(name) - set(ALPHABET)


def _which(facts: Any) -> str:
    """How a sentence names the edit of a decoded JSON object that may be anything."""
    edit = facts.get("edit") if isinstance(facts, dict) else None
    name = edit.get("id") if isinstance(edit, dict) else None
    return f"The edit {name}" if isinstance(name, str) and _is_id(name) else "An edit"


def _shown(value: Any) -> str:
    shown = str(value) if isinstance(value, datetime) else repr(value)
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}..."
