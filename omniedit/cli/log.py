"""omniedit log, show, change, replay, export, import, gc, doctor."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omniedit.errors import BadInput

if TYPE_CHECKING:
    from omniedit.services.log import EditLog
    from omniedit.store import Entry

__all__ = ["add_commands"]

BOTH = argparse.BooleanOptionalAction
LONGEST = 36_500  # days in the bin
AGO = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def add_commands(commands: Any) -> None:
    """Add the parsers of these commands."""
    log = commands.add_parser("log", help="list edits, newest first")
    log.add_argument("--task", help="swap, removal, addition, attribute, background, environment or style")
    log.add_argument("--engine", help="the engine that made it")
    log.add_argument("--status", help="running, done, failed, cancelled or interrupted")
    log.add_argument("--since", type=_moment, metavar="WHEN", help="a date (2026-11-01), or 12h, 7d, 2w ago")
    log.add_argument("--text", default="", metavar="WORDS", help="words of the instruction or the title")
    log.add_argument("--starred", action="store_true")
    log.add_argument("--bin", dest="binned", action="store_true", help="those in the bin")
    log.add_argument("--limit", type=int, default=20, metavar="N", help="how many (default 20)")
    log.add_argument("--before", metavar="ID", help="older than this edit: the next page")
    log.add_argument("--json", action="store_true")
    log.set_defaults(run=_log)

    show = commands.add_parser("show", help="show one edit")
    show.add_argument("id", metavar="ID")
    show.add_argument("--save", type=Path, metavar="DIR", help="write its pictures into a new folder")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=_show)

    change = commands.add_parser("change", help="name, star, delete or put back an edit, give or take back consent")
    change.add_argument("id", metavar="ID")
    change.add_argument("--title", metavar="WORDS", help="a name; an empty one takes it away")
    change.add_argument("--star", action=BOTH)
    change.add_argument("--consent", action=BOTH, help="it may be used for training, or may not")
    change.add_argument("--bin", action=BOTH, help="delete it (gc empties the bin), or put it back")
    change.set_defaults(run=_change)

    again = commands.add_parser("replay", help="do an edit again and compare; status 1 where it differs")
    again.add_argument("id", metavar="ID")
    again.set_defaults(run=_replay)

    export = commands.add_parser("export", help="write edits for another installation or for training")
    export.add_argument("target", type=Path, metavar="DIR|FILE.parquet")
    export.add_argument("--consented", action="store_true", help="those alone that may be used for training")
    export.add_argument("--force", action="store_true", help="replace an earlier export")
    export.set_defaults(run=_export)

    bring = commands.add_parser("import", help="take in what export wrote")
    bring.add_argument("source", type=Path, metavar="DIR|FILE.parquet")
    bring.set_defaults(run=_import)

    clean = commands.add_parser("gc", help="empty the bin of what is old, remove pictures that no edit names")
    clean.add_argument("--older", type=int, default=30, metavar="DAYS", help="days in the bin (default 30)")
    clean.set_defaults(run=_gc)

    doctor = commands.add_parser("doctor", help="look for what is missing, damaged or left over; status 1 if there is")
    doctor.add_argument("--fix", action="store_true", help="mend what can safely be mended")
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(run=_doctor)


@contextmanager
def _opened() -> Iterator[EditLog]:
    from omniedit.services.log import open_log
    from omniedit.settings import load_settings

    log = open_log(load_settings())
    try:
        yield log
    finally:
        log.close()


def _log(given: argparse.Namespace) -> int:
    from omniedit.services.editing import parse_task
    from omniedit.store import Wanted

    task = parse_task(given.task)
    statuses = () if given.status is None else (given.status,)
    wanted = Wanted(task, given.engine, statuses, given.since, given.text, given.starred, given.binned)
    with _opened() as log:
        before = None if given.before is None else log.history.one(None, given.before).place
        entries = log.history.page(None, wanted, before, given.limit)
    if given.json:
        print(json.dumps([_facts(entry) for entry in entries], ensure_ascii=False))
        return 0
    for entry in entries:
        when = entry.began.astimezone().strftime("%Y-%m-%d %H:%M")
        mark = "*" if entry.starred else " "
        words = " ".join((entry.title or entry.instruction).split())
        print(f"{entry.id} {mark} {when}  {entry.status:11} {entry.task or '-':11} {entry.engine or '-':13} {words}")
    return 0


def _show(given: argparse.Namespace) -> int:
    from omniedit.folders import check_folder, put_folder

    if given.save is not None:
        check_folder(given.save)
    with _opened() as log:
        entry = log.history.one(None, given.id)
        if given.save is not None:
            put_folder(given.save, lambda folder: _write_pictures(log, entry, folder))
    facts = _facts(entry)
    if given.json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        for name, value in facts.items():
            if value not in (None, [], {}, "", False):
                print(f"{name:11} {value}")
    return 0


def _change(given: argparse.Namespace) -> int:
    from omniedit.services.album import Album

    with _opened() as log:
        album, owner = Album(log), log.history.one(None, given.id).owner
        asked = {"starred": given.star, "consent": given.consent, "binned": given.bin, "title": given.title}
        album.change(owner, given.id, **{name: value for name, value in asked.items() if value is not None})
    return 0


def _write_pictures(log: EditLog, entry: Entry, folder: Path) -> None:
    kept = {"source": entry.source, "mask": entry.mask, "material": entry.material}
    kept |= {f"result-{number}": name for number, name in enumerate(entry.results, 1)}
    for label, name in kept.items():
        if name is not None:
            (folder / f"{label}.png").write_bytes(log.pictures.get(name))


def _facts(entry: Entry) -> dict[str, Any]:
    from omniedit.store import Parcel

    """An edit as JSON holds it; the number is the database's own matter."""
    facts: dict[str, Any] = Parcel(entry).as_json()["edit"]
    del facts["number"]
    return facts


