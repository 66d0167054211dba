"""What a source looks like in the style, colour or material that is asked for, pixel by pixel.

Patches of a transformer draw new things; a style follows the source's own pixels and meets no patch's edge. One small
convolutional network holds all looks: words scale and shift its features (Dumoulin et al. 2017, "A learned
representation for artistic style").
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Look"]

CELL = 2  # pixels a side that are worked on as one place
LAYERS = 4  # each sees one cell further
BLOCK = 2  # cells a side of the blocks in which a cell knows its place: pixel art has to begin somewhere
HEARD = 192  # figures that the words become


class Look(nn.Module):
    """From pictures (B, channels, H, W) and words to pictures of the same shape."""

    def __init__(self, channels: int, text_dim: int, width: int) -> None:
        super().__init__()
        self.take = _neighbours(channels * CELL**2 + 2, width)
        self.layers = nn.ModuleList(_neighbours(width, width) for _ in range(LAYERS))
        self.put = nn.Conv2d(width, channels * CELL**2, 1)
        self.hear = nn.Linear(text_dim, HEARD)
        self.turn = nn.Linear(HEARD, 2 * (LAYERS + 1) * width)
        self.start()

    def start(self) -> None:
        """Make it show the pictures as they are, whatever the words."""
        for part in (self.turn, self.put):
            nn.init.zeros_(part.weight)
            nn.init.zeros_(part.get_parameter("bias"))

    def forward(self, pictures: Tensor, pooled: Tensor) -> Tensor:
        """`pooled`: (B, text_dim)."""
        cells = functional.pixel_unshuffle(pictures, CELL)
        cells = torch.cat([cells, _places(cells)], dim=1)
        x = self.take(cells.contiguous(memory_format=torch.channels_last))  # so, a third faster on a CPU
        turns = self.turn(functional.silu(self.hear(pooled)))[..., None, None].chunk(2 * (LAYERS + 1), dim=1)
        *inner, last = zip(turns[::2], turns[1::2], strict=True)
        for layer, (scale, shift) in zip(self.layers, inner, strict=True):
            x = torch.add(x, layer(functional.relu(x * (1 + scale) + shift)))
        changed = self.put(functional.relu(x * (1 + last[0]) + last[1]))
        return torch.add(pictures, functional.pixel_shuffle(changed, CELL))


def _places(cells: Tensor) -> Tensor:
    """(B, 2, H, W): a cell's column and row in its block, from -1 to 1."""
    down, across = (torch.arange(side, device=cells.device) % BLOCK * 2 - (BLOCK - 1) for side in cells.shape[-2:])
    both = torch.stack(torch.broadcast_tensors(across[None], down[:, None])) / (BLOCK - 1)
    return both.to(cells.dtype).expand(len(cells), -1, -1, -1)


def _neighbours(taken: int, given: int) -> nn.Conv2d:
    """A convolution over a place and its neighbours; beyond the edge it sees the edge again."""
    return nn.Conv2d(taken, given, 3, padding=1, padding_mode="replicate")
