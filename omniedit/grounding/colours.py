"""Finds what has a colour: "the red car". Colour narrows what stands out, in OKLab."""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.colour import to_oklab
from omniedit.grounding.cut import grab, joined, resized
from omniedit.grounding.refine import Bools, Bytes, Floats
from omniedit.grounding.things import Thing, seen
from omniedit.grounding.view import Region, View
from omniedit.sizes import shrink

__all__ = ["coloured", "likeness"]

SIDE = 256  # longest side at which coloured things are cut out
GREY = 0.035  # OKLab chroma under which a colour has no hue
SURELY, PERHAPS = 0.5, 0.25  # likeness of a thing's heart, and of all of it
BACKDROP = 0.6  # of its likeness that a place loses which does not stand out
LEAST = 0.001  # of the picture
CANDIDATES = 4
MADE_UP, MADE_UP_CLEAR = 0.5, 0.4  # of a thing, or a clear one, that is of the colour if all of it is meant
A_PART = 0.45  # score at most of a part of a thing: the part may be meant, or the whole


def likeness(lab: Floats, rgb: tuple[int, int, int]) -> Floats:
    """How far OKLab colours (..., 3) can be called by the colour `rgb`: float32 (...), 0..1, more than half of it is.

    A word covers a range: shade and glare change lightness and vividness more than hue. What the range of black, white
    and grey lacks is hue.
    """
    asked = to_oklab(np.array(rgb, np.uint8)).astype(np.float64)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    vivid = float(np.hypot(asked[1], asked[2]))
    lighter = lab[..., 0] - asked[0]
    if vivid < GREY:
        reach = np.where(lighter * (asked[0] - 0.5) > 0, 0.5, 0.14)  # whiter than white, blacker than black
        away = (lighter / reach) ** 2 + (np.maximum(chroma - vivid, 0) / 0.025) ** 2
    else:
        turn = np.arctan2(lab[..., 2], lab[..., 1]) - np.arctan2(asked[2], asked[1])
        hue = np.degrees(np.abs((turn + np.pi) % (2 * np.pi) - np.pi))
        strength = np.log(np.maximum(chroma, 1e-4) / vivid)
        away = (hue / 17) ** 2 + (lighter / 0.17) ** 2 + (strength / np.where(strength < 0, 0.6, 0.9)) ** 2
    return np.exp(-0.5 * 0.75 * away).astype(np.float32)


def coloured(view: View, rgb: tuple[int, int, int], name: str, standing_out: list[Thing]) -> list[Region]:
    """Things of that colour, the largest and most vivid first."""
    small = shrink(view.rgb, SIDE)
    lab = np.asarray(cv2.resize(view.lab, small.shape[1::-1], interpolation=cv2.INTER_AREA), dtype=np.float32)
    salient = cv2.resize(seen(view), small.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    like = cv2.GaussianBlur(likeness(lab, rgb), (0, 0), 1.0)
    like *= 1 - BACKDROP + BACKDROP * salient / max(float(salient.max()), 1e-6)
    claimed = cv2.morphologyEx((like > PERHAPS).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels = cv2.connectedComponents(claimed, connectivity=8)
    hearts = np.bincount(labels[like > SURELY], minlength=count)
    parts = [labels == k for k in range(1, count) if hearts[k] >= LEAST * like.size]
    masks = [resized(thing.mask, like.shape) for thing in standing_out]
    groups = _grouped(parts, masks, [thing.clear for thing in standing_out])
    if not groups:
        return []
    weights = np.array([float(like[seed].sum()) / np.sqrt(like.size) / np.sqrt(seed.sum()) for seed, _ in groups])
    order = np.argsort(-weights)[:CANDIDATES]
    grey = bool(np.hypot(*to_oklab(np.array(rgb, np.uint8))[1:]) < GREY)
    regions = []
    for k in order:
        seed, thing = groups[k]
        cut = masks[thing] if thing is not None else _cut(small, seed, like)
        clear = standing_out[thing].clear if thing is not None else 0.0
        score = _score(seed, cut, like, clear, grey)
        if thing is None and any(
            whole.clear > 0.4 and (seed & mask).sum() > 0.6 * seed.sum()
            for whole, mask in zip(standing_out, masks, strict=True)
        ):
            score = min(score, A_PART)
        by = f"the only {name} thing" if len(order) == 1 else f"a {name} thing"
        regions.append(Region(resized(cut, view.shape), score, by, float(weights[k])))
    return regions


def _grouped(parts: list[Bools], things: list[Bools], clear: list[float]) -> list[tuple[Bools, int | None]]:
    """Parts of the colour that belong together, with the thing that they make up most of, if one does."""
    left = list(range(len(parts)))
    groups: list[tuple[Bools, int | None]] = []
    for index, thing in enumerate(things):
        mine = [k for k in left if (parts[k] & thing).sum() > 0.6 * parts[k].sum()]
        if not mine:
            continue
        seed = np.logical_or.reduce([parts[k] for k in mine])
        if (seed & thing).sum() > (MADE_UP_CLEAR if clear[index] > 0.5 else MADE_UP) * thing.sum():
            groups.append((seed, index))
            left = [k for k in left if k not in mine]
    groups += [(parts[k], None) for k in left]
    return groups


def _cut(rgb: Bytes, seed: Bools, like: Floats) -> Bools:
    """The thing of which `seed` is the coloured part."""
    reach = max(3, round(0.25 * np.sqrt(seed.sum())))
    near = cv2.dilate(seed.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
    trimap = np.where(near, cv2.GC_PR_BGD, cv2.GC_BGD).astype(np.uint8)
    trimap[near & (like > 0.3)] = cv2.GC_PR_FGD
    core = cv2.erode(seed.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    trimap[core if core.any() else seed] = cv2.GC_FGD
    cut = grab(rgb, trimap, 2)
    _, labels = cv2.connectedComponents(cut.astype(np.uint8), connectivity=8)
    held = np.unique(labels[seed & cut])
    return joined(np.isin(labels, held[held > 0]), 0.05, 0.05) if held.any() else seed


def _score(seed: Bools, cut: Bools, like: Floats, clear: float, grey: bool) -> float:
    """0..1: clearly of the colour, and a thing rather than a wall; there is more that is grey than that is red."""
    border = np.concatenate([cut[0], cut[-1], cut[:, 0], cut[:, -1]])
    evidence = (
        (0.8 if grey else 1.4) + 3.0 * (float(like[seed].mean()) - 0.6) + 2.0 * clear - 5.0 * float(border.mean())
    )
    evidence += 0.8 * min(float(seed.mean()) / 0.01, 1.0) - 4.0 * max(float(cut.mean()) - 0.45, 0)
    return float(0.97 / (1 + np.exp(-1.6 * evidence)))
