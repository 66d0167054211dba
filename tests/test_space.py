"""The app as a Space builds and starts it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from tests.running import ROOT

PORT = 7860
FRONT = yaml.safe_load((ROOT / "README.md").read_text().split("---")[1])
WHOLE = ("app.py", "omniedit", "ui", "assets", "README.md")


def named(line: str) -> str:
    found = re.match(r"[\w-]+", line)
    assert found is not None, line
    return found.group().lower().replace("_", "-")


def lines(name: str) -> list[str]:
    return [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("#")]


def test_what_a_space_installs_is_what_the_project_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = {named(line): line.partition("==")[2] for line in lines("constraints.txt")}
    wanted = {
        named(line): pinned[named(line)] for line in [*project["dependencies"], "spaces"]
    }  # which Gradio needs there
    assert {named(line): line.partition("==")[2] for line in lines("requirements.txt")} == wanted


def test_the_front_matter_says_what_starts() -> None:
    assert FRONT["sdk"] == "gradio" and (ROOT / FRONT["app_file"]).is_file()
    assert f"gradio=={FRONT['sdk_version']}" in lines("requirements.txt")
    assert FRONT["license"] == "apache-2.0" and len(FRONT["short_description"]) <= 60


def test_spaces_comes_before_what_it_has_to_change(tmp_path: Path) -> None:
    (tmp_path / "spaces.py").write_text(
        "import sys\nprint(sorted({'torch', 'gradio', 'diffusers', 'transformers'} & set(sys.modules)))\nsys.exit(7)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "OMNIEDIT_HOME": str(tmp_path), "OMNIEDIT_PORT": "0"}
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (7, "[]\n"), done.stderr


@pytest.mark.slow
def test_it_starts_from_its_requirements_alone(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    for name in WHOLE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, folder / name)
    with as_on_a_space(installed(tmp_path), folder, tmp_path):
        page = httpx.get(f"http://127.0.0.1:{PORT}/", timeout=20)
        assert page.status_code == 200 and "OmniEdit Studio" in page.text
        asked = httpx.post(
            f"http://127.0.0.1:{PORT}/gradio_api/call/parse", json={"data": ["make it night"]}, timeout=20
        )
        events = f"http://127.0.0.1:{PORT}/gradio_api/call/parse/{asked.json()['event_id']}"
        assert '"environment"' in httpx.get(events, timeout=60).text
        secret = httpx.get(f"http://127.0.0.1:{PORT}/gradio_api/file={folder / 'app.py'}", timeout=20)
        assert secret.status_code in (403, 404)


def installed(folder: Path) -> Path:
    """The python of a new environment with what requirements.txt names; that file is alone, as on a Space."""
    (folder / "build").mkdir()
    shutil.copyfile(ROOT / "requirements.txt", folder / "build" / "requirements.txt")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", "requirements.txt"]
    subprocess.run(command, cwd=folder / "build", check=True, stderr=subprocess.DEVNULL)
    return python


@contextmanager
def as_on_a_space(python: Path, folder: Path, home: Path) -> Iterator[None]:
    """The app is served on the Space's port; while it is, its log holds no traceback."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OMNIEDIT", "GRADIO", "PYTHON"))}
    environment = {**kept, "SPACE_ID": "someone/omniedit", "SYSTEM": "spaces", "HOME": str(home)}
    log, until = home / "app.log", time.monotonic() + 420
    while True:
        while taken() and time.monotonic() < until:  # by the app of another test
            time.sleep(1)
        with log.open("w") as out:
            process = subprocess.Popen([str(python), "app.py"], cwd=folder, env=environment, stdout=out, stderr=out)
        while "OmniEdit Studio is at" not in log.read_text():
            assert process.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.5)
        if f":{PORT}/" in log.read_text():
            break
        process.terminate()  # another test was quicker
        process.wait(timeout=40)
    try:
        yield
        said = log.read_text()  # when it ends, Gradio's reloading of Spaces has words of its own
    finally:
        process.terminate()
        process.wait(timeout=40)
    assert process.returncode == 0 and "Traceback" not in said, said


def taken() -> bool:
    """Whether somebody listens on the Space's port."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", PORT)) == 0
