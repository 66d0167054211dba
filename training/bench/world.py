"""Held-out edits of held-out scenes of the world: 62 of them, each edited for every task."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from omniedit.types import Task
from training.bench.edits import BenchEdit
from training.world.check import check
from training.world.edits import apply, propose_plain
from training.world.generate import changed_mask, hint_mask, make_scene
from training.world.render import render
from training.world.scene import SIZES, Scene
from training.world.wording import say

__all__ = ["SCENES", "world_edits"]

SCENES = 62
SEED_SPACE = 7_700_000  # apart from every training seed by the split, from tests by this
FEWEST_CHANGED = 0.006  # share of pixels below which an edit cannot be seen


def world_edits(limit: int, seed: int) -> Iterator[BenchEdit]:
    """The first `limit` edits, task by task within each scene, so that any limit is spread evenly."""
    tasks, made = list(Task), 0
    for number in range(SCENES):
        rng = np.random.default_rng([SEED_SPACE, seed, number])
        edits: list[BenchEdit] = []
        while len(edits) < len(tasks):
            scene = make_scene(rng, SIZES[number % len(SIZES)], "bench")
            edits = []
            for task in tasks:
                found = _edit(rng, scene, task)
                if found is None:
                    break
                edits.append(found)
        for found in edits:
            if made == limit:
                return
            made += 1
            yield found


def _edit(rng: np.random.Generator, scene: Scene, task: Task) -> BenchEdit | None:
    edit = propose_plain(rng, scene, task, "bench")
    if edit is None:
        return None
    before, after = render(scene), render(apply(scene, edit))
    change = changed_mask(edit, before, after)
    if change.mean() < FEWEST_CHANGED:
        return None
    words, hint = say(edit.meaning, rng, "bench"), hint_mask(rng, edit, change)
    kind, judge = edit.meaning.kind, partial(check, scene, edit)
    return BenchEdit(task, kind, words, before.rgb, after.rgb, change, hint, judge)
