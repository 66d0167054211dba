"""What belongs to one open page: the stop flags of its edits and a folder for its pictures."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import gradio as gr

from omniedit.errors import BadInput
from omniedit.services.log import LOCAL, STRANGER, of_user
from omniedit.services.tidying import LIFE
from omniedit.types import Role
from ui.turns import UNDER_WAY, Turns

__all__ = ["Sessions"]

T = TypeVar("T")

MOST, WINDOW = 40, 60.0  # plans and edits of one page or user, and seconds in which they are counted
PASSING, SOON = "/", 600.0  # the name of no page; seconds
SHARED = 5  # times as many of one address


@dataclass
class _Session:
    folder: Path
    asked: deque[threading.Event] = field(default_factory=deque)
    running: list[threading.Event] = field(default_factory=list)
    used: float = field(default_factory=time.monotonic)


class Sessions:
    """All open pages by their session. What they hold on disk goes with the page, after a day, or with the process."""

    def __init__(self, private: bool = True, role: Callable[[str], Role | None] = lambda name: Role.CREATOR) -> None:
        """`private`: who opens the page without signing in is the machine's own user; else each page is a stranger.

        `role`: as what one who has signed in by a name may use the app now; None: not at all.
        """
        self.private, self.role = private, role
        self._home = tempfile.mkdtemp(prefix="omniedit-")
        weakref.finalize(self, shutil.rmtree, self._home, ignore_errors=True)
        self._sessions: dict[str, _Session] = {}
        self._asked: dict[str, deque[float]] = {}  # when each caller has asked for something
        self._lock = threading.Lock()
        self._turns = Turns(None if private else UNDER_WAY)

    def owner(self, request: gr.Request) -> str:
        """Whose edits the page makes and sees. Raises BadInput for a caller that is no page, or is let in no more."""
        if request.username:
            if self.role(request.username) is None:
                raise BadInput(f"The user {request.username!r} is let in no more; sign in by another name.")
            return of_user(request.username)
        if self.private:
            return LOCAL
        if not request.session_hash:
            raise BadInput("This call comes from no page; open the app in a browser.")
        return f"{STRANGER}{request.session_hash}"

    def is_stranger(self, request: gr.Request) -> bool:
        """Whether the caller has no name, and is not this machine's own user."""
        return not (self.private or request.username)

    def runs_app(self, request: gr.Request) -> bool:
        """Whether the caller may change what all users share, and see where it is: an admin, or the machine's user."""
        return self.role(request.username) is Role.ADMIN if request.username else self.private

    def admit(self, request: gr.Request) -> None:
        """Count a plan or an edit. Raises BadInput for one too many in a short time, where others use the app, too.

        A page counts, and, more generously, the address that it comes from: many may share one.
        """
        if self.private:
            return
        host = request.client.host if request.client else ""
        if request.username:
            callers = {of_user(request.username): MOST}
        else:
            callers = {f"page:{request.session_hash}": MOST, f"from:{host}": SHARED * MOST}
        now = time.monotonic()
        with self._lock:
            for name in [name for name, times in self._asked.items() if now - times[-1] > WINDOW]:
                del self._asked[name]
            for name, most in callers.items():
                times = self._asked.get(name)
                if times and len(times) == most and (wait := times[0] + WINDOW - now) >= 0:
                    raise BadInput(
                        f"You have asked for {most} plans and edits within a minute; wait {wait:.0f} seconds."
                    )
            for name, most in callers.items():
                self._asked.setdefault(name, deque(maxlen=most)).append(now)

    def run(
        self,
        request: gr.Request,
        work: Callable[[], T],
        stop: threading.Event | None = None,
        on_wait: Callable[[int], None] | None = None,
    ) -> T:
        """What `work`, a plan or an edit of the caller, gives when it is their turn: see Turns.run."""
        return self._turns.run(self.owner(request), work, stop, on_wait)

    def ask(self, name: str) -> threading.Event:
        """A stop flag for the next edit, from the moment it is asked for: it may wait in the queue."""
        flag = threading.Event()
        with self._lock:
            self._of(name).asked.append(flag)
        return flag

    def begin(self, name: str) -> threading.Event:
        """The flag of the edit that begins now."""
        with self._lock:
            session = self._of(name)
            flag = session.asked.popleft() if session.asked else threading.Event()
            session.running.append(flag)
            return flag

    @contextmanager
    def watched(self, name: str, flag: threading.Event | None = None) -> Iterator[threading.Event]:
        """A flag, a new one or the given, that is set when the page is closed, or stopped."""
        flag = flag or threading.Event()
        with self._lock:
            self._of(name).running.append(flag)
        try:
            yield flag
        finally:
            self.finish(name, flag)

    def finish(self, name: str, flag: threading.Event) -> bool:
        """The edit with that flag has ended; False if its page was closed meanwhile."""
        with self._lock:
            session = self._sessions.get(name)
            if session is None or flag not in session.running:
                return False
            session.running.remove(flag)
            return True

    def drop(self, name: str) -> None:
        """An edit that was asked for will never begin."""
        with self._lock:
            session = self._sessions.get(name)
            if session is not None and session.asked:
                session.asked.popleft()

    def stop(self, name: str) -> bool:
        """Ask all of the page's edits to end; False where there is none."""
        with self._lock:
            session = self._sessions.get(name)
            flags = [*session.asked, *session.running] if session else []
        for flag in flags:
            flag.set()
        return bool(flags)

    def works(self, name: str) -> bool:
        """Whether anything of the page is asked for, or under way."""
        with self._lock:
            session = self._sessions.get(name)
            return session is not None and bool(session.asked or session.running)

    def folder(self, name: str) -> Path:
        """A new folder for pictures of the page: what it does at the same time does not meet."""
        with self._lock:
            return Path(tempfile.mkdtemp(dir=self._of(name).folder))

    def place(self, name: str) -> Path:
        """The page's own folder: for files whose names say what is in them, so that none is written twice."""
        with self._lock:
            return self._of(name).folder

    def passing(self) -> Path:
        """A new folder for pictures that are copied from it at once; those of minutes ago go."""
        with self._lock:
            home = self._of(PASSING).folder
            for old in home.iterdir():
                if time.time() - old.stat().st_mtime > SOON:
                    shutil.rmtree(old, ignore_errors=True)
            return Path(tempfile.mkdtemp(dir=home))

    def end(self, name: str) -> None:
        """The page has been closed: stop its edits and forget its pictures."""
        self.stop(name)
        with self._lock:
            session = self._sessions.pop(name, None)
        if session is not None:
            shutil.rmtree(session.folder, ignore_errors=True)

    def close(self, patience: float) -> None:
        """Ask the edits of all pages to end, and wait for it so many seconds at most."""
        with self._lock:
            names = list(self._sessions)
        for name in names:
            self.stop(name)
        until = time.monotonic() + patience
        while time.monotonic() < until and self._runs():
            time.sleep(0.05)

    def _runs(self) -> bool:
        with self._lock:
            return any(session.running for session in self._sessions.values())

    def _of(self, name: str) -> _Session:
        now = time.monotonic()
        if name not in self._sessions:
            for other in [n for n, s in self._sessions.items() if now - s.used > LIFE and not s.running]:
                shutil.rmtree(self._sessions.pop(other).folder, ignore_errors=True)
            self._sessions[name] = _Session(Path(tempfile.mkdtemp(dir=self._home)))
        self._sessions[name].used = now
        return self._sessions[name]
