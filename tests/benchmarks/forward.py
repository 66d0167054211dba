"""One forward of EditNet beside its base transformer and beside diffusers' SD3 ControlNet, time and FLOP.

All at SD3's block shape, equal depth and tokens, random weights, float32. EditNet ought to cost what its arithmetic
says and no more: time ratio to the base at most 1.1 times the FLOP ratio.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from diffusers import SD3ControlNetModel, SD3Transformer2DModel
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from omniedit.editnet.model import EditNetTransformer2DModel
from tests.benchmarks.clock import seconds

__all__ = ["measure"]


@torch.inference_mode()
def measure(quick: bool) -> dict[str, Any]:
    """Milliseconds and GFLOP for both fusions, the base and the ControlNet with its base."""
    depth, side, text = (2, 16, 32) if quick else (12, 64, 154)
    shape = {
        "sample_size": side,
        "in_channels": 16,
        "out_channels": 16,
        "num_layers": depth,
        "attention_head_dim": 64,
        "num_attention_heads": 8,
        "joint_attention_dim": 1024,
        "caption_projection_dim": 512,
        "pooled_projection_dim": 512,
        "pos_embed_max_size": 64,
    }
    base = SD3Transformer2DModel(**shape).eval()
    control = SD3ControlNetModel(**shape, force_zeros_for_pooled_projection=False).eval()
    latent, states = torch.randn(1, 16, side, side), torch.randn(1, text, 1024)
    pooled, time = torch.randn(1, 512), torch.tensor([500.0])

    def with_control() -> object:
        found = control(latent, latent, 1.0, states, pooled, time, return_dict=False)[0]
        return base(latent, states, pooled, time, block_controlnet_hidden_states=found)

    runs: dict[str, Callable[[], object]] = {
        "base": lambda: base(latent, states, pooled, time),
        "controlnet": with_control,
    }
    for fusion in ("concatenate", "add"):
        editnet = EditNetTransformer2DModel.from_transformer(base, fusion=fusion).eval()
        runs[f"editnet_{fusion}"] = lambda net=editnet: net(latent, latent, states, pooled, time)  # type: ignore[misc]
    found: dict[str, Any] = {}
    for name, run in runs.items():
        with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):  # others are not counted on CPUs
            run()
        found[name] = {
            "ms": round(seconds(run, 1 if quick else 7) * 1e3, 1),
            "gflop": round(counter.get_total_flops() / 1e9, 2),
        }
    ratios = {}
    for fusion in ("concatenate", "add"):
        ours = found[f"editnet_{fusion}"]
        for peer in ("base", "controlnet"):
            time_ratio, flop_ratio = ours["ms"] / found[peer]["ms"], ours["gflop"] / found[peer]["gflop"]
            ratios[f"{fusion}_to_{peer}"] = {
                "time": round(time_ratio, 3),
                "flop": round(flop_ratio, 3),
                "time_over_flop": round(time_ratio / flop_ratio, 3),
            }
    return {
        "tokens": [(side // 2) ** 2, text],
        "layers": depth,
        **found,
        "peer": "diffusers SD3Transformer2DModel, and SD3ControlNetModel with it",
        "ratio": ratios,
    }
