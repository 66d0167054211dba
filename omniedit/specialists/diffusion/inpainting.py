"""Swap, removal, addition and background by one inpainting model over the mask (paper, A.1.1, A.1.2, A.1.6)."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import ClassVar

import cv2
import numpy as np
import torch
from PIL import Image

from omniedit.compose import compose_local, mask_to_model, plan, to_model
from omniedit.specialists.base import Bools, Bytes, Knob, Painted, Plan, Refusal, Report
from omniedit.specialists.diffusion.models import INPAINTING, Painter, progress
from omniedit.specialists.locate import locate
from omniedit.specialists.masks import asked_mask, bounds, grow
from omniedit.types import EditRequest, Intent, Parameter, Task
from omniedit.vocabulary import BACKDROPS

__all__ = ["Adding", "Behind", "Removing", "Swapping"]

MULTIPLE = 8  # pixels of a latent
DILATION = 0.012  # of the picture's short side, added around a thing that was found (A.1.1, mask dilation)
KNOBS = (
    Knob("steps", "Steps", 30.0, 1.0, 100.0),
    Knob("guidance", "Guidance (words)", 7.5, 1.0, 20.0),
)


class _Inpainting(Painter):
    """What the four share: a region, words for what comes there, and the way through the model and back."""

    model: ClassVar[str] = INPAINTING
    knobs: ClassVar[tuple[Knob, ...]] = KNOBS

    @abstractmethod
    def region(self, request: EditRequest, intent: Intent, source: Bytes) -> tuple[Bools, str] | Refusal:
        """Where is painted, and a clause that says so."""

    @abstractmethod
    def words(self, intent: Intent) -> tuple[str, str] | Refusal:
        """What is to be painted there, and what is not."""

    def prepare(self, request: EditRequest, intent: Intent) -> Plan | Refusal:
        """The region and the words; nothing is loaded. What it cannot do, the classical specialist may."""
        if request.material is not None:
            return Refusal("An inpainting model paints from words, not from your picture", "leave the picture out")
        blank = self.blank(request, intent)
        source = blank.source
        words = self.words(intent)
        if isinstance(words, Refusal):
            return words
        region = self.region(request, intent, source)
        if isinstance(region, Refusal):
            return region
        mask, where = region
        return replace(blank, mask=mask, says=f"Paints {words[0]} {where}.", work=words)

    def paint(self, plan_: Plan, seed: int, report: Report) -> Painted:
        """One sample at the model's size, stitched back into the photo."""
        assert plan_.mask is not None
        positive, negative = plan_.work
        steps = _whole(plan_.parameters["steps"])
        height, width = plan_.mask.shape
        frame = plan((width, height), plan_.mask, self.keeper.side(self.model), MULTIPLE)
        small, small_mask = to_model(plan_.source, frame), mask_to_model(plan_.mask, frame)
        with self.keeper.using(self.model) as pipe:
            made = pipe(
                prompt=positive,
                negative_prompt=negative,
                image=Image.fromarray(small),
                mask_image=Image.fromarray(small_mask.astype(np.uint8) * 255),
                width=frame.model[0],
                height=frame.model[1],
                num_inference_steps=steps,
                guidance_scale=float(plan_.parameters["guidance"]),
                generator=torch.Generator().manual_seed(seed),
                output_type="np",
                callback_on_step_end=progress(report, steps),
            ).images[0]
        edited = np.rint(np.clip(made, 0, 1) * 255).astype(np.uint8)
        return Painted(compose_local(plan_.source, edited, small_mask.astype(np.float32), frame, plan_.mask).rgb)


class Removing(_Inpainting):
    """The region filled with background (A.1.2)."""

    name: ClassVar[str] = "inpainting (removal)"
    task: ClassVar[Task] = Task.REMOVAL

    def region(self, request: EditRequest, intent: Intent, source: Bytes) -> tuple[Bools, str] | Refusal:
        """The thing, dilated."""
        return _thing(request, intent, source)

    def words(self, intent: Intent) -> tuple[str, str] | Refusal:
        """Background, and not the thing."""
        return "empty background", bare(intent.target or "")


