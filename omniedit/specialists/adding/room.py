"""Looks for the place in a photo where a new thing hides least: free ground, open sky, beside what the photo is of."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from omniedit.specialists.adding.figures import Figure
from omniedit.specialists.adding.stage import Stage
from omniedit.specialists.base import Bools
from omniedit.specialists.compositing.pasting import Rest, Spot
from omniedit.specialists.masks import Box, Floats

__all__ = ["free_spots"]

CHOICES = 6  # places that are offered at most
COLUMNS = 25  # places that are tried in a row
WORSE = 0.5  # that a place may be than the best one, to be offered


def free_spots(
    stage: Stage,
    figure: Figure,
    rest: Rest,
    feet: Floats,
    height_at: Callable[[float], float],
    dislike: Callable[[float], float],
    x: float | None = None,
    region: Bools | None = None,
) -> list[Spot]:
    """The spots where `figure` hides least, the best first, apart from each other; one at least.

    `feet` are the rows tried, `height_at` gives the height of what stands at a row, `dislike` what speaks against the
    row (0..1). `x` is the share of the width where it is wanted, `region` (h, w of the small picture) the part.
    """
    hidden, busy, sky = (cv2.integral(map_.astype(np.float32)) for map_ in (stage.subject, stage.busy, stage.sky))
    wanted = None if region is None else cv2.integral(region.astype(np.float32))
    stands = rest in (Rest.GROUND, Rest.WATER)
    cells, costs = [], []
    for foot in (float(row) for row in feet):
        height = height_at(foot)
        half = 0.5 * height * figure.aspect * min(figure.many, 4)
        rim = min(1.06 * half, 0.5 * stage.width)
        for at in np.linspace(rim, stage.width - rim, COLUMNS):
            box = _small(stage, (at - half, foot - height, at + half, foot))
            under = _small(stage, (at - half, foot - 0.12 * height, at + half, foot + 0.06 * height))
            cost = 1.6 * _mean(hidden, box) + 0.5 * _mean(busy, under) + 0.2 * _mean(busy, box) + dislike(foot)
            if stands:
                cost += 2.0 * _mean(sky, under)
            if wanted is not None:
                cost += 2.5 * (1 - _mean(wanted, under if stands else box))
            share = at / stage.width
            # unasked, a third of the width is a better place than the middle or the rim
            cost += 4.0 * max(0.0, abs(share - x) - 0.12) if x is not None else 0.35 * abs(abs(share - 0.5) - 0.2)
            cells.append(Spot(float(at), foot, height, rest))
            costs.append(cost)
    spots: list[Spot] = []
    for k in np.argsort(costs, kind="stable"):
        spot = cells[k]
        apart = 0.9 * spot.height * max(1.0, figure.aspect)
        if costs[k] < min(costs) + WORSE and all(np.hypot(spot.x - s.x, spot.foot - s.foot) > apart for s in spots):
            spots.append(spot)
        if len(spots) == CHOICES:
            break
    return spots


def _small(stage: Stage, box: tuple[float, float, float, float]) -> Box:
    """`box` in the small picture, never empty."""
    height, width = stage.small.shape[:2]
    left, top, right, bottom = (round(edge * stage.scale) for edge in box)
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    return left, top, max(left + 1, min(right, width)), max(top + 1, min(bottom, height))


def _mean(integral: Floats, box: Box) -> float:
    left, top, right, bottom = box
    total = integral[bottom, right] - integral[top, right] - integral[bottom, left] + integral[top, left]
    return float(total) / ((right - left) * (bottom - top))
