"""What makes a patch's pixels from its last token: a linear map blurs large patches, hidden layers draw them."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

__all__ = ["Hand"]

SPELLED = 256  # hidden features between words and code


class Hand(nn.Module):
    """Draws tokens (B, N, dim) as features (B, N, widths[-1]).

    A token says two things: a code, which the hand can be taught alone (what is to be drawn, and which part of it), and
    beside it what no code knows: the ground around the drawing, and how much of what was there has to go. What is to
    be drawn, the words alone can say, to all tokens alike (`spell`); which part of it is where, the tokens know.
    """

    def __init__(self, dim: int, text_dim: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.spell = nn.Sequential(nn.Linear(text_dim, SPELLED), nn.GELU(), nn.Linear(SPELLED, dim))
        self.code = nn.Linear(dim, dim)
        self.around = nn.Linear(dim, widths[0])
        self.first = nn.Linear(dim, widths[0])
        self.rest = nn.Sequential(nn.GELU())
        for a, b in pairwise(widths):
            self.rest.extend([nn.Linear(a, b), nn.GELU()])
        self.start()

    def start(self) -> None:
        """The token is its code, nothing is said beside it, and the words say nothing."""
        nn.init.eye_(self.code.weight)
        last = self.spell[-1]
        assert isinstance(last, nn.Linear)
        for silent in (self.around.weight, self.around.bias, self.code.bias, last.weight, last.bias):
            nn.init.zeros_(silent)

    def read(self, tokens: Tensor, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """`pooled`: (B, text_dim). The codes (B, N, dim), and what is said beside them (B, N, widths[0])."""
        return torch.add(self.code(tokens), self.spell(pooled)[:, None]), self.around(tokens)

    def forward(self, code: Tensor, around: Tensor | None = None) -> Tensor:
        """`code` and `around` as `read` gives them; without the second, on any ground."""
        x = self.first(code)
        drawn: Tensor = self.rest(x if around is None else torch.add(x, around))
        return drawn
