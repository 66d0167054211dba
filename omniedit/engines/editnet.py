"""EditNet as an engine: the photo to the model's size, the edit, and back to the photo's own pixels."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from omniedit.compose import compose_global, compose_local, is_global, mask_to_model, plan, to_model
from omniedit.editnet.checkpoint import load_pipeline
from omniedit.editnet.glimpse import glimpse
from omniedit.editnet.pipeline import EditNetPipeline, EditNetPipelineOutput
from omniedit.errors import BadInput, Cancelled, EngineUnavailable
from omniedit.fading import faded_in
from omniedit.folders import content_hash
from omniedit.images import from_pil, with_alpha
from omniedit.types import EditRequest, EditResult, OnProgress, Progress, Sampling, Task, upright_size

__all__ = ["EditNetEngine"]

WHOLE = (Task.ENVIRONMENT, Task.STYLE)  # tasks that recompute every pixel
OPEN_GATE = 0.5  # a pixel counts as changed where the gate is at least this open
SLACK = 1  # model pixels by which the change is widened, so that soft rims are not cut


class EditNetEngine:
    """An EditNet checkpoint on one device. One edit at a time; others wait their turn."""

    def __init__(
        self,
        name: str,
        checkpoint: Path,
        short_side: int,
        sampling: Sampling,
        *,
        device: str = "auto",
        threads: int | None = None,
    ) -> None:
        self.name, self.sampling, self.threads = name, sampling, threads
        self.pipeline = _placed(load_pipeline(checkpoint), device)
        self.pipeline.set_progress_bar_config(disable=True)
        self.checkpoint = content_hash(checkpoint)
        self.short_side = short_side  # pixels, at which the model works
        self._turn = threading.Lock()

    def edit(self, request: EditRequest, on_progress: OnProgress | None = None) -> EditResult:
        """Edit at the picture's own size. `on_progress` is called after each step and may raise Cancelled there."""
        with self._turn:
            if self.threads is not None:
                torch.set_num_threads(self.threads)  # of the thread that edits, which need not be the one that loaded
            return self._edit(request, on_progress)

    def _edit(self, request: EditRequest, on_progress: OnProgress | None) -> EditResult:
        began = time.perf_counter()
        sampling = self._sampling(request)
        picture = from_pil(request.source)
        notes = [*picture.notes, *self._notes(request)]
        source, alpha = np.asarray(picture.rgb), picture.alpha
        mask = _mask(request)
        frame = plan(picture.rgb.size, mask, self.short_side, self.pipeline.multiple)
        small = to_model(source, frame)
        small_mask = None if mask is None else mask_to_model(mask, frame)
        seeds = tuple(request.seed + i for i in range(request.variants))
        images: list[Image.Image] = []
        resampled = False
        for variant, seed in enumerate(seeds, start=1):
            edited, change = self._run(
                small,
                small_mask,
                request.instruction,
                seed,
                sampling,
                partial(_report, on_progress, sampling.steps, variant, request.variants),
            )
            if mask is None and (request.task in WHOLE or is_global(change)):
                composed = compose_global(source, small, edited)
            else:
                composed = compose_local(source, edited, change, frame, mask)
            resampled = resampled or composed.resampled
            made = with_alpha(Image.fromarray(composed.rgb), alpha)
            images.append(faded_in(picture.rgb, made, request.mask))
            if not composed.changed.any():
                notes.append(
                    f"Nothing changed with seed {seed}: this small model found nothing to do; name the object, "
                    "or paint a mask."
                )
        return EditResult(
            images=tuple(images),
            engine=self.name,
            checkpoint=self.checkpoint,
            seeds=seeds,
            seconds=time.perf_counter() - began,
            resampled=resampled,
            sampling=sampling,
            notes=tuple(dict.fromkeys(notes)),
        )

    def _sampling(self, request: EditRequest) -> Sampling:
        usual = self.sampling
        return Sampling(
            usual.steps if request.steps is None else request.steps,
            usual.guidance if request.guidance is None else request.guidance,
            usual.image_guidance if request.image_guidance is None else request.image_guidance,
        )

    def _run(
        self,
        small: np.ndarray,
        mask: np.ndarray | None,
        instruction: str,
        seed: int,
        sampling: Sampling,
        on_step: Callable[[int, Callable[[], Image.Image]], object],
    ) -> tuple[np.ndarray, np.ndarray]:
        """One sample at the model's size: uint8 (h, w, 3) and the change (h, w) in 0..1."""

        stopped: list[Cancelled] = []

        def after_step(pipeline: EditNetPipeline, step: int, t: float, tensors: dict[str, torch.Tensor]) -> None:
            try:
                on_step(step + 1, partial(glimpse, tensors["prediction"], tensors["source"], small))
            except Cancelled as error:  # the loop ends in order, so that offloaded parts are freed
                stopped.append(error)
                pipeline.interrupt = True

        out = self.pipeline(
            Image.fromarray(small),
            instruction,
            None if mask is None else Image.fromarray(mask.astype(np.uint8) * 255),
            num_inference_steps=sampling.steps,
            guidance_scale=sampling.guidance,
            image_guidance_scale=sampling.image_guidance,
            generator=torch.Generator().manual_seed(seed),
            output_type="np",
            callback_on_step_end=after_step,
            callback_on_step_end_tensor_inputs=("prediction", "source"),
        )
        assert isinstance(out, EditNetPipelineOutput)
        if stopped:
            raise stopped[0]
        edited = (out.images[0] * 255).round().astype(np.uint8)
        if out.changes is None:
            return edited, np.ones(small.shape[:2], np.float32)
        return edited, _settled(out.changes[0].numpy())

    def _notes(self, request: EditRequest) -> list[str]:
        tokenizer, notes = self.pipeline.tokenizer, []
        limit = tokenizer.model_max_length
        if len(tokenizer(request.instruction, truncation=True, max_length=limit + 1)["input_ids"]) > limit:
            notes.append(f"Only the first {limit - 2} word pieces of the instruction were read; say it more briefly.")
        if unknown := self.unlearned(request.instruction):
            said = ", ".join(f'"{word}"' for word in unknown[:5])
            notes.append(f"This small model has not learned {said}; it knows plain words for simple things.")
        return notes

    def unlearned(self, instruction: str) -> list[str]:
        """The words of `instruction` that the small model's tokenizer spells: it has not learned them."""
        if self.pipeline.vae is not None:
            return []
        words = dict.fromkeys(re.findall(r"[^\W\d_]{2,}", instruction.lower()))
        return [word for word in words if len(self.pipeline.tokenizer.tokenize(word)) > 1]


