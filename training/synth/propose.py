"""An instruction from what is in a picture (Algorithm 1, line 2): what to edit, in words, and the hints that show it.

A photograph says nothing of what it shows, so things of the bundled set are put into it first: then the program knows
their names and places, and the photograph itself is the truth of a removal. A scene of the world knows all of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from omniedit.errors import BadInput
from omniedit.specialists import prepare, specialist
from omniedit.specialists.base import Plan
from omniedit.types import EditRequest, Intent, Parameter, Task
from training.synth.sources import WORLD, crop
from training.world.generate import make_pair
from training.world.heldout import HELD_BACKGROUNDS, HELD_DRAWINGS, HELD_PAIRS, Split
from training.world.meaning import Meaning, Reference
from training.world.scene import SIZES
from training.world.sprites import canonical, drawings, sprite
from training.world.vocabulary import BACKGROUNDS, COLOURS, ENVIRONMENTS, MATERIALS, OBJECTS, STYLES
from training.world.wording import say

__all__ = ["Manner", "Proposal", "Things", "propose", "propose_for"]

BACKGROUND_KINDS = {"ocean": "sea", "snow": "snowfield", "grass": "meadow", "park": "meadow"}
ENVIRONMENT_KINDS = {"foggy": "fog", "snowy": "snow", "rainy": "rain", "stormy": "storm"}
STYLE_KINDS = {"pencil sketch": "pencil", "watercolor": "watercolour", "oil painting": "oil", "vintage film": "film"}
MATERIAL_KINDS = {"golden": "gold", "wooden": "wood", "striped": "stripes"}
DRAWN_ALONE = frozenset({"underwater", "brick wall", "wooden floor", "road", "farm"})  # only the world draws these
TRIES = 6  # things that are tried before a photograph is given up
SIZES_TRIED = (1.0, 3.5)  # times the size that a thing would have there: a small model must see it
SIDES = (0.25, 0.55)  # of the shorter side of the picture that those take
LEAST, MOST = 0.02, 0.4  # of the picture that a thing may take
OPAQUE = 0.1  # alpha from which a pixel shows the thing
COLOUR_SHARE = 0.75  # of attribute edits; the others ask for a material

Things = Literal["bundled", "world"]  # whose drawings: those of the specialists, or those that the mini learns
Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Manner:
    """Whose drawings are put in, what share of them anywhere (not where a person would), which phrases are used."""

    things: Things = "bundled"
    anywhere: float = 0.5
    split: Split = "train"

    def __post_init__(self) -> None:
        if not 0 <= self.anywhere <= 1:
            raise BadInput(f"--anywhere is {self.anywhere}; give a share from 0 to 1.")


@dataclass(frozen=True)
class Proposal:
    """What a specialist is asked for: `mask`, bool (H, W), is where; `truth` is the right result, where it is known;
    `empty` the picture without the thing that it is about.

    A `reverse` one is turned round once it is done (A.1.3): the edited picture becomes the source, and `instruction` is
    what leads back.
    """

    request: EditRequest
    instruction: str
    task: Task
    mask: Bools | None = None
    truth: Bytes | None = None
    empty: Bytes | None = None
    reverse: bool = False


@dataclass(frozen=True)
class _Placed:
    """A photograph with a thing in it: where it is, where its shadow is too, how it was asked for, and the photograph
    without it."""

    rgb: Bytes
    empty: Bytes
    name: str
    thing: Bools
    mask: Bools
    request: EditRequest
    manner: Manner


def propose(source: str, task: Task, side: int, seed: int, manner: Manner) -> Proposal | None:
    """A proposal for `task` on a source of `sources.gather`; None where this picture allows none."""
    rng = np.random.default_rng([seed, 11])
    if source == WORLD:
        return _of_the_world(task, seed)
    return propose_for(crop(source, side, rng), task, rng, seed, manner)


def propose_for(photograph: Bytes, task: Task, rng: np.random.Generator, seed: int, manner: Manner) -> Proposal | None:
    """A proposal for `task` on uint8 (H, W, 3); None where this picture allows none."""
    if task in (Task.ENVIRONMENT, Task.STYLE):
        return _of_the_whole(photograph, task, rng, seed, manner.split)
    placed = _placed(photograph, task, rng, seed, manner)
    return None if placed is None else _OF_A_THING[task](placed, rng, seed)


def _of_the_world(task: Task, seed: int) -> Proposal:
    """A pair of the world: its scene is edited by the specialist, its own result is the truth."""
    size = SIZES[seed % len(SIZES)]
    pair = make_pair(seed, task, size, "train")
    mask = None if pair.mask.all() else pair.mask
    painted = None if mask is None else Image.fromarray(mask)
    request = EditRequest(Image.fromarray(pair.source), pair.instruction, painted, task=task, seed=seed)
    return Proposal(request, pair.instruction, task, mask, pair.edited if pair.edit.local else None)


def _of_the_whole(photograph: Bytes, task: Task, rng: np.random.Generator, seed: int, split: Split) -> Proposal:
    words, kinds = (ENVIRONMENTS, ENVIRONMENT_KINDS) if task == Task.ENVIRONMENT else (STYLES, STYLE_KINDS)
    value = str(rng.choice(list(words)))
    text = say(Meaning(task, task.value, value=value), rng, split)
    intent = Intent(task, text, value=value, parameters={"kind": kinds.get(value, value)})
    return Proposal(_request(photograph, intent, seed), text, task)


def _placed(photograph: Bytes, task: Task, rng: np.random.Generator, seed: int, manner: Manner) -> _Placed | None:
    """`photograph` with a bundled thing put in by the specialist of addition; None where it finds no place."""
    for _ in range(TRIES):
        name = str(rng.choice(list(OBJECTS)))
        intent = Intent(Task.ADDITION, f"add a {name}", new=f"a {name}")
        size = float(rng.uniform(*SIZES_TRIED))
        drawn = canonical(name) if task == Task.ADDITION else str(rng.choice(_drawings(name, manner)))
        request = _request(photograph, intent, seed, material=_picture(manner, drawn))
        box = _anywhere(photograph, rng) if rng.random() < manner.anywhere else None
        request = replace(request, parameters={"size": size if box is None else 1.0}, box=box)
        plan = prepare(request, intent)
        if isinstance(plan, Plan) and plan.mask is not None and LEAST < plan.mask.mean() < MOST:
            result = specialist(Task.ADDITION).apply(plan)
            placed = np.asarray(result.images[0].convert("RGB"))
            (layer,) = plan.work[request.seed]
            left, top, right, bottom = layer.box
            thing = np.zeros_like(plan.mask)
            thing[top:bottom, left:right] = layer.alpha > OPAQUE
            return _Placed(placed, photograph, name, thing, plan.mask, request, manner)
    return None


def _anywhere(photograph: Bytes, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """A square (left, top, right, bottom) in `photograph`, wherever it is."""
    height, width = photograph.shape[:2]
    side = round(min(height, width) * float(rng.uniform(*SIDES)))
    left, top = int(rng.integers(width - side + 1)), int(rng.integers(height - side + 1))
    return left, top, left + side, top + side


def _addition(placed: _Placed, rng: np.random.Generator, seed: int) -> Proposal:
    """Half of them added by the specialist of addition, half a removal turned round (A.1.3)."""
    text = say(Meaning(Task.ADDITION, "add", new=Reference(placed.name)), rng, placed.manner.split)
    if rng.random() < 0.5:
        intent = Intent(Task.ADDITION, text, new=f"a {placed.name}")
        request = replace(placed.request, instruction=text, intent=intent)
        return Proposal(request, text, Task.ADDITION, empty=placed.empty)
    intent = Intent(Task.REMOVAL, f"remove the {placed.name}", target=f"the {placed.name}")
    request = _request(placed.rgb, intent, seed, placed.mask)
    return Proposal(request, text, Task.ADDITION, placed.mask, placed.empty, placed.empty, reverse=True)


def _removal(placed: _Placed, rng: np.random.Generator, seed: int) -> Proposal:
    text = say(Meaning(Task.REMOVAL, "remove", target=Reference(placed.name)), rng, placed.manner.split)
    intent = Intent(Task.REMOVAL, text, target=f"the {placed.name}")
    request = _request(placed.rgb, intent, seed, placed.mask)
    return Proposal(request, text, Task.REMOVAL, placed.mask, placed.empty, placed.empty)


def _swap(placed: _Placed, rng: np.random.Generator, seed: int) -> Proposal:
    other = str(rng.choice([name for name in OBJECTS if name != placed.name]))
    text = say(
        Meaning(Task.SWAP, "swap", target=Reference(placed.name), new=Reference(other)), rng, placed.manner.split
    )
    intent = Intent(Task.SWAP, text, target=f"the {placed.name}", new=f"a {other}")
    request = _request(placed.rgb, intent, seed, placed.mask, _picture(placed.manner, canonical(other)))
    return Proposal(request, text, Task.SWAP, placed.mask, empty=placed.empty)


def _attribute(placed: _Placed, rng: np.random.Generator, seed: int) -> Proposal:
    parameters: Mapping[str, Parameter]
    if rng.random() < COLOUR_SHARE:
        kind, value = "colour", str(rng.choice(_colours(placed)))
        parameters = {"colour": value}
    else:
        kind, value = "material", str(rng.choice([name for name in MATERIALS if name in MATERIAL_KINDS]))
        parameters = {"kind": MATERIAL_KINDS[value]}
    text = say(Meaning(Task.ATTRIBUTE, kind, target=Reference(placed.name), value=value), rng, placed.manner.split)
    intent = Intent(Task.ATTRIBUTE, text, target=f"the {placed.name}", value=value, parameters=parameters)
    return Proposal(_request(placed.rgb, intent, seed, placed.thing), text, Task.ATTRIBUTE, placed.thing)


def _drawings(name: str, manner: Manner) -> list[str]:
    """Of a thing, those that may be shown: in training none that is held out."""
    return [drawing for drawing in drawings(name) if manner.split == "bench" or drawing not in HELD_DRAWINGS]


def _colours(placed: _Placed) -> list[str]:
    """Those that the thing may take: in training no pair that is held out."""
    return [c for c in COLOURS if placed.manner.split == "bench" or (placed.name, c) not in HELD_PAIRS]


def _background(placed: _Placed, rng: np.random.Generator, seed: int) -> Proposal:
    known = [name for name in BACKGROUNDS if name not in DRAWN_ALONE and name not in HELD_BACKGROUNDS]
    value = str(rng.choice(known))
    text = say(Meaning(Task.BACKGROUND, "background", value=value), rng, placed.manner.split)
    parameters = {"kind": BACKGROUND_KINDS.get(value, value)}
    intent = Intent(Task.BACKGROUND, text, value=value, parameters=parameters)
    behind = ~placed.thing
    return Proposal(_request(placed.rgb, intent, seed, behind), text, Task.BACKGROUND, behind)


_OF_A_THING = MappingProxyType(
    {
        Task.ADDITION: _addition,
        Task.REMOVAL: _removal,
        Task.SWAP: _swap,
        Task.ATTRIBUTE: _attribute,
        Task.BACKGROUND: _background,
    }
)


def _picture(manner: Manner, drawing: str) -> Image.Image | None:
    """The drawing that a specialist is given, where it is not to take one of its own."""
    return Image.fromarray(sprite(drawing)) if manner.things == "world" else None


def _request(
    rgb: Bytes, intent: Intent, seed: int, mask: Bools | None = None, material: Image.Image | None = None
) -> EditRequest:
    painted = None if mask is None else Image.fromarray(mask.astype(np.uint8) * 255)
    picture, number = Image.fromarray(rgb), seed % 2**32
    return EditRequest(picture, intent.text, painted, material, task=intent.task, seed=number, intent=intent)
