"""Keeps an installation in order: `clean` removes what nobody needs, `examine` finds what is wrong and mends it."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from omniedit.errors import BadInput, OmniEditError
from omniedit.services.log import LOCAL, EditLog
from omniedit.services.models import list_engines
from omniedit.settings import Settings
from omniedit.store import Database, Journal, connect, is_due, purge, strays, sweep

__all__ = ["Finding", "clean", "empty_bin", "examine", "make_room"]

logger = logging.getLogger(__name__)

PARTS = 8  # of the bin that is emptied at once
ROOM = 2.0  # GB of free disk below which it is worth a word


@dataclass(frozen=True)
class Finding:
    """`state`: fine; note, what one may want to know; mended; or wrong."""

    state: Literal["fine", "note", "mended", "wrong"]
    about: str
    says: str


def clean(log: EditLog, in_bin: timedelta) -> str:
    """Remove edits that have been so long in the bin, and pictures that no edit names; a sentence about it.

    Raises OmniEditError, and removes nothing, where the database is damaged: it would not name what it should.
    """
    if damage := log.database.damage():
        raise OmniEditError(f"The database is damaged ({damage}), so nothing is removed; restore it from a copy first.")
    edits = purge(log.database, datetime.now(UTC) - in_bin, LOCAL)
    files = sweep_all(log)
    return f"Removed {edits} edits from the bin and {files} pictures that no edit names."


def empty_bin(log: EditLog | None, days: int) -> None:
    """Remove edits that have been in the bin longer than that, and their pictures; 0 days: none."""
    if log is not None and days and is_due(log.database, datetime.now(UTC) - timedelta(days=days)):
        logger.info(clean(log, timedelta(days=days)))


def make_room(log: EditLog, owner: str, quota: int) -> None:
    """See that the owner's pictures take less than `quota` bytes: what has been longest in the bin goes first.

    Raises BadInput where they take more without the bin.
    """
    emptied = False
    while (taken := log.history.taken(owner)) >= quota:
        binned = log.history.binned(owner)
        upto = binned[(len(binned) - 1) // PARTS :]  # further, where others hang on what is oldest
        if not any(purge(log.database, last + timedelta(microseconds=1), owner, owner) for last in upto):
            raise BadInput(
                f"Your edits take {taken / 1e9:.2f} GB, and each user has {quota / 1e9:.2f} here; delete some in the "
                "history, what is in the bin goes by itself."
            )
        emptied = True
    if emptied:
        sweep_all(log)


def sweep_all(log: EditLog) -> int:
    """Remove pictures that no edit names, and small ones of those that are gone; how many of the former."""
    files = sweep(log.database, log.pictures)
    for small in log.small.glob("??/*.webp"):
        if log.pictures.path(small.stem) is None:
            small.unlink(missing_ok=True)
    return files


def examine(settings: Settings, fix: bool) -> list[Finding]:
    """What is fine and what is not; nothing is changed unless `fix`, and then only what loses nothing."""
    return [*_home(settings.home_dir), *_log(settings, fix), *_engines(settings)]


def _home(home: Path) -> Iterator[Finding]:
    if not home.is_dir():
        yield Finding("note", "home", f"{home} is not there yet; the first edit makes it.")
        return
    if not os.access(home, os.W_OK):
        yield Finding("wrong", "home", f"{home} cannot be written; give leave, or set OMNIEDIT_HOME to another folder.")
    free = shutil.disk_usage(home).free / 1e9
    state: Literal["fine", "note"] = "fine" if free >= ROOM else "note"
    yield Finding(state, "home", f"{home} has {free:.1f} GB free.")


def _log(settings: Settings, fix: bool) -> Iterator[Finding]:
    if settings.database_url is None and not (settings.home_dir / "omniedit.db").exists():
        yield Finding("note", "database", "There is none yet; the first edit makes it.")
        return
    try:
        database = connect(settings.database)
        try:
            yield from _database(database, settings.home_dir, fix)
        finally:
            database.close()
    except OmniEditError as error:
        yield Finding("wrong", "database", str(error))


def _database(database: Database, home: Path, fix: bool) -> Iterator[Finding]:
    """Of a damaged database nothing else is looked at: it would not name what it should."""
    if damage := database.damage():
        yield Finding("wrong", "database", f"It is damaged: {damage}; restore it from a copy, or export what is left.")
        return
    if database.behind():
        if not fix:
            yield Finding("wrong", "database", "It is of an older OmniEdit; doctor --fix brings it up.")
            return
        database.migrate()
        yield Finding("mended", "database", "It was of an older OmniEdit and is brought up.")
    log = EditLog(database, home)
    yield Finding("fine", "database", f"Revision {database.revision}, {log.history.count()} edits.")
    yield from _running(log.journal, fix)
    yield from _pictures(log, fix)


def _running(journal: Journal, fix: bool) -> Iterator[Finding]:
    count = journal.interrupted() if fix else journal.left_running()
    if count and fix:
        yield Finding("mended", "edits", f"{count} edits whose process is gone are marked as interrupted.")
    elif count:
        yield Finding("wrong", "edits", f"{count} edits are running, and their process is gone.")


def _pictures(log: EditLog, fix: bool) -> Iterator[Finding]:
    history, pictures, count, bad = log.history, log.pictures, 0, 0
    for name in history.pictures():
        count += 1
        try:
            pictures.get(name)
        except OmniEditError:
            bad += 1
            what = "missing" if pictures.path(name) is None else "damaged"
            where = f", of the edit {edit}," if (edit := history.naming(name)) else ""
            yield Finding("wrong", "pictures", f"{name}.png{where} is {what}; put it back from a copy or an export.")
    if not bad:
        yield Finding("fine", "pictures", f"{count} pictures, each as it was written.")
    if fix:
        if gone := sweep_all(log):
            yield Finding("mended", "pictures", f"{gone} files that no edit names are removed.")
    elif left := len(strays(log.database, pictures)):
        yield Finding("wrong", "pictures", f"{left} files belong to no edit; omniedit doctor --fix removes them.")


def _engines(settings: Settings) -> Iterator[Finding]:
    for row in list_engines(settings):
        yield Finding("fine" if row.ready else "note", "engines", f"{row.name}: {row.reason or 'ready'}")
