"""Training state on disk: weights, averages and optimiser moments as safetensors, whole or not at all.

A state folder is `step-00001234/` under the run's `states/`; its manifest is written last. Random numbers need no
state: every draw of a step is seeded by (run seed, step, process).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from omniedit.editnet.checkpoint import MANIFEST, write_folder
from omniedit.errors import BadInput

__all__ = ["latest_state", "load_state", "save_state"]


def save_state(
    folder: Path,
    step: int,
    model: nn.Module,
    average: nn.Module,
    optimiser: torch.optim.Optimizer,
    facts: dict[str, Any],
    keep: int,
) -> Path:
    """Write the state after `step` steps and drop all but the newest `keep`."""
    target = folder / f"step-{step:08d}"

    def fill(temp: Path) -> None:
        save_file(_plain(dict(model.named_parameters())), temp / "model.safetensors")
        save_file(_plain(dict(average.named_parameters())), temp / "average.safetensors")
        moments, settings = _pack(optimiser)
        save_file(moments, temp / "optimiser.safetensors")
        (temp / "optimiser.json").write_text(json.dumps(settings))

    write_folder(target, fill, {**facts, "step": step})
    for old in _states(folder)[:-keep]:
        shutil.rmtree(old)
    return target


def latest_state(folder: Path) -> Path | None:
    """The newest finished state, or None."""
    found = _states(folder)
    return found[-1] if found else None


def load_state(
    state: Path, model: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer, facts: dict[str, Any]
) -> int:
    """Put everything back and return the number of finished steps; BadInput if the run's settings differ."""
    manifest = json.loads((state / MANIFEST).read_text())
    for key, value in facts.items():
        if manifest.get(key) != value:
            raise BadInput(
                f"The run in {state.parent.parent} was started with {key} = {manifest.get(key)!r}, now it is "
                f"{value!r}; choose another run.output or give the same settings."
            )
    for module, name in ((model, "model"), (average, "average")):
        saved = load_file(state / f"{name}.safetensors")
        with torch.no_grad():
            for key, parameter in module.named_parameters():
                parameter.copy_(saved[key])
    _unpack(optimiser, load_file(state / "optimiser.safetensors"), json.loads((state / "optimiser.json").read_text()))
    return int(manifest["step"])


def _states(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("step-*") if (p / MANIFEST).is_file())


def _plain(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key: value.detach().cpu().contiguous() for key, value in tensors.items()}


def _pack(optimiser: torch.optim.Optimizer) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
    state = optimiser.state_dict()
    moments = {
        f"{index}.{key}": value.detach().cpu().contiguous()
        for index, entry in state["state"].items()
        for key, value in entry.items()
        if isinstance(value, Tensor)
    }
    return moments, state["param_groups"]


def _unpack(optimiser: torch.optim.Optimizer, moments: dict[str, Tensor], groups: list[dict[str, Any]]) -> None:
    entries: dict[int, dict[str, Tensor]] = {}
    for name, value in moments.items():
        index, _, key = name.partition(".")
        entries.setdefault(int(index), {})[key] = value
    optimiser.load_state_dict({"state": entries, "param_groups": groups})
