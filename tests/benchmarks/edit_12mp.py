"""An edit of a 12 megapixel photo, beside the bare arithmetic of InstructPix2Pix (Brooks et al. 2023) at 512 px.

The peer is diffusers' UNet and VAE in Stable Diffusion 1.5's shape with 8 input channels and random weights: encode,
20 steps with both guidances (three samples a step) and decode, in bf16, without text encoder, scheduler or resizing.
Its steps all cost the same, so a few are measured and multiplied; the count is in the result.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from PIL import Image, ImageDraw

from omniedit import EditRequest, load_engine
from omniedit.settings import assets_dir
from tests.benchmarks.clock import seconds

__all__ = ["measure"]

SIZE = (4000, 3000)
STEPS, MEASURED = 20, 3


def measure(quick: bool) -> dict[str, Any]:
    """Seconds of a global and of a masked edit after loading, and whether the rest stayed as it was."""
    repeats = 1 if quick else 5
    photo = _photo()
    mask = Image.new("L", SIZE)
    ImageDraw.Draw(mask).ellipse((1500, 1000, 2300, 1700), fill=255)
    engine = load_engine("editnet-mini")
    whole = EditRequest(photo, "make it night")
    part = EditRequest(photo, "remove the cup", mask=mask)
    results = {}
    for name, request in (("global", whole), ("masked", part)):
        results[name] = seconds(lambda request=request: engine.edit(request), repeats)  # type: ignore[misc]
    edited = np.asarray(engine.edit(part).images[0])
    outside = np.asarray(mask) == 0
    peer = _instruct_pix2pix(1 if quick else MEASURED)
    return {
        "global_s": round(results["global"], 3),
        "masked_s": round(results["masked"], 3),
        "outside_mask_identical": bool(np.array_equal(edited[outside], np.asarray(photo)[outside])),
        "size": list(SIZE),
        "peer": "InstructPix2Pix arithmetic: SD 1.5 UNet (8 input channels) and VAE, 512 px, 20 steps x 3, bf16",
        "peer_steps_measured": 1 if quick else MEASURED,
        "peer_s": round(peer, 1),
        "ratio": round(results["global"] / peer, 4),
    }


def _photo() -> Image.Image:
    """A real photo at 12 megapixels, with the grain that enlarging took away."""
    with Image.open(Path(assets_dir()) / "photos" / "coffee.jpg") as image:
        large = np.asarray(image.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS), np.float32)
    grain = np.random.default_rng(0).normal(0, 4, large.shape[:2]).astype(np.float32)
    return Image.fromarray(np.clip(large + grain[..., None], 0, 255).astype(np.uint8))


@torch.inference_mode()
def _instruct_pix2pix(steps: int) -> float:
    dtype = torch.bfloat16
    unet = UNet2DConditionModel(sample_size=64, in_channels=8, cross_attention_dim=768).to(dtype).eval()
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(128, 256, 512, 512),
        layers_per_block=2,
        latent_channels=4,
    )
    vae = vae.to(dtype).eval()
    latent, text = torch.randn(3, 8, 64, 64, dtype=dtype), torch.randn(3, 77, 768, dtype=dtype)
    step = seconds(lambda: unet(latent, 500, text), steps)
    encode = seconds(lambda: vae.encode(torch.randn(1, 3, 512, 512, dtype=dtype)), 1)
    decode = seconds(lambda: vae.decode(torch.randn(1, 4, 64, 64, dtype=dtype)), 1)
    return encode + STEPS * step + decode
