"""The lesson of omniedit-mini's look: what a picture is like in another style, a thing in another colour or material.

A network of patches learns such edits slowly, since every patch has to find the same rule anew. The look has one rule
for all places. It answers for the whole picture; where a thing begins and ends, the gate learns later. Only training
scenes and phrasings are shown.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from omniedit.editnet.look import BLOCK, CELL, Look
from omniedit.editnet.text import Encoder, encode_small
from omniedit.types import Task
from training.batches import made_ahead, to_model
from training.teaching import Pages, Teacher
from training.world.generate import make_pair, pick

__all__ = ["teach_looks"]

BATCH, SIDE, CROP = 32, 128, 64
SUBJECT = 16
KINDS = ("style", "colour", "lighter", "darker", "material")  # of edits that a look can make
SHARES = {Task.STYLE: 0.45, Task.ATTRIBUTE: 0.4}  # the rest is for sentences that ask for no look
SILENT = 0.03  # of the sentences are empty
FEW = 1e-3  # mean squared change from which a pair is scored
LEAST = 1e-2  # the same that a pair's error is at least measured against

Study = tuple[Tensor, Tensor, Tensor, list[str]]


def teach_looks(look: Look, encoder: Encoder, pairs: int, seed: int, workers: int = 2) -> float:
    """Train `look` in place; the median share of the error left at the end (1 nothing done, 0 perfect)."""
    steps, device = pairs // BATCH, torch.device("cpu")
    teacher = Teacher(look.parameters(), steps, 2e-3, 0.01, warm=100, cool=2, says="{:.2f} of the error left")
    look.train()
    for source, edited, counted, sentences in made_ahead(Pages(_studies, seed, SUBJECT), range(steps), workers):
        before, after, where = to_model(source), to_model(edited), counted[:, None].float()
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                pooled = encode_small(encoder, sentences, device).pooled
            shown = look(before, pooled).float()
        area = where.mean((1, 2, 3)).clamp_min(1e-3)
        wrong, change = (((p - after).square() * where).mean((1, 2, 3)) / area for p in (shown, before))
        asked = change > FEW
        teacher.teach((wrong / change.clamp_min(LEAST)).mean(), _median((wrong / change).sqrt()[asked]))
    look.eval()
    return teacher.result()


def _median(values: Tensor) -> float:
    return float(values.detach().median()) if len(values) else 0.0


def _studies(rng: np.random.Generator) -> Study:
    """Source and edited uint8 (B, CROP, CROP, 3), the pixels that count, and sentences."""
    rows = [_study(rng) for _ in range(BATCH)]
    source, edited, counted, sentences = zip(*rows, strict=True)
    pictures, answers, where = (torch.from_numpy(np.stack(part)) for part in (source, edited, counted))
    return pictures, answers, where, list(sentences)


def _study(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    rest = (1 - sum(SHARES.values())) / (len(Task) - len(SHARES))
    task = pick(rng, list(Task), [SHARES.get(t, rest) for t in Task])
    pair = make_pair(int(rng.integers(2**62)), task, (SIDE, SIDE), "train")
    silent = rng.random() < SILENT
    if pair.edit.changes and pair.edit.meaning.kind in KINDS and not silent:
        edited, counted = pair.edited, pair.mask
    else:
        edited, counted = pair.source, np.ones_like(pair.mask)
    crop = _around(rng, counted)
    return pair.source[crop], edited[crop], counted[crop], "" if silent else pair.instruction


def _around(rng: np.random.Generator, counted: np.ndarray) -> tuple[slice, slice]:
    """A square of CROP pixels around a pixel that counts, of whole blocks."""
    places = np.argwhere(counted)
    centre = places[int(rng.integers(len(places)))] if len(places) else (SIDE // 2, SIDE // 2)
    whole = CELL * BLOCK
    top, left = (int(np.clip(c - CROP // 2, 0, SIDE - CROP)) // whole * whole for c in centre)
    return slice(top, top + CROP), slice(left, left + CROP)
