"""What a phrase that names a region asks for: which kind of thing, in which colour, where, and how many."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from omniedit.colour_names import colour_name_in, colour_rgb

__all__ = ["Kind", "Place", "Wanted", "wanted"]


class Kind(StrEnum):
    """What a finder is there for; the value is how a sentence names it. THING is everything else."""

    THING = "thing"
    SUBJECT = "main thing"
    BACKGROUND = "background"
    EVERYTHING = "whole picture"
    SKY = "sky"
    GRASS = "grass"
    WATER = "water"
    SAND = "sand"
    SNOW = "snow"
    GROUND = "ground"
    PERSON = "person"
    FACE = "face"
    HAIR = "hair"
    CLOTHES = "clothes"
    LINES = "lines"
    TEXT = "text"
    SPOTS = "spots"
    LIGHTS = "lights"


_NOUNS: dict[Kind, str] = {
    Kind.SUBJECT: "subject foreground object thing one it this that item main-subject main-object focus",
    Kind.BACKGROUND: "background backdrop surroundings scenery backround bg",
    Kind.EVERYTHING: "everything picture image photo photograph pic scene frame all shot whole-thing",
    Kind.SKY: "sky skies heavens",
    Kind.GRASS: "grass lawn meadow turf",
    Kind.WATER: "water sea ocean lake river pond waves",
    Kind.SAND: "sand beach dune dunes",
    Kind.SNOW: "snow",
    Kind.GROUND: "ground floor road street pavement sidewalk asphalt tarmac path earth dirt-road",
    Kind.PERSON: "person people man woman men women girl boy girls boys guy guys lady ladies gentleman kid kids child "
    "children baby toddler couple bride groom me us him her them he she myself ourselves someone everyone everybody "
    "friend friends mum mom dad mother father wife husband girlfriend boyfriend sister brother son daughter grandma "
    "grandpa family teenager bystander bystanders stranger strangers tourist tourists astronaut portrait human",
    Kind.FACE: "face faces complexion skin-of-face",
    Kind.HAIR: "hair haircut hairstyle hairdo curls fringe ponytail locks",
    Kind.CLOTHES: "clothes clothing outfit shirt tshirt t-shirt tee dress jacket coat suit sweater jumper hoodie "
    "blouse uniform robe vest spacesuit space-suit costume cardigan gown sweatshirt pullover garment top blazer",
    Kind.LINES: "wire wires cable cables line lines powerline powerlines scratch scratches crack cracks string strings "
    "thread threads cord cords rope",
    Kind.TEXT: "text caption writing words letters lettering date date-stamp datestamp timestamp time-stamp watermark "
    "watermarks logo logos subtitle subtitles signature copyright inscription stamp typo",
    Kind.SPOTS: "spot spots pimple pimples blemish blemishes acne zit zits mole moles dust speck specks speckle "
    "speckles freckle freckles mark marks fleck flecks dot dots sensor-dust imperfection imperfections",
    Kind.LIGHTS: "light lights lamp lamps glare headlight headlights bulb bulbs streetlight streetlights street-lamp "
    "lantern lanterns flare sun",
}
_KINDS = {noun.replace("-", " "): kind for kind, nouns in _NOUNS.items() for noun in nouns.split()}
_KINDS["t-shirt"] = Kind.CLOTHES
# Words after which the phrase says where or whose a thing is, no longer what it is.
_AFTER = set(
    "on in at of with behind under near by from to over above below beside next between against inside outside around "
    "across along who that which wearing holding standing sitting there here".split()
)
_BEFORE = set(
    "the a an my his her our your their its this that these those all both every each some any two three four "
    "whole entire of just only".split()
)
_SEVERAL = set("all both every each two three four these those everyone everybody people us them".split())
# -s that is no plural, and plurals without one
_SINGULAR = set("dress grass glass bus gas canvas compass cross moss this its hers his us clothes suns lens".split())
_PLURAL = set("people men women children feet teeth geese mice everyone everybody us them".split())


@dataclass(frozen=True)
class Place:
    """Where in the picture: `x` -1 left, 0 middle, 1 right; `y` -1 top, 1 bottom; `depth` -1 far, 1 near; None open.

    `size`: 1 for the biggest, -1 for the smallest.
    """

    x: int | None = None
    y: int | None = None
    depth: int | None = None
    size: int | None = None

    def __bool__(self) -> bool:
        return self != Place()


@dataclass(frozen=True)
class Wanted:
    """What is looked for. `noun` in the words of the phrase, `colour` sRGB, `colour_name` as the phrase says it."""

    phrase: str
    noun: str
    kind: Kind
    colour: tuple[int, int, int] | None = None
    colour_name: str | None = None
    place: Place = Place()
    several: bool = False


def wanted(phrase: str) -> Wanted:
    """Reads `phrase`: "the red car on the left" -> a THING, noun "car", red, at the left."""
    text = re.sub(r"[^\w\s'-]", " ", phrase.lower().replace("’", "'"))
    words = re.findall(r"[\w-]+(?:'\w+)?", text)
    head = _head(words)
    start, end = head
    noun = " ".join(words[start:end])
    kind = _KINDS.get(noun) or _KINDS.get(noun.removesuffix("s"), Kind.THING)
    owner = [w for w in words[:start] if w.endswith("'s")]
    before = [w for w in words[:start] if w not in owner]
    described = " ".join(before)
    colour = colour_rgb(described)
    if colour is None and kind in (Kind.SUBJECT, Kind.THING) and colour_rgb(noun) and len(before) == len(words) - 1:
        described, colour = (noun, colour_rgb(noun)) if _is_plain_colour(noun) else (described, None)
        if colour:
            kind, noun = Kind.SUBJECT, "thing"
    several = bool(_SEVERAL & set(words[:end])) or noun in _PLURAL or _is_plural(noun)
    rest = words[:start] + words[end:]
    name = colour_name_in(described) if colour else None
    return Wanted(phrase, noun, kind, colour, name, _place(rest), several)


def _is_plain_colour(noun: str) -> bool:
    return noun in set("red green blue yellow orange purple pink brown black white grey gray".split())


def _is_plural(noun: str) -> bool:
    last = noun.split(" ")[-1] if noun else ""
    return last.endswith("s") and not last.endswith("ss") and last not in _SINGULAR and len(last) > 3


def _head(words: list[str]) -> tuple[int, int]:
    """Where in `words` the noun stands that the phrase is about: its first word and the one after its last."""
    end = next((k for k, w in enumerate(words) if k and w in _AFTER and words[k - 1] not in _BEFORE), len(words))
    # "top of the mug", "colour of the sky": what is after "of" is meant
    if end + 1 < len(words) and words[end] == "of" and words[end - 1] in {"colour", "color", "rest", "part", "piece"}:
        start, stop = _head(words[end + 1 :])
        return start + end + 1, stop + end + 1
    while end > 1 and words[end - 1] in {*_X, *_Y} and end < len(words):  # "the dog left of the car"
        end -= 1
    for length in (2, 1):
        if end >= length and " ".join(words[end - length : end]) in _KINDS:
            return end - length, end
    return max(end - 1, 0), end


_X = {"left": -1, "leftmost": -1, "left-hand": -1, "middle": 0, "centre": 0, "center": 0, "central": 0, "right": 1}
_X |= {"rightmost": 1, "right-hand": 1}
_Y = {"top": -1, "upper": -1, "topmost": -1, "bottom": 1, "lower": 1, "bottommost": 1}
_DEPTH = {"background": -1, "back": -1, "distance": -1, "far": -1, "distant": -1, "furthest": -1, "farthest": -1}
_DEPTH |= {"foreground": 1, "front": 1, "near": 1, "nearest": 1, "closest": 1}
_SIZE = {"biggest": 1, "largest": 1, "big": 1, "large": 1, "bigger": 1, "larger": 1, "tallest": 1, "huge": 1}
_SIZE |= {"smallest": -1, "small": -1, "little": -1, "tiny": -1, "smaller": -1, "tiniest": -1}
_OF_THE_PICTURE = set("picture image photo photograph frame screen scene shot".split())


def _place(words: list[str]) -> Place:
    """Where `words`, the phrase without its noun, say that the thing is."""
    found: dict[str, int] = {}
    for k, word in enumerate(words):
        relative = words[k + 1 : k + 2] == ["of"] and not _OF_THE_PICTURE & set(words[k + 2 : k + 4])
        if relative:
            continue  # "left of the car": where the car is, is not known here
        for axis, table in (("x", _X), ("y", _Y), ("depth", _DEPTH), ("size", _SIZE)):
            if word in table:
                found.setdefault(axis, table[word])
    return Place(**found)
