"""The bench of photographs: crops that training does not see, and a check that believes no picture too much."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from omniedit.settings import assets_dir
from omniedit.types import Task
from training.bench.photos import photo_edits
from training.synth.sources import BUNDLED, gather, held_photographs
from training.world.heldout import HELD_BACKGROUNDS


def test_its_photographs_are_shown_by_no_training() -> None:
    held = {Path(name).stem for name in held_photographs()}
    assert held and {f"photo:{name}" for name in held} <= HELD_BACKGROUNDS, "nor by the world's scenes"
    folder = assets_dir() / "photos"
    for given in (BUNDLED, str(folder), os.path.relpath(folder)):
        found = gather(given)
        assert not held & {Path(name).stem for name in found.names}
        assert {f"{name}.jpg: kept for benches" for name in held} <= set(found.left_out)


@pytest.mark.slow
def test_truth_passes_and_what_is_not_the_edit_does_not() -> None:
    accepted: Counter[str] = Counter()
    edits = list(photo_edits(14, 5))
    assert Counter(edit.task for edit in edits) == dict.fromkeys(Task, 2)
    for edit in edits:
        grey = np.repeat(edit.source.mean(-1, keepdims=True), 3, -1).astype(np.uint8)
        smeared = np.asarray(cv2.GaussianBlur(edit.truth, (0, 0), 6))
        for name, picture in (("truth", edit.truth), ("source", edit.source), ("grey", grey), ("smeared", smeared)):
            accepted[name] += edit.judge(picture).ok
    assert accepted["truth"] == 14 and accepted["source"] == 0
    assert accepted["smeared"] <= 1 and accepted["grey"] <= 1


@pytest.mark.slow
def test_the_same_seed_gives_the_same_edits() -> None:
    one, other = (next(iter(photo_edits(1, 2))) for _ in range(2))
    assert one.instruction == other.instruction and np.array_equal(one.truth, other.truth)
    assert one.hint is not None and one.hint[one.change].mean() > 0.5
