"""The lesson of omniedit-mini's spelling: from a sentence to the code of what it wants drawn.

The hand draws well from the right code (see `drawing`), and a network finds early which part of a new thing belongs in
which patch; but which thing it is, and in which colour, it picks up slowly, one pair at a time. Sentences alone can
teach that, thousands a second: the words' share of a code is the same wherever the thing stands. Only training
phrasings are said.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from omniedit.editnet.hand import Hand
from omniedit.editnet.text import Encoder, encode_small
from omniedit.types import Task
from training.batches import made_ahead
from training.drawing import Dictation
from training.teaching import Pages, Teacher
from training.world.edits import apply
from training.world.generate import drawn_anew, plan_pair
from training.world.plans import CENTRE, NAMES, SIZE, plan_of
from training.world.scene import SIZES
from training.world.wording import say

__all__ = ["teach_spelling"]

BATCH = 128
SUBJECT = 17
PLACES = 8  # patches of each thing whose codes are asked for
TASKS = (Task.ADDITION, Task.SWAP, Task.BACKGROUND)  # whose sentences name what is to be drawn

Words = tuple[list[str], Tensor]


def teach_spelling(
    hand: Hand, dictation: Dictation, encoder: Encoder, sentences: int, seed: int, workers: int = 2
) -> float:
    """Train `hand.spell` in place; how often the drawing whose code is nearest is the one asked for, at the end."""
    steps, device = sentences // BATCH, torch.device("cpu")
    generator = torch.Generator().manual_seed(seed)
    parameters = hand.spell.parameters()
    teacher = Teacher(parameters, steps, 2e-3, 0.01, warm=100, cool=2, says="{:.1%} of the drawings named rightly")
    for texts, facts in made_ahead(Pages(_sentences, seed, SUBJECT), range(steps), workers):
        within = torch.rand(len(texts), PLACES, 2, generator=generator) - 0.5
        with torch.no_grad():
            pooled = encode_small(encoder, texts, device).pooled
            centre = facts[:, None, CENTRE] + within * facts[:, None, SIZE]
            codes = dictation.codes(facts[:, None].expand(-1, PLACES, -1), centre)
        spelled = hand.spell(pooled)[:, None]
        teacher.teach((spelled - codes).square().mean(), _named(dictation, spelled.detach(), facts))
    return teacher.result()


def _named(dictation: Dictation, spelled: Tensor, facts: Tensor) -> float:
    """The share of sentences whose own drawing has the nearest code of all, seen in the middle."""
    every = facts[:, None].repeat(1, len(NAMES), 1)
    every[..., 0] = torch.arange(len(NAMES))
    with torch.no_grad():
        nearest = (dictation.codes(every, every[..., CENTRE]) - spelled).square().mean(-1).argmin(1)
    return float((nearest == facts[:, 0]).float().mean())


def _sentences(rng: np.random.Generator) -> Words:
    """Sentences, and of what each wants drawn a row of its plan, (B, FIELDS)."""
    texts, facts = zip(*(_sentence(rng) for _ in range(BATCH)), strict=True)
    return list(texts), torch.from_numpy(np.stack(facts))


def _sentence(rng: np.random.Generator) -> tuple[str, np.ndarray]:
    while True:
        size = SIZES[int(rng.integers(len(SIZES)))]
        scene, edit = plan_pair(rng, TASKS[int(rng.integers(len(TASKS)))], size, "train")
        things = drawn_anew(scene, edit)
        if len(things) + (edit.background is not None) == 1:
            table, _ = plan_of(apply(scene, edit), np.zeros((1, 1), np.int16), things, edit.background)
            return say(edit.meaning, rng, "train"), table[1 if things else -1]
