"""The lesson in drawing: plans, codes, and a hand that learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from omniedit.editnet.hand import Hand
from omniedit.types import Task
from tests.editnets import tiny_mini
from tests.tiny_runs import tiny_model, with_tokenizer, without_workers
from training import spelling
from training.beginning import begin
from training.config import DataConfig, OptimConfig
from training.data import make_batches
from training.drawing import Dictation, teach_drawing
from training.spelling import teach_spelling
from training.trainee import Trainee
from training.world.generate import make_pair
from training.world.plans import FIELDS, NAMES, ROWS, plan_of
from training.world.render import render
from training.world.scene import Scene, Thing

MODEL = tiny_model({"hand_widths": [32]}, drawing=64)


def cat(x: float, uid: int = 1) -> Thing:
    return Thing(uid, "cat", "noto/cat", "red", None, 0.3, x, 0.5)


def plan(*things: Thing, background: str | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    scene = Scene(128, 128, "beach", 1, things)
    table, shown = plan_of(scene, render(scene).owners, things, background)
    return torch.from_numpy(table)[None], torch.from_numpy(shown)[None]


def test_a_plan_says_what_is_drawn_where() -> None:
    table, shown = plan(cat(0.3), cat(0.7, 2), background="forest")
    assert table.shape == (1, ROWS, FIELDS) and shown.shape == (1, 128, 128)
    assert NAMES[int(table[0, 1, 0])] == "noto/cat" and NAMES[int(table[0, -1, 0])] == "forest"
    assert not table[0, 0].any() and not table[0, 3].any()
    assert shown[0, 64, 38] == 1 and shown[0, 64, 90] == 2 and shown[0, 2, 2] == ROWS - 1


@pytest.mark.parametrize("task", [Task.ADDITION, Task.SWAP, Task.BACKGROUND])
def test_pairs_tell_what_their_edit_draws(task: Task) -> None:
    pair = next(p for p in (make_pair(seed, task, (128, 128), "train") for seed in range(50)) if p.edit.changes)
    told = pair.plan[1] > 0
    assert told.any() and pair.mask[told].mean() > 0.9
    assert not make_pair(7, Task.STYLE, (128, 128), "train").plan[1].any()
    recoloured = (make_pair(seed, Task.ATTRIBUTE, (128, 128), "train") for seed in range(99))
    assert not next(p for p in recoloured if p.edit.meaning.kind == "colour" and p.edit.changes).plan[1].any()


def test_a_code_depends_on_what_and_where_within_it_but_not_on_where_in_the_picture() -> None:
    torch.manual_seed(0)
    dictation = Dictation(32)
    here, row = dictation(*plan(cat(0.3125)), 16)
    there, _ = dictation(*plan(cat(0.6875)), 16)  # three patches further
    grid, moved = here.view(8, 8, 32), there.view(8, 8, 32)
    seen = (row.view(8, 8) > 0).nonzero().tolist()
    assert seen and all(torch.allclose(grid[y, x], moved[y, x + 3], atol=1e-5) for y, x in seen)
    assert not torch.allclose(grid[seen[0][0], seen[0][1]], grid[seen[-1][0], seen[-1][1]], atol=0.1)


def test_the_hand_learns_to_draw() -> None:
    network = tiny_mini(patch_size=16, sample_size=128, hand_widths=(64,))
    network.initialise()
    torch.manual_seed(0)
    before = {name: p.clone() for name, p in network.named_parameters()}
    left = teach_drawing(network, Dictation(32), 32 * 16, 0, workers=0)
    assert left < 0.97  # 1 is nothing drawn
    changed = {name.split(".")[0] for name, p in network.named_parameters() if not torch.equal(p, before[name])}
    assert changed == {"hand", "proj_out"}
    assert torch.equal(network.hand.code.weight, torch.eye(32))  # codes are given here, not read from tokens


def test_what_no_code_says_reaches_the_drawing() -> None:
    hand, tokens = Hand(8, 6, (16, 12)), torch.randn(2, 5, 8)
    code, around = hand.read(tokens, torch.randn(2, 6))
    assert torch.equal(code, tokens) and not around.any()
    assert torch.equal(hand(code, around), hand(code)) and hand(code).shape == (2, 5, 12)
    assert not torch.equal(hand(code, around + 1), hand(code))


def test_the_lesson_is_given_once_and_its_codes_are_kept(tmp_path: Path) -> None:
    first = begin(MODEL, 0, with_tokenizer(tmp_path))
    stamp = (tmp_path / "hand" / "manifest.json").stat().st_mtime_ns
    again = begin(MODEL, 0, tmp_path)
    assert first[1] is not None and again[1] is not None
    for one, other in ((first[0].transformer, again[0].transformer), (first[1], again[1])):
        assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    assert (tmp_path / "hand" / "manifest.json").stat().st_mtime_ns == stamp


def cat_or_banana(rng: np.random.Generator) -> tuple[str, np.ndarray]:
    facts = np.zeros(FIELDS, np.float32)
    text, name = [("add a cat", "noto/cat"), ("turn the dog into a banana, please", "noto/banana")][
        int(rng.integers(2))
    ]
    facts[0], facts[3:7] = NAMES.index(name), (64, 64, 40, 40)
    return text, facts


def test_words_spell_what_they_want_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spelling, "BATCH", 16)
    monkeypatch.setattr(spelling, "_sentence", cat_or_banana)
    without_workers(monkeypatch)
    pipeline, dictation = begin(replace(MODEL, spelling=32, frozen=("hand.spell",)), 0, with_tokenizer(tmp_path))
    hand, reader = pipeline.transformer.hand, pipeline.encoders[0]
    assert not any(p.requires_grad for p in hand.spell.parameters()) and hand.first.weight.requires_grad
    hand.spell.requires_grad_(True)
    kept = {name: p.clone() for name, p in hand.named_parameters() if not name.startswith("spell")}
    assert teach_spelling(hand, dictation, reader, 16 * 100, 0, workers=0) > 0.3  # of 163 drawings
    assert all(torch.equal(p, kept[name]) for name, p in hand.named_parameters() if name in kept)
    again, _ = begin(replace(MODEL, spelling=32), 0, tmp_path)
    assert not torch.equal(again.transformer.hand.spell[-1].weight, hand.spell[-1].weight)


def test_a_sentence_comes_with_the_plan_of_what_it_names() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        text, facts = spelling._sentence(rng)
        assert text and facts.shape == (FIELDS,) and 0 < facts[0] < len(NAMES) and facts[5] > 0


def test_the_network_is_told_the_codes_of_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_workers(monkeypatch)
    optim = OptimConfig(code_weight=1.0, sight_weight=1.0, gate_weight=0.0)
    data = DataConfig(
        sizes=((128, 128),), task_weights={"addition": 1.0, **dict.fromkeys(set(Task) - {"addition"}, 0.0)}
    )
    pipeline, dictation = begin(MODEL, 0, with_tokenizer(tmp_path))
    trainee = Trainee(pipeline, optim, data, dictation)
    batch = make_batches(data, 4, 0).batch(0, 0, 1)
    _, parts = trainee(batch, torch.Generator().manual_seed(0))
    assert 0.5 < float(parts["code"]) < 4  # both are normed and know nothing of each other
    assert float(parts["sight"]) > 0.5 and float(parts["drawing"]) > 0
    loss, _ = trainee(batch, torch.Generator().manual_seed(0))
    loss.backward()
    assert trainee.transformer.pos_embed.proj.weight.grad is not None
    assert trainee.teller.weight.grad is not None and trainee.transformer.hand.first.weight.grad is not None
    assert not any(p.requires_grad for p in trainee.dictation.parameters())


def test_numbers_of_words_fit() -> None:
    assert len(set(NAMES)) == len(NAMES) < 256
    assert np.float32(len(NAMES)) == len(NAMES)
