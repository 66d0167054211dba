"""Batches from parquet files with OmniEdit's public columns, or with those of training/synth besides.

A row group is read as a whole, pictures and all, so neighbours are used together: the groups are shuffled, then the
rows within a pool of a few groups, which stays in memory while it lasts. Of all other rows only the small columns are.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps

from omniedit.columns import arrow
from omniedit.errors import BadInput
from omniedit.images import open_picture
from training.batches import Batch, stacked_plans
from training.config import DataConfig
from training.world.generate import painted
from training.world.plans import no_plan

__all__ = ["COLUMNS", "ParquetBatches"]

WORDS = "edited_prompt_list"
COLUMNS = ("omni_edit_id", "src_img", "edited_img", WORDS, "width", "height", "o_score")
WEIGHT, MASK = "weight", "mask_img"  # columns of our own: lambda of equation 6, and where the specialist worked
SMALL = (WORDS, "width", "height", "o_score", WEIGHT)
NUMBERS = ("width", "height", "o_score", WEIGHT)
LARGE = ("omni_edit_id", "task", "src_img", "edited_img", WORDS, MASK)
POOL = 4  # row groups at least,
FILLED = 2  # and as many as hold so many batches of each bucket
NOTICED = 24  # levels by which a pixel differs where the edit changed it, not the encoder of the picture
NOTICED_INSIDE = 6  # likewise where a mask says that the rest is the same to the bit
WHOLE = 0.95  # share of a mask from which the edit is of the whole picture

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]


class _Sample(NamedTuple):
    """A pair at the size of its bucket: pictures (H, W, 3), masks (H, W)."""

    source: Bytes
    edited: Bytes
    change: Bools
    hint: Bools
    instruction: str
    name: str


class ParquetBatches:
    """Ratio buckets, shuffled by seed and epoch; pairs below `min_score` or of weight 0 are left out (equation 6)."""

    def __init__(self, config: DataConfig, size: int, seed: int) -> None:
        """Read the small columns of every file; raises BadInput where files, columns or pairs are missing."""
        self.config, self.size, self.seed = config, size, seed
        self.groups: list[tuple[str, int]] = []  # (file, row group)
        rows: list[tuple[int, int]] = []
        weights: list[float] = []
        buckets: list[list[int]] = [[] for _ in config.sizes]
        ratios = np.log([w / h for w, h in config.sizes])
        for file in _files(config.path or ""):
            for number, facts in _facts(file):
                self.groups.append((file, number))
                for i, (words, width, height, score, weight) in enumerate(facts):
                    usable = bool(_said(words)) and (width or 0) > 0 and (height or 0) > 0 and weight is not None
                    if usable and score is not None and score >= config.min_score and weight > 0:
                        buckets[int(np.abs(ratios - np.log(width / height)).argmin())].append(len(rows))
                        rows.append((len(self.groups) - 1, i))
                        weights.append(weight)
        self.rows = np.array(rows, dtype=np.int64).reshape(-1, 2)  # (place in groups, row within it)
        self.weights = np.array(weights, dtype=np.float32)
        self.buckets = [np.array(b, dtype=np.int64) for b in buckets]
        self.per_epoch = sum(len(b) // size for b in self.buckets)
        if self.per_epoch == 0:
            raise BadInput(
                f"{config.path} has {len(rows)} pairs with o_score >= {config.min_score:g}, too few to fill a "
                f"batch of {size} in any bucket; lower run.batch or data.min_score."
            )
        filled = sum(len(b) >= size for b in self.buckets) * FILLED * size
        self.pool = max(POOL, math.ceil(filled * len(self.groups) / len(rows)))  # row groups
        self._read_groups: OrderedDict[tuple[str, int], Any] = OrderedDict()
        self._plan: tuple[int, list[tuple[int, NDArray[np.int64]]]] = (-1, [])

    def batch(self, step: int, rank: int, ranks: int) -> Batch:
        """The batch of `step` for process `rank` of `ranks`."""
        place = step * ranks + rank
        epoch, index = divmod(place, self.per_epoch)
        if self._plan[0] != epoch:
            self._plan = (epoch, self._epoch(epoch))
        bucket, rows = self._plan[1][index]
        rng = np.random.default_rng([self.seed, place])
        width, height = self.config.sizes[bucket]
        samples = [self._sample(int(row), (width, height), rng) for row in rows]
        source, edited, change, hint = (torch.from_numpy(np.stack([s[k] for s in samples])) for k in range(4))
        nobody_knows = stacked_plans([no_plan(height, width)] * len(samples))
        return Batch(
            source,
            edited,
            change,
            hint,
            tuple(s.instruction for s in samples),
            torch.from_numpy(self.weights[rows]),
            tuple(s.name for s in samples),
            source_plan=nobody_knows,
            plan=nobody_knows,
        )

    def _epoch(self, epoch: int) -> list[tuple[int, NDArray[np.int64]]]:
        """(bucket, rows) of each batch in order: pool after pool, shuffled within."""
        rng = np.random.default_rng([self.seed, epoch])
        pool = rng.permutation(len(self.groups)) // self.pool
        batches: list[tuple[int, float, int, NDArray[np.int64]]] = []
        for bucket, rows in enumerate(self.buckets):
            shuffled = rng.permutation(rows)
            ordered = shuffled[np.argsort(pool[self.rows[shuffled, 0]], kind="stable")]
            for start in range(0, len(ordered) - self.size + 1, self.size):
                chosen = ordered[start : start + self.size]
                batches.append((int(pool[self.rows[chosen[0], 0]]), float(rng.random()), bucket, chosen))
        return [(bucket, rows) for _, _, bucket, rows in sorted(batches, key=lambda b: b[:2])]

    def _sample(self, row: int, size: tuple[int, int], rng: np.random.Generator) -> _Sample:
        group, index = self.rows[row]
        file, number = self.groups[group]
        found = self._group(file, number).slice(int(index), 1).to_pylist()[0]
        name = f"{Path(file).name}#{found['omni_edit_id']}"
        words = _said(found[WORDS])
        instruction = words[int(rng.integers(len(words)))]
        source, edited = (_picture(found[column], size, name, column) for column in ("src_img", "edited_img"))
        mask = None
        if found.get(MASK) is not None:
            mask = _picture(found[MASK], size, name, MASK).max(-1) >= 128
        if mask is None or not mask.any() or mask.mean() > WHOLE:  # none, cut away with the sides, or no hint
            change = _differs(source, edited, NOTICED)
            return _Sample(source, edited, change, np.zeros_like(change), instruction, name)
        change = _differs(source, edited, NOTICED_INSIDE) & mask
        hint = painted(rng, mask, close=str(found.get("task", "")).startswith("background"))
        return _Sample(source, edited, change, hint, instruction, name)

    def _group(self, file: str, number: int) -> Any:
        """The row group with its pictures, as an arrow table; those of this pool and the one before are kept."""
        key = (file, number)
        if key not in self._read_groups:
            self._read_groups[key] = _read(file, number, LARGE)
        self._read_groups.move_to_end(key)
        while len(self._read_groups) > 2 * self.pool:
            self._read_groups.popitem(last=False)
        return self._read_groups[key]


def _said(words: list[str | None] | None) -> list[str]:
    """The instructions of a row that say something."""
    return [text for text in words or () if text and text.strip()]


def _differs(source: Bytes, edited: Bytes, levels: int) -> Bools:
    changed = np.abs(source.astype(np.int16) - edited).max(-1) > levels
    return cv2.dilate(changed.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)


def _files(folder: str) -> list[str]:
    files = sorted(str(path) for path in Path(folder).glob("*.parquet"))
    if not files:
        raise BadInput(f"There are no .parquet files in {folder}; data.path must name a folder with some.")
    for file in files:
        schema = _reader(file).schema_arrow
        there = set(schema.names)
        missing = [c for c in COLUMNS if c not in there]
        if missing:
            raise BadInput(f"{Path(file).name} lacks the column {missing[0]!r}; wanted: {', '.join(COLUMNS)}.")
        lists = schema.field(WORDS).type
        if "string" not in str(getattr(lists, "value_type", "")):
            raise BadInput(f"The column {WORDS!r} of {Path(file).name} holds {lists}; it must hold lists of strings.")
        for column in NUMBERS:
            kind = str(schema.field(column).type) if column in there else "double"
            if not kind.startswith(("int", "uint", "float", "double", "halffloat")):
                raise BadInput(f"The column {column!r} of {Path(file).name} holds {kind}; it must hold numbers.")
    return files


def _facts(file: str) -> Iterator[tuple[int, Iterator[tuple[Any, ...]]]]:
    """Of each row group its number and its rows' words, width, height, score and weight (1 where none is given)."""
    for number in range(_reader(file).metadata.num_row_groups):
        table = _read(file, number, SMALL).to_pydict()
        table.setdefault(WEIGHT, [1.0] * len(table["width"]))
        yield number, zip(*(table[column] for column in SMALL), strict=True)


