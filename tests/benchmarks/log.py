"""The log with a million edits in it: how long a person waits for a page, a search, a new row; on SQLite and on
PostgreSQL, each the other's peer. A new row has to be on the disk: `disk_p95_ms` is what that alone takes here."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert, text

from omniedit.store import Attempt, Database, History, Image, Journal, Pictures, Runners, Wanted, open_database
from omniedit.store.schema import Edit, Picture, Variant, folded
from omniedit.types import Task
from tests.servers import postgres, postgres_programs
from tests.stores import outcome, square

EDITS, QUICK = 1_000_000, 20_000
AT_ONCE = 10_000
OWNERS = 200
VERBS = "remove,make,turn,paint,brighten,add,swap,blur,put,colour".split(",")
THINGS = "car,dog,lamp,house,sky,wire,hat,cup,tree,boat,garden,window,bridge,horse,sign,cloud".split(",")
LOOKS = "red,old,small,left,golden,wet,distant,broken,shiny,dark,purple,wooden,snowy,quiet".split(",")


def measure(quick: bool) -> dict[str, Any]:
    """Figures of each database, and how many times as long PostgreSQL takes (p95)."""
    edits, tries = (QUICK, 60) if quick else (EDITS, 500)
    found: dict[str, Any] = {"edits": edits, "tries": tries, "peer": "PostgreSQL on the same machine"}
    with tempfile.TemporaryDirectory() as folder:
        found["sqlite"] = _on(f"sqlite:///{folder}/omniedit.db", Path(folder), edits, tries)
    if postgres_programs() is None:
        return {**found, "ratio": None, "postgresql": "not installed"}
    with postgres(durable=True) as server, tempfile.TemporaryDirectory() as folder:
        found["postgresql"] = _on(server.format(name="postgres"), Path(folder), edits, tries)
    ours, peers = found["sqlite"], found["postgresql"]
    found["ratio"] = {name: round(peers[name] / ours[name], 2) for name in ours if name.endswith("ms")}
    return found


def _on(url: str, folder: Path, edits: int, tries: int) -> dict[str, float]:
    with _opened(url) as database:
        journal = Journal(database, Pictures(folder / "pictures"), Runners(folder / "running"))
        history = History(database)
        began = time.perf_counter()
        since = _fill(database, edits)
        filled = time.perf_counter() - began
        rng = np.random.default_rng(0)

        def owner() -> str:
            return f"user {rng.integers(OWNERS)}"

        def page() -> None:
            wanted = Wanted(task=str(rng.choice(list(Task))) if rng.random() < 0.5 else None)
            number = int(rng.integers(edits // 2, edits))
            history.page(
                owner(), wanted, (since + timedelta(seconds=2 * number), number) if rng.random() < 0.5 else None
            )

        def everybodys() -> None:
            history.page(None, Wanted(statuses=("done",)))

        def search() -> None:
            words = f"{rng.choice(LOOKS)} {rng.choice(THINGS)[:3]}"
            assert history.page(None, Wanted(words=words)), words

        def begin() -> str:
            return journal.begin(Attempt(owner(), picture, "make the quiet garden golden", "attribute"))

        picture: Image = square(7)
        journal.begin(Attempt("first", picture, "make it night"))
        names = [begin() for _ in range(tries)]
        done = iter(names)
        return {
            "fill_edits_a_second": round(edits / filled),
            "page_p95_ms": _p95(page, tries),
            "everybodys_page_p95_ms": _p95(everybodys, tries),
            "search_p95_ms": _p95(search, tries),
            "disk_p95_ms": _p95(partial(_to_disk, folder / "disk"), tries),
            "insert_p95_ms": _p95(begin, tries),
            "finish_p95_ms": _p95(lambda: journal.done(next(done), outcome(8)), tries),
            "size_mb": round(_size(database) / 1e6, 1),
        }


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    try:
        yield database
    finally:
        database.close()


def _fill(database: Database, edits: int) -> datetime:
    """Rows as a month of work leaves them, a tree of four edits for each photo; when it began, an edit every 2 s."""
    rng, now = np.random.default_rng(1), datetime.now(UTC) - timedelta(days=30)
    tasks = [task.value for task in Task]
    for start in range(1, edits + 1, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, edits + 1))
        rows, pictures, variants = [], [], []
        for number in numbers:
            words = f"{rng.choice(VERBS)} the {rng.choice(LOOKS)} {rng.choice(THINGS)} {number}"
            root = number - (number - 1) % 4
            source, result = f"{root:064x}", f"{number + 10**12:064x}"
            rows.append(
                {
                    "number": number,
                    "id": f"{number:016d}",
                    "owner": f"user {(number // 4) % OWNERS}",
                    "parent": number - 1 if number > root else None,
                    "status": "done",
                    "runner": "",
                    "began": now + timedelta(seconds=2 * number),
                    "ended": now + timedelta(seconds=2 * number + 1),
                    "source": source if number == root else f"{number - 1 + 10**12:064x}",
                    "instruction": words,
                    "words": folded(words),
                    "task": tasks[number % len(tasks)],
                    "asked": {"engine": "auto", "seed": number % 100},
                    "engine": "specialists",
                    "made": {"parameters": {"amount": 1.0}, "resampled": False},
                    "notes": ["Makes the picture darker."],
                    "seconds": 1.5,
                    "consent": False,
                    "starred": number % 50 == 0,
                }
            )
            added = {"width": 4000, "height": 3000, "size": 9_000_000, "added": now}
            pictures += [{"hash": name, **added} for name in ([source, result] if number == root else [result])]
            variants.append({"edit": number, "place": 0, "picture": result, "seed": 0})
        with database.writing() as session:
            for table, values in ((Picture, pictures), (Edit, rows), (Variant, variants)):
                session.execute(insert(table), values)
    with database.writing() as session:
        if session.get_bind().dialect.name == "postgresql":  # it counts by itself, not by what was given
            session.execute(text("SELECT setval(pg_get_serial_sequence('edit', 'number'), max(number)) FROM edit"))
            session.execute(text("ANALYZE"))  # as it does by itself; SQLite has to do without
    if database.engine.dialect.name == "postgresql":  # a month's rows are on the disk, not on their way to it
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
    os.sync()
    return now


def _to_disk(path: Path) -> None:
    """A page of a database written to the end of a file, and waited for."""
    with path.open("ab") as file:
        file.write(bytes(8192))
        file.flush()
        os.fsync(file.fileno())


def _p95(what: Callable[[], object], tries: int) -> float:
    """Milliseconds within which 95 of 100 calls were done."""
    for _ in range(3):
        what()
    taken = []
    for _ in range(tries - 3):
        began = time.perf_counter()
        what()
        taken.append(time.perf_counter() - began)
    return round(1e3 * float(np.percentile(taken, 95)), 2)


def _size(database: Database) -> int:
    with database.reading() as session:
        if session.get_bind().dialect.name == "postgresql":
            return int(session.scalar(text("SELECT pg_database_size(current_database())")))
        pages, size = (session.scalar(text(f"PRAGMA {name}")) for name in ("page_count", "page_size"))
        return int(pages) * int(size)
