"""Scenes and edits: every task at every size, repeatable, undone by their inverse, and nothing held out in training."""

from __future__ import annotations

import numpy as np
import pytest

from omniedit.types import Task
from training.config import DataConfig
from training.data import make_batches
from training.measures import outside_error
from training.world.edits import Edit, apply, inverse
from training.world.generate import make_pair, plan_pair
from training.world.heldout import HELD_BACKGROUNDS, HELD_DRAWINGS, HELD_PAIRS
from training.world.meaning import Meaning
from training.world.render import render
from training.world.scene import SIZES, Scene, overlap
from training.world.sprites import drawings
from training.world.vocabulary import COLOURS, OBJECTS


def plans(count: int, split: str = "train") -> list[tuple[Scene, Edit]]:
    rng = np.random.default_rng(5)
    return [plan_pair(rng, None, None, split) for _ in range(count)]  # type: ignore[arg-type]


@pytest.mark.parametrize("task", list(Task))
def test_every_task_at_every_size(task: Task) -> None:
    for number, size in enumerate(SIZES):
        pair = make_pair(100 + number, task, size, "train")
        assert pair.source.shape == pair.edited.shape == (size[1], size[0], 3)
        assert pair.mask.shape == (size[1], size[0]) and pair.task is task
        unit = pair.source.astype(np.float32) / 255, pair.edited.astype(np.float32) / 255
        assert (outside_error(unit[1], unit[0], pair.mask) or 0.0) < 0.01
        if pair.edit.changes:
            assert pair.mask.any() and not np.array_equal(pair.source, pair.edited)
        else:
            assert np.array_equal(pair.source, pair.edited)


def test_a_seed_is_a_pair() -> None:
    one, same, other = (make_pair(seed, None, None, "train") for seed in (1, 1, 2))
    assert np.array_equal(one.source, same.source) and one.instruction == same.instruction
    assert one.source.shape != other.source.shape or not np.array_equal(one.source, other.source)


def test_a_hint_covers_the_change() -> None:
    for seed in range(40):
        pair = make_pair(seed, None, None, "train")
        if pair.mask_hint is not None:
            assert not (pair.mask & ~pair.mask_hint).any()


def test_the_inverse_leads_back() -> None:
    kinds = set()
    for scene, edit in plans(300):
        back = inverse(scene, edit)
        if back is None:
            continue
        kinds.add(edit.meaning.kind)
        there = apply(scene, edit)
        again = apply(there, back)
        if edit.background is None:
            assert {t.uid: t for t in again.things} == {t.uid: t for t in scene.things}
        assert (again.background, again.environment, again.style) == (scene.background, None, None)
    assert {"add", "remove", "swap", "colour", "background", "bigger", "smaller", "mirror"} <= kinds


def test_kinds_sizes_and_numbers_of_things_all_occur() -> None:
    found = plans(2500)
    kinds = {edit.meaning.kind for _, edit in found}
    assert kinds == {
        *("remove", "add", "swap", "colour", "lighter", "darker", "bigger", "smaller", "rotate", "mirror"),
        *("material", "background", "environment", "style", "keep", "both"),
    }
    assert {(s.width, s.height) for s, _ in found} == set(SIZES)
    assert {len(s.things) for s, _ in found} == {1, 2, 3, 4}
    sizes = [t.size for s, _ in found for t in s.things]
    assert min(sizes) < 0.14 and max(sizes) > 0.58
    assert any(overlap(s, s.things[0], s.things[1]) > 0.1 for s, _ in found if len(s.things) > 1)


def _things(scene: Scene, edit: Edit) -> list[tuple[str, str, str | None]]:
    return [(t.name, t.drawing, t.colour) for t in (*scene.things, *edit.put)]


def _pairs_said(meaning: Meaning) -> set[tuple[str, str]]:
    said = {(r.name, r.colour) for r in (meaning.target, meaning.new) if r is not None and r.colour is not None}
    if meaning.kind == "colour" and meaning.target is not None and meaning.value is not None:
        said.add((meaning.target.name, meaning.value))
    return said.union(*(_pairs_said(p) for p in meaning.parts))


def test_nothing_held_out_reaches_training() -> None:
    for scene, edit in plans(4000):
        for name, drawing, colour in _things(scene, edit):
            assert drawing not in HELD_DRAWINGS
            assert (name, colour) not in HELD_PAIRS
        assert not _pairs_said(edit.meaning) & HELD_PAIRS
        assert scene.background not in HELD_BACKGROUNDS and edit.background not in HELD_BACKGROUNDS


def test_the_bench_does_show_what_is_held_out() -> None:
    found = plans(600, "bench")
    things = [thing for scene, edit in found for thing in _things(scene, edit)]
    assert any(drawing in HELD_DRAWINGS for _, drawing, _ in things)
    assert any((name, colour) in HELD_PAIRS for name, _, colour in things)
    assert {scene.background for scene, _ in found} >= HELD_BACKGROUNDS


def test_the_shares_that_are_held_out() -> None:
    every = [d for name in OBJECTS for d in drawings(name)]
    assert set(every) >= HELD_DRAWINGS
    assert len(HELD_DRAWINGS) / len(every) == pytest.approx(0.15, abs=0.005)
    assert len(HELD_PAIRS) / (len(OBJECTS) * len(COLOURS)) == pytest.approx(0.1, abs=0.005)
    assert all(any(d not in HELD_DRAWINGS for d in drawings(name)) for name in OBJECTS)


def test_training_batches_come_from_the_training_split() -> None:
    """What the trainer's batches hold is `make_pair(seed, ..., "train")` and nothing else."""
    batch = make_batches(DataConfig(), 3, 0).batch(0, 0, 1)
    for i, name in enumerate(batch.names):
        seed, task = int(name.split()[2]), Task(name.split("(")[1].rstrip(")"))
        pair = make_pair(seed, task, (128, 128), "train")
        assert np.array_equal(batch.source[i].numpy(), pair.source)
        assert np.array_equal(batch.edited[i].numpy(), pair.edited)
        assert batch.instructions[i] == pair.instruction


def test_rendering_is_pure() -> None:
    scene, _ = plans(1)[0]
    assert np.array_equal(render(scene).rgb, render(scene).rgb)
