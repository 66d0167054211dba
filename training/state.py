"""Training state on disk: weights, averages and optimiser moments as safetensors, whole or not at all.

A state folder is `step-00001234/` under the run's `states/`; its manifest is written last. Random numbers need no
state: every draw of a step is seeded by (run seed, step, process). Parameters may be sharded over processes (FSDP2):
what is written is whole, whatever the number of shards.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.distributed.tensor import DTensor, distribute_tensor

from omniedit.errors import BadInput, CheckpointError
from omniedit.folders import MANIFEST, verify, write_folder

__all__ = ["Average", "latest_state", "load_state", "save_state", "trained_parameters"]


class Average:
    """Exponential moving average of a model's trained parameters, each where its parameter lives."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.values = {name: p.detach().clone() for name, p in _trained(model).items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Move towards the parameters after step `step` (from 0); early steps weigh more."""
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(self.values.values()), [p.detach() for p in _trained(model).values()], 1 - decay)

    @torch.no_grad()
    def copy_to(self, model: nn.Module | None) -> None:
        """Put the whole averages into an unsharded `model`; processes without one (None) only take part."""
        own = {} if model is None else dict(model.named_parameters())
        for name, value in self.values.items():
            found = _whole(value, bool(own))
            if found is not None:
                own[name].copy_(found)


def save_state(
    folder: Path,
    step: int,
    model: nn.Module,
    average: Average,
    optimiser: torch.optim.Optimizer,
    facts: dict[str, Any],
    keep: int,
    lead: bool = True,
) -> None:
    """Write the state after `step` steps and drop all but the newest `keep`. All processes call, the lead writes."""
    moments, settings = _moments(optimiser)
    parts = {
        name: {key: whole for key, value in tensors.items() if (whole := _whole(value, lead)) is not None}
        for name, tensors in (("model", _trained(model)), ("average", average.values), ("optimiser", moments))
    }
    if not lead:
        return

    def fill(temp: Path) -> None:
        for name, tensors in parts.items():
            save_file(tensors, temp / f"{name}.safetensors")
        (temp / "optimiser.json").write_text(json.dumps(settings))

    write_folder(folder / f"step-{step:08d}", fill, {**facts, "step": step})
    for old in _states(folder)[:-keep]:
        shutil.rmtree(old)


def latest_state(folder: Path) -> Path | None:
    """The newest finished state, or None."""
    found = _states(folder)
    return found[-1] if found else None


def load_state(
    state: Path, model: nn.Module, average: Average, optimiser: torch.optim.Optimizer, facts: dict[str, Any]
) -> int:
    """Put everything back and return the number of finished steps; BadInput if the run's settings differ."""
    manifest = verify(state)
    for key, value in facts.items():
        if manifest.get(key, value) != value:
            raise BadInput(
                f"The run in {state.parent.parent} was started with {key} = {manifest.get(key)!r}, now it is "
                f"{value!r}; choose another run.output or give the same settings."
            )
    for name in ("model", "average"):
        saved = load_file(state / f"{name}.safetensors")
        places: dict[str, Tensor] = {**trained_parameters(model, saved, state)} if name == "model" else average.values
        with torch.no_grad():
            for key, place in places.items():
                place.copy_(_like(saved[key], place))
    _unpack(optimiser, load_file(state / "optimiser.safetensors"), json.loads((state / "optimiser.json").read_text()))
    return int(manifest["step"])


def trained_parameters(model: nn.Module, saved: dict[str, Tensor], state: Path) -> dict[str, nn.Parameter]:
    """The parameters that `saved` has values for: all that are trained; CheckpointError where they are others."""
    own = _trained(model)
    if own.keys() != saved.keys() or any(own[name].shape != saved[name].shape for name in own):
        raise CheckpointError(
            f"The weights in {state} are of another network than this configuration's; give the configuration that "
            "the run began with."
        )
    return own


def _states(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("step-*") if (p / MANIFEST).is_file())


def _trained(model: nn.Module) -> dict[str, nn.Parameter]:
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def _whole(tensor: Tensor, wanted: bool = True) -> Tensor | None:
    """The full tensor on the CPU; of a sharded one its parts are gathered, which all processes must ask for."""
    full = tensor.full_tensor() if isinstance(tensor, DTensor) else tensor
    return full.detach().cpu().contiguous() if wanted else None


def _like(whole: Tensor, place: Tensor) -> Tensor:
    """`whole` on the device of `place`, and sharded as it is."""
    if isinstance(place, DTensor):
        return distribute_tensor(whole.to(place.device), place.device_mesh, place.placements, src_data_rank=None)
    return whole.to(place.device)


def _moments(optimiser: torch.optim.Optimizer) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
    state = optimiser.state_dict()
    moments = {
        f"{index}.{key}": value
        for index, entry in state["state"].items()
        for key, value in entry.items()
        if isinstance(value, Tensor)
    }
    return moments, state["param_groups"]


def _unpack(optimiser: torch.optim.Optimizer, moments: dict[str, Tensor], groups: list[dict[str, Any]]) -> None:
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    entries: dict[int, dict[str, Tensor]] = {}
    for name, value in moments.items():
        index, _, key = name.partition(".")
        place = parameters[int(index)]
        entries.setdefault(int(index), {})[key] = _like(value, place) if value.shape == place.shape else value
    optimiser.load_state_dict({"state": entries, "param_groups": groups})
