"""EditNet: a diffusion transformer that edits (OMNI-EDIT section 4, figure 4).

One class by configuration: EditNet on SD3 (latent, velocity), the paper's ablations, and omniedit-mini (pixel
space, clean prediction, gated output, mask input). Shapes below: B batch, C channels, H x W model size,
N = (H / patch) (W / patch) image tokens, L text tokens, D width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

import torch
from diffusers import ConfigMixin, ModelMixin, SD3Transformer2DModel
from diffusers.configuration_utils import register_to_config
from diffusers.models.attention import AttentionMixin
from diffusers.models.cache_utils import CacheMixin
from diffusers.models.embeddings import CombinedTimestepTextProjEmbeddings, PatchEmbed
from diffusers.models.normalization import AdaLayerNormContinuous
from diffusers.utils import BaseOutput
from einops import rearrange
from torch import Tensor, nn

from omniedit.editnet.blocks import Control, EditNetBlock, Fusion, copy_block_weights
from omniedit.editnet.fill import surroundings
from omniedit.editnet.hand import Hand
from omniedit.editnet.look import Look
from omniedit.editnet.stem import Pointer, SourceStem

__all__ = ["EditNetOutput", "EditNetTransformer2DModel", "Observed"]


@dataclass(frozen=True)
class Observed:
    """What source and instruction say by themselves, without noise or time: the same at each step of an edit.

    `seen`: what the stem and the pointer add to the source's tokens (B, N, D); `match`: how well each patch shows what
    the instruction speaks of (B, N, heads); `looked`: the source as the look shows it (B, C, H, W). None: no such part.
    """

    seen: Tensor | None = None
    match: Tensor | None = None
    looked: Tensor | None = None


@dataclass
class EditNetOutput(BaseOutput):
    """`sample`: (B, C, H, W), the clean picture or the velocity as the flow says.

    `gate_logit`: (B, 1, H, W) where the model has a gate: sigmoid of it is the share of the picture that changes.
    `states`: image tokens after the blocks that were asked for, (B, N, D), or (B, 2 N, D) with the source's second.
    `code`: what the last, normed tokens want drawn, (B, N, D); `around`: what they say beside it (see `Hand`).
    `observed`: to be given to the next step of the same edit, which need not look again.
    """

    sample: Tensor
    gate_logit: Tensor | None = None
    states: tuple[Tensor, ...] | None = None
    code: Tensor | None = None
    around: Tensor | None = None
    observed: Observed | None = None


class EditNetTransformer2DModel(ModelMixin, AttentionMixin, ConfigMixin, CacheMixin):
    """An SD3-shaped transformer with an EditNet control branch.

    Args beyond `SD3Transformer2DModel`'s: `control` and `fusion` choose the branch (see `blocks`);
    `source_channels` are the channels of the source latent or picture, `mask_input` adds one for a mask
    (+1 edit here, -1 keep, 0 everywhere where no mask was given); `gate` makes the network give, for each pixel,
    a gate m, a colour p and a gain g, with x_hat = (1 - m) source + m (p + g source): copying is then free.
    `position_scale` spreads the sin-cos positions: few large patches need neighbours that differ clearly.
    `source_stem` are the widths of a convolutional network that sees the source beside its patch embedding;
    `pointer_heads` compare what it sees with the instruction, patch by patch, before the first block;
    `hand_widths` those of hidden layers between the last tokens and their pixels: a linear map blurs large patches;
    `look_width` that of a network that shows the source as the words would have it, behind the gate in its place;
    `fill` adds a share h of what surrounds the gate's opening: x_hat = (1 - m) source + m (p + g source + h ground).
    """

    _supports_gradient_checkpointing = True
    _no_split_modules = ["EditNetBlock"]  # noqa: RUF012 (diffusers reads plain lists)
    _repeated_blocks = ["EditNetBlock", "SourceStem"]  # noqa: RUF012 (not Look: inductor errs in its gradient)
    _skip_layerwise_casting_patterns = ["pos_embed", "source_embed", "norm"]  # noqa: RUF012

    @register_to_config
    def __init__(
        self,
        sample_size: int = 128,
        patch_size: int = 2,
        in_channels: int = 16,
        num_layers: int = 24,
        attention_head_dim: int = 64,
        num_attention_heads: int = 24,
        joint_attention_dim: int = 4096,
        caption_projection_dim: int = 1536,
        pooled_projection_dim: int = 2048,
        out_channels: int = 16,
        pos_embed_max_size: int = 192,
        dual_attention_layers: tuple[int, ...] = (),
        qk_norm: str | None = None,
        control: Control = "editnet",
        fusion: Fusion = "concatenate",
        source_channels: int = 16,
        mask_input: bool = False,
        gate: bool = False,
        position_scale: float = 1.0,
        source_stem: tuple[int, ...] = (),
        pointer_heads: int = 0,
        hand_widths: tuple[int, ...] = (),
        look_width: int = 0,
        fill: bool = False,
    ) -> None:
        super().__init__()
        for name, value, known in (("control", control, get_args(Control)), ("fusion", fusion, get_args(Fusion))):
            if value not in known:
                raise ValueError(f"{name} is {value!r}; choose one of {', '.join(known)}.")
        dim = num_attention_heads * attention_head_dim
        if caption_projection_dim != dim:
            raise ValueError(f"caption_projection_dim is {caption_projection_dim}; it must equal the width {dim}.")
        if gate and source_channels != out_channels:
            raise ValueError(f"A gate needs source_channels = out_channels, got {source_channels} and {out_channels}.")
        if source_stem and SourceStem.reach(len(source_stem)) != patch_size:
            raise ValueError(
                f"A stem of {len(source_stem)} stages makes tokens of {SourceStem.reach(len(source_stem))} pixels; "
                f"patch_size is {patch_size}."
            )
        if pointer_heads and not source_stem:
            raise ValueError(f"pointer_heads is {pointer_heads}: a pointer compares what a source_stem sees; give one.")
        if (look_width or fill) and not gate:
            raise ValueError("look_width and fill are for what shows behind a gate; set gate, too.")
        self.pos_embed = PatchEmbed(
            height=sample_size,
            width=sample_size,
            patch_size=patch_size,
            in_channels=in_channels,
            embed_dim=dim,
            pos_embed_max_size=pos_embed_max_size,
            interpolation_scale=1 / position_scale,
        )
        self.source_embed = nn.Conv2d(source_channels + mask_input, dim, patch_size, stride=patch_size)
        self.stem = SourceStem(source_channels, tuple(source_stem), dim) if source_stem else None
        self.pointer = Pointer(dim, pooled_projection_dim, pointer_heads) if pointer_heads else None
        self.time_text_embed = CombinedTimestepTextProjEmbeddings(dim, pooled_projection_dim)
        self.context_embedder = nn.Linear(joint_attention_dim, dim)
        self.transformer_blocks = nn.ModuleList(
            EditNetBlock(
                dim,
                num_attention_heads,
                attention_head_dim,
                control=control,
                fusion=fusion,
                last=i == num_layers - 1,
                qk_norm=qk_norm,
                dual_attention=i in dual_attention_layers,
            )
            for i in range(num_layers)
        )
        self.norm_out = AdaLayerNormContinuous(dim, dim, elementwise_affine=False, eps=1e-6)
        planes = 2 * out_channels + 1 + fill if gate else out_channels
        self.hand = Hand(dim, pooled_projection_dim, tuple(hand_widths)) if hand_widths else None
        self.look = Look(source_channels, pooled_projection_dim, look_width) if look_width else None
        self.proj_out = nn.Linear(hand_widths[-1] if hand_widths else dim, patch_size * patch_size * planes)
        if control != "editnet":
            # Beside the base or inside its embedding, the source starts silent (as ControlNet's condition does).
            nn.init.zeros_(self.source_embed.weight)
            nn.init.constant_(self.source_embed.get_parameter("bias"), 0)
        if gate:
            self._start_gate()
        self.gradient_checkpointing = False

    def _start_gate(self) -> None:
        """Start near 'nothing changes': a small gate, the source's own colours behind it."""
        nn.init.normal_(self.proj_out.weight, std=0.02)
        bias = torch.zeros(self.config.patch_size**2, len(self.proj_out.bias) // self.config.patch_size**2)
        bias[:, 0] = -2.0
        self.proj_out.bias.data.copy_(bias.flatten())

    def forward(
        self,
        hidden_states: Tensor,
        source: Tensor,
        encoder_hidden_states: Tensor,
        pooled_projections: Tensor,
        timestep: Tensor,
        mask: Tensor | None = None,
        joint_attention_kwargs: dict[str, Any] | None = None,
        return_dict: bool = True,
        states_after: tuple[int, ...] = (),
        observed: Observed | None = None,
    ) -> EditNetOutput | tuple[Tensor, Tensor | None]:
        """Predict from noise and source.

        `hidden_states`: (B, in_channels, H, W) noisy; `source`: (B, source_channels, H, W) in the same space;
        `encoder_hidden_states`: (B, L, joint_attention_dim); `pooled_projections`: (B, pooled_projection_dim);
        `timestep`: (B,) in 0..1000; `mask`: (B, 1, H, W) in {-1, 0, 1}, only where the model has a mask input;
        `states_after`: blocks, from 0, whose image tokens are wanted too; `observed`: from an earlier step.
        """
        height, width = hidden_states.shape[-2:]
        x = self.pos_embed(hidden_states).contiguous()  # (B, N, D)
        c = self.context_embedder(encoder_hidden_states)  # (B, L, D)
        temb = self.time_text_embed(timestep, pooled_projections)  # (B, D)
        s = self.source_embed(self._with_mask(source, mask)).flatten(2).transpose(1, 2)  # (B, N, D)
        observed = observed or self._observe(source, pooled_projections)
        if observed.seen is not None:
            s = s + observed.seen
        if self.config.control == "channel_concat":
            image, text = x + s, c
        else:
            editnet = self.config.control == "editnet"
            s = s + (self.pos_embed.cropped_pos_embed(height, width).to(s) if editnet else x)
            image, text = torch.cat([x, s], dim=1), torch.cat([c, c], dim=1)
        states = []
        for number, block in enumerate(self.transformer_blocks):
            if torch.is_grad_enabled() and self.gradient_checkpointing:
                text, image = self._gradient_checkpointing_func(block, image, text, temb, joint_attention_kwargs)
            else:
                text, image = block(image, text, temb, joint_attention_kwargs)
            if number in states_after:
                states.append(image)
        tokens = self.norm_out(image[:, : x.shape[1]], temb)
        code, around = (tokens, None) if self.hand is None else self.hand.read(tokens, pooled_projections)
        sample, gate_logit = self.pixels(code, source, around, observed.looked)
        if not return_dict:
            return sample, gate_logit
        return EditNetOutput(sample, gate_logit, tuple(states) or None, code, around, observed)

    def _observe(self, source: Tensor, pooled: Tensor) -> Observed:
        seen = match = None
        if self.stem is not None:
            seen = self.stem(source)
            if self.pointer is not None:
                pointed, match = self.pointer(seen, pooled)
                seen = seen + pointed
        return Observed(seen, match, None if self.look is None else self.look(source, pooled))

    def pixels(
        self, code: Tensor, source: Tensor, around: Tensor | None = None, looked: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """From codes (B, N, D) to the sample (B, C, H, W) and, with a gate, its logit (B, 1, H, W).

        `around`: what is said beside the codes (see `Hand`); `looked`: the source as the look shows it, None as it is.
        """
        patch = self.config.patch_size
        x = self.proj_out(code if self.hand is None else self.hand(code, around))  # (B, N, patch² planes)
        rows = source.shape[-2] // patch
        planes = rearrange(x, "b (h w) (p q c) -> b c (h p) (w q)", h=rows, p=patch, q=patch)
        return self._through_gate(planes, source, looked) if self.config.gate else (planes, None)

    def _with_mask(self, source: Tensor, mask: Tensor | None) -> Tensor:
        if not self.config.mask_input:
            return source
        mask = torch.zeros_like(source[:, :1]) if mask is None else mask.to(source.dtype)
        return torch.cat([source, mask], dim=1)

    def _through_gate(self, planes: Tensor, source: Tensor, looked: Tensor | None) -> tuple[Tensor, Tensor]:
        channels = self.config.out_channels
        gate_logit, colour, gain, ground = planes.float().split([1, channels, channels, int(self.config.fill)], dim=1)
        m = gate_logit.sigmoid()
        painted = colour + gain * (source if looked is None else looked.float())
        if self.config.fill:
            painted = painted + ground * surroundings(source, m.detach())
        return (1 - m) * source + m * painted, gate_logit

    @classmethod
    def from_transformer(
        cls, transformer: SD3Transformer2DModel, control: Control = "editnet", fusion: Fusion = "concatenate"
    ) -> EditNetTransformer2DModel:
        """EditNet over a pretrained SD3 transformer: same output at the start, control blocks copied from the base."""
        names = (
            "sample_size patch_size in_channels num_layers attention_head_dim num_attention_heads joint_attention_dim "
            "caption_projection_dim pooled_projection_dim out_channels pos_embed_max_size dual_attention_layers qk_norm"
        ).split()
        base = transformer.config
        settings = {name: base[name] for name in names}
        settings["dual_attention_layers"] = tuple(settings["dual_attention_layers"])
        settings["out_channels"] = base.out_channels or base.in_channels
        model = cls(**settings, control=control, fusion=fusion, source_channels=base.in_channels)
        for part in ("pos_embed", "time_text_embed", "context_embedder", "norm_out", "proj_out"):
            getattr(model, part).load_state_dict(getattr(transformer, part).state_dict())
        if control == "editnet":
            model.source_embed.load_state_dict(transformer.pos_embed.proj.state_dict())
        before = None
        for block, original in zip(model.transformer_blocks, transformer.transformer_blocks, strict=True):
            block.base.load_state_dict(original.state_dict())
            if block.control is not None:
                copy_block_weights(block.control, original, before)
            before = original
        return nn.Module.to(model, transformer.device, transformer.dtype)  # ModelMixin.to warns about float32 parts

    def freeze_base(self) -> None:
        """Train only the control branch, its bridges and the source embedding; the base keeps its abilities."""
        if self.config.control == "channel_concat":
            raise ValueError("channel_concat trains the whole network (figure 7); it has no branch to train alone.")
        self.requires_grad_(False)
        self.source_embed.requires_grad_(True)
        for block in self.transformer_blocks:
            for part in (block.control, block.to_image, block.to_text):
                if part is not None:
                    part.requires_grad_(True)
            assert isinstance(block, EditNetBlock)
            block.freeze_unread()

    def initialise(self, generator_seed: int = 0) -> None:
        """Start a network that has no pretrained base: DiT's initialisation (Peebles and Xie 2022).

        Linear layers Xavier, modulation zero (each block begins as the identity), bridges small instead of zero,
        since there is no base ability to protect.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(generator_seed)
            for name, module in self.named_modules():
                if isinstance(module, nn.Linear):
                    nn.init.xavier_uniform_(module.weight)
                    module.bias.data.zero_()
                    if name.endswith(("norm1.linear", "norm1_context.linear", "norm_out.linear")):
                        nn.init.zeros_(module.weight)
                elif isinstance(module, nn.Conv2d):
                    nn.init.xavier_uniform_(module.weight.flatten(1))
                    if module.bias is not None:
                        module.bias.data.zero_()
            for block in self.transformer_blocks:
                for bridge in (block.to_image, block.to_text):
                    if isinstance(bridge, nn.Linear):
                        nn.init.xavier_uniform_(bridge.weight, gain=0.5)
            for part in (self.stem, self.look, self.hand):
                if part is not None:
                    part.start()
            if self.config.gate:
                self._start_gate()
            else:
                nn.init.zeros_(self.proj_out.weight)

    def set_use_memory_efficient_attention_xformers(self, valid: bool, attention_op: Any = None) -> None:
        """Route diffusers' xformers switch to the backend dispatcher; the plain processor is wrong here."""
        self.set_attention_backend("xformers" if valid else "native")
