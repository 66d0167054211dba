"""Batches for training, by step number: the same step gives the same batch, whoever asks and however often.

That makes resuming exact with no state to save. A batch is built whole inside a worker process; workers are
spawned, because forked ones deadlock under a multi-threaded torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from einops import rearrange
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from omniedit.types import Task
from training.config import DataConfig

__all__ = ["Batch", "BatchMaker", "WorldBatches", "loader", "make_batches", "shares_shown", "single_thread"]


@dataclass(frozen=True)
class Batch:
    """Pairs of one size. Pictures are uint8 (B, H, W, 3); masks bool (B, H, W)."""

    source: Tensor
    edited: Tensor
    change: Tensor  # where the edit changes the picture
    hint: Tensor  # a mask as a person would paint it; all False where there is none
    instructions: tuple[str, ...]
    weight: Tensor  # (B,) lambda of equation 6
    names: tuple[str, ...]  # what to call each sample in a report
    objects: Tensor | None = None  # uint8 (B, 2, H, W), what source and edited show where; only of the world
    plan: tuple[Tensor, Tensor] | None = None  # what is drawn anew: tables and maps (see training/world/plans.py)


class BatchMaker(Protocol):
    """Anything that gives the batch of a step."""

    def batch(self, step: int, rank: int, ranks: int) -> Batch: ...


@dataclass(frozen=True)
class WorldBatches:
    """Pairs of the procedural world. Sample n of the run has seed n, so no pair is seen twice."""

    config: DataConfig
    size: int
    seed: int

    def batch(self, step: int, rank: int, ranks: int) -> Batch:
        """The batch of `step` for process `rank` of `ranks`."""
        from training.world.generate import make_pair

        rng = np.random.default_rng([self.seed, step, 1])
        width, height = self.config.sizes[_draw(rng, self.config.size_weights)]
        first = self.seed * 10_000_000_000 + (step * ranks + rank) * self.size
        shares = [self.config.task_weights.get(task, 1.0) for task in Task]
        tasks = [list(Task)[_draw(rng, shares)] for _ in range(self.size)]
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
            objects=torch.from_numpy(np.stack([(p.source_names, p.edited_names) for p in pairs])),
            plan=(
                torch.from_numpy(np.stack([p.plan[0] for p in pairs])),
                torch.from_numpy(np.stack([p.plan[1] for p in pairs])),
            ),
        )


def make_batches(config: DataConfig, size: int, seed: int) -> BatchMaker:
    """The batch maker that the configuration names."""
    if config.source == "world":
        return WorldBatches(config, size, seed)
    from training.parquet import ParquetBatches

    return ParquetBatches(config, size, seed)


def shares_shown(shown: Tensor, patch: int, kinds: int) -> Tensor:
    """(B, N, kinds): which share of each patch shows which kind, from whole numbers (B, H, W)."""
    flat = rearrange(shown.long(), "b (h p) (w q) -> b (h w) (p q)", p=patch, q=patch)
    none = torch.zeros(*flat.shape[:2], kinds, device=flat.device)
    return none.scatter_add_(-1, flat, torch.full(flat.shape, patch**-2, device=flat.device))


@dataclass(frozen=True)
class _Steps(Dataset[Batch]):
    maker: BatchMaker
    rank: int
    ranks: int

    def __getitem__(self, step: int) -> Batch:
        return self.maker.batch(step, self.rank, self.ranks)


def loader(maker: BatchMaker, steps: Sequence[int], rank: int, ranks: int, workers: int) -> Iterator[Batch]:
    """The batches of `steps` in order, made ahead by `workers` spawned processes (0: in this one)."""
    return iter(
        DataLoader(
            _Steps(maker, rank, ranks),
            sampler=steps,
            batch_size=None,
            num_workers=workers,
            multiprocessing_context="spawn" if workers else None,
            prefetch_factor=4 if workers else None,
            worker_init_fn=single_thread if workers else None,
            persistent_workers=False,
        )
    )


def single_thread(_: int) -> None:
    """Workers compute on one thread each: the cores belong to the training step."""
    import cv2

    cv2.setNumThreads(1)
    torch.set_num_threads(1)


def _draw(rng: np.random.Generator, weights: Sequence[float]) -> int:
    share = np.asarray(weights, dtype=float)
    return int(rng.choice(len(share), p=share / share.sum()))
