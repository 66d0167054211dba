"""A stranger who means harm, on an app as a Space runs it: what is asked for that nobody may have, and what is sent.

Everything must be refused with a status or a sentence, nothing may be kept, and the app must answer all the same.
"""

from __future__ import annotations

import glob
import io
import json
import os
import re
import struct
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import psutil
from PIL import Image
from sqlalchemy import select

from omniedit.services.editing import EditingService
from omniedit.services.log import By, open_log
from omniedit.settings import Settings, assets_dir
from omniedit.store import connect
from omniedit.store.schema import Edit
from tests.raw_pages import API, Ended, RawPage, caller, edit_of, file_of
from tests.running import ROOT, running_app
from ui.guard import words_in

__all__ = ["measure", "walk"]

PHOTO, OTHER = (assets_dir() / "photos" / name for name in ("chelsea.jpg", "coffee.jpg"))
ROW = "edit "  # before the id of one, among what is kept
SOON, LATER = 10.0, 180.0  # seconds after which rows and pictures of a closed page are gone, at most
WORDS = re.compile(r"[A-Za-z]{2,}")
Request = tuple[str, str, dict[str, Any]]  # method, path, and what goes with it


def measure(quick: bool) -> dict[str, Any]:
    """How many were refused, what was let through, and what was kept of it."""
    with tempfile.TemporaryDirectory() as temp:
        folder = Path(temp)
        (folder / "temp").mkdir()
        secret = _edit_of_another_user(folder / "home")
        with running_app(folder, SPACE_ID="someone/studio", TMPDIR=str(folder / "temp")) as (address, process):
            client = caller(address, 120)
            kept = _kept(folder)
            closed = ClosedPage(client, folder)
            calls = [(name, _refused_by_status(client, *request)) for name, request in _requests(folder, secret)]
            calls += [(name, _refused_by_api(client, *asked)) for name, asked in _api_calls(folder, secret)]
            cat = _uploaded(client, "cat.jpg", PHOTO.read_bytes())
            wrong = _wrong_settings(secret)
            calls += [(name, _refused_by_api(client, "edit", edit_of(cat, **other))) for name, other in wrong.items()]
            calls += [(name, _refused_by_queue(client, *asked)) for name, asked in _queue_joins()]
            calls += walk(client, secret, quick)
            memory = psutil.Process(process.pid).memory_info().rss
            pictures = [(name, _refused_picture(client, name, data)) for name, data in _pictures()]
            grown = psutil.Process(process.pid).memory_info().rss - memory
            honest = _api(client, "edit", edit_of(cat))
            healthy = client.get("/healthz").json() == {"status": "ok"}
            left = closed.left()
        stored = _kept(folder) - kept
    passed = [f"{name}: {why}" for name, why in (*calls, *pictures) if why]
    return {
        "requests": len(calls),
        "pictures": len(pictures),
        "not_refused": passed,
        "stored": sorted(stored),
        "kept_of_an_open_page": dict(Counter(name.split("/")[0].split()[0] for name in closed.kept)),
        "rows_left_of_the_closed_page": closed.rows_left,
        "left_of_the_closed_page": left,
        "memory_grown_mb": round(grown / 1e6),
        "answers_still": healthy and honest.startswith("complete"),
        "peer": "none: what another app lets through is not measured here",
    }


class ClosedPage:
    """A page whose edit, by its own handler, succeeds, and which is closed then: what was kept of it goes with it."""

    def __init__(self, client: httpx.Client, folder: Path) -> None:
        """Edit and close; `kept`: what was kept while it was open, `rows_left`: which rows are not gone soon after."""
        self.folder = folder
        page, before = RawPage(client, "honest-page"), _kept(folder)
        with client.stream("GET", f"{API}/heartbeat/{page.session}") as beat:
            beats = beat.iter_lines()  # it is open as long as somebody listens
            next(beats)
            ended = _edited_on_page(page)
            self.kept = {name for name in _kept(folder) - before if not name.startswith("served/")}
        assert ended.success, ended.text
        self.closed = time.monotonic()
        self.rows_left = self._left({name for name in self.kept if name.startswith(ROW)}, SOON)

    def left(self) -> list[str]:
        """What is still there of it when its pictures may go, too."""
        return self._left(self.kept, LATER)

    def _left(self, names: set[str], seconds: float) -> list[str]:
        """Which of these are there so many seconds after it was closed, or none as soon as none is."""
        while (left := names & _kept(self.folder)) and time.monotonic() - self.closed < seconds:
            time.sleep(0.5)
        return sorted(left)


