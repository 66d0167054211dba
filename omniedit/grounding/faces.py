"""Finds faces that look at the camera: the LBP cascade that scikit-image ships, each find checked from two sides.

The cascade (Liao et al. 2007; OpenCV's `lbpcascade_frontalface`, BSD) finds one face in a few textures too: a face
counts more when it is found again close up and mirrored, when its colours can be skin and its eyes are darker than
its cheeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np

from omniedit.colour import to_oklab
from omniedit.grounding.refine import Box, Bytes, Floats
from omniedit.grounding.view import View
from omniedit.sizes import shrink

__all__ = ["Face", "faces", "skin"]

LONGEST = 448  # of the picture that is searched
SMALLEST = 24  # pixels of it: the cascade's own window
CLOSE = 64  # width of a face when it is looked at again
SAME = 0.4  # shared area over joint area from which two boxes are one face
BY_LOOKS = (0.4, 0.35, 0.25)  # of the score: found again, found mirrored, darker eyes
NO_SKIN = 0.25  # what is left of the score of a find whose colours can be no skin


@dataclass(frozen=True)
class Face:
    """`box` (left, top, right, bottom), brows to chin, as shares of the picture; `score` 0..1."""

    box: tuple[float, float, float, float]
    score: float


def faces(view: View) -> list[Face]:
    """All faces, surest first."""
    rgb = shrink(view.rgb, LONGEST)
    height, width = rgb.shape[:2]
    if min(height, width) < SMALLEST + 1:
        return []
    found = [Face(_shares(box, width, height), _looks(view, _shares(box, width, height))) for box in _search(rgb)]
    found.sort(key=lambda face: -face.score)
    kept: list[Face] = []
    for face in found:
        if all(_shared(face.box, other.box) < SAME / 2 for other in kept):
            kept.append(face)
    return kept


def skin(lab: Floats) -> Floats:
    """How well OKLab colours (..., 3) can be lit human skin, of any tone: float32 (...), 0..1."""
    chroma, hue = np.hypot(lab[..., 1], lab[..., 2]), np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    fits = np.clip(1.5 - np.abs(hue - 50) / 30, 0, 1) * np.clip((chroma - 0.012) / 0.02, 0, 1)
    fits *= np.clip((0.19 - chroma) / 0.03, 0, 1) * np.clip((lab[..., 0] - 0.2) / 0.1, 0, 1)
    result: Floats = fits.astype(np.float32)
    return result


def _search(rgb: Bytes, smallest: int = SMALLEST) -> list[Box]:
    side = min(rgb.shape[:2])
    found = _cascade().detect_multi_scale(
        img=rgb, scale_factor=1.2, step_ratio=1, min_size=(smallest, smallest), max_size=(side, side)
    )
    return [(f["c"], f["r"], f["c"] + f["width"], f["r"] + f["height"]) for f in found]


@cache
def _cascade() -> Any:
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    return Cascade(lbp_frontal_face_cascade_filename())


def _looks(view: View, box: tuple[float, float, float, float]) -> float:
    """0..1: how much a find looks like a face when its surroundings are enlarged."""
    height, width = view.full.shape[:2]
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    side = right - left
    x0, y0 = max(int(left - 0.5 * side), 0), max(int(top - 0.5 * side), 0)
    x1, y1 = min(round(right + 0.5 * side), width), min(round(bottom + 0.5 * side), height)
    scale = CLOSE / side
    size = (max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    close: Bytes = np.asarray(cv2.resize(view.full[y0:y1, x0:x1], size, interpolation=how), dtype=np.uint8)
    at = ((left - x0) * scale, (top - y0) * scale, (right - x0) * scale, (bottom - y0) * scale)
    mirrored_at = (size[0] - at[2], at[1], size[0] - at[0], at[3])
    again = any(_shared(at, b) > SAME for b in _search(close, CLOSE // 2))
    mirrored = any(_shared(mirrored_at, b) > SAME for b in _search(np.ascontiguousarray(close[:, ::-1]), CLOSE // 2))
    lab = np.asarray(to_oklab(close), dtype=np.float32)
    face = cv2.resize(_part(lab, at, (0.0, 0.0, 1.0, 1.0)), (48, 48), interpolation=cv2.INTER_AREA)
    grey = float(np.hypot(view.lab[..., 1], view.lab[..., 2]).mean()) < 0.01  # a black and white photo
    centre = face[12:44, 10:38]
    skinned = 0.85 if grey else float(np.clip(skin(centre).mean() * 1.6 - 0.3, 0, 1))
    eyes, cheeks = face[10:20, 8:40, 0].mean(), face[24:34, 8:40, 0].mean()
    darker = float(np.clip((cheeks - eyes) / 0.06 + 0.3, 0, 1))
    return float(np.dot(BY_LOOKS, (again, mirrored, darker))) * (NO_SKIN + (1 - NO_SKIN) * skinned)


def _part(lab: Floats, box: tuple[float, ...], share: tuple[float, ...]) -> Floats:
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    x0, x1 = int(left + share[0] * wide), int(left + share[2] * wide)
    y0, y1 = int(top + share[1] * high), int(top + share[3] * high)
    return lab[max(y0, 0) : y1, max(x0, 0) : x1]


def _shares(box: Box, width: int, height: int) -> tuple[float, float, float, float]:
    return box[0] / width, box[1] / height, box[2] / width, box[3] / height


def _shared(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Shared area of two boxes over their joint area."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(wide, 0.0) * max(high, 0.0)
    areas = sum((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other))
    return shared / max(areas - shared, 1e-9)
