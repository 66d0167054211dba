"""A stranger who means harm, on an app as a Space runs it: what is asked for that nobody may have, and what is sent.

Everything must be refused with a status or a sentence, nothing may be kept, and the app must answer all the same.
"""

from __future__ import annotations

import io
import json
import re
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
from PIL import Image

from omniedit.services.editing import EditingService
from omniedit.services.log import By, open_log
from omniedit.settings import Settings, assets_dir
from tests.running import ROOT, running_app

__all__ = ["measure"]

PHOTO = assets_dir() / "photos" / "chelsea.jpg"
API = "/gradio_api"
WORDS = re.compile(r"[A-Za-z]{2,}")
Request = tuple[str, str, dict[str, Any]]  # method, path, and what goes with it


def measure(quick: bool) -> dict[str, Any]:
    """How many were refused, what was let through, and what was kept of it."""
    with tempfile.TemporaryDirectory() as temp:
        folder = Path(temp)
        secret = _another_users_edit(folder / "home")
        kept = _kept(folder / "home")
        with running_app(folder, SPACE_ID="someone/studio") as (address, process):
            client = httpx.Client(base_url=address, timeout=120)
            calls = [(name, _refused_by_status(client, *request)) for name, request in _requests(folder, secret)]
            calls += [(name, _refused_by_api(client, *asked)) for name, asked in _api_calls(folder, secret)]
            cat = _uploaded(client, "cat.jpg", PHOTO.read_bytes())
            wrong = _wrong_settings(secret)
            calls += [(name, _refused_by_api(client, "edit", _edit(cat, **other))) for name, other in wrong.items()]
            calls += [(name, _refused_by_queue(client, body)) for name, body in _queue_joins()]
            memory = psutil.Process(process.pid).memory_info().rss
            pictures = [(name, _refused_picture(client, name, data)) for name, data in _pictures()]
            grown = psutil.Process(process.pid).memory_info().rss - memory
            honest = _api(client, "edit", _edit(cat, instruction="make it sepia"))
            healthy = client.get("/healthz").json() == {"status": "ok"}
        stored = _kept(folder / "home") - kept
    passed = [f"{name}: {why}" for name, why in (*calls, *pictures) if why]
    return {
        "requests": len(calls),
        "pictures": len(pictures),
        "not_refused": passed,
        "stored": sorted(stored),
        "memory_grown_mb": round(grown / 1e6),
        "answers_still": healthy and honest.startswith("complete"),
        "peer": "none: what another app lets through is not measured here",
    }


def _another_users_edit(home: Path) -> dict[str, str]:
    """An edit that belongs to somebody else: its id, and the paths of its pictures."""
    log = open_log(Settings(home=home))
    result = EditingService(Settings(home=home), log).edit(PHOTO, "make it sepia", by=By("user:ann"))
    entry = log.history.one("user:ann", result.edit or "")
    paths = {name: str(log.pictures.path(name)) for name in (entry.source, *entry.results)}
    log.close()
    return {"id": entry.id, "source": paths[entry.source], "result": paths[entry.results[0]]}


def _kept(home: Path) -> set[str]:
    """Pictures in the home, and the ids of the edits in its log."""
    log = open_log(Settings(home=home))
    edits = {entry.id for entry in log.history.page(None)}
    log.close()
    return edits | {str(path.relative_to(home)) for path in (home / "pictures").rglob("*.png")}


