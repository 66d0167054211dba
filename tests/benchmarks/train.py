"""Samples a second of the trainer at mini.toml, beside the same step written plainly around diffusers' SD3 ControlNet.

The peer has the mini's size, depth, tokens, text encoder (frozen, as ours is), batch, optimiser, average and pairs; it
is the loop that one writes first: pairs made in the loop's own process, bf16 autocast, no compilation.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from diffusers import SD3ControlNetModel, SD3Transformer2DModel
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import BertConfig, BertModel

from omniedit.editnet.text import Encoder, encode_small
from training.config import TrainConfig, load_config
from training.data import make_batches
from training.tokenizer import train_tokenizer
from training.world.generate import corpus

__all__ = ["measure"]

CONFIG = Path(__file__).parents[2] / "training" / "configs" / "mini.toml"
ONE_SIZE = ("data.sizes=[[128,128]]", "data.size_weights=[1.0]")
NO_LESSONS = (
    *(f"model.{lesson}=0" for lesson in ("lesson", "sight", "pointing", "looks", "spelling")),
    "model.drawing=32",  # a page of it, since its codes are needed
)
SQUARE = (*ONE_SIZE, *NO_LESSONS)


def measure(quick: bool) -> dict[str, Any]:
    """Steady samples a second of both, the share of time that ours waited for data, and the ratio."""
    config = load_config(CONFIG, SQUARE)
    steps = 4 if quick else 40
    ours, wait = _ours(config, steps)
    peer = _plain(config, max(2, steps // 3))
    return {
        "samples_per_second": round(ours, 2),
        "data_wait_share": wait,
        "batch": config.run.batch,
        "peer": "a plain loop around diffusers SD3Transformer2DModel and SD3ControlNetModel of the same size",
        "peer_samples_per_second": round(peer, 2),
        "ratio": round(ours / peer, 2),
    }


def _ours(config: TrainConfig, steps: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as output:
        overrides = [*SQUARE, f"run.output={output}", f"run.samples={config.run.batch * 2 * steps}"]
        overrides += [f"run.log_every={steps}", "run.save_every=1000000", "run.sheet_every=1000000"]
        command = [sys.executable, "-m", "training.editnet", str(CONFIG)]
        for override in overrides:
            command += ["--override", override]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rows = list(csv.DictReader((Path(output) / "log.csv").read_text().splitlines()))
    return float(rows[-1]["samples_per_second"]), float(rows[-1]["data_wait_share"])  # after compiling


def _plain(config: TrainConfig, steps: int) -> float:
    model, batch = config.model.transformer, config.run.batch
    shape = {
        name: model[name]
        for name in (
            "sample_size patch_size in_channels out_channels num_layers num_attention_heads attention_head_dim "
            "joint_attention_dim caption_projection_dim pooled_projection_dim pos_embed_max_size qk_norm"
        ).split()
    }
    base = SD3Transformer2DModel(**shape)
    control = SD3ControlNetModel(**shape, force_zeros_for_pooled_projection=False)
    tokenizer = train_tokenizer(corpus(2000, 0), config.model.vocabulary, config.model.text_length)
    text_encoder = BertModel(BertConfig(vocab_size=len(tokenizer), **config.model.text))
    reader = Encoder(tokenizer, text_encoder, config.model.text_length)
    parts = torch.nn.ModuleList([base, control])
    optimiser = torch.optim.AdamW(parts.parameters(), lr=config.optim.lr)
    average = AveragedModel(parts, multi_avg_fn=get_ema_multi_avg_fn(config.optim.ema))
    batches = make_batches(config.data, batch, 0)

    def step(number: int) -> None:
        made = batches.batch(number, 0, 1)
        source, edited = (p.permute(0, 3, 1, 2).float() / 127.5 - 1 for p in (made.source, made.edited))
        t, noise = torch.rand(batch), torch.randn_like(edited)
        noisy = (1 - t.view(-1, 1, 1, 1)) * edited + t.view(-1, 1, 1, 1) * noise
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                text = encode_small(reader, made.instructions, torch.device("cpu"))
            found = control(noisy, source, 1.0, text.states, text.pooled, t * 1000, return_dict=False)[0]
            out = base(noisy, text.states, text.pooled, t * 1000, block_controlnet_hidden_states=found).sample
        loss = torch.nn.functional.mse_loss(out.float(), noise - edited)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parts.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        average.update_parameters(parts)

    step(0)
    began = time.perf_counter()
    for number in range(1, steps + 1):
        step(number)
    return batch * steps / (time.perf_counter() - began)
