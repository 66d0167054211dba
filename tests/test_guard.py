"""What stands before Gradio, with a small app of its own behind it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from ui.guard import Guard


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
    assert answer.status_code == 500 and answer.json() == {"detail": "This failed inside; the log of the app says why."}
    assert caplog.records[-1].levelname == "ERROR" and "no space left" in caplog.text


def test_a_page_that_was_closed_while_it_sends_is_no_fault(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(AssertionError, match="did not receive"):  # nobody is there to be answered
        client.get("/closed")
    assert not [record for record in caplog.records if record.name == "ui.guard"]
