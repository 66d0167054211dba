"""A program that takes its /edit back: the edit ends, and the log says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file

from omniedit.services.log import open_log
from omniedit.settings import Settings, assets_dir
from tests.raw_pages import caller
from tests.running import running_app

pytestmark = pytest.mark.slow

PHOTO = assets_dir() / "photos" / "chelsea.jpg"
LONG = {"instruction": "make it night", "engine": "editnet-mini", "steps": 200, "variants": 4}  # minutes
SOON = 5.0  # seconds, on a machine that is busy; a step takes a fraction of one


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with running_app(folder) as (found, _):
        client = Client(found, verbose=False)
        client.predict(handle_file(PHOTO), api_name="/edit", **{**LONG, "steps": 1, "variants": 1})  # loads the model
        client.close()
        yield found


@pytest.fixture
def studio(address: str) -> Iterator[Client]:
    client = Client(address, verbose=False)
    yield client
    client.close()


def statuses(folder: Path) -> list[str]:
    """Of all edits in the log of the app's home, the newest first."""
    log = open_log(Settings(home=folder / "home"))
    found = [entry.status for entry in log.history.page(None)]
    log.close()
    return found


def until(condition: Callable[[], bool], seconds: float) -> float:
    """How long it took to become so."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)
    return time.monotonic() - began


def asked(studio: Client, **more: Any) -> Any:
    return studio.submit(handle_file(PHOTO), api_name="/edit", **{**LONG, **more})


def test_a_job_that_is_cancelled_ends_in_the_app(studio: Client, folder: Path) -> None:
    before = len(statuses(folder))
    job = asked(studio)
    until(lambda: statuses(folder)[: len(statuses(folder)) - before] == ["running"], 60)
    assert job.cancel()
    until(lambda: statuses(folder)[0] == "cancelled", SOON)
    assert studio.predict("make it night", api_name="/parse")["task"] == "environment"
    pictures, _ = studio.predict(handle_file(PHOTO), "make it sepia", api_name="/edit")
    assert len(pictures) == 1 and statuses(folder)[0] == "done"


def test_one_that_waits_never_begins(studio: Client, folder: Path) -> None:
    before = len(statuses(folder))
    first = asked(studio)
    until(lambda: len(statuses(folder)) > before, 60)
    second = asked(studio, instruction="make it sepia", engine="specialists", steps=None, variants=1)
    time.sleep(1)
    assert second.cancel()
    first.cancel()
    until(lambda: statuses(folder)[0] == "cancelled", SOON)
    time.sleep(1)
    assert statuses(folder)[: len(statuses(folder)) - before] == ["cancelled"]


def test_a_program_without_the_client_cancels_by_its_event(address: str, studio: Client, folder: Path) -> None:
    with caller(f"{address}/gradio_api", 20) as program:
        (path,) = program.post("/upload", files={"files": ("a.jpg", PHOTO.read_bytes())}).json()
        index = next(
            d["id"] for d in program.get(f"{address}/config").json()["dependencies"] if d["api_name"] == "edit"
        )
        picture = {"path": path, "meta": {"_type": "gradio.FileData"}}
        data = [picture, "make it night", None, None, "", "", "", "", "", "editnet-mini", 0, 4, 200, None, "", None]
        body = {"data": data, "fn_index": index, "session_hash": "program"}
        before = len(statuses(folder))
        event = program.post("/queue/join", json=body).json()["event_id"]
        listening = threading.Thread(target=program.get, args=("/queue/data?session_hash=program",))
        listening.start()
        until(lambda: len(statuses(folder)) > before and statuses(folder)[0] == "running", 60)
        program.post("/cancel", json={"session_hash": "program", "fn_index": index, "event_id": event})
        until(lambda: statuses(folder)[0] == "cancelled", SOON)
        listening.join(20)
        assert not listening.is_alive()
