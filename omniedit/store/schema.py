"""The tables: what was edited, how, by whom, and what became of it.

An edit is a row before its engine starts and keeps all that a replay needs. Pictures are files named by their content
(see pictures.py); rows hold the hash. Rows that a later part fills (scores, reviews, snapshots, runs) hang on edits by
their number, so that a log can be carried to another installation as it is.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    event,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = [
    "Account",
    "Base",
    "Checkpoint",
    "Edit",
    "Picture",
    "Record",
    "Review",
    "Score",
    "Snapshot",
    "Store",
    "TrainingRun",
    "Variant",
    "folded",
]

HASH = String(64)
NAME = String(120)
NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only a column that is called INTEGER
IN_BIN = text("binned IS NOT NULL")  # the few that are: of the others, which are all, no index would help


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC; ValueError for a moment without a zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone.")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Constraints have names, so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment, dict[str, Any]: JSON, list[str]: JSON}


class Store(Base):
    """One row: the name by which this database's pictures are told from another's."""

    __tablename__ = "store"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)


class Picture(Base):
    """A picture that some row names; the file is found by its hash (sha256 of its bytes)."""

    __tablename__ = "picture"

    hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    added: Mapped[datetime]


class Edit(Base):
    """An attempt to edit a picture. `parent` is the edit from whose result it goes on: edits are a tree."""

    __tablename__ = "edit"
    __table_args__ = (
        Index("ix_edit_began_number", "began", "number"),
        Index("ix_edit_owner_began_number", "owner", "began", "number"),
        Index("ix_edit_owner_task_began_number", "owner", "task", "began", "number"),
        Index("ix_edit_status_began_number", "status", "began", "number"),
        Index("ix_edit_binned", "binned", sqlite_where=IN_BIN, postgresql_where=IN_BIN),
    )

    number: Mapped[int] = mapped_column(
        NUMBER, primary_key=True, autoincrement=True
    )  # in the order of coming; one that is taken in comes last
    id: Mapped[str] = mapped_column(String(32), unique=True)  # what a person sees; cannot be guessed
    owner: Mapped[str] = mapped_column(NAME)
    parent: Mapped[int | None] = mapped_column(ForeignKey("edit.number"), index=True)
    status: Mapped[str] = mapped_column(String(12))  # running, done, failed, cancelled or interrupted
    runner: Mapped[str] = mapped_column(NAME)  # the process that works on it, see runners.py
    began: Mapped[datetime]
    ended: Mapped[datetime | None]
    # what was asked for
    source: Mapped[str] = mapped_column(ForeignKey("picture.hash"), index=True)
    mask: Mapped[str | None] = mapped_column(ForeignKey("picture.hash"), index=True)
    material: Mapped[str | None] = mapped_column(ForeignKey("picture.hash"), index=True)
    instruction: Mapped[str] = mapped_column(Text)
    expanded: Mapped[str | None] = mapped_column(Text)
    task: Mapped[str | None] = mapped_column(String(20))
    asked: Mapped[dict[str, Any]]  # engine, seed, variants, steps, box, ..., as the request had them
    # how it was done
    engine: Mapped[str | None] = mapped_column(NAME)
    checkpoint: Mapped[str | None] = mapped_column(NAME)
    made: Mapped[dict[str, Any] | None]  # parameters, sampling, whether all pixels are new
    notes: Mapped[list[str] | None]
    seconds: Mapped[float | None]
    error: Mapped[str | None] = mapped_column(Text)  # the sentence that the person was told
    # what its owner thinks of it
    consent: Mapped[bool] = mapped_column(default=False)  # it may be used for training
    starred: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str | None] = mapped_column(NAME)
    binned: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(Text)  # instruction and title as they are searched for; set by `_fold_words`


@event.listens_for(Edit, "before_insert")
@event.listens_for(Edit, "before_update")
def _fold_words(_: object, __: object, edit: Edit) -> None:
    edit.words = folded(f"{edit.instruction} {edit.title or ''}")


def folded(text: str) -> str:
    """Small letters without accents: the same on every database."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return bare.casefold()


class Variant(Base):
    """One result of an edit."""

    __tablename__ = "variant"

    edit: Mapped[int] = mapped_column(ForeignKey("edit.number", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)  # from 0
    picture: Mapped[str] = mapped_column(ForeignKey("picture.hash"), index=True)
    seed: Mapped[int] = mapped_column(BigInteger)


class Score(Base):
    """What a judge said of a variant, or why it said nothing; the raw reply is kept."""

    __tablename__ = "score"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    edit: Mapped[int] = mapped_column(ForeignKey("edit.number", ondelete="CASCADE"), index=True)
    place: Mapped[int] = mapped_column(default=0)
    judge: Mapped[str] = mapped_column(NAME)
    rubric: Mapped[str] = mapped_column(NAME)  # the version of its questions
    status: Mapped[str] = mapped_column(String(12))  # done or failed
    success: Mapped[float | None]
    restraint: Mapped[float | None]
    quality: Mapped[float | None]
    reply: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class Review(Base):
    """A curator's decision on a variant; SC and PQ are 0, .5 or 1."""

    __tablename__ = "review"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    edit: Mapped[int] = mapped_column(ForeignKey("edit.number", ondelete="CASCADE"), index=True)
    place: Mapped[int] = mapped_column(default=0)
    who: Mapped[str] = mapped_column(NAME)
    decision: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(Text)
    sc: Mapped[float | None]
    pq: Mapped[float | None]
    at: Mapped[datetime]


class Snapshot(Base):
    """An unchangeable list of edits that a model is trained on."""

    __tablename__ = "snapshot"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    hash: Mapped[str] = mapped_column(HASH, unique=True)
    contents: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class TrainingRun(Base):
    """A run of the trainer over a snapshot."""

    __tablename__ = "training_run"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    snapshot: Mapped[int | None] = mapped_column(ForeignKey("snapshot.number"), index=True)
    status: Mapped[str] = mapped_column(String(12))
    config: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any] | None]
    began: Mapped[datetime]
    ended: Mapped[datetime | None]


class Checkpoint(Base):
    """A model that a run made, and whether it is the one in use."""

    __tablename__ = "checkpoint"

    hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    run: Mapped[int | None] = mapped_column(ForeignKey("training_run.number"), index=True)
    path: Mapped[str] = mapped_column(Text)
    figures: Mapped[dict[str, Any] | None]
    promoted: Mapped[datetime | None]
    at: Mapped[datetime]


class Account(Base):
    """Somebody who may sign in; `secret` is the hash of the password."""

    __tablename__ = "account"

    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    secret: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(12))
    made: Mapped[datetime]


class Record(Base):
    """The audit: who did what to which row, written and never changed."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(NAME)
    what: Mapped[str] = mapped_column(NAME)
    about: Mapped[str | None] = mapped_column(NAME, index=True)
    details: Mapped[dict[str, Any] | None]