def _mask(request: EditRequest) -> np.ndarray | None:
    """Where the edit may happen, bool (H, W): the painted mask, else the box; None is everywhere."""
    if request.mask is not None:
        mask = np.asarray(request.mask.convert("L")) > 127
        if not mask.any():
            raise BadInput("The mask has no white in it (all below half); paint white where the edit may happen.")
        return mask
    if request.box is None:
        return None
    left, top, right, bottom = request.box
    mask = np.zeros(upright_size(request.source)[::-1], bool)
    mask[top:bottom, left:right] = True
    return mask


def _report(
    on_progress: OnProgress | None,
    steps: int,
    variant: int,
    variants: int,
    step: int,
    preview: Callable[[], Image.Image],
) -> None:
    if on_progress is not None:
        on_progress(Progress(step, steps, variant, variants, preview))


def _settled(change: np.ndarray) -> np.ndarray:
    """The gate (h, w) as a clean change map: open pixels widened a little, faint leaks elsewhere closed."""
    import cv2

    core = (change >= OPEN_GATE).astype(np.uint8)
    wide = cv2.dilate(core, np.ones((2 * SLACK + 1, 2 * SLACK + 1), np.uint8))
    soft = cv2.GaussianBlur(wide.astype(np.float32), (0, 0), 0.7)
    return np.where(wide > 0, np.maximum(soft, core), soft * (soft > 0.05)).astype(np.float32)


def _placed(pipeline: EditNetPipeline, name: str) -> EditNetPipeline:
    """`pipeline` on the device of that name: auto, cpu, cuda, cuda:N or mps."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return pipeline.to(torch.device(name))
    except (RuntimeError, AssertionError) as error:  # torch raises either where a device is missing
        reason = str(error).splitlines()[0].rstrip(".")
        raise EngineUnavailable(f"The device {name!r} cannot be used ({reason}); set OMNIEDIT_DEVICE=cpu.") from error
