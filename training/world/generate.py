"""Pairs of the world by seed: a scene, an edit of it, both pictures, the words and the masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.types import Task
from training.world.backgrounds import PHOTOS, TEXTURE
from training.world.edits import Edit, apply, colour_for, inverse, propose
from training.world.heldout import HELD_BACKGROUNDS, HELD_DRAWINGS, Split
from training.world.plans import Plan, plan_of
from training.world.render import Rendered, render
from training.world.scene import SIZES, Scene, Thing, overlap
from training.world.sprites import drawings
from training.world.vocabulary import BACKGROUNDS, MATERIALS, OBJECTS
from training.world.wording import say

__all__ = [
    "WorldPair",
    "changed_mask",
    "corpus",
    "drawn_anew",
    "hint_mask",
    "make_pair",
    "make_scene",
    "painted",
    "pick",
    "plan_pair",
]

T = TypeVar("T")

COUNT_SHARES = (0.24, 0.38, 0.25, 0.13)  # of scenes with 1, 2, 3, 4 things
CHANGED = 3  # grey levels from which a pixel counts as changed


@dataclass(frozen=True)
class WorldPair:
    """`source`, `edited`: uint8 (H, W, 3); `mask`: bool (H, W), what may change; `mask_hint`: as a person paints.

    `source_plan`: all things of the source; `plan`: what the edit draws anew, and where (see `plans`).
    """

    source: NDArray[np.uint8]
    edited: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    mask_hint: NDArray[np.bool_] | None
    source_plan: Plan
    plan: Plan
    instruction: str
    inverse_instruction: str | None
    task: Task
    scene: Scene
    edit: Edit


def make_pair(seed: int, task: Task | None, size: tuple[int, int] | None, split: Split) -> WorldPair:
    """The pair of that seed; `task` and `size` (width, height) of None are drawn."""
    rng = np.random.default_rng([seed, 0 if split == "train" else 1])
    scene, edit = plan_pair(rng, task, size, split)
    changed_scene = apply(scene, edit)
    before, after = render(scene), render(changed_scene)
    mask = changed_mask(edit, before, after)
    back = inverse(scene, edit)
    return WorldPair(
        source=before.rgb,
        edited=after.rgb,
        mask=mask,
        mask_hint=hint_mask(rng, edit, mask),
        source_plan=plan_of(scene, before.owners, scene.things, None),
        plan=plan_of(changed_scene, after.owners, drawn_anew(scene, edit), edit.background),
        instruction=say(edit.meaning, rng, split),
        inverse_instruction=None if back is None else say(back.meaning, rng, split),
        task=edit.task,
        scene=scene,
        edit=edit,
    )


def drawn_anew(scene: Scene, edit: Edit) -> list[Thing]:
    """What the edit puts there in a new shape or place. What only changes colour keeps its drawing, known or not."""
    shapes = [replace(t, colour=None, material=None, lightness=0.0) for t in scene.things]
    return [t for t in edit.put if replace(t, colour=None, material=None, lightness=0.0) not in shapes]


def corpus(count: int, seed: int) -> Iterator[str]:
    """`count` training sentences over random scenes' edits; what the tokenizer learns from."""
    rng = np.random.default_rng([seed, 7])
    for _ in range(count):
        _, edit = plan_pair(rng, None, None, "train")
        yield say(edit.meaning, rng, "train")


def plan_pair(
    rng: np.random.Generator, task: Task | None, size: tuple[int, int] | None, split: Split
) -> tuple[Scene, Edit]:
    """A scene and an edit that it allows, before any pixel is painted."""
    task = task or list(Task)[int(rng.integers(len(Task)))]
    size = size or SIZES[int(rng.integers(len(SIZES)))]
    while True:
        scene = make_scene(rng, size, split)
        edit = propose(rng, scene, task, split)
        if edit is not None:
            return scene, edit


def pick(rng: np.random.Generator, options: Sequence[T], weights: Sequence[float]) -> T:
    """One of `options`, as often as its share of `weights`."""
    shares = np.asarray(weights, dtype=float)
    return options[int(rng.choice(len(options), p=shares / shares.sum()))]


