"""Processes killed at random moments while they edit and import: what was finished must be there afterwards.

A killed process is SIGKILLed; the one after it opens the same home. Its peer is the same work without the log: what
it costs that nothing is lost.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import tempfile
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from PIL import Image

from omniedit.services.editing import EditingService, Options
from omniedit.services.exchange import bring, export
from omniedit.services.log import By, EditLog, open_log
from omniedit.services.upkeep import examine
from omniedit.settings import Settings
from omniedit.store import strays, sweep
from omniedit.store.pictures import YOUNG

KILLS, QUICK = 200, 8
EXPORTS = 10  # folders that are taken in
LONGEST = 1.2  # seconds that a process lives
WORDS = ("make it sepia", "a pencil drawing", "make it darker", "black and white film")


def measure(quick: bool) -> dict[str, Any]:
    """How many processes were killed, what they had finished, and what of it is missing."""
    kills = QUICK if quick else KILLS
    torch.set_num_threads(1)
    cv2.setNumThreads(0)  # its threads do not survive a fork
    with tempfile.TemporaryDirectory() as folder:
        root, chance = Path(folder), random.Random(0)
        exports, brought = _exports(root)
        home = root / "home"
        finished = []
        for number in range(kills):
            finished += _killed(home, exports[number % EXPORTS], number, chance.uniform(0.02, LONGEST))
        found = _afterwards(home, finished, brought)
        peer = {"peer": "the same edits without the log", **_cost(root)}
        return {"kills": kills, "finished": len(finished), **found, **peer}


def _exports(root: Path) -> tuple[list[Path], set[str]]:
    """Folders with some edits each, and the ids of all of them."""
    folders, ids = [], set()
    for number in range(EXPORTS):
        service, log = _opened(root / f"other-{number}")
        for k in range(6):
            _edit(service, 1000 * number + k)
        export(log, root / f"export-{number}")
        ids |= {entry.id for entry in log.history.page(None)}
        folders.append(root / f"export-{number}")
        log.close()
    return folders, ids


def _killed(home: Path, source: Path, number: int, seconds: float) -> list[str]:
    """The ids of the edits that a process had finished when it was killed."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_work, args=(home, source, number, sender))
    process.start()
    sender.close()
    time.sleep(seconds)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    finished = []
    with suppress(EOFError):  # all that it said before it was killed
        while receiver.poll(0.1):
            finished.append(receiver.recv())
    receiver.close()
    return finished


def _work(home: Path, source: Path, number: int, sender: Connection) -> None:
    """Import, then edit, until the end comes from outside."""
    service, log = _opened(home)
    if number % 2:
        bring(log, source)
    for k in range(1_000_000):
        sender.send(_edit(service, 100_000 * number + k))


def _opened(home: Path) -> tuple[EditingService, EditLog]:
    settings = Settings(home=home)
    log = open_log(settings)
    return EditingService(settings, log), log


def _edit(service: EditingService, seed: int) -> str | None:
    return service.edit(_photo(seed), WORDS[seed % len(WORDS)], None, Options(seed=seed), "specialists", by=By()).edit


def _photo(seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed // 3).integers(0, 255, (96, 128, 3), dtype=np.uint8))


def _afterwards(home: Path, finished: list[str], brought: set[str]) -> dict[str, Any]:
    settings = Settings(home=home)
    findings = examine(settings, fix=True)
    log = open_log(settings)
    later = time.time() + YOUNG + 60
    dangling = len(strays(log.database, log.pictures, later))
    sweep(log.database, log.pictures, later)
    entries = {}
    before = None
    while page := log.history.page(None, before=before, limit=200):
        entries |= {entry.id: entry for entry in page}
        before = page[-1].place
    statuses = [entry.status for entry in entries.values()]
    whole = {e.id for e in entries.values() if e.status == "done" and e.results and _readable(log, e.results)}
    known = set(log.history.pictures())
    found = {
        "finished_and_lost": len(set(finished) - whole),
        "interrupted": statuses.count("interrupted"),
        "still_running": statuses.count("running"),
        "imported": len(brought & whole),
        "imported_in_part": len((brought & set(entries)) - whole),
        "doctor_says_wrong": [finding.says for finding in findings if finding.state == "wrong"],
        "files_without_a_row": dangling,
        "files_without_a_row_after_cleaning": len(set(log.pictures.names()) - known),
        "database_damage": log.database.damage(),
    }
    log.close()
    return found


def _readable(log: EditLog, names: tuple[str, ...]) -> bool:
    return all(log.picture(name).size == (128, 96) for name in names)


def _cost(root: Path) -> dict[str, float]:
    """Milliseconds of an edit with the log and without, and the ratio."""
    service, log = _opened(root / "cost")
    bare = EditingService(service.settings)
    taken = {}
    for name, one in (("logged_ms", service), ("bare_ms", bare)):
        began = time.perf_counter()
        for k in range(60):
            _edit(one, k)
        taken[name] = round((time.perf_counter() - began) / 60 * 1e3, 2)
    log.close()
    return {**taken, "ratio": round(taken["logged_ms"] / taken["bare_ms"], 2)}
