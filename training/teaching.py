"""What the first lessons share: AdamW over a fixed number of steps, and a line of progress now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from omniedit.errors import BadInput

__all__ = ["Pages", "Teacher"]

T = TypeVar("T")

SHOW = 100  # steps between two lines of progress


@dataclass(frozen=True)
class Pages(Dataset[T]):
    """What a lesson shows, by number: `make` draws each from a generator of its own, which no other `subject` has."""

    make: Callable[[np.random.Generator], T]
    seed: int
    subject: int

    def __getitem__(self, step: int) -> T:
        return self.make(np.random.default_rng([self.seed, self.subject, step]))


class Teacher:
    """Warm-up over `warm` steps, `rate`, then a decay to zero over the last 1 / `cool` of `steps`.

    `says` is the progress line's end, with a place for the mean score: "{:.1%} of sentences read".
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        steps: int,
        rate: float,
        decay: float,
        warm: int,
        cool: float,
        says: str,
    ) -> None:
        if steps < 1:
            raise BadInput("A lesson is shorter than one batch; make it longer in [model], or 0 for none.")
        self.parameters = list(parameters)
        self.steps, self.rate, self.warm, self.cool, self.says = steps, rate, warm, cool, says
        self.optimiser = torch.optim.AdamW(self.parameters, lr=rate, betas=(0.9, 0.98), weight_decay=decay)
        self.scores: list[float] = []

    def teach(self, loss: Tensor, score: float) -> None:
        """One step down `loss`; `score` says how well the step's answers were."""
        done = len(self.scores)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * min(1.0, (done + 1) / self.warm, self.cool * (1 - done / self.steps))
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.scores.append(score)
        if (done + 1) % SHOW == 0:
            print(f"step {done + 1} of {self.steps}, {self.says.format(np.mean(self.scores[-SHOW:]))}", flush=True)

    def result(self) -> float:
        """The mean score of the last twentieth."""
        return float(np.mean(self.scores[-max(1, self.steps // 20) :]))