def make_scene(rng: np.random.Generator, size: tuple[int, int], split: Split) -> Scene:
    """A scene of 1 to 4 things on a background; in training without anything that is held out."""
    names = [*BACKGROUNDS] * 2 + [f"photo:{p}" for p in PHOTOS] * 3 + [TEXTURE] * 8
    held = [n for n in names if n in HELD_BACKGROUNDS]
    background = str(rng.choice([n for n in names if n not in HELD_BACKGROUNDS]))
    if split == "bench" and rng.random() < 0.3:
        background = str(rng.choice(held))
    light = float(rng.uniform(0.85, 1.0)) if rng.random() < 0.3 else 1.0
    scene = Scene(*size, background=background, background_seed=int(rng.integers(1, 1_000_000)), light=light)
    count = 1 + int(rng.choice(4, p=COUNT_SHARES))
    crowded = rng.random() < 0.15
    for uid in range(1, count + 1):
        for _ in range(12):
            thing = _thing(rng, scene, uid, split)
            if all(overlap(scene, thing, t) <= (0.3 if crowded else 0.08) for t in scene.things):
                scene = replace(scene, things=(*scene.things, thing))
                break
    return scene


def _thing(rng: np.random.Generator, scene: Scene, uid: int, split: Split) -> Thing:
    twin = bool(scene.things) and rng.random() < 0.12
    name = scene.things[0].name if twin else str(rng.choice(list(OBJECTS)))
    known = [d for d in drawings(name) if d not in HELD_DRAWINGS]
    held = [d for d in drawings(name) if d in HELD_DRAWINGS]
    drawing = str(rng.choice(held if split == "bench" and held and rng.random() < 0.6 else known))
    colour = colour_for(rng, name, split) if rng.random() < 0.5 else None
    material = str(rng.choice(list(MATERIALS))) if colour is None and rng.random() < 0.06 else None
    size = float(rng.uniform(0.16, 0.5)) if rng.random() < 0.85 else float(rng.uniform(0.12, 0.6))
    inset_x, inset_y = (0.42 * size * scene.short / side for side in (scene.width, scene.height))
    return Thing(
        uid,
        name,
        drawing,
        colour,
        material,
        size,
        x=float(rng.uniform(inset_x, 1 - inset_x)),
        y=float(rng.uniform(inset_y, 1 - inset_y)),
        angle=float(rng.uniform(-20, 20)) if rng.random() < 0.15 else 0.0,
        mirrored=bool(rng.random() < 0.25),
        shadow=bool(rng.random() < 0.7),
    )


def changed_mask(edit: Edit, before: Rendered, after: Rendered) -> NDArray[np.bool_]:
    """Where the edit may change the picture: bool (H, W)."""
    if edit.environment is not None or edit.style is not None:
        return np.ones(before.owners.shape, np.bool_)
    if edit.background is not None:
        return before.owners == 0
    changed = np.abs(before.rgb.astype(np.int16) - after.rgb).max(-1) > CHANGED
    return cv2.dilate(changed.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)


def hint_mask(rng: np.random.Generator, edit: Edit, mask: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """What a person would paint around the change; nothing for changes of the whole picture."""
    if edit.environment is not None or edit.style is not None or not mask.any():
        return None
    return painted(rng, mask, close=edit.background is not None)


def painted(rng: np.random.Generator, mask: NDArray[np.bool_], close: bool = False) -> NDArray[np.bool_]:
    """`mask`, bool (H, W), as a person would paint it: a loose blob or box around it, or a `close` one."""
    reach = int(rng.integers(1, max(3, round(0.09 * min(mask.shape)))))
    if close:
        reach = min(reach, 3)
    elif rng.random() < 0.35:
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        box = np.zeros_like(mask)
        box[max(rows[0] - reach, 0) : rows[-1] + reach + 1, max(columns[0] - reach, 0) : columns[-1] + reach + 1] = True
        return box
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return cv2.dilate(mask.astype(np.uint8), kernel).astype(np.bool_)
