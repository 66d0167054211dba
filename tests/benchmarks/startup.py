"""What a person waits for before the first page and the first edit, beside importing diffusers' InstructPix2Pix."""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
from gradio_client import Client, handle_file
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from omniedit.settings import assets_dir
from tests.benchmarks.clock import seconds
from tests.browser.page import open_page

__all__ = ["measure"]

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"http://[\d.]+:\d+")
FLAGS = "--headless --no-sandbox --disable-quic --disable-background-networking"
PHOTO = assets_dir() / "photos" / "chelsea.jpg"
LOAD_AND_EDIT = """
import time; began = time.perf_counter()
from PIL import Image
from omniedit import EditRequest, load_engine
engine = load_engine("editnet-mini"); loaded = time.perf_counter()
engine.edit(EditRequest(Image.new("RGB", (512, 384), "gray"), "make it night")); first = time.perf_counter()
engine.edit(EditRequest(Image.new("RGB", (512, 384), "gray"), "make it night")); second = time.perf_counter()
print(loaded - began, first - loaded, second - first)
"""
BARE = """
import gradio as gr, time
with gr.Blocks() as page:
    gr.Textbox()
page.launch(quiet=True, prevent_thread_lock=True)
time.sleep(600)
"""
SETTLED, WATCHED = 20.0, 10.0  # seconds until an app has done all of its own, and in which it is watched
PEER = "from diffusers import StableDiffusionInstructPix2PixPipeline"


def measure(quick: bool) -> dict[str, Any]:
    """Seconds of `--help`, of an import, of a model; and, from the app's start on, to its first page and edit.

    And what it takes of a processor afterwards, beside an empty page of Gradio.
    """
    repeats = 1 if quick else 5

    def python(*arguments: str) -> float:
        return seconds(
            lambda: subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL), repeats
        )

    found = subprocess.run([sys.executable, "-c", LOAD_AND_EDIT], check=True, capture_output=True, text=True, cwd=ROOT)
    load, first, second = map(float, found.stdout.split())
    peer = python("-c", PEER)
    return {
        "help_s": round(python("-m", "omniedit.cli", "--help"), 3),
        "import_s": round(python("-c", "import omniedit"), 3),
        "import_and_load_s": round(load, 3),
        "first_edit_of_the_mini_s": round(first, 3),
        "next_edit_of_the_mini_s": round(second, 3),
        "app": _app(1 if quick else 3),
        "idle_processor_percent": {"app.py": _idle("app.py"), "a bare Gradio page": _idle("-c", BARE)},
        "peer": f"python -c '{PEER}' (import only, no weights)",
        "peer_s": round(peer, 3),
        "ratio": round((load + first) / peer, 3),
    }


def _idle(*arguments: str) -> float:
    """How much of one processor it takes while nobody asks for anything."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "OMNIEDIT_PORT": "0", "OMNIEDIT_HOME": home}
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(SETTLED)
            percent = psutil.Process(process.pid).cpu_percent(WATCHED)
        finally:
            process.terminate()
            process.wait(timeout=60)
    return round(percent, 1)


def _app(repeats: int) -> dict[str, Any]:
    """Medians and all values of the seconds since `python app.py`; what a browser fetches for the first page."""
    answers, drawn, edits, fetched = [], [], [], []
    for _ in range(repeats):
        with _started() as (address, began):
            httpx.get(address, timeout=60).raise_for_status()
            answers.append(time.perf_counter() - began)
        with _browser() as chrome, _started() as (address, began):
            if chrome is not None:
                open_page(chrome, address)
                drawn.append(time.perf_counter() - began)
                time.sleep(1)  # what comes after what is seen
                fetched.append(_fetched(chrome))
        with _started() as (address, began):
            client = Client(address, verbose=False)
            client.predict(handle_file(str(PHOTO)), "make it sepia", api_name="/edit")
            edits.append(time.perf_counter() - began)
            client.close()
    told = {"first_answer_s": answers, "first_page_drawn_s": drawn, "first_edit_s": edits}
    figures: dict[str, Any] = {name: round(statistics.median(values), 2) for name, values in told.items() if values}
    figures["each"] = {name: [round(value, 2) for value in values] for name, values in told.items()}
    return {**figures, **(fetched[0] if fetched else {"first_page_drawn_s": "no chromium here"})}


@contextmanager
def _started() -> Iterator[tuple[str, float]]:
    """The address of the app in a home of its own, and when it was started."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "OMNIEDIT_PORT": "0", "OMNIEDIT_HOME": home}
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            if not (found := ADDRESS.search(line)):
                raise SystemExit(f"The app did not start: {line}")
            yield found[0], began
        finally:
            process.terminate()
            process.wait(timeout=60)
            process.stdout.close()


@contextmanager
def _browser() -> Iterator[Chrome | None]:
    """A headless Chromium that knows no page and counts what it fetches; None where there is none."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        yield None
        return
    with tempfile.TemporaryDirectory() as profile:
        options = ChromeOptions()
        options.binary_location = chromium
        for flag in (*FLAGS.split(), f"--user-data-dir={profile}", "--window-size=1440,1300"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        chrome = Chrome(options=options, service=Service(driver))
        try:
            yield chrome
        finally:
            chrome.quit()


def _fetched(chrome: Chrome) -> dict[str, Any]:
    """Requests and bytes over the network since the browser began, headers and compression as they were."""
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for entry in chrome.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        told = message["params"]
        if message["method"] == "Network.responseReceived" and told["response"]["url"].startswith("http"):
            kinds[told["requestId"]] = told["type"].lower()
        elif message["method"] == "Network.loadingFinished":
            sizes[told["requestId"]] = round(told["encodedDataLength"])
    by_kind: dict[str, int] = {}
    for name, kind in kinds.items():
        by_kind[kind] = by_kind.get(kind, 0) + sizes.get(name, 0)
    return {
        "page_requests": len(kinds),
        "page_kb": round(sum(by_kind.values()) / 1000),
        "page_kb_of": {kind: round(size / 1000) for kind, size in sorted(by_kind.items())},
    }
