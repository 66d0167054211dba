"""Pairs a second and core of Algorithm 1, and the share that is kept of each task.

The peer is the same specialists without proposals, judge and files: one edit after the other on the same photographs.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from omniedit.engines.specialists import read
from omniedit.errors import BadInput
from omniedit.specialists import prepare, specialist
from omniedit.specialists.base import Plan
from omniedit.types import EditRequest, Task
from training.synth.make import Recipe, proposed
from training.synth.shards import make_shard, put_shard
from training.synth.sources import BUNDLED, gather

__all__ = ["measure"]

SHARDS = 3


def measure(quick: bool) -> dict[str, Any]:
    """One process; all seven tasks in turn at 256 pixels."""
    recipe = Recipe(gather(BUNDLED).names, tuple(Task), 128 if quick else 256, 5, "program")
    began, tried, kept = time.perf_counter(), dict[str, int](), dict[str, int]()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1 if quick else SHARDS):
            shard = make_shard(recipe, number)
            put_shard(shard, Path(folder))
            for task in Task:
                tried[task] = tried.get(task, 0) + shard.facts.tried.get(task, 0)
                kept[task] = kept.get(task, 0) + shard.facts.kept.get(task, 0)
    taken = time.perf_counter() - began
    bare = _bare(recipe, sum(tried.values()))
    return {
        "pairs": sum(tried.values()),
        "pairs_per_second_and_core": round(sum(tried.values()) / taken, 2),
        "kept_per_second_and_core": round(sum(kept.values()) / taken, 2),
        "kept_share": {task.value: round(kept[task] / tried[task], 3) for task in Task},
        "peer": "the specialists alone, on proposals made beforehand",
        "peer_pairs_per_second_and_core": round(bare, 2),
        "ratio": round(sum(tried.values()) / taken / bare, 3),
    }


def _bare(recipe: Recipe, jobs: int) -> float:
    """Edits a second by the specialists alone, of the same proposals."""
    requests = [request for job in range(jobs) if (request := _asked(recipe, job)) is not None]
    began = time.perf_counter()
    for request in requests:
        plan = prepare(request, read(request))
        assert isinstance(plan, Plan) and plan.intent.task is not None
        specialist(plan.intent.task).apply(plan)
    return len(requests) / (time.perf_counter() - began)


def _asked(recipe: Recipe, job: int) -> EditRequest | None:
    """What is asked for by that job, where a specialist will do it."""
    proposal = proposed(recipe, job)
    if proposal is None:
        return None
    try:
        return proposal.request if isinstance(prepare(proposal.request, read(proposal.request)), Plan) else None
    except BadInput:
        return None
