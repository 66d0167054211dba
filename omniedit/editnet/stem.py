"""What omniedit-mini has beside the source's patch embedding, which sees little and learns slowly.

A small convolutional network: ControlNet embeds its condition so (Zhang et al. 2023, section 3.3), and transformers see
better through early convolutions (Xiao et al. 2021). A pointer that compares its tokens with the instruction's, as
MDETR's alignment of words with boxes does (Kamath et al. 2021).
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Pointer", "SourceStem"]

FIRST = 4  # pixels a side that the first convolution takes at once; each further stage halves
BLOCKS = 2  # in each stage
GROUPS = 8
POINTER_WIDTH = 32  # of a pointer's queries and keys


class SourceStem(nn.Module):
    """Pictures (B, in_channels, H, W) to tokens (B, N, dim), one for each patch of 4 * 2 ** (stages - 1) pixels."""

    def __init__(self, in_channels: int, channels: tuple[int, ...], dim: int) -> None:
        super().__init__()
        widths = (in_channels, *channels)
        self.down = nn.ModuleList(
            nn.Conv2d(a, b, size := FIRST if i == 0 else 2, stride=size) for i, (a, b) in enumerate(pairwise(widths))
        )
        self.stages = nn.ModuleList(nn.ModuleList(_Block(c) for _ in range(BLOCKS)) for c in channels)
        self.norm = nn.GroupNorm(GROUPS, channels[-1])
        self.out = nn.Linear(channels[-1], dim)

    def start(self) -> None:
        """Let every block begin as the identity; on an empty source their norms' gradients would multiply."""
        for module in self.modules():
            if isinstance(module, _Block):
                nn.init.zeros_(module.conv2.weight)

    @staticmethod
    def reach(stages: int) -> int:
        """Pixels a side of one token."""
        return FIRST * 2 ** (stages - 1)

    def features(self, pictures: Tensor) -> Tensor:
        """(B, N, channels[-1]), row by row."""
        x = pictures
        for down, blocks in zip(self.down, self.stages, strict=True):
            x = down(x)
            assert isinstance(blocks, nn.ModuleList)
            for block in blocks:
                x = block(x)
        return functional.silu(self.norm(x)).flatten(2).transpose(1, 2)

    def forward(self, pictures: Tensor) -> Tensor:
        """(B, N, dim)."""
        tokens: Tensor = self.out(self.features(pictures))
        return tokens


class Pointer(nn.Module):
    """Tells each patch how well it shows what the instruction speaks of.

    Attention can learn to compare a word with a thing, but late. Here the comparison is there from the start and can be
    taught by itself: each head is the product of a query from the pooled instruction with a key from the stem's token,
    and the tokens get the heads' answers.
    """

    def __init__(self, dim: int, text_dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(text_dim, heads * POINTER_WIDTH)
        self.key = nn.Linear(dim, heads * POINTER_WIDTH)
        self.out = nn.Linear(heads, dim)

    def forward(self, seen: Tensor, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """`seen`: (B, N, dim); `pooled`: (B, text_dim). What to add to the tokens, and the match (B, N, heads)."""
        query, key = (
            functional.rms_norm(part.unflatten(-1, (self.heads, -1)), (POINTER_WIDTH,))
            for part in (self.query(pooled)[:, None], self.key(seen))
        )
        match = (query * key).sum(-1) * POINTER_WIDTH**-0.5
        return self.out(match), match


class _Block(nn.Module):
    """Two 3 x 3 convolutions around which the input passes."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(GROUPS, channels), nn.GroupNorm(GROUPS, channels)
        self.conv1, self.conv2 = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.conv1(functional.silu(self.norm1(x)))
        return torch.add(x, self.conv2(functional.silu(self.norm2(inner))))
