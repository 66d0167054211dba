"""The main thing of a picture: cut out from several starts that must agree.

GrabCut (Rother et al. 2004) finds another region for each guess of where the background is: along all borders, along
some of them (things are cut off by the lower border, by a side), where nothing stands out, where it is out of focus.
What most starts lead to, stands out in colour and lies where pictures have their main thing, is probably that thing.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from omniedit.grounding.cut import grab, joined, resized
from omniedit.grounding.found import SURE
from omniedit.grounding.refine import Bools, Bytes, Floats
from omniedit.grounding.things import apart, otsu, seen, things
from omniedit.grounding.view import Region, View
from omniedit.sizes import shrink

__all__ = ["subject"]

SIDE = 160  # longest side at which it is cut out
RIM = 0.03  # of that side: how wide a border is surely background
# Borders that are background, and the ellipse (centre x, y and radii, shares of the picture) that may be the thing.
RIMS = (
    ("LTRB", (0.5, 0.5, 0.32, 0.32)),
    ("LTR", (0.5, 0.6, 0.32, 0.4)),
    ("LR", (0.5, 0.5, 0.32, 0.5)),
    ("TR", (0.4, 0.6, 0.4, 0.4)),
    ("TL", (0.6, 0.6, 0.4, 0.4)),
    ("T", (0.5, 0.75, 0.5, 0.35)),
)
STANDING_OUT = 3  # things by saliency that are looked at
TOGETHER = 0.3  # of the first one's weight: things that may be one
LEAST, MOST = 0.008, 0.9  # of the picture
FRAMED = 0.45  # of the picture's border: what holds more is its surroundings
OFF_CENTRE = 0.2  # mean of `_centre` below which a region lies in a corner
SECOND = 0.4  # of the largest part: with a second one of that size there is no main thing
CENTRE = 0.25  # of the picture: sigma of where main things lie
# Logistic regression on photographs, drawings pasted on photographs and scenes of the procedural world, and on textures
# and scenes without things: see `_evidence`.
WEIGHTS = (3.461, -1.195, 2.869, 1.854, -1.304, 2.71, 1.676, 3.087, 1.129)
BIAS = -7.636
ALIKE = 0.5  # shared over joint area from which two regions are one proposal
PROPOSED = 3


@dataclass(frozen=True)
class _Seen:
    """What candidates are measured by, all (h, w): `lab` OKLab (h, w, 3), `edge` how fast it changes, `salient`,
    `sharp` log of fine detail, `centre` 1 in the middle, falling off."""

    rgb: Bytes
    lab: Floats
    edge: Floats
    salient: Floats
    sharp: Floats
    centre: Floats


def subject(view: View) -> list[Region]:
    """The main thing, if it is sure; else what it may be, best first, each with a score below SURE; perhaps none."""
    salient = seen(view)
    look = _look(view, salient)
    candidates = [mask for mask in _candidates(view, look, salient) if LEAST < mask.mean() < MOST]
    if not candidates:
        return []
    shared = np.array([[_iou(one, other) for other in candidates] for one in candidates])
    scores = np.zeros(len(candidates))
    for k, mask in enumerate(candidates):
        if _may_be_one(mask, look):
            agreed = np.sort(np.delete(shared[k], k))[::-1][:3]
            evidence = _evidence(mask, look, float(agreed.mean()) if agreed.size else 0.0)
            scores[k] = 1 / (1 + np.exp(-np.dot(WEIGHTS, evidence) - BIAS))
    found: list[int] = []
    for k in np.argsort(-scores):
        if scores[k] > 0.02 and all(shared[k, other] < ALIKE for other in found):
            found.append(int(k))
    found = found[: 1 if scores[found[0]] >= SURE else PROPOSED] if found else []
    return [
        Region(resized(candidates[k], view.shape), float(scores[k]), "what stands out most", float(scores[k]))
        for k in found
    ]


def _look(view: View, salient: Floats) -> _Seen:
    rgb = shrink(view.rgb, SIDE)
    height, width = rgb.shape[:2]
    lab = np.asarray(cv2.resize(view.lab, (width, height), interpolation=cv2.INTER_AREA), dtype=np.float32)
    soft = cv2.GaussianBlur(lab, (0, 0), 0.8) * np.array([1, 2, 2], np.float32)
    across, down = np.zeros_like(soft), np.zeros_like(soft)
    across[:, 1:-1], down[1:-1] = soft[:, 2:] - soft[:, :-2], soft[2:] - soft[:-2]
    edge = cv2.dilate(np.sqrt((across**2).sum(axis=2) + (down**2).sum(axis=2)), np.ones((3, 3)))
    grey = cv2.cvtColor(shrink(view.rgb, 2 * SIDE), cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine = cv2.resize(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.5)), (width, height), interpolation=cv2.INTER_AREA)
    sharp = np.log(cv2.GaussianBlur(fine, (0, 0), 5) + 0.3)
    ys, xs = (np.mgrid[:height, :width] + 0.5) / np.array([height, width])[:, None, None] - 0.5
    centre = np.exp(-(xs**2 + ys**2) / (2 * CENTRE**2))
    scaled = cv2.resize(salient, (width, height), interpolation=cv2.INTER_LINEAR)
    return _Seen(rgb, lab, edge, np.asarray(scaled), np.asarray(sharp), centre.astype(np.float32))


def _candidates(view: View, look: _Seen, salient: Floats) -> list[Bools]:
    """What the starts lead to, and what stands out."""
    size = look.salient.shape
    found = things(view, salient)
    regions = [resized(thing.mask, size) for thing in found[:STANDING_OUT]]
    if len(found) > 1:
        heavy = [thing.mask for thing in found if thing.weight > TOGETHER * found[0].weight]
        regions.append(np.logical_or.reduce([resized(mask, size) for mask in heavy]))
    starts = [(_rim(size, sides, ellipse), 4) for sides, ellipse in RIMS] + [(_in_focus(look.sharp), 3)]
    with ThreadPoolExecutor(2) as pool:
        return regions + list(pool.map(lambda start: _cleaned(grab(look.rgb, *start)), starts))


def _rim(size: tuple[int, ...], sides: str, ellipse: tuple[float, float, float, float]) -> Bytes:
    """A trimap: background along `sides` (of left, top, right, bottom), the thing perhaps in the `ellipse`."""
    height, width = size
    x, y, a, b = ellipse
    ys, xs = (np.mgrid[:height, :width] + 0.5) / np.array([height, width])[:, None, None]
    trimap = np.where(((xs - x) / a) ** 2 + ((ys - y) / b) ** 2 < 1, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    wide = max(2, round(RIM * max(size)))
    for side, strip in (
        ("L", np.s_[:, :wide]),
        ("R", np.s_[:, -wide:]),
        ("T", np.s_[:wide]),
        ("B", np.s_[-wide:]),
    ):
        if side in sides:
            trimap[strip] = cv2.GC_BGD
    if sides == "LTR":
        trimap[-wide:, wide:-wide] = cv2.GC_PR_FGD  # it stands on the lower border
    return trimap


def _in_focus(sharp: Floats) -> Bytes:
    """A trimap: the thing perhaps where the picture is sharp, background where it is least so."""
    low, span = float(sharp.min()), max(float(np.ptp(sharp)), 1e-6)
    level = low + span * otsu((sharp - low) / span)
    trimap = np.where(sharp > level, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[sharp < low + 0.3 * (level - low)] = cv2.GC_BGD
    return trimap


def _cleaned(cut: Bools) -> Bools:
    opened: Bools = cv2.morphologyEx(cut.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    return joined(opened, 0.15, 0.03) if opened.any() else opened


def _may_be_one(mask: Bools, look: _Seen) -> bool:
    """Whether it is one thing, not most of the frame and not in a corner."""
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).mean()
    stats = cv2.connectedComponentsWithStats(mask.astype(np.uint8))[2]
    areas = np.sort(stats[1:, cv2.CC_STAT_AREA])[::-1]
    single = len(areas) < 2 or areas[1] < SECOND * areas[0]
    return bool(border < FRAMED and single and look.centre[mask].mean() > OFF_CENTRE)


def _evidence(mask: Bools, look: _Seen, agreed: float) -> tuple[float, ...]:
    """What says that `mask` is the main thing, each about 0..1.

    How well the three most alike candidates agree; its outline against what changes outside (against it: the clearest
    outlines are those of small parts); how little its colours are those near by, and those elsewhere; corners of the
    picture that it holds (against it); how much of the centre; how round; how much more it stands out, and how much
    sharper it is, than the rest.
    """
    one = mask.astype(np.uint8)
    rim = mask & (cv2.erode(one, np.ones((3, 3), np.uint8)) == 0)
    reach = max(3, round(0.04 * max(mask.shape)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = (cv2.dilate(one, disc) > 0) & ~mask
    inner = mask & (cv2.erode(one, disc) == 0)
    hull = cv2.convexHull(np.argwhere(mask)[:, ::-1].astype(np.int32))
    return (
        agreed,
        float(np.log(look.edge[rim].mean() / (look.edge[~mask].mean() + 0.005) + 1e-6)),
        apart(look.lab[inner], look.lab[near]) if inner.any() and near.any() else 0.0,
        apart(look.lab[mask], look.lab[~mask]),
        float(mask[[0, 0, -1, -1], [0, -1, 0, -1]].mean()),
        float(look.centre[mask].sum() / look.centre.sum()),
        min(float(mask.sum()) / max(float(cv2.contourArea(hull)), 1.0), 1.0),
        float(look.salient[mask].mean() - look.salient[~mask].mean()),
        float(np.tanh(look.sharp[mask].mean() - look.sharp[~mask].mean())),
    )


def _iou(one: Bools, other: Bools) -> float:
    return float((one & other).sum() / max((one | other).sum(), 1))
