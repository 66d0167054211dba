"""The measurements run and name their peer; what they measure is not judged here."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("name", ["world", "forward", "kill"])
def test_a_measurement_prints_one_json_object(name: str) -> None:
    command = [sys.executable, "-m", "tests.benchmarks", name, "--quick"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert found["benchmark"] == name and found["peer"] and found["ratio"]
