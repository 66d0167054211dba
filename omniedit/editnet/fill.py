"""What a place would look like if only its surroundings went on: the ground on which things vanish."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

__all__ = ["surroundings"]

SURE = 3  # a half open gate leaves a pixel an eighth of its say


def surroundings(pictures: Tensor, gate: Tensor) -> Tensor:
    """`pictures` (B, C, H, W) where the `gate` (B, 1, H, W) in 0..1 is closed, smoothly continued where it is open.

    Pull-push over a pyramid (Gortler et al. 1996, "The lumigraph", section 4.1): what a level does not know, the next
    coarser one tells.
    """
    weight = (1 - gate) ** SURE
    known = pictures * weight
    levels = []
    while max(known.shape[-2:]) > 1:
        levels.append((known, weight))
        known, weight = (functional.avg_pool2d(part, 2, ceil_mode=True) for part in (known, weight))
    filled = known / weight.clamp_min(1e-6)
    for known, weight in reversed(levels):
        coarser = functional.interpolate(filled, size=known.shape[-2:], mode="bilinear")
        filled = known + (1 - weight) * coarser
    return filled
