"""Pairs a second and core of Algorithm 1, and the share that is kept of each task.

The peer is the same specialists without proposals, judge and files: one edit after the other on the same photographs.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from omniedit.specialists import prepare, specialist
from omniedit.specialists.base import Plan
from omniedit.types import Task
from training.synth.make import Recipe
from training.synth.propose import propose
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
    proposals = []
    for job in range(jobs):
        task = recipe.tasks[job % len(recipe.tasks)]
        source = recipe.sources[job // len(recipe.tasks) % len(recipe.sources)]
        proposals.append(propose(source, task, recipe.side, 10_000 + job))
    began = time.perf_counter()
    for proposal in proposals:
        if proposal is None or proposal.request.intent is None:
            continue
        plan = prepare(proposal.request, proposal.request.intent)
        if isinstance(plan, Plan) and plan.intent.task is not None:
            specialist(plan.intent.task).apply(plan)
    return jobs / (time.perf_counter() - began)
