"""One layer of EditNet: a base DiT block, its control copy, and the zero-initialised bridges between them.

Source: OMNI-EDIT section 4 and figure 4. The variants are the paper's ablations (table 5, figure 7):

    editnet          the control block sees the base's own tokens, its output changes image and text tokens
                     *before* the base block reads them
    controlnet       the control branch runs beside the base, its output is added to image tokens only
    controlnet_text  the same, and the text tokens are updated too
    channel_concat   no control branch; the source enters through the patch embedding
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from diffusers.hooks._helpers import TransformerBlockMetadata, TransformerBlockRegistry
from diffusers.models.attention import JointTransformerBlock
from diffusers.models.attention_dispatch import dispatch_attention_fn
from diffusers.models.attention_processor import Attention
from torch import Tensor, nn

__all__ = ["Control", "EditNetAttnProcessor", "EditNetBlock", "Fusion", "copy_block_weights"]

Control = Literal["editnet", "controlnet", "controlnet_text", "channel_concat"]
Fusion = Literal["concatenate", "add"]


class EditNetAttnProcessor:
    """Joint attention over image and text tokens that honours diffusers' attention backends.

    The stock SD3 processor calls SDPA directly, so `set_attention_backend` would be a silent no-op on it.
    """

    _attention_backend = None
    _parallel_config = None

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        **_: Any,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """`hidden_states`: (B, N, D) image tokens; `encoder_hidden_states`: (B, L, D) text tokens or None."""

        def heads(tokens: Tensor) -> Tensor:
            return tokens.unflatten(-1, (attn.heads, -1))  # (B, N, heads, head_dim)

        query, key, value = (heads(to(hidden_states)) for to in (attn.to_q, attn.to_k, attn.to_v))
        if attn.norm_q is not None:
            query, key = attn.norm_q(query), attn.norm_k(key)
        if encoder_hidden_states is not None:
            add = (attn.add_q_proj, attn.add_k_proj, attn.add_v_proj)
            text_query, text_key, text_value = (heads(to(encoder_hidden_states)) for to in add)
            if attn.norm_added_q is not None:
                text_query, text_key = attn.norm_added_q(text_query), attn.norm_added_k(text_key)
            query = torch.cat([query, text_query], dim=1)
            key = torch.cat([key, text_key], dim=1)
            value = torch.cat([value, text_value], dim=1)
        mixed = dispatch_attention_fn(
            query,
            key,
            value,
            attn_mask=attention_mask,
            backend=self._attention_backend,
            parallel_config=self._parallel_config,
        )
        mixed = mixed.flatten(2).to(query.dtype)
        if encoder_hidden_states is None:
            return attn.to_out[1](attn.to_out[0](mixed))
        image, text = mixed.split([hidden_states.shape[1], encoder_hidden_states.shape[1]], dim=1)
        if not attn.context_pre_only:
            text = attn.to_add_out(text)
        return attn.to_out[1](attn.to_out[0](image)), text


class EditNetBlock(nn.Module):
    """A base block under the guidance of its control block.

    With a control branch, both token streams carry their control half along, so that the block keeps the
    signature of every diffusers DiT block: `hidden_states` = [x ; s] (B, 2N, D), main and source image tokens;
    `encoder_hidden_states` = [c ; t] (B, 2L, D), main and control text tokens. It always returns (text, image).
    """

    def __init__(
        self,
        dim: int,
        heads: int,
        head_dim: int,
        *,
        control: Control,
        fusion: Fusion,
        last: bool,
        qk_norm: str | None,
        dual_attention: bool,
    ) -> None:
        super().__init__()
        self.mode, self.fusion = control, fusion

        def block(pre_only: bool) -> JointTransformerBlock:
            made = JointTransformerBlock(
                dim,
                heads,
                head_dim,
                context_pre_only=pre_only,
                qk_norm=qk_norm,
                use_dual_attention=dual_attention,
            )
            made.attn.set_processor(EditNetAttnProcessor())
            if made.attn2 is not None:
                made.attn2.set_processor(EditNetAttnProcessor())
            return made

        self.base = block(last)
        self.control = None
        self.to_image = self.to_text = None
        if control != "channel_concat":
            # The text update of the last EditNet layer still reaches the base block, so that copy keeps its text half.
            self.control = block(last and control != "editnet")
            self.to_image = nn.Linear(dim, dim)
            if control == "editnet" or (control == "controlnet_text" and not last):
                self.to_text = nn.Linear(dim, dim)
            self.zero_bridges()
        self.freeze_unread()

    def zero_bridges(self) -> None:
        """Make the control branch silent: the layer then equals its base block."""
        for bridge in (self.to_image, self.to_text):
            if bridge is not None:
                nn.init.zeros_(bridge.weight)
                nn.init.zeros_(bridge.bias)

    def freeze_unread(self) -> None:
        """SD3's last block queries with text and discards the answer; those weights can never learn."""
        for block in (self.base, self.control):
            if block is not None and block.context_pre_only:
                block.attn.add_q_proj.requires_grad_(False)
                if block.attn.norm_added_q is not None:
                    block.attn.norm_added_q.requires_grad_(False)

    def forward(
        self,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor,
        temb: Tensor,
        joint_attention_kwargs: dict[str, Any] | None = None,
    ) -> tuple[Tensor, Tensor]:
        """`temb`: (B, D). Returns (text tokens, image tokens) in the shapes they came in."""
        if self.control is None:
            text, image = self.base(hidden_states, encoder_hidden_states, temb, joint_attention_kwargs)
            return (encoder_hidden_states if text is None else text), image
        assert self.to_image is not None
        x, s = hidden_states.chunk(2, dim=1)  # each (B, N, D)
        c, t = encoder_hidden_states.chunk(2, dim=1)  # each (B, L, D)
        if self.mode == "editnet":
            if self.fusion == "concatenate":
                t, seen = self.control(torch.cat([x, s], dim=1), t, temb, joint_attention_kwargs)
                x_hat, s = seen.chunk(2, dim=1)
            else:
                t, x_hat = self.control(x + s, t, temb, joint_attention_kwargs)
                s = x_hat - x
            assert self.to_text is not None
            c = c + self.to_text(t)
            new_c, x = self.base(x + self.to_image(x_hat), c, temb, joint_attention_kwargs)
            c = c if new_c is None else new_c
        else:
            new_t, s = self.control(s, t, temb, joint_attention_kwargs)
            new_c, x = self.base(x, c, temb, joint_attention_kwargs)
            t, c = (t if new_t is None else new_t), (c if new_c is None else new_c)
            x = x + self.to_image(s)
            if self.to_text is not None:
                c = c + self.to_text(t)
        return torch.cat([c, t], dim=1), torch.cat([x, s], dim=1)


def copy_block_weights(
    target: JointTransformerBlock, source: JointTransformerBlock, before: JointTransformerBlock | None
) -> None:
    """Copy `source` into `target`, also where `source` has no text half (SD3's last block) and `target` has one.

    The missing text-out weights come from the block `before`; `AdaLayerNormContinuous` (scale, shift) maps to
    `AdaLayerNormZero` (shift, scale, gate, shift, scale, gate) with the text feed-forward from `before`.
    """
    state = source.state_dict()
    if source.context_pre_only and not target.context_pre_only:
        assert before is not None and not before.context_pre_only
        donor = before.state_dict()
        for key in target.state_dict():
            if key not in state:
                state[key] = donor[key]
        for part in ("weight", "bias"):
            key = f"norm1_context.linear.{part}"
            scale, shift = source.state_dict()[key].chunk(2)
            state[key] = torch.cat([shift, scale, *donor[key].chunk(6)[2:]])
    target.load_state_dict(state)


TransformerBlockRegistry.register(
    EditNetBlock,
    TransformerBlockMetadata(return_hidden_states_index=1, return_encoder_hidden_states_index=0),
)
