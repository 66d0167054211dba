"""From a picture and words to an edited picture: a diffusers pipeline over EditNet.

The same class serves omniedit-mini (pixels, one small text encoder) and EditNet on SD3 (VAE, three text encoders);
which parts are there decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import PIL.Image
import torch
from diffusers import AutoencoderKL, DiffusionPipeline
from diffusers.callbacks import MultiPipelineCallbacks, PipelineCallback
from diffusers.image_processor import VaeImageProcessor
from diffusers.utils import BaseOutput
from einops import rearrange
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from omniedit.editnet.flow import Flow
from omniedit.editnet.model import EditNetTransformer2DModel, Observed
from omniedit.editnet.text import T5_LENGTH, Encoder, TextStates, encode

__all__ = ["EditNetPipeline", "EditNetPipelineOutput", "decode_latent", "encode_latent"]


@dataclass
class EditNetPipelineOutput(BaseOutput):
    """`images`: edited pictures; `changes`: (B, H, W) in [0, 1] where the model has a gate, else None."""

    images: Any  # list of PIL pictures, numpy (B, H, W, 3) in [0, 1] or a tensor, as output_type says
    changes: Tensor | None = None


def encode_latent(vae: AutoencoderKL | None, pixels: Tensor) -> Tensor:
    """Pixels (B, 3, H, W) in [-1, 1] to the space the transformer works in; the same for source and target.

    Without a VAE that space is the pixels. With one: (mode - shift) scale; leaving the shift out for one of the
    two is a mistake that trains without complaint.
    """
    if vae is None:
        return pixels
    mode = vae.encode(pixels.to(vae.dtype)).latent_dist.mode()
    return (mode - (vae.config.shift_factor or 0)) * vae.config.scaling_factor


def decode_latent(vae: AutoencoderKL | None, latent: Tensor) -> Tensor:
    """The way back of `encode_latent`."""
    if vae is None:
        return latent
    return vae.decode(latent.to(vae.dtype) / vae.config.scaling_factor + (vae.config.shift_factor or 0)).sample


class EditNetPipeline(DiffusionPipeline):
    """Edit pictures by instruction."""

    model_cpu_offload_seq = "text_encoder->text_encoder_2->text_encoder_3->transformer->vae"
    _optional_components = ["vae", "text_encoder_2", "tokenizer_2", "text_encoder_3", "tokenizer_3"]  # noqa: RUF012
    _callback_tensor_inputs = ["latents", "prediction", "source"]  # noqa: RUF012

    def __init__(
        self,
        transformer: EditNetTransformer2DModel,
        scheduler: Flow,
        text_encoder: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        text_encoder_2: PreTrainedModel | None = None,
        tokenizer_2: PreTrainedTokenizerBase | None = None,
        text_encoder_3: PreTrainedModel | None = None,
        tokenizer_3: PreTrainedTokenizerBase | None = None,
        vae: AutoencoderKL | None = None,
    ) -> None:
        super().__init__()
        self.register_modules(
            transformer=transformer,
            scheduler=scheduler,
            text_encoder=text_encoder,
            tokenizer=tokenizer,
            text_encoder_2=text_encoder_2,
            tokenizer_2=tokenizer_2,
            text_encoder_3=text_encoder_3,
            tokenizer_3=tokenizer_3,
            vae=vae,
        )
        self._interrupt, self._num_timesteps, self._guidance_scale = False, 0, 1.0

    @property
    def interrupt(self) -> bool:
        """Set in a callback (or its `_interrupt`, as diffusers' guides do) to end the loop after that step."""
        return self._interrupt

    @interrupt.setter
    def interrupt(self, value: bool) -> None:
        self._interrupt = value

    @property
    def num_timesteps(self) -> int:
        """Steps of the call at hand."""
        return self._num_timesteps

    @property
    def guidance_scale(self) -> float:
        """The text scale of the call at hand."""
        return self._guidance_scale

    def set_use_memory_efficient_attention_xformers(self, valid: bool, attention_op: Any = None) -> None:
        """Diffusers' xformers switch, for the transformer; its own way would replace our attention by another."""
        self.transformer.set_use_memory_efficient_attention_xformers(valid, attention_op)

    @property
    def pixels_per_cell(self) -> int:
        """Pixels on a side that one cell of the transformer's space covers: 1 without a VAE."""
        return 1 if self.vae is None else 2 ** (len(self.vae.config.block_out_channels) - 1)

    @property
    def multiple(self) -> int:
        """Pictures' sides must be multiples of this."""
        return self.pixels_per_cell * self.transformer.config.patch_size

    @property
    def encoders(self) -> tuple[Encoder, ...]:
        """The text encoders that are there, in SD3's order."""
        pairs = (
            (self.tokenizer, self.text_encoder, None),
            (self.tokenizer_2, self.text_encoder_2, None),
            (self.tokenizer_3, self.text_encoder_3, T5_LENGTH),
        )
        return tuple(
            Encoder(tokenizer, model, length or tokenizer.model_max_length)
            for tokenizer, model, length in pairs
            if model is not None and tokenizer is not None
        )

    def encode_instruction(self, texts: Sequence[str]) -> TextStates:
        """States and pooled output of the instructions, in the transformer's dtype."""
        found = encode(self.encoders, texts, self._execution_device, self.transformer.config.joint_attention_dim)
        dtype = self.transformer.dtype
        return TextStates(found.states.to(dtype), found.pooled.to(dtype))

    @torch.no_grad()
    def __call__(
        self,
        image: PIL.Image.Image | Sequence[PIL.Image.Image] | Tensor,
        instruction: str | Sequence[str],
        mask_image: PIL.Image.Image | Sequence[PIL.Image.Image] | Tensor | None = None,
        num_inference_steps: int = 8,
        guidance_scale: float = 1.0,
        image_guidance_scale: float = 1.0,
        generator: torch.Generator | Sequence[torch.Generator] | None = None,
        output_type: str = "pil",
        return_dict: bool = True,
        callback_on_step_end: Callable[[Any, int, float, dict[str, Tensor]], dict[str, Tensor] | None] | None = None,
        callback_on_step_end_tensor_inputs: Sequence[str] = ("latents",),
    ) -> EditNetPipelineOutput | tuple[Any, Tensor | None]:
        """Edit `image` as `instruction` says.

        `image`: pictures of one size, sides multiples of `multiple`, or (B, 3, H, W) in [-1, 1]; `mask_image`: white
        (1) where the edit may happen; `guidance_scale` 1 and `image_guidance_scale` 1 need one forward a step,
        a text scale doubles that, an image scale triples it. Setting `interrupt` ends the loop after a step.
        `callback_on_step_end` is shown `latents`, `prediction` and the encoded `source` and may return other
        `latents`.
        Raises ValueError for sizes that do not fit, a mask that the model cannot take and unknown callback inputs.
        """
        if isinstance(callback_on_step_end, PipelineCallback | MultiPipelineCallbacks):
            callback_on_step_end_tensor_inputs = callback_on_step_end.tensor_inputs
        for name in callback_on_step_end_tensor_inputs:
            if name not in self._callback_tensor_inputs:
                raise ValueError(f"Unknown callback input {name!r}; choose from {self._callback_tensor_inputs}.")
        self._interrupt, self._num_timesteps, self._guidance_scale = False, num_inference_steps, guidance_scale
        texts = [instruction] if isinstance(instruction, str) else list(instruction)
        device = self._execution_device
        pixels = self._pixels(image).to(device)
        if len(pixels) == 1 and len(texts) > 1:
            pixels = pixels.expand(len(texts), -1, -1, -1)
        if len(pixels) != len(texts):
            raise ValueError(f"{len(pixels)} pictures and {len(texts)} instructions; give one instruction a picture.")
        source = encode_latent(self.vae, pixels).to(self.transformer.dtype)
        mask = self._mask(mask_image, source)
        text = self.encode_instruction(texts)
        null = self.encode_instruction([""]) if guidance_scale != 1 or image_guidance_scale != 1 else None

        flow = self.scheduler
        latents = flow.start(flow.noise_like(source, generator))
        times = flow.times(num_inference_steps).to(device)
        prediction, gate, observed = source, None, None
        with self.progress_bar(total=num_inference_steps) as bar:
            for i in range(num_inference_steps):
                t, t_next = times[i], times[i + 1]
                prediction, gate, observed = self._predict(
                    latents, source, mask, text, null, t, guidance_scale, image_guidance_scale, observed
                )
                latents = flow.step(prediction, latents, t, t_next)
                if callback_on_step_end is not None:
                    shown = {"latents": latents, "prediction": prediction, "source": source}
                    given = {name: shown[name] for name in callback_on_step_end_tensor_inputs}
                    changed = callback_on_step_end(self, i, float(t), given) or {}
                    latents = changed.get("latents", latents)
                bar.update()
                if self.interrupt:
                    break
        pictures = decode_latent(self.vae, latents)
        images = VaeImageProcessor().postprocess(pictures.float(), output_type=output_type)
        changes = None if gate is None else gate.sigmoid()[:, 0].float().cpu()
        self.maybe_free_model_hooks()
        return EditNetPipelineOutput(images, changes) if return_dict else (images, changes)

    def _predict(
        self,
        latents: Tensor,
        source: Tensor,
        mask: Tensor | None,
        text: TextStates,
        null: TextStates | None,
        t: Tensor,
        guidance: float,
        image_guidance: float,
        observed: Observed | None,
    ) -> tuple[Tensor, Tensor | None, Observed]:
        """One prediction at (B, C, H, W), with as many forwards as the guidance scales need, in one batch.

        `observed`: from the step before, None at the first.
        """
        flow, count = self.scheduler, len(latents)
        copies = 1 if null is None else (2 if image_guidance == 1 else 3)
        states, pooled, sources = text.states, text.pooled, source
        if null is not None:
            states = torch.cat([states, null.states.expand(count * (copies - 1), -1, -1)])
            pooled = torch.cat([pooled, null.pooled.expand(count * (copies - 1), -1)])
            sources = torch.cat([source, source, torch.zeros_like(source)][:copies])
        with self.transformer.cache_context("all"):
            out = self.transformer(
                latents.to(self.transformer.dtype).repeat(copies, 1, 1, 1),
                sources,
                states,
                pooled,
                flow.model_time(t).expand(count * copies),
                mask=None if mask is None else mask.repeat(copies, 1, 1, 1),
                observed=observed,
            )
        parts = out.sample.float().chunk(copies)
        gate = None if out.gate_logit is None else out.gate_logit[:count]
        if copies == 1:
            return parts[0], gate, out.observed
        mixed = flow.guide(parts[0], parts[1], parts[2] if copies == 3 else None, guidance, image_guidance)
        if gate is not None:  # no scale opens what the gate keeps shut
            mixed = torch.lerp(source.float(), mixed, (2 * gate.float().sigmoid()).clamp(max=1))
        return mixed, gate, out.observed

    def _pixels(self, image: PIL.Image.Image | Sequence[PIL.Image.Image] | Tensor) -> Tensor:
        if not isinstance(image, Tensor):
            pictures = [image] if isinstance(image, PIL.Image.Image) else list(image)
            stacked = np.stack([np.asarray(p.convert("RGB")) for p in pictures])
            image = rearrange(torch.from_numpy(stacked).float() / 127.5 - 1, "b h w c -> b c h w")
        height, width = image.shape[-2:]
        if height % self.multiple or width % self.multiple:
            raise ValueError(f"The picture is {width} x {height}; both sides must be multiples of {self.multiple}.")
        return image.float()

    def _mask(self, mask: PIL.Image.Image | Sequence[PIL.Image.Image] | Tensor | None, source: Tensor) -> Tensor | None:
        if mask is None:
            return None
        if not self.transformer.config.mask_input:
            raise ValueError("This model has no mask input; leave mask_image out.")
        if not isinstance(mask, Tensor):
            masks = [mask] if isinstance(mask, PIL.Image.Image) else list(mask)
            mask = torch.stack([torch.from_numpy(np.array(m.convert("L"))).float() / 255 for m in masks])[:, None]
        if mask.shape[-2:] != source.shape[-2:] or len(mask) not in (1, len(source)):
            raise ValueError(
                f"{len(mask)} masks of {mask.shape[-1]} x {mask.shape[-2]} for {len(source)} pictures of "
                f"{source.shape[-1]} x {source.shape[-2]}; give one mask, or one a picture, of the pictures' size."
            )
        signed = torch.where(mask > 0.5, 1.0, -1.0).to(source)
        return signed.expand(len(source), -1, -1, -1)
