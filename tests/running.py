"""The app in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
STARTED = re.compile(r"http://(?:127\.0\.0\.1|0\.0\.0\.0|localhost):(\d+)")


@contextmanager
def running_app(
    folder: Path, checkpoint: Path | None = None, **more: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The app with its home in `folder`/home: its address and its process, which is stopped as a server is.

    `more` goes into its environment. Its exit must be clean, and its log must hold no traceback.
    """
    environment = {
        **os.environ,
        "OMNIEDIT_CHECKPOINT": str(checkpoint or ""),  # empty: the bundled one
        "OMNIEDIT_PORT": "0",
        "OMNIEDIT_HOME": str(folder / "home"),
        "GRADIO_TEMP_DIR": str(folder / "served"),
        **more,
    }
    log = folder / "app.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    assert process.stdout is not None
    try:
        found = STARTED.search(process.stdout.readline())
        assert found is not None, log.read_text()
        yield f"http://127.0.0.1:{found.group(1)}", process
    finally:
        process.terminate()
        process.wait(timeout=40)
        process.stdout.close()
    assert process.returncode == 0 and "Traceback" not in log.read_text(), log.read_text()
