"""The database: SQLite in WAL mode, or PostgreSQL by URL; brought to this code's tables when it is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from omniedit.errors import BadInput, OmniEditError, refusals
from omniedit.store.schema import Store

__all__ = ["Database", "connect", "open_database"]

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 15.0  # seconds that a writer waits for another
SOON = 4.0  # seconds after which one that is locked or does not answer is given up when it is opened
READS = "omniedit_reads"  # an execution option of connections that change nothing
LOCKED = "database is locked"  # SQLite's words
KINDS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
TURN = 7_061_982  # the advisory lock of those that bring tables up to date


class Database:
    """One session an operation; what is done in it happens whole or not at all."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        alone = {} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}  # two journeys less
        self._readers = engine.execution_options(**{READS: True}, **alone)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose work is kept when the block ends and forgotten when it raises."""
        with _sentences(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that changes nothing."""
        with _sentences(), Session(self._readers, expire_on_commit=False) as session:
            yield session

    @property
    def name(self) -> str:
        """By which this database's pictures are told from another's."""
        with self.reading() as session:
            return session.scalars(select(Store.name)).one()

    @property
    def revision(self) -> str | None:
        """The migration that the tables are at; None before the first."""
        with _sentences(), self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def check_free(self) -> None:
        """OmniEditError where another program keeps it locked: who opens it is told sooner than who writes."""
        if self.engine.dialect.name != "sqlite":
            return
        with _sentences(), closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            for step in (_waits(SOON), "BEGIN IMMEDIATE", "ROLLBACK", _waits(PATIENCE)):
                cursor.execute(step)

    def migrate(self, to: str = "head") -> None:
        """Bring the tables to a revision, up or down, in one transaction; OmniEditError where the code is too old."""
        here, order = self._revisions()
        wanted = order[-1] if to == "head" else to
        if here == wanted:
            return
        config = _config()
        with _sentences(), self.engine.begin() as connection:
            if self.engine.dialect.name != "sqlite":  # where a writer is alone anyway
                connection.execute(text(f"SELECT pg_advisory_xact_lock({TURN})"))
            here = MigrationContext.configure(connection).get_current_revision()
            if here == wanted:  # another process has done it meanwhile
                return
            config.attributes["connection"] = connection
            down = here is not None and (wanted == "base" or order.index(wanted) < order.index(here))
            (command.downgrade if down else command.upgrade)(config, wanted)

    def behind(self) -> bool:
        """Whether the tables are older than this code; OmniEditError where they are newer."""
        here, order = self._revisions()
        return here != order[-1]

    def damage(self) -> str:
        """What the database itself finds damaged, empty where nothing is; a server looks after its own."""
        if self.engine.dialect.name != "sqlite":
            return ""
        with self.reading() as session:
            found = session.execute(text("PRAGMA quick_check(1)")).scalar_one()
        return "" if found == "ok" else str(found).splitlines()[0]

    def _revisions(self) -> tuple[str | None, list[str]]:
        """The one that the tables are at, and all that this code knows, oldest first."""
        order = [revision.revision for revision in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]
        here = self.revision
        if here is not None and here not in order:
            raise OmniEditError(
                f"The database is of a newer OmniEdit (revision {here}; this one knows up to {order[-1]}); install "
                "that one, or name another database."
            )
        return here, order

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def connect(where: str | Path) -> Database:
    """The database at `where` as it is."""
    return Database(_engine(_read(where)))


def open_database(where: str | Path) -> Database:
    """The database at `where`, tables up to date: a file for SQLite, or "postgresql://me@host/omniedit"."""
    database = connect(where)
    try:
        database.check_free()
        database.migrate()
    except BaseException:
        database.close()
        raise
    return database


def _read(where: str | Path) -> URL:
    if isinstance(where, Path):
        return URL.create("sqlite", database=str(where))
    try:
        read = make_url(where)
    except (ArgumentError, ValueError):  # a port that is no number
        raise BadInput(
            "OMNIEDIT_DATABASE_URL is no address; give one like postgresql://user@host/omniedit or "
            "sqlite:////folder/omniedit.db."
        ) from None
    kind = read.drivername.split("+")[0]
    if kind not in KINDS:
        raise BadInput(f"OMNIEDIT_DATABASE_URL names a {kind} database; give a postgresql or sqlite one.")
    if "@" in (read.host or ""):  # which is not said: it may be a part of the password
        raise BadInput("OMNIEDIT_DATABASE_URL has more than one @; write %40 for the one in the password.")
    if kind == "sqlite" and read.database in (None, "", ":memory:"):
        raise BadInput(
            "OMNIEDIT_DATABASE_URL names no file, so edits would be lost; give one like sqlite:////folder/omniedit.db."
        )
    return read.set(drivername=KINDS[kind])


def _engine(url: URL) -> Engine:
    if url.drivername == "sqlite":
        with refusals(f"The database {url.database!r} cannot be made", "choose another OMNIEDIT_HOME"):
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url)
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
        return engine
    patience = {} if "connect_timeout" in url.query else {"connect_timeout": round(SOON)}
    try:
        return create_engine(url, pool_pre_ping=True, connect_args=patience)
    except (ImportError, NoSuchModuleError):
        raise BadInput(
            "A PostgreSQL database needs psycopg, which is not installed; pip install 'omniedit[postgres]'."
        ) from None


def _set_up(connection: Any, _: Any) -> None:
    """A new SQLite connection: readers beside a writer, rows that name what is there, what is said stays said."""
    connection.isolation_level = None  # transactions are begun by `_begin`
    cursor = connection.cursor()
    cursor.execute(_waits(SOON))
    for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.execute(_waits(PATIENCE))
    cursor.close()


def _waits(seconds: float) -> str:
    return f"PRAGMA busy_timeout = {round(1000 * seconds)}"


def _begin(connection: Any) -> None:
    """Writers take their turn at once: one that began as a reader could not wait for another."""
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _sentences() -> Iterator[None]:
    """What a database refuses, in one sentence without its SQL."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0].rstrip(".")
        step = "end the program that uses it" if reason == LOCKED else "omniedit doctor looks at it"
        raise OmniEditError(
            f"The database cannot be used: {reason}; {step}, OMNIEDIT_HOME and OMNIEDIT_DATABASE_URL name another."
        ) from error
