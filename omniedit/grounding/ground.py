"""`ground`: where in a picture the thing is that words, a box or a click mean, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

import cv2
import numpy as np

from omniedit.grounding import pointing
from omniedit.grounding.choose import chosen
from omniedit.grounding.colours import coloured, likeness
from omniedit.grounding.cut import in_full, resized
from omniedit.grounding.faces import Face, faces
from omniedit.grounding.found import SURE, Found, Hints
from omniedit.grounding.lettering import text
from omniedit.grounding.lines import lines
from omniedit.grounding.marks import blemishes, dust, lights
from omniedit.grounding.people import part_of
from omniedit.grounding.refine import Bools, Bytes, Floats
from omniedit.grounding.scenery import scenery
from omniedit.grounding.subject import subject
from omniedit.grounding.things import Thing, seen, things
from omniedit.grounding.view import Region, View
from omniedit.grounding.words import Kind, Wanted, wanted

__all__ = ["Finder", "ground"]

A_FACE = 0.6  # score from which a find is a face
MOST = 3  # candidates that are given
PEOPLE = 4  # in one picture, that are cut out
IN_THE_BOX = 0.5  # of a region that must lie in the box
A_BOX = 0.6  # score of a box in which no thing could be told from its surroundings: it is taken as it is
ALONE = (0.3, 0.75)  # `Thing.rest` of a thing that is unmistakably alone, and of one that is not
RECOGNISED = 0.8  # score at most of what only stands out
AGREED = 0.5  # of the windows around a click, from which on what they show in a sky is no part of it
APART = 0.2  # Oklab distance from the sky of what hangs in it; clouds and glow are nearer
IN_THE_SKY = 0.5  # of the sky that it covers at most
POINTED = 0.9  # score of what a person shows and the picture confirms
MAIN = Wanted("", "thing", Kind.SUBJECT)
_PARTS = (Kind.PERSON, Kind.FACE, Kind.HAIR, Kind.CLOTHES)
_UNKNOWN = (Kind.THING, Kind.SUBJECT, Kind.EVERYTHING)  # words that do not help to see what is pointed at
_GROUNDS = (Kind.GRASS, Kind.WATER, Kind.SAND, Kind.SNOW, Kind.GROUND)


class Finder(Protocol):
    """A model that finds things by their name."""

    def find(self, phrase: str, rgb: Bytes) -> tuple[Found, ...]:
        """Regions of uint8 (H, W, 3) that `phrase` names, best first; empty where it sees none."""
        ...


def ground(
    phrase: str | None, rgb: Bytes, hints: Hints | None = None, finder: Finder | None = None
) -> tuple[Found, ...]:
    """What `phrase` and `hints` mean in `rgb`, uint8 (H, W, 3): best first, masks (H, W); empty if nothing is found.

    What a person shows goes first: a mask is taken as it is; a box or a click is cut out, as what the phrase names
    where that is known. Words alone are looked for by the `finder`, if there is one, and where it is not sure by what
    can be told without a model; no words at all mean the main thing. Only a first one with a score of at least SURE is
    meant to be edited.
    """
    hints = hints or Hints()
    height, width = rgb.shape[:2]
    if hints.mask is not None:
        if hints.mask.shape != (height, width):
            raise ValueError(
                f"The mask is {hints.mask.shape[1]} x {hints.mask.shape[0]}, the picture {width} x {height}."
            )
        return (Found(hints.mask, 1.0, "your brush"),) if hints.mask.any() else ()
    asked = wanted(phrase) if phrase and phrase.strip() else MAIN
    if finder is not None and phrase and asked is not MAIN:
        found = _shown(finder.find(phrase, rgb), hints, asked)
        if asked.kind is Kind.THING or (found and found[0].score >= SURE):
            return found[:MOST] or _pointed(View(rgb), hints)
    view = View(rgb)
    if hints.box is None and hints.click is None:
        return _full(_named(view, asked), view)
    known = [] if asked.kind in _UNKNOWN else _of_kind(view, asked)
    shown = [region for region in (_at(region, hints, view) for region in known) if region is not None]
    found = _full(shown[:1], view) if shown else _pointed(view, hints)
    return tuple(_within(one, hints) for one in found)


def _within(one: Found, hints: Hints) -> Found:
    """`one` no further than the person's box."""
    if hints.box is None:
        return one
    left, top, right, bottom = hints.box
    mask = np.zeros_like(one.mask)
    mask[top:bottom, left:right] = one.mask[top:bottom, left:right]
    return replace(one, mask=mask)


