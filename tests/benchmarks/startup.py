"""What a person waits for before the first edit, beside importing diffusers' InstructPix2Pix pipeline."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.clock import seconds

__all__ = ["measure"]

ROOT = Path(__file__).parents[2]
LOAD_AND_EDIT = """
import time; began = time.perf_counter()
from PIL import Image
from omniedit import EditRequest, load_engine
engine = load_engine("editnet-mini"); loaded = time.perf_counter()
engine.edit(EditRequest(Image.new("RGB", (512, 384), "gray"), "make it night")); first = time.perf_counter()
engine.edit(EditRequest(Image.new("RGB", (512, 384), "gray"), "make it night")); second = time.perf_counter()
print(loaded - began, first - loaded, second - first)
"""
PEER = "from diffusers import StableDiffusionInstructPix2PixPipeline"


def measure(quick: bool) -> dict[str, Any]:
    """Seconds of `--help`, of an import, of loading, of the first edit, and until the app answers."""
    repeats = 1 if quick else 5

    def python(*arguments: str) -> float:
        return seconds(
            lambda: subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL), repeats
        )

    found = subprocess.run([sys.executable, "-c", LOAD_AND_EDIT], check=True, capture_output=True, text=True, cwd=ROOT)
    load, first, second = map(float, found.stdout.split())
    with tempfile.TemporaryDirectory() as home:
        app = _app_answers(home)
    peer = python("-c", PEER)
    return {
        "help_s": round(python("-m", "omniedit.cli", "--help"), 3),
        "import_s": round(python("-c", "import omniedit"), 3),
        "import_and_load_s": round(load, 3),
        "first_edit_s": round(first, 3),
        "next_edit_s": round(second, 3),
        "app_ready_s": round(app, 3),
        "app_ready_and_first_edit_s": round(app + first, 3),
        "peer": f"python -c '{PEER}' (import only, no weights)",
        "peer_s": round(peer, 3),
        "ratio": round((load + first) / peer, 3),
    }


def _app_answers(home: str) -> float:
    """Seconds from `python app.py` until it prints its address; the engine is loaded by then."""
    environment = {**os.environ, "OMNIEDIT_PORT": "0", "OMNIEDIT_HOME": home}
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    taken = time.perf_counter() - began
    process.terminate()
    process.wait(timeout=30)
    process.stdout.close()
    if "http" not in line:
        raise SystemExit(f"The app did not start: {line}")
    return taken