class Swapping(_Inpainting):
    """The region filled with the new thing (A.1.1, equation 8)."""

    name: ClassVar[str] = "inpainting (swap)"
    task: ClassVar[Task] = Task.SWAP

    def region(self, request: EditRequest, intent: Intent, source: Bytes) -> tuple[Bools, str] | Refusal:
        """The box of the old thing: the new one has another shape."""
        found = _thing(request, intent, source)
        if isinstance(found, Refusal) or request.mask is not None:
            return found
        left, top, right, bottom = bounds(found[0])
        box = np.zeros_like(found[0])
        box[top:bottom, left:right] = True
        return box, found[1]

    def words(self, intent: Intent) -> tuple[str, str] | Refusal:
        """The new thing, and not the old one."""
        if not intent.new:
            return Refusal("I do not see what should come instead", 'say it, for example "swap the cat for a dog"')
        return bare(intent.new), bare(intent.target or "")


class Adding(_Inpainting):
    """The new thing in the place that the person shows."""

    name: ClassVar[str] = "inpainting (addition)"
    task: ClassVar[Task] = Task.ADDITION

    def region(self, request: EditRequest, intent: Intent, source: Bytes) -> tuple[Bools, str] | Refusal:
        """The mask or box."""
        mask = asked_mask(request)
        if mask is not None:
            return mask, "where you painted"
        if request.box is None:
            return Refusal("An inpainting model must be shown where to paint", "brush over the place or give a box")
        left, top, right, bottom = request.box
        box = np.zeros(source.shape[:2], bool)
        box[top:bottom, left:right] = True
        return box, "in your box"

    def words(self, intent: Intent) -> tuple[str, str] | Refusal:
        """The new thing."""
        if not intent.new:
            return Refusal("I do not see what should be added", 'say it, for example "add a cat"')
        return bare(intent.new), ""


class Behind(_Inpainting):
    """All but the subject (A.1.6: the inverse mask)."""

    name: ClassVar[str] = "inpainting (background)"
    task: ClassVar[Task] = Task.BACKGROUND

    def region(self, request: EditRequest, intent: Intent, source: Bytes) -> tuple[Bools, str] | Refusal:
        """What was painted, else what is not the subject."""
        mask = asked_mask(request)
        if mask is not None:
            return mask, "where you painted"
        found = locate(request, intent, source)
        return found if isinstance(found, Refusal) else (~found.mask, f"behind {found.by}")

    def words(self, intent: Intent) -> tuple[str, str] | Refusal:
        """The new background."""
        if (kind := str(intent.parameters.get("kind"))) in BACKDROPS:
            return Refusal(f"An inpainting model paints scenes, and {kind} is none", "name a scene, such as a beach")
        if not intent.value:
            return Refusal("I do not see what the background should be", 'say it, for example "put us on a beach"')
        return bare(intent.value), ""


def _thing(request: EditRequest, intent: Intent, source: Bytes) -> tuple[Bools, str] | Refusal:
    found = locate(request, intent, source)
    if isinstance(found, Refusal):
        return found
    if request.mask is not None:
        return found.mask, f"in place of {intent.target or 'what you painted'}"
    wide = grow(found.mask, round(DILATION * min(found.mask.shape)))
    return np.asarray(cv2.morphologyEx(wide.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))) > 0, (
        f"in place of {intent.target or 'it'} ({found.by})"
    )


def bare(words: str) -> str:
    """`words` without a leading article or possessive: what a prompt wants."""
    first, _, rest = words.strip().partition(" ")
    return rest if rest and first.lower() in _ARTICLES else words.strip()


_ARTICLES = frozenset("a an the this that these those my our your his her their its".split())


def _whole(value: Parameter) -> int:
    return max(1, round(float(value)))
