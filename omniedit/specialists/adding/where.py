"""What words say about a place: "next to the dog", "on the table, left", "top right", and how many of what size.

Words only; no picture is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from omniedit.sprites import without_article

__all__ = ["HEADS", "PEOPLE", "SKY", "SURFACES", "WATER", "Where", "how_large", "how_many", "read_place", "the"]

SKY = frozenset("sky air clouds cloud heaven heavens".split())
WATER = frozenset("water sea ocean lake river pond pool stream harbour harbor bay waves".split())
SURFACES = WATER | frozenset(
    """ground floor table desk counter worktop tabletop grass lawn meadow field road street path pavement sidewalk beach
    sand snow ice carpet rug shelf windowsill sill bed sofa couch bench wall roof saucer plate tray hill mountain garden
    park yard square track court stage platform deck dock pier bridge soil earth dirt wood""".split()
)
HEADS = frozenset("head heads hair forehead face faces eyes eye nose neck".split())
PEOPLE = frozenset(
    """me us him her them he she they i man woman person people guy lady girl boy kid kids child children baby dad mum
    mom grandma grandpa husband wife friend brother sister son daughter bride groom astronaut everyone teacher himself
    herself myself""".split()
)
_PRONOUNS = frozenset("me us him her them he she they i it this that".split())
_PICTURE = frozenset("picture photo photograph image frame scene shot view it this here there somewhere".split())
_ACROSS = {"left": 0.2, "right": 0.8, "centre": 0.5, "center": 0.5, "middle": 0.5}
_DOWN = {"top": 0.2, "upper": 0.22, "bottom": 0.82, "lower": 0.8}
_FAR = frozenset("background distance distant far horizon back".split())
_NEAR = frozenset("foreground front close nearby".split())
_FILLERS = frozenset("the a an hand side edge half third part corner very just right in at on of to most".split())
_NUMBERS = {"two": 2, "both": 2, "couple": 2, "pair": 2, "three": 3, "few": 3, "some": 3, "several": 4, "four": 4}
_NUMBERS |= {"five": 5, "six": 6, "many": 6, "lots": 6, "flock": 6, "herd": 5, "bunch": 4, "group": 4, "dozens": 6}
_SIZES = {"huge": 1.8, "giant": 2.0, "gigantic": 2.0, "enormous": 2.0, "massive": 1.8, "big": 1.4, "large": 1.4}
_SIZES |= {"bigger": 1.4, "tall": 1.3, "small": 0.65, "little": 0.7, "tiny": 0.4, "mini": 0.5, "miniature": 0.4}
MOST = 6  # things at once

_RELATIONS = (
    ("left", r"(?:to |on |at )?(?:the |his |her )?left(?:-hand)?(?: side)? of|left from"),
    ("right", r"(?:to |on |at )?(?:the |his |her )?right(?:-hand)?(?: side)? of|right from"),
    ("behind", r"behind|in back of|at the back of"),
    ("before", r"in front of|before|at the feet of"),
    ("above", r"above|over|floating over|hovering over"),
    ("below", r"below|under|underneath|beneath"),
    ("beside", r"next to|beside|besides|alongside|close to|near|by|against|with|round|around|between"),
    ("on", r"on top of|on|onto|upon|atop|inside|into|in|within|along|across|at|to|for"),
)
_PATTERN = re.compile("|".join(rf"\b(?P<{name}>{words})\s+" for name, words in _RELATIONS))
_RIGHT_BESIDE = re.compile(
    r"\b(?:right|just|directly) (?=next|beside|behind|by|in front|above|over|under|below|on top)"
)
_PART_OF = re.compile(r"^(?:middle|centre|center|top|edge|side|front|end|corner) of (?:the |his |her |my )?")


@dataclass(frozen=True)
class Where:
    """A place in words: `relation` (left, right, behind, before, above, below, beside, on) to `what`; `x` and `y`,
    shares of the picture; `depth`: "far" or "near". None where the words do not say it.
    """

    relation: str | None = None
    what: str | None = None
    x: float | None = None
    y: float | None = None
    depth: str | None = None


def read_place(words: str | None) -> Where:
    """What `words` say: "on the table, left" -> on, "table", x = .2."""
    text = _RIGHT_BESIDE.sub("", (words or "").lower().strip(" .!?"))
    relation = what = None
    for found in _PATTERN.finditer(text):
        named = re.split(r",|;|\bplease\b", text[found.end() :])[0]
        named = _PART_OF.sub("", without_article(_PATTERN.split(f"{named} ")[0]).strip())
        parts = set(re.findall(r"[a-z']+", named))
        if parts - _FILLERS - _PICTURE - set(_ACROSS) - set(_DOWN) - _FAR - _NEAR:
            relation, what = ("before", "him") if named == "feet" else (found.lastgroup, named)
            text = text[: found.start()] + " " + text[found.end() + len(named) :]
            break
    if what is None and text and not _positions(text):
        rest = without_article(text).strip()
        if set(re.findall(r"[a-z']+", rest)) - _FILLERS - _PICTURE:
            relation, what = "on", rest  # "that bench"
    said = _positions(text)
    x = next((_ACROSS[word] for word in said if word in _ACROSS), None)
    y = next((_DOWN[word] for word in said if word in _DOWN), None)
    if "corner" in text.split():
        x, y = x if x is not None else 0.8, y if y is not None else 0.82
    elif "centre" in said or "center" in said or "middle" in said:
        y = y if y is not None or x != 0.5 or what else 0.5
    depth = "far" if _FAR & set(said) else "near" if _NEAR & set(said) else None
    return Where(relation, what, x, y, depth)


def how_many(words: str) -> int:
    """Of "two dogs", "some birds", "a flock of geese", "balloons": at most six."""
    parts = re.findall(r"[a-z0-9]+", words.lower())
    for part in parts:
        if part in _NUMBERS and (part != "some" or re.search("[^s]s$", parts[-1])):
            return _NUMBERS[part]
        if part.isdigit():
            return max(1, min(int(part), MOST))
    return 1


def how_large(words: str) -> float:
    """The factor that "big", "tiny" and the like ask for."""
    return next((_SIZES[part] for part in re.findall(r"[a-z]+", words.lower()) if part in _SIZES), 1.0)


def _positions(text: str) -> list[str]:
    """The words of `text` that say where in the picture."""
    known = set(_ACROSS) | set(_DOWN) | _FAR | _NEAR
    return [word for word in re.findall(r"[a-z]+", text) if word in known]


def the(what: str) -> str:
    """How a sentence names it: "the dog", "her"."""
    return what if set(what.split()) & _PRONOUNS else f"the {what}"
