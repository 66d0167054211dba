"""How much each place stands out: contrast against what the picture's border shows.

Zhu et al., "Saliency Optimization from Robust Background Detection", CVPR 2014, on superpixels in OKLab.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from omniedit.grounding.refine import Floats
from omniedit.grounding.view import Superpixels

__all__ = ["saliency"]

ALIKE = 0.08  # OKLab distance along a path up to which superpixels count as one region
RING = 100  # superpixels on the border that are linked with each other, at most
NEARBY = 0.35  # of the picture: contrast further away counts little
SMOOTH = 0.1  # OKLab distance up to which neighbours should have one saliency


def saliency(pixels: Superpixels) -> Floats:
    """(n,) float32 in 0..1 for each superpixel: 0 background, 1 a thing."""
    count = len(pixels.area)
    apart = _distances(pixels.colour)
    from_border = np.flatnonzero(pixels.border > 0)
    first, second = pixels.neighbours.T
    from_border = from_border[:: 1 + len(from_border) // RING]
    ring = np.stack(np.meshgrid(from_border, from_border), axis=-1).reshape(-1, 2)
    ring = ring[ring[:, 0] < ring[:, 1]]
    a, b = np.concatenate([first, ring[:, 0]]), np.concatenate([second, ring[:, 1]])
    graph = coo_matrix((apart[a, b] + 1e-5, (a, b)), shape=(count, count)).tocsr()
    along = dijkstra(graph, directed=False)
    same = np.exp(-(along**2) / (2 * ALIKE**2))
    share = pixels.area / pixels.area.mean()
    extent = same @ share
    on_border = same @ (pixels.border > 0)
    connected = on_border / np.sqrt(extent)
    background = 1 - np.exp(-(connected**2) / 2)
    near = np.exp(-(_distances(pixels.centre) ** 2) / (2 * NEARBY**2))
    contrast = (apart * near) @ (background * share)
    contrast = contrast / max(float(contrast.max()), 1e-6)
    return _settled(pixels, apart, background, contrast)


def _settled(pixels: Superpixels, apart: Floats, background: Floats, foreground: Floats) -> Floats:
    """The saliency that agrees best with both weights and with its neighbours (equation 9)."""
    count = len(background)
    first, second = pixels.neighbours.T
    pull = np.exp(-(apart[first, second] ** 2) / (2 * SMOOTH**2)) + 0.1
    system = np.zeros((count, count))
    system[first, second] = system[second, first] = -pull
    system[np.diag_indices(count)] = -system.sum(axis=1) + background + foreground
    found = np.linalg.solve(system, foreground)
    return np.clip(found, 0, 1).astype(np.float32)


def _distances(points: Floats) -> Floats:
    squared = (points**2).sum(axis=1)
    return np.sqrt(np.maximum(squared[:, None] + squared[None] - 2 * points @ points.T, 0)).astype(np.float32)