def _reader(file: str) -> Any:
    pa, pq = arrow()
    try:
        return pq.ParquetFile(file)
    except (OSError, pa.ArrowInvalid) as error:
        raise _damaged(file, error) from None


def _read(file: str, number: int, columns: tuple[str, ...]) -> Any:
    """Of a row group those of `columns` that there are, as an arrow table."""
    reader = _reader(file)
    there = [column for column in columns if column in reader.schema_arrow.names]
    try:
        return reader.read_row_group(number, columns=there)
    except (OSError, ValueError) as error:
        raise _damaged(file, error) from None


def _damaged(file: str, error: Exception) -> BadInput:
    return BadInput(f"{file} is no readable parquet file ({str(error).splitlines()[0]}); fetch or make it again.")


def _picture(cell: Any, size: tuple[int, int], name: str, column: str) -> Bytes:
    """uint8 (H, W, 3) of a cell {"bytes", "path"} as `datasets` writes it; masks are cut and scaled like pictures."""
    data = cell.get("bytes") if isinstance(cell, dict) else None
    if not data:
        raise BadInput(f"The sample {name} has no picture in {column}; make or fetch its file again.")
    try:
        picture = open_picture(data).rgb
    except BadInput as error:
        raise BadInput(f"The sample {name} cannot be used: {error}") from None
    return np.asarray(ImageOps.fit(picture, size, Image.Resampling.LANCZOS))
