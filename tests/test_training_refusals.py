"""What cannot be trained is said in one sentence, before the first step."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from omniedit.errors import OmniEditError
from tests.tiny_runs import WHOLE, sd3_config, tiny_config, with_tokenizer
from training.config import load_config
from training.editnet import main, train


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("data.source=parquet", "data.path is not set"),
        ("run.batch=0", "run.batch is 0; give at least 1"),
        ("run.colour=3", "Unknown key run.colour"),
        ("model.sight=64", "set model.transformer.source_stem, or no sight"),
        ("model.pointing=64", "set model.transformer.pointer_heads, or no pointing"),
        ("model.looks=64", "set model.transformer.look_width, or no looks"),
        ("model.drawing=64", "set model.transformer.hand_widths and gate, or no drawing"),
        ("model.spelling=64", "set model.drawing, or no spelling"),
        ("model.frozen=['feet']", "names 'feet', which this network has not; its parts are pos_embed"),
        ("model.frozen='look'", "model.frozen"),
        ("model.control=controlnet-text", "choose one of editnet, controlnet"),
        ("model.flow={shfit = 3}", "Unknown key model.flow.shfit"),
        ("model.text={hidden = 3}", "Unknown key model.text.hidden"),
        ("data.task_weights={remove = 3}", "names 'remove'; the tasks are swap, removal"),
        ("data.sizes=[[64, 60], [64, 64]]", "64 x 60; both sides must be multiples of patch_size, 16"),
        ("data.sizes=[64, 64]", "data.sizes has 64; give a list of [width, height]"),
        ("model.transformer={patch_size = 'large'}", "patch_size is 'large'; give a whole number"),
        ("model.transformer={attention_head_dim = 48}", "cannot be built: caption_projection_dim is 1536"),
        ("model.lesson=-1", "model.lesson is -1"),
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
    tmp_path: Path, override: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = f"run.output={tmp_path / 'run'}"
    assert main([str(tiny_config(tmp_path)), "--override", output, "--override", override]) == 2
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


def test_a_pretrained_network_is_given_no_first_lesson(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(sd3_config(tmp_path)), "--override", "model.drawing=64"]) == 2
    assert "teach a new network" in capsys.readouterr().err


def test_a_lesson_shorter_than_one_batch_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = f"run.output={with_tokenizer(tmp_path / 'run')}"
    config = tiny_config(tmp_path, WHOLE)
    assert main([str(config), "--override", output, "--override", "model.looks=5"]) == 2
    said = capsys.readouterr().err
    assert "shorter than one batch" in said and said.count("\n") == 1


@pytest.mark.parametrize(("resource", "words"), [("disk", "GB free but 2 states"), ("memory", "free memory")])
def test_too_little_room_is_said_before_the_first_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resource: str, words: str
) -> None:
    output = with_tokenizer(tmp_path / "run")
    if resource == "disk":
        monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=10_000))
    else:
        monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=10_000))
    with pytest.raises(OmniEditError, match=words):
        train(load_config(tiny_config(tmp_path), [f"run.output={output}"]))
    assert not (output / "log.csv").exists()
