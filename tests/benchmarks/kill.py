"""Processes killed at random moments while they edit and import: what was finished must be there afterwards.

A killed process is SIGKILLed. In half of the rounds `omniedit doctor --fix` looks at what it left, in the others the
next process just opens the same home. At last doctor looks once more, as if an hour later: what is younger may belong
to an edit under way, so all files are made older than they are. The peer is the same work without the log: what it
costs that nothing is lost.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from PIL import Image

from omniedit.errors import OmniEditError
from omniedit.services.album import Album
from omniedit.services.editing import EditingService, Options
from omniedit.services.exchange import bring, export
from omniedit.services.log import LOCAL, By, EditLog, open_log
from omniedit.services.upkeep import examine
from omniedit.settings import Settings
from omniedit.store import YOUNG, Entry, History, Wanted, connect

KILLS, QUICK = 200, 12
IN_AN_EXPORT = 12  # edits
TRIES = 4  # killed processes for each export: half of them import, so that what was stopped is begun again
LONGEST = 1.2  # seconds that a process lives
WORDS = ("make it sepia", "a pencil drawing", "make it darker", "black and white film")

Export = tuple[Path, tuple[str, ...]]  # a folder and the ids of the edits in it


@dataclass
class Told:
    """What processes said that they had finished, by ids of edits, before they were killed; and who was not killed."""

    edits: list[str] = field(default_factory=list)
    imports: list[tuple[str, ...]] = field(default_factory=list)
    ended_by_themselves: list[int | None] = field(default_factory=list)  # with these exit codes


@dataclass
class Doctor:
    """What `omniedit doctor --fix` found and did in its visits; all processes are dead at each."""

    visits: int = 0
    open_rows: int = 0
    still_open: int = 0
    wrong: list[str] = field(default_factory=list)

    def visit(self, settings: Settings) -> None:
        """Let doctor look and mend; what is open is counted before and after."""
        self.visits += 1
        self.open_rows += _open_rows(settings)
        self.wrong += [finding.says for finding in examine(settings, fix=True) if finding.state == "wrong"]
        self.still_open += _open_rows(settings)


def measure(quick: bool) -> dict[str, Any]:
    """How many processes were killed, what they had finished, and what of it is missing."""
    kills = QUICK if quick else KILLS
    torch.set_num_threads(1)
    cv2.setNumThreads(0)  # its threads do not survive a fork
    with tempfile.TemporaryDirectory() as folder:
        root, chance = Path(folder), random.Random(0)
        exports = [_export(root, number) for number in range(kills // TRIES)]
        settings, told, doctor = Settings(home=root / "home"), Told(), Doctor()
        for number in range(kills):
            source = exports[number // 2 % len(exports)] if number % 2 else None
            _kill(settings, source, number, chance.uniform(0.02, LONGEST), told)
            if number % 4 < 2:
                doctor.visit(settings)
        found = _afterwards(settings, told, doctor, {name for _, names in exports for name in names})
        peer = {"peer": "the same edits without the log", **_cost(root)}
        return {"kills": kills - len(told.ended_by_themselves), **found, **peer}


def _export(root: Path, number: int) -> Export:
    """Edits of another installation."""
    service, log = _opened(Settings(home=root / f"other-{number}"))
    with closing(log):
        ids = tuple(_edit(service, 1000 * number + k) for k in range(IN_AN_EXPORT))
        export(log, root / f"export-{number}")
    return root / f"export-{number}", ids


def _kill(settings: Settings, source: Export | None, number: int, seconds: float, told: Told) -> None:
    """Let a process work for so long, kill it, and write down what it told."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_work, args=(settings, source, number, sender))
    process.start()
    sender.close()
    time.sleep(seconds)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    if process.exitcode != -signal.SIGKILL:
        told.ended_by_themselves.append(process.exitcode)
    with closing(receiver), suppress(EOFError):  # all that it said before it was killed
        while receiver.poll(0.1):
            finished = receiver.recv()
            if isinstance(finished, str):
                told.edits.append(finished)
            else:
                told.imports.append(finished)


