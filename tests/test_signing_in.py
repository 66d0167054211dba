"""An app with users: nothing is to be had without signing in, and nobody sees what is another's."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from omniedit.services.people import People
from omniedit.settings import assets_dir
from omniedit.store import open_database
from omniedit.types import Role
from tests.raw_pages import caller
from tests.running import running_app
from ui.serve import FRESH

pytestmark = pytest.mark.slow

GOOD = "correct horse battery"
PHOTO = str(assets_dir() / "photos" / "chelsea.jpg")
TWO = """
import json, sys
from gradio_client import Client, handle_file
address, photo, password = sys.argv[1:]
ann, bob = (Client(address, auth=(name, password), verbose=False) for name in ("ann", "bob"))
_, facts = ann.predict(handle_file(photo), "make it sepia", api_name="/edit")
seen = [client.predict(api_name="/history") for client in (ann, bob)]
try:
    said = bob.predict(handle_file(photo), "make it night", parent=facts["edit"], api_name="/edit")
except Exception as error:
    said = str(error)
print(json.dumps([facts["edit"], [[edit["id"] for edit in edits] for edits in seen], said]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    (folder / "home").mkdir()
    with accounts(folder) as people:
        for name in ("ann", "bob", "cy", "dee"):
            people.add(name, GOOD)
    with running_app(folder) as (found, _):
        yield found


@contextmanager
def accounts(folder: Path) -> Iterator[People]:
    """As `omniedit user` changes them, while the app runs."""
    database = open_database(folder / "home" / "omniedit.db")
    yield People(database)
    database.close()


def signed_in(address: str, name: str, password: str = GOOD) -> httpx.Client:
    """A browser in which somebody has signed in."""
    browser = caller(address, 20)
    browser.post("/login", data={"username": name, "password": password}).raise_for_status()
    return browser


def let_in(browser: httpx.Client) -> bool:
    """Whether it is told who it is, the page's parts, and what was edited."""
    asked = browser.post("/gradio_api/call/history", json={"data": ["all", "", 5]})
    answers = [browser.get("/config").status_code == 200, asked.status_code == 200]
    answers.append(browser.get("/gradio_api/user").json() is not None)
    assert len(set(answers)) == 1, answers
    return answers[0]


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "/config", {}),
        ("GET", "/gradio_api/info", {}),
        ("GET", "/gradio_api/file=/etc/passwd", {}),
        ("GET", "/gradio_api/queue/data?session_hash=x", {}),
        ("POST", "/gradio_api/upload", {"files": {"files": b"x"}}),
        ("POST", "/gradio_api/call/history", {"json": {"data": ["all", "", 5]}}),
        ("POST", "/gradio_api/run/history", {"json": {"data": ["all", "", 5]}}),
        *(
            ("POST", "/gradio_api/queue/join", {"json": {"data": [], "fn_index": index, "session_hash": "x"}})
            for index in range(0, 40, 13)
        ),
        ("POST", "/login", {"data": {"username": "ann", "password": "wrong"}}),
    ],
)
def test_nothing_is_to_be_had_without_signing_in(address: str, method: str, path: str, more: dict[str, Any]) -> None:
    answer = httpx.request(method, address + path, timeout=20, **more)
    assert answer.status_code in (400, 401, 403, 404), answer.text[:200]


def test_agents_are_not_let_in_where_people_have_to_sign_in(address: str) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accepted = {"accept": "application/json, text/event-stream"}
    answer = httpx.post(f"{address}/gradio_api/mcp/", json=call, headers=accepted, timeout=20)
    assert answer.status_code in (401, 404, 405), answer.text[:200]


def test_the_health_is_told_to_everybody(address: str) -> None:
    assert httpx.get(f"{address}/healthz", timeout=20).json() == {"status": "ok"}


def test_two_users_do_not_see_each_others_edits(address: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWO, address, PHOTO, GOOD], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    made, (anns, bobs), said = json.loads(done.stdout.splitlines()[-1])
    assert anns == [made] and bobs == []
    assert f"There is no edit '{made}'" in said


@pytest.mark.parametrize("change", ["password", "role", "removed"])
def test_a_change_of_an_account_ends_its_open_sign_ins_and_no_others(address: str, folder: Path, change: str) -> None:
    before, other = signed_in(address, "cy"), signed_in(address, "dee")
    assert let_in(before) and let_in(other)
    with accounts(folder) as people:
        if change == "password":
            people.change("cy", "another good one")
        elif change == "role":
            people.change("cy", GOOD, Role.CURATOR)
        else:
            people.remove("cy")
        time.sleep(2 * FRESH)
        assert not let_in(before) and let_in(other)
        if change == "removed":
            people.add("cy", GOOD)
        again = signed_in(address, "cy", "another good one" if change == "password" else GOOD)
        assert let_in(again) and not let_in(before), "a new sign-in does not give the old ones back"
        people.change("cy", GOOD, Role.CREATOR)
    for browser in (before, other, again):
        browser.close()
