"""Keeps an installation in order: `clean` removes what nobody needs, `examine` finds what is wrong and mends it."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from weakref import WeakKeyDictionary

from omniedit.errors import BadInput, OmniEditError
from omniedit.services.log import LOCAL, STRANGER, EditLog
from omniedit.services.models import list_engines
from omniedit.settings import Settings
from omniedit.store import Database, Journal, connect, is_due, purge, release, strays, sweep
from omniedit.store.cleaning import Remover, purge_strangers, strangers_are_due, strangers_take
from omniedit.store.pictures import is_name, is_old

__all__ = [
    "Finding",
    "OnLeft",
    "check_whole",
    "clean",
    "empty_bin",
    "examine",
    "forget_strangers",
    "let_go",
    "make_room",
    "part_with",
    "sweep_all",
]

logger = logging.getLogger(__name__)

PARTS = 8  # of the bin that is emptied at once
ROOM = 2.0  # GB of free disk below which it is worth a word
STRANGERS = 10  # times the room of one, for all of them together: who comes by another name gets no more
LATELY = 300.0  # seconds for which a database that was whole is taken to be: to look costs the more the larger it is

OnLeft = Callable[[Collection[str]], object]  # hears of pictures that are to go, but not yet

_whole: WeakKeyDictionary[Database, float] = WeakKeyDictionary()  # when each was last seen to be


@dataclass(frozen=True)
class Finding:
    """`state`: fine; note, what one may want to know; mended; or wrong."""

    state: Literal["fine", "note", "mended", "wrong"]
    about: str
    says: str


def clean(log: EditLog, in_bin: timedelta) -> str:
    """Remove edits that have been so long in the bin, and pictures that no edit names; a sentence about it.

    Raises OmniEditError, and removes nothing, where the database is damaged: it would not name what it should. Raises
    it, too, where files could not be removed; all others are.
    """
    check_whole(log, 0)
    edits = purge(log.database, datetime.now(UTC) - in_bin, LOCAL).edits
    files = sweep_all(log, remove := Remover())
    done = f"Removed {edits} edits from the bin and {files} pictures that no edit names."
    if remove.stuck:
        raise OmniEditError(f"{done} {remove.says}")
    return done


def check_whole(log: EditLog, lately: float = LATELY) -> None:
    """OmniEditError where the database is damaged: what it does not name may still be needed.

    One that was whole within the last `lately` seconds is not looked at again.
    """
    if (seen := _whole.get(log.database)) is not None and time.monotonic() - seen < lately:
        return
    if damage := log.database.damage():
        raise OmniEditError(f"The database is damaged ({damage}), so nothing is removed; restore it from a copy first.")
    _whole[log.database] = time.monotonic()


def empty_bin(log: EditLog, days: int) -> frozenset[str]:
    """Remove edits that have been in the bin longer than that (0 days: none); the pictures that they named."""
    before = datetime.now(UTC) - timedelta(days=days)
    if not days or not is_due(log.database, before):
        return frozenset()
    check_whole(log)
    gone = purge(log.database, before, LOCAL)
    logger.info("Removed %d edits that were in the bin for %d days.", gone.edits, days)
    return gone.pictures


def forget_strangers(log: EditLog, life: float) -> frozenset[str]:
    """Remove the edits of pages that have made none for so many seconds; the pictures that they named.

    A page that was closed has none left, but where its process was killed or it never said goodbye.
    """
    log.journal.left_elsewhere(fix=True)  # what runs no more in a home that is gone would stay for ever
    before = datetime.now(UTC) - timedelta(seconds=life)
    if not strangers_are_due(log.database, before):
        return frozenset()
    check_whole(log)
    gone = purge_strangers(log.database, before, LOCAL)
    logger.info("Removed %d edits of pages that are gone.", gone.edits)
    return gone.pictures


def make_room(log: EditLog, owner: str, quota: int, on_left: OnLeft = lambda pictures: None) -> None:
    """See that the owner's pictures take less than `quota` bytes: what has been longest in the bin goes first.

    Raises BadInput where they take more without the bin, and where those of all strangers take too much.
    """
    pictures = set[str]()
    try:
        while (taken := log.history.taken(owner)) >= quota:
            binned = log.history.binned(owner)
            upto = binned[(len(binned) - 1) // PARTS :]  # further, where others hang on what is oldest
            purged = (purge(log.database, last + timedelta(microseconds=1), owner, owner) for last in upto)
            if (gone := next((some for some in purged if some.edits), None)) is None:
                raise BadInput(
                    f"Your edits take {taken / 1e9:.2f} GB, and each user has {quota / 1e9:.2f} here; delete some in "
                    "the history, what is in the bin goes by itself."
                )
            pictures |= gone.pictures
    finally:
        part_with(log, pictures, on_left)
    if owner.startswith(STRANGER) and (taken := strangers_take(log.database)) >= STRANGERS * quota:
        raise BadInput(
            f"The edits of all open pages take {taken / 1e9:.2f} GB, and {STRANGERS * quota / 1e9:.2f} are here for "
            "them; close pages that you no longer need, or try again later."
        )


def part_with(log: EditLog, pictures: Collection[str], on_left: OnLeft) -> None:
    """`let_go` for those whose edits are gone already, whatever becomes of the files; `on_left` hears what stays."""
    left = frozenset(pictures)
    try:
        left = let_go(log, left)
    except (OSError, OmniEditError) as error:
        logger.warning("What was removed is still on the disk: %s", error)
    if left:
        on_left(left)


def let_go(log: EditLog, pictures: Collection[str]) -> frozenset[str]:
    """Remove those of these pictures that no edit names, small ones with them; those that may only go later.

    Raises OmniEditError, as `clean` does, where the database is damaged. A file that cannot be removed is logged.
    """
    if not pictures:
        return frozenset()
    check_whole(log)
    remove = Remover()
    left = release(log.database, log.pictures, pictures, remove=remove)
    _remove_small(log, (log.small / name[:2] / f"{name}.webp" for name in pictures), remove)
    if remove.stuck:
        logger.warning("%s", remove.says)
    return left


def sweep_all(log: EditLog, remove: Remover) -> int:
    """Remove pictures that no edit names, and small ones of those that are gone; how many of the former.

    `remove` knows of files that could not be removed.
    """
    files = sweep(log.database, log.pictures, remove=remove)
    _remove_small(log, log.small.glob("??/*.webp"), remove)
    for half in log.small.rglob(".*.tmp"):  # of a process that was killed
        if is_old(half):
            remove(half)
    return files


def _remove_small(log: EditLog, files: Iterable[Path], remove: Remover) -> None:
    for small in files:
        if is_name(small.stem) and log.pictures.path(small.stem) is None:  # what else lies there is not ours
            remove(small)


def examine(settings: Settings, fix: bool) -> list[Finding]:
    """What is fine and what is not; nothing is changed unless `fix`, and then only what loses nothing."""
    return [*_home(settings.home_dir), *_log(settings, fix), *_engines(settings)]


def _home(home: Path) -> Iterator[Finding]:
    above = next(folder for folder in (home, *home.parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=above):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        says = f"{home} cannot be used: {reason}; set it right, or set OMNIEDIT_HOME to another folder."
        yield Finding("wrong", "home", says)
        return
    if above != home:
        yield Finding("note", "home", f"{home} is not there yet; the first edit makes it.")
        return
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
    if count := journal.left_elsewhere(fix):
        said = f"{count} edits have been running for more than a day where this home cannot see it"
        if fix:
            yield Finding("mended", "edits", f"{said}; they are marked as interrupted.")
        else:
            yield Finding("wrong", "edits", f"{said}; omniedit doctor --fix marks them as interrupted.")


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
        if gone := sweep_all(log, remove := Remover()):
            yield Finding("mended", "pictures", f"{gone} files that no edit names are removed.")
        if remove.stuck:
            yield Finding("wrong", "pictures", remove.says)
    elif left := len(strays(log.database, pictures)):
        yield Finding("wrong", "pictures", f"{left} files belong to no edit; omniedit doctor --fix removes them.")
    for folder in _of_others(log):
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
        says = f"{folder} has {size:.1f} MB of another database; remove it if that database is no more."
        yield Finding("note", "pictures", says)


def _of_others(log: EditLog) -> list[Path]:
    """Folders of pictures beside this database's own."""
    return [folder for own in (log.pictures.folder, log.small) for folder in own.parent.glob("*/") if folder != own]


def _engines(settings: Settings) -> Iterator[Finding]:
    for row in list_engines(settings):
        yield Finding("fine" if row.ready else "note", "engines", f"{row.name}: {row.reason or 'ready'}")
