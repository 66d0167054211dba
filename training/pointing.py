"""The lesson of omniedit-mini's pointer: which patches show the thing that a sentence speaks of.

Binding words to things is what a network learns last from edited pictures: it waits for a chance meeting of a word's
vector with a thing's. The world knows what each sentence means, so the pointer and the stem under it first learn to
answer from scenes and sentences alone, without an edit. Only training scenes and phrasings are shown.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from omniedit.editnet.model import EditNetTransformer2DModel
from omniedit.editnet.text import Encoder, encode_small
from omniedit.types import Task
from training.batches import made_ahead, to_model
from training.teaching import Pages, Teacher
from training.world.generate import plan_pair
from training.world.render import render
from training.world.wording import say

__all__ = ["teach_pointing"]

BATCH, SIDE = 64, 128
SUBJECT = 15
TASKS = (Task.REMOVAL, Task.SWAP, Task.ATTRIBUTE)  # whose sentences speak of a thing that is there

Question = tuple[Tensor, list[str], Tensor]


def teach_pointing(
    network: EditNetTransformer2DModel, encoder: Encoder, scenes: int, seed: int, workers: int = 1
) -> float:
    """Train stem and pointer in place; how often the best patch shows what is meant, at the end."""
    stem, pointer = network.stem, network.pointer
    assert stem is not None and pointer is not None
    patch, device = network.config.patch_size, torch.device("cpu")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        finder = nn.Linear(pointer.heads, 1)
    steps = scenes // BATCH
    parameters = (*stem.parameters(), *pointer.query.parameters(), *pointer.key.parameters(), *finder.parameters())
    teacher = Teacher(parameters, steps, 1e-3, 0.02, warm=100, cool=2, says="{:.1%} pointed at rightly")
    stem.train()
    for pictures, sentences, meant in made_ahead(Pages(_questions, seed, SUBJECT), range(steps), workers):
        share = functional.avg_pool2d(meant[:, None].float(), patch).flatten(1)  # (B, N)
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                pooled = encode_small(encoder, sentences, device).pooled
            _, match = pointer(stem(to_model(pictures)), pooled)
            answer = finder(match).float().squeeze(-1)
        wrong = functional.binary_cross_entropy_with_logits(answer, share, reduction="none")
        area = share.mean(1, keepdim=True).clamp(1e-3, 1 - 1e-3)
        loss = (wrong * (share / area + (1 - share) / (1 - area))).mean()
        hit = share.gather(1, answer.detach().argmax(1, keepdim=True)) > 0  # the pointing game of Zhang et al. 2016
        teacher.teach(loss, float(hit.float().mean()))
    stem.eval()
    return teacher.result()


def _questions(rng: np.random.Generator) -> Question:
    """Pictures uint8 (B, H, W, 3), sentences, and what each means, bool (B, H, W)."""
    rows = [_question(rng) for _ in range(BATCH)]
    pictures, sentences, meant = zip(*rows, strict=True)
    return torch.from_numpy(np.stack(pictures)), list(sentences), torch.from_numpy(np.stack(meant))


def _question(rng: np.random.Generator) -> tuple[np.ndarray, str, np.ndarray]:
    while True:
        scene, edit = plan_pair(rng, TASKS[int(rng.integers(len(TASKS)))], (SIDE, SIDE), "train")
        painted = render(scene)
        meant = np.isin(painted.owners, [*edit.removed, *(thing.uid for thing in edit.put)])
        if meant.any():
            return painted.rgb, say(edit.meaning, rng, "train"), meant
