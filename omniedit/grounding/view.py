"""What finders look at: the picture at small size, its colours in OKLab, its superpixels; each made once, when asked.

Superpixels: SLIC (Achanta et al. 2012), by scikit-image.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from omniedit.colour import to_oklab
from omniedit.grounding.refine import Bools, Bytes, Floats
from omniedit.sizes import shrink

__all__ = ["LONGEST", "Region", "Superpixels", "View"]

LONGEST = 512  # of the picture that finders look at, in pixels
COARSE = 320  # of the one that superpixels are made of
SUPERPIXELS = 320
COMPACT = 0.08  # of SLIC, which brings colours to 0..1


@dataclass(frozen=True)
class Region:
    """What a finder found: bool (h, w) of the whole picture at a size of its own; see `Found` for the rest.

    `weight` says how prominent it is among others of its kind; `sharp` that the finder's own outline is the best there
    is: no GrabCut is run along it.
    """

    mask: Bools
    score: float
    by: str
    weight: float = 1.0
    sharp: bool = False


@dataclass(frozen=True)
class Superpixels:
    """`labels` int32 (h, w) from 0; of each `colour` (n, 3) OKLab, `centre` (n, 2) shares (x, y), `area` (n,) pixels.

    `neighbours` (m, 2) lists each adjacent pair once; `border` (n,) counts the pixels that lie on the picture's border.
    """

    labels: NDArray[np.int32]
    colour: Floats
    centre: Floats
    area: Floats
    neighbours: NDArray[np.int32]
    border: Floats


class View:
    """A picture as finders see it. `rgb` is uint8 (h, w, 3), `full` the picture itself, uint8 (H, W, 3)."""

    def __init__(self, full: Bytes) -> None:
        self.full = full
        self.rgb = shrink(full, LONGEST)

    @property
    def shape(self) -> tuple[int, int]:
        """(h, w) of `rgb`."""
        return self.rgb.shape[0], self.rgb.shape[1]

    @cached_property
    def lab(self) -> Floats:
        """OKLab float32 (h, w, 3)."""
        return np.asarray(to_oklab(self.rgb), dtype=np.float32)

    @cached_property
    def superpixels(self) -> Superpixels:
        """About 320 superpixels, or fewer, of the picture at most 320 pixels wide or high."""
        from skimage.segmentation import slic

        lab = np.asarray(to_oklab(shrink(self.rgb, COARSE)), dtype=np.float32)
        found = slic(lab, SUPERPIXELS, compactness=COMPACT, max_num_iter=8, sigma=0.8, convert2lab=False, start_label=0)
        return _measured(found.astype(np.int32), lab)


def _measured(labels: NDArray[np.int32], lab: Floats) -> Superpixels:
    height, width = labels.shape
    flat = labels.ravel()
    count = int(flat.max()) + 1
    area = np.bincount(flat, minlength=count).astype(np.float32)
    ys, xs = np.divmod(np.arange(flat.size), width)

    def mean(values: NDArray[np.generic]) -> NDArray[np.float64]:
        return np.bincount(flat, values, minlength=count) / area

    colour = np.stack([mean(lab[..., k].ravel()) for k in range(3)], axis=1)
    centre = np.stack([mean(xs) / width, mean(ys) / height], axis=1)
    across = np.stack([labels[:, :-1].ravel(), labels[:, 1:].ravel()], axis=1)
    down = np.stack([labels[:-1].ravel(), labels[1:].ravel()], axis=1)
    pairs = np.sort(np.concatenate([across, down]), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    edge = np.concatenate([labels[0], labels[-1], labels[1:-1, 0], labels[1:-1, -1]])
    border = np.bincount(edge, minlength=count)
    return Superpixels(
        labels,
        colour.astype(np.float32),
        centre.astype(np.float32),
        area,
        pairs.astype(np.int32),
        border.astype(np.float32),
    )