def _edited_on_page(page: RawPage) -> Ended:
    """Edit is pressed on a page with a photo on its canvas and words in its line."""
    picture = file_of(page.upload(OTHER.read_bytes()))  # else its pictures would be another user's, too
    given = {"canvas": {"background": picture, "layers": [], "composite": None}, "instruction": "make it sepia"}
    handler = next(each for each in page.config["dependencies"] if each["api_name"] == "on_edit")
    widgets = {widget["id"]: widget["props"] for widget in page.config["components"]}
    values = [given.get(widgets[n].get("elem_id"), widgets[n].get("value")) for n in handler["inputs"]]
    page.press("edit")  # which shuts the doors; the browser then calls the handler that edits
    return page.ask(handler["id"], values)


def _edit_of_another_user(home: Path) -> dict[str, str]:
    """An edit that belongs to somebody else: its id, and the paths of its pictures."""
    log = open_log(Settings(home=home))
    result = EditingService(Settings(home=home), log).edit(PHOTO, "make it sepia", by=By("user:ann"))
    entry = log.history.one("user:ann", result.edit or "")
    paths = {name: str(log.pictures.path(name)) for name in (entry.source, *entry.results)}
    log.close()
    return {"id": entry.id, "source": paths[entry.source], "result": paths[entry.results[0]]}


def _kept(folder: Path) -> set[str]:
    """All rows of edits, those in the bin with them, and all files where pictures are kept, served or worked on.

    Gradio leaves an empty file for each that a program uploads: it holds no picture.
    """
    with closing(connect(Settings(home=folder / "home").database)) as database, database.reading() as session:
        rows = {f"{ROW}{name}" for name in session.scalars(select(Edit.id))}
    places = [folder / name for name in ("home/pictures", "home/small", "served", "temp")]
    files = [Path(at, name) for place in places for at, _, names in os.walk(place) for name in names]
    return rows | {str(path.relative_to(folder)) for path in files if _holds(path)}


def _holds(path: Path) -> bool:
    """Whether there is anything in a file, which the app may just have removed."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


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
        "a system file": file_of("/etc/passwd"),
        "the database": file_of(str(folder / "home" / "omniedit.db")),
        "another's result": file_of(secret["result"]),
        "a photo of the app": file_of(str(PHOTO)),
        "an address of the cloud": file_of("", url="http://169.254.169.254/latest/meta-data/"),
        "an address as a path": file_of("http://127.0.0.1:1/x.png"),
        "a file by its address": file_of("", url="file:///etc/passwd"),
        "no file": 7,
        "text": "/etc/passwd",
    }.items():
        yield f"edit of {name}", ("edit", edit_of(picture))
    yield "edit of nothing", ("edit", edit_of(None))
    yield "edit with too little said", ("edit", [None])
    yield "history of everything", ("history", ["all", "", 1e9])
    yield "history of less than nothing", ("history", ["all", "", -1])
    yield "history of a scope that is none", ("history", ["all' OR owner LIKE '%", "", 10])
    yield "history by no words", ("history", ["all", '"*) --', 10])
    yield "parse of too much", ("parse", ["remove the car " * 10_000])
    yield "parse of nothing", ("parse", [""])


def _wrong_settings(secret: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What must not be taken beside a good picture."""
    return {
        "words without end": {"instruction": "x" * 100_000},
        "no words": {"instruction": " \n\t"},
        "a task that is none": {"task": "shell"},
        "a box that is none": {"box": "1,2,3"},
        "a click outside": {"click": "99999,99999"},
        "a mask of the machine": {"mask": file_of("/etc/passwd")},
        "another's edit to go on from": {"parent": secret["id"]},
        "an engine by its path": {"engine": "../../home"},
        "a seed without end": {"seed": 10**40},
        "a seed that is none": {"seed": "x"},
        "variants without end": {"variants": 10**9},
        "steps without end": {"steps": 10**9},
        "guidance without end": {"guidance": 1e308},
        "parameters that are none": {"parameters": "[1]"},
        "parameters without end": {"parameters": "[" * 50_000},
        "a stranger's consent": {"consent": True},
        "a consent that is none": {"consent": "yes"},
    }


