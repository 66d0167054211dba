"""The program check: it accepts what was asked for and refuses what only looks busy."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest

from omniedit.types import Task
from training.world.check import check
from training.world.edits import apply, propose_plain
from training.world.generate import changed_mask, make_scene
from training.world.render import render
from training.world.scene import SIZES
from training.world.vocabulary import COLOURS


def verdicts(per_task: int) -> Counter[str]:
    """How often the true edit and each wrong picture were tried and accepted, over visible edits of all tasks."""
    rng = np.random.default_rng(11)
    counts: Counter[str] = Counter()

    def judge(kind: str, ok: bool) -> None:
        counts[f"{kind} tried"] += 1
        counts[f"{kind} accepted"] += ok

    for number in range(per_task * len(Task)):
        task, size = list(Task)[number % len(Task)], SIZES[number // len(Task) % len(SIZES)]
        while True:
            scene = make_scene(rng, size, "bench" if number % 2 else "train")
            edit = propose_plain(rng, scene, task, "bench" if number % 2 else "train")
            if edit is not None:
                before, after = render(scene), render(apply(scene, edit))
                if changed_mask(edit, before, after).mean() > 0.006:
                    break
        judge("true", check(scene, edit, after.rgb).ok)
        judge("source", check(scene, edit, before.rgb).ok)
        judge("blurred source", check(scene, edit, cv2.GaussianBlur(before.rgb, (0, 0), 4)).ok)
        elsewhere = make_scene(rng, size, "train")
        other = propose_plain(rng, elsewhere, task, "train")
        if other is not None:
            judge("other scene", check(scene, edit, render(apply(elsewhere, other)).rgb).ok)
    return counts


def share(counts: Counter[str], kind: str) -> float:
    return counts[f"{kind} accepted"] / counts[f"{kind} tried"]


def test_a_few_edits_of_each_task() -> None:
    counts = verdicts(3)
    assert share(counts, "true") == 1
    assert share(counts, "source") == share(counts, "blurred source") == share(counts, "other scene") == 0


@pytest.mark.slow
def test_true_edits_pass_and_wrong_ones_do_not() -> None:
    counts = verdicts(40)
    assert counts["true tried"] == 280
    assert share(counts, "true") >= 0.99
    for kind in ("source", "blurred source", "other scene"):
        assert share(counts, kind) <= 0.02, (kind, counts)


def wrong_colours(edits: int) -> tuple[int, int]:
    """How often another colour than the asked one was tried and accepted, over edits that ask for one."""
    rng = np.random.default_rng(12)
    tried = accepted = 0
    while edits:
        scene = make_scene(rng, SIZES[edits % len(SIZES)], "train")
        task = (Task.ATTRIBUTE, Task.ADDITION, Task.SWAP)[edits % 3]
        edit = propose_plain(rng, scene, task, "train")
        if edit is None or edit.put[0].colour is None or edit.meaning.kind not in ("colour", "add", "swap"):
            continue
        edits -= 1
        truth = render(apply(scene, edit)).rgb
        others = [c for c in COLOURS if c != edit.put[0].colour]
        for colour in others[edits % 3 :: 3]:
            picture = render(apply(scene, replace(edit, put=(replace(edit.put[0], colour=colour),)))).rgb
            if np.abs(picture.astype(int) - truth).max(-1).astype(bool).mean() > 0.006:  # it can be seen
                tried += 1
                accepted += check(scene, edit, picture).ok
    return tried, accepted


@pytest.mark.slow
def test_another_colour_is_not_the_asked_one() -> None:
    tried, accepted = wrong_colours(48)
    assert tried >= 200
    assert accepted / tried <= 0.02


def test_keeping_all_is_the_source_and_nothing_else() -> None:
    from training.world.edits import Edit
    from training.world.meaning import Meaning

    scene = make_scene(np.random.default_rng(2), (128, 128), "train")
    keep = Edit(Task.STYLE, Meaning(Task.STYLE, "keep"))
    picture = render(scene).rgb
    assert check(scene, keep, picture).ok
    assert not check(scene, keep, cv2.GaussianBlur(picture, (0, 0), 3)).ok
    assert not check(scene, keep, 255 - picture).ok


def test_a_refusal_names_what_is_wrong() -> None:
    rng = np.random.default_rng(3)
    edit = None
    while edit is None:
        scene = make_scene(rng, (128, 128), "train")
        edit = propose_plain(rng, scene, Task.REMOVAL, "train")
    verdict = check(scene, edit, render(scene).rgb)
    assert "presence of the old" in verdict.failed
    assert verdict.measures["presence of the old"] == pytest.approx(1.0, abs=0.01)
