"""Environment and style by CosXL-Edit, which takes the instruction itself (paper, A.1.7)."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import cv2
import numpy as np
import torch
from PIL import Image

from omniedit.compose import compose_global, plan, to_model
from omniedit.specialists.base import Knob, Painted, Plan, Refusal, Report
from omniedit.specialists.diffusion.models import INSTRUCTED, Painter
from omniedit.specialists.masks import asked_mask, feather
from omniedit.specialists.part import asked_part
from omniedit.types import EditRequest, Intent, Task

__all__ = ["Styling", "Surroundings"]

MULTIPLE = 32  # pixels: the model halves its latents five times over
RIM = 0.02  # of the short side, over which an edit fades in inside a painted mask


class _Instructed(Painter):
    """The whole picture at the model's size, carried back to full size."""

    model: ClassVar[str] = INSTRUCTED
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("steps", "Steps", 20.0, 1.0, 100.0),
        Knob("guidance", "Guidance (words)", 5.0, 1.0, 20.0),
        Knob("image_guidance", "Guidance (photo)", 1.5, 1.0, 5.0),
    )

    def prepare(self, request: EditRequest, intent: Intent) -> Plan | Refusal:
        """The instruction goes to the model as it is; a part that is not painted is for the classical specialist."""
        blank = self.blank(request, intent)
        mask = asked_mask(request)
        part = asked_part(request, intent, blank.source) if mask is None else None
        if isinstance(part, Refusal):
            return part
        if part is not None:
            what = f"CosXL-Edit changes the whole picture, not {part.name}"
            return Refusal(what, "brush over the part that is meant")
        says = f"Asks CosXL-Edit: {intent.text}."
        return replace(blank, mask=mask, says=says, fade=None if mask is None else feather(mask, RIM * min(mask.shape)))

    def paint(self, plan_: Plan, seed: int, report: Report) -> Painted:
        """One sample, enlarged by a local map of colour."""
        height, width = plan_.source.shape[:2]
        frame = plan((width, height), None, self.keeper.side(self.model), MULTIPLE)
        small = to_model(plan_.source, frame)
        steps = max(1, round(float(plan_.parameters["steps"])))
        with self.keeper.using(self.model) as pipe:
            made = pipe(
                prompt=plan_.intent.text,
                image=Image.fromarray(small),
                width=frame.model[0],
                height=frame.model[1],
                num_inference_steps=steps,
                guidance_scale=float(plan_.parameters["guidance"]),
                image_guidance_scale=float(plan_.parameters["image_guidance"]),
                generator=torch.Generator().manual_seed(seed),
                output_type="np",
                callback=lambda step, timestep, latents: report((step + 1) / steps),
            ).images[0]
        edited = np.rint(np.clip(made, 0, 1) * 255).astype(np.uint8)
        if edited.shape != small.shape:
            edited = np.asarray(cv2.resize(edited, frame.model, interpolation=cv2.INTER_AREA), np.uint8)
        return Painted(compose_global(plan_.source, small, edited).rgb)


class Surroundings(_Instructed):
    """Weather, light, season."""

    name: ClassVar[str] = "CosXL-Edit (environment)"
    task: ClassVar[Task] = Task.ENVIRONMENT


class Styling(_Instructed):
    """Looks of the whole picture."""

    name: ClassVar[str] = "CosXL-Edit (style)"
    task: ClassVar[Task] = Task.STYLE
