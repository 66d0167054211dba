"""Held-out edits of photographs: 30 crops of two that no training shows, each edited for every task.

The specialists give the truth. Things of the world's own drawings are put into the crops: so it is known what is there,
where, and what is behind it, and a small model has seen what it is asked for. Where a new thing goes is told by a mask
alone, so this bench is for engines that are given masks.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from omniedit.engines.specialists import read
from omniedit.errors import BadInput
from omniedit.specialists import prepare, specialist
from omniedit.specialists.base import Plan
from omniedit.types import Task
from training.bench.edits import BenchEdit
from training.measures import (
    Bools,
    Findings,
    Floats,
    Verdict,
    blurred,
    detail,
    likeness,
    outside_error,
    presence,
    relative,
    structure,
    unit,
    wider,
)
from training.synth.propose import Manner, Proposal, propose_for
from training.synth.sources import crop, held_photographs
from training.world import check as limits
from training.world.generate import painted

__all__ = ["CROPS", "photo_edits"]

CROPS = 30
SIDE = 128  # shorter side of a crop, pixels
SEED_SPACE = 7_800_000
TRIES = 60  # proposals of a task, before a photograph is given up
CHANGED = 6  # levels by which a pixel differs where the truth changes it
SEEN = 0.01  # share of pixels below which an edit cannot be seen
MANNER = Manner("world", anywhere=1.0, split="bench")

Bytes = NDArray[np.uint8]


def photo_edits(limit: int, seed: int) -> Iterator[BenchEdit]:
    """The first `limit` edits, task by task on each photograph in turn."""
    names, made = held_photographs(), 0
    for number in range(CROPS):
        for task in Task:
            if made == limit:
                return
            made += 1
            yield _edit(names[number % len(names)], task, seed, number)


def _edit(name: str, task: Task, seed: int, number: int) -> BenchEdit:
    """The first proposal that the specialist carries out, and that can be seen."""
    for attempt in range(TRIES):
        rng = np.random.default_rng([SEED_SPACE, seed, number, attempt])
        proposal = propose_for(crop(name, SIDE, rng), task, rng, SEED_SPACE + number, MANNER)
        found = None if proposal is None or proposal.reverse else _done(proposal, rng)
        if found is not None:
            return found
    raise BadInput(f"No {task} could be made on {name} by the seed {seed}; give another --seed.")


def _done(proposal: Proposal, rng: np.random.Generator) -> BenchEdit | None:
    try:
        plan = prepare(proposal.request, read(proposal.request))
        if not isinstance(plan, Plan):
            return None
        made = np.asarray(specialist(proposal.task).apply(plan).images[0].convert("RGB"))
    except BadInput:
        return None
    source, truth = plan.source, made if proposal.truth is None else proposal.truth
    change = np.abs(truth.astype(np.int16) - source).max(-1) > CHANGED
    if change.mean() < SEEN:
        return None
    where = proposal.mask if proposal.mask is not None and proposal.task != Task.SWAP else plan.mask
    hint = None if where is None or where.all() else painted(rng, where, close=proposal.task == Task.BACKGROUND)
    judge = partial(_judged, proposal, source, truth, change)
    return BenchEdit(proposal.task, proposal.task, proposal.instruction, source, truth, change, hint, judge)


def _judged(proposal: Proposal, before: Bytes, after: Bytes, change: Bools, edited: Bytes) -> Verdict:
    """The limits are those of the world's check; see there what each is."""
    source, truth, result = unit(before), unit(after), unit(edited)
    found, task, short = Findings(), proposal.task, min(change.shape)
    if task in (Task.ENVIRONMENT, Task.STYLE):
        found.most("left over", relative(result, source, truth, change, 0.008 * short), limits.LEFT_OVER)
        found.least("structure", structure(result, truth), limits.STRUCTURE)
        found.least("made detail", detail(result) / detail(truth), limits.WHOLE_DETAIL)
        return found.verdict()
    found.least("made detail", detail(result, change) / detail(truth, change), limits.MADE_DETAIL)
    if task == Task.BACKGROUND:
        # Which beach it is, is for the engine to choose: nearer to the truth than the source is all that can be asked.
        found.most("left over", relative(result, source, truth, change, 0.03 * short), limits.NEARER)
        assert proposal.mask is not None
        moved = np.minimum(np.abs(result - source), np.abs(result - truth))[~proposal.mask]
        found.most("foreground", float(moved.mean()), limits.FOREGROUND)
        return found.verdict()
    outside = ~wider(change, 0.04)
    found.most("outside", outside_error(result, source, change) or 0.0, limits.OUTSIDE)
    if outside.mean() > 0.05:
        found.least("kept detail", detail(result, outside) / detail(source, outside), limits.KEPT_DETAIL)
    if task == Task.ATTRIBUTE:
        found.most("left over", relative(result, source, truth, change, 0.008 * short), limits.LEFT_OVER)
    elif task == Task.REMOVAL:
        found.most("presence of the old", presence(result, truth, source, change), limits.PRESENCE_GONE)
        wrong = np.abs(blurred(result, 0.04 * short) - blurred(truth, 0.04 * short))[change]
        found.most("fill", float(wrong.mean()), limits.FILL)
    else:
        assert proposal.empty is not None
        _there(found, result, truth, unit(proposal.empty))
        if task == Task.SWAP:
            found.most("left over", relative(result, source, truth, change, 0.008 * short), limits.NEARER)
    return found.verdict()


def _there(found: Findings, result: Floats, truth: Floats, empty: Floats) -> None:
    """The new thing is seen, and looks as it does in the truth."""
    alike, where = likeness(result, truth, empty)
    found.least("likeness", alike, limits.LIKENESS)
    found.least("presence of the new", presence(result, empty, truth, where), limits.PRESENCE_THERE)
