"""Batches for training, by step number: the same step gives the same batch, whoever asks and however often.

That makes resuming exact with no state to save. A batch is built whole inside a worker process; workers are
spawned, because forked ones deadlock under a multi-threaded torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import torch
from einops import rearrange
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from training.world.plans import Plan

__all__ = ["Batch", "BatchMaker", "loader", "made_ahead", "shares_shown", "stacked_plans", "to_model"]


T = TypeVar("T")


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
    source_plan: tuple[Tensor, Tensor]  # what the source shows, where the world knows it (plans.py)
    plan: tuple[Tensor, Tensor]  # what the edit draws anew, likewise


class BatchMaker(Protocol):
    """Anything that gives the batch of a step."""

    def batch(self, step: int, rank: int, ranks: int) -> Batch: ...


def to_model(pictures: Tensor) -> Tensor:
    """uint8 (B, H, W, 3) to float (B, 3, H, W) in [-1, 1]."""
    return rearrange(pictures, "b h w c -> b c h w").float() / 127.5 - 1


def stacked_plans(plans: Sequence[Plan]) -> tuple[Tensor, Tensor]:
    """Tables (B, ROWS, FIELDS) and maps (B, H, W) of plans of one size."""
    tables, shown = zip(*plans, strict=True)
    return torch.from_numpy(np.stack(tables)), torch.from_numpy(np.stack(shown))


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
    return made_ahead(_Steps(maker, rank, ranks), steps, workers)


def made_ahead(items: Dataset[T], order: Sequence[int], workers: int) -> Iterator[T]:
    """`items` in `order`, made ahead by `workers` spawned processes (0: in this one, when they are asked for)."""
    return iter(
        DataLoader(
            items,
            sampler=order,
            batch_size=None,
            num_workers=workers,
            multiprocessing_context="spawn" if workers else None,
            prefetch_factor=4 if workers else None,
            worker_init_fn=_single_thread if workers else None,
        )
    )


def _single_thread(_: int) -> None:
    """Workers compute on one thread each: the cores belong to the training step."""
    import cv2

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
