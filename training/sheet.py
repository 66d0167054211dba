"""Sample sheets: source, edited and target side by side, because the loss does not show what pictures show."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from omniedit.editnet.pipeline import EditNetPipeline, EditNetPipelineOutput
from training.batches import BatchMaker

__all__ = ["write_sheet"]

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
    height, width = batch.source.shape[1:3]
    sheet = Image.new("RGB", (COLUMNS * (3 * width + 8), -(-count // COLUMNS) * (height + 26)), "white")
    draw = ImageDraw.Draw(sheet)
    for i in range(count):
        x, y = i % COLUMNS * (3 * width + 8), i // COLUMNS * (height + 26)
        shown = (batch.source[i].numpy(), (out.images[i] * 255).round().astype(np.uint8), batch.edited[i].numpy())
        for k, picture in enumerate(shown):
            sheet.paste(Image.fromarray(picture), (x + k * width, y))
        draw.text((x + 2, y + height + 1), "\n".join(textwrap.wrap(batch.instructions[i], 3 * width // 7)[:2]), "black")
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
