"""Where a run's batches come from: the procedural world, parquet files, or both in turn."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from omniedit.types import Task
from training.batches import Batch, BatchMaker, stacked_plans
from training.config import DataConfig
from training.parquet import ParquetBatches
from training.world.generate import make_pair, pick

__all__ = ["MixedBatches", "WorldBatches", "make_batches"]


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
            source_plan=stacked_plans([p.source_plan for p in pairs]),
            plan=stacked_plans([p.plan for p in pairs]),
        )


@dataclass(frozen=True)
class MixedBatches:
    """Batches of the world, and among them, spread evenly, a `share` (0..1) of batches from parquet files."""

    world: BatchMaker
    parquet: BatchMaker
    share: float

    def batch(self, step: int, rank: int, ranks: int) -> Batch:
        """The batch of `step` for process `rank` of `ranks`: no row of the files is skipped; the world does not end."""
        before, after = math.floor(step * self.share), math.floor((step + 1) * self.share)
        if after > before:
            return self.parquet.batch(before, rank, ranks)
        return self.world.batch(step, rank, ranks)


def make_batches(config: DataConfig, size: int, seed: int) -> BatchMaker:
    """The batch maker that the configuration names."""
    if config.source == "world":
        return WorldBatches(config, size, seed)
    parquet = ParquetBatches(config, size, seed)
    if config.source == "parquet":
        return parquet
    return MixedBatches(WorldBatches(config, size, seed), parquet, config.parquet_share)
