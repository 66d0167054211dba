"""What is measured of an edit whose right result is known; pictures are float (H, W, 3) in 0..1, masks (H, W)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Bools",
    "Findings",
    "Floats",
    "Verdict",
    "blurred",
    "detail",
    "likeness",
    "outside_error",
    "presence",
    "progress",
    "relative",
    "structure",
    "to_bytes",
    "unit",
    "wider",
]

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Verdict:
    """`measures` holds every figure that was looked at, `failed` the names of those out of bounds."""

    measures: dict[str, float]
    failed: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        return not self.failed


class Findings:
    """Collects measures and which of them are out of bounds."""

    def __init__(self) -> None:
        self.measures: dict[str, float] = {}
        self.failed: list[str] = []

    def most(self, name: str, value: float, limit: float) -> None:
        self.measures[name] = round(float(value), 4)
        if not value <= limit:
            self.failed.append(name)

    def least(self, name: str, value: float, limit: float) -> None:
        self.measures[name] = round(float(value), 4)
        if not value >= limit:
            self.failed.append(name)

    def verdict(self) -> Verdict:
        return Verdict(self.measures, tuple(self.failed))


def progress(edited: Floats, source: Floats, truth: Floats, mask: Bools) -> float:
    """Error left inside the change: 0 is perfect, 1 is nothing done. Pictures (H, W, 3) in 0..1."""
    return relative(edited, source, truth, mask, 0.0)


def outside_error(edited: Floats, source: Floats, mask: Bools) -> float | None:
    """Mean absolute error where nothing should change (4 % of the short side away from the change), if anywhere."""
    outside = ~wider(mask, 0.04)
    return float(np.abs(edited - source)[outside].mean()) if outside.any() else None


def likeness(result: Floats, picture: Floats, clean: Floats) -> tuple[float, Bools]:
    """Best correlation of what was painted with what the thing paints, over shifts of 3 % of the side."""
    shift = max(1, round(0.03 * min(clean.shape[:2])))
    wanted = blurred(picture - clean, 1.0)
    where = wider(np.abs(wanted).max(-1) > 0.02, 0.05)
    made = blurred(result - clean, 1.0)
    best = -1.0
    for dy in (-shift, 0, shift):
        for dx in (-shift, 0, shift):
            a, b = made[where], np.roll(wanted, (dy, dx), (0, 1))[where]
            size = float(np.linalg.norm(a) * np.linalg.norm(b))
            best = max(best, float((a * b).sum()) / size if size > 1e-6 else 0.0)
    return best, np.abs(picture - clean).max(-1) > 0.05


def presence(result: Floats, clean: Floats, with_thing: Floats, where: Bools) -> float:
    """1 where the thing is as it was, 0 where only the ground is seen."""
    pattern, made = (blurred(p - clean, 1.0)[where] for p in (with_thing, result))
    return float((pattern * made).sum() / max((pattern**2).sum(), 1e-6))


def relative(result: Floats, source: Floats, truth: Floats, where: Bools, sigma: float) -> float:
    """Error left of the source's, inside `where`, after a blur by `sigma` pixels."""
    wrong, all_of_it = ((blurred(p - truth, sigma) ** 2)[where].sum() for p in (result, source))
    return float(np.sqrt(wrong / max(all_of_it, 1e-6)))


def detail(picture: Floats, where: Bools | None = None) -> float:
    """Root mean square of the gradient."""
    energy = _gradient(picture) ** 2
    return float(np.sqrt((energy if where is None else energy[where]).mean())) + 1e-3


def structure(result: Floats, truth: Floats) -> float:
    """Correlation of the gradients."""
    made, wanted = (blurred(_gradient(p), 1.0).ravel() for p in (result, truth))
    return float(np.corrcoef(made, wanted)[0, 1])


def _gradient(picture: Floats) -> Floats:
    grey = np.ascontiguousarray(picture.mean(-1))
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))


def blurred(picture: Floats, sigma: float) -> Floats:
    return cv2.GaussianBlur(picture, (0, 0), sigma) if sigma > 0 else picture


def wider(mask: Bools, share: float) -> Bools:
    """`mask` and what is nearer than `share` of the short side."""
    reach = max(1, round(share * min(mask.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return cv2.dilate(mask.astype(np.uint8), kernel).astype(np.bool_)


def unit(picture: NDArray[np.uint8]) -> Floats:
    return picture.astype(np.float32) / 255


def to_bytes(picture: Floats) -> NDArray[np.uint8]:
    return np.clip(np.rint(picture * 255), 0, 255).astype(np.uint8)
