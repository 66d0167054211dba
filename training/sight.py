"""The first lesson of omniedit-mini's source stem: to name what it sees.

Editing alone teaches recognition slowly: after 50,000 pairs the network named one object in seven. The world knows
what each pixel of a scene shows, so the stem first learns to name the object and its colour in every patch, from
scenes alone. Only training scenes are shown.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from omniedit.editnet.stem import SourceStem
from training.batches import made_ahead, shares_shown
from training.world.generate import make_scene, names_shown
from training.world.render import render
from training.world.scene import Scene
from training.world.vocabulary import COLOURS, OBJECTS

__all__ = ["teach_names"]

BATCH, RATE, SIDE = 64, 1.5e-3, 128
SHOW = 100  # steps between two lines of progress
SizedScene = tuple[Tensor, Tensor]


def teach_names(stem: SourceStem, patch: int, scenes: int, seed: int, workers: int = 1) -> float:
    """Train `stem` in place on so many scenes; the share of object patches that it names rightly at the end."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        width = stem.out.in_features
        readers = nn.ModuleList(nn.Linear(width, 1 + len(table)) for table in (OBJECTS, COLOURS))
    parameters = [*stem.parameters(), *readers.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=RATE, betas=(0.9, 0.98), weight_decay=0.02)
    steps, right = scenes // BATCH, []
    stem.train()
    for step, (pictures, shown) in zip(range(steps), made_ahead(_Scenes(seed), range(steps), workers), strict=False):
        left = 1 - step / steps
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 100, 2 * left)
        with torch.autocast("cpu", torch.bfloat16):
            features = stem.features(pictures.permute(0, 3, 1, 2).float() / 127.5 - 1)
            answers = [reader(features).float().log_softmax(-1) for reader in readers]
        shares = [shares_shown(shown[:, k], patch, answers[k].shape[-1]) for k in range(2)]
        loss = torch.stack([-(s * a).sum(-1).mean() for s, a in zip(shares, answers, strict=True)]).sum()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        there = shares[0][..., 0] < 0.5
        hit = answers[0][..., 1:].argmax(-1) == shares[0][..., 1:].argmax(-1)
        right.append(float(hit[there].float().mean()))
        if (step + 1) % SHOW == 0:
            named = float(np.mean(right[-SHOW:]))
            print(f"sight: step {step + 1} of {steps}, {named:.1%} of object patches named", flush=True)
    stem.eval()
    return float(np.mean(right[-max(1, steps // 20) :]))


class _Scenes(Dataset[SizedScene]):
    """Batch by number: pictures uint8 (B, H, W, 3) and what they show, uint8 (B, 2, H, W): object, colour."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __getitem__(self, step: int) -> SizedScene:
        rng = np.random.default_rng([self.seed, 13, step])
        scenes = [make_scene(rng, (SIDE, SIDE), "train") for _ in range(BATCH)]
        painted = [render(scene) for scene in scenes]
        shown = [(names_shown(s, p), _colours_shown(s, p.owners)) for s, p in zip(scenes, painted, strict=True)]
        return torch.from_numpy(np.stack([p.rgb for p in painted])), torch.from_numpy(np.stack(shown))


def _colours_shown(scene: Scene, owners: np.ndarray) -> np.ndarray:
    places = {name: i for i, name in enumerate(COLOURS, start=1)}
    table = np.zeros(1 + max((t.uid for t in scene.things), default=0), np.uint8)
    for thing in scene.things:
        table[thing.uid] = places[thing.colour] if thing.colour is not None else 0
    return table[owners]
