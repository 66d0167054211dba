"""Tiny training runs: configurations, and what their tests share."""

from __future__ import annotations

import tomllib
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from omniedit.folders import write_folder
from tests.editnets import parquet_pairs, tiny_sd3_folder
from training import beginning
from training.config import ModelConfig
from training.tokenizer import train_tokenizer
from training.world.generate import corpus

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


def tiny_config(folder: Path, text: str = TINY) -> Path:
    """`text` as a file."""
    path = folder / "tiny.toml"
    path.write_text(text)
    return path


def tiny_model(network: dict[str, Any], **changes: Any) -> ModelConfig:
    """The model of TINY with more in its network."""
    model = tomllib.loads(TINY)["model"]
    return ModelConfig(**model | {"transformer": model["transformer"] | network} | changes)


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


def with_tokenizer(output: Path) -> Path:
    """`output` as if a run had kept its tokenizer there: a whole one takes ten seconds, and few tests are about it."""
    facts = {"vocabulary": 400, "length": 32, "seed": 0}
    write_folder(output / "tokenizer", _tokenizer().save_pretrained, facts)
    return output


@cache
def _tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(corpus(1000, 0), 400, 32)


def without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lessons make their pages themselves: starting two processes takes longer than a lesson of one batch."""
    for name in ("teach_names", "teach_pointing", "teach_looks", "teach_drawing", "teach_spelling"):
        monkeypatch.setattr(beginning, name, partial(getattr(beginning, name), workers=0))
