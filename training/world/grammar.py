"""A tiny template language: `(a|b)` picks one, `[x]` may be left out, `{slot}` is filled in; they nest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

__all__ = ["expand", "slots_of", "variants"]

_INNERMOST = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
# "u" as in umbrella: the world has no word like "unicorn".
_ARTICLE = re.compile(r"\ba (?=[aeiou8])")
_UNITS = re.compile(r"a \{\S+|\S+")  # words and slots; an article goes with what fills the slot after it
_SPACES = re.compile(r" {2,}")
_SYLLABLES = "ba ble cro den dri fa fo gru ki lor mab nu pli quo ru sne ta tro vim wo zan".split()


def expand(template: str, slots: Mapping[str, str], rng: np.random.Generator, unheard: float = 0.0) -> str:
    """One sentence of the template, its choices drawn from `rng`; "a" becomes "an" where it must.

    `unheard`: how often one of the template's own words is a made-up one, so that a reader must do without it.
    """
    while found := _INNERMOST.search(template):
        options = _options(found)
        chosen = options[int(rng.integers(len(options)))]
        template = template[: found.start()] + chosen + template[found.end() :]
    if unheard and rng.random() < unheard:
        template = _with_made_up_word(template, rng)
    return _tidy(template.format_map(slots))


def _with_made_up_word(chosen: str, rng: np.random.Generator) -> str:
    said = _UNITS.findall(chosen)
    plain = [i for i, word in enumerate(said) if word.isalpha()]
    if plain:
        syllables = rng.choice(_SYLLABLES, int(rng.integers(1, 4)))
        said[plain[int(rng.integers(len(plain)))]] = "".join(syllables)
    return " ".join(said)


def slots_of(template: str) -> frozenset[str]:
    """The names of the slots that the template may use."""
    return frozenset(_SLOT.findall(template))


def variants(template: str) -> Iterator[str]:
    """Every sentence of the template with its slots left open."""
    found = _INNERMOST.search(template)
    if found is None:
        yield _tidy(template)
        return
    for chosen in set(_options(found)):
        yield from variants(template[: found.start()] + chosen + template[found.end() :])


def _options(found: re.Match[str]) -> list[str]:
    """The choices of a group; `[a|b]` is as often left out as not."""
    if found[1] is not None:
        return found[1].split("|")
    optional = found[2].split("|")
    return [*optional, *[""] * len(optional)]


def _tidy(text: str) -> str:
    return _ARTICLE.sub("an ", _SPACES.sub(" ", text).replace(" ,", ",").replace(" 'd", "'d").strip())
