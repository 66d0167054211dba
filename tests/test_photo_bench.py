"""The bench of photographs: crops that training does not see, and a check that believes no picture too much."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import pytest
from PIL import Image

from omniedit.settings import assets_dir
from omniedit.types import Task
from training.bench.photos import photo_edits
from training.synth import sources
from training.synth.sources import crop


def gradient() -> np.ndarray:
    return np.broadcast_to((np.arange(400) // 2).astype(np.uint8)[None, :, None], (300, 400, 3))


def test_the_right_part_of_a_bundled_photograph_is_held_out(monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(sources, "_photograph", lambda _: Image.fromarray(np.ascontiguousarray(gradient())))
    ours = str(assets_dir() / "photos" / "any.jpg")
    for seed in range(12):
        seen, held = (crop(ours, 64, np.random.default_rng(seed), held=part) for part in (False, True))
        assert seen.max() < held.min(), "no column is in both"
    whole = [crop("elsewhere/any.jpg", 64, np.random.default_rng(seed)).max() for seed in range(12)]
    assert max(whole) > 140, "a person's own photographs are used whole"


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