def _queue_joins() -> Iterator[tuple[str, tuple[Any, dict[str, Any]]]]:
    """Events of handlers that are not there, or of no page."""
    for index in (-1, 10_000, "on_edit", None):
        yield f"the handler {index!r}", (index, {})
    yield "an event without a page", (3, {"session_hash": None})
    yield "a trigger that is none", (3, {"trigger_id": "rm -rf"})


def walk(client: httpx.Client, secret: dict[str, str], quick: bool = False) -> Iterator[tuple[str, str]]:
    """Every handler of the page with bad values for all that it takes: the call, and why it was not refused.

    One that only says a sentence, or shows what anybody may see, has refused as well.
    """
    machine, another = file_of("/etc/passwd"), file_of(secret["result"])
    values = {
        "nothing": None,
        "a number": 7,
        "a system file's name": "/etc/passwd",
        "another's edit": secret["id"],
        "a list": [],
        "a system file": machine,
        "another's picture": another,
        "a canvas of both": {"background": machine, "layers": [another], "composite": another},
    }
    if not quick:
        values |= {
            "a far place": 10**6,
            "too large a number": 1e308,
            "lists": [[["a"]], {"b": [1]}],
            "much": "x" * 5000,
        }
    page = RawPage(client, "hostile-0")
    shown = set(re.findall(r"/[^\"]+?\.png", json.dumps(page.config)))
    for number, handler in enumerate(page.config["dependencies"]):
        count, queued = len(handler["inputs"]), handler["queue"] is not False
        asked = {name: ([value] * count, value) for name, value in values.items()}
        asked |= {"too little": ([], 0), "too much": ([machine] * (count + 40), 0)} if count else {}
        for name, (data, pointed) in asked.items():
            page = RawPage(client, f"hostile-{number}-{name}")  # nothing is left of the one before
            event = {"event_data": {"index": pointed, "value": pointed}}
            ended = (page.ask if queued else page.run)(handler["id"], data, **event)
            known = {pointed} if isinstance(pointed, str) else set()  # words of one's own may be repeated
            yield f"{handler['api_name']} with {name}", _harm(ended, secret, shown | known)


def _harm(ended: Ended, secret: dict[str, str], shown: set[Any]) -> str:
    """What is wrong with an answer to nonsense."""
    if ended.status == 0 or ended.status >= 500 or "Traceback" in ended.text:
        return f"status {ended.status}: {ended.text[:160]}"
    if not ended.success:
        return "" if len(WORDS.findall(ended.said)) > 2 else f"says {ended.text[:160]!r}"
    paths = {one for one in words_in(ended.output) if one.startswith("/") and os.path.exists(one)} - shown
    named = {path for path in paths if not _is_bundled(Path(path))}
    told = [one for one in {*secret.values(), "root:"} - shown if one in ended.text]
    return f"tells {sorted(named)} {told}" if named or told else ""


def _is_bundled(path: Path) -> bool:
    """Whether it is one of the project's own pictures, which everybody has."""
    return path.is_file() and any(
        path.read_bytes() == own.read_bytes() for own in assets_dir().glob(f"*/{glob.escape(path.name)}")
    )


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


def _refused_by_queue(client: httpx.Client, index: Any, more: dict[str, Any]) -> str:
    ended = RawPage(client, "hostile").ask(index, [], **more)
    return "" if not ended.success and 0 < ended.status < 500 else ended.text[:160]


def _refused_picture(client: httpx.Client, name: str, data: bytes) -> str:
    return _refused_by_api(client, "edit", edit_of(_uploaded(client, name, data)))


def _uploaded(client: httpx.Client, name: str, data: bytes) -> dict[str, Any] | None:
    answer = client.post(f"{API}/upload", files={"files": (name, data)})
    if 400 <= answer.status_code < 500:
        return None
    return file_of(answer.json()[0])


def _api(client: httpx.Client, name: str, data: list[Any]) -> str:
    """How a call ended: "complete" or "error", with what was said."""
    asked = client.post(f"{API}/call/{name}", json={"data": data})
    if asked.status_code != 200:
        return f"{'error' if asked.status_code < 500 else 'fault'} {asked.status_code} {asked.text}"
    with client.stream("GET", f"{API}/call/{name}/{asked.json()['event_id']}") as events:
        return " ".join(line.removeprefix("event: ").removeprefix("data: ") for line in events.iter_lines() if line)
