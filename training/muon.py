"""Muon for the hidden matrices, AdamW for everything else, behind one optimiser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from training.config import OptimConfig

__all__ = ["MuonWithAdamW"]

MUON_SCALE = 10.0  # Muon's orthogonal updates want a larger rate than AdamW's at the same quality


class MuonWithAdamW(torch.optim.Optimizer):
    """`torch.optim.Muon` on 2-D weights inside the transformer's blocks, AdamW on embeddings, heads and vectors."""

    def __init__(self, model: nn.Module, optim: OptimConfig) -> None:
        matrices: list[nn.Parameter] = []
        others: list[nn.Parameter] = []
        text: list[nn.Parameter] = []
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                inside = "transformer_blocks" in name and parameter.ndim == 2 and "norm" not in name
                (text if name.startswith("text_encoder.") else matrices if inside else others).append(parameter)
        rest = [{"params": others, "lr_scale": 1.0}, {"params": text, "lr_scale": optim.text_lr_scale}]
        self.muon = torch.optim.Muon(matrices, lr=optim.lr * MUON_SCALE, weight_decay=optim.weight_decay)
        self.muon.param_groups[0]["lr_scale"] = MUON_SCALE
        rest = [group for group in rest if group["params"]]
        self.adamw = torch.optim.AdamW(rest, lr=optim.lr, betas=optim.betas, weight_decay=0.0, fused=True)
        super().__init__([*matrices, *others, *text], {})
        self.param_groups = [*self.muon.param_groups, *self.adamw.param_groups]

    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """One step of both."""
        self.muon.step(closure)
        self.adamw.step()

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients of both."""
        self.muon.zero_grad(set_to_none)
        self.adamw.zero_grad(set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """Both states in the shape of one: matrices first."""
        first, second = self.muon.state_dict(), self.adamw.state_dict()
        shift = len(first["param_groups"][0]["params"])
        for group in second["param_groups"]:
            group["params"] = [i + shift for i in group["params"]]
        state: dict[int, dict[str, Tensor]] = first["state"] | {i + shift: s for i, s in second["state"].items()}
        return {"state": state, "param_groups": first["param_groups"] + second["param_groups"]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """The way back of `state_dict`."""
        groups = state_dict["param_groups"]
        shift = len(groups[0]["params"])
        rest = [{**group, "params": [i - shift for i in group["params"]]} for group in groups[1:]]
        states = state_dict["state"]
        self.muon.load_state_dict({"state": {i: s for i, s in states.items() if i < shift}, "param_groups": groups[:1]})
        self.adamw.load_state_dict(
            {"state": {i - shift: s for i, s in states.items() if i >= shift}, "param_groups": rest}
        )
        self.param_groups = [*self.muon.param_groups, *self.adamw.param_groups]
