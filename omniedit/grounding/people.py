"""From a face to the person: GrabCut below and around the face, then face, hair and clothes as parts of that region."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from omniedit.colour import to_oklab
from omniedit.grounding.cut import grab, joined, resized
from omniedit.grounding.faces import Face, skin
from omniedit.grounding.refine import Bools, Box, Bytes, Floats
from omniedit.grounding.view import View
from omniedit.grounding.words import Kind
from omniedit.sizes import shrink

__all__ = ["part_of"]

BODY, HEAD = 256, 176  # longest side at which a person and a head are cut out
BALD = 0.05  # OKLab distance from the face under which what is above it is skin too
Ellipse = tuple[float, float, float, float]  # centre x, y and radii, in faces from the face's centre


@dataclass(frozen=True)
class _Close:
    """A part of the picture (`box` of the view) by which a person is measured.

    `rgb` uint8 (h, w, 3), `lab` the same in OKLab; `x`, `y` (h, w): 0 at the face's centre, 1 a face further.
    """

    box: Box
    rgb: Bytes
    lab: Floats
    x: Floats
    y: Floats

    def ellipse(self, shape: Ellipse) -> Bools:
        x, y, a, b = shape
        inside: Bools = ((self.x - x) / a) ** 2 + ((self.y - y) / b) ** 2 < 1
        return inside

    @property
    def side(self) -> float:
        """The face's side in pixels of `rgb`."""
        return 1 / float(self.x[0, 1] - self.x[0, 0])


def part_of(kind: Kind, view: View, face: Face, standing_out: Floats) -> Bools:
    """The PERSON with that `face`, or their FACE, HAIR or CLOTHES: bool (h, w) at the view's size, perhaps empty.

    standing_out: float32 (h, w) of any size, 0..1, the picture's saliency.
    """
    head = _close(view, face, (-1.6, -1.5, 1.6, 2.7), HEAD)
    if kind is Kind.FACE:
        return _paste(view, head, _face(head, np.ones(head.x.shape, np.bool_)))
    body = _close(view, face, None, BODY)
    salient = np.asarray(cv2.resize(standing_out, body.x.shape[::-1], interpolation=cv2.INTER_LINEAR))
    whole = grab(body.rgb, _body(body, salient), 4) | body.ellipse((0, 0, 0.35, 0.45))
    whole = _reached(joined(whole, 0.03, 0.04), body)
    person = resized(whole, view.shape)
    if kind is Kind.PERSON:
        return person
    left, top, right, bottom = head.box
    near = resized(person[top:bottom, left:right], head.x.shape)
    shown = _face(head, near)
    hair = _hair(head, near, shown)
    if kind is Kind.HAIR:
        return _paste(view, head, hair)
    bodily = _large_skin(_skin(body) & (body.y > 0.4), body)
    clothes = whole & (body.y > 0.55) & ~bodily
    return joined(_opened(resized(clothes, view.shape) & ~_paste(view, head, shown | hair), 1), 0.05, 0.05)


def _close(view: View, face: Face, reach: tuple[float, float, float, float] | None, longest: int) -> _Close:
    """What lies `reach` (left, top, right, bottom in faces) around the face's centre; None: the whole picture."""
    height, width = view.shape
    left, top, right, bottom = face.box
    side = max((right - left) * width, (bottom - top) * height)
    cx, cy = (left + right) / 2 * width, (top + bottom) / 2 * height
    box = (0, 0, width, height)
    if reach is not None:
        x0, y0, x1, y1 = (c + r * side for c, r in zip((cx, cy, cx, cy), reach, strict=True))
        box = (max(int(x0), 0), max(int(y0), 0), min(round(x1), width), min(round(y1), height))
    rgb = shrink(view.rgb[box[1] : box[3], box[0] : box[2]], longest)
    scale = (box[2] - box[0]) / rgb.shape[1]
    ys, xs = (np.mgrid[: rgb.shape[0], : rgb.shape[1]].astype(np.float32) + 0.5) * np.float32(scale)
    return _Close(box, rgb, np.asarray(to_oklab(rgb), np.float32), (xs + box[0] - cx) / side, (ys + box[1] - cy) / side)


def _paste(view: View, close: _Close, mask: Bools) -> Bools:
    left, top, right, bottom = close.box
    result = np.zeros(view.shape, np.bool_)
    result[top:bottom, left:right] = resized(mask, (bottom - top, right - left))
    return result


