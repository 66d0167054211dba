"""How a thing bulges: a rough relief from its outline and its shading, for light and patterns that follow its form.

Lightness is no depth, but patterns and reflections that bend with it are taken for real (Khan et al., "Image-based
material editing", SIGGRAPH 2006). The large form is that of a balloon with the thing's outline: the square root of the
solution of Poisson's equation, zero at the outline.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from omniedit.specialists.base import Bools
from omniedit.specialists.masks import Floats

__all__ = ["Relief", "relief_of"]

LARGE = 72  # longest side at which the balloon is blown up
SHADING = 0.03  # sigma, in the thing's sizes, of the lightness that is taken for form
BULGE, FOLDS = 0.55, 0.5  # heights, in the thing's sizes: of the balloon, and of a step of lightness from 0 to 1


@dataclass(frozen=True)
class Relief:
    """`slope` (h, w, 2): how height changes to the right and downwards (1 is 45 degrees); `size`: the thing's, pixels.

    `height` (h, w) is in sizes.
    """

    height: Floats
    slope: Floats
    size: float


def relief_of(light: Floats, alpha: Floats) -> Relief:
    """The relief of a thing of lightness `light` (h, w, 0..1) where `alpha` (h, w, 0..1) is set."""
    size = float(np.sqrt(max(float((alpha > 0.5).sum()), 16.0)))
    sigma = max(SHADING * size, 1.0)
    share = alpha + np.float32(1e-4)
    calm = cv2.GaussianBlur(light * share, (0, 0), sigma) / cv2.GaussianBlur(share, (0, 0), sigma)
    shape = (light.shape[1], light.shape[0])
    scale = min(1.0, LARGE / max(shape))
    small = (max(3, round(shape[0] * scale)), max(3, round(shape[1] * scale)))
    inside = np.asarray(cv2.resize(alpha, small, interpolation=cv2.INTER_AREA), dtype=np.float32) > 0.5
    blown = cv2.GaussianBlur(cv2.resize(_balloon(inside), shape, interpolation=cv2.INTER_CUBIC), (0, 0), 1.5 / scale)
    height = np.float32(BULGE) * blown + np.float32(FOLDS) * calm
    down, right = np.gradient(height * np.float32(size))
    return Relief(height.astype(np.float32), np.dstack([right, down]).astype(np.float32), size)


def _balloon(inside: Bools) -> Floats:
    """Height (h, w), 0..1, of a balloon of that outline; where the picture cuts it off it goes on level."""
    height, width = inside.shape
    number = np.full(inside.shape, -1)
    number[inside] = np.arange(int(inside.sum()))
    count = int(inside.sum())
    if count == 0:
        return np.zeros(inside.shape, np.float32)
    rows, columns, diagonal = [], [], np.zeros(count)
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
        neighbour = np.roll(number, -step, axis)
        edge: list[slice | int] = [slice(None), slice(None)]
        edge[axis] = -1 if step == 1 else 0
        outside = np.zeros(inside.shape, bool)
        outside[tuple(edge)] = True  # of the picture: no pull there
        diagonal[number[inside & ~outside]] += 1
        linked = inside & ~outside & (neighbour >= 0)
        rows.append(number[linked])
        columns.append(neighbour[linked])
    data = np.full(sum(len(r) for r in rows), -1.0)
    matrix = scipy.sparse.csr_matrix((data, (np.concatenate(rows), np.concatenate(columns))), (count, count))
    matrix = matrix + scipy.sparse.diags(diagonal + 1e-4)
    solved = scipy.sparse.linalg.spsolve(matrix.tocsc(), np.ones(count))
    result = np.zeros((height, width), np.float32)
    result[inside] = np.sqrt(np.maximum(solved, 0) / max(float(solved.max()), 1e-9))
    return result
