"""The app is stopped as a server is: the edit that runs ends, nothing is left running, the exit is clean."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver import Chrome

from omniedit.store import History, open_database
from tests.browser.conftest import ROOT, STARTED
from tests.browser.page import enabled, find, open_more, open_page, set_number, upload, wait

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_stop_ends_the_edit_that_runs_and_marks_it(chrome: Chrome, checkpoint: Path, tmp_path: Path) -> None:
    photo = tmp_path / "large.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (1200, 1600, 3), dtype=np.uint8)).save(photo)
    given = {"OMNIEDIT_CHECKPOINT": str(checkpoint), "OMNIEDIT_PORT": "0", "OMNIEDIT_HOME": str(tmp_path / "home")}
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={**os.environ, **given, "GRADIO_TEMP_DIR": str(tmp_path / "served")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stderr is not None
    found = STARTED.search(process.stdout.readline())
    assert found is not None, process.stderr.read()
    with urllib.request.urlopen(found.group() + "/healthz") as answer:
        assert json.load(answer) == {"status": "ok"}
    open_page(chrome, found.group())
    upload(chrome, photo)
    open_more(chrome)
    set_number(chrome, "Variants", "4")
    find(chrome, "#instruction textarea").send_keys("turn it into an oil painting")
    find(chrome, "#edit").click()
    wait(chrome, enabled("#cancel"))
    database = open_database(f"sqlite:///{tmp_path / 'home' / 'omniedit.db'}")
    history, until = History(database), time.monotonic() + 30
    while not history.page(None) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=40)
    assert process.returncode == 0 and "Traceback" not in errors, errors
    (entry,) = history.page(None)
    database.close()
    assert entry.status in ("cancelled", "done") and entry.ended is not None
