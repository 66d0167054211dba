"""What stands before Gradio: requests that it cannot make sense of get a status and a sentence, and no traceback.

Where people sign in, their pages' sessions and files are kept apart here, since Gradio does not. Where they do not, a
session is known by what its browser drew for it, and a file by the SHA-256 of what is in it: nobody guesses either,
and whoever is told may use it. So it is with the id of an event, 128 random bits.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import threading
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qsl, urlencode

import gradio as gr
from fastapi import HTTPException
from gradio.route_utils import FnIndexInferError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["CALLER", "UPLOAD", "Belongings", "Guard", "Studio", "user_of", "words_in"]

log = logging.getLogger(__name__)

UNREADABLE = (
    "What was sent cannot be read: it is no picture, one that is too large, or a value of another kind. Choose another "
    "one; /gradio_api/info says what programs may send."
)
FAULT = "This failed inside; the log of the app says why. Try again; if it stays so, tell who runs the app."
NOTHING_HERE = "There is nothing here by that name; /gradio_api/info lists what there is."
OTHER_ARGUMENTS = (
    "A value is missing that is needed, or one has a name that is not known here; /gradio_api/info lists what a call "
    "takes."
)
SIGN_IN = "Sign in first."
NOT_YOURS = "There is no such file of yours; upload it."
TOO_MUCH = "This is more than 32 MiB of values; upload pictures as files."

API = r"^(?:/gradio_api)?/"
SERVED = re.compile(API + r"file[=/](?P<path>.*)$", re.DOTALL)
BEAT = re.compile(API + r"heartbeat/(?P<session>[^/]*)/?$")
UPLOAD = re.compile(API + r"upload/?$")
FORMS = (b"multipart/form-data", b"application/x-www-form-urlencoded")
TAKES_FORMS = re.compile(API + r"(upload|login|component_server)/?$")
LONGEST = 4_096  # characters of a path
LARGEST = 32 << 20  # bytes of what is sent and is no file

CALLER = ContextVar("CALLER", default="")  # the address that a request comes from, where Gradio does not tell it


class Belongings:
    """Which served files each user has been given. Equal ones are one file, which may be several users'."""

    def __init__(self, folder: str, everybodys: Iterable[str] = ()) -> None:
        """`folder`: where files of users are served from; `everybodys`: what is in it for all."""
        self._folder = os.path.abspath(folder)
        self._all = frozenset(everybodys)
        self._users: dict[str, set[str]] = {}
        self._checked = 1_000  # how many there may be before those are forgotten that are no more
        self._lock = threading.Lock()

    def give(self, user: str, what: Any) -> None:
        """All files that are named in what the user is sent."""
        with self._lock:
            for path in filter(self._is_served, words_in(what)):
                self._users.setdefault(os.path.abspath(path), set()).add(user)
            if len(self._users) > self._checked:
                self._users = {path: users for path, users in self._users.items() if os.path.exists(path)}
                self._checked = 2 * len(self._users) + 1_000

    def has(self, user: str | None, path: str) -> bool:
        """Whether the user may have the file."""
        path = os.path.abspath(path)
        with self._lock:
            return path in self._all or (user is not None and user in self._users.get(path, ()))

    def others(self, user: str | None, what: Any) -> bool:
        """Whether what the user sends names a served file that is not theirs."""
        return any(self._is_served(path) and not self.has(user, path) for path in words_in(what))

    def _is_served(self, path: str) -> bool:
        return len(path) <= LONGEST and "\0" not in path and os.path.abspath(path).startswith(self._folder + os.sep)