def _named(view: View, asked: Wanted) -> list[Region]:
    """What words alone mean."""
    if asked.kind is Kind.EVERYTHING:
        return [Region(np.ones(view.shape, np.bool_), 1.0, "the whole picture", sharp=True)]
    return chosen(_of_kind(view, asked), asked)


def _of_kind(view: View, asked: Wanted) -> list[Region]:
    """All regions that are of the wanted kind and colour."""
    kind = asked.kind
    if kind in _PARTS:
        return _people(view, asked)
    if kind is Kind.SKY or kind in _GROUNDS:
        return scenery(kind, view)
    if kind is Kind.BACKGROUND:
        return _behind(view)
    if kind is Kind.SPOTS:
        return _spots(view)
    if kind in _SEVERAL:
        return _each(_SEVERAL[kind](view), asked)
    if asked.colour is not None and asked.colour_name is not None:
        return coloured(view, asked.colour, asked.colour_name, things(view))
    if kind is Kind.SUBJECT and (people := _people(view, replace(asked, kind=Kind.PERSON), fallback=False)):
        return people
    if kind is Kind.SUBJECT and not asked.place and not asked.several:
        return _main(view)
    return _things(things(view), asked)


_SEVERAL: dict[Kind, Callable[[View], list[Region]]] = {Kind.LINES: lines, Kind.TEXT: text, Kind.LIGHTS: lights}


def _main(view: View) -> list[Region]:
    return [replace(region, score=min(region.score, RECOGNISED)) for region in subject(view)]


def _things(found: list[Thing], asked: Wanted) -> list[Region]:
    """What stands out, for a noun that no finder knows: sure only where it is unmistakably the only thing.

    The main thing is by its meaning the one that stands out most; where the words say where, they choose.
    """
    regions = []
    for thing in found:
        score, weight, by = thing.clear, thing.weight, "what stands out most"
        if asked.kind is not Kind.SUBJECT:
            weight, by = 1.0, "a thing that stands out"
            if not asked.place:
                score *= float(np.clip((ALONE[1] - thing.rest) / (ALONE[1] - ALONE[0]), 0, 1))
                by = "the only thing that stands out" if len(found) == 1 else by
        regions.append(Region(thing.mask, float(np.clip(score, 0.02, RECOGNISED)), by, weight))
    if asked.several and len(regions) == 1:  # "the branches", and one thing is seen
        regions = [replace(regions[0], score=0.6 * regions[0].score)]
    return regions


def _people(view: View, asked: Wanted, fallback: bool = True) -> list[Region]:
    with ThreadPoolExecutor(1) as aside:
        salient = aside.submit(seen, view)
        found = [face for face in faces(view) if face.score >= A_FACE][:PEOPLE]
    if not found:
        alone = asked.kind is Kind.PERSON and fallback
        return [replace(r, score=0.8 * r.score) for r in _things(things(view), asked)] if alone else []
    regions = [_person(view, asked, face, salient.result(), len(found)) for face in found]
    return [region for region in regions if region.mask.any()]


_WHOSE = {
    Kind.FACE: "{}",
    Kind.PERSON: "who has {} here",
    Kind.HAIR: "around {}",
    Kind.CLOTHES: "below {}",
}


def _person(view: View, asked: Wanted, face: Face, salient: Floats, count: int) -> Region:
    mask = part_of(asked.kind, view, face, salient)
    certain = {Kind.FACE: 1.0, Kind.PERSON: 0.9, Kind.CLOTHES: 0.8, Kind.HAIR: 0.75}[asked.kind]
    score = certain * min(1.0, 0.3 + 0.7 * face.score)
    if asked.colour is not None and mask.any():
        share = float((likeness(view.lab[mask], asked.colour) > 0.25).mean())
        score *= 0.5 + 0.5 * min(share / 0.2, 1.0)
    by = _WHOSE[asked.kind].format("the only face" if count == 1 else "a face")
    return Region(mask, score, by, (face.box[2] - face.box[0]) ** 0.5)


def _behind(view: View) -> list[Region]:
    """All but the people, or all but what stands out."""
    people = _people(view, wanted("people"), fallback=False)
    if people:
        front = np.logical_or.reduce([region.mask for region in people])
        return [Region(~front, min(region.score for region in people), "all but who is in front")]
    found = _main(view)[:1]
    return [Region(~one.mask, one.score, "all but what stands out") for one in found]


