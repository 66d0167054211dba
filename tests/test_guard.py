"""What stands before Gradio, with a small app of its own behind it."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from tests.pages import within_page
from ui.blobs import LAYERS, Blobs, limit
from ui.guard import Guard, _bound, _is_form


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI(middleware=[Middleware(Guard)])

    @app.get("/fine")
    def fine() -> str:
        return "fine"

    @app.get("/unknown")
    def unknown() -> None:
        raise KeyError("/home/me/secret")

    @app.get("/fault")
    def fault() -> None:
        raise OSError("no space left on /home/me")

    @app.get("/closed")
    def closed() -> None:
        raise ClientDisconnect

    @app.get("/events/{count}")
    def events(count: int) -> StreamingResponse:
        async def stream() -> AsyncIterator[str]:
            for k in range(count):
                yield f"data: {k}\n\n"
            if count < 3:
                raise HTTPException(410)

        return StreamingResponse(stream(), media_type="text/event-stream")

    with TestClient(app) as made:
        yield made


def test_what_is_answered_goes_through(client: TestClient) -> None:
    assert client.get("/fine").json() == "fine"
    assert client.get("/events/3").text == "data: 0\n\ndata: 1\n\ndata: 2\n\n"


def test_what_is_not_there_is_a_sentence_and_one_line_without_details(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/unknown")
    assert answer.status_code == 404 and "nothing here by that name" in answer.json()["detail"]
    assert [record.getMessage() for record in caplog.records if record.name == "ui.guard"] == [
        "GET '/unknown': KeyError"
    ]
    assert not any(record.exc_info for record in caplog.records)
    caplog.set_level(logging.DEBUG, "ui.guard")  # who looks for it finds it
    client.get("/unknown")
    assert any(record.exc_info for record in caplog.records)


def test_a_stream_of_which_nothing_is_known_is_refused_and_one_that_breaks_ends(client: TestClient) -> None:
    assert client.get("/events/0").status_code == 404
    assert client.get("/events/1").text == "data: 0\n\n"


def test_a_fault_is_told_without_its_details_and_logged_with_them(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/fault")
    assert answer.status_code == 500 and answer.json()["detail"].startswith(
        "This failed inside; the log of the app says why"
    )
    assert caplog.records[-1].levelname == "ERROR" and "no space left" in caplog.text


def test_a_page_that_was_closed_while_it_sends_is_no_fault(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(AssertionError, match="did not receive"):  # nobody is there to be answered
        client.get("/closed")
    assert not [record for record in caplog.records if record.name == "ui.guard"]


def request(query: bytes = b"", path: str = "/gradio_api/queue/data", *kinds: bytes) -> dict[str, Any]:
    headers = [(b"content-type", kind) for kind in kinds]
    return {"type": "http", "method": "POST", "path": path, "query_string": query, "headers": headers}


@pytest.mark.parametrize("query", [b"session_hash=anns", b"session%5Fhash=anns", b"x=1&session_has%68=anns"])
def test_a_session_is_ones_own_however_it_is_written(query: bytes) -> None:
    assert _bound(request(query), None, None) is None
    bound = _bound(request(query), None, "bob")
    assert bound is not None
    (named,) = [value for name, value in parse_qsl(bound[0]["query_string"].decode()) if name == "session_hash"]
    assert named.endswith("-anns") and named != "-anns"
    untouched = request(b"a=%20&b")
    assert _bound(untouched, None, None) == (untouched, None)


def test_a_body_is_read_unless_files_come_with_it() -> None:
    form, text = b"multipart/form-data; boundary=x", b"application/json"
    assert _is_form(request(b"", "/gradio_api/upload", form)) and _is_form(request(b"", "/component_server", form))
    assert not _is_form(request(b"", "/gradio_api/queue/join", form))
    assert not _is_form(request(b"", "/gradio_api/upload", text, form)), "the first one counts"
    bound = _bound(request(), b'{"session_hash": "anns", "data": [1]}', "bob")
    assert bound is not None and bound[1] is not None
    assert json.loads(bound[1])["session_hash"].endswith("-anns") and json.loads(bound[1])["data"] == [1]
    assert (b"content-length", str(len(bound[1])).encode()) in bound[0]["headers"]


def pieces(size: int) -> Any:
    return SimpleNamespace(background=bytes(size), composite=None, layers=[None, bytes(size)])


def test_what_canvases_send_ahead_does_not_fill_the_memory() -> None:
    kept = Blobs(100_000)
    for number in range(50):
        kept[f"canvas {number}"] = pieces(10_000)
        kept["canvas 0"] = pieces(10_000)  # that one is at work
    assert list(kept) == ["canvas 47", "canvas 48", "canvas 49", "canvas 0"][-len(kept) :] and len(kept) > 2
    kept["a large one"] = pieces(1_000_000)
    assert list(kept) == ["a large one"]


def test_a_canvas_takes_the_layers_that_there_are() -> None:
    canvas = within_page(gr.ImageEditor)
    limit(canvas)

    def sent(index: str | None) -> Any:
        return SimpleNamespace(data={"type": "layer", "index": index, "id": "canvas"}, files=[("file", b"pixels")])

    for index in (None, "null", "0", "7"):
        canvas.accept_blobs(sent(index))
    for wrong in ("8", "1000000000", "-1", "many"):
        with pytest.raises(HTTPException, match="at most 8 layers"):
            canvas.accept_blobs(sent(wrong))
    assert len(LAYERS) == 10 and len(canvas.blob_storage["canvas"].layers) == 8
    assert canvas.accept_blobs._is_server_fn
