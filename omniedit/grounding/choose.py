"""Which of several candidates a phrase means: place words, size words, plurals; of two equal ones neither is sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from omniedit.grounding.found import SURE
from omniedit.grounding.view import Region
from omniedit.grounding.words import Wanted

__all__ = ["chosen"]

RIVAL = 0.4  # of the first one's weight: others that weigh as much could be meant as well
UNSURE = SURE - 0.05  # score of candidates between which the words do not decide
HALVES = 0.04  # of the picture: how far off the middle "left" begins
MOST = 4


def chosen(regions: Sequence[Region], wanted: Wanted) -> list[Region]:
    """Of `regions`, each a thing of the wanted kind, those that the phrase may mean, best first."""
    if not regions:
        return []
    most = max(region.weight for region in regions)
    rivals = [region for region in regions if region.weight >= RIVAL * most]
    if wanted.place:
        rivals = _in_place(rivals if wanted.place.depth is None else regions, wanted)
        if not rivals:
            return []
    if wanted.several and len(rivals) > 1:
        mask = np.logical_or.reduce([region.mask for region in rivals])
        score = min(region.score for region in rivals)
        return [replace(rivals[0], mask=mask, score=score, by=f"all {len(rivals)} of them")]
    if len(rivals) == 1:
        return [rivals[0]]
    rivals.sort(key=lambda region: -region.weight * region.score)
    return [replace(region, score=min(region.score, UNSURE)) for region in rivals[:MOST]]


def _in_place(regions: Sequence[Region], wanted: Wanted) -> list[Region]:
    """Those that lie where the phrase says; of several in a row the outermost, of several sizes the extreme one."""
    place = wanted.place
    kept = list(regions)
    centres = {id(region): _centre(region) for region in kept}
    for axis, side in ((0, place.x), (1, place.y)):
        if side is None or not kept:
            continue
        if side == 0:
            kept = [r for r in kept if abs(centres[id(r)][axis] - 0.5) < 0.2] or kept
        elif len(kept) == 1:
            # "the man on the left" where there is one man: he must not stand on the right
            kept = [r for r in kept if (centres[id(r)][axis] - 0.5) * side > -HALVES]
        else:
            outermost = max(side * centres[id(r)][axis] for r in kept)
            kept = [r for r in kept if outermost - side * centres[id(r)][axis] < HALVES]
    sizes = {id(region): float(region.mask.mean()) for region in kept}
    for sign in (place.size, place.depth):  # what is far away is small
        if sign is not None and len(kept) > 1:
            best = max(kept, key=lambda r: sign * sizes[id(r)])
            if wanted.several:
                kept = [r for r in kept if 0.4 < sizes[id(r)] / max(sizes[id(best)], 1e-9) < 2.5]
            else:
                kept = [best]
    return kept


def _centre(region: Region) -> tuple[float, float]:
    ys, xs = np.nonzero(region.mask)
    return float(xs.mean()) / region.mask.shape[1], float(ys.mean()) / region.mask.shape[0]
