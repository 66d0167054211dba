"""The trainer: exact resume after a kill, what it writes, what it learns from."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from omniedit.editnet.checkpoint import load_pipeline
from omniedit.editnet.model import EditNetTransformer2DModel
from omniedit.editnet.pipeline import EditNetPipeline
from omniedit.errors import BadInput, OmniEditError
from omniedit.types import Task
from tests.editnets import parquet_pairs, tiny_pipeline
from tests.tiny_runs import TINY, WHOLE, sd3_config, tiny_config, with_tokenizer
from training.beginning import begin
from training.config import DataConfig, OptimConfig, load_config
from training.data import make_batches
from training.editnet import learning_rate, train
from training.trainee import Trainee


def weights(run: Path) -> dict[str, torch.Tensor]:
    state = sorted((run / "states").glob("step-*"))[-1]
    return {name: t for part in ("model", "average", "optimiser") for name, t in _load(state, part)}


def _load(state: Path, part: str) -> list[tuple[str, torch.Tensor]]:
    return [(f"{part}.{k}", v) for k, v in load_file(state / f"{part}.safetensors").items()]


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


@pytest.mark.parametrize("optimiser", ["adamw", "muon"])
def test_a_run_in_two_parts_ends_with_the_same_weights(tmp_path: Path, optimiser: str) -> None:
    config = tiny_config(tmp_path)
    for name, stops in (("whole", [32]), ("parts", [12, 32])):
        output = with_tokenizer(tmp_path / name)
        for samples in stops:
            overrides = [f"run.output={output}", f"run.samples={samples}", f"optim.name={optimiser}"]
            train(load_config(config, overrides))
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "parts"))


def command(config: Path, output: Path, *overrides: str) -> list[str]:
    made = [sys.executable, "-m", "training.editnet", str(config)]
    for override in (f"run.output={output}", *overrides):
        made += ["--override", override]
    return made


@pytest.mark.slow
@pytest.mark.parametrize(("base", "kills"), [("mini", (2, 8)), ("sd3", (6,))])
def test_a_run_killed_at_any_moment_ends_with_the_same_weights(
    tmp_path: Path, base: str, kills: tuple[int, ...]
) -> None:
    if base == "sd3":
        config = sd3_config(tmp_path)
    else:
        config = tiny_config(tmp_path, WHOLE)
        for name in ("whole", "cut"):
            with_tokenizer(tmp_path / name)
    longer = "run.samples=64"  # 16 steps
    done = subprocess.run(command(config, tmp_path / "whole", longer), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    states, last = tmp_path / "cut" / "states", ""
    for after in (f"step-{step:08}" for step in kills):
        process = subprocess.Popen(command(config, tmp_path / "cut", longer), stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 400
        while last < after and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)  # a loop without it takes the run's processor away
            last = max((p.name for p in states.glob("step-*")), default="")
        process.kill()
        assert process.wait() == -signal.SIGKILL, "the run ended before it was killed"
    assert after <= last < "step-00000016"
    assert subprocess.run(command(config, tmp_path / "cut", longer), capture_output=True, check=False).returncode == 0
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "cut"))
    assert not list(states.glob(".*"))
    rows = list(csv.DictReader((tmp_path / "cut" / "log.csv").read_text().splitlines()))
    assert [int(r["step"]) for r in rows] == sorted({int(r["step"]) for r in rows})


@pytest.mark.slow
def test_two_processes_resume_exactly(tmp_path: Path) -> None:
    config = tiny_config(tmp_path)
    environment = {**os.environ, "ACCELERATE_USE_CPU": "true", "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}

    def go(name: str, samples: int) -> None:
        both = command(config, tmp_path / name, f"run.samples={samples}", "model.lesson=128")
        both[1:2] = ["-m", "torch.distributed.run", "--nproc_per_node=2", "--standalone", "-m"]
        done = subprocess.run(both, env=environment, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:]

    for name in ("whole", "parts"):
        with_tokenizer(tmp_path / name)
    go("whole", 32)
    go("parts", 16)
    go("parts", 32)
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "parts"))
    state = sorted((tmp_path / "whole" / "states").glob("step-*"))[-1]
    assert state.name == "step-00000004" and '"processes": 2' in (state / "manifest.json").read_text()


def test_a_run_over_sd3_in_two_parts_ends_with_the_same_weights(tmp_path: Path) -> None:
    config = sd3_config(tmp_path)
    for name, stops in (("whole", [12]), ("parts", [8, 12])):
        for samples in stops:
            checkpoint = train(load_config(config, [f"run.output={tmp_path / name}", f"run.samples={samples}"]))
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "parts"))
    assert not any(".base." in name for name in weights(tmp_path / "whole"))
    pipeline = load_pipeline(checkpoint)
    assert len(pipeline.encoders) == 3 and pipeline.vae is not None
    picture = Image.new("RGB", (32, 32), "red")
    with_t5 = pipeline.encode_instruction(["make it night"])
    pipeline.register_modules(text_encoder_3=None, tokenizer_3=None)
    without = pipeline.encode_instruction(["make it night"])
    assert with_t5.states.shape == without.states.shape == (1, 16 + 256, 32)
    assert not without.states[:, 16:].any() and torch.equal(with_t5.states[:, :16], without.states[:, :16])
    assert pipeline(picture, "make it night", num_inference_steps=2).images[0].size == (32, 32)


def test_other_settings_do_not_continue_a_run(tmp_path: Path) -> None:
    config, override = tiny_config(tmp_path), f"run.output={with_tokenizer(tmp_path / 'run')}"
    train(load_config(config, [override, "run.samples=8"]))
    with pytest.raises(BadInput, match=r"started with batch = 4, now it is 8"):
        train(load_config(config, [override, "run.batch=8"]))
    with pytest.raises(BadInput, match=r"started with data.drop = 0.03, now it is 0.5"):
        train(load_config(config, [override, "data.drop=0.5"]))
    train(load_config(config, [override, "run.samples=12", "optim.lr=1e-5"]))


def test_what_a_run_leaves_behind(tmp_path: Path) -> None:
    output = tmp_path / "run"
    checkpoint = train(load_config(tiny_config(tmp_path), [f"run.output={output}"]))
    rows = list(csv.DictReader((output / "log.csv").read_text().splitlines()))
    assert [r["step"] for r in rows] == ["2", "4", "6", "8"]
    assert {"loss", "samples_per_second", "data_wait_share", "lr", "grad_norm"} <= rows[0].keys()
    assert (output / "sheets" / "000000032.png").stat().st_size > 1000
    assert len(list((output / "states").iterdir())) == 2
    assert isinstance(load_pipeline(checkpoint), EditNetPipeline)


def test_a_loss_that_is_no_number_names_its_samples(tmp_path: Path) -> None:
    output = f"run.output={with_tokenizer(tmp_path / 'run')}"
    overrides = [output, "optim.lr=1e30", "optim.warmup_samples=0", "run.save_every=1"]
    config = load_config(tiny_config(tmp_path), overrides)
    with pytest.raises(OmniEditError, match=r"(loss|flow|gate|norm) is (nan|inf) at step \d+; samples: world seed"):
        train(config)
    assert all(torch.isfinite(value).all() for value in weights(tmp_path / "run").values())


def test_parquet_pairs_are_shuffled_near_by_and_chosen_by_score(tmp_path: Path) -> None:
    config = DataConfig(source="parquet", path=str(parquet_pairs(tmp_path / "pairs")), sizes=((32, 32),))
    maker = make_batches(config, 2, 0)
    epochs = [[maker.batch(epoch * 9 + step, 0, 1) for step in range(9)] for epoch in range(2)]
    names = [sorted(name for batch in epoch for name in batch.names) for epoch in epochs]
    assert names[0] == names[1] and len(set(names[0])) == 18  # those of 24 that reach the score, once an epoch
    assert [b.names for b in epochs[0]] != [b.names for b in epochs[1]]
    assert epochs[0][0].source.shape == (2, 32, 32, 3) and not torch.equal(epochs[0][0].source, epochs[0][0].edited)
    assert maker.batch(3, 0, 1).names == epochs[0][3].names


def test_the_same_step_gives_the_same_batch_and_ranks_differ() -> None:
    maker = make_batches(DataConfig(sizes=((64, 64),)), 4, 3)
    first, again, other, next_one = (maker.batch(*a) for a in ((5, 0, 2), (5, 0, 2), (5, 1, 2), (6, 0, 2)))
    assert torch.equal(first.source, again.source) and first.instructions == again.instructions
    assert first.names == again.names
    assert not set(first.names) & set(other.names) and not set(other.names) & set(next_one.names)


def test_the_pointer_learns_where_to_edit(tmp_path: Path) -> None:
    text = TINY.replace("gate = true", "gate = true\nsource_stem = [8, 8, 8]\npointer_heads = 2")
    sure = ["optim.target_weight=1.0", "data.mask_share=0.0", "data.drop=0.0"]
    config = load_config(tiny_config(tmp_path, text), sure)
    trainee = Trainee(begin(config.model, 0, with_tokenizer(tmp_path))[0], config.optim, config.data)
    removals = dict.fromkeys(Task, 0.0) | {"removal": 1.0}
    batch = make_batches(DataConfig(sizes=((64, 64),), task_weights=removals), 4, 0).batch(0, 0, 1)
    optimiser = torch.optim.AdamW(trainee.parameters(), lr=1e-2)
    found = []
    for step in range(20):
        loss, parts = trainee(batch, torch.Generator().manual_seed(step))
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        found.append(float(parts["target"]))
    assert found[-1] < 0.6 * found[0]


def test_full_size_trains_the_branch_alone() -> None:
    pipeline = tiny_pipeline(latent=True)
    trainee = Trainee(pipeline, OptimConfig(), DataConfig())
    batch = make_batches(DataConfig(sizes=((64, 64),)), 2, 0).batch(0, 0, 1)
    loss, _ = trainee(batch, torch.Generator().manual_seed(0))
    loss.backward()
    assert isinstance(trainee.transformer, EditNetTransformer2DModel)
    touched = {n for n, p in trainee.named_parameters() if p.grad is not None}
    assert touched and all(".control." in n or ".to_" in n or "source_embed" in n for n in touched)
    assert all(p.grad is None for part in (pipeline.text_encoder, pipeline.vae) for p in part.parameters())


def test_the_loss_repeats_by_seed(tmp_path: Path) -> None:
    config = load_config(tiny_config(tmp_path))
    trainee = Trainee(begin(config.model, 0, with_tokenizer(tmp_path))[0], config.optim, config.data)
    batch = make_batches(config.data, 4, 0).batch(0, 0, 1)
    with torch.no_grad():
        losses = [float(trainee(batch, torch.Generator().manual_seed(s))[0]) for s in (1, 1, 2)]
    assert losses[0] == losses[1] != losses[2]


def test_the_rate_warms_up_and_cools_down() -> None:
    optim = OptimConfig(lr=1.0, warmup_samples=100, decay_samples=200)
    assert learning_rate(optim, 49, 1000) == pytest.approx(0.5)
    assert learning_rate(optim, 500, 1000) == 1.0
    assert learning_rate(optim, 900, 1000) == pytest.approx(0.5)
