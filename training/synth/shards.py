"""Shards: the jobs of a run in groups, each group a parquet file with OmniEdit's public columns and our own.

A shard depends on the recipe and its number alone. It is written beside its place and renamed, so a shard that is there
is whole, and a run that was killed goes on with those that are missing.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from omniedit.columns import arrow, cell, schema, score_columns
from omniedit.errors import BadInput
from omniedit.folders import whole_file
from training.synth.make import Pair, Recipe, make_pair_of

__all__ = ["JOBS", "Facts", "Shard", "facts_of", "make_shard", "put_shard", "shard_name"]

JOBS = 70  # in a shard: ten of each task
FACTS = b"omniedit"  # the key of a shard's facts in its parquet metadata


@dataclass(frozen=True)
class Facts:
    """What became of a shard's jobs: how many were tried and kept of each task, and why the others were not."""

    tried: Mapping[str, int]
    kept: Mapping[str, int]
    refused: Mapping[str, int]


@dataclass(frozen=True)
class Shard:
    """A finished shard, ready to be written."""

    number: int
    data: bytes
    facts: Facts


def shard_name(number: int) -> str:
    """The file of a shard."""
    return f"shard-{number:06d}.parquet"


def make_shard(recipe: Recipe, number: int) -> Shard:
    """Run the shard's jobs and keep the pairs whose weight is not 0 (equation 6)."""
    tried: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    rows: list[dict[str, Any]] = []
    for job in range(number * JOBS, (number + 1) * JOBS):
        task = recipe.tasks[job % len(recipe.tasks)]
        tried[task] += 1
        pair = make_pair_of(recipe, job)
        if isinstance(pair, str):
            refused[f"{task}: {pair}"] += 1
        elif not pair.score.weight():
            refused[f"{task}: scored below 9"] += 1
        else:
            kept[task] += 1
            rows.append(_row(pair))
    facts = Facts(dict(tried), dict(kept), dict(refused))
    return Shard(number, _parquet(rows, facts), facts)


def put_shard(shard: Shard, folder: Path) -> None:
    """Write the shard into `folder`, whole or not at all."""
    with whole_file(folder / shard_name(shard.number)) as file:
        file.write(shard.data)


def facts_of(file: Path) -> Facts:
    """The facts of a shard on disk; BadInput where it is no shard of ours or damaged."""
    pa, pq = arrow()
    try:
        metadata = pq.read_schema(file).metadata or {}
        return Facts(**json.loads(metadata[FACTS]))
    except (OSError, pa.ArrowInvalid, KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{file.name} is damaged or no shard of this program; delete it and run again.") from error


def _row(pair: Pair) -> dict[str, Any]:
    mask = None if pair.mask is None else Image.fromarray(pair.mask.astype(np.uint8) * 255)
    return {
        "omni_edit_id": pair.name,
        "task": pair.task.value,
        "src_img": _png(Image.fromarray(pair.source)),
        "edited_img": _png(Image.fromarray(pair.edited)),
        "edited_prompt_list": [pair.instruction],
        "width": pair.source.shape[1],
        "height": pair.source.shape[0],
        **score_columns(pair.score, pair.score.weight()),
        "mask_img": None if mask is None else _png(mask),
        "seed": pair.seed,
        "specialist": pair.specialist,
        "plan": pair.plan,
    }


def _png(picture: Image.Image) -> dict[str, Any]:
    data = io.BytesIO()
    picture.save(data, "PNG")
    return cell(data.getvalue())


def _parquet(rows: list[dict[str, Any]], facts: Facts) -> bytes:
    pa, pq = arrow()
    columns = schema({"plan": "text"}, {FACTS: json.dumps(asdict(facts), sort_keys=True).encode()})
    data = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=columns), data, row_group_size=64, compression="zstd")
    return data.getvalue()
