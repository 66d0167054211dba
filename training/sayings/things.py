"""Phrases for the slots of a saying: "the red car on the left", "a hat", "some balloons", "emerald green"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from omniedit.language.words import Lexicon

__all__ = ["Things", "plural_of"]

SAME_KIND = 0.6  # how often a swap puts a thing in the place of one of its kind
PAIR_KINDS = "object furniture vehicle animal decor food drink plant device clothing accessory building person".split()
UNHEARD_SHARE = 0.04  # of the nouns are made up, so that a thing is known by where it stands too
ADJECTIVE_SHARE, COLOUR_SHARE, PLACE_SHARE = 0.18, 0.12, 0.34
_THE = ("the",) * 10 + ("that", "this", "my", "our", "his", "her", "those", "these", "your")
_OWN = ("my", "my", "my", "his", "her", "the", "our", "their", "his", "her", "the bride's", "dad's", "the man's")
_OWNED = frozenset({"bodypart", "clothing", "accessory", "facial", "family", "bodycol", "fantasywear"})
_SYLLABLES = "ba ble cro den dri fa fo gru ki lor mab nu pli quo ru sne ta tro vim wo zan ster ing ock".split()
_MASS = frozenset(
    "hair grass water snow sand mud dirt dust rust glare makeup lipstick eyeliner mascara blush graffiti text writing "
    "rubbish litter trash garbage junk clutter mess laundry washing bunting tinsel confetti food rice pasta bread cake "
    "coffee tea milk juice beer wine smoke fog steam fire foliage greenery ivy moss lightning bacon sushi pizza fruit "
    "salad ice stubble acne sweat jewellery jewelry furniture scaffolding".split()
)


class Things:
    """Draws phrases of a kind: a section of kinds.txt, or a kind of the lexicon."""

    def __init__(self, lexicon: Lexicon, sections: Mapping[str, Sequence[str]]) -> None:
        self.sections = sections
        self.entries = {**lexicon.entries}
        for kind, lines in sections.items():
            if lines[0].startswith("* "):
                self.entries[kind] = tuple(lines[0][2:].split(", "))
        self.adjectives = lexicon.entries["adjective"]
        self.colours = lexicon.entries["colour"]

    def pair(self, rng: np.random.Generator) -> tuple[str, str]:
        """Two kinds of nouns of which one may take the other's place."""
        one, other = (PAIR_KINDS[int(i)] for i in rng.integers(len(PAIR_KINDS), size=2))
        return one, one if rng.random() < SAME_KIND else other

    def draw(self, kind: str, form: str, rng: np.random.Generator) -> str:
        """A phrase of the kind in the form: "the" thing, "a" thing, "bare", "noun", "plural" or as it is usual.

        "seen" is a thing with its place, as in "there is a man by the door".
        """
        section = self.sections.get(f"{kind}.{form}") or self.sections.get(kind)
        if section is None or section[0].startswith("* "):
            return self._noun_phrase([kind], form, rng)
        line = section[int(rng.integers(len(section)))]
        if line.startswith("= "):
            return self._noun_phrase(line[2:].split(), form, rng)
        return line

    def _noun_phrase(self, kinds: Sequence[str], form: str, rng: np.random.Generator) -> str:
        kind = kinds[int(rng.integers(len(kinds)))]
        words = self.entries[kind]
        noun = words[int(rng.integers(len(words)))]
        if kind in ("colour", "material", "style", "film", "artist", "geo", "setting", "weather", "daytime", "season"):
            return noun
        if rng.random() < UNHEARD_SHARE:
            noun = "".join(rng.choice(_SYLLABLES, int(rng.integers(2, 4))))
        if form == "mix":
            form = "bare" if rng.random() < 0.5 else ""
        if kind == "person" and form in ("", "the") and rng.random() < 0.2:
            kind, noun = "family", _one(self.entries["family"], rng)
        if form == "noun":
            return self._described(noun, kind, rng) if rng.random() < 0.5 else noun
        if form == "plural":
            return plural_of(noun)
        said = self._described(noun, kind, rng)
        if form in ("a", "some"):
            return self._some(said, noun, rng)
        places = "{:personpost}" if kind in ("person", "family") and rng.random() < 0.5 else "{:post}"
        if form == "seen":
            return f"{self._some(said, noun, rng)} {places}"
        if form == "bare":
            bare = plural_of(said) if kind not in ("facial", "bodypart") and rng.random() < 0.3 else said
            return f"{bare} {{:post}}" if rng.random() < PLACE_SHARE / 2 else bare
        the = _one(_OWN if kind in _OWNED else _THE, rng)
        if the in ("those", "these"):
            said = plural_of(said)
        if kind == "family" and rng.random() < 0.25:
            the, said = "", noun
        placed = form != "the" and rng.random() < PLACE_SHARE
        return f"{the} {said} {places}".strip() if placed else f"{the} {said}".strip()

    def _described(self, noun: str, kind: str, rng: np.random.Generator) -> str:
        if kind == "family":
            return noun
        chance = rng.random()
        if chance < ADJECTIVE_SHARE:
            return f"{_one(self.adjectives, rng)} {noun}"
        if chance < ADJECTIVE_SHARE + COLOUR_SHARE:
            return f"{_one(self.colours, rng)} {noun}"
        return noun

    def _some(self, said: str, noun: str, rng: np.random.Generator) -> str:
        if _is_plural(noun) or noun.split()[-1] in _MASS:
            return f"{_one(('some', 'some', '', 'a few', 'a bit of', 'more', 'lots of'), rng)} {said}".strip()
        chance = rng.random()
        if chance < 0.82:
            return f"a {said}"
        if chance < 0.88:
            return said
        many = (
            "two",
            "three",
            "a few",
            "some",
            "lots of",
            "a bunch of",
            "several",
            "four",
            "a pair of",
            "a dozen",
            "5",
        )
        return f"{_one(many, rng)} {plural_of(said)}"


def _one(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _is_plural(noun: str) -> bool:
    last = noun.split()[-1]
    regular = last.endswith("s") and not re.search(r"(ss|us|is|bus|gas|glass)$", last)
    return regular or last in ("people", "teeth", "feet")


def plural_of(said: str) -> str:
    """Several of what `said` names."""
    if _is_plural(said) or said.split()[-1] in _MASS:
        return said
    if re.search(r"(s|x|ch|sh)$", said):
        return f"{said}es"
    if re.search(r"[^aeiou]y$", said):
        return f"{said[:-1]}ies"
    return f"{said}s"
