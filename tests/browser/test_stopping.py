"""The app is stopped as a server is: the edit that runs ends, nothing is left running, the exit is clean."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from omniedit.store import History, open_database
from tests.browser.page import begin_long_edit, open_page
from tests.running import running_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_stop_ends_the_edit_that_runs_and_marks_it(chrome: Chrome, checkpoint: Path, tmp_path: Path) -> None:
    with running_app(tmp_path, checkpoint) as (address, process):
        with urllib.request.urlopen(address + "/healthz") as answer:
            assert json.load(answer) == {"status": "ok"}
        open_page(chrome, address)
        begin_long_edit(chrome, tmp_path)
        database = open_database(f"sqlite:///{tmp_path / 'home' / 'omniedit.db'}")
        history, until = History(database), time.monotonic() + 30
        while not history.page(None) and time.monotonic() < until:
            time.sleep(0.05)
    assert process.returncode == 0
    (entry,) = history.page(None)
    database.close()
    assert entry.status in ("cancelled", "done") and entry.ended is not None
