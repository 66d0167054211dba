"""Finds small things by their look alone: blemishes of a face, dust on what is even, lamps and glare."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from omniedit.colour import to_oklab
from omniedit.grounding.faces import Face
from omniedit.grounding.refine import Bools, Floats
from omniedit.grounding.view import Region, View
from omniedit.sizes import shrink

__all__ = ["blemishes", "dust", "lights"]

LONGEST = 1000  # of the picture that is searched for spots
SPOT = 0.02  # of the picture's shorter side: larger ones are things
BLEMISH = 0.07  # of a face's width
DISTINCT, OVER = 0.022, 3.2  # OKLab by which a spot differs from what is around it, and times as much as others do
CALM = 0.008  # OKLab a pixel: where lightness changes more, dust does not show
SEEN, MANY = 0.7, 12  # score of a few spots, and how many are a pattern
LAMP = 0.02  # of the picture: larger bright places are walls or windows
# Eyes, nostrils and mouth in a face's box: centre and radii.
FEATURES = ((0.29, 0.35, 0.2, 0.14), (0.71, 0.35, 0.2, 0.14), (0.5, 0.65, 0.17, 0.09), (0.5, 0.82, 0.3, 0.15))


def blemishes(view: View, faces: Sequence[Face], shown: Bools) -> list[Region]:
    """Small spots on the skin of `faces`, whose region is `shown` (bool, of the view's shape), all as one region."""
    lab = _lab(view)
    height, width = lab.shape[:2]
    skin = cv2.erode(shown.astype(np.uint8), np.ones((5, 5), np.uint8))
    where = cv2.resize(skin, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    ys, xs = np.mgrid[:height, :width]
    for face in faces:
        left, top, right, bottom = face.box
        x = ((xs + 0.5) / width - left) / (right - left)
        y = ((ys + 0.5) / height - top) / (bottom - top)
        for cx, cy, a, b in FEATURES:
            where &= ((x - cx) / a) ** 2 + ((y - cy) / b) ** 2 > 1
    return _as_region(_spots(lab, where, BLEMISH * max((f.box[2] - f.box[0]) * width for f in faces)))


def dust(view: View) -> list[Region]:
    """Small spots where the picture is even (a sky, a wall), all as one region."""
    lab = _lab(view)
    dx, dy = (cv2.Sobel(lab[..., 0], cv2.CV_32F, *way, ksize=3, scale=0.125) for way in ((1, 0), (0, 1)))
    side = round(0.06 * min(lab.shape[:2])) | 1
    calm = cv2.blur(np.hypot(dx, dy), (side, side)) < CALM
    return _as_region(_spots(lab, calm, SPOT * min(lab.shape[:2])))


def _lab(view: View) -> Floats:
    return np.asarray(to_oklab(shrink(view.full, LONGEST)), dtype=np.float32)


def _spots(lab: Floats, where: Bools, largest: float) -> Bools:
    """Round places up to `largest` pixels across that differ from what is around them, which is more even."""
    found = np.zeros(where.shape, np.bool_)
    for sigma in sorted({max(1.0, largest * share / 2) for share in (0.4, 0.7, 1.0)}):
        inner, outer = cv2.GaussianBlur(lab, (0, 0), 0.7 * sigma), cv2.GaussianBlur(lab, (0, 0), 2.2 * sigma)
        away = np.sqrt((((inner - outer) * (1, 2, 2)) ** 2).sum(axis=2)).astype(np.float32)
        side = round(10 * sigma) | 1
        peak = (away > np.maximum(DISTINCT, OVER * cv2.blur(away, (side, side)))) & where
        _, labels, stats, _ = cv2.connectedComponentsWithStats(peak.astype(np.uint8), connectivity=8)
        _, _, w, h, area = stats.T
        fits = (np.maximum(w, h) < 5 * sigma) & (np.maximum(w, h) < 2.5 * np.minimum(w, h)) & (area > 0.5 * w * h)
        fits &= area >= 4
        fits[0] = False
        side = 2 * max(1, round(0.8 * sigma)) + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        found |= cv2.dilate(np.isin(labels, np.flatnonzero(fits)).astype(np.uint8), disc) > 0
    return found


def _as_region(found: Bools) -> list[Region]:
    """One region of all spots: sure for a few, less so the more there are."""
    count = cv2.connectedComponents(found.astype(np.uint8))[0] - 1
    if not count:
        return []
    return [Region(found, SEEN * min(1.0, MANY / count), "small spots", sharp=True)]


def lights(view: View) -> list[Region]:
    """Lamps, the sun and glare: what is far brighter than its surroundings and nearly white, with its glow."""
    light = view.lab[..., 0]
    usual = float(np.median(light))
    core = (light > max(0.9, usual + 0.25)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=8)
    _, _, w, h, area = stats.T
    lamps = (area >= 3) & (area < LAMP * core.size) & (np.maximum(w, h) < 3 * np.minimum(w, h))
    lamps[0] = False
    core = np.isin(labels, np.flatnonzero(lamps)).astype(np.uint8)
    if not core.any():
        return []
    glow = cv2.GaussianBlur(light, (0, 0), 2) > usual + 0.55 * (float(light.max()) - usual)
    glow &= cv2.distanceTransform(1 - core, cv2.DIST_L2, 3) < 0.03 * max(core.shape)
    _, labels = cv2.connectedComponents((glow | (core > 0)).astype(np.uint8), connectivity=8)
    held = np.unique(labels[core > 0])
    mask = np.isin(labels, held[held > 0])
    dark = float(np.clip((0.62 - usual) / 0.25, 0, 1))  # by day bright places are seldom lamps
    score = 0.85 * dark * float(np.clip(1.4 - mask.mean() / 0.05, 0, 1))
    return [Region(mask, score, "the brightest spots", sharp=True)]
