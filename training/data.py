"""Batches for training, by step number: the same step gives the same batch, whoever asks and however often.

That makes resuming exact with no state to save. A batch is built whole inside a worker process; workers are
spawned, because forked ones deadlock under a multi-threaded torch.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from omniedit.errors import BadInput
from omniedit.types import Task
from training.config import DataConfig

__all__ = ["Batch", "BatchMaker", "ParquetBatches", "WorldBatches", "loader", "make_batches", "single_thread"]


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
        )


COLUMNS = ("omni_edit_id", "src_img", "edited_img", "edited_prompt_list", "width", "height", "o_score")


class ParquetBatches:
    """OmniEdit's public columns (or ours) from parquet files, in ratio buckets, shuffled by seed and epoch."""

    def __init__(self, config: DataConfig, size: int, seed: int) -> None:
        """Read the small columns of every file; raises BadInput where files or columns are missing."""
        import pyarrow.parquet as pq

        assert config.path is not None
        files = sorted(Path(config.path).glob("*.parquet"))
        if not files:
            raise BadInput(f"There are no .parquet files in {config.path}; data.path must name a folder with some.")
        self.config, self.size, self.seed = config, size, seed
        self.rows: list[tuple[str, int]] = []
        buckets: list[list[int]] = [[] for _ in config.sizes]
        ratios = np.log([w / h for w, h in config.sizes])
        for file in files:
            schema = set(pq.read_schema(file).names)
            missing = [c for c in COLUMNS if c not in schema]
            if missing:
                raise BadInput(f"{file.name} lacks the column {missing[0]!r}; wanted: {', '.join(COLUMNS)}.")
            table = pq.read_table(file, columns=["width", "height", "o_score"]).to_pydict()
            for i, (w, h, score) in enumerate(zip(table["width"], table["height"], table["o_score"], strict=True)):
                if score is not None and score >= config.min_score:
                    buckets[int(np.abs(ratios - np.log(w / h)).argmin())].append(len(self.rows))
                    self.rows.append((str(file), i))
        self.buckets = [np.array(b, dtype=np.int64) for b in buckets]
        self.per_epoch = sum(len(b) // size for b in self.buckets)
        if self.per_epoch == 0:
            raise BadInput(
                f"{config.path} has {len(self.rows)} pairs with o_score >= {config.min_score:g}, too few to fill a "
                f"batch of {size} in any bucket; lower run.batch or data.min_score."
            )
        self._plan: tuple[int, list[tuple[int, np.ndarray]]] = (-1, [])

    def batch(self, step: int, rank: int, ranks: int) -> Batch:
        """The batch of `step` for process `rank` of `ranks`."""
        place = step * ranks + rank
        epoch, index = divmod(place, self.per_epoch)
        if self._plan[0] != epoch:
            self._plan = (epoch, self._epoch(epoch))
        bucket, rows = self._plan[1][index]
        width, height = self.config.sizes[bucket]
        rng = np.random.default_rng([self.seed, place])
        samples = [self._row(int(r), width, height, rng) for r in rows]
        source = torch.from_numpy(np.stack([s[0] for s in samples]))
        edited = torch.from_numpy(np.stack([s[1] for s in samples]))
        change = (source.int() - edited.int()).abs().amax(-1) > 24
        return Batch(
            source,
            edited,
            change,
            torch.zeros_like(change),
            tuple(s[2] for s in samples),
            torch.ones(len(samples)),
            tuple(s[3] for s in samples),
        )

    def _epoch(self, epoch: int) -> list[tuple[int, np.ndarray]]:
        rng = np.random.default_rng([self.seed, epoch])
        batches = []
        for i, rows in enumerate(self.buckets):
            shuffled = rng.permutation(rows)
            batches += [(i, shuffled[k : k + self.size]) for k in range(0, len(rows) - self.size + 1, self.size)]
        return [batches[i] for i in rng.permutation(len(batches))]

    def _row(
        self, row: int, width: int, height: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, str, str]:
        import pyarrow.parquet as pq
        from PIL import Image, ImageOps

        file, index = self.rows[row]
        reader = pq.ParquetFile(file)
        group = 0
        while index >= (count := reader.metadata.row_group(group).num_rows):
            index, group = index - count, group + 1
        columns = ["omni_edit_id", "src_img", "edited_img", "edited_prompt_list"]
        found = reader.read_row_group(group, columns=columns).slice(index, 1).to_pylist()[0]

        def picture(cell: dict[str, bytes]) -> np.ndarray:
            image = Image.open(io.BytesIO(cell["bytes"])).convert("RGB")
            return np.asarray(ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS))

        words = found["edited_prompt_list"]
        instruction = words[int(rng.integers(len(words)))]
        return picture(found["src_img"]), picture(found["edited_img"]), instruction, f"{file}#{found['omni_edit_id']}"


def make_batches(config: DataConfig, size: int, seed: int) -> BatchMaker:
    """The batch maker that the configuration names."""
    return WorldBatches(config, size, seed) if config.source == "world" else ParquetBatches(config, size, seed)


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
