"""Sample sheets: source, edited and target side by side, because the loss does not show what pictures show."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from omniedit.editnet.pipeline import EditNetPipeline, EditNetPipelineOutput
from training.batches import BatchMaker

__all__ = ["Shown", "sheet_of", "write_sheet"]

Shown = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8], str]

SHEET_STEP = 1_000_000_000  # a batch that no run reaches
COLUMNS = 4


def write_sheet(pipeline: EditNetPipeline, maker: BatchMaker, path: Path, count: int = 16, steps: int = 8) -> None:
    """Edit `count` pairs (without a mask) and write them as rows of three pictures.

    Of the world they are pairs that training never sees; of parquet files, pairs of the files.
    """
    batch = maker.batch(SHEET_STEP, 0, 1)
    count = min(count, len(batch.names))
    source = batch.source[:count].permute(0, 3, 1, 2).float() / 127.5 - 1
    generators = [torch.Generator().manual_seed(i) for i in range(count)]
    out = pipeline(
        source, batch.instructions[:count], num_inference_steps=steps, generator=generators, output_type="np"
    )
    assert isinstance(out, EditNetPipelineOutput)
    edited = (out.images * 255).round().astype(np.uint8)
    rows = [(batch.source[i].numpy(), edited[i], batch.edited[i].numpy(), batch.instructions[i]) for i in range(count)]
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet_of(rows).save(path)


def sheet_of(rows: Sequence[Shown], columns: int = COLUMNS) -> Image.Image:
    """Source, edited and target, uint8 (H, W, 3) of one size in each row, with the words below them."""
    height, width = (max(row[0].shape[axis] for row in rows) for axis in (0, 1))
    wide, high = 3 * width + 8, height + 26
    sheet = Image.new("RGB", (columns * wide, -(-len(rows) // columns) * high), "white")
    draw = ImageDraw.Draw(sheet)
    for i, (*pictures, words) in enumerate(rows):
        x, y = i % columns * wide, i // columns * high
        for k, picture in enumerate(pictures):
            sheet.paste(Image.fromarray(picture), (x + k * picture.shape[1], y))
        draw.text((x + 2, y + height + 1), "\n".join(textwrap.wrap(words, 3 * width // 7)[:2]), "black")
    return sheet
