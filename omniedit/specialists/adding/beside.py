"""Where a thing goes that is put next to, behind, before, above or on another one."""

from __future__ import annotations

from dataclasses import dataclass

from omniedit.grounding import SURE, ground
from omniedit.specialists.adding.figures import WORN, Figure, Placing, fitting, inside, rest_of
from omniedit.specialists.adding.stage import FACE, Stage, usual_height
from omniedit.specialists.adding.where import HEADS, PEOPLE, Where, the
from omniedit.specialists.base import Bools, Refusal
from omniedit.specialists.compositing.pasting import Rest, Spot
from omniedit.specialists.locate import finder
from omniedit.specialists.masks import Box
from omniedit.sprites import Stance, named

__all__ = ["related"]

GAP = 0.1  # of a thing's width, left between it and what it stands next to
HIDDEN = 0.45  # of a thing's width, hidden at most by what it stands behind
HIDES = 0.5  # of the height of what it stands before, that a thing hides unless it is larger
SHRUNK = 0.45  # of its usual height, at least, where there is little room
FIELD = (0.75, 0.25)  # powers of the true height and of the one that suits the picture
Place = tuple[float, float, float]  # x, foot, height


@dataclass(frozen=True)
class Other:
    """What a thing is put next to: `box` in pixels; `guessed` where it only stands out."""

    words: str
    box: Box
    guessed: bool = False

    @property
    def high(self) -> int:
        """Its height in pixels."""
        return self.box[3] - self.box[1]


def related(stage: Stage, figure: Figure, where: Where, says: str) -> Placing | Refusal:
    """Where `figure` goes held against what `where` names; a refusal where that is not found."""
    what, relation = where.what or "", where.relation or "beside"
    other = _other(stage, what)
    if other is None or (other.guessed and relation == "behind"):  # a rough outline hides nothing well
        return Refusal(f"I can't find {the(what)} by myself here", "click where it should stand, or draw a box")
    rest = rest_of(figure.thing.stance)
    if rest == Rest.SKY and relation not in ("above", "behind"):
        rest = Rest.AIR
    foot = float(min(other.box[3], 0.97 * stage.height))
    high = fitting(stage, figure, _height(stage, figure, other, foot))
    if relation in ("beside", "left", "right"):
        places = _next_to(stage, figure, other, relation, foot, high, rest)
    elif relation == "behind":
        places = _behind(stage, figure, other, foot, high, rest)
    elif relation in ("above", "on"):
        places = _over(figure, other, high, on=relation == "on")
        rest = rest if relation == "on" or rest == Rest.SKY else Rest.AIR
    else:
        places = _before(stage, figure, other, high)
    front = _whole(stage, what) if relation == "behind" else None
    spots = [Spot(inside(stage, x, h * figure.aspect), foot, h, rest, front=front) for x, foot, h in places]
    note = f"I take what stands out most for {the(what)}; click to choose another place."
    choices = tuple((spot,) for spot in spots)
    return Placing(choices, says, 0.55, (note,)) if other.guessed else Placing(choices, says, 0.75)


def _other(stage: Stage, what: str) -> Other | None:
    """What is named; a person or head from the face where no more is found."""
    words = set(what.split())
    if words & HEADS and stage.face is not None:
        left, top, right, bottom = stage.face
        return Other(what, (left, round(top - 0.5 * (bottom - top)), right, bottom))
    if (found := stage.find(what)) is not None:
        return Other(what, stage.box_of(found.mask))
    if words & PEOPLE and stage.face is not None:
        left, top, right, _ = stage.face
        wide = right - left
        return Other(what, (max(0, left - wide), top, min(stage.width, right + wide), stage.height))
    if words & (PEOPLE | HEADS) or stage.main is None:
        return None
    return Other(what, stage.box_of(stage.main.mask), guessed=True)


def _height(stage: Stage, figure: Figure, other: Other, foot: float) -> float:
    """How high the thing is, held against what it is put next to, where it is known how high that is."""
    usual = usual_height(stage, figure.thing, foot) * figure.factor
    if figure.thing.size is None or figure.thing.stance == Stance.SKY:
        return usual
    metres = figure.thing.size * figure.factor
    if set(other.words.split()) & (PEOPLE | HEADS) and stage.face is not None:
        true = metres * (stage.face[3] - stage.face[1]) / FACE
        return float(true ** FIELD[0] * usual ** FIELD[1])
    known = named(other.words)
    if known is None or known.size is None or known.stance in (*WORN, Stance.SKY):
        return usual
    if other.guessed:  # the cup may be a cup and its saucer: no measure, but it is no larger than that
        return min(usual, metres / known.size * other.high)
    return float((metres / known.size * other.high) ** FIELD[0] * (0.5 * other.high) ** FIELD[1])


def _next_to(
    stage: Stage, figure: Figure, other: Other, relation: str, foot: float, high: float, rest: Rest
) -> list[Place]:
    """At its side, smaller where there is little room; the roomier side first, unless one is said."""
    left, top, right, bottom = other.box
    places = []
    for side, room in (("right", stage.width - right), ("left", left)):
        if relation not in ("beside", side):
            continue
        fits = max(min(high, room / (figure.aspect * (1 + GAP))), SHRUNK * high)
        away = (0.5 + GAP) * fits * figure.aspect
        down = foot if rest != Rest.AIR else min(foot, top + 0.3 * (bottom - top) + 0.5 * fits)
        places.append((right + away if side == "right" else left - away, down, fits))
    return sorted(places, key=lambda place: -place[2])


def _behind(stage: Stage, figure: Figure, other: Other, foot: float, high: float, rest: Rest) -> list[Place]:
    """A little further back, and looking out at one side, or above where it is far higher."""
    left, top, right, bottom = other.box
    if rest in (Rest.AIR, Rest.SKY):
        return [((left + right) / 2, max(top + 0.5 * high, high), high)]
    foot -= 0.04 * (bottom - top)
    shown = (0.5 - HIDDEN) * high * figure.aspect
    places = [(right + shown, foot, high), (left - shown, foot, high)]
    places.sort(key=lambda place: -min(place[0], stage.width - place[0]))
    return [((left + right) / 2, foot, high), *places] if high > 1.5 * (bottom - top) else places


def _over(figure: Figure, other: Other, high: float, on: bool) -> list[Place]:
    """On its top, or above it; smaller where the picture ends there."""
    left, top, right, bottom = other.box
    room = max(float(top), 0.0)
    high = max(min(high, 1.2 * room), SHRUNK * high)
    least = (0.75 if on else 1.0) * high  # so much of it is seen
    foot = top + 0.05 * (bottom - top) if on else top - 0.2 * high
    return [((left + right) / 2, max(foot, least), high)]


def _before(stage: Stage, figure: Figure, other: Other, high: float) -> list[Place]:
    left, _, right, bottom = other.box
    known = named(other.words)
    if known is None or known.size is None or (figure.thing.size or 0.0) < 1.2 * known.size:
        high = min(high, HIDES * other.high)
    foot, middle = min(bottom + 0.1 * high, 0.985 * stage.height), (left + right) / 2
    aside = 0.6 * high * figure.aspect
    return [(middle, foot, high), (middle - aside, foot, high), (middle + aside, foot, high)]


def _whole(stage: Stage, what: str) -> Bools | None:
    """The mask of what is named at full size, so that its outline covers what is behind it."""
    found = ground(what, stage.rgb, finder=finder())
    return found[0].mask if found and found[0].score >= SURE else None