def _work(settings: Settings, source: Export | None, number: int, sender: Connection) -> None:
    """Import, then edit as the page does, until the end comes from outside; tell what is finished."""
    service, log = _opened(settings)
    album = Album(log)
    if source is not None:
        folder, ids = source
        bring(log, folder)
        sender.send(ids)
    for k in range(1_000_000):
        name = _edit(service, 100_000 * number + k)
        sender.send(name)
        album.ready(LOCAL, name)


def _opened(settings: Settings) -> tuple[EditingService, EditLog]:
    log = open_log(settings)
    return EditingService(settings, log), log


def _edit(service: EditingService, seed: int) -> str:
    options = Options(seed=seed)
    return service.edit(_photo(seed), WORDS[seed % len(WORDS)], None, options, "specialists", by=By()).edit or ""


def _photo(seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed // 3).integers(0, 255, (96, 128, 3), dtype=np.uint8))


def _open_rows(settings: Settings) -> int:
    """How many rows say that their edit runs. Looking at them marks none, as opening the log would."""
    if not (settings.home_dir / "omniedit.db").exists():
        return 0
    with closing(connect(settings.database)) as database:
        return 0 if database.behind() else len(_entries(History(database), Wanted(statuses=("running",))))


def _entries(history: History, wanted: Wanted) -> list[Entry]:
    """All of that kind; here nobody has put any into the bin."""
    found: list[Entry] = []
    while page := history.page(None, wanted, before=found[-1].place if found else None, limit=200):
        found += page
    return found


def _afterwards(settings: Settings, told: Told, doctor: Doctor, brought: set[str]) -> dict[str, Any]:
    """What is there and what is not, before and after doctor's last visit."""
    with closing(connect(settings.database)) as database:
        log = EditLog(database, settings.home_dir)
        then = time.time() - YOUNG - 60
        for path in _files(settings.home_dir):
            os.utime(path, (then, then))
        dangling = _without_a_row(log, settings.home_dir)
    doctor.visit(settings)
    with closing(connect(settings.database)) as database:
        log = EditLog(database, settings.home_dir)
        entries = _entries(log.history, Wanted())
        statuses = [entry.status for entry in entries]
        whole = {entry.id for entry in entries if entry.status == "done" and _is_whole(log, entry)}
        return {
            "ended_by_themselves": told.ended_by_themselves,
            "finished": len(told.edits),
            "finished_and_lost": len(set(told.edits) - whole),
            "finished_imports": len(told.imports),
            "of_finished_imports_lost": len({name for names in told.imports for name in names} - whole),
            "imported": len(brought & whole),
            "imported_in_part": len((brought & {entry.id for entry in entries}) - whole),
            "interrupted": statuses.count("interrupted"),
            "still_running": statuses.count("running"),
            "doctor_visits": doctor.visits,
            "doctor_found_running": doctor.open_rows,
            "doctor_left_running": doctor.still_open,
            "doctor_says_wrong": doctor.wrong,
            "files_without_a_row": len(dangling),
            "files_without_a_row_after_cleaning": _without_a_row(log, settings.home_dir),
            "database_damage": database.damage(),
        }


def _files(home: Path) -> list[Path]:
    """All that lies among the pictures and the small ones, whatever it is called."""
    return [path for name in ("pictures", "small") for path in sorted((home / name).rglob("*")) if path.is_file()]


def _without_a_row(log: EditLog, home: Path) -> list[str]:
    """Files that belong to no picture of the database, half written ones among them."""
    known = set(log.history.pictures())
    return [str(path.relative_to(home)) for path in _files(home) if path.stem not in known]


def _is_whole(log: EditLog, entry: Entry) -> bool:
    """Whether its source and its results are there and can be read."""
    try:
        sizes = {log.picture(name).size for name in (entry.source, *entry.results)}
    except OmniEditError:
        return False
    return bool(entry.results) and sizes == {(128, 96)}


def _cost(root: Path) -> dict[str, float]:
    """Milliseconds of an edit with the log and without, and the ratio."""
    service, log = _opened(Settings(home=root / "cost"))
    bare = EditingService(service.settings)
    taken = {}
    for name, one in (("logged_ms", service), ("bare_ms", bare)):
        began = time.perf_counter()
        for k in range(60):
            _edit(one, k)
        taken[name] = round((time.perf_counter() - began) / 60 * 1e3, 2)
    log.close()
    return {**taken, "ratio": round(taken["logged_ms"] / taken["bare_ms"], 2)}
