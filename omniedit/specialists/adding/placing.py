"""Where a new thing goes, how large, and on what it rests: by box, click, face or words, else where there is room.

Every answer is a list of arrangements, the best first, so that another seed can take another place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from omniedit.specialists.adding.beside import related
from omniedit.specialists.adding.figures import WORN, Figure, Placing, fitting, inside, rest_of
from omniedit.specialists.adding.room import free_spots
from omniedit.specialists.adding.stage import Stage, sky_share, usual_height
from omniedit.specialists.adding.where import PEOPLE, SKY, SURFACES, WATER, Where, read_place, the
from omniedit.specialists.base import Bools, Knob, Refusal
from omniedit.specialists.compositing.pasting import Rest, Spot
from omniedit.specialists.masks import Box, bounds
from omniedit.sprites import Stance, Thing

__all__ = ["KNOBS", "moved", "place"]

KNOBS = (
    Knob("size", "Size", 1.0, 0.25, 4.0),
    Knob("right", "Move right", 0.0, -1.0, 1.0),
    Knob("down", "Move down", 0.0, -1.0, 1.0),
    Knob("turn", "Turn, in degrees", 0.0, -180.0, 180.0),
    Knob("shadow", "Shadow", 1.0, 0.0, 1.6),
)

FOUND = WATER | frozenset("ground floor grass lawn meadow road street path pavement sidewalk beach sand snow".split())
ROWS = 12  # of feet that are tried
HIGH, FAR_HIGH = (
    0.6,
    0.3,
)  # of the picture's height, that a thing takes at most on its own; the second far away


def place(
    stage: Stage, figure: Figure, words: str | None, wearer: str | None, box: Box | None, click: tuple[int, int] | None
) -> Placing | Refusal:
    """Where `figure` goes in `stage`: in `box`, at `click`, on `wearer`, where `words` say, or where there is room."""
    where = read_place(words)
    if box is not None:
        return Placing((_in_box(stage, figure, box, where),), "in your box")
    if click is not None:
        return Placing((_at(stage, figure, click, where),), "where you clicked")
    if figure.thing.stance in WORN:
        return _worn(stage, figure, where.what if where.relation else wearer)
    if where.what is None and wearer is not None:  # "give the dog a ball"
        where = replace(where, relation="beside", what=wearer)
    spots: Placing | Refusal
    nouns = set((where.what or "").split())
    level = where.relation in ("on", "beside")
    if level and nouns & SKY:
        spots = _in_the_sky(stage, figure, where)
    elif level and nouns & SURFACES and not nouns & PEOPLE:
        spots = _on_surface(stage, figure, where)
    elif where.what is not None:
        spots = related(stage, figure, where, words or f"next to {wearer}")
    elif where.y is not None:
        spots = Placing(((_literal(stage, figure, where),),), _named(where))
    else:
        spots = _where_room_is(stage, figure, where)
    if isinstance(spots, Refusal) or figure.many == 1:
        return spots
    return replace(spots, choices=tuple(_arranged(stage, figure, choice[0]) for choice in spots.choices))


def moved(spot: Spot, turned: Mapping[str, float], size: tuple[int, int]) -> Spot:
    """`spot` as the person has turned `KNOBS`: `right`, `down` are shares of `size` (width, height)."""
    return replace(
        spot,
        x=spot.x + turned["right"] * size[0],
        foot=spot.foot + turned["down"] * size[1],
        height=max(4.0, min(spot.height * turned["size"], 3.0 * size[1])),
        turn=spot.turn + turned["turn"],
    )


def _arranged(stage: Stage, figure: Figure, first: Spot) -> tuple[Spot, ...]:
    """`figure.many` things around `first`: side by side on the ground, scattered in the air."""
    many, wide = figure.many, first.height * figure.aspect
    if first.rest in (Rest.AIR, Rest.SKY):
        turns = np.arange(many) * 2.39996  # the golden angle: never in line
        far = 1.3 * max(wide, first.height) * np.sqrt(np.arange(many))
        x, y = first.x + 1.3 * far * np.cos(turns), first.foot + 0.7 * far * np.sin(turns)
        sizes = 1 - 0.35 * (np.arange(many) * 0.61803 % 1)
    else:
        shrink = min(1.0, 0.94 * stage.width / (1.2 * wide * many))
        first = replace(first, height=first.height * shrink)
        wide *= shrink
        x = np.clip(first.x, 0.6 * many * wide, stage.width - 0.6 * many * wide)
        x = x + (np.arange(many) - (many - 1) / 2) * 1.15 * wide
        y = first.foot + 0.3 * first.height * (np.arange(many) * 0.61803 % 1 - 0.5)
        y = np.minimum(y, 0.99 * stage.height)
        depth = (y - stage.horizon) / max(first.foot - stage.horizon, 1.0)
        sizes = np.clip(depth, 0.7, 1.3) if first.foot > stage.horizon else np.ones(many)
    spots = []
    for k in range(many):
        high = float(first.height * sizes[k])
        across = float(np.clip(x[k], 0.4 * wide, stage.width - 0.4 * wide))
        foot = float(np.clip(y[k], high, max(stage.height, high)))
        spots.append(replace(first, x=across, foot=foot, height=high, mirrored=first.mirrored ^ (k % 2 == 1)))
    return tuple(sorted(spots, key=lambda spot: spot.foot))


def _in_box(stage: Stage, figure: Figure, box: Box, where: Where) -> tuple[Spot, ...]:
    """As large as the box allows, on its lower side."""
    left, top, right, bottom = box
    high = min(bottom - top, (right - left) / (figure.aspect * figure.many))
    rest = _rest_at(stage, figure.thing, bottom - high / 2, where)
    foot = bottom if rest in (Rest.GROUND, Rest.WATER) else (top + bottom + high) / 2
    wide = high * figure.aspect
    middle, many = (left + right) / 2, figure.many
    return tuple(Spot(middle + (k - (many - 1) / 2) * wide, foot, high, rest, mirrored=k % 2 == 1) for k in range(many))


def _at(stage: Stage, figure: Figure, click: tuple[int, int], where: Where) -> tuple[Spot, ...]:
    """Its foot at the click, or its middle where it does not stand."""
    x, y = click
    rest = _rest_at(stage, figure.thing, y, where)
    high = fitting(stage, figure, _height(stage, figure, y, rest))
    if figure.thing.stance in WORN:
        face = stage.face
        wide = (face[2] - face[0]) if face is not None else 0.2 * min(stage.width, stage.height)
        high = (figure.thing.size or 1.0) * wide / figure.aspect * figure.factor
    foot = float(y) if rest in (Rest.GROUND, Rest.WATER) or figure.thing.stance == Stance.HEAD else y + high / 2
    first = Spot(float(x), foot, high, rest)
    return (first,) if figure.many == 1 else _arranged(stage, figure, first)


def _rest_at(stage: Stage, thing: Thing, y: float, where: Where) -> Rest:
    rest = rest_of(thing.stance)
    if thing.stance == Stance.SWIMS and where.what is not None and WATER & set(where.what.split()):
        return Rest.WATER
    if rest == Rest.GROUND and stage.sky.mean() > 0.04 and y < 0.9 * stage.horizon:
        return Rest.AIR
    return rest


def _height(stage: Stage, figure: Figure, foot: float, rest: Rest) -> float:
    if rest == Rest.SKY or (rest == Rest.AIR and stage.sky.mean() > 0.04 and foot < stage.horizon):
        return sky_share(figure.thing) * min(stage.height, stage.width) * figure.factor
    return usual_height(stage, figure.thing, foot) * figure.factor


def _worn(stage: Stage, figure: Figure, wearer: str | None) -> Placing | Refusal:
    """On a face: the brim over the forehead, glasses before the eyes, a scarf below the chin."""
    thing, face = figure.thing, stage.face
    who = (wearer or "").strip()
    if face is None:
        found = stage.find(who) if who and thing.stance == Stance.HEAD else None
        if found is not None:
            return _on_top(stage, figure, who, found.mask)
        what = {Stance.HEAD: "top of the head", Stance.EYES: "eyes", Stance.NECK: "neck"}[thing.stance]
        return Refusal(
            f"I can't find a face by myself here to put the {thing.name} on", f"draw a box around the {what}"
        )
    left, top, right, bottom = face
    wide, tall = right - left, bottom - top
    high = (thing.size or 1.0) * wide / figure.aspect * figure.factor
    foot = {
        Stance.HEAD: top + 0.12 * tall,
        Stance.EYES: top + 0.37 * tall + high / 2,
        Stance.NECK: bottom + 0.15 * tall + high,
    }[thing.stance]
    says = f"on {who}" if who else "on the face that I found"
    return Placing(((Spot((left + right) / 2, foot, high, Rest.WORN),),), says, 0.8)


def _on_top(stage: Stage, figure: Figure, who: str, mask: Bools) -> Placing:
    """A hat on what has no face that can be found: an animal, a statue."""
    _, top, _, bottom = bounds(mask)
    columns = np.flatnonzero(mask[: top + max(1, (bottom - top) // 4)].any(axis=0))
    high = 0.6 * float(np.ptp(columns)) / stage.scale / figure.aspect * figure.factor
    foot = (top + 0.06 * (bottom - top)) / stage.scale
    spot = Spot(float(np.median(columns)) / stage.scale, foot, max(high, 8.0), Rest.WORN)
    note = "I guess where its head is; draw a box around the top of the head to place it better."
    return Placing(((spot,),), f"on {the(who)}", 0.55, (note,))


def _on_surface(stage: Stage, figure: Figure, where: Where) -> Placing:
    """Somewhere on the table, the grass, the water."""
    what = where.what or ""
    words = set(what.split())
    found = stage.find(what) if words & FOUND else None
    region = None if found is None else found.mask
    placing = _where_room_is(stage, figure, where, region)
    if words & WATER and figure.thing.stance == Stance.SWIMS:
        wet = tuple(tuple(replace(spot, rest=Rest.WATER) for spot in choice) for choice in placing.choices)
        placing = replace(placing, choices=wet)
    if region is None:
        note = f"I can't tell {the(what)} by myself, so it stands where there is room; click to choose another place."
        return replace(placing, says="where there is room", confidence=0.55, notes=(note,))
    return replace(placing, says=f"on {the(what)}", confidence=0.75)


def _in_the_sky(stage: Stage, figure: Figure, where: Where) -> Placing:
    rest = Rest.SKY if figure.thing.stance == Stance.SKY else Rest.AIR
    high = sky_share(figure.thing) * min(stage.height, stage.width) * figure.factor
    seen = bool(stage.sky.mean() > 0.02)
    region = stage.sky if seen else _upper(stage)
    feet = np.linspace(high / stage.height + 0.03, 0.75, ROWS) * stage.height
    spots = free_spots(
        stage, figure, rest, feet, lambda _: high, lambda y: abs(y / stage.height - 0.3), where.x, region
    )
    says = "in the sky" if seen else "at the top"
    notes: tuple[str, ...] = (
        () if seen else ("I see no sky by myself here, so it is at the top; click to choose another place.",)
    )
    return Placing(tuple((spot,) for spot in spots), says, 0.8 if seen else 0.55, notes)


def _upper(stage: Stage) -> Bools:
    region = np.zeros(stage.small.shape[:2], np.bool_)
    region[: round(0.45 * len(region))] = True
    return region


def _where_room_is(stage: Stage, figure: Figure, where: Where, region: Bools | None = None) -> Placing:
    """Where it hides nothing: in the sky, in the air or on the ground, as the thing is."""
    stance = figure.thing.stance
    if region is None and (stance == Stance.SKY or (stance == Stance.FLOATS and stage.sky.mean() > 0.1)):
        return _in_the_sky(stage, figure, where)
    if region is None and stance == Stance.SWIMS and (water := stage.find("the water")) is not None:
        placing = _where_room_is(stage, figure, where, water.mask)
        wet = tuple(tuple(replace(spot, rest=Rest.WATER) for spot in choice) for choice in placing.choices)
        return replace(placing, choices=wet, says="on the water")
    rest = rest_of(stance)
    last = 0.985 * stage.height
    if rest == Rest.GROUND:
        first = stage.horizon + 0.12 * (stage.height - stage.horizon)
        goal = first + {"far": 0.3, "near": 0.97}.get(where.depth or "", 0.78) * (last - first)
    else:
        first, goal = 0.25 * stage.height, 0.45 * stage.height
    pull = 2.5 if where.depth else 0.9
    most = (FAR_HIGH if where.depth == "far" else HIGH) * stage.height * max(1.0, figure.factor)
    spots = free_spots(
        stage,
        figure,
        rest,
        np.linspace(first, last, ROWS),
        lambda foot: fitting(stage, figure, min(_height(stage, figure, foot, rest), most)),
        lambda foot: pull * abs(foot - goal) / stage.height,
        where.x,
        region,
    )
    return Placing(tuple((spot,) for spot in spots), _named(where) or "where there is room", 0.7)


def _literal(stage: Stage, figure: Figure, where: Where) -> Spot:
    """At the place in the picture that the words name, wherever that is."""
    x, y = (where.x if where.x is not None else 0.5) * stage.width, (where.y or 0.5) * stage.height
    rest = _rest_at(stage, figure.thing, y, where)
    high = fitting(stage, figure, _height(stage, figure, max(y, 0.6 * stage.height), rest))
    foot = min(y + high / 2, 0.985 * stage.height)
    return Spot(inside(stage, x, high * figure.aspect), foot, high, rest)


def _named(where: Where) -> str:
    """ "at the top right", "on the left", "in the background"."""
    down = "" if where.y is None else "top" if where.y < 0.4 else "middle" if where.y < 0.6 else "bottom"
    across = "" if where.x is None else "left" if where.x < 0.4 else "right" if where.x > 0.6 else "middle"
    before = "in" if "middle" in (down, across) else "at" if down else "on"
    place = " ".join(dict.fromkeys(part for part in (down, across) if part))
    depth = {"far": "in the background", "near": "in the foreground"}.get(where.depth or "", "")
    return f"{before} the {place} {depth}".strip() if place else depth
