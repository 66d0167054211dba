"""What stands before Gradio: requests that it cannot make sense of get a status and a sentence, and no traceback."""

from __future__ import annotations

import logging
from typing import Any

import gradio as gr
from fastapi import HTTPException
from gradio.route_utils import FnIndexInferError
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard", "Studio"]

log = logging.getLogger(__name__)

UNREADABLE = (
    "What was sent cannot be read: it is no picture, one that is too large, or a value of another kind. Choose another "
    "one; /gradio_api/info says what programs may send."
)
FAULT = "This failed inside; the log of the app says why."
NOTHING_HERE = "There is nothing here by that name; /gradio_api/info lists what there is."


class Studio(gr.Blocks):
    """Blocks whose handlers are called with what they take, or not at all."""

    async def preprocess_data(self, *given: Any, **more: Any) -> list[Any]:
        """See Gradio; what it cannot read is told to the caller in a sentence, whoever sent it."""
        try:
            return await super().preprocess_data(*given, **more)
        except gr.Error as error:
            error.print_exception = False
            raise
        except Exception as error:
            cause = error.__cause__ or error
            log.info("A call with wrong values: %r", str(cause)[:200], exc_info=_when_asked(cause))
            raise gr.Error(UNREADABLE, print_exception=False) from None


class Guard:
    """ASGI middleware: a request for what is not there, on which Gradio fails, is answered 404 and one line of the log.

    An event stream begins with its first event, so that one of which nothing is known can still be refused.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        held: Message | None = None
        begun = stream = False

        async def pass_on(message: Message) -> None:
            nonlocal held, begun, stream
            if message["type"] == "http.response.start" and (stream := _is_stream(message)):
                held = message
                return
            if held is not None:
                started, held = held, None
                begun = True
                await send(started)
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, pass_on)
        except ClientDisconnect:  # a page that is closed while it sends
            return
        except Exception as error:
            asked, unknown = (scope["method"], scope["path"]), _names_nothing(error)
            if begun and not (unknown and stream):
                raise
            if unknown:
                log.warning("%s %r: %s", *asked, type(error).__name__, exc_info=_when_asked(error))
            else:
                log.exception("%s %r failed.", *asked)
            if begun:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                answer = ({"detail": NOTHING_HERE}, 404) if unknown else ({"detail": FAULT}, 500)
                await JSONResponse(*answer)(scope, receive, send)


def _is_stream(message: Message) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in message["headers"])


def _names_nothing(error: Exception) -> bool:
    """Whether Gradio fails by this on a name that it does not know; a stream that has begun hides its own 404."""
    return isinstance(error, (KeyError, FnIndexInferError)) or isinstance(error.__cause__, HTTPException)


def _when_asked(error: BaseException) -> BaseException | None:
    return error if log.isEnabledFor(logging.DEBUG) else None
