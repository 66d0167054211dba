"""How much others may upload: files lie on the disk until Gradio forgets them, whether or not anything is edited."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections import deque
from math import ceil

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from omniedit.services.log import of_user
from ui.guard import CALLER, UPLOAD, user_of

__all__ = ["KEPT", "SWEPT", "Room", "Uploads"]

SWEPT, KEPT = 600, 3600  # seconds between Gradio's looks for old files, and those for which it keeps one
WINDOW = 600.0  # seconds in which one caller may upload so much
EACH, ALL = 1 << 30, 8 << 30  # bytes of one caller within the window, and of all while they are kept
LEAST = 1 << 18  # bytes as which the smallest file counts
FREE = 1 << 30  # bytes of the disk that are left alone
HOW_LONG = "The length of what is uploaded is not said; send it as curl -F and browsers do."
OWN_ROOM = "This would be more than the {} MiB that one may upload within {} minutes; try again in {} minutes."
NO_ROOM = "There is no room for more pictures at the moment; try again in {} minutes."


class Room:
    """What was uploaded lately, by whom; `each` and `together` are bytes, `folder` is where it lies."""

    def __init__(self, folder: str, each: int = EACH, together: int = ALL) -> None:
        os.makedirs(folder, exist_ok=True)
        self._folder, self._each, self._together = folder, each, together
        self._taken: deque[tuple[float, str, int]] = deque()  # when, by whom, bytes
        self._lock = threading.Lock()

    def take(self, caller: str, size: int) -> tuple[int, str, float] | None:
        """Count an upload; where it is too much, a status, a sentence and the seconds to wait, and nothing counts."""
        size, now = max(size, LEAST), time.monotonic()
        with self._lock:
            while self._taken and now - self._taken[0][0] > KEPT + SWEPT:
                self._taken.popleft()
            own = [(when, taken) for when, who, taken in self._taken if who == caller and now - when <= WINDOW]
            if sum(taken for _, taken in own) + size > self._each:
                wait = own[0][0] + WINDOW - now if own else WINDOW
                return 429, OWN_ROOM.format(self._each >> 20, round(WINDOW / 60), ceil(wait / 60)), wait
            full = sum(taken for *_, taken in self._taken) + size > self._together
            if full or shutil.disk_usage(self._folder).free < FREE + size:
                wait = self._taken[0][0] + KEPT + SWEPT - now if self._taken else WINDOW
                return 507, NO_ROOM.format(ceil(wait / 60)), wait
            self._taken.append((now, caller, size))
        return None


class Uploads:
    """ASGI middleware: uploads are counted by user, or by address where nobody signs in, before any of it is read."""

    def __init__(self, app: ASGIApp, room: Room) -> None:
        self.app, self.room = app, room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http" or scope["method"] != "POST" or not UPLOAD.match(scope["path"]):
            await self.app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"")
        if not length.isdigit():
            await JSONResponse({"detail": HOW_LONG}, 411)(scope, receive, send)
            return
        user = user_of(scope)
        refused = self.room.take(of_user(user) if user else f"from:{CALLER.get()}", int(length))
        if refused is None:
            await self.app(scope, receive, send)
        else:
            status, sentence, wait = refused
            await JSONResponse({"detail": sentence}, status, {"Retry-After": str(ceil(wait))})(scope, receive, send)
