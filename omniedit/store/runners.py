"""Which processes live: each that edits holds a lock on a file of its own until it ends, however it ends."""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from omniedit.errors import refusals

__all__ = ["Runners"]

SUFFIX = ".lock"
PATIENCE = 10  # seconds


class Runners:
    """The processes that edit with the home to which `folder` belongs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.name = folder, secrets.token_hex(8)
        self._lock = FileLock(folder / (self.name + SUFFIX), timeout=0, thread_local=False)
        self._turn = threading.Lock()

    def start(self) -> str:
        """This process edits from now on; its name."""
        with self._turn, refusals(f"{str(self.folder)!r} cannot be used", "choose another OMNIEDIT_HOME"):
            if not self._lock.is_locked:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._lock.acquire(timeout=PATIENCE)  # another process may just be asking whether it is held
        return self.name

    def stop(self) -> None:
        """This process edits no more."""
        self._lock.release()

    def gone(self) -> list[str]:
        """The names of those that have ended and are not forgotten."""
        return [name for name in self.known() if name != self.name and not _held(self._path(name))]

    def forget(self, names: list[str]) -> None:
        """Nothing of these is left to be marked. One that begins at this moment stays known."""
        for name in names:
            with suppress(OSError), FileLock(self._path(name), timeout=0):
                self._path(name).unlink(missing_ok=True)

    def known(self) -> list[str]:
        """The names of all that are not forgotten; this process is among them once it edits."""
        return sorted(path.name.removesuffix(SUFFIX) for path in self.folder.glob(f"*{SUFFIX}"))

    def _path(self, name: str) -> Path:
        return self.folder / (name + SUFFIX)


def _held(path: Path) -> bool:
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False
