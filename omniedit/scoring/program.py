"""A judge that is a program: it measures where an edit happened and what it left behind, and understands no picture.

It stands in for a multimodal judge where there is none, by the same interface, and says so by its name. It can tell
that something changed where it should, that nothing changed elsewhere, that the change is near the truth where a
program made it, and that there is no seam, no smear and no clipped area. That a cat looks like a cat it cannot tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.colour import to_oklab
from omniedit.scoring.judge import Sample
from omniedit.types import Score, Task

__all__ = ["ProgramJudge"]

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

WORKING = 512  # longest side at which is measured
SEEN = 0.03  # OKLab distance from which a pixel counts as changed
ENOUGH = {  # share of the region that must have changed for a full score
    Task.SWAP: 0.4,
    Task.REMOVAL: 0.4,
    Task.ADDITION: 0.25,
    Task.ATTRIBUTE: 0.4,
    Task.BACKGROUND: 0.6,
    Task.ENVIRONMENT: 0.35,
    Task.STYLE: 0.3,
}
FILLED = (Task.REMOVAL,)  # tasks whose region is to look like what is around it
OUTLINED = (Task.ATTRIBUTE,)  # tasks whose region ends where a thing does: the edges of the source are no seam
BEHIND = (Task.BACKGROUND,)  # tasks whose region ends at a subject that is to stand out
BLACK, WHITE = 0.12, 0.995  # OKLab L
SCALES = (0.9, 5.0)  # sigmas at which seams are looked for, pixels
SEAM = (1.35, 2.2)  # gradient across the region's edge over that around it: no deduction, all of it
ENERGY = (0.75, 0.35)  # texture of a filled region over that around it: no deduction below 1 / it, all of it
CLIPPED = (0.04, 0.25)  # share of pixels that the edit has driven to black or white
LEAK = 0.01  # share of the rest of the picture that may change before the score falls
NEAR = (0.25, 0.8)  # distance to the truth over the source's: full score, none
NEAR_BY = 0.03  # of the short side: by so much a filled region may differ from the truth in its texture


@dataclass(frozen=True)
class _Views:
    """Source, edited and truth in OKLab at the working size, and where the edit was meant."""

    source: Floats
    edited: Floats
    truth: Floats | None
    region: Bools


class ProgramJudge:
    """Mask adherence, distance to the truth, and artifact measures."""

    name = "program"

    def score(self, sample: Sample) -> Score:
        """SC from where and how much changed, PQ from seams, texture, clipping; the reasons name what cost points."""
        views = _views(sample)
        success, why = _success(views, sample.task)
        restraint, leak = _restraint(views)
        quality, faults = _quality(views, sample.task)
        sc_reasons = [why, f"{leak:.1%} of the rest of the picture changed"]
        return Score(
            self.name, success, restraint, quality, "; ".join(sc_reasons), "; ".join(faults) or "no artifact measured"
        )


def _success(views: _Views, task: Task) -> tuple[float, str]:
    moved = _distance(views.edited, views.source)
    share = float((moved[views.region] > SEEN).mean())
    score, why = 10 * min(1.0, share / ENOUGH[task]), f"{share:.0%} of the region changed"
    if views.truth is not None:
        blur = NEAR_BY * min(views.region.shape) if task in FILLED else 0.0
        source, edited, truth = (_smooth(lab, blur) for lab in (views.source, views.edited, views.truth))
        wanted = float(_distance(source, truth)[views.region].mean())
        left = float(_distance(edited, truth)[views.region].mean()) / max(wanted, 1e-4)
        score = min(score, 10 * (1 - _ramp(left, *NEAR)))
        why += f", {left:.0%} of the way to the truth is left"
    return score, why


def _restraint(views: _Views) -> tuple[float, float]:
    outside = ~cv2.dilate(views.region.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    if outside.mean() < 0.01:
        return 10.0, 0.0
    leak = float((_distance(views.edited, views.source)[outside] > SEEN).mean())
    return 10 * (1 - _ramp(leak, LEAK, 10 * LEAK)), leak


def _quality(views: _Views, task: Task) -> tuple[float, list[str]]:
    """PQ, judged from the edited picture alone: 10 less what seams, smears and clipping cost."""
    faults, score = [], 1.0
    whole = views.region.mean() > 0.95
    if not whole and task not in BEHIND:
        seam = _seam(views, allowed=task in OUTLINED)
        if cost := _ramp(seam, *SEAM):
            score *= 1 - cost
            faults.append(f"a seam, {seam:.1f} times the edges around it")
    if task in FILLED and not whole:
        energy = _energy(views)
        if cost := _ramp(-energy, -ENERGY[0], -ENERGY[1]) or _ramp(energy, 1 / ENERGY[0], 1 / ENERGY[1]):
            score *= 1 - cost
            faults.append(f"{energy:.2f} times the texture that belongs there")
    if cost := _ramp(clipped := _clipped(views), *CLIPPED):
        score *= 1 - cost
        faults.append(f"{clipped:.0%} clipped to black or white")
    return 10 * score, faults


def _seam(views: _Views, allowed: bool) -> float:
    """Gradient of the edited picture along the region's edge, over that of the edges on both sides of it.

    Where it is `allowed`, what the source has there already is no seam.
    """
    ratios = [0.0]
    for sigma in SCALES:  # a step of tone in rough texture shows only once the texture is smoothed away
        rim = _rim(views.region, round(sigma))
        near = _rim(views.region, round(7 * sigma)) & ~_rim(views.region, round(2.5 * sigma))
        if rim.any() and near.any():
            there = _gradient(views.edited, sigma)
            usual = float(there[near].mean()) + 0.008 / sigma
            if allowed:
                there = np.maximum(there - _gradient(views.source, sigma), 0)
            ratios.append(float(there[rim].mean()) / usual)
    return max(ratios)


def _energy(views: _Views) -> float:
    """High-frequency energy inside the region over that of the truth, or of a ring around it where none is known."""
    inside = cv2.erode(views.region.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    like, where = views.truth, inside
    if like is None:
        like, where = views.edited, _rim(views.region, max(6, int(np.sqrt(views.region.sum()) / 4))) & ~views.region
    if where.sum() < 20 or inside.sum() < 20:
        return 1.0
    return (_fine(views.edited, inside) + 0.002) / (_fine(like, where) + 0.002)


def _fine(lab: Floats, where: Bools) -> float:
    light = lab[..., 0]
    return float((light - _smooth(light, 2.0))[where].std())


def _smooth(lab: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(lab, (0, 0), sigma), np.float32) if sigma else lab


def _clipped(views: _Views) -> float:
    """Share of the region that is black or white in the edited picture and was not before."""
    before, after = views.source[..., 0], views.edited[..., 0]
    ends = ((after < BLACK) & (before > 2 * BLACK)) | ((after > WHITE) & (before < 0.98))
    return float(ends[views.region].mean())


def _views(sample: Sample) -> _Views:
    scale = min(1.0, WORKING / max(sample.source.shape[:2]))
    size = (max(1, round(sample.source.shape[1] * scale)), max(1, round(sample.source.shape[0] * scale)))

    def small(rgb: NDArray[np.uint8]) -> Floats:
        return to_oklab(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)).astype(np.float32)

    region = np.ones(size[::-1], bool)
    if sample.mask is not None:
        region = cv2.resize(sample.mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    truth = None if sample.truth is None else small(sample.truth)
    return _Views(small(sample.source), small(sample.edited), truth, region)


def _distance(one: Floats, other: Floats) -> Floats:
    result: Floats = np.sqrt(((one - other) ** 2).sum(-1))
    return result


def _gradient(lab: Floats, sigma: float) -> Floats:
    smooth = cv2.GaussianBlur(lab, (0, 0), sigma)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(smooth, cv2.CV_32F, 0, 1) / 8
    result: Floats = np.sqrt((across**2 + down**2).sum(-1))
    return result


def _rim(region: Bools, reach: int) -> Bools:
    """What is at most `reach` pixels from the region's edge, on both sides."""
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    wide = cv2.dilate(region.astype(np.uint8), kernel)
    narrow = cv2.erode(region.astype(np.uint8), kernel, borderValue=1)
    rim: Bools = wide != narrow
    return rim


def _ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on."""
    return float(np.clip((value - low) / (high - low), 0, 1))
