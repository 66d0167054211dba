"""Configurations: what is shipped loads, what is wrong is named in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from omniedit.errors import BadInput
from training.config import load_config

CONFIGS = sorted((Path(__file__).parents[1] / "training" / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_shipped_configurations_load(path: Path) -> None:
    config = load_config(path)
    assert len(config.data.sizes) == len(config.data.size_weights)
    assert load_config(path, ["run.batch=3"]).run.batch == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[run]\nbatch = ", "no valid TOML"),
        ("[runn]\nbatch = 3", r"Unknown section \[runn\]"),
        ("[run]\nbach = 3", "Unknown key run.bach; known: accumulate"),
        ("[run]\nbatch = 0", "run.batch is 0; give at least 1"),
        ('[run]\nbatch = "many"', "run.batch is 'many'; it must be of type"),
        ("[run]\ncompile = 3", "run.compile is 3"),
        ('[optim]\nname = "sgd"', "optim.name is 'sgd'; choose one of adamw, muon"),
        ("[data]\nsizes = [[64, 64], [64, 96]]", "1 entries for 2 sizes"),
        ('[data]\nsource = "parquet"', "data.path is not set"),
    ],
)
def test_wrong_configurations_are_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=words):
        load_config(path)


def test_wrong_overrides_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not of the form"):
        load_config(CONFIGS[0], ["batch=3"])
    with pytest.raises(BadInput, match=r"Unknown key run.speed"):
        load_config(CONFIGS[0], ["run.speed=3"])
    with pytest.raises(BadInput, match="Cannot read"):
        load_config(tmp_path / "nowhere.toml")


def test_a_configuration_extends_another_table_by_table(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(
        "[run]\nbatch = 3\nseed = 5\n[model.text]\nhidden_size = 8\nnum_hidden_layers = 2\n"
    )
    (tmp_path / "more.toml").write_text('extends = "base.toml"\n[run]\nbatch = 9\n[model.text]\nhidden_size = 16\n')
    config = load_config(tmp_path / "more.toml")
    assert (config.run.batch, config.run.seed) == (9, 5)
    assert config.model.text == {"hidden_size": 16, "num_hidden_layers": 2}
    (tmp_path / "more.toml").write_text('extends = "gone.toml"')
    with pytest.raises(BadInput, match=r"Cannot read the configuration .*gone.toml"):
        load_config(tmp_path / "more.toml")