class Studio(gr.Blocks):
    """Blocks whose handlers are called with what they take, or not at all; `belongings`: None where nobody signs in."""

    belongings: Belongings | None = None

    async def process_api(self, block_fn: Any, *given: Any, **more: Any) -> dict[str, Any]:
        """See Gradio; users give and are given no files but their own."""
        files, user = self.belongings, getattr(more.get("request"), "username", None)
        fn, event = self.fns[block_fn] if isinstance(block_fn, int) else block_fn, more.get("event_data")
        if fn.fn is None:  # the browser does it alone
            raise gr.Error(NOTHING_HERE, print_exception=False)
        if files is not None and files.others(user, [more.get("inputs"), getattr(event, "_data", None)]):
            raise gr.Error(NOT_YOURS, print_exception=False)
        if event is not None and not self._is_place(fn, event):
            raise _unreadable(fn, TypeError("an event where nothing is"))
        try:
            answer = await super().process_api(fn, *given, **more)
        except gr.Error as error:
            error.print_exception = False
            raise
        except IndexError as error:
            if event is None:
                raise
            raise _unreadable(fn, error) from None  # an event of what is not there
        if files is not None and user is not None:
            files.give(user, answer.get("data"))
        return answer

    def _is_place(self, fn: Any, event: Any) -> bool:
        """Whether it is one where something can be: a card's number, the x and y of a pixel."""
        data = getattr(event, "_data", None)
        index = data.get("index") if isinstance(data, dict) else None
        widgets = [self.blocks.get(number) for number, kind in fn.targets if kind == "select"]
        if any(isinstance(widget, gr.Image) for widget in widgets):
            return isinstance(index, list) and [type(number) for number in index] == [int, int]
        return type(index) is int or not any(isinstance(widget, gr.Gallery) for widget in widgets)

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *given: Any, **more: Any) -> list[Any]:
        """See Gradio; what it cannot read is told to the caller in a sentence, whoever sent it."""
        try:
            for widget, value in zip(block_fn.inputs, inputs, strict=False):
                if value in (None, []) and _must_say(widget):
                    raise ValueError(f"{widget!r} says nothing")
            return await super().preprocess_data(block_fn, inputs, *given, **more)
        except gr.Error as error:
            error.print_exception = False
            raise
        except Exception as error:
            raise _unreadable(block_fn, error.__cause__ or error) from None


class Guard:
    """ASGI middleware: a request for what is not there, on which Gradio fails, is answered 404 and one line of the log.

    An event stream begins with its first event, so that one of which nothing is known can still be refused. With
    `belongings` nobody hears, stops or enters the session of another, and nobody is given another's files.
    """

    def __init__(self, app: ASGIApp, belongings: Belongings | None = None) -> None:
        self.app, self.belongings = app, belongings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        CALLER.set((scope.get("client") or ("",))[0])
        body: bytes | None = None
        try:
            if scope["method"] == "POST" and not _is_form(scope):
                body = await _read(receive)
        except _TooMuch:
            await JSONResponse({"detail": TOO_MUCH}, 413)(scope, receive, send)
            return
        except ClientDisconnect:  # a page that is closed while it sends
            return
        if self.belongings is None:
            await self._answer(scope, receive if body is None else _again(body, receive), send)
            return
        user, path = user_of(scope), scope["path"]
        named = _bound(scope, body, user)
        if named is None:
            await JSONResponse({"detail": SIGN_IN}, 401)(scope, receive, send)
            return
        scope, body = named
        receive = receive if body is None else _again(body, receive)
        if user is not None and (asked := SERVED.match(path)) and not self.belongings.has(user, asked["path"]):
            await JSONResponse({"detail": NOT_YOURS}, 403)(scope, receive, send)
        elif user is not None and UPLOAD.match(path):
            await self._answer(scope, receive, _taking(send, user, self.belongings))
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        held: Message | None = None
        begun = stream = False

        async def pass_on(message: Message) -> None:
            nonlocal held, begun, stream
            if message["type"] == "http.response.start":
                stream = _is_stream(message)
                if stream or message["status"] == 500:
                    held = message
                    return
            if held is not None:
                started, held = held, None
                if not stream and _is_sentence(message):
                    started["status"] = 400
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
            misnamed = _is_misnamed(error)
            if begun and not (unknown and stream):
                raise
            if unknown or misnamed:
                log.warning("%s %r: %s", *asked, type(error).__name__, exc_info=_when_asked(error))
            else:
                log.exception("%s %r failed.", *asked)
            if begun:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                sentence, status = FAULT, 500
                if unknown:
                    sentence, status = NOTHING_HERE, 404
                elif misnamed:
                    sentence, status = OTHER_ARGUMENTS, 422
                await JSONResponse({"detail": sentence}, status)(scope, receive, send)


def _is_stream(message: Message) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in message["headers"])


