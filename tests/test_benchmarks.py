"""The measurements run and name their peer; what they measure is not judged here."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest


def printed(name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks", name, "--quick"]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["world", "forward", "kill"])
def test_a_measurement_prints_one_json_object(name: str) -> None:
    found = printed(name)
    assert found["benchmark"] == name and found["peer"] and found["ratio"]


@pytest.mark.slow
def test_a_stranger_who_means_harm_gets_nowhere() -> None:
    found = printed("hostile")
    assert found["requests"] >= 40 and found["pictures"] >= 15
    assert found["not_refused"] == [] and found["stored"] == [] and found["answers_still"]
    assert found["memory_grown_mb"] < 300


@pytest.mark.slow
def test_many_at_once_get_what_is_theirs() -> None:
    found = printed("load")
    assert found["edits"] >= found["clients"] and found["errors"] == [] and found["of_another"] == 0