def _spots(view: View) -> list[Region]:
    """Blemishes of a face where there is one, else dust on what is even."""
    found = [face for face in faces(view) if face.score >= A_FACE][:PEOPLE]
    if not found:
        return dust(view)
    salient = seen(view)
    shown = np.logical_or.reduce([part_of(Kind.FACE, view, face, salient) for face in found])
    return blemishes(view, found, shown)


def _each(regions: list[Region], asked: Wanted) -> list[Region]:
    """Lines, texts, lamps: all of them for a plural, one by one where one is meant or a place is named."""
    if asked.kind is Kind.TEXT or not regions or (asked.several and not asked.place):
        return regions
    parts = []
    for region in regions:
        _, labels, stats, _ = cv2.connectedComponentsWithStats(region.mask.astype(np.uint8), connectivity=8)
        for k in range(1, len(stats)):
            weight = float(np.sqrt(stats[k, cv2.CC_STAT_AREA] / region.mask.size))
            parts.append(replace(region, mask=labels == k, weight=weight))
    return sorted(parts, key=lambda region: -region.weight)[:12]


def _at(region: Region, hints: Hints, view: View) -> Region | None:
    """`region` as far as a box shows it, or if a click is on it; None where the person shows something else."""
    up, across = region.mask.shape[0] / view.full.shape[0], region.mask.shape[1] / view.full.shape[1]
    mask = region.mask
    if hints.box is not None:
        left, top, right, bottom = hints.box
        boxed = np.zeros_like(mask)
        boxed[int(top * up) : round(bottom * up), int(left * across) : round(right * across)] = True
        mask = mask & boxed
        if mask.sum() < max(0.05 * boxed.sum(), 1):
            return None
    if hints.click is not None:
        x, y = int(hints.click[0] * across), int(hints.click[1] * up)
        if not mask[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].any():
            return None
    return replace(region, mask=mask, score=max(region.score, POINTED), by=f"{region.by}, which you show")


def _shown(found: tuple[Found, ...], hints: Hints, asked: Wanted) -> tuple[Found, ...]:
    """Of what a finder found that which the person's box or click shows, or which the words choose."""
    if hints.box is None and hints.click is None:
        regions = [Region(one.mask, one.score, one.by, one.score) for one in found]
        return tuple(Found(region.mask, region.score, region.by) for region in chosen(regions, asked))
    result = []
    for one in found:
        mask = one.mask
        if hints.click is not None and not mask[hints.click[1], hints.click[0]]:
            continue
        if hints.box is not None:
            mask = _within(one, hints).mask
            if mask.sum() < IN_THE_BOX * one.mask.sum():
                continue
        result.append(Found(mask, max(one.score, POINTED), f"{one.by}, which you show"))
    return tuple(result)


def _pointed(view: View, hints: Hints) -> tuple[Found, ...]:
    """What a box or a click shows, whatever it is called."""
    if hints.box is not None:
        mask, well = pointing.in_box(view.full, hints.box)
        return (Found(mask, POINTED if well else A_BOX, "your box"),)
    if hints.click is None:
        return ()
    mask, agreed = pointing.at_click(view, hints.click, [thing.mask for thing in things(view)])
    sky = [region for region in scenery(Kind.SKY, view) if region.score >= SURE and _at(region, hints, view)]
    if sky and not (agreed > AGREED and _stands_out(mask, sky[0].mask, view)):
        return _full(sky, view)
    if not mask.any():
        return ()
    return _full([Region(mask, min(0.35 + 0.5 * agreed, POINTED), "your click")], view)


def _stands_out(thing: Bools, sky: Bools, view: View) -> bool:
    """Whether it hangs in that sky, which took it for a part of itself, and is no cloud."""
    around = sky & ~thing
    if not thing.any() or thing.sum() > IN_THE_SKY * around.sum():
        return False
    return bool(np.linalg.norm(view.lab[thing].mean(axis=0) - view.lab[around].mean(axis=0)) > APART)


def _full(regions: list[Region], view: View) -> tuple[Found, ...]:
    """Regions at the size of the picture; the outlines of those that are only to be asked about stay rough."""
    size = (view.full.shape[0], view.full.shape[1])
    found = []
    for region in regions[:MOST]:
        precise = region.score >= SURE
        mask: Bools = in_full(region.mask, view.full, region.sharp) if precise else resized(region.mask, size)
        if mask.any():
            found.append(Found(mask, region.score, region.by))
    return tuple(sorted(found, key=lambda one: -one.score))
