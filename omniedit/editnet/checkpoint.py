"""EditNet checkpoints: a diffusers pipeline folder with a manifest written last.

The manifest names every file with its sha256; a folder without it was never finished. Only safetensors and JSON
are read.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
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

__all__ = ["MANIFEST", "checkpoint_hash", "load_pipeline", "save_pipeline", "write_folder"]

MANIFEST = "manifest.json"
_ENCODERS: dict[str, type[PreTrainedModel]] = {
    c.__name__: c for c in (BertModel, CLIPTextModelWithProjection, T5EncoderModel)
}


def write_folder(target: Path, fill: Any, facts: dict[str, Any]) -> None:
    """Let `fill(folder)` write files, then put the folder at `target` whole: temp, fsync, manifest last, rename."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temp = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        fill(temp)
        files = sorted(p for p in temp.rglob("*") if p.is_file())
        sums = {str(p.relative_to(temp)): _sha256(p) for p in files}
        for path in files:
            _fsync(path)
        (temp / MANIFEST).write_text(json.dumps({**facts, "files": sums}, indent=1, sort_keys=True))
        _fsync(temp / MANIFEST)
        temp.chmod(0o755)
        old = None
        if target.exists():
            old = target.with_name(f".{target.name}-old-{os.getpid()}")
            target.rename(old)
        temp.rename(target)
        _fsync(target.parent)
        if old is not None:
            shutil.rmtree(old)
    except BaseException:
        shutil.rmtree(temp, ignore_errors=True)
        raise


def save_pipeline(pipeline: EditNetPipeline, target: Path, facts: dict[str, Any]) -> None:
    """Save `pipeline` at `target` atomically; `facts` (command, samples, figures) go into the manifest."""
    write_folder(target, lambda folder: pipeline.save_pretrained(folder, safe_serialization=True), facts)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a finished folder; CheckpointError, in one sentence, for anything else."""
    if not folder.is_dir():
        raise CheckpointError(f"There is no checkpoint at {folder}; train one or point OMNIEDIT_CHECKPOINT at one.")
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        sums = manifest["files"]
    except (OSError, ValueError, KeyError, TypeError):
        raise CheckpointError(
            f"The checkpoint {folder} has no readable {MANIFEST}; it was not finished, use another."
        ) from None
    for name, wanted in sums.items():
        path = folder / name
        if not path.is_file():
            raise CheckpointError(f"The checkpoint {folder} lacks {name}; copy it again in full.")
        if _sha256(path) != wanted:
            raise CheckpointError(
                f"The checkpoint {folder} is damaged ({name} differs from its manifest); copy it again."
            )
    return manifest


def checkpoint_hash(folder: Path) -> str:
    """Twelve hex digits that name the weights, from the manifest."""
    sums = json.loads((folder / MANIFEST).read_text())["files"]
    return hashlib.sha256(json.dumps(sums, sort_keys=True).encode()).hexdigest()[:12]


def load_pipeline(folder: Path, dtype: torch.dtype = torch.float32) -> EditNetPipeline:
    """Verify and load an EditNet pipeline. Raises CheckpointError in one sentence for what cannot be used."""
    read_manifest(folder)
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
    for module in (pipeline.transformer, *(e.model for e in pipeline.encoders)):
        module.eval()
    return pipeline


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
