"""Where a run's batches come from: the procedural world, or parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from omniedit.types import Task
from training.batches import Batch, BatchMaker
from training.config import DataConfig
from training.parquet import ParquetBatches
from training.world.generate import make_pair, pick
from training.world.plans import Plan

__all__ = ["WorldBatches", "make_batches"]


@dataclass(frozen=True)
class WorldBatches:
    """Pairs of the procedural world. Sample n of the run has seed n, so no pair is seen twice."""

    config: DataConfig
    size: int
    seed: int

    def batch(self, step: int, rank: int, ranks: int) -> Batch:
        """The batch of `step` for process `rank` of `ranks`."""
        rng = np.random.default_rng([self.seed, step, 1])
        width, height = pick(rng, self.config.sizes, self.config.size_weights)
        first = self.seed * 10_000_000_000 + (step * ranks + rank) * self.size
        shares = [self.config.task_weights.get(task, 1.0) for task in Task]
        tasks = [pick(rng, list(Task), shares) for _ in range(self.size)]
        pairs = [make_pair(first + i, task, (width, height), "train") for i, task in enumerate(tasks)]
        empty = np.zeros((height, width), dtype=bool)
        return Batch(
            source=torch.from_numpy(np.stack([p.source for p in pairs])),
            edited=torch.from_numpy(np.stack([p.edited for p in pairs])),
            change=torch.from_numpy(np.stack([p.mask for p in pairs])),
            hint=torch.from_numpy(np.stack([empty if p.mask_hint is None else p.mask_hint for p in pairs])),
            instructions=tuple(p.instruction for p in pairs),
            weight=torch.ones(self.size),
            names=tuple(f"world seed {first + i} ({p.task})" for i, p in enumerate(pairs)),
            source_plan=_stacked([p.source_plan for p in pairs]),
            plan=_stacked([p.plan for p in pairs]),
        )


def make_batches(config: DataConfig, size: int, seed: int) -> BatchMaker:
    """The batch maker that the configuration names."""
    if config.source == "world":
        return WorldBatches(config, size, seed)
    return ParquetBatches(config, size, seed)


def _stacked(plans: Sequence[Plan]) -> tuple[Tensor, Tensor]:
    tables, shown = zip(*plans, strict=True)
    return torch.from_numpy(np.stack(tables)), torch.from_numpy(np.stack(shown))
