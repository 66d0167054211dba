"""EditNet checkpoints: a diffusers pipeline in a folder with a manifest. Only safetensors and JSON are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoTokenizer, BertModel, CLIPTextModelWithProjection, PreTrainedModel, T5EncoderModel
from transformers.utils import logging

from omniedit.editnet.flow import Flow
from omniedit.editnet.model import EditNetTransformer2DModel
from omniedit.editnet.pipeline import EditNetPipeline
from omniedit.errors import CheckpointError
from omniedit.folders import verify, write_folder

__all__ = ["load_pipeline", "save_pipeline"]

_ENCODERS: dict[str, type[PreTrainedModel]] = {
    c.__name__: c for c in (BertModel, CLIPTextModelWithProjection, T5EncoderModel)
}


def save_pipeline(pipeline: EditNetPipeline, target: Path, facts: dict[str, Any]) -> None:
    """Save `pipeline` at `target` atomically; `facts` (command, samples, figures) go into the manifest."""
    write_folder(target, lambda folder: pipeline.save_pretrained(folder, safe_serialization=True), facts)


def load_pipeline(folder: Path, dtype: torch.dtype = torch.float32) -> EditNetPipeline:
    """Verify and load an EditNet pipeline. Raises CheckpointError in one sentence for what cannot be used."""
    verify(folder)
    with_bar = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        index = json.loads((folder / "model_index.json").read_text())
        parts: dict[str, Any] = {
            "transformer": EditNetTransformer2DModel.from_pretrained(
                folder / "transformer", torch_dtype=dtype, use_safetensors=True, low_cpu_mem_usage=False
            ),
            "scheduler": Flow.from_pretrained(folder / "scheduler"),
        }
        for name, spec in index.items():
            if not isinstance(spec, list) or spec[1] is None:
                continue
            if name.startswith("text_encoder"):
                encoder = _ENCODERS[spec[1]]
                parts[name] = encoder.from_pretrained(folder / name, dtype=dtype, use_safetensors=True)
            elif name.startswith("tokenizer"):
                parts[name] = AutoTokenizer.from_pretrained(folder / name)
            elif name == "vae":
                from diffusers import AutoencoderKL

                parts[name] = AutoencoderKL.from_pretrained(folder / name, torch_dtype=dtype, use_safetensors=True)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, SafetensorError) as error:
        raise CheckpointError(f"The checkpoint {folder} does not fit this EditNet: {_first_line(error)}") from None
    finally:
        if with_bar:
            logging.enable_progress_bar()
    pipeline = EditNetPipeline(**parts)
    written, read = pipeline.text_encoder.config.hidden_size, pipeline.transformer.config.joint_attention_dim
    if len(pipeline.encoders) == 1 and written != read:
        raise CheckpointError(
            f"The checkpoint {folder} does not fit together: its text encoder is {written} wide, its transformer "
            f"reads {read}."
        )
    for module in (pipeline.transformer, *(e.model for e in pipeline.encoders)):
        module.eval()
    return pipeline


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
