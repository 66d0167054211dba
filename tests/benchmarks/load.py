"""Many users at once: what they wait, whether each gets what is theirs, and whether memory stays as it is.

The peer is one user alone, on the same app before the others come: waiting in a queue aside, nothing should be slower.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from gradio_client import Client, handle_file
from PIL import Image

from omniedit.services.log import open_log
from omniedit.services.people import People
from omniedit.settings import Settings, assets_dir
from omniedit.store import Entry, open_database
from tests.raw_pages import RawPage, caller, edit_of, file_of
from tests.running import running_app

__all__ = ["measure"]

PASSWORD = "correct horse battery"
CANCELS = "canceller"
WISHES = (("make it sepia", "specialists"), ("make it night", "specialists"), ("make it night", "editnet-mini"))
WIDTH = 200  # of the first user's photo; each one's is a pixel wider than the one before, to tell them apart
ALONE = 12  # edits of the peer at most: a user may ask for so many in a minute, and goes on with the others
EVERY = 2.0  # seconds between looks at the memory, and between edits that are cancelled
CANCELLED = 6  # edits at most whose memory is looked at when all is quiet again
LONG = {"instruction": "make it night", "engine": "editnet-mini", "steps": 200, "variants": 4}  # minutes


@dataclass
class Told:
    """What one user has seen; `waits`: (when it was asked for, seconds until it was there)."""

    name: str
    waits: list[tuple[float, float]] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    of_another: int = 0


def measure(quick: bool) -> dict[str, Any]:
    """Errors, results of another, waits and memory of so many users, and how soon one who presses Cancel has it."""
    count, length = (6, 20.0) if quick else (32, 180.0)
    users = [Told(f"user{number}") for number in range(count)]
    with tempfile.TemporaryDirectory() as temp:
        folder = Path(temp)
        photos = [_photo(folder, number) for number in range(count)]
        (folder / "home").mkdir()
        database = open_database(folder / "home" / "omniedit.db")
        for name in (CANCELS, *(user.name for user in users)):
            People(database).add(name, PASSWORD)
        database.close()
        with running_app(folder) as (address, process), ThreadPoolExecutor(count + 1) as pool:
            clients = [Client(address, auth=(user.name, PASSWORD), verbose=False) for user in users]
            alone = Told("alone")
            _edits(clients[0], alone, photos[0], time.monotonic() + length / 10, ALONE)
            users[0].made |= alone.made
            began, memory, answers = time.monotonic(), [], []
            until = began + length
            asked = pool.map(_edits, clients, users, photos, itertools.repeat(until))
            watching = pool.submit(_watch, process.pid, until, memory)
            with Canceller(address, folder / "home", photos[0]) as canceller:
                while time.monotonic() < until:
                    answers.append(canceller.cancels())
                    time.sleep(EVERY)
                list(asked)
                watching.result()
                canceller.cancels()  # what the first one loads stays
                before = psutil.Process(process.pid).memory_info().rss
                answers += [canceller.cancels() for _ in range(CANCELLED)]
                after = psutil.Process(process.pid).memory_info().rss
            for client, user in zip(clients, users, strict=True):
                kept = {edit["id"] for edit in client.predict("all", "", 100, api_name="/history")}
                user.of_another += len(kept - user.made)
            for client in clients:
                client.close()
    waits = sorted(seconds for user in users for _, seconds in user.waits)
    p50, p95 = statistics.median(waits), waits[int(0.95 * (len(waits) - 1))]
    by_itself = statistics.median(seconds for _, seconds in alone.waits)
    parts = [[rss for at, rss in memory if k * length / 3 <= at - began < (k + 1) * length / 3] for k in range(3)]
    return {
        "clients": count,
        "seconds": length,
        "edits": len(waits),
        "edits_a_second": round(len(waits) / length, 2),
        "errors": [error for user in users for error in user.errors],
        "of_another": sum(user.of_another for user in users),
        "p50_s": round(p50, 2),
        "p95_s": round(p95, 2),
        "cancelled": len(answers),
        "cancel_answered_s_max": round(max(pressed for pressed, _ in answers), 3),
        "cancelled_in_log_s_max": round(max(ended for _, ended in answers), 3),
        "memory_after_cancel_ratio": round(after / before, 3),
        "memory_mb": [round(statistics.fmean(part) / 1e6) for part in parts],
        "memory_last_third_over_second": round(statistics.fmean(parts[2]) / statistics.fmean(parts[1]), 3),
        "peer": "one user alone",
        "peer_p50_s": round(by_itself, 2),
        "ratio": round(p50 / by_itself / count, 3),
    }


def _photo(folder: Path, number: int) -> Path:
    path = folder / f"{number}.png"
    with Image.open(assets_dir() / "photos" / "chelsea.jpg") as image:
        image.resize((WIDTH + number, 150)).save(path)
    return path


def _edits(client: Client, user: Told, photo: Path, until: float, most: int | None = None) -> None:
    """One edit after the other, `most` of them; each must be of the user's own photo."""
    with Image.open(photo) as image:
        size = image.size
    for words, engine in itertools.islice(itertools.cycle(WISHES), most):
        if (began := time.monotonic()) >= until:
            return
        try:
            (path,), facts = client.predict(handle_file(photo), words, engine=engine, api_name="/edit")
        except Exception as error:  # what a user would see
            user.errors.append(str(error))
            time.sleep(1)
            continue
        user.waits.append((began, time.monotonic() - began))
        user.made.add(facts["edit"])
        with Image.open(path if isinstance(path, str) else path["path"]) as result:
            user.of_another += result.size != size


def _watch(pid: int, until: float, memory: list[tuple[float, int]]) -> None:
    """Look at the memory, while the others work."""
    while time.monotonic() < until:
        memory.append((time.monotonic(), psutil.Process(pid).memory_info().rss))
        threading.Event().wait(EVERY)


class Canceller:
    """A user of their own who begins long edits, and presses Cancel, as a page does, when they run."""

    def __init__(self, address: str, home: Path, photo: Path) -> None:
        self.client, self.photo = caller(address), photo
        self.log = open_log(Settings(home=home))

    def __enter__(self) -> Canceller:
        self.client.post("/login", data={"username": CANCELS, "password": PASSWORD}).raise_for_status()
        self.page = RawPage(self.client, "canceller")
        self.index, self.button = self.page.index("/edit"), self.page.index("cancel")
        return self

    def __exit__(self, *raised: object) -> None:
        self.client.close()
        self.log.close()

    def cancels(self) -> tuple[float, float]:
        """Seconds from pressing until it is answered, and until the edit, which ran, is cancelled in the log."""
        known = {entry.id for entry in self.log.history.page(f"user:{CANCELS}", limit=200)}
        picture = file_of(self.page.upload(self.photo.read_bytes()))
        self.page.join(self.index, edit_of(picture, **LONG)).raise_for_status()
        self._until("running", known)
        began = time.monotonic()
        self.page.run(self.button, [])
        answered = time.monotonic() - began
        self._until("cancelled", known)
        return answered, time.monotonic() - began

    def _until(self, status: str, known: set[str]) -> None:
        end = time.monotonic() + 120
        while not any(e.status == status for e in self._new(known)):
            if time.monotonic() > end:
                raise TimeoutError(f"The edit is not {status}: {[e.status for e in self._new(known)]}")
            time.sleep(0.02)

    def _new(self, known: set[str]) -> list[Entry]:
        return [entry for entry in self.log.history.page(f"user:{CANCELS}", limit=200) if entry.id not in known]