def _requests(folder: Path, secret: dict[str, str]) -> Iterator[tuple[str, Request]]:
    """Whole requests that deserve a status of 4xx."""
    files = {
        "a system file": "/etc/passwd",
        "a system file by dots": "../../../../etc/passwd",
        "the database": str(folder / "home" / "omniedit.db"),
        "the database's log": str(folder / "home" / "omniedit.db-wal"),
        "another's photo": secret["source"],
        "another's result": secret["result"],
        "the app's code": str(ROOT / "app.py"),
        "the app's settings": str(ROOT / "pyproject.toml"),
        "the repository": str(ROOT / ".git" / "config"),
        "the app's log": str(folder / "app.log"),
        "environment of the process": "/proc/self/environ",
        "an address of the cloud": "http://169.254.169.254/latest/meta-data/",
        "a file by its address": "file:///etc/passwd",
        "dots that are escaped": "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "dots that are escaped twice": "%252e%252e/%252e%252e/etc/passwd",
        "a zero byte": "/etc/passwd%00.png",
        "a share of another machine": "//10.0.0.1/share/file",
        "a folder": str(folder / "home"),
    }
    for name, path in files.items():
        yield f"file: {name}", ("GET", f"{API}/file={path}", {})
    yield "static by dots", ("GET", "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd", {})
    yield "assets by dots", ("GET", "/assets/..%2f..%2f..%2fetc%2fpasswd", {})
    yield "a component's file by dots", ("GET", "/custom_component/x/client/component/..%2f..%2fetc%2fpasswd", {})
    yield "a page that is not there", ("GET", "/admin", {})
    yield "monitoring", ("GET", "/monitoring/summary", {})
    yield "agents", ("POST", f"{API}/mcp/", {"json": {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}})
    yield "DELETE", ("DELETE", "/", {})
    yield "PUT of a file", ("PUT", f"{API}/file=/tmp/x", {"content": b"x"})
    yield "TRACE", ("TRACE", "/", {})
    yield (
        "an upload that is none",
        ("POST", f"{API}/upload", {"content": b"x", "headers": {"content-type": "text/plain"}}),
    )
    yield "an upload that is too large", ("POST", f"{API}/upload", {"files": {"files": ("x.png", bytes(257 << 20))}})
    yield "no JSON", ("POST", f"{API}/call/edit", {"content": b"{", "headers": {"content-type": "application/json"}})
    deep = b"[" * 50_000 + b"]" * 50_000
    yield "deep JSON", ("POST", f"{API}/call/edit", {"content": deep, "headers": {"content-type": "application/json"}})
    yield "a name that is not there", ("POST", f"{API}/call/shell", {"json": {"data": ["id"]}})
    yield "around the queue", ("POST", f"{API}/run/edit", {"json": {"data": [None, "make it night"]}})
    yield "around the queue by another name", ("POST", f"{API}/api/edit", {"json": {"data": [None, "make it night"]}})
    yield "the page's own handler", ("POST", f"{API}/call/on_edit", {"json": {"data": []}})
    yield (
        "a part of the page",
        ("POST", f"{API}/component_server", {"json": {"data": "x", "fn_name": "ls", "component_id": 1}}),
    )
    yield "events of another page", ("GET", f"{API}/call/edit/0123456789abcdef0123456789abcdef", {})


def _api_calls(folder: Path, secret: dict[str, str]) -> Iterator[tuple[str, tuple[str, list[Any]]]]:
    """Calls of the endpoints that are there, with what they must not take."""

    for name, picture in {
        "a system file": _file("/etc/passwd"),
        "the database": _file(str(folder / "home" / "omniedit.db")),
        "another's result": _file(secret["result"]),
        "a photo of the app": _file(str(PHOTO)),
        "an address of the cloud": _file("", url="http://169.254.169.254/latest/meta-data/"),
        "an address as a path": _file("http://127.0.0.1:1/x.png"),
        "a file by its address": _file("", url="file:///etc/passwd"),
        "no file": 7,
        "text": "/etc/passwd",
    }.items():
        yield f"edit of {name}", ("edit", _edit(picture))
    yield "edit of nothing", ("edit", _edit(None))
    yield "edit with too little said", ("edit", [None])
    yield "history of everything", ("history", ["all", "", 1e9])
    yield "history of less than nothing", ("history", ["all", "", -1])
    yield "history of a scope that is none", ("history", ["all' OR owner LIKE '%", "", 10])
    yield "history by no words", ("history", ["all", '"*) --', 10])
    yield "parse of too much", ("parse", ["remove the car " * 10_000])
    yield "parse of nothing", ("parse", [""])


def _file(path: str, **more: Any) -> dict[str, Any]:
    """A file as Gradio's pages and clients name one."""
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}


def _edit(picture: Any, **other: Any) -> list[Any]:
    """The values of a call of /edit, `other` than usual."""
    usual = {"instruction": "make it night", "mask": None, "material": None, "task": "", "box": "", "click": "",
             "after": "", "parent": "", "engine": "auto", "seed": 0, "variants": 1}  # fmt: skip
    return [picture, *{**usual, **other}.values()]


