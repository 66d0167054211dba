"""Pairs as files: pictures, masks, one JSON line each, and a contact sheet to look at."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from omniedit.errors import BadInput
from omniedit.folders import check_folder, put_folder
from omniedit.types import Task
from training.world.generate import WorldPair, make_pair
from training.world.scene import SIZES

__all__ = ["contact_sheet", "write_world"]

PER_ROW = 4
SHEET_SIDE = 144


def write_world(output: Path, count: int, seed: int) -> str:
    """Write `count` pairs (tasks in turn, ratios in turn) and sheet.png into `output`; a sentence that says so."""
    if seed < 0:
        raise BadInput(f"--seed is {seed}; give 0 or more.")
    check_folder(output)
    put_folder(output, lambda folder: _fill(folder, count, seed))
    return f"{count} pairs and sheet.png are in {output}."


def _fill(folder: Path, count: int, seed: int) -> None:
    tasks = list(Task)
    shown: list[WorldPair] = []
    with (folder / "pairs.jsonl").open("w") as lines:
        for i in range(count):
            pair = make_pair(seed * 1_000_000 + i, tasks[i % 7], SIZES[(i // 7) % 7], "train")
            names = {kind: f"{i:06d}-{kind}.png" for kind in ("source", "edited", "mask")}
            Image.fromarray(pair.source).save(folder / names["source"])
            Image.fromarray(pair.edited).save(folder / names["edited"])
            Image.fromarray(pair.mask.astype(np.uint8) * 255).save(folder / names["mask"])
            words = {"instruction": pair.instruction, "inverse_instruction": pair.inverse_instruction}
            lines.write(json.dumps({"task": pair.task, **words, **names}) + "\n")
            if len(shown) < 7 * PER_ROW * 2:
                shown.append(pair)
    contact_sheet(shown).save(folder / "sheet.png")


def contact_sheet(pairs: list[WorldPair]) -> Image.Image:
    """Source, edited and mask of each pair in a grid, with its words below."""
    cell_width, cell_height = 3 * SHEET_SIDE + 8, SHEET_SIDE + 30
    sheet = Image.new("RGB", (PER_ROW * cell_width, -(-len(pairs) // PER_ROW) * cell_height), "white")
    draw = ImageDraw.Draw(sheet)
    for i, pair in enumerate(pairs):
        x, y = i % PER_ROW * cell_width, i // PER_ROW * cell_height
        for k, picture in enumerate((pair.source, pair.edited, pair.mask.astype(np.uint8) * 255)):
            shown = Image.fromarray(picture).convert("RGB")
            shown.thumbnail((SHEET_SIDE, SHEET_SIDE))
            sheet.paste(shown, (x + k * SHEET_SIDE, y))
        draw.text((x + 2, y + SHEET_SIDE + 2), "\n".join(textwrap.wrap(pair.instruction, 66)[:2]), "black")
    return sheet
