"""The first lesson of omniedit-mini's source stem: to name what it sees.

Editing alone teaches recognition slowly. The world knows what each pixel of a scene shows, so the stem first learns to
name the object and its colour in every patch, from scenes alone. Only training scenes are shown.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from omniedit.editnet.stem import SourceStem
from training.batches import made_ahead, shares_shown, to_model
from training.teaching import Pages, Teacher
from training.world.generate import make_scene
from training.world.render import render
from training.world.scene import Scene
from training.world.vocabulary import COLOURS, OBJECTS

__all__ = ["teach_names"]

BATCH, SIDE = 64, 128
SUBJECT = 13
_OBJECT, _COLOUR = ({name: i for i, name in enumerate(words, start=1)} for words in (OBJECTS, COLOURS))

SizedScene = tuple[Tensor, Tensor]


def teach_names(stem: SourceStem, patch: int, scenes: int, seed: int, workers: int = 1) -> float:
    """Train `stem` in place on so many scenes; the share of object patches that it names rightly at the end."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        width = stem.out.in_features
        readers = nn.ModuleList(nn.Linear(width, 1 + len(table)) for table in (OBJECTS, COLOURS))
    steps = scenes // BATCH
    parameters = (*stem.parameters(), *readers.parameters())
    teacher = Teacher(parameters, steps, 1.5e-3, 0.02, warm=100, cool=2, says="{:.1%} of object patches named")
    stem.train()
    for pictures, shown in made_ahead(Pages(_scenes, seed, SUBJECT), range(steps), workers):
        with torch.autocast("cpu", torch.bfloat16):
            features = stem.features(to_model(pictures))
            answers = [reader(features).float().log_softmax(-1) for reader in readers]
        shares = [shares_shown(shown[:, k], patch, answers[k].shape[-1]) for k in range(2)]
        loss = torch.stack([-(s * a).sum(-1).mean() for s, a in zip(shares, answers, strict=True)]).sum()
        there = shares[0][..., 0] < 0.5
        hit = answers[0][..., 1:].argmax(-1) == shares[0][..., 1:].argmax(-1)
        teacher.teach(loss, float(hit[there].float().mean()))
    stem.eval()
    return teacher.result()


def _scenes(rng: np.random.Generator) -> SizedScene:
    """Pictures uint8 (B, H, W, 3) and what they show, uint8 (B, 2, H, W): object, colour."""
    scenes = [make_scene(rng, (SIDE, SIDE), "train") for _ in range(BATCH)]
    painted = [render(scene) for scene in scenes]
    shown = [_shown(s, p.owners) for s, p in zip(scenes, painted, strict=True)]
    return torch.from_numpy(np.stack([p.rgb for p in painted])), torch.from_numpy(np.stack(shown))


def _shown(scene: Scene, owners: NDArray[np.int16]) -> NDArray[np.uint8]:
    """(2, H, W): which object and which colour a pixel shows, 0 none, else 1 + its place in OBJECTS or COLOURS."""
    table = np.zeros((2, 1 + max((t.uid for t in scene.things), default=0)), np.uint8)
    for thing in scene.things:
        table[:, thing.uid] = _OBJECT[thing.name], 0 if thing.colour is None else _COLOUR[thing.colour]
    return table[:, owners]
