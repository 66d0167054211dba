"""Which way a picture's forms run, and what follows them: smeared noise (bristles, hatching) and drawn lines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from omniedit.specialists.base import Bytes
from omniedit.specialists.blur import blur
from omniedit.specialists.styles.shared import Floats, enlarge, floats

__all__ = ["FLOW_SHORT", "Flow", "contours", "flow_of", "smear"]

FLOW_SHORT = 360  # short side at which the way of the forms is found
WIDER = (
    (2.0, 1.0),
    (7.0, 0.06),
    (24.0, 0.02),
    (60.0, 0.004),
)  # (sigma, weight): far edges lead where near ones are missing


@dataclass(frozen=True)
class Flow:
    """`along` (h, w, 2): cosine and sine of twice the angle of the forms; `sure` (h, w) in 0..1: how clear it is."""

    along: Floats
    sure: Floats

    def directions(self, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
        """Unit vectors (x and y, each of the size of `shape`) along the forms; their sign means nothing."""
        along = enlarge(self.along, shape, smooth=False)
        angle = cv2.phase(along[..., 0], along[..., 1]) * np.float32(0.5)
        x, y = cv2.polarToCart(np.ones_like(angle), angle)
        return np.asarray(x, dtype=np.float32), np.asarray(y, dtype=np.float32)


def flow_of(rgb: Bytes) -> Flow:
    """The flow of uint8 (h, w, 3), from the structure tensor of its colours (Di Zenzo 1986), at the same size."""
    colour = cv2.GaussianBlur(rgb.astype(np.float32), (0, 0), 1.0)
    dx = cv2.Sobel(colour, cv2.CV_32F, 1, 0) / 8
    dy = cv2.Sobel(colour, cv2.CV_32F, 0, 1) / 8
    tensor = np.stack([(dx * dx - dy * dy).sum(2), 2 * (dx * dy).sum(2), (dx * dx + dy * dy).sum(2)], axis=2)
    total = floats(sum(blur(tensor, sigma) * np.float32(weight) for sigma, weight in WIDER))
    length = np.sqrt((total[..., :2] ** 2).sum(2)) + 1e-6
    sure = length / (total[..., 2] + 1e-6) * np.clip(total[..., 2] / 30, 0, 1)
    # the forms run across the gradient: twice the angle turned by 180 degrees
    return Flow(np.ascontiguousarray(-total[..., :2] / length[..., None]), np.asarray(sure, dtype=np.float32))


def smear(texture: Floats, flow: Flow, length: float) -> Floats:
    """`texture` (h, w) averaged along the flow over about `length` pixels each way, contrast restored.

    Line integral convolution (Cabral and Leedom 1993), by steps that double: as many samples cost the logarithm.
    """
    x, y = flow.directions(texture.shape)
    rows, columns = np.mgrid[: texture.shape[0], : texture.shape[1]].astype(np.float32)
    deviation = float(texture.std())
    mean = float(texture.mean())
    step = 1.0
    while step <= length:
        ahead = cv2.remap(texture, columns + x * step, rows + y * step, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        back = cv2.remap(texture, columns - x * step, rows - y * step, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        texture = (texture + ahead + back) * np.float32(1 / 3)
        step *= 2
    texture = texture - np.float32(mean)
    return texture * np.float32(deviation / max(float(texture.std()), 1e-6))


def contours(grey: Bytes, flow: Flow, sigma: float, weight: float = 0.985) -> Floats:
    """float32 (h, w): below 0 on lines that a draughtsman would draw, in levels; lines are about 2 `sigma` wide.

    The difference of Gaussians of Winnemöller, Kyprianidis and Olsen ("XDoG", 2012), averaged along the forms so that
    lines hang together. `weight` near 1 draws faint lines too.
    """
    level = grey.astype(np.float32)
    fine = cv2.GaussianBlur(level, (0, 0), max(sigma, 0.4))
    wide = cv2.GaussianBlur(level, (0, 0), max(sigma, 0.4) * 1.6)
    difference = fine - np.float32(weight) * wide
    x, y = flow.directions(grey.shape)
    rows, columns = np.mgrid[: grey.shape[0], : grey.shape[1]].astype(np.float32)
    for step in (sigma, 2 * sigma):
        ahead = cv2.remap(
            difference, columns + x * step, rows + y * step, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        back = cv2.remap(
            difference, columns - x * step, rows - y * step, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        difference = difference * np.float32(0.5) + (ahead + back) * np.float32(0.25)
    return np.asarray(difference, dtype=np.float32)
