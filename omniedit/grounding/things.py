"""The things that stand out in a picture: saliency, GrabCut over the whole, one region for each connected part."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from omniedit.grounding.cut import grab, resized
from omniedit.grounding.refine import Bools, Floats
from omniedit.grounding.saliency import saliency
from omniedit.grounding.view import View
from omniedit.sizes import shrink

__all__ = ["Thing", "apart", "otsu", "seen", "things"]

SIDE = 256  # longest side at which things are cut out
LEAST = 0.002  # of the picture: smaller parts are no things
MOST = 6  # things at most
BINS = (14, 32, 32)  # of OKLab, a unit
# Logistic regression on things of the procedural world: see `clearness`.
WEIGHTS = (0.96, 2.62, 0.93, -1.69, 2.11)
BIAS = -3.55


@dataclass(frozen=True)
class Thing:
    """`mask` bool (h, w) at the size of the view; `clear` 0..1, that it is one whole thing, cut out well.

    `weight`: how much it stands out, saliency times the root of its share of the picture; `rest`: how much the most
    striking place away from it stands out, as a share of its own.
    """

    mask: Bools
    clear: float
    weight: float
    rest: float


def seen(view: View) -> Floats:
    """How much each place stands out: float32 (h, w) in 0..1, at superpixel size."""
    return saliency(view.superpixels)[view.superpixels.labels]


def things(view: View, saliency_map: Floats | None = None) -> list[Thing]:
    """What stands out, most first; empty where nothing does. `saliency_map`: that of `seen`, where it is known."""
    small = shrink(view.rgb, SIDE)
    size = small.shape[1::-1]
    lab = np.asarray(cv2.resize(view.lab, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    salient = np.asarray(cv2.resize(seen(view) if saliency_map is None else saliency_map, size), dtype=np.float32)
    salient = _by_colour(salient, lab)
    level = otsu(salient)
    sure = level + 0.5 * (float(np.quantile(salient, 0.995)) - level)
    trimap = np.full(salient.shape, cv2.GC_PR_BGD, np.uint8)
    trimap[salient > level] = cv2.GC_PR_FGD
    trimap[salient > sure] = cv2.GC_FGD
    trimap[salient < level / 2] = cv2.GC_BGD
    cut = cv2.morphologyEx(grab(small, trimap).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cut, connectivity=8)
    parts = [labels == k for k in np.flatnonzero(stats[:, cv2.CC_STAT_AREA] >= LEAST * cut.size) if k]
    found = []
    for part in parts:
        clear = float(1 / (1 + np.exp(-np.dot(WEIGHTS, clearness(part, salient, lab, level, cut > 0)) - BIAS)))
        inside = float(salient[part].mean())
        away = cv2.dilate(part.astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
        rest = float(np.quantile(salient[away], 0.99)) / max(inside, 1e-6) if away.any() else 0.0
        found.append(Thing(resized(part, view.shape), clear, inside * float(np.sqrt(part.mean())), rest))
    return sorted(found, key=lambda thing: -thing.weight)[:MOST]


def clearness(part: Bools, salient: Floats, lab: Floats, level: float, cut: Bools) -> tuple[float, ...]:
    """What says that `part` (h, w) of the `cut` is one whole thing, each about 0..1.

    How much it stands out; how much more than what is around it; how well the cut agrees with the saliency above
    `level`; how much of the picture's border it holds (against it); how different its colours are from those around.
    """
    one = part.astype(np.uint8)
    reach = max(3, round(0.02 * max(part.shape)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = (cv2.dilate(one, disc) > 0) & ~cut
    rim = part & (cv2.erode(one, disc) == 0)
    inside = float(salient[part].mean())
    around = float(salient[near].mean()) if near.any() else 1.0
    _, labels = cv2.connectedComponents((salient > level).astype(np.uint8))
    touched = np.unique(labels[part])
    mine = np.isin(labels, touched[touched > 0])
    border = np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]])
    return (
        inside,
        inside - around,
        float((mine & part).sum() / (mine | part).sum()),
        float(border.mean()),
        apart(lab[rim], lab[near]) if rim.any() and near.any() else 0.0,
    )


def _by_colour(salient: Floats, lab: Floats) -> Floats:
    """Saliency (h, w) held against what the same colours have elsewhere: gravel on gravel does not stand out."""
    bins = np.clip(lab * BINS + (0, 12, 12), 0, 23).astype(int)
    flat = (bins * (576, 24, 1)).sum(axis=-1).ravel()

    def histogram(weights: Floats | None) -> Floats:
        counts = np.bincount(flat, weights, minlength=24**3).reshape(24, 24, 24)
        return np.asarray(ndimage.gaussian_filter(counts.astype(np.float32), 0.8))

    usual = histogram(salient.ravel()) / np.maximum(histogram(None), 1e-6)
    here = cv2.GaussianBlur(usual.ravel()[flat].reshape(salient.shape), (0, 0), 1.5)
    low, high = np.quantile(here, [0.02, 0.995])
    return np.sqrt(salient * np.clip((here - low) / max(high - low, 1e-6), 0, 1)).astype(np.float32)


def apart(inner: Floats, outer: Floats) -> float:
    """0..1, how little two sets (n, 3) of OKLab colours overlap: one less Bhattacharyya's coefficient."""

    def histogram(colours: Floats) -> Floats:
        bins = np.clip(colours * (10, 20, 20) + (0, 6, 6), 0, 11).astype(int)
        counts = np.bincount((bins * (144, 12, 1)).sum(axis=1), minlength=12**3).astype(np.float32)
        return counts / counts.sum()

    return float(1 - np.sqrt(histogram(inner) * histogram(outer)).sum())


def otsu(values: Floats) -> float:
    """Otsu's threshold (1979) of values in 0..1."""
    counts, _ = np.histogram(values, 64, (0, 1))
    share = counts / counts.sum()
    below, sums = np.cumsum(share), np.cumsum(share * (np.arange(64) + 0.5) / 64)
    between = (sums[-1] * below - sums) ** 2 / np.maximum(below * (1 - below), 1e-9)
    return (int(between[:-1].argmax()) + 1) / 64
