"""Tiny random Stable Diffusion pipelines built from configurations, in the shapes that the specialists load."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    EDMEulerScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLInstructPix2PixPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

__all__ = ["inpainting", "instructed", "prompted"]

WORDS = "a an the photo of red blue car cat dog beach make it night".split()


def tokenizer() -> CLIPTokenizer:
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    return CLIPTokenizer(vocab={piece: i for i, piece in enumerate(pieces)}, merges=[], model_max_length=16)


def text_encoder(projected: bool = False) -> Any:
    config = CLIPTextConfig(
        vocab_size=60,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=16,
        projection_dim=16,
        eos_token_id=1,
        bos_token_id=0,
        pad_token_id=1,
    )
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config).eval()


def vae() -> AutoencoderKL:
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(4, 4, 4, 4),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=1,
    ).eval()


def unet(channels: int, text: int = 16, **changes: Any) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=8,
        in_channels=channels,
        out_channels=4,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        block_out_channels=(8, 16),
        layers_per_block=1,
        attention_head_dim=4,
        cross_attention_dim=text,
        norm_num_groups=4,
        **changes,
    ).eval()


def ddim() -> DDIMScheduler:
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )


def inpainting() -> StableDiffusionInpaintPipeline:
    torch.manual_seed(0)
    return StableDiffusionInpaintPipeline(
        vae(), text_encoder(), tokenizer(), unet(9), ddim(), None, None, None, requires_safety_checker=False
    )


def prompted() -> StableDiffusionPipeline:
    torch.manual_seed(0)
    return StableDiffusionPipeline(
        vae(), text_encoder(), tokenizer(), unet(4), ddim(), None, None, None, requires_safety_checker=False
    )


def instructed() -> StableDiffusionXLInstructPix2PixPipeline:
    torch.manual_seed(0)
    network = unet(
        8,
        text=32,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=16 + 6 * 8,
    )
    return StableDiffusionXLInstructPix2PixPipeline(
        vae(),
        text_encoder(),
        text_encoder(projected=True),
        tokenizer(),
        tokenizer(),
        network,
        EDMEulerScheduler(sigma_min=0.002, sigma_max=120.0, sigma_data=1.0, prediction_type="v_prediction"),
        is_cosxl_edit=True,
    )