def _is_sentence(message: Message) -> bool:
    """Whether it is the error that a handler tells the caller, which Gradio answers like a fault of its own."""
    try:
        said = json.loads(message.get("body", b""))
    except ValueError:
        return False
    return isinstance(said, dict) and bool(said.get("error")) and "duration" in said


def _names_nothing(error: Exception) -> bool:
    """Whether Gradio fails by this on a name that it does not know; a stream that has begun hides its own 404."""
    return isinstance(error, (KeyError, FnIndexInferError)) or isinstance(error.__cause__, HTTPException)


def _is_misnamed(error: Exception) -> bool:
    """Whether Gradio fails by this on a call whose values have other names than its arguments."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return isinstance(error, TypeError) and place is not None and place.tb_frame.f_code.co_name == "construct_args"


def _when_asked(error: BaseException) -> BaseException | None:
    return error if log.isEnabledFor(logging.DEBUG) else None


def _unreadable(fn: Any, cause: BaseException) -> gr.Error:
    """What the caller is told; the log says what kind of fault it was, and only if asked what was sent."""
    log.info("A call of %r with wrong values: %s", getattr(fn, "api_name", None), type(cause).__name__)
    log.debug("What was wrong: %r", str(cause)[:200], exc_info=cause)
    return gr.Error(UNREADABLE, print_exception=False)


def _must_say(widget: Any) -> bool:
    """Whether no person can make it say nothing."""
    if isinstance(widget, gr.Dropdown) and widget.allow_custom_value:  # whose text can be deleted
        return False
    chosen = isinstance(widget, gr.Radio | gr.Dropdown) and widget.value is not None
    return chosen or isinstance(widget, gr.UploadButton)


def words_in(what: Any) -> Iterator[str]:
    """All strings in JSON, or in what Gradio makes of it."""
    stack = [what]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            stack += one.values()
        elif isinstance(one, list | tuple):
            stack += one


def user_of(scope: Scope) -> str | None:
    """Who has signed in, as Gradio tells it."""
    app, cookies = scope["app"], Request(scope).cookies
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    name: str | None = app.tokens.get(next((cookies[name] for name in names if cookies.get(name)), None))
    return name


def _is_form(scope: Scope) -> bool:
    """Whether files come with it; Gradio takes them at some addresses only, and the first of several kinds counts."""
    kind: bytes = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return bool(TAKES_FORMS.match(scope["path"])) and kind.lower().startswith(FORMS)


def _bound(scope: Scope, body: bytes | None, user: str | None) -> tuple[Scope, bytes | None] | None:
    """The request with its session's name made the user's own; None where one is named and nobody has signed in.

    `body` is None where it is a form. Of forms, only what a canvas sends names a session, and nothing of it is looked
    up by that.
    """
    scope = dict(scope)
    named = False

    def own(session: str) -> str:
        nonlocal named
        named = True
        return f"{hashlib.sha256((user or '').encode()).hexdigest()[:16]}-{session}"

    if beat := BEAT.match(scope["path"]):
        scope["path"] = f"{scope['path'][: beat.start('session')]}{own(beat['session'])}"
        scope["raw_path"] = scope["path"].encode()
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if "session_hash" in dict(pairs):
        pairs = [(name, own(value) if name == "session_hash" else value) for name, value in pairs]
        scope["query_string"] = urlencode(pairs).encode()
    try:
        given = json.loads(body or b"")
    except (ValueError, RecursionError):  # Gradio cannot read it either, in the same way
        given = None
    if isinstance(given, dict) and isinstance(given.get("session_hash"), str):
        body = json.dumps({**given, "session_hash": own(given["session_hash"])}).encode()
        headers = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
        scope["headers"] = [*headers, (b"content-length", str(len(body)).encode())]
    return None if named and user is None else (scope, body)


class _TooMuch(Exception):
    """More was sent than anything but a file takes."""


async def _read(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST:
            raise _TooMuch
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives what was read, then what comes after it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return messages.pop() if messages else await receive()

    return give


def _taking(send: Send, user: str, belongings: Belongings) -> Send:
    """Sends, and gives the user the files that are named."""
    parts: list[bytes] = []

    async def take(message: Message) -> None:
        if message["type"] == "http.response.body":
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                try:
                    belongings.give(user, json.loads(b"".join(parts)))
                except ValueError:
                    log.debug("The answer to an upload names no files.")
        await send(message)

    return take
