"""One pair: an instruction is proposed, its specialist edits, a judge scores (Algorithm 1, lines 2 to 6)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from omniedit.engines.specialists import read
from omniedit.errors import BadInput
from omniedit.scoring import Sample, load_judge
from omniedit.specialists import prepare, specialist
from omniedit.specialists.base import Plan
from omniedit.types import Score, Task
from training.synth.propose import Manner, Proposal, propose

__all__ = ["Pair", "Recipe", "make_pair_of", "proposed"]

Bytes = NDArray[np.uint8]
WAYS_OFF = 10_000_000  # between the seeds of two runs


@dataclass(frozen=True)
class Recipe:
    """What decides every pair of a run: job `n` of the same recipe is the same pair anywhere."""

    sources: tuple[str, ...]
    tasks: tuple[Task, ...]
    side: int
    seed: int
    judge: str
    manner: Manner = field(default_factory=Manner)


@dataclass(frozen=True)
class Pair:
    """A judged pair. Pictures are uint8 (H, W, 3); `mask` bool (H, W) is where the edit is, None: everywhere."""

    name: str
    task: Task
    source: Bytes
    edited: Bytes
    mask: NDArray[np.bool_] | None
    instruction: str
    specialist: str
    plan: str  # the specialist's sentence and parameters, JSON
    seed: int
    score: Score


def make_pair_of(recipe: Recipe, job: int) -> Pair | str:
    """The pair of that job (from 0), or in a few words why there is none."""
    proposal = proposed(recipe, job)
    if proposal is None:
        return "no place for a thing"
    try:
        plan = prepare(proposal.request, read(proposal.request))
        if not isinstance(plan, Plan):
            return plan.reason
        result = specialist(proposal.request.task or proposal.task).apply(plan)
    except BadInput as error:
        return str(error)
    edited = np.asarray(result.images[0].convert("RGB"))
    return _judged(recipe, proposal, plan, edited, job)


def proposed(recipe: Recipe, job: int) -> Proposal | None:
    """What is asked for by that job (from 0). Tasks and sources come in turn."""
    task = recipe.tasks[job % len(recipe.tasks)]
    source = recipe.sources[job // len(recipe.tasks) % len(recipe.sources)]
    return propose(source, task, recipe.side, _seed(recipe, job), recipe.manner)


def _seed(recipe: Recipe, job: int) -> int:
    return recipe.seed * WAYS_OFF + job


def _judged(recipe: Recipe, proposal: Proposal, plan: Plan, edited: Bytes, job: int) -> Pair:
    where = proposal.mask if proposal.mask is not None and proposal.task != Task.SWAP else plan.mask
    sample = Sample(plan.source, edited, proposal.instruction, plan.intent.task or proposal.task, where, proposal.truth)
    score = load_judge(recipe.judge).score(sample)
    pair = Pair(
        name=f"{proposal.task}-{recipe.seed}-{job:08d}",
        task=proposal.task,
        source=plan.source,
        edited=edited,
        mask=where,
        instruction=proposal.instruction,
        specialist=plan.specialist,
        plan=json.dumps({"says": plan.says, "parameters": dict(plan.parameters)}, ensure_ascii=False),
        seed=_seed(recipe, job),
        score=score,
    )
    return replace(pair, source=edited, edited=plan.source) if proposal.reverse else pair
