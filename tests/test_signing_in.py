"""An app with users: nothing is to be had without signing in, and nobody sees what is another's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from omniedit.services.people import People
from omniedit.settings import assets_dir
from omniedit.store import open_database
from tests.running import running_app

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
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("app")
    (folder / "home").mkdir()
    database = open_database(folder / "home" / "omniedit.db")
    for name in ("ann", "bob"):
        People(database).add(name, GOOD)
    database.close()
    with running_app(folder) as (found, _):
        yield found


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
