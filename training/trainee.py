"""What the optimiser sees: EditNet with its text encoder, from a batch to a loss (OMNI-EDIT equation 6)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn
from torch.nn import functional

from omniedit.editnet.flow import Flow
from omniedit.editnet.model import EditNetOutput
from omniedit.editnet.pipeline import EditNetPipeline, encode_latent
from omniedit.editnet.text import encode
from omniedit.errors import BadInput
from training.batches import Batch, to_model
from training.config import DataConfig, OptimConfig
from training.drawing import Dictation

__all__ = ["Trainee"]


class Trainee(nn.Module):
    """Transformer and, for the mini, its text encoder. `forward(batch, generator)` gives (loss, parts).

    A pretrained base, its text encoders and its VAE stay frozen; they are reached through `pipeline`.
    """

    def __init__(
        self, pipeline: EditNetPipeline, optim: OptimConfig, data: DataConfig, dictation: Dictation | None = None
    ) -> None:
        super().__init__()
        self.optim, self.data = optim, data
        self.transformer = pipeline.transformer
        self.joint_text = pipeline.vae is None and optim.text_lr_scale > 0
        self.text_encoder = pipeline.text_encoder if self.joint_text else None
        half_way = max(len(self.transformer.transformer_blocks) // 2 - 1, 0)
        self.states_after = (half_way,) if optim.code_weight else ()
        if optim.target_weight and not self.transformer.config.pointer_heads:
            raise BadInput("optim.target_weight teaches a pointer, and this network has none; set it to 0.")
        self.dictation = dictation.requires_grad_(False) if dictation is not None and optim.code_weight else None
        width = self.transformer.config.caption_projection_dim
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            self.teller = nn.Linear(width, width) if self.dictation is not None else None
            self.finder = nn.Linear(self.transformer.config.pointer_heads, 1) if optim.target_weight else None
        self._frozen = [pipeline]  # in a list, so that its modules are not registered as ours
        for module in self._frozen_modules():
            module.requires_grad_(False)
        if pipeline.vae is not None and self.transformer.config.control != "channel_concat":
            self.transformer.freeze_base()

    def _frozen_modules(self) -> list[nn.Module]:
        ours = (self.transformer, self.text_encoder)
        parts = self.pipeline.components.values()
        return [m for m in parts if isinstance(m, nn.Module) and all(m is not own for own in ours)]

    def place_frozen(self, device: torch.device, dtype: torch.dtype) -> None:
        """Move VAE and frozen text encoders, which no wrapper of the trained modules moves."""
        for module in self._frozen_modules():
            module.to(device, dtype)

    @property
    def pipeline(self) -> EditNetPipeline:
        return self._frozen[0]

    @property
    def vae(self) -> AutoencoderKL | None:
        return self.pipeline.vae

    def forward(self, batch: Batch, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """Equation 6 in the flow's terms; draws times, noise and dropped conditions from `generator` (CPU)."""
        flow: Flow = self.pipeline.scheduler
        device = next(self.transformer.parameters()).device
        source_pixels, edited_pixels = (to_model(p.to(device)) for p in (batch.source, batch.edited))
        change = batch.change.to(device)[:, None].float()  # (B, 1, H, W)
        with torch.no_grad():
            source, edited = (encode_latent(self.vae, p).float() for p in (source_pixels, edited_pixels))
        count = len(source)
        t = flow.draw_times(count, generator).to(device)
        noise = flow.noise_like(edited, generator)
        texts, seen, source, mask = self._drop(batch, source, generator)
        with torch.set_grad_enabled(self.joint_text and torch.is_grad_enabled()):
            text = encode(self.pipeline.encoders, texts, device, self.transformer.config.joint_attention_dim)
        out = self.transformer(
            flow.noisy(edited, noise, t),
            source,
            text.states,
            text.pooled,
            flow.model_time(t),
            mask=mask,
            states_after=self.states_after,
        )
        change = torch.where(seen.view(-1, 1, 1, 1), change, 1.0)  # without a source, all of the picture is to be made
        if change.shape[-2:] != edited.shape[-2:]:
            change = functional.adaptive_max_pool2d(change, edited.shape[-2:])
        emphasis = self._emphasis(change)
        weight = batch.weight.to(device)
        flow_loss = (weight * flow.loss(out.sample, edited, noise, t, emphasis)).mean()
        parts = {"flow": flow_loss.detach()}
        loss = flow_loss
        if out.gate_logit is not None:
            wrong = functional.binary_cross_entropy_with_logits(out.gate_logit, change, reduction="none")
            gate_loss = (weight * (wrong * emphasis).mean((1, 2, 3))).mean()
            parts["gate"] = gate_loss.detach()
            loss = loss + self.optim.gate_weight * gate_loss
        if self.finder is not None:
            target_loss = self._target_loss(out.observed.match, change, seen)
            parts["target"] = target_loss.detach()
            loss = loss + self.optim.target_weight * target_loss
        if self.dictation is not None:
            code, sight, drawing = self._code_losses(out, batch, source, edited, emphasis, seen)
            parts |= {"code": code.detach(), "sight": sight.detach(), "drawing": drawing.detach()}
            loss = loss + self.optim.code_weight * code + self.optim.sight_weight * sight + drawing
        return loss, parts

    def _code_losses(
        self, out: EditNetOutput, batch: Batch, source: Tensor, edited: Tensor, emphasis: Tensor, seen: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Where the world knows the codes: of what is to be drawn, of what the source shows, and of the hand alone.

        From the network's first, wrong codes alone the hand would unlearn what it knows, so it goes on practising.
        Half way the network tells the codes of what the source shows: a swap is then the same code with another name.
        """
        assert self.dictation is not None and self.teller is not None and out.code is not None
        device, patch = source.device, self.transformer.config.patch_size
        asked, row = self.dictation(*(part.to(device) for part in batch.plan), patch)
        told = row > 0  # (B, N)
        code = _where(told, (out.code.float() - asked).square().mean(-1))
        there, row = self.dictation(*(part.to(device) for part in batch.source_plan), patch)
        assert out.states is not None
        tells = self.teller(out.states[0][:, -there.shape[1] :])
        sight = _where((row > 0) & seen[:, None], (tells.float() - there).square().mean(-1))
        drawn, _ = self.transformer.pixels(torch.where(told[..., None], asked, out.code.detach()), source, out.around)
        wrong = ((drawn.float() - edited).square() * emphasis).mean(1, keepdim=True)
        drawing = _where(told, functional.avg_pool2d(wrong, patch).flatten(1)) * told.float().mean()
        return code, sight, drawing

    def _emphasis(self, change: Tensor) -> Tensor:
        """How much each pixel counts, (B, 1, H, W): what changes and what stays weigh alike, the smaller part more."""
        area = change.mean((1, 2, 3), keepdim=True)
        inside, outside = (
            part * (self.optim.emphasis / share.clamp_min(1e-3)).clamp_max(self.optim.emphasis_limit)
            for part, share in ((change, area), (1 - change, 1 - area))
        )
        return 1 + inside + outside

    def _target_loss(self, match: Tensor | None, change: Tensor, seen: Tensor) -> Tensor:
        """Cross-entropy of telling from the pointer's match (B, N, heads) which share of each patch is to change."""
        assert self.finder is not None and match is not None
        share = functional.avg_pool2d(change, self.transformer.config.patch_size)
        logit = self.finder(match).float().view_as(share)
        wrong = functional.binary_cross_entropy_with_logits(logit, share, reduction="none") * self._emphasis(share)
        return (seen * wrong.mean((1, 2, 3))).mean()

    def _drop(
        self, batch: Batch, source: Tensor, generator: torch.Generator
    ) -> tuple[Sequence[str], Tensor, Tensor, Tensor | None]:
        """Texts, which sources are seen (B,), sources and masks.

        Null text below 2d, null source from d to 3d (InstructPix2Pix); masks shown to a share of the samples.
        """
        d, count = self.data.drop, len(source)
        p = torch.rand(count, generator=generator)
        texts = ["" if p[i] < 2 * d else words for i, words in enumerate(batch.instructions)]
        seen = ~((p >= d) & (p < 3 * d)).to(source.device)
        source = source * seen.to(source).view(-1, 1, 1, 1)
        if not self.transformer.config.mask_input:
            return texts, seen, source, None
        shown = (torch.rand(count, generator=generator) < self.data.mask_share) & batch.hint.flatten(1).any(1)
        signed = batch.hint[:, None].to(source) * 2 - 1
        return texts, seen, source, signed * shown.to(source).view(-1, 1, 1, 1)


def _where(chosen: Tensor, values: Tensor) -> Tensor:
    """The mean of `values` where `chosen`; 0 where nothing is."""
    return (values * chosen).sum() / chosen.sum().clamp_min(1)
