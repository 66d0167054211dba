"""The lesson of omniedit-mini's hand: to draw, patch by patch, what a code asks for.

Editing teaches drawing slowly: the network names a new object rightly long before it paints more than a blur. So its
last layers (from the last token to pixels) first learn to draw alone: a code that adds up which drawing, which colour
and where in it the patch lies becomes the patch's pixels over any ground. Later the network learns to find that code,
and is told it where the world knows it. Only training scenes are shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from einops import repeat
from torch import Tensor, nn
from torch.nn import functional

from omniedit.editnet.model import EditNetTransformer2DModel
from training.batches import made_ahead, shares_shown, to_model
from training.teaching import Pages, Teacher
from training.world.generate import make_scene
from training.world.heldout import HELD_BACKGROUNDS
from training.world.plans import ANGLE, CENTRE, FIELDS, LOOK, ROWS, SIZE, TABLES, plan_of
from training.world.render import render
from training.world.scene import SIZES, Scene
from training.world.vocabulary import BACKGROUNDS

__all__ = ["Dictation", "teach_drawing"]

BATCH = 32
SUBJECT = 14
BACKGROUND_SHARE = 0.25  # of the scenes: the background is drawn, not the things
CHANGED = 8  # levels by which a pixel differs where something was drawn
INSIDE = 8.0  # how much more a drawn pixel counts than one that stays
GATE = 0.1  # weight of opening the gate where something is drawn
SEEN = 0.03  # share of a patch that must show a thing for its code to be the patch's
WAVES = (1, 2, 4)


class Dictation(nn.Module):
    """From a plan (see `training.world.plans`) to a code for each patch, normed as the hand's input is.

    A sum of words and geometry, so that each part of the meaning has its own direction.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(size, dim) for size in TABLES)
        figures = 4 * len(WAVES) + 2 + 2 + 2 + FIELDS - LOOK.start  # as _geometry puts them together
        self.place = nn.Sequential(nn.Linear(figures, 256), nn.GELU(), nn.Linear(256, dim))

    def forward(self, table: Tensor, shown: Tensor, patch: int) -> tuple[Tensor, Tensor]:
        """`table`: (B, ROWS, FIELDS); `shown`: (B, H, W). Codes (B, N, D) and the row that each is of (B, N)."""
        shares = shares_shown(shown, patch, ROWS)
        most, row = shares[..., 1:].max(-1)
        row = torch.where(most >= SEEN, row + 1, 0)  # (B, N)
        facts = table.gather(1, row[..., None].expand(-1, -1, FIELDS))  # (B, N, FIELDS)
        number, wide = torch.arange(row.shape[1], device=row.device), shown.shape[-1] // patch
        return self.codes(facts, torch.stack([number % wide, number // wide], -1) * patch + patch / 2), row

    def codes(self, facts: Tensor, centre: Tensor) -> Tensor:
        """(B, N, D), from rows of a plan, `facts` (B, N, FIELDS), and patches' x and y in pixels, `centre` (N, 2)."""
        code = self.place(_geometry(facts, centre))
        for i, words in enumerate(self.tables):
            code = code + words(facts[..., i].long())
        return functional.layer_norm(code, code.shape[-1:])


def _geometry(facts: Tensor, centre: Tensor) -> Tensor:
    """(B, N, figures): waves of where the patch lies in what it shows, and how that is placed."""
    size = facts[..., SIZE].clamp_min(1)
    within = (centre - facts[..., CENTRE]) / size
    waves = [f(math.pi * k * within) for k in WAVES for f in (torch.sin, torch.cos)]
    turn = facts[..., ANGLE].deg2rad()
    return torch.cat([*waves, within, (size / 128).log(), turn.sin(), turn.cos(), facts[..., LOOK]], -1)


@dataclass(frozen=True)
class _Page:
    """Pictures uint8 (B, H, W, 3), and the plan of what is drawn: (B, ROWS, FIELDS), (B, H, W)."""

    source: Tensor
    edited: Tensor
    table: Tensor
    shown: Tensor


def teach_drawing(
    network: EditNetTransformer2DModel, dictation: Dictation, scenes: int, seed: int, workers: int = 2
) -> float:
    """Train hand, `proj_out` and `dictation` in place; the median error left at the end (1 nothing, 0 perfect)."""
    assert network.hand is not None
    patch = network.config.patch_size
    steps = scenes // BATCH
    parameters = (*network.hand.parameters(), *network.proj_out.parameters(), *dictation.parameters())
    teacher = Teacher(parameters, steps, 2e-3, 0.01, warm=100, cool=2, says="{:.2f} of the error left")
    for page in made_ahead(Pages(_page, seed, SUBJECT), range(steps), workers):
        source, edited = map(to_model, (page.source, page.edited))
        with torch.autocast("cpu", torch.bfloat16):
            code, row = dictation(page.table, page.shown, patch)
            drawn, gate = network.pixels(code, source)
        assert gate is not None
        change = ((page.source.int() - page.edited.int()).abs().amax(-1) > CHANGED)[:, None].float()
        counted = _answerable(row, page.shown, change, patch)
        wrong = (drawn.float() - edited).square()
        opened = functional.binary_cross_entropy_with_logits(gate.float(), change, reduction="none")
        loss = ((wrong + GATE * opened) * counted * (1 + INSIDE * change)).mean()
        before, after = (
            (error * counted * change).sum((1, 2, 3)) for error in ((source - edited).square(), wrong.detach())
        )
        teacher.teach(loss, float((after / before.clamp_min(1e-3)).sqrt().median()))
    return teacher.result()


def _answerable(row: Tensor, shown: Tensor, change: Tensor, patch: int) -> Tensor:
    """(B, 1, H, W): pixels that a patch's own code can give: those of its thing and ground; not another thing's."""
    high, wide = (side // patch for side in shown.shape[-2:])
    own = repeat(row, "b (h w) -> b (h p) (w q)", h=high, w=wide, p=patch, q=patch)
    told = (own > 0) & ((shown == own) | (shown == 0))
    still = functional.max_pool2d(change, patch) == 0  # a patch without a code and without a change
    untold = (own == 0)[:, None] & repeat(still, "b c h w -> b c (h p) (w q)", p=patch, q=patch)
    return (told[:, None] | untold).float()


def _page(rng: np.random.Generator) -> _Page:
    """All of a page's scenes have one size."""
    size = SIZES[int(rng.integers(len(SIZES)))]
    rows = [_lesson(rng, make_scene(rng, size, "train")) for _ in range(BATCH)]
    return _Page(*(torch.from_numpy(np.stack(part)) for part in zip(*rows, strict=True)))


def _lesson(rng: np.random.Generator, scene: Scene) -> tuple[np.ndarray, ...]:
    """Source, edited, table and map: the things come onto an empty scene, or its background becomes another."""
    empty = render(replace(scene, things=()))
    if rng.random() < BACKGROUND_SHARE:
        name = str(rng.choice([b for b in BACKGROUNDS if b not in HELD_BACKGROUNDS]))
        other = render(replace(scene, things=(), background=name, background_seed=0))
        return empty.rgb, other.rgb, *plan_of(scene, empty.owners, (), name)
    full = render(scene)
    return empty.rgb, full.rgb, *plan_of(scene, full.owners, scene.things, None)
