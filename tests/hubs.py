"""A small Hugging Face hub on this machine, as slow and as broken as a test wants it."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

COMMIT = "c0ffee" * 6 + "cafe"
CHUNK = 8192
LARGE = 1000  # bytes from which a file is in LFS

__all__ = ["COMMIT", "Asked", "FakeHub", "fake_hub", "filled", "sha"]


@dataclass(frozen=True)
class Asked:
    """A request: `begin` is the first byte of its Range; `sent` how many bytes of the file went out."""

    method: str
    repo: str
    name: str
    begin: int
    sent: int
    token: bool  # whether the person's was shown


@dataclass
class FakeHub:
    """`files`: repository -> name -> content. `break_after`: bytes of a large file after which a connection ends."""

    files: dict[str, dict[str, bytes]]
    pause: float = 0.0  # seconds between two chunks of a large file
    break_after: int | None = None
    ranges: bool = True
    gated: bool = False  # its files are; that it is there is no secret
    status: int = 200  # of every answer, where it is not 200
    corrupt: bool = False
    elsewhere: bool = False  # large files are at another address, as on the real one
    asked: list[Asked] = field(default_factory=list)
    address: str = ""

    def large(self, method: str = "GET") -> list[Asked]:
        """The requests for large files."""
        return [one for one in self.asked if one.method == method and len(self.files[one.repo][one.name]) >= LARGE]


@contextmanager
def fake_hub(files: dict[str, dict[str, bytes]]) -> Iterator[FakeHub]:
    """The hub, at `address`."""
    hub = FakeHub(files)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            parts = urlsplit(self.path).path.strip("/").split("/")
            if hub.status != 200:
                self.said(hub.status, b"{}")
            elif parts[:2] == ["api", "models"]:
                self.api("/".join(parts[2:4]), parts[4:])
            elif len(parts) < 3:
                self.said(404, b"{}")
            elif parts[2] == "resolve":
                self.file("/".join(parts[:2]), "/".join(parts[4:]), hub.elsewhere)
            else:
                self.file("/".join(parts[1:3]), "/".join(parts[3:]), False)

        def api(self, repo: str, rest: list[str]) -> None:
            if repo not in hub.files:
                self.said(404, b"{}", {"X-Error-Code": "RepoNotFound"})
                return
            found = hub.files[repo]
            if rest[:1] == ["tree"]:
                answer: object = [
                    {"type": "file", "path": name, "size": len(data), "oid": blob(data)}
                    | ({"lfs": {"oid": sha(data), "size": len(data), "pointerSize": 9}} if len(data) >= LARGE else {})
                    for name, data in found.items()
                ]
            else:
                answer = {
                    "id": repo,
                    "sha": COMMIT,
                    "siblings": [
                        {"rfilename": name, "size": len(data), "blobId": blob(data)}
                        | ({"lfs": {"sha256": sha(data), "size": len(data), "pointerSize": 9}} if len(data) >= LARGE
                           else {})
                        for name, data in found.items()
                    ],
                }  # fmt: skip
            self.said(200, json.dumps(answer).encode())

        def file(self, repo: str, name: str, elsewhere: bool) -> None:
            if hub.gated:
                self.said(403, b"{}", {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access is restricted."})
                return
            data = hub.files[repo][name]
            if elsewhere and len(data) >= LARGE:
                there = f"{hub.address.replace('127.0.0.1', 'localhost')}/elsewhere/{repo}/{name}"
                facts = {"X-Linked-Etag": f'"{sha(data)}"', "X-Linked-Size": str(len(data)), "X-Repo-Commit": COMMIT}
                self.said(302, b"", {"Location": there, **facts})
                return
            asked = self.headers.get("Range") if hub.ranges else None
            begin = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            etag = sha(data) if len(data) >= LARGE else blob(data)
            self.send_response(206 if asked else 200)
            headers = {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT, "Content-Length": len(data) - begin}
            headers |= {"Content-Range": f"bytes {begin}-{len(data) - 1}/{len(data)}"} if asked else {}
            for header, value in headers.items():
                self.send_header(header, str(value))
            self.end_headers()
            sent = self.sent(data, begin) if self.command == "GET" else 0
            hub.asked.append(Asked(self.command, repo, name, begin, sent, "Authorization" in self.headers))

        def sent(self, data: bytes, begin: int) -> int:
            if hub.corrupt and len(data) >= LARGE:
                data = bytes(len(data))
            sent = 0
            for start in range(begin, len(data), CHUNK):
                if len(data) >= LARGE:
                    time.sleep(hub.pause)
                    if hub.break_after is not None and sent >= hub.break_after:
                        self.close_connection = True
                        return sent
                try:
                    sent += self.wfile.write(data[start : start + CHUNK])
                except OSError:
                    self.close_connection = True
                    return sent
            return sent

        def said(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for header, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(header, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def filled(folder: Path, files: dict[str, bytes]) -> Path:
    """`folder` with these files in it."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def sha(data: bytes) -> str:
    """Its name in LFS."""
    return hashlib.sha256(data).hexdigest()


def blob(data: bytes) -> str:
    """Its name in git."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
