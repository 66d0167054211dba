"""The trainer: exact resume after a kill, what it writes, what it refuses before the first step."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from omniedit.editnet.checkpoint import load_pipeline, save_pipeline
from omniedit.editnet.model import EditNetTransformer2DModel
from omniedit.editnet.pipeline import EditNetPipeline
from omniedit.errors import BadInput, CheckpointError, OmniEditError
from omniedit.types import Task
from tests.editnets import parquet_pairs, tiny_pipeline, tiny_sd3_folder
from training.beginning import begin
from training.config import DataConfig, OptimConfig, load_config
from training.data import make_batches
from training.editnet import learning_rate, main, train
from training.export import export
from training.export import main as export_main
from training.trainee import Trainee

TINY = """
[model]
fusion = "add"
vocabulary = 400
[model.transformer]
sample_size = 32
patch_size = 16
in_channels = 3
out_channels = 3
source_channels = 3
num_layers = 2
num_attention_heads = 2
attention_head_dim = 16
joint_attention_dim = 32
caption_projection_dim = 32
pooled_projection_dim = 32
pos_embed_max_size = 16
mask_input = true
gate = true
[model.flow]
prediction = "clean"
density = "uniform"
[model.text]
hidden_size = 32
num_hidden_layers = 1
num_attention_heads = 2
intermediate_size = 32
[data]
sizes = [[64, 64], [64, 96]]
size_weights = [1, 1]
workers = 0
[run]
samples = 32
batch = 4
precision = "no"
compile = false
log_every = 2
sheet_every = 8
save_every = 2
"""

# The same with all that omniedit-mini has; what stays frozen after its lesson gets one of a batch.
WHOLE = (
    TINY.replace(
        "gate = true",
        "gate = true\nsource_stem = [8, 8, 8]\npointer_heads = 2\nhand_widths = [32]\nlook_width = 8\nfill = true",
    )
    .replace("vocabulary = 400", "vocabulary = 400\nlooks = 32\ndrawing = 32\nspelling = 128")
    .replace(
        "[data]", "[optim]\ntext_lr_scale = 0.0\ntarget_weight = 0.3\ncode_weight = 1.0\nsight_weight = 0.1\n[data]"
    )
)


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


def weights(run: Path) -> dict[str, torch.Tensor]:
    state = sorted((run / "states").glob("step-*"))[-1]
    return {name: t for part in ("model", "average", "optimiser") for name, t in _load(state, part)}


def _load(state: Path, part: str) -> list[tuple[str, torch.Tensor]]:
    return [(f"{part}.{k}", v) for k, v in load_file(state / f"{part}.safetensors").items()]


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


@pytest.mark.parametrize("optimiser", ["adamw", "muon"])
def test_a_run_in_two_parts_ends_with_the_same_weights(config_path: Path, tmp_path: Path, optimiser: str) -> None:
    for name, stops in (("whole", [32]), ("parts", [12, 32])):
        for samples in stops:
            train(
                load_config(
                    config_path,
                    [f"run.output={tmp_path / name}", f"run.samples={samples}", f"optim.name={optimiser}"],
                )
            )
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "parts"))


def command(config: Path, output: Path, *overrides: str) -> list[str]:
    made = [sys.executable, "-m", "training.editnet", str(config)]
    for override in (f"run.output={output}", *overrides):
        made += ["--override", override]
    return made


@pytest.mark.slow
@pytest.mark.parametrize("base", ["mini", "sd3"])
def test_a_run_killed_at_any_moment_ends_with_the_same_weights(config_path: Path, tmp_path: Path, base: str) -> None:
    config_path.write_text(WHOLE)
    config = config_path if base == "mini" else sd3_config(tmp_path)
    longer = "run.samples=64"  # 16 steps
    done = subprocess.run(command(config, tmp_path / "whole", longer), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    states, last = tmp_path / "cut" / "states", ""
    for after in ("step-00000002", "step-00000006", "step-00000008"):
        process = subprocess.Popen(command(config, tmp_path / "cut", longer), stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while last < after and process.poll() is None and time.monotonic() < deadline:
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
def test_two_processes_resume_exactly(config_path: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "ACCELERATE_USE_CPU": "true", "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}

    def go(name: str, samples: int) -> None:
        both = command(config_path, tmp_path / name, f"run.samples={samples}", "model.lesson=128")
        both[1:2] = ["-m", "torch.distributed.run", "--nproc_per_node=2", "--standalone", "-m"]
        done = subprocess.run(both, env=environment, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:]

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


def test_parquet_pairs_are_shuffled_near_by_and_chosen_by_score(tmp_path: Path) -> None:
    config = DataConfig(source="parquet", path=str(parquet_pairs(tmp_path / "pairs")), sizes=((32, 32),))
    maker = make_batches(config, 2, 0)
    epochs = [[maker.batch(epoch * 9 + step, 0, 1) for step in range(9)] for epoch in range(2)]
    names = [sorted(name for batch in epoch for name in batch.names) for epoch in epochs]
    assert names[0] == names[1] and len(set(names[0])) == 18  # those of 24 that reach the score, once an epoch
    assert [b.names for b in epochs[0]] != [b.names for b in epochs[1]]
    assert epochs[0][0].source.shape == (2, 32, 32, 3) and not torch.equal(epochs[0][0].source, epochs[0][0].edited)
    assert maker.batch(3, 0, 1).names == epochs[0][3].names


def sd3_config(folder: Path) -> Path:
    """A run over a tiny SD3 with pairs from parquet files."""
    sd3, pairs = tiny_sd3_folder(folder / "sd3"), parquet_pairs(folder / "pairs")
    path = folder / "sd3.toml"
    path.write_text(
        f"[model]\npretrained = '{sd3}'\n[data]\nsource = 'parquet'\npath = '{pairs}'\nsizes = [[32, 32]]\n"
        "workers = 0\n[run]\nsamples = 32\nbatch = 4\nprecision = 'no'\ncompile = false\nlog_every = 2\n"
        "sheet_every = 8\nsave_every = 2\n"
    )
    return path


def test_what_a_run_leaves_behind(config_path: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    checkpoint = train(load_config(config_path, [f"run.output={output}"]))
    rows = list(csv.DictReader((output / "log.csv").read_text().splitlines()))
    assert [r["step"] for r in rows] == ["2", "4", "6", "8"]
    assert {"loss", "samples_per_second", "data_wait_share", "lr", "grad_norm"} <= rows[0].keys()
    assert (output / "sheets" / "000000032.png").stat().st_size > 1000
    assert len(list((output / "states").iterdir())) == 2
    assert isinstance(load_pipeline(checkpoint), EditNetPipeline)
    target = tmp_path / "exported"
    assert "32 samples" in export(config_path, target, [f"run.output={output}"])
    assert load_pipeline(target).transformer.config.gate


def test_an_export_replaces_only_a_checkpoint_and_only_when_told_to(
    config_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, target = f"run.output={tmp_path / 'run'}", tmp_path / "exported"
    train(load_config(config_path, [run, "run.samples=8"]))
    given = [str(config_path), str(target), "--override", run]
    assert export_main(given) == 0
    assert export_main(given) == 2 and "holds something already" in capsys.readouterr().err
    assert export_main([*given, "--force"]) == 0
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "photo.png").touch()
    given[1] = str(photos)
    assert export_main([*given, "--force"]) == 2 and "was not written by this command" in capsys.readouterr().err
    given[1] = str(config_path)
    assert export_main([*given, "--force"]) == 2 and "is not a folder" in capsys.readouterr().err
    assert (photos / "photo.png").exists() and config_path.is_file() and not list(tmp_path.glob(".*"))


def test_other_settings_do_not_continue_a_run(config_path: Path, tmp_path: Path) -> None:
    override = f"run.output={tmp_path / 'run'}"
    train(load_config(config_path, [override, "run.samples=8"]))
    with pytest.raises(BadInput, match=r"started with batch = 4, now it is 8"):
        train(load_config(config_path, [override, "run.batch=8"]))
    with pytest.raises(BadInput, match=r"started with data.drop = 0.03, now it is 0.5"):
        train(load_config(config_path, [override, "data.drop=0.5"]))
    with pytest.raises(CheckpointError, match="of another network"):
        export(config_path, tmp_path / "x", [override, "model.transformer={patch_size = 32}"])
    train(load_config(config_path, [override, "run.samples=12", "optim.lr=1e-5"]))


def test_a_loss_that_is_no_number_names_its_samples(config_path: Path, tmp_path: Path) -> None:
    output = f"run.output={tmp_path / 'run'}"
    config = load_config(config_path, [output, "optim.lr=1e30", "optim.warmup_samples=0", "run.save_every=1"])
    with pytest.raises(OmniEditError, match=r"(loss|flow|gate|norm) is (nan|inf) at step \d+; samples: world seed"):
        train(config)
    assert all(torch.isfinite(value).all() for value in weights(tmp_path / "run").values())


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("data.source=parquet", "data.path is not set"),
        ("run.batch=0", "run.batch is 0; give at least 1"),
        ("run.colour=3", "Unknown key run.colour"),
        ("model.sight=64", "set model.transformer.source_stem, or no sight"),
        ("model.pointing=64", "set model.transformer.pointer_heads, or no pointing"),
        ("model.control=controlnet-text", "choose one of editnet, controlnet"),
        ("model.flow={shfit = 3}", "Unknown key model.flow.shfit"),
        ("model.text={hidden = 3}", "Unknown key model.text.hidden"),
        ("data.task_weights={remove = 3}", "names 'remove'; the tasks are swap, removal"),
        ("data.sizes=[[64, 60], [64, 64]]", "64 x 60; both sides must be multiples of patch_size, 16"),
        ("data.sizes=[64, 64]", "data.sizes has 64; give a list of [width, height]"),
        ("model.transformer={patch_size = 'large'}", "patch_size is 'large'; give a whole number"),
        ("model.transformer={attention_head_dim = 48}", "cannot be built: caption_projection_dim is 1536"),
        ("model.lesson=-1", "model.lesson is -1"),
        ("model.lesson=5", "shorter than one batch"),
        ("run.output=/dev/null", "Cannot write to run.output = '/dev/null'"),
        ("run.sheet_every=0", "run.sheet_every is 0"),
        ("run.attention=flash4", "choose one of"),
        ("optim.code_weight=0.1", "set model.drawing, or optim.code_weight = 0"),
        ("optim.target_weight=0.1", "set model.transformer.pointer_heads, too"),
        ("model.init_from=somewhere", "leave out model.transformer"),
        ("model.transformer={control = 'editnet'}", "Unknown key model.transformer.control"),
    ],
)
def test_what_cannot_be_trained_is_one_sentence(
    config_path: Path, tmp_path: Path, override: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = f"run.output={tmp_path / 'run'}"
    assert main([str(config_path), "--override", output, "--override", override]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"model = 3\n", "write a section [model]"),
        (b"extends = 'odd.toml'\n", "extends itself"),
        (b"[model]\ncontrol = '\xff'\n", "no valid TOML"),
    ],
)
def test_a_file_that_is_no_configuration_is_one_sentence(
    tmp_path: Path, text: bytes, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "odd.toml").write_bytes(text)
    assert main([str(tmp_path / "odd.toml")]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1


def test_what_was_learned_otherwise_is_not_taken_for_this_run(config_path: Path, tmp_path: Path) -> None:
    config_path.write_text(WHOLE)
    begin(load_config(config_path).model, 0, tmp_path / "run")
    assert begin(load_config(config_path).model, 0, tmp_path / "run")[1] is not None
    for override, sentence in (
        ("model.drawing=64", "had length = 32, and the configuration says 64"),
        ("model.vocabulary=500", "had vocabulary = 400"),
    ):
        with pytest.raises(BadInput, match=sentence):
            begin(load_config(config_path, [override]).model, 0, tmp_path / "run")
    config_path.write_text(WHOLE.replace("look_width = 8", "look_width = 16"))
    with pytest.raises(BadInput, match="does not fit this network"):
        begin(load_config(config_path).model, 0, tmp_path / "run")


def test_a_run_from_a_checkpoint_keeps_what_its_look_and_spelling_learned(config_path: Path, tmp_path: Path) -> None:
    pipeline = tiny_pipeline()
    save_pipeline(pipeline, tmp_path / "first", {})
    config_path.write_text(f"[model]\ninit_from = '{tmp_path / 'first'}'\n[data]" + TINY.partition("[data]")[2])
    go_on = load_config(
        config_path, [f"run.output={tmp_path / 'run'}", "run.samples=8", "data.sizes=[[32, 32], [64, 64]]"]
    )
    trained = load_pipeline(train(go_on)).transformer.state_dict()
    moved = {name for name, value in pipeline.transformer.state_dict().items() if not torch.equal(value, trained[name])}
    assert moved and not any(name.startswith(("look.", "hand.spell.")) for name in moved)


def test_a_pretrained_network_is_given_no_first_lesson(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(sd3_config(tmp_path)), "--override", "model.drawing=64"]) == 2
    assert "teach a new network" in capsys.readouterr().err


def test_the_same_step_gives_the_same_batch_and_ranks_differ() -> None:
    maker = make_batches(DataConfig(sizes=((64, 64),)), 4, 3)
    first, again, other, next_one = (maker.batch(*a) for a in ((5, 0, 2), (5, 0, 2), (5, 1, 2), (6, 0, 2)))
    assert torch.equal(first.source, again.source) and first.instructions == again.instructions
    assert first.names == again.names
    assert not set(first.names) & set(other.names) and not set(other.names) & set(next_one.names)


def test_the_pointer_learns_where_to_edit(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(
        TINY.replace("gate = true", "gate = true\nsource_stem = [8, 8, 8]\npointer_heads = 2")
    )
    sure = ["optim.target_weight=1.0", "data.mask_share=0.0", "data.drop=0.0"]
    config = load_config(tmp_path / "tiny.toml", sure)
    trainee = Trainee(begin(config.model, 0, tmp_path)[0], config.optim, config.data)
    removals = dict.fromkeys(Task, 0.0) | {"removal": 1.0}
    batch = make_batches(DataConfig(sizes=((64, 64),), task_weights=removals), 4, 0).batch(0, 0, 1)
    optimiser = torch.optim.AdamW(trainee.parameters(), lr=1e-2)
    found = []
    for step in range(60):
        loss, parts = trainee(batch, torch.Generator().manual_seed(step))
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        found.append(float(parts["target"]))
    assert found[-1] < 0.6 * found[0]


def test_a_text_encoder_keeps_its_lesson_where_it_is_told_to(config_path: Path, tmp_path: Path) -> None:
    run = ["run.samples=8", f"run.output={tmp_path / 'run'}", "optim.text_lr_scale=0.0"]
    assert main([str(config_path), *(part for override in run for part in ("--override", override))]) == 0
    first = begin(load_config(config_path).model, 0, tmp_path / "run")[0].text_encoder
    trained = load_pipeline(tmp_path / "run" / "checkpoint").text_encoder
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), trained.parameters(), strict=True))


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


def test_the_loss_repeats_by_seed(config_path: Path, tmp_path: Path) -> None:
    config = load_config(config_path)
    trainee = Trainee(begin(config.model, 0, tmp_path)[0], config.optim, config.data)
    batch = make_batches(config.data, 4, 0).batch(0, 0, 1)
    with torch.no_grad():
        losses = [float(trainee(batch, torch.Generator().manual_seed(s))[0]) for s in (1, 1, 2)]
    assert losses[0] == losses[1] != losses[2]


def test_the_rate_warms_up_and_cools_down() -> None:
    optim = OptimConfig(lr=1.0, warmup_samples=100, decay_samples=200)
    assert learning_rate(optim, 49, 1000) == pytest.approx(0.5)
    assert learning_rate(optim, 500, 1000) == 1.0
    assert learning_rate(optim, 900, 1000) == pytest.approx(0.5)


@pytest.mark.parametrize(("resource", "words"), [("disk", "GB free but 2 states"), ("memory", "free memory")])
def test_too_little_room_is_said_before_the_first_step(
    config_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resource: str, words: str
) -> None:
    if resource == "disk":
        monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=10_000))
    else:
        monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=10_000))
    with pytest.raises(OmniEditError, match=words):
        train(load_config(config_path, [f"run.output={tmp_path / 'run'}"]))
    assert not (tmp_path / "run" / "log.csv").exists()
