"""Batches from parquet files with OmniEdit's public columns (or ours).

A row group is read as a whole, pictures and all, so neighbours are used together: the groups are shuffled, then the
rows within a pool of a few groups, which stays in memory while it lasts.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps

from omniedit.errors import BadInput
from omniedit.images import open_picture
from training.batches import Batch
from training.config import DataConfig

__all__ = ["COLUMNS", "ParquetBatches"]

COLUMNS = ("omni_edit_id", "src_img", "edited_img", "edited_prompt_list", "width", "height", "o_score")
POOL = 4  # row groups
NOTICED = 24  # levels by which a pixel differs where the edit changed it


class ParquetBatches:
    """Ratio buckets, shuffled by seed and epoch; pairs below `min_score` are left out (equation 6)."""

    def __init__(self, config: DataConfig, size: int, seed: int) -> None:
        """Read the small columns of every file; raises BadInput where files, columns or pairs are missing."""
        self.config, self.size, self.seed = config, size, seed
        self.groups: list[tuple[str, int]] = []  # (file, row group)
        self.rows: list[tuple[int, int]] = []  # (place in groups, row within it)
        buckets: list[list[int]] = [[] for _ in config.sizes]
        ratios = np.log([w / h for w, h in config.sizes])
        for file in _files(config.path or ""):
            reader = _reader(file)
            for number in range(reader.metadata.num_row_groups):
                self.groups.append((file, number))
                facts = reader.read_row_group(number, columns=["width", "height", "o_score"]).to_pydict()
                for i, (w, h, score) in enumerate(zip(facts["width"], facts["height"], facts["o_score"], strict=True)):
                    if score is not None and score >= config.min_score:
                        buckets[int(np.abs(ratios - np.log(w / h)).argmin())].append(len(self.rows))
                        self.rows.append((len(self.groups) - 1, i))
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
        rng = np.random.default_rng([self.seed, place])
        samples = [self._sample(int(row), self.config.sizes[bucket], rng) for row in rows]
        source, edited = (torch.from_numpy(np.stack([s[k] for s in samples])) for k in range(2))
        change = (source.int() - edited.int()).abs().amax(-1) > NOTICED
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
        """(bucket, rows) of each batch in order: pool after pool, shuffled within."""
        rng = np.random.default_rng([self.seed, epoch])
        pool = rng.permutation(len(self.groups)) // POOL
        batches: list[tuple[int, float, int, np.ndarray]] = []
        for bucket, rows in enumerate(self.buckets):
            shuffled = rng.permutation(rows)
            pools = pool[[self.rows[row][0] for row in shuffled]]
            ordered = shuffled[np.argsort(pools, kind="stable")]
            for start in range(0, len(ordered) - self.size + 1, self.size):
                chosen = ordered[start : start + self.size]
                batches.append((int(pool[self.rows[chosen[0]][0]]), float(rng.random()), bucket, chosen))
        return [(bucket, rows) for _, _, bucket, rows in sorted(batches, key=lambda b: b[:2])]

    def _sample(self, row: int, size: tuple[int, int], rng: np.random.Generator) -> tuple[Any, Any, str, str]:
        group, index = self.rows[row]
        file, number = self.groups[group]
        found = _group(file, number).slice(index, 1).to_pylist()[0]
        name = f"{file}#{found['omni_edit_id']}"
        words = found["edited_prompt_list"]
        pictures = [_picture(found[column]["bytes"], size, name) for column in ("src_img", "edited_img")]
        return *pictures, words[int(rng.integers(len(words)))], name


def _files(folder: str) -> list[str]:
    files = sorted(str(path) for path in Path(folder).glob("*.parquet"))
    if not files:
        raise BadInput(f"There are no .parquet files in {folder}; data.path must name a folder with some.")
    for file in files:
        there = set(_reader(file).schema_arrow.names)
        missing = [c for c in COLUMNS if c not in there]
        if missing:
            raise BadInput(f"{Path(file).name} lacks the column {missing[0]!r}; wanted: {', '.join(COLUMNS)}.")
    return files


def _reader(file: str) -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise BadInput("Parquet files need pyarrow, which is not installed; pip install pyarrow.") from None
    try:
        return pq.ParquetFile(file)
    except (OSError, pa.ArrowInvalid) as error:
        raise BadInput(f"{file} is no readable parquet file ({str(error).splitlines()[0]}); fetch it again.") from None


@lru_cache(maxsize=POOL)
def _group(file: str, number: int) -> Any:
    """The row group with its pictures, as an arrow table."""
    return _reader(file).read_row_group(number, columns=["omni_edit_id", "src_img", "edited_img", "edited_prompt_list"])


def _picture(data: bytes, size: tuple[int, int], name: str) -> np.ndarray:
    try:
        picture = open_picture(data).rgb
    except BadInput as error:
        raise BadInput(f"The sample {name} cannot be used: {error}") from None
    return np.asarray(ImageOps.fit(picture, size, Image.Resampling.LANCZOS))
