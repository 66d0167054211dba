"""A page of the app without a browser: what it sends is sent raw."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

API = "/gradio_api"


def caller(address: str, timeout: float = 60) -> httpx.Client:
    """A client with a connection for each request: the server closes those that are idle, maybe just as one is used."""
    return httpx.Client(base_url=address, timeout=timeout, limits=httpx.Limits(max_keepalive_connections=0))


def file_of(path: str, **more: Any) -> dict[str, Any]:
    """A file as Gradio's pages and clients name one."""
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}


@dataclass(frozen=True)
class Ended:
    """How an event ended."""

    status: int
    success: bool
    output: dict[str, Any]
    text: str

    @property
    def said(self) -> str:
        return str(self.output.get("error"))


@dataclass(frozen=True)
class RawPage:
    """A session, of whom the client's cookies name."""

    client: httpx.Client
    session: str

    @cached_property
    def config(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get("/config").raise_for_status().json()
        return found

    def index(self, name: str, event: str = "click") -> int:
        """Of the handler of that event of the widget with this elem_id, or of an endpoint such as "/edit"."""
        if name.startswith("/"):
            return next(dep["id"] for dep in self.config["dependencies"] if dep["api_name"] == name[1:])
        widget = next(c["id"] for c in self.config["components"] if c["props"].get("elem_id") == name)
        return next(dep["id"] for dep in self.config["dependencies"] if [widget, event] in map(list, dep["targets"]))

    def upload(self, data: bytes, name: str = "photo.jpg") -> str:
        """The path by which the app knows the file from now on."""
        path: str = self.client.post(f"{API}/upload", files={"files": (name, data)}).raise_for_status().json()[0]
        return path

    def run(self, index: int, data: Any, **more: Any) -> Ended:
        """A handler that does not wait in the queue."""
        body = {"data": data, "fn_index": index, "session_hash": self.session, **more}
        answer = self.client.post(f"{API}/run/predict", json=body)
        said = answer.json() if answer.headers["content-type"].startswith("application/json") else {}
        done = answer.status_code == 200
        return Ended(answer.status_code, done, said if done or "error" in said else {"error": answer.text}, answer.text)

    def press(self, name: str) -> Ended:
        """A button with such a handler, which takes nothing."""
        return self.run(self.index(name), [])

    def join(self, index: Any, data: Any, **more: Any) -> httpx.Response:
        body = {"data": data, "fn_index": index, "session_hash": self.session, **more}
        return self.client.post(f"{API}/queue/join", json=body)

    def ask(self, index: Any, data: Any, **more: Any) -> Ended:
        """Until it has ended."""
        joined = self.join(index, data, **more)
        if joined.status_code != 200:
            return Ended(joined.status_code, False, {"error": joined.text}, joined.text)
        event, query = joined.json()["event_id"], {"session_hash": self.session}
        with self.client.stream("GET", f"{API}/queue/data", params=query) as events:
            for line in events.iter_lines():
                said = json.loads(line.removeprefix("data:")) if line else {}
                if said.get("msg") == "process_completed" and said["event_id"] == event:
                    return Ended(200, said["success"], said["output"], line)
                if said.get("msg") == "unexpected_error":
                    return Ended(200, False, {"error": said["message"]}, line)
        return Ended(0, False, {}, "no answer")

    def file(self, path: str) -> httpx.Response:
        return self.client.get(f"{API}/file={path}")


def edit_of(picture: Any, **other: Any) -> list[Any]:
    """The values of a call of /edit."""
    usual = {"instruction": "make it sepia", "mask": None, "material": None, "task": "", "box": "", "click": "",
             "after": "", "parent": "", "engine": "auto", "seed": 0, "variants": 1, "steps": None, "guidance": None,
             "parameters": "", "consent": None}  # fmt: skip
    assert not set(other) - set(usual), other
    return [picture, *{**usual, **other}.values()]
