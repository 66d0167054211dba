"""Shards on a local Ray with two workers, beside one: the speed-up, and a worker killed in the middle loses nothing."""

from __future__ import annotations

import hashlib
import signal
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from omniedit.types import Task
from training.synth.run import Order, run

__all__ = ["measure"]

TASKS = (Task.ENVIRONMENT, Task.STYLE)  # the quickest: what the cluster itself costs shows most


def measure(quick: bool) -> dict[str, Any]:
    """Seconds for the same shards with one worker, with two, and with two of which one is killed."""
    target = 60 if quick else 700
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        taken = {}
        for name, workers in (("one", 1), ("two", 2)):
            _warm(home / f"warm-{name}", workers)
            began = time.perf_counter()
            run(_order(home / name, target), "ray", workers)
            taken[name] = time.perf_counter() - began
            _stop()
        killed: list[int] = []
        killer = threading.Thread(target=_kill_a_worker, args=(killed,), daemon=True)
        killer.start()
        run(_order(home / "killed", target), "ray", 2)
        killer.join()
        _stop()
        if not killed:
            raise SystemExit("No worker was killed before the run ended: nothing is shown; give it more shards.")
        same = _hashes(home / "one") == _hashes(home / "two") == _hashes(home / "killed")
    return {
        "one_worker_s": round(taken["one"], 2),
        "two_workers_s": round(taken["two"], 2),
        "speed_up": round(taken["one"] / taken["two"], 2),
        "workers_killed": len(killed),
        "shards_the_same_after_a_kill": same,
        "peer": "the same backend with one worker",
        "ratio": round(taken["one"] / taken["two"], 3),
    }


def _order(out: Path, target: int) -> Order:
    return Order("bundled", out, target, TASKS, 192, 3, "program")


def _warm(out: Path, workers: int) -> None:
    """Start the cluster and its workers, which is not what is measured."""
    run(_order(out, 1), "ray", workers)


def _kill_a_worker(killed: list[int]) -> None:
    """Kill one process while it works on a shard, some seconds after the work has begun; its number is told."""
    time.sleep(4)
    deadline = time.monotonic() + 60
    while not killed and time.monotonic() < deadline:
        for process in psutil.process_iter(["cmdline"]):
            if "ray::_alone" in " ".join(process.info["cmdline"] or ()):  # so called only while it works
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL)
                    killed.append(process.pid)
                    break
        time.sleep(0.1)


def _stop() -> None:
    import ray

    ray.shutdown()


def _hashes(folder: Path) -> list[str]:
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.glob("*.parquet"))]
