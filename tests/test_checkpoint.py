"""Checkpoints: whole or not at all, verified before use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from omniedit.editnet.checkpoint import load_pipeline, save_pipeline
from omniedit.errors import CheckpointError
from omniedit.folders import MANIFEST, content_hash, sweep, write_folder
from tests.editnets import tiny_mini, tiny_pipeline


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    save_pipeline(tiny_pipeline(), tmp_path / "tiny", {"samples": 0})
    return tmp_path / "tiny"


def test_what_is_saved_loads_equal(saved: Path) -> None:
    original, loaded = tiny_pipeline().transformer, load_pipeline(saved).transformer
    for (name, a), (_, b) in zip(original.state_dict().items(), loaded.state_dict().items(), strict=True):
        assert torch.equal(a, b), name
    assert not loaded.training


def test_the_hash_names_the_weights(saved: Path, tmp_path: Path) -> None:
    save_pipeline(tiny_pipeline(), tmp_path / "same", {"samples": 5})
    other = tiny_pipeline()
    other.transformer.proj_out.bias.data += 1
    save_pipeline(other, tmp_path / "other", {"samples": 0})
    assert content_hash(saved) == content_hash(tmp_path / "same") != content_hash(tmp_path / "other")


def test_a_failed_save_leaves_the_old_one_and_nothing_else(saved: Path) -> None:
    before = content_hash(saved)

    def fail(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_folder(saved, fail, {})
    assert content_hash(saved) == before
    assert [p.name for p in saved.parent.iterdir()] == ["tiny"]


def test_what_a_kill_left_behind_is_put_right(saved: Path) -> None:
    before = content_hash(saved)
    (saved.parent / ".tiny-new-abc").mkdir()
    saved.rename(saved.parent / ".tiny-old-7")  # killed between the renames
    sweep(saved.parent)
    assert [p.name for p in saved.parent.iterdir()] == ["tiny"]
    assert content_hash(saved) == before


def test_parts_that_do_not_fit_each_other_are_named(saved: Path) -> None:
    def mix(folder: Path) -> None:
        tiny_pipeline().save_pretrained(folder, safe_serialization=True)
        tiny_mini(joint_attention_dim=48).save_pretrained(folder / "transformer")

    write_folder(saved, mix, {})
    with pytest.raises(CheckpointError, match="does not fit together"):
        load_pipeline(saved)


@pytest.mark.parametrize("part", ["transformer/diffusion_pytorch_model.safetensors", "tokenizer/tokenizer.json"])
def test_a_flipped_byte_is_found(saved: Path, part: str) -> None:
    data = bytearray((saved / part).read_bytes())
    data[len(data) // 2] ^= 1
    (saved / part).write_bytes(data)
    with pytest.raises(CheckpointError, match="damaged"):
        load_pipeline(saved)


def test_a_missing_file_a_missing_manifest_and_a_missing_folder_are_named(saved: Path) -> None:
    (saved / "scheduler" / "scheduler_config.json").unlink()
    with pytest.raises(CheckpointError, match="lacks scheduler"):
        load_pipeline(saved)
    (saved / MANIFEST).unlink()
    with pytest.raises(CheckpointError, match="was not finished"):
        load_pipeline(saved)
    with pytest.raises(CheckpointError, match="no checkpoint at"):
        load_pipeline(saved / "nowhere")


def test_weights_of_another_shape_are_named(saved: Path) -> None:
    def reshape(folder: Path) -> None:
        pipeline = tiny_pipeline()
        pipeline.save_pretrained(folder, safe_serialization=True)
        config = folder / "transformer" / "config.json"
        config.write_text(json.dumps(json.loads(config.read_text()) | {"num_layers": 3}))

    write_folder(saved, reshape, {})
    with pytest.raises(CheckpointError, match="does not fit"):
        load_pipeline(saved)
