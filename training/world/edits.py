"""Edits as programs over scenes: proposed for a scene, applied to it, undone again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from omniedit.types import Task
from training.world.heldout import HELD_BACKGROUNDS, HELD_PAIRS, Split
from training.world.meaning import Meaning, Reference
from training.world.scene import Scene, Thing, overlap
from training.world.sprites import canonical
from training.world.vocabulary import BACKGROUNDS, COLOURS, ENVIRONMENTS, MATERIALS, OBJECTS, PLACES, STYLES

__all__ = ["NEW_SIZES", "Edit", "apply", "colour_for", "inverse", "propose", "propose_plain"]

NEW_SIZES = {"small": 0.22, None: 0.34, "big": 0.5}  # how large a new thing is, by the word said
KINDS = ("colour", "lighter", "darker", "bigger", "smaller", "rotate", "mirror", "material")
KIND_SHARES = (0.52, 0.06, 0.06, 0.08, 0.08, 0.06, 0.06, 0.08)
COMPOSITE_SHARE, IDENTITY_SHARE = 0.04, 0.04
TURNS = {"left": -90.0, "right": 90.0, "upside down": 180.0}
ROOM = 0.2  # how much of a new thing's box may overlap what stands there


@dataclass(frozen=True)
class Edit:
    """A change of a scene: things taken away (by uid), things put (replacing their uid or on top), settings set."""

    task: Task
    meaning: Meaning
    removed: tuple[int, ...] = ()
    put: tuple[Thing, ...] = ()
    background: str | None = None
    environment: str | None = None
    style: str | None = None

    @property
    def changes(self) -> bool:
        """False for an identity edit."""
        return bool(self.removed or self.put or self.background or self.environment or self.style)

    @property
    def local(self) -> bool:
        """Whether only things change."""
        return self.task in (Task.SWAP, Task.REMOVAL, Task.ADDITION, Task.ATTRIBUTE)


def apply(scene: Scene, edit: Edit) -> Scene:
    """The scene after the edit."""
    put = {t.uid: t for t in edit.put}
    kept = [put.pop(t.uid, t) for t in scene.things if t.uid not in edit.removed]
    after = replace(scene, things=(*kept, *put.values()))
    if edit.background is not None:
        after = replace(after, background=edit.background, background_seed=0)
    if edit.environment is not None:
        after = replace(after, environment=edit.environment)
    if edit.style is not None:
        after = replace(after, style=edit.style)
    return after


def propose(rng: np.random.Generator, scene: Scene, task: Task, split: Split) -> Edit | None:
    """An edit of that task that the scene allows, or None."""
    chance = rng.random()
    if chance < IDENTITY_SHARE:
        return _identity(rng, scene, task)
    if chance < IDENTITY_SHARE + COMPOSITE_SHARE and len(scene.things) > 1 and task in _LOCAL:
        return _composite(rng, scene, task, split)
    return propose_plain(rng, scene, task, split)


def propose_plain(rng: np.random.Generator, scene: Scene, task: Task, split: Split) -> Edit | None:
    """One edit that changes something, or None where the scene allows none."""
    return _PROPOSERS[task](rng, scene, split)


def inverse(scene: Scene, edit: Edit) -> Edit | None:
    """The edit that leads back from `apply(scene, edit)`, where words can ask for it."""
    meaning = edit.meaning
    named = [t.name for t in apply(scene, edit).things]
    if not edit.changes or any(named.count(t.name) > 1 for t in edit.put):
        return None  # nothing to undo, or words that would point at two things
    if meaning.kind == "add":
        assert meaning.new is not None
        words = Meaning(Task.REMOVAL, "remove", target=replace(meaning.new, size=None))
        return Edit(Task.REMOVAL, words, removed=tuple(t.uid for t in edit.put))
    if meaning.kind == "remove":
        gone = scene.thing(edit.removed[0])
        new = Reference(gone.name, gone.colour, gone.material, place=_place_of(gone))
        return Edit(Task.ADDITION, Meaning(Task.ADDITION, "add", new=new, place=new.place), put=(gone,))
    if meaning.kind == "swap":
        old, new_thing = scene.thing(edit.put[0].uid), edit.put[0]
        back = Meaning(
            Task.SWAP,
            "swap",
            target=Reference(new_thing.name, new_thing.colour),
            new=Reference(old.name, old.colour, old.material),
        )
        return Edit(Task.SWAP, back, put=(old,))
    if meaning.kind == "colour":
        old = scene.thing(edit.put[0].uid)
        if old.colour is None:
            return None
        back = Meaning(Task.ATTRIBUTE, "colour", target=Reference(old.name, meaning.value), value=old.colour)
        return Edit(Task.ATTRIBUTE, back, put=(old,))
    if meaning.kind == "background" and scene.background in BACKGROUNDS:
        back = Meaning(Task.BACKGROUND, "background", value=scene.background)
        return Edit(Task.BACKGROUND, back, background=scene.background)
    opposite = {"lighter": "darker", "darker": "lighter", "bigger": "smaller", "smaller": "bigger", "mirror": "mirror"}
    if meaning.kind in opposite:
        back = replace(meaning, kind=opposite[meaning.kind])
        return Edit(Task.ATTRIBUTE, back, put=(scene.thing(edit.put[0].uid),))
    return None


def colour_for(rng: np.random.Generator, name: str, split: Split, avoid: str | None = None) -> str | None:
    """A colour that a thing of that name may take; the bench takes held-out pairs half of the time."""
    allowed = [c for c in COLOURS if c != avoid and (split == "bench" or (name, c) not in HELD_PAIRS)]
    held = [c for c in allowed if (name, c) in HELD_PAIRS]
    if held and rng.random() < 0.5:
        allowed = held
    return str(rng.choice(allowed)) if allowed else None


def _remove(rng: np.random.Generator, scene: Scene, split: Split) -> Edit | None:
    thing, words = _pick(rng, scene)
    if thing is None or words is None:
        return None
    return Edit(Task.REMOVAL, Meaning(Task.REMOVAL, "remove", target=words), removed=(thing.uid,))


def _add(rng: np.random.Generator, scene: Scene, split: Split) -> Edit | None:
    name = str(rng.choice(list(OBJECTS)))
    colour = colour_for(rng, name, split) if rng.random() < 0.4 else None
    material = str(rng.choice(list(MATERIALS))) if colour is None and rng.random() < 0.06 else None
    word = (None, None, None, "small", "big")[int(rng.integers(5))]
    size = NEW_SIZES[word]
    uid = max((t.uid for t in scene.things), default=0) + 1
    base = Thing(uid, name, canonical(name), colour, material, size)
    anchors = [t for t in scene.things if len(list(scene.named(t.name))) == 1 and t.name != name]
    if anchors and rng.random() < 0.15:
        anchor = anchors[int(rng.integers(len(anchors)))]
        for side in (1, -1):
            gap = (anchor.size + size) / 2 * scene.short / scene.width
            drop = (anchor.size - size) / 2 * scene.short / scene.height
            new = replace(base, x=anchor.x + side * gap, y=anchor.y + drop)
            if _free(scene, new):
                words = Reference(name, colour, material, size=word, beside=anchor.name)
                return Edit(Task.ADDITION, Meaning(Task.ADDITION, "add", new=words), put=(new,))
    unnamed = rng.random() < 0.12
    for place in ["center"] if unnamed else rng.permutation(list(PLACES)):
        new = replace(base, x=PLACES[place].x, y=PLACES[place].y)
        if _free(scene, new):
            said = None if unnamed else str(place)
            words = Reference(name, colour, material, place=said, size=word)
            return Edit(Task.ADDITION, Meaning(Task.ADDITION, "add", new=words, place=said), put=(new,))
    return None


def _swap(rng: np.random.Generator, scene: Scene, split: Split) -> Edit | None:
    thing, words = _pick(rng, scene)
    if thing is None or words is None:
        return None
    name = str(rng.choice([n for n in OBJECTS if n != thing.name]))
    colour = colour_for(rng, name, split) if rng.random() < 0.35 else None
    new = Thing(thing.uid, name, canonical(name), colour, None, thing.size, thing.x, thing.y, shadow=thing.shadow)
    meaning = Meaning(Task.SWAP, "swap", target=words, new=Reference(name, colour))
    return Edit(Task.SWAP, meaning, put=(new,))


def _attribute(rng: np.random.Generator, scene: Scene, split: Split) -> Edit | None:
    thing, words = _pick(rng, scene)
    if thing is None or words is None:
        return None
    kind, value = str(rng.choice(KINDS, p=KIND_SHARES)), None
    new = thing
    if kind == "colour":
        value = colour_for(rng, thing.name, split, avoid=thing.colour)
        new = replace(thing, colour=value, material=None)
    elif kind in ("lighter", "darker"):
        new = replace(thing, lightness=0.45 if kind == "lighter" else -0.45)
    elif kind in ("bigger", "smaller"):
        if (kind == "bigger") == (thing.size > 0.36):
            kind = "smaller" if kind == "bigger" else "bigger"
        new = replace(thing, size=thing.size * (1.5 if kind == "bigger" else 0.62))
    elif kind == "rotate":
        value = str(rng.choice(list(TURNS)))
        new = replace(thing, angle=thing.angle + TURNS[value])
    elif kind == "mirror":
        new = replace(thing, mirrored=not thing.mirrored, angle=-thing.angle)
    else:
        value = str(rng.choice([m for m in MATERIALS if m != thing.material]))
        new = replace(thing, material=value, colour=None)
    return Edit(Task.ATTRIBUTE, Meaning(Task.ATTRIBUTE, kind, target=words, value=value), put=(new,))


def _background(rng: np.random.Generator, scene: Scene, split: Split) -> Edit | None:
    names = [b for b in BACKGROUNDS if b != scene.background and b not in HELD_BACKGROUNDS]
    value = str(rng.choice(names))
    return Edit(Task.BACKGROUND, Meaning(Task.BACKGROUND, "background", value=value), background=value)


def _environment(rng: np.random.Generator, scene: Scene, split: Split) -> Edit | None:
    value = str(rng.choice(list(ENVIRONMENTS)))
    return Edit(Task.ENVIRONMENT, Meaning(Task.ENVIRONMENT, "environment", value=value), environment=value)


def _style(rng: np.random.Generator, scene: Scene, split: Split) -> Edit | None:
    value = str(rng.choice(list(STYLES)))
    return Edit(Task.STYLE, Meaning(Task.STYLE, "style", value=value), style=value)


_PROPOSERS: dict[Task, Callable[[np.random.Generator, Scene, Split], Edit | None]] = {
    Task.REMOVAL: _remove,
    Task.ADDITION: _add,
    Task.SWAP: _swap,
    Task.ATTRIBUTE: _attribute,
    Task.BACKGROUND: _background,
    Task.ENVIRONMENT: _environment,
    Task.STYLE: _style,
}
_LOCAL = (Task.REMOVAL, Task.ADDITION, Task.SWAP, Task.ATTRIBUTE)


def _identity(rng: np.random.Generator, scene: Scene, task: Task) -> Edit:
    """Nothing changes: asked to keep all, to remove what is not there, or to give a thing the colour that it has."""
    absent = [n for n in OBJECTS if not any(t.name == n for t in scene.things)]
    coloured = [t for t in scene.things if t.colour is not None and len(list(scene.named(t.name))) == 1]
    if task in (Task.REMOVAL, Task.SWAP):
        return Edit(task, Meaning(task, "remove", target=Reference(str(rng.choice(absent)))))
    if task is Task.ATTRIBUTE and coloured:
        thing = coloured[int(rng.integers(len(coloured)))]
        return Edit(task, Meaning(task, "colour", target=Reference(thing.name), value=thing.colour))
    return Edit(task, Meaning(task, "keep"))


def _composite(rng: np.random.Generator, scene: Scene, task: Task, split: Split) -> Edit | None:
    """Two edits of different things in one sentence."""
    first = _PROPOSERS[task](rng, scene, split)
    second = _PROPOSERS[_LOCAL[int(rng.integers(len(_LOCAL)))]](rng, scene, split)
    if first is None or second is None:
        return None
    touched = [{*e.removed, *(t.uid for t in e.put)} for e in (first, second)]
    if touched[0] & touched[1]:
        return None
    new = [t for e in (first, second) for t in e.put]
    if len(new) == 2 and overlap(scene, *new) > ROOM:
        return None
    meaning = Meaning(task, "both", parts=(first.meaning, second.meaning))
    return Edit(task, meaning, (*first.removed, *second.removed), tuple(new))


def _free(scene: Scene, new: Thing) -> bool:
    left, top, right, bottom = scene.box(new)
    inside = left > -2 and top > -2 and right < scene.width + 2 and bottom < scene.height + 2
    return inside and all(overlap(scene, new, t) <= ROOM for t in scene.things)


def _pick(rng: np.random.Generator, scene: Scene) -> tuple[Thing | None, Reference | None]:
    """A thing with words that point at it and at nothing else."""
    for index in rng.permutation(len(scene.things)):
        thing = scene.things[int(index)]
        words = _refer(rng, scene, thing)
        if words is not None:
            return thing, words
    return None, None


def _refer(rng: np.random.Generator, scene: Scene, thing: Thing) -> Reference | None:
    twins = [t for t in scene.named(thing.name) if t.uid != thing.uid]
    place, size = _place_of(thing), _size_of(scene, thing)
    others = [t for t in scene.things if t.name != thing.name]
    beside = min(others, key=lambda t: _distance(scene, t, thing)).name if others else None
    if not twins:
        extra = rng.random()
        return Reference(
            thing.name,
            thing.colour if rng.random() < 0.3 else None,
            thing.material if rng.random() < 0.3 else None,
            place=place if extra < 0.15 else None,
            size=size if rng.random() < 0.1 else None,
            beside=beside if 0.15 <= extra < 0.2 and beside and len(list(scene.named(beside))) == 1 else None,
        )
    ways: list[Reference] = []
    if thing.colour is not None and all(t.colour is not None and t.colour != thing.colour for t in twins):
        ways.append(Reference(thing.name, colour=thing.colour))
    if place is not None and all(_apart(t, thing) and not _at(t, place) for t in twins):
        ways.append(Reference(thing.name, place=place))
    if all(max(t.size, thing.size) / min(t.size, thing.size) > 1.4 for t in twins) and len(twins) == 1:
        ways.append(Reference(thing.name, size="big" if thing.size > twins[0].size else "small"))
    if not ways:
        return None
    chosen = ways[int(rng.integers(len(ways)))]
    return replace(chosen, colour=thing.colour) if rng.random() < 0.3 else chosen


def _place_of(thing: Thing) -> str | None:
    """The cell that the thing stands in, by its centre; None around the middle."""
    across = "left" if thing.x < 0.38 else "right" if thing.x > 0.62 else ""
    down = "top" if thing.y < 0.36 else "bottom" if thing.y > 0.64 else ""
    return f"{down} {across}".strip() or None


def _at(thing: Thing, place: str) -> bool:
    """Whether `place` is said of the thing: what stands top left stands left, too."""
    own = _place_of(thing)
    return own is not None and set(place.split()) <= set(own.split())


def _size_of(scene: Scene, thing: Thing) -> str | None:
    return "small" if thing.size < 0.24 else "big" if thing.size > 0.45 else None


def _apart(one: Thing, other: Thing) -> bool:
    return abs(one.x - other.x) > 0.25 or abs(one.y - other.y) > 0.25


def _distance(scene: Scene, one: Thing, other: Thing) -> float:
    return float(np.hypot((one.x - other.x) * scene.width, (one.y - other.y) * scene.height))
