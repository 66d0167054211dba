"""A file of a repository on the hub, brought to the hub's cache so that it can be stopped and gone on with.

Large files come over plain HTTP, to the names that huggingface_hub gives them. Its version 2.4 would throw away what it
has of a file when it is stopped, and neither its Xet client nor its retries stop when they are told to. Here a file
grows as blobs/<sha256>.incomplete, whoever goes on asks for the rest of it (Range), and it gets its own name when it is
whole and its sum is right.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from omniedit.errors import BadInput
from omniedit.folders import settle
from omniedit.hub import Repo

if TYPE_CHECKING:
    from filelock import FileLock

__all__ = ["TIMEOUT", "UNDER_WAY", "Job", "Part", "State", "Stopped", "bring"]

State = Literal["idle", "asking", "fetching", "failed", "done"]
UNDER_WAY: tuple[State, ...] = ("asking", "fetching")
TIMEOUT = 10.0  # seconds in which the hub must say something
TRIES = 5  # in which no byte comes, before the connection counts as broken
PAUSE = 1.0  # seconds before the second try, twice that before the third
PASSING = (408, 429, 500, 502, 503, 504)  # answers that another try may change
PARTIAL = 206  # the answer that holds only what Range asks for


class Stopped(Exception):
    """The job was stopped."""


@dataclass(frozen=True)
class Part:
    """A file of a repository at a commit; `sha` is its sha256 where it is a large one, else None."""

    repo: Repo
    commit: str
    name: str
    size: int
    sha: str | None
    storage: Path  # the repository's folder in the cache

    @property
    def whole(self) -> Path:
        """Where a large file is when it is whole."""
        return self.storage / "blobs" / str(self.sha)

    @property
    def growing(self) -> Path:
        """Where it is before."""
        return self.storage / "blobs" / f"{self.sha}.incomplete"

    @property
    def here(self) -> bool:
        """Whether all of it is on this machine."""
        linked = self.storage / "snapshots" / self.commit / self.name
        return linked.is_file() or (self.sha is not None and self.whole.is_file())

    @property
    def bytes_here(self) -> int:
        """How much of it is on this machine."""
        if self.here:
            return self.size
        return min(self.growing.stat().st_size, self.size) if self.growing.is_file() else 0


class Job:
    """How far the fetching of a model is. Once it is `over` it writes nothing, whatever its thread still waits for."""

    def __init__(self) -> None:
        self.state: State = "asking"
        self.done, self.total, self.error = 0, 0, ""
        self.over = threading.Event()
        self._turn = threading.RLock()
        self._held: FileLock | None = None

    def check(self) -> None:
        """Raise Stopped where the job is over."""
        if self.over.is_set():
            raise Stopped

    def asked(self, total: int, done: int) -> None:
        """The hub has said how many bytes there are; `done` of them are on the disk."""
        with self._turn:
            self.check()
            self.state, self.total, self.done = "fetching", total, done

    def write(self, file: IO[bytes], chunk: bytes) -> None:
        """Add to an unbuffered file."""
        with self._turn:
            self.check()
            self.done += file.write(chunk)

    def empty(self, file: IO[bytes]) -> None:
        """Begin a file anew, since the hub sends all of it again."""
        with self._turn:
            self.check()
            self.done -= file.tell()
            file.truncate(0)
            file.seek(0)

    def keep(self, part: Part, sound: bool) -> None:
        """Give a file its own name; one that is not `sound` is thrown away, and BadInput says so."""
        with self._turn:
            self.check()
            if sound:
                part.growing.replace(part.whole)
                return
            part.growing.unlink()
        raise BadInput(f"{part.name} of {part.repo.id} came with errors and was thrown away; fetch it again.")

    def end(self, state: State, error: str = "") -> None:
        """The job is over; one that is over already stays as it is."""
        with self._turn:
            if not self.over.is_set():
                self.state, self.error = state, error
                self._release()
                self.over.set()

    @contextmanager
    def alone(self, part: Part) -> Iterator[None]:
        """Keep other programs, huggingface_hub's among them, from the file; BadInput where one has it."""
        from filelock import FileLock, Timeout

        name = part.storage.parent / ".locks" / part.storage.name / f"{part.sha}.lock"
        name.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(name, thread_local=False)
        with self._turn:
            self.check()
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise BadInput(f"Another program fetches {part.repo.id}; wait until it is done.") from None
            self._held = lock
        try:
            yield
        finally:
            with self._turn:
                self._release()

    def _release(self) -> None:
        if self._held is not None:
            self._held.release(force=True)
            self._held = None


def bring(part: Part, job: Job, endpoint: str | None) -> None:
    """Fetch what the disk lacks of a large file; tried again as long as bytes come.

    Raises what huggingface_hub raises, Stopped, OSError, or BadInput for a file that is not what it should be.
    """
    from huggingface_hub.errors import HfHubHTTPError, HTTPError

    part.whole.parent.mkdir(parents=True, exist_ok=True)
    with job.alone(part):
        with part.growing.open("ab", buffering=0) as file:
            tries = 0
            while (before := file.tell()) < part.size:
                problem: Exception = HTTPError("the hub sent less than there is")
                try:
                    _read(part, file, job, endpoint)
                except HTTPError as error:
                    if isinstance(error, HfHubHTTPError) and error.response.status_code not in PASSING:
                        raise
                    problem = error
                if file.tell() < part.size:
                    tries = 0 if file.tell() > before else tries + 1
                    if tries == TRIES:
                        raise problem
                    job.over.wait(PAUSE * 2**tries)
                    job.check()
        settle(part.growing)
        with part.growing.open("rb") as file:
            sound = hashlib.file_digest(file, "sha256").hexdigest() == part.sha
        job.keep(part, sound)


def _read(part: Part, file: IO[bytes], job: Job, endpoint: str | None) -> None:
    """Add to `file` what the hub sends from its end on."""
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status

    url = hf_hub_url(part.repo.id, part.name, revision=part.commit, endpoint=endpoint)
    headers = {**build_hf_headers(), "Accept-Encoding": "identity", "Range": f"bytes={file.tell()}-"}
    with get_session().stream("GET", url, headers=headers, timeout=TIMEOUT) as answer:
        hf_raise_for_status(answer)
        if answer.status_code != PARTIAL:
            job.empty(file)
        for chunk in answer.iter_bytes():
            job.write(file, chunk)