def _wrong_settings(secret: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What must not be taken beside a good picture."""
    return {
        "words without end": {"instruction": "x" * 100_000},
        "no words": {"instruction": " \n\t"},
        "a task that is none": {"task": "shell"},
        "a box that is none": {"box": "1,2,3"},
        "a click outside": {"click": "99999,99999"},
        "a mask of the machine": {"mask": _file("/etc/passwd")},
        "another's edit to go on from": {"parent": secret["id"]},
        "an engine by its path": {"engine": "../../home"},
        "a seed without end": {"seed": 10**40},
        "a seed that is none": {"seed": "x"},
        "variants without end": {"variants": 10**9},
    }


def _queue_joins() -> Iterator[tuple[str, dict[str, Any]]]:
    """Events as a page sends them, of handlers and pages that are not the sender's."""
    for index in (-1, 10_000, "on_edit", None):
        yield f"the handler {index!r}", {"data": [], "fn_index": index, "session_hash": "hostile"}
    for index in (5, 11, 17, 23, 29):
        yield (
            f"the handler {index} with rubbish",
            {"data": [{"path": "/etc/passwd"}] * 40, "fn_index": index, "session_hash": "hostile"},
        )
    yield "an event without a page", {"data": [], "fn_index": 3}
    yield "a trigger that is none", {"data": [], "fn_index": 3, "session_hash": "hostile", "trigger_id": "rm -rf"}


def _pictures() -> Iterator[tuple[str, bytes]]:
    """Files that say they are pictures."""
    cat = PHOTO.read_bytes()
    png = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(png, "PNG")
    good = png.getvalue()
    yield "empty.png", b""
    yield "words.png", b"not a picture at all"
    yield "page.png", b"<html><script>alert(1)</script></html>"
    yield "drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    yield "drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    yield "print.pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    yield "print.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n%%EOF"
    yield "archive.png", b"PK\x03\x04" + bytes(200)
    yield "weights.png", b"\x80\x04cos\nsystem\n(S'id'\ntR."
    yield "half.jpg", cat[: len(cat) // 2]
    yield "half.png", good[: len(good) // 2]
    yield "huge.png", _png_of(60_000, 60_000)
    yield "wide.png", _png_of(2_000_000_000, 1)
    yield "none.png", _png_of(0, 0)
    yield "huge.bmp", b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0)
    yield "huge.ppm", b"P6 60000 60000 255\n" + bytes(99)
    yield "broken.webp", b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(30)
    yield "broken.heic", b"\x00\x00\x00\x18ftypheic" + bytes(60)
    yield "flipped.png", good[:40] + bytes(255 - b for b in good[40:60]) + good[60:]


def _png_of(width: int, height: int) -> bytes:
    """A PNG that says so of its size, with a few pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _refused_by_status(client: httpx.Client, method: str, path: str, more: dict[str, Any]) -> str:
    """Why a request does not count as refused; nothing where it does."""
    try:
        answer = client.request(method, path, **more)
    except httpx.TransportError:  # cut off while it still sends
        return "" if "files" in more else "no answer"
    if answer.status_code == 200 and "event_id" in answer.text:  # it is refused when its turn comes
        answer = client.get(f"{path}/{answer.json()['event_id']}")
    refused = 400 <= answer.status_code < 500 or answer.text.startswith("event: error")
    if not refused:
        return f"status {answer.status_code}: {answer.text[:120]}"
    return "" if WORDS.search(answer.text) and "Traceback" not in answer.text else f"says {answer.text[:120]!r}"


def _refused_by_api(client: httpx.Client, name: str, data: list[Any]) -> str:
    said = _api(client, name, data)
    return "" if said.startswith("error") and "Traceback" not in said else said[:160]


def _refused_by_queue(client: httpx.Client, body: dict[str, Any]) -> str:
    joined = client.post(f"{API}/queue/join", json=body)
    if 400 <= joined.status_code < 500:
        return ""
    if joined.status_code != 200:
        return f"status {joined.status_code}: {joined.text[:120]}"
    with client.stream("GET", f"{API}/queue/data", params={"session_hash": body.get("session_hash", "")}) as events:
        for line in events.iter_lines():
            if "process_completed" in line:
                said = json.loads(line.removeprefix("data:"))
                return "" if not said["success"] or _harmless(said["output"]) else line[:160]
            if "unexpected_error" in line:
                return ""
    return "no answer"


def _harmless(output: dict[str, Any]) -> bool:
    """A page's handler that only says a sentence, or changes nothing, has refused as well."""
    words = [value for value in output.get("data", []) if not isinstance(value, dict) and value not in (None, "", [])]
    return "/etc/passwd" not in json.dumps(output) and not any("path" in json.dumps(word) for word in words)


def _refused_picture(client: httpx.Client, name: str, data: bytes) -> str:
    return _refused_by_api(client, "edit", _edit(_uploaded(client, name, data)))


def _uploaded(client: httpx.Client, name: str, data: bytes) -> dict[str, Any] | None:
    answer = client.post(f"{API}/upload", files={"files": (name, data)})
    if 400 <= answer.status_code < 500:
        return None
    return _file(answer.json()[0])


def _api(client: httpx.Client, name: str, data: list[Any]) -> str:
    """How a call ended: "complete" or "error", with what was said."""
    asked = client.post(f"{API}/call/{name}", json={"data": data})
    if asked.status_code != 200:
        return f"{'error' if asked.status_code < 500 else 'fault'} {asked.status_code} {asked.text}"
    with client.stream("GET", f"{API}/call/{name}/{asked.json()['event_id']}") as events:
        return " ".join(line.removeprefix("event: ").removeprefix("data: ") for line in events.iter_lines() if line)
