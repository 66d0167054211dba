"""The measurements run and name their peer; how fast it is, is not judged here, but what must not happen is."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest


def printed(name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks", name, "--quick"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["world", "forward"])
def test_a_measurement_prints_one_json_object(name: str) -> None:
    found = printed(name)
    assert found["benchmark"] == name and found["peer"] and found["ratio"]


@pytest.mark.slow
def test_nothing_finished_is_lost_to_a_kill_and_nothing_half_done_stays() -> None:
    found = printed("kill")
    assert found["kills"] > 0 and found["ended_by_themselves"] == []
    assert found["finished"] > 0 and found["finished_imports"] > 0 and found["ratio"] > 0 and found["peer"]
    assert found["finished_and_lost"] == 0 and found["of_finished_imports_lost"] == 0 and found["imported_in_part"] == 0
    assert found["still_running"] == 0 and found["interrupted"] > 0
    assert found["doctor_found_running"] > 0 and found["doctor_left_running"] == 0
    assert found["files_without_a_row_after_cleaning"] == []
    assert found["doctor_says_wrong"] == [] and not found["database_damage"]


@pytest.mark.slow
def test_a_stranger_who_means_harm_gets_nowhere() -> None:
    found = printed("hostile")
    assert found["requests"] >= 800 and found["pictures"] >= 15
    assert found["not_refused"] == [] and found["stored"] == [] and found["answers_still"]
    assert found["kept_of_an_open_page"]["edit"] == 1 and found["kept_of_an_open_page"]["home"] >= 2
    assert found["rows_left_of_the_closed_page"] == [] and found["left_of_the_closed_page"] == []
    assert found["memory_grown_mb"] < 300


@pytest.mark.slow
def test_many_at_once_get_what_is_theirs() -> None:
    found = printed("load")
    assert found["edits"] >= found["clients"] and found["errors"] == [] and found["of_another"] == 0
    assert found["cancelled"] >= 6 and found["cancel_answered_s_max"] < 5 and found["cancelled_in_log_s_max"] < 30
    assert found["memory_after_cancel_ratio"] < 1.2
