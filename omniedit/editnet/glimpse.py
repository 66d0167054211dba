"""What a prediction looks like, without a VAE's decoder: good enough to see whether an edit goes where it should."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from PIL import Image
from torch import Tensor

__all__ = ["glimpse"]


def glimpse(prediction: Tensor, source: Tensor, pixels: np.ndarray) -> Image.Image:
    """A picture of `prediction` (1, C, h, w) at w x h pixels.

    `source` (1, C, h, w) is what the model was given for `pixels`, uint8 (H, W, 3): colours are the linear map of
    channels that gives the source its own, by least squares. In pixel space that is the identity.
    """
    height, width = source.shape[-2:]
    colours = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA).reshape(-1, 3) / 255.0
    known, asked = _rows(source), _rows(prediction)
    bend = torch.linalg.lstsq(known, torch.from_numpy(colours).to(known), driver="gelsd").solution
    seen = (asked @ bend).reshape(height, width, 3).clamp(0, 1) * 255
    return Image.fromarray(seen.round().to(torch.uint8).numpy())


def _rows(latent: Tensor) -> Tensor:
    """(h w, C + 1): the channels of each cell, and a one."""
    cells = latent[0].detach().flatten(1).T.double().cpu()
    return torch.cat([cells, torch.ones(len(cells), 1, dtype=torch.double)], 1)