def _body(close: _Close, salient: Floats) -> Bytes:
    """A trimap: what is surely, likely and surely not the person, by where it lies from the face."""
    x, y = np.abs(close.x), close.y
    shoulders = np.clip(0.45 + (y - 0.6) * 1.6, 0.45, 1.5)
    likely = close.ellipse((0, -0.12, 0.75, 0.95)) | ((y > 0.5) & (x < shoulders) & (y < 7))
    possible = (x < np.clip(1.1 + (y + 0.6) * 0.9, 1.1, 2.3)) & (y > -1.5) & (y < 8)
    level = 0.5 * float(np.quantile(salient[likely], 0.7)) if likely.any() else 1.0
    trimap = np.where(possible, cv2.GC_PR_BGD, cv2.GC_BGD).astype(np.uint8)
    trimap[possible & (x < shoulders + 0.5) & (salient > max(level, 0.3))] = cv2.GC_PR_FGD
    trimap[likely] = cv2.GC_PR_FGD
    trimap[likely & (y > 1.0) & (salient < 0.3 * level)] = cv2.GC_PR_BGD
    trimap[close.ellipse((0, 0, 0.42, 0.55))] = cv2.GC_FGD
    trimap[(x < 0.35) & (y > 1.0) & (y < 2.2)] = cv2.GC_FGD
    return trimap


def _reached(mask: Bools, close: _Close) -> Bools:
    """The connected part of `mask` that holds the face."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    here = labels[close.ellipse((0, 0, 0.3, 0.3)) & mask]
    if not here.size:
        return mask
    reached: Bools = labels == np.bincount(here).argmax()
    return reached


def _skin(close: _Close) -> Bools:
    """Where colours are those of this face's cheeks and nose."""
    sample = close.lab[close.ellipse((0, 0.1, 0.3, 0.28))]
    if not len(sample):
        return np.zeros(close.x.shape, np.bool_)
    middle = np.median(sample, axis=0)
    spread = np.maximum(np.median(np.abs(sample - middle), axis=0), (0.05, 0.008, 0.008)) * 2.2
    alike = (((close.lab - middle) / spread) ** 2).sum(axis=2) < 5
    return _opened(alike & (skin(close.lab) > 0.1), 1)


def _large_skin(bare: Bools, close: _Close) -> Bools:
    """Bare neck, arms and hands: larger than a button's highlight, smaller than a dress of the skin's colour."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(bare.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA] / close.side**2
    result: Bools = np.isin(labels, 1 + np.flatnonzero((areas > 0.04) & (areas < 1.5)))
    return result


def _face(close: _Close, whole: Bools) -> Bools:
    """Forehead to chin, with eyes, brows and mouth."""
    trimap = np.full(whole.shape, cv2.GC_BGD, np.uint8)
    reach = close.ellipse((0, 0.02, 0.56, 0.78))
    trimap[reach] = cv2.GC_PR_BGD
    trimap[reach & _skin(close)] = cv2.GC_PR_FGD
    trimap[close.ellipse((0, 0.05, 0.36, 0.5))] = cv2.GC_PR_FGD
    trimap[close.ellipse((0, 0.08, 0.26, 0.38))] = cv2.GC_FGD
    cut = _reached(_opened(grab(close.rgb, trimap) & whole, 1), close)
    hull = np.zeros(whole.shape, np.uint8)
    outline, _ = cv2.findContours(cut.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(hull, outline, -1, 1, cv2.FILLED)
    side = max(3, round(0.2 * close.side)) | 1
    hull = cv2.morphologyEx(hull, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    face: Bools = (hull > 0) & reach & whole
    return face


def _hair(close: _Close, whole: Bools, face: Bools) -> Bools:
    """What is on and beside the head, and hangs from it, and is neither skin nor cloth."""
    head = close.ellipse((0, -0.15, 1.0, 1.1)) & whole & ~face
    crown = head & (close.y < -0.35)
    if crown.sum() < 0.05 * close.side**2 or not face.any():
        return np.zeros_like(whole)  # the picture ends there
    if np.linalg.norm(np.median(close.lab[crown], axis=0) - np.median(close.lab[face], axis=0)) < BALD:
        return np.zeros_like(whole)
    neck = (np.abs(close.x) < 0.45) & (close.y > 0.4)
    reach = whole & ~face & ~neck & (np.abs(close.x) < 1.3) & (close.y < 2.5)
    trimap = np.full(whole.shape, cv2.GC_BGD, np.uint8)
    trimap[reach] = cv2.GC_PR_BGD
    trimap[reach & head & (close.y < 0.45) & ~(_skin(close) & (close.y > 0))] = cv2.GC_PR_FGD
    trimap[crown] = cv2.GC_FGD
    cut = grab(close.rgb, trimap) & reach
    _, labels = cv2.connectedComponents(_opened(cut, 1).astype(np.uint8), connectivity=8)
    mine = np.unique(labels[crown])
    hair: Bools = np.isin(labels, mine[mine > 0])
    return joined(hair, 0.05, 0.03)


def _opened(mask: Bools, radius: int) -> Bools:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    opened: Bools = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel) > 0
    return opened
