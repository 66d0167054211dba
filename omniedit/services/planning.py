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

__all__ = ["Preview", "preview"]

SHOWN = 1280  # longest side of the picture that shows the plan
DIMMED = 0.45  # brightness of what stays as it is
OUTLINE = (255, 64, 160)


@dataclass(frozen=True)
class Preview:
    """A plan for the eye. `picture` is at most 1280 pixels long; `box` (left, top, right, bottom) and `share` tell of
    the place that changes (None and 1.0: all of the picture).
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


def preview(request: EditRequest, intent: Intent, plan: Plan | Refusal) -> Preview:
    """How `plan` is shown."""
    from omniedit.specialists import specialist
    from omniedit.specialists.base import Refusal
    from omniedit.specialists.masks import bounds

    assert intent.task is not None
    if isinstance(plan, Refusal):
        picture = _shown(from_pil(request.source).rgb, None)
        return Preview(picture, str(plan), True, intent, (), {}, 0.0, None, 0.0)
    return Preview(
        _shown(Image.fromarray(plan.source), plan.mask),
        " ".join([plan.says, *plan.notes]),
        False,
        intent,
        specialist(intent.task).knobs,
        plan.parameters,
        plan.confidence,
        None if plan.mask is None else bounds(plan.mask),
        1.0 if plan.mask is None else float(plan.mask.mean()),
    )


def _shown(picture: Image.Image, mask: Bools | None) -> Image.Image:
    """The picture, what stays dimmed, what changes outlined."""
    scale = min(1.0, SHOWN / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = np.asarray(picture.resize(size, Image.Resampling.BOX, reducing_gap=2)).copy()
    if mask is None:
        return Image.fromarray(small)
    inside = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None]
    small = np.rint(small * (DIMMED + (1 - DIMMED) * inside)).astype(np.uint8)
    edges, _ = cv2.findContours((inside[..., 0] > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(small, edges, -1, OUTLINE, max(1, min(size) // 300), cv2.LINE_AA)
    return Image.fromarray(small)
