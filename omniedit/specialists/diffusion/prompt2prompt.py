"""Attributes by masked Prompt-to-Prompt on the photo's own noise (paper, section 3.2 and A.1.4).

Hertz et al., "Prompt-to-Prompt Image Editing with Cross-Attention Control", 2022; the mask as in Sheynin et al. (Emu
Edit), 2023. A photo has no noise that it came from, so DDIM (Song et al., 2021) is run backwards first, and its states
are kept: the branch of the source follows them exactly, lends its attention to the branch of the edit, and is put back
outside the mask after each step.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any, ClassVar

import cv2
import numpy as np
import torch
from einops import rearrange
from torch import Tensor

from omniedit.compose import compose_local, mask_to_model, plan, to_model
from omniedit.specialists.base import Knob, Painted, Plan, Refusal, Report
from omniedit.specialists.diffusion.inpainting import bare
from omniedit.specialists.diffusion.models import PROMPTED, Painter
from omniedit.specialists.locate import locate
from omniedit.specialists.masks import grow
from omniedit.types import EditRequest, Intent, Task

__all__ = ["Changing", "Control", "prompt_to_prompt"]

MULTIPLE = 64  # pixels: the UNet halves its latents three times
MARGIN = 0.006  # of the short side, added around a thing that was found


class Changing(Painter):
    """A thing stays where and what it is and changes as the words say."""

    name: ClassVar[str] = "Prompt-to-Prompt"
    task: ClassVar[Task] = Task.ATTRIBUTE
    model: ClassVar[str] = PROMPTED
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("steps", "Steps", 50.0, 2.0, 200.0),
        Knob("guidance", "Guidance (words)", 7.5, 1.0, 20.0),
        Knob("layout", "How closely the layout is kept", 0.6, 0.0, 1.0),
    )

    def prepare(self, request: EditRequest, intent: Intent) -> Plan | Refusal:
        """The thing and two captions: as it is, and as it is to be."""
        if not intent.value:
            return Refusal("I do not see how it should change", 'say it, for example "make the car red"')
        blank = self.blank(request, intent)
        source = blank.source
        found = locate(request, intent, source)
        if isinstance(found, Refusal):
            return found
        mask = found.mask if request.mask is not None else grow(found.mask, round(MARGIN * min(found.mask.shape)))
        thing = bare(intent.target or "thing")
        captions = (f"a photo of a {thing}", f"a photo of a {bare(intent.value)} {thing}")
        says = f"Turns {captions[0]!r} ({found.by}) into {captions[1]!r}."
        return replace(blank, mask=mask, says=says, confidence=found.score, work=captions)

    def paint(self, plan_: Plan, seed: int, report: Report) -> Painted:
        """The edit at the model's size, stitched back. The photo's own noise is used, so the seed changes nothing."""
        assert plan_.mask is not None
        height, width = plan_.mask.shape
        frame = plan((width, height), plan_.mask, self.keeper.side(self.model), MULTIPLE)
        small, small_mask = to_model(plan_.source, frame), mask_to_model(plan_.mask, frame)
        with self.keeper.using(self.model) as pipe:
            edited = prompt_to_prompt(
                pipe,
                small,
                small_mask,
                plan_.work,
                steps=max(2, round(float(plan_.parameters["steps"]))),
                guidance=float(plan_.parameters["guidance"]),
                layout=float(plan_.parameters["layout"]),
                report=report,
            )
        return Painted(compose_local(plan_.source, edited, small_mask.astype(np.float32), frame, plan_.mask).rgb)


class Control:
    """An attention processor that lends the source's attention to the edit.

    The batch is (source, edit without words, edit with words). In the first `layout` of the steps the edit with words
    attends as the source does: to the same places of the picture, and to the words that both captions have (`mapper`,
    (L,): for each token of the edited caption that of the source's, -1 where it is new).
    """

    def __init__(self, mapper: Tensor, layout: float) -> None:
        self.mapper, self.layout, self.done = mapper, layout, 0.0

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
        **_: Any,
    ) -> Tensor:
        """Attention as diffusers' own processor, the lending put in."""
        residual, shape = hidden_states, hidden_states.shape
        if hidden_states.ndim == 4:
            hidden_states = rearrange(hidden_states, "b c h w -> b (h w) c")
        if attn.group_norm is not None:
            hidden_states = attn.group_norm(hidden_states.transpose(1, 2)).transpose(1, 2)
        text = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        query, key, value = (
            attn.head_to_batch_dim(part) for part in (attn.to_q(hidden_states), attn.to_k(text), attn.to_v(text))
        )
        weights = attn.get_attention_scores(query, key, attention_mask)
        if len(hidden_states) == 3 and self.done < self.layout:
            weights = self._lent(weights, crossing=encoder_hidden_states is not None)
        mixed = attn.batch_to_head_dim(torch.bmm(weights, value))
        mixed = attn.to_out[1](attn.to_out[0](mixed))
        if len(shape) == 4:
            mixed = rearrange(mixed, "b (h w) c -> b c h w", h=shape[2])
        if attn.residual_connection:
            mixed = mixed + residual
        result: Tensor = mixed / attn.rescale_output_factor
        return result

    def _lent(self, weights: Tensor, crossing: bool) -> Tensor:
        """`weights` (3 heads, Q, K) with the source's in the place of the edit's."""
        source, without, edit = weights.chunk(3)
        if not crossing:
            return torch.cat([source, without, source])
        shared = self.mapper >= 0
        lent = torch.where(shared, source[..., self.mapper.clamp(min=0)], edit)
        return torch.cat([source, without, lent])


@torch.inference_mode()
def prompt_to_prompt(
    pipe: Any,
    source: np.ndarray,
    mask: np.ndarray,
    captions: tuple[str, str],
    *,
    steps: int,
    guidance: float,
    layout: float,
    report: Report,
) -> np.ndarray:
    """`source`, uint8 (h, w, 3), edited inside `mask`, bool (h, w), from the first caption to the second.

    `pipe` is a StableDiffusionPipeline with a DDIMScheduler; `layout` the share of the steps that lend attention.
    """
    device, dtype = pipe.device, pipe.unet.dtype
    text = torch.cat([_encoded(pipe, words) for words in (captions[0], "", captions[1])])
    picture = torch.tensor(source).to(device, dtype)
    picture = rearrange(picture, "h w c -> 1 c h w") / 127.5 - 1
    clean = pipe.vae.encode(picture).latent_dist.mode() * pipe.vae.config.scaling_factor
    free = cv2.resize(mask.astype(np.float32), (clean.shape[3], clean.shape[2]), interpolation=cv2.INTER_AREA)
    open_ = torch.from_numpy(free).to(device, dtype).clamp(0, 1)
    scheduler = pipe.scheduler
    scheduler.set_timesteps(steps, device=device)
    times = [int(t) for t in scheduler.timesteps]
    states = _inverted(pipe, clean, text[:1], times, report)
    control = Control(_mapper(pipe, captions).to(device), layout)
    before = pipe.unet.attn_processors
    pipe.unet.set_attn_processor(control)
    try:
        latent = states[-1]
        for number, t in enumerate(times):
            control.done = number / steps
            own = states[-1 - number]
            noise = pipe.unet(torch.cat([own, latent, latent]), t, encoder_hidden_states=text).sample
            _, without, with_words = noise.chunk(3)
            guided = without + guidance * (with_words - without)
            latent = scheduler.step(guided, t, latent).prev_sample
            latent = open_ * latent + (1 - open_) * states[-2 - number]
            report(0.5 + 0.5 * (number + 1) / steps)
    finally:
        pipe.unet.set_attn_processor(before)
    decoded = pipe.vae.decode(latent / pipe.vae.config.scaling_factor).sample
    edited: Tensor = (rearrange(decoded[0], "c h w -> h w c").float() + 1) * 127.5
    return edited.round().clamp(0, 255).to(torch.uint8).cpu().numpy()


def _inverted(pipe: Any, clean: Tensor, text: Tensor, times: list[int], report: Report) -> list[Tensor]:
    """The states of DDIM run backwards from `clean`: clean first, most noise last, one more than there are steps."""
    alphas = pipe.scheduler.alphas_cumprod.to(clean.device, clean.dtype)
    states, levels = [clean], [pipe.scheduler.final_alpha_cumprod.to(clean), *(alphas[t] for t in reversed(times))]
    for number, t in enumerate(reversed(times)):
        noise = pipe.unet(states[-1], t, encoder_hidden_states=text).sample
        now, later = levels[number], levels[number + 1]
        guess = (states[-1] - (1 - now).sqrt() * noise) / now.sqrt()
        states.append(later.sqrt() * guess + (1 - later).sqrt() * noise)
        report(0.5 * (number + 1) / len(times))
    return states


def _encoded(pipe: Any, words: str) -> Tensor:
    states: Tensor = pipe.text_encoder(_tokens(pipe, words).to(pipe.device))[0]
    return states


def _tokens(pipe: Any, words: str) -> Tensor:
    length = pipe.tokenizer.model_max_length
    ids: Tensor = pipe.tokenizer(
        words, padding="max_length", max_length=length, truncation=True, return_tensors="pt"
    ).input_ids
    return ids


def _mapper(pipe: Any, captions: tuple[str, str]) -> Tensor:
    """(L,): for each token of the second caption its place in the first, -1 where the first has no such token."""
    first, second = (_tokens(pipe, words)[0].tolist() for words in captions)
    places = torch.full((len(second),), -1, dtype=torch.long)
    for a, b, size in SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks():
        places[b : b + size] = torch.arange(a, a + size)
    return places
