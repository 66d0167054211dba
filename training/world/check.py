"""The program check: did the edit happen, and nothing else?

It reads the edited pixels, the scene and the edit, and renders from the scene what it compares with: the truth, the
scene without the thing, the thing drawn otherwise, other things in its place. It accepts what a person would call
done, also where details are soft, and no picture that only resembles it. All distances are in 0..1.
"""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omniedit.colour import to_oklab
from training.measures import (
    Bools,
    Findings,
    Floats,
    Verdict,
    blurred,
    detail,
    likeness,
    outside_error,
    presence,
    relative,
    structure,
    to_bytes,
    unit,
    wider,
)
from training.world.edits import Edit, apply
from training.world.generate import changed_mask
from training.world.render import render
from training.world.scene import Scene, Thing
from training.world.sprites import drawings
from training.world.vocabulary import COLOURS, OBJECTS

__all__ = ["check"]

# What counts as done. Each limit is named in `Verdict.failed` when it is not kept.
OUTSIDE = 0.02  # mean absolute error where nothing should change
UNTOUCHED = 0.02  # the same for "keep it as it is"
KEPT_DETAIL = 0.8  # gradient energy outside the change, as a share of the source's
MADE_DETAIL = 0.3  # gradient energy inside the change, as a share of the truth's
WHOLE_DETAIL = 0.5  # the same where the whole picture changes but its content stays
PRESENCE_GONE = 0.35  # how much of a removed thing may still be seen
PRESENCE_THERE = 0.5  # how much of a new thing must be seen
LIKENESS = 0.6  # correlation of a new thing with its drawing
RANK = 2  # a new thing must be among the most alike of itself and DISTRACTORS others
DISTRACTORS = 6
FILL = 0.12  # low-passed error of the ground where a thing was
COLOUR = 0.12  # OKLab distance of a thing's mean colour
COLOUR_MARGIN = 0.02  # OKLab distance by which another colour of the vocabulary may be nearer than the asked one
NEARER = 0.85  # of the source's error: a swapped picture must be nearer to the truth than to the source
LEFT_OVER = 0.5  # of the source's error: shape, material, weather and style edits
BACKGROUND = 0.45  # of the source's error, low-passed
FOREGROUND = 0.05  # mean absolute error on the things that a new background must keep
STRUCTURE = 0.5  # gradient correlation with the truth
LIGHT = (0.5, 1.6)  # share of the wanted change of lightness


def check(scene: Scene, edit: Edit, edited: NDArray[np.uint8]) -> Verdict:
    """Judge `edited` (uint8, (H, W, 3), the scene's size) as the result of `edit` on `scene`."""
    before, after = render(scene), render(apply(scene, edit))
    source, truth, result = (unit(p) for p in (before.rgb, after.rgb, edited))
    change = changed_mask(edit, before, after)
    found = Findings()
    if not edit.changes:
        found.most("untouched", float(np.abs(result - source).mean()), UNTOUCHED)
        found.least("kept detail", detail(result) / detail(source), KEPT_DETAIL)
        return found.verdict()
    if edit.local:
        outside = ~wider(change, 0.04)
        found.most("outside", outside_error(result, source, change) or 0.0, OUTSIDE)
        if outside.mean() > 0.05:
            found.least("kept detail", detail(result, outside) / detail(source, outside), KEPT_DETAIL)
        found.least("made detail", detail(result, change) / detail(truth, change), MADE_DETAIL)
        _local(found, scene, edit, source, truth, result, change, before.owners)
    elif edit.background is not None:
        low = 0.03 * scene.short
        found.most("background", relative(result, source, truth, change, low), BACKGROUND)
        found.least("made detail", detail(result, change) / detail(truth, change), MADE_DETAIL)
        things = before.owners > 0
        if things.any():
            found.most("foreground", float(np.abs(result - source)[things].mean()), FOREGROUND)
    else:
        found.most("left over", relative(result, source, truth, change, 0.008 * scene.short), LEFT_OVER)
        found.least("structure", structure(result, truth), STRUCTURE)
        found.least("made detail", detail(result) / detail(truth), WHOLE_DETAIL)
    return found.verdict()


