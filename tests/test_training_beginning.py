"""How a run begins: what was learned before, and what stays as it was learned."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from omniedit.editnet.checkpoint import load_pipeline, save_pipeline
from omniedit.errors import BadInput
from tests.editnets import tiny_pipeline
from tests.tiny_runs import TINY, WHOLE, tiny_config, with_tokenizer, without_workers
from training.beginning import begin
from training.config import load_config
from training.editnet import main, train


def test_what_was_learned_otherwise_is_not_taken_for_this_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_workers(monkeypatch)
    config = tiny_config(tmp_path, WHOLE)
    begin(load_config(config).model, 0, tmp_path / "run")
    assert begin(load_config(config).model, 0, tmp_path / "run")[1] is not None
    for override, sentence in (
        ("model.drawing=64", "had length = 32, and the configuration says 64"),
        ("model.vocabulary=500", "had vocabulary = 400"),
    ):
        with pytest.raises(BadInput, match=sentence):
            begin(load_config(config, [override]).model, 0, tmp_path / "run")
    config = tiny_config(tmp_path, WHOLE.replace("look_width = 8", "look_width = 16"))
    with pytest.raises(BadInput, match="does not fit this network"):
        begin(load_config(config).model, 0, tmp_path / "run")


def test_a_run_from_a_checkpoint_moves_all_but_what_it_is_told_to_keep(tmp_path: Path) -> None:
    pipeline = tiny_pipeline()
    save_pipeline(pipeline, tmp_path / "first", {})
    model = f"[model]\ninit_from = '{tmp_path / 'first'}'\nfrozen = ['look', 'hand.spell']\n"
    config = tiny_config(tmp_path, model + "[data]" + TINY.partition("[data]")[2])
    go_on = load_config(config, [f"run.output={tmp_path / 'run'}", "run.samples=8", "data.sizes=[[32, 32], [64, 64]]"])
    trained = load_pipeline(train(go_on)).transformer.state_dict()
    moved = {name for name, value in pipeline.transformer.state_dict().items() if not torch.equal(value, trained[name])}
    assert not any(name.startswith(("look.", "hand.spell.")) for name in moved)
    assert {"hand.code.weight", "proj_out.weight", "source_embed.weight"} <= moved


def test_a_text_encoder_keeps_its_lesson_where_it_is_told_to(tmp_path: Path) -> None:
    config, output = tiny_config(tmp_path), with_tokenizer(tmp_path / "run")
    run = ["run.samples=8", f"run.output={output}", "optim.text_lr_scale=0.0"]
    assert main([str(config), *(part for override in run for part in ("--override", override))]) == 0
    first = begin(load_config(config).model, 0, output)[0].text_encoder
    trained = load_pipeline(output / "checkpoint").text_encoder
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), trained.parameters(), strict=True))
