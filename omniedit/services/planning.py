"""What an edit will do, shown before it is done: the words as understood, the place outlined, the sliders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from omniedit.images import from_pil
from omniedit.types import EditRequest, Intent, Parameter

if TYPE_CHECKING:
    from omniedit.specialists.base import Bools, Knob, Plan, Refusal

__all__ = ["OUTLINE", "Preview", "preview"]

LEAST, MOST = 960, 1280  # longest side of the picture that shows the plan
DIMMED = 0.4  # brightness of what stays as it is
GREYED = 0.6  # of its colour that it loses
OUTLINE, POINTED, AROUND = (255, 64, 160), (255, 255, 255), (20, 20, 30)

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Preview:
    """A plan for the eye. `picture` is 960 to 1280 pixels long; `box` (left, top, right, bottom) and `share` tell of
    the place that changes (None and 1.0: all of the picture), and so does `mask` (mode L, at the photo's size).
    `other` is an engine that may try what is refused.
    """

    picture: Image.Image
    says: str
    refused: bool
    intent: Intent
    knobs: tuple[Knob, ...]
    parameters: Mapping[str, Parameter]
    confidence: float
    box: tuple[int, int, int, int] | None
    share: float
    mask: Image.Image | None = None
    other: str = ""


def preview(request: EditRequest, intent: Intent, plan: Plan | Refusal) -> Preview:
    """How `plan` is shown."""
    from omniedit.specialists.base import Refusal
    from omniedit.specialists.masks import bounds

    assert intent.task is not None
    if isinstance(plan, Refusal):
        picture = _shown(from_pil(request.source).rgb, None, request)
        return Preview(picture, str(plan), True, intent, (), {}, 0.0, None, 0.0, other=plan.other)
    return Preview(
        _shown(Image.fromarray(plan.source), plan.mask, request),
        " ".join([plan.says, *plan.notes]),
        False,
        intent,
        plan.knobs,
        plan.parameters,
        plan.confidence,
        None if plan.mask is None else bounds(plan.mask),
        1.0 if plan.mask is None else float(plan.mask.mean()),
        None if plan.mask is None else Image.fromarray(plan.mask.astype(np.uint8) * 255),
    )


def _shown(picture: Image.Image, mask: Bools | None, request: EditRequest) -> Image.Image:
    """The picture, what stays dimmed and greyed, what changes outlined; the request's box and click are marked."""
    scale = min(MOST, max(LEAST, max(picture.size))) / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    smaller = scale < 1
    way = Image.Resampling.BOX if smaller else Image.Resampling.BICUBIC
    small = np.asarray(picture.resize(size, way, reducing_gap=2)).copy()
    if mask is not None:
        between = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
        inside = cv2.resize(mask.astype(np.float32), size, interpolation=between)
        dimmed = DIMMED * (small + GREYED * (small.mean(axis=-1, keepdims=True, dtype=np.float32) - small))
        small = np.rint(dimmed + inside[..., None] * (small - dimmed)).astype(np.uint8)
        edges, _ = cv2.findContours((inside > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        for colour, width in _strokes(size, OUTLINE):
            cv2.drawContours(small, edges, -1, colour, width, cv2.LINE_AA)
    if request.box is not None:
        left, top, right, bottom = (round(edge * scale) for edge in request.box)
        for colour, width in _strokes(size, POINTED):
            cv2.rectangle(small, (left, top), (right - 1, bottom - 1), colour, width, cv2.LINE_AA)
    if request.click is not None:
        x, y = (int((pixel + 0.5) * scale) for pixel in request.click)
        for colour, width in _strokes(size, POINTED):
            cv2.circle(small, (x, y), max(size) // 100, colour, width, cv2.LINE_AA)
    return Image.fromarray(small)


def _strokes(size: tuple[int, int], colour: Colour) -> tuple[tuple[Colour, int], ...]:
    """A dark line and a bright one on it, each with its width: seen on any ground."""
    wide = max(2, max(size) // 400)
    return (AROUND, 2 * wide + 1), (colour, wide)
