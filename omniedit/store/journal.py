"""The log of edits: a row before the engine starts, and what became of it.

number = journal.begin(attempt)      the row is there, "running", with all that a replay needs
journal.done(number, outcome)        or failed, or cancelled
journal.interrupted()                at start-up: what a process that is gone left running
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from omniedit.errors import BadInput
from omniedit.store.database import Database
from omniedit.store.pictures import Pictures
from omniedit.store.runners import Runners
from omniedit.store.schema import Edit, Picture, Variant

__all__ = ["Attempt", "Image", "Journal", "Kept", "Outcome", "add_pictures", "number_of"]

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: nothing looks like another
LETTERS = 16  # of an edit's id: 80 bits, which nobody guesses
RUNNING, INTERRUPTED = "running", "interrupted"
LONG = timedelta(days=1)  # longer than any edit takes


@dataclass(frozen=True)
class Image:
    """A picture to keep: PNG bytes and the size that they show."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Attempt:
    """What a person asks for. `asked` are the request's other values, such as a JSON file holds; `parent` is the id of
    the edit that it goes on from."""

    owner: str
    source: Image
    instruction: str
    task: str | None = None
    mask: Image | None = None
    material: Image | None = None
    parent: str | None = None
    expanded: str | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)
    consent: bool = False


@dataclass(frozen=True)
class Outcome:
    """What an engine made: a picture and a seed for each variant, and how."""

    engine: str
    checkpoint: str | None
    variants: tuple[tuple[Image, int], ...]
    seconds: float
    notes: tuple[str, ...] = ()
    made: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kept:
    """A picture whose file is there."""

    hash: str
    width: int
    height: int
    size: int  # bytes


class Journal:
    """Writes edits into a database, and their pictures beside it."""

    def __init__(self, database: Database, pictures: Pictures, runners: Runners) -> None:
        self.database, self.pictures, self.runners = database, pictures, runners

    def begin(self, attempt: Attempt) -> str:
        """The id of a new row, "running"; BadInput where `parent` is no edit of the same owner."""
        runner = self.runners.start()
        source = self._keep(attempt.source)
        mask = None if attempt.mask is None else self._keep(attempt.mask)
        material = None if attempt.material is None else self._keep(attempt.material)
        with self.database.writing() as session:
            add_pictures(session, source, mask, material)
            parent = None if attempt.parent is None else number_of(session, attempt.parent, attempt.owner)
            if attempt.parent is not None and parent is None:
                raise BadInput(
                    f"There is no edit {attempt.parent!r} to go on from; `omniedit log` lists those that there are."
                )
            edit = Edit(
                id="".join(secrets.choice(ALPHABET) for _ in range(LETTERS)),
                owner=attempt.owner,
                parent=parent,
                status=RUNNING,
                runner=runner,
                began=datetime.now(UTC),
                source=source.hash,
                mask=mask.hash if mask else None,
                material=material.hash if material else None,
                instruction=attempt.instruction,
                expanded=attempt.expanded,
                task=attempt.task,
                asked=dict(attempt.asked),
                consent=attempt.consent,
            )
            session.add(edit)
        for image in (attempt.source, attempt.mask, attempt.material):
            if image is not None:
                self._keep(image)  # once more, for a clean-up may have come before the row
        return edit.id

    def done(self, name: str, outcome: Outcome) -> None:
        """The edit is finished and its variants are kept."""
        variants = [(self._keep(image), seed) for image, seed in outcome.variants]
        with self.database.writing() as session:
            number = self._close(
                session,
                name,
                "done",
                engine=outcome.engine,
                checkpoint=outcome.checkpoint,
                seconds=outcome.seconds,
                notes=list(outcome.notes),
                made=dict(outcome.made),
            )
            add_pictures(session, *(picture for picture, _ in variants))
            session.add_all(
                Variant(edit=number, place=place, picture=picture.hash, seed=seed)
                for place, (picture, seed) in enumerate(variants)
            )
        for image, _ in outcome.variants:
            self._keep(image)  # as in `begin`

    def failed(self, name: str, sentence: str) -> None:
        """The edit ended with a sentence for the person."""
        with self.database.writing() as session:
            self._close(session, name, "failed", error=sentence)

    def cancelled(self, name: str) -> None:
        """The person stopped the edit."""
        with self.database.writing() as session:
            self._close(session, name, "cancelled")

    def left_running(self) -> int:
        """How many rows processes that have ended left running."""
        return self._count(Edit.runner.in_(self.runners.gone()))

    def interrupted(self) -> int:
        """Mark what processes that have ended left running; how many rows that were."""
        gone = self.runners.gone()
        count = self._interrupt(Edit.runner.in_(gone))
        self.runners.forget(gone)
        return count

    def left_elsewhere(self, fix: bool = False) -> int:
        """How many rows have run for longer than `LONG` in processes of which this home knows nothing; `fix`: mark
        them, too. The processes may be of another home that shares the database, or of one that is gone.
        """
        began = Edit.began < datetime.now(UTC) - LONG
        unknown = and_(began, Edit.runner.not_in([self.runners.name, *self.runners.known()]))
        return self._interrupt(unknown) if fix else self._count(unknown)

    def _count(self, where: ColumnElement[bool]) -> int:
        """How many rows that run are of that kind."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Edit).where(Edit.status == RUNNING, where)) or 0

    def _interrupt(self, where: ColumnElement[bool]) -> int:
        """Mark the rows that run and are of that kind; how many."""
        left = update(Edit).where(Edit.status == RUNNING, where)
        with self.database.writing() as session:
            marked = session.scalars(left.values(status=INTERRUPTED, ended=datetime.now(UTC)).returning(Edit.number))
            return len(marked.all())

    def _close(self, session: Session, name: str, status: str, **values: Any) -> int:
        edit = session.scalars(select(Edit).where(Edit.id == name).with_for_update()).one_or_none()
        ended = edit is not None and edit.status == INTERRUPTED and status == "done"  # it lived after all
        if edit is None or (edit.status != RUNNING and not ended):
            raise ValueError(f"Edit {name} is {'not there' if edit is None else edit.status}, not running.")
        edit.status, edit.ended = status, datetime.now(UTC)
        for column, value in values.items():
            setattr(edit, column, value)
        return edit.number

    def _keep(self, image: Image) -> Kept:
        """`image` as a file: on the disk before a row names it, and outside of the transaction that others wait for."""
        return Kept(self.pictures.put(image.data), image.width, image.height, len(image.data))


def add_pictures(session: Session, *kept: Kept | None) -> None:
    """Rows of pictures, where they are not there yet; who else adds the same one at this moment does not matter."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    for one in kept:
        if one is not None:
            row = {"hash": one.hash, "width": one.width, "height": one.height, "size": one.size}
            session.execute(insert(Picture).values(**row, added=datetime.now(UTC)).on_conflict_do_nothing())


def number_of(session: Session, name: str, owner: str) -> int | None:
    """The number of an edit that is there until the transaction ends, whoever empties the bin meanwhile."""
    chosen = select(Edit.number).where(Edit.id == name, Edit.owner == owner)
    return session.scalar(chosen.with_for_update(read=True, key_share=True))
