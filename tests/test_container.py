"""The container's recipe: it holds what the app needs, runs as nobody special, and says whether it is well."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.running import ROOT, running_app

LINES = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()


def said(word: str) -> list[str]:
    """What stands behind each line that begins with an instruction."""
    return [line.removeprefix(word).strip() for line in LINES if line.startswith(f"{word} ")]


def test_all_that_is_copied_is_there_and_not_ignored() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for line in said("COPY"):
        *sources, _ = shlex.split(line)
        for source in sources:
            assert (ROOT / source).exists() and source in kept


def test_it_runs_as_a_common_user_and_keeps_its_data_in_a_volume() -> None:
    order = [line.split()[0] for line in LINES if line and not line.startswith(("#", " "))]
    assert order[0] == "FROM" and order.index("USER") < order.index("CMD") and said("USER") == ["1000"]
    assert not re.search(r":latest\b", "\n".join(said("FROM"))) and said("VOLUME") == ["/data"]
    assert "OMNIEDIT_HOME=/data" in said("ENV")[0]
    assert re.search(r"HF_HOME=/data/\w+", said("ENV")[0]), "what is fetched outlives the container"


def test_services_are_for_this_machine_and_no_password_is_written_down() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    studio, database = compose["services"]["studio"], compose["services"]["database"]
    assert all(port.startswith("127.0.0.1:") for port in studio["ports"]) and "ports" not in database
    for name, value in {**studio["environment"], **database["environment"]}.items():
        if "PASSWORD" in value or "PASSWORD" in name:
            assert "${POSTGRES_PASSWORD:?" in value
    named = {volume.split(":")[0] for service in (studio, database) for volume in service["volumes"]}
    assert named == set(compose["volumes"])


@pytest.mark.slow
def test_its_health_check_tells_an_app_that_runs_from_one_that_does_not(tmp_path: Path) -> None:
    (line,) = said("HEALTHCHECK")
    code = re.search(r'"-c", "([^"]+)"\]', line)
    assert code is not None
    with running_app(tmp_path) as (address, _):
        check = code[1].replace("http://127.0.0.1:7860", address)
        assert subprocess.run([sys.executable, "-c", check], capture_output=True).returncode == 0
    assert subprocess.run([sys.executable, "-c", check], capture_output=True).returncode != 0


def test_what_it_runs_refuses_strangers(tmp_path: Path) -> None:
    (command,) = said("CMD")
    assert command == '["python", "app.py"]'
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={"PATH": "", "OMNIEDIT_HOME": str(tmp_path), "OMNIEDIT_HOST": "0.0.0.0"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2 and "omniedit user add" in done.stderr and "Traceback" not in done.stderr
