"""Instructions as tensors: what the transformer reads of the words.

Two arrangements, told apart by what the pipeline holds: one small bidirectional encoder (omniedit-mini), or SD3's
CLIP-L, CLIP-G and T5 (Esser et al. 2024, section on text encoders). Both give states (B, L, D) and pooled (B, P).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from transformers import PreTrainedModel, PreTrainedTokenizerBase

__all__ = ["T5_LENGTH", "Encoder", "TextStates", "encode", "encode_small", "encode_stacked"]

T5_LENGTH = 256  # tokens


@dataclass(frozen=True)
class TextStates:
    """`states`: (B, L, D) for the joint attention; `pooled`: (B, P) for the modulation."""

    states: Tensor
    pooled: Tensor


@dataclass(frozen=True)
class Encoder:
    """A tokenizer with its model; `length` tokens are read, shorter texts are padded to it."""

    tokenizer: PreTrainedTokenizerBase
    model: PreTrainedModel
    length: int

    def tokens(self, texts: Sequence[str], device: torch.device) -> dict[str, Tensor]:
        """`input_ids` and `attention_mask`, each (B, length). An offloaded model computes elsewhere than it lies."""
        made = self.tokenizer(
            list(texts), padding="max_length", max_length=self.length, truncation=True, return_tensors="pt"
        )
        return {key: made[key].to(device) for key in ("input_ids", "attention_mask")}


def encode(encoders: Sequence[Encoder], texts: Sequence[str], device: torch.device, width: int) -> TextStates:
    """Texts through one small encoder, or through SD3's CLIP, CLIP and, where it is there, T5.

    `device` is where the models compute; `width` is that of the transformer's joint attention.
    """
    if len(encoders) == 1:
        return encode_small(encoders[0], texts, device)
    return encode_stacked(encoders, texts, device, width)


def encode_small(encoder: Encoder, texts: Sequence[str], device: torch.device) -> TextStates:
    """Last states and pooled output of one bidirectional encoder; padding is masked inside it and zero after it."""
    tokens = encoder.tokens(texts, device)
    out = encoder.model(**tokens)
    return TextStates(out.last_hidden_state * tokens["attention_mask"][..., None], out.pooler_output)


def encode_stacked(encoders: Sequence[Encoder], texts: Sequence[str], device: torch.device, width: int) -> TextStates:
    """SD3: both CLIPs' penultimate states side by side, padded to T5's `width`, then T5's states or zeros for them."""
    clip_states, pooled = [], []
    for encoder in encoders[:2]:
        out = encoder.model(encoder.tokens(texts, device)["input_ids"], output_hidden_states=True)
        clip_states.append(out.hidden_states[-2])
        pooled.append(out.text_embeds)
    states = torch.cat(clip_states, dim=-1)  # (B, 77, 2048)
    if len(encoders) > 2:
        t5 = encoders[2].model(encoders[2].tokens(texts, device)["input_ids"])[0].to(states.dtype)  # (B, 256, 4096)
    else:
        t5 = states.new_zeros(len(states), T5_LENGTH, width)
    states = torch.cat([functional.pad(states, (0, width - states.shape[-1])), t5], dim=1)
    return TextStates(states, torch.cat(pooled, dim=-1))
