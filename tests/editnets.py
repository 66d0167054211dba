"""Tiny real networks for tests: the project's own classes at sizes that build in a tenth of a second."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import AutoencoderKL, SD3Transformer2DModel
from transformers import BertConfig, BertModel

from omniedit.editnet.flow import Flow
from omniedit.editnet.model import EditNetTransformer2DModel
from omniedit.editnet.pipeline import EditNetPipeline
from training.tokenizer import train_tokenizer

WORDS = ["make it night", "remove the red car on the left", "add a cat", "turn the dog into a banana, please"]


def tiny_sd3(**changes: Any) -> SD3Transformer2DModel:
    """A two-layer SD3 transformer."""
    settings: dict[str, Any] = {
        "sample_size": 16,
        "patch_size": 2,
        "in_channels": 4,
        "num_layers": 2,
        "attention_head_dim": 8,
        "num_attention_heads": 4,
        "joint_attention_dim": 32,
        "caption_projection_dim": 32,
        "pooled_projection_dim": 32,
        "out_channels": 4,
        "pos_embed_max_size": 32,
    }
    torch.manual_seed(0)
    return SD3Transformer2DModel(**settings | changes)


def tiny_mini(**changes: Any) -> EditNetTransformer2DModel:
    """A two-layer omniedit-mini: pixels, gate, mask input."""
    settings: dict[str, Any] = {
        "sample_size": 32,
        "patch_size": 8,
        "in_channels": 3,
        "out_channels": 3,
        "source_channels": 3,
        "num_layers": 2,
        "attention_head_dim": 8,
        "num_attention_heads": 4,
        "joint_attention_dim": 32,
        "caption_projection_dim": 32,
        "pooled_projection_dim": 32,
        "pos_embed_max_size": 32,
        "qk_norm": "rms_norm",
        "fusion": "add",
        "mask_input": True,
        "gate": True,
    }
    torch.manual_seed(0)
    model = EditNetTransformer2DModel(**settings | changes)
    model.initialise()
    return model


def tiny_vae() -> AutoencoderKL:
    """A VAE that halves each side, four latent channels, with SD3's shift and scale."""
    torch.manual_seed(1)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(4, 8),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=1,
        use_quant_conv=False,
        use_post_quant_conv=False,
        shift_factor=0.0609,
        scaling_factor=1.5035,
    ).eval()


def tiny_pipeline(latent: bool = False) -> EditNetPipeline:
    """A whole pipeline: the mini, or with `latent` EditNet over a tiny SD3 with a VAE."""
    tokenizer = train_tokenizer(WORDS * 3, 200, 16)
    torch.manual_seed(2)
    text_encoder = BertModel(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=16,
        )
    ).eval()
    if latent:
        transformer = EditNetTransformer2DModel.from_transformer(tiny_sd3())
        made = EditNetPipeline(transformer.eval(), Flow(), text_encoder, tokenizer, vae=tiny_vae())
    else:
        flow = Flow(prediction="clean", density="uniform")
        made = EditNetPipeline(tiny_mini().eval(), flow, text_encoder, tokenizer)
    made.set_progress_bar_config(disable=True)
    return made
