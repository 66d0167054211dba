"""Holes in photographs whose truth is known, filled by us, by OpenCV's two inpaintings and by PyPatchMatch alone.

Ten places in the bundled photographs, at 384 pixels and at 12 megapixels. Those of 12 megapixels are the same ones
mirrored on, each copy bent and lit in its own way (`photos.spread`): nowhere in the picture is a copy of what the hole
hides, which a search alone would find. Pixel distance prefers blur, so texture energy (that of the fill over the
truth's; 1 is right) stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import cv2
import numpy as np
import patchmatch
from numpy.typing import NDArray

from omniedit.specialists.filling.fill import fill
from tests.benchmarks.clock import seconds
from tests.benchmarks.photos import TWELVE, photo, spread

__all__ = ["measure"]

PLACES = (  # photograph, centre of the hole as shares of width and height
    ("coffee", 0.86, 0.3),
    ("coffee", 0.15, 0.75),
    ("chelsea", 0.42, 0.16),
    ("astronaut", 0.85, 0.2),
    ("astronaut", 0.12, 0.25),
    ("rocket", 0.5, 0.3),
    ("brick", 0.5, 0.5),
    ("grass", 0.5, 0.5),
    ("gravel", 0.4, 0.6),
    ("hubble", 0.5, 0.5),
)
SHARE = 0.04  # of the picture that the hole takes

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Way = Callable[[Bytes, Bools], Bytes]

WAYS: dict[str, Way] = {
    "ours": lambda rgb, hole: fill(rgb, hole),
    "cv2 Telea": lambda rgb, hole: np.asarray(cv2.inpaint(rgb, hole.astype(np.uint8), 3, cv2.INPAINT_TELEA), np.uint8),
    "cv2 Navier-Stokes": lambda rgb, hole: np.asarray(
        cv2.inpaint(rgb, hole.astype(np.uint8), 3, cv2.INPAINT_NS), np.uint8
    ),
    "PyPatchMatch alone": lambda rgb, hole: patchmatch.inpaint(rgb, hole, patch_size=4),
}


def measure(quick: bool) -> dict[str, Any]:
    """Means over the holes for each way, at both sizes."""
    places = PLACES[::5] if quick else PLACES
    small = _table([_scene(name, x, y, None) for name, x, y in places])
    large = _table([_scene(name, x, y, (1000, 750) if quick else TWELVE) for name, x, y in places])
    return {
        "holes": len(places),
        "at_384_px": small,
        "at_12_mp": large,
        "peer": "cv2.inpaint (Telea, Navier-Stokes) and PyPatchMatch alone",
        "ratio": round(large["ours"]["seconds"] / large["PyPatchMatch alone"]["seconds"], 3),
    }


def _scene(name: str, x: float, y: float, size: tuple[int, int] | None) -> tuple[Bytes, Bools]:
    rgb = photo(name) if size is None else spread(photo(name), size)
    height, width = rgb.shape[:2]
    across = np.sqrt(SHARE * height * width / np.pi)
    rows, columns = np.mgrid[:height, :width]
    return rgb, np.hypot((columns - x * width) / 1.2, (rows - y * height) * 1.2) < across


def _table(scenes: list[tuple[Bytes, Bools]]) -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    for name, way in WAYS.items():
        rows = []
        for rgb, hole in scenes:
            holed = np.where(hole[..., None], np.uint8(0), rgb)
            kept: list[Bytes] = []
            taken = seconds(partial(lambda w, p, h, k: k.append(w(p, h)), way, holed, hole, kept), 1, warm=0)
            off = np.abs(kept[-1][hole].astype(int) - rgb[hole]).mean()
            rows.append((taken, _energy(kept[-1], hole) / _energy(rgb, hole), off))
        taken, energy, off = np.mean(rows, axis=0)
        spread = [round(float(row[1]), 2) for row in rows]
        table[name] = {
            "seconds": round(float(taken), 2),
            "texture_energy": round(float(energy), 3),
            "texture_energy_each": spread,
            "mean_absolute_error": round(float(off), 2),
        }
    return table


def _energy(rgb: Bytes, hole: Bools) -> float:
    rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
    view = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    part = rgb[view].astype(np.float32)
    return float((part - cv2.GaussianBlur(part, (0, 0), 2.0))[hole[view]].std())
