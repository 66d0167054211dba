"""Tiny real networks for tests: the project's own classes at sizes that build in a tenth of a second."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
)
from PIL import Image
from torch import Tensor
from transformers import (
    BertConfig,
    BertModel,
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    T5Config,
    T5EncoderModel,
)

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


def stir(model: EditNetTransformer2DModel) -> EditNetTransformer2DModel:
    """Give the parts that start silent weights, so that words, time and attention can be seen to matter."""
    torch.manual_seed(4)
    for parameter in model.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    return model


def inputs(batch: int = 2, height: int = 16, width: int = 24, channels: int = 4) -> dict[str, Tensor]:
    """What a tiny network's forward takes."""
    generator = torch.Generator().manual_seed(3)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    return {
        "hidden_states": draw(batch, channels, height, width),
        "source": draw(batch, channels, height, width),
        "encoder_hidden_states": draw(batch, 7, 32),
        "pooled_projections": draw(batch, 32),
        "timestep": torch.tensor([900.0, 100.0, 500.0, 10.0])[:batch],
    }


def tiny_mini(**changes: Any) -> EditNetTransformer2DModel:
    """A two-layer omniedit-mini: pixels, gate, mask input; stirred."""
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
    return stir(model)


PARTS: dict[str, Any] = {
    "source_stem": (8, 8),
    "pointer_heads": 2,
    "hand_widths": (32,),
    "look_width": 8,
    "fill": True,
}


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


def tiny_pipeline(latent: bool = False, **changes: Any) -> EditNetPipeline:
    """A whole pipeline: the mini with all its parts and `changes`, or `latent`: EditNet over a tiny SD3 with a VAE."""
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
        transformer = stir(EditNetTransformer2DModel.from_transformer(tiny_sd3()))
        made = EditNetPipeline(transformer.eval(), Flow(), text_encoder, tokenizer, vae=tiny_vae())
    else:
        flow = Flow(prediction="clean", density="uniform")
        made = EditNetPipeline(tiny_mini(**PARTS | changes).eval(), flow, text_encoder, tokenizer)
    made.set_progress_bar_config(disable=True)
    return made


def tiny_sd3_folder(folder: Path) -> Path:
    """A whole Stable Diffusion 3 pipeline on disk: two CLIPs, T5, VAE, transformer, all random."""
    tokenizer = train_tokenizer(WORDS * 3, 200, 16)
    torch.manual_seed(5)
    clip = {"vocab_size": len(tokenizer), "hidden_size": 16, "intermediate_size": 16, "projection_dim": 16}
    shape = {"num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 16}
    clips = [CLIPTextModelWithProjection(CLIPTextConfig(**clip, **shape)) for _ in range(2)]
    t5 = T5EncoderModel(T5Config(vocab_size=len(tokenizer), d_model=32, d_kv=8, d_ff=32, num_layers=1, num_heads=2))
    StableDiffusion3Pipeline(
        tiny_sd3(),
        FlowMatchEulerDiscreteScheduler(),
        tiny_vae(),
        clips[0],
        tokenizer,
        clips[1],
        tokenizer,
        t5,
        tokenizer,
    ).save_pretrained(folder, safe_serialization=True)
    return folder


def parquet_pairs(folder: Path, rows: int = 12) -> Path:
    """Pairs in OmniEdit's public columns, in two files of several row groups."""
    rng = np.random.default_rng(0)

    def picture() -> dict[str, bytes]:
        buffer = io.BytesIO()
        Image.fromarray(rng.integers(0, 256, (40, 40, 3), np.uint8)).save(buffer, "PNG")
        return {"bytes": buffer.getvalue(), "path": "x.png"}

    folder.mkdir()
    for number in range(2):
        table = {
            "omni_edit_id": [f"task_{number}_{i}" for i in range(rows)],
            "task": ["attribute_modification"] * rows,
            "src_img": [picture() for _ in range(rows)],
            "edited_img": [picture() for _ in range(rows)],
            "edited_prompt_list": [["make it night", "add a cat"]] * rows,
            "width": [40] * rows,
            "height": [40] * rows,
            "sc_score_1": [9] * rows,
            "o_score": [9.5 if i % 4 else 7.0 for i in range(rows)],
        }
        pq.write_table(pa.table(table), folder / f"{number}.parquet", row_group_size=5)
    return folder