def _replay(given: argparse.Namespace) -> int:
    from omniedit.cli.editing import Bar
    from omniedit.services.replay import replay
    from omniedit.settings import load_settings

    with _opened() as log, Bar() as bar:
        again = replay(log, log.history.one(None, given.id), load_settings(), bar.show)
    if not again.differences:
        print(f"{given.id} is the same to the bit ({again.result.engine}, {again.result.seconds:.2f} s).")
        return 0
    for sentence in again.differences:
        print(sentence)
    return 1


def _export(given: argparse.Namespace) -> int:
    from omniedit.services.exchange import export

    with _opened() as log:
        print(export(log, given.target, given.consented, given.force))
    return 0


def _import(given: argparse.Namespace) -> int:
    from omniedit.services.exchange import bring

    with _opened() as log:
        print(bring(log, given.source))
    return 0


def _gc(given: argparse.Namespace) -> int:
    from omniedit.services.upkeep import clean

    if not 0 <= given.older <= LONGEST:
        raise BadInput(f"--older is {given.older}; give 0 to {LONGEST} days.")
    with _opened() as log:
        print(clean(log, timedelta(days=given.older)))
    return 0


def _doctor(given: argparse.Namespace) -> int:
    from omniedit.services.upkeep import examine
    from omniedit.settings import load_settings

    findings = examine(load_settings(), given.fix)
    if given.json:
        print(json.dumps([asdict(finding) for finding in findings]))
    else:
        for finding in findings:
            print(f"{finding.state:7} {finding.about:10} {finding.says}")
    return int(any(finding.state == "wrong" for finding in findings))


def _moment(words: str) -> datetime:
    """A date, a date and time, or how long ago."""
    ago = re.fullmatch(r"(\d{1,5})([hdw])", words)
    if ago:
        return datetime.now(UTC) - int(ago[1]) * AGO[ago[2]]
    try:
        return datetime.fromisoformat(words).astimezone(UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{words!r} is no date; give one like 2026-11-01, or 12h, 7d, 2w") from None
