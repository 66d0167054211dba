"""How much others may upload."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.middleware import Middleware

from ui import uploads
from ui.uploads import LEAST, Room, Uploads


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock."""

    def set_(seconds: float) -> None:
        monkeypatch.setattr(uploads, "time", SimpleNamespace(monotonic=lambda: seconds))

    set_(0)
    return set_


def test_one_caller_is_held_to_so_much_within_a_time(tmp_path: Path, at: Callable[[float], None]) -> None:
    room = Room(str(tmp_path / "made"), each=4 * LEAST)
    assert room.take("ann", 3 * LEAST) is None
    at(300)
    assert room.take("ann", 1) is None  # the smallest file takes more than its bytes
    assert room.take("ann", 1) == (
        429,
        "This would be more than the 1 MiB that one may upload within 10 minutes; try again in 5 minutes.",
        300,
    )
    assert room.take("bob", 1) is None
    at(601)
    assert room.take("ann", 3 * LEAST) is None


def test_all_together_leave_room(tmp_path: Path, at: Callable[[float], None], monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(str(tmp_path), together=2 * LEAST)
    assert room.take("ann", LEAST) is None and room.take("bob", LEAST) is None
    refused = room.take("cho", LEAST)
    assert refused is not None and refused[0] == 507 and refused[1].endswith("try again in 70 minutes.")
    at(4201)
    assert room.take("cho", LEAST) is None
    monkeypatch.setattr(uploads, "FREE", 1 << 60)  # more than any disk has
    refused = room.take("cho", LEAST)
    assert refused is not None and refused[0] == 507


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app = FastAPI(middleware=[Middleware(Uploads, room=Room(str(tmp_path), each=2 * LEAST))])
    app.cookie_id, app.tokens = "x", {"a token": "ann"}  # type: ignore[attr-defined] # as Gradio's app has them

    @app.post("/gradio_api/upload")
    async def upload(request: Request) -> int:
        return len(await request.body())

    with TestClient(app) as made:
        yield made


def test_an_upload_is_counted_before_it_is_read(client: TestClient) -> None:
    for _ in range(2):
        assert client.post("/gradio_api/upload", content=b"x" * 100).json() == 100
    answer = client.post("/gradio_api/upload", content=b"x")
    assert answer.status_code == 429 and "that one may upload" in answer.json()["detail"]
    assert 0 < int(answer.headers["retry-after"]) <= 600
    assert client.get("/gradio_api/upload").status_code == 405  # nothing else is counted
    signed_in = {"cookie": "access-token-x=a token"}
    assert client.post("/gradio_api/upload", content=b"x", headers=signed_in).json() == 1


def test_how_long_it_is_must_be_said(client: TestClient) -> None:
    answer = client.post("/gradio_api/upload", content=iter([b"x"]))
    assert answer.status_code == 411 and "length" in answer.json()["detail"]