def _local(
    found: Findings,
    scene: Scene,
    edit: Edit,
    source: Floats,
    truth: Floats,
    result: Floats,
    change: Bools,
    owners: NDArray[np.int16],
) -> None:
    kind = edit.meaning.kind
    if kind == "remove":
        _gone(found, result, truth, source, change)
        low = 0.04 * scene.short
        found.most("fill", float(np.abs(blurred(result, low) - blurred(truth, low))[change].mean()), FILL)
    elif kind in ("add", "swap"):
        new = edit.put[0]
        clean_scene = replace(scene, things=tuple(t for t in scene.things if t.uid != new.uid))
        clean = unit(render(clean_scene).rgb)
        _there(found, clean_scene, new, clean, result)
        if kind == "swap":
            found.most("left over", relative(result, source, truth, change, 0.008 * scene.short), NEARER)
            covered = np.abs(truth - clean).max(-1) > 0.02
            old_only = (np.abs(source - clean).max(-1) > 0.05) & ~wider(covered, 0.015)
            if old_only.mean() > 0.003:
                _gone(found, result, clean, source, old_only)
    elif kind == "colour":
        body = (owners == edit.put[0].uid) & change
        if body.any():
            _recoloured(found, result, source, truth, body)
            _colour_is(found, apply(scene, edit), edit.put[0], result, body)
    elif kind in ("lighter", "darker"):
        body = (owners == edit.put[0].uid) & change
        if body.any():
            light = [float(to_oklab(to_bytes(p))[body][:, 0].mean()) for p in (result, source, truth)]
            moved = (light[0] - light[1]) / (light[2] - light[1])
            found.least("lightness", moved, LIGHT[0])
            found.most("lightness overshoot", moved, LIGHT[1])
    else:  # shape, material, and two edits at once
        found.most("left over", relative(result, source, truth, change, 0.008 * scene.short), LEFT_OVER)


def _gone(found: Findings, result: Floats, clean: Floats, with_thing: Floats, where: Bools) -> None:
    """The thing's own pattern must not be seen any more: project what is there on what it looked like."""
    found.most("presence of the old", presence(result, clean, with_thing, where), PRESENCE_GONE)


def _there(found: Findings, clean_scene: Scene, new: Thing, clean: Floats, result: Floats) -> None:
    """The new thing, in any of its drawings, must be seen and be more alike than other things in its place."""
    best, where, look, drawn = -1.0, None, None, None
    for drawing in drawings(new.name):
        for scale in (0.9, 1.0, 1.1):
            thing = replace(new, drawing=drawing, size=new.size * scale)
            picture = _with(clean_scene, thing)
            alike, area = likeness(result, picture, clean)
            if alike > best:
                best, where, look, drawn = alike, area, picture, thing
    assert where is not None and look is not None and drawn is not None
    found.least("likeness", best, LIKENESS)
    found.least("presence of the new", presence(result, clean, look, where), PRESENCE_THERE)
    rng = np.random.default_rng(zlib.crc32(f"{new.name} {new.x:.3f} {new.y:.3f}".encode()))
    others = rng.choice([n for n in OBJECTS if n != new.name], DISTRACTORS, replace=False)
    rivals = [
        likeness(result, _with(clean_scene, replace(new, name=str(n), drawing=drawings(str(n))[0])), clean)[0]
        for n in others
    ]
    found.most("rank", 1 + sum(r > best for r in rivals), RANK)
    mean = [to_oklab(to_bytes(p))[where].mean(0) for p in (result, look)]
    found.most("colour", float(np.linalg.norm(mean[0] - mean[1])), COLOUR)
    if new.colour is not None:
        _colour_is(found, replace(clean_scene, things=(*clean_scene.things, drawn)), drawn, result, where)


def _colour_is(found: Findings, after: Scene, thing: Thing, result: Floats, where: Bools) -> None:
    """Of all colours that `thing` of the scene `after` could have, none may be nearer than its own."""
    seen = to_oklab(to_bytes(result))[where].mean(0)

    def distance(colour: str) -> float:
        things = tuple(replace(t, colour=colour) if t.uid == thing.uid else t for t in after.things)
        picture = render(replace(after, things=things)).rgb
        return float(np.linalg.norm(to_oklab(picture)[where].mean(0) - seen))

    assert thing.colour is not None
    distances = {colour: distance(colour) for colour in COLOURS}
    found.most("nearer colour", distances[thing.colour] - min(distances.values()), COLOUR_MARGIN)


def _recoloured(found: Findings, result: Floats, source: Floats, truth: Floats, body: Bools) -> None:
    labs = [to_oklab(to_bytes(p))[body] for p in (result, source, truth)]
    mean = [lab.mean(0) for lab in labs]
    wrong, way = (float(np.linalg.norm(mean[i] - mean[2])) for i in (0, 1))
    found.most("colour", wrong, max(0.5 * way, 0.05))
    if labs[2][:, 0].std() > 0.03:
        found.least("shading", float(np.corrcoef(labs[0][:, 0], labs[2][:, 0])[0, 1]), LIKENESS)


def _with(scene: Scene, thing: Thing) -> Floats:
    return unit(render(replace(scene, things=(*scene.things, thing))).rgb)
