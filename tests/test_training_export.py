"""From a run's state to a checkpoint."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from omniedit.editnet.checkpoint import load_pipeline, save_pipeline
from omniedit.errors import BadInput, CheckpointError
from tests.editnets import tiny_pipeline
from tests.tiny_runs import TINY, tiny_config, with_tokenizer
from training.config import load_config
from training.editnet import train
from training.export import export, main


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration of a run of two steps that is done."""
    folder = tmp_path_factory.mktemp("export")
    output = with_tokenizer(folder / "run")
    path = tiny_config(folder, TINY.replace("[run]", f"[run]\noutput = '{output}'"))
    train(load_config(path, ["run.samples=8"]))
    return path


def test_an_export_is_a_checkpoint_of_the_newest_state(config: Path, tmp_path: Path) -> None:
    assert "8 samples" in export(config, tmp_path / "exported")
    assert load_pipeline(tmp_path / "exported").transformer.config.gate


def test_an_export_replaces_only_a_checkpoint_and_only_when_told_to(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "exported"
    assert main([str(config), str(target)]) == 0
    assert main([str(config), str(target)]) == 2 and "holds something already" in capsys.readouterr().err
    with pytest.raises(BadInput, match="holds something already"):
        export(config, target)
    assert main([str(config), str(target), "--force"]) == 0
    photos = tmp_path / "photos"
    photos.mkdir()
    photo = photos / "photo.png"
    photo.touch()
    for other, sentence in ((photos, "was not written by this command"), (photo, "is not a folder")):
        assert main([str(config), str(other), "--force"]) == 2 and sentence in capsys.readouterr().err
    assert photo.is_file() and not list(tmp_path.glob(".*")) and not list(photos.glob(".*"))


def test_weights_of_another_network_are_not_exported(config: Path, tmp_path: Path) -> None:
    other = tiny_config(tmp_path, config.read_text().replace("patch_size = 16", "patch_size = 32"))
    with pytest.raises(CheckpointError, match="of another network"):
        export(other, tmp_path / "exported")


def test_an_export_goes_a_share_of_the_way_from_the_checkpoint_where_the_run_began(tmp_path: Path) -> None:
    first = tiny_pipeline()
    save_pipeline(first, tmp_path / "first", {})
    model = f"[model]\ninit_from = '{tmp_path / 'first'}'\n[data]"
    text = model + TINY.partition("[data]")[2].replace("[run]", f"[run]\noutput = '{tmp_path / 'run'}'")
    config = tiny_config(tmp_path, text)
    train(load_config(config, ["run.samples=64", "optim.lr=0.1", "data.sizes=[[32, 32], [64, 64]]"]))
    weights = []
    for share in (0.0, 0.5, 1.0):
        target = tmp_path / f"at-{share}"
        export(config, target, ["data.sizes=[[32, 32], [64, 64]]", "optim.lr=0.1"], share=share)
        weights.append(load_pipeline(target).transformer.proj_out.weight.float())
    start, half, end = weights
    assert torch.allclose(start, first.transformer.proj_out.weight, atol=1e-2) and not torch.equal(start, end)
    assert torch.allclose(half, (start + end) / 2, atol=1e-2)
    with pytest.raises(BadInput, match=r"--share is 1\.5"):
        export(config, tmp_path / "other", share=1.5)
    with pytest.raises(BadInput, match="is where the run began"):
        export(config, tmp_path / "first", force=True)
    first.transformer.proj_out.bias.data.add_(1)
    shutil.rmtree(tmp_path / "first")
    save_pipeline(first, tmp_path / "first", {})
    with pytest.raises(BadInput, match="began from another checkpoint"):
        export(config, tmp_path / "other")


def test_a_run_that_began_from_nothing_has_no_way_to_share(config: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"--share is 0\.5; give 0 to 1, and 1 for a run without model\.init_from"):
        export(config, tmp_path / "exported", share=0.5)
