"""The same phrasing about other things: words of a kind give way to others of that kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from omniedit.language.words import LONGEST_NAME, Lexicon, tokens_of
from training.phrasings import Said
from training.sayings.things import plural_of

__all__ = ["vary"]

# Kinds whose words stand for each other; a value's first, so that "orange" in one is a colour.
VALUES = ("colour", "artist", "geo", "setting", "weather", "daytime", "season", "film", "style", "material")
NOUNS = (
    "person", "family", "animal", "fantasy", "vehicle", "clothing", "accessory", "facial", "bodypart", "blemish",
    "furniture", "decor", "food", "drink", "plant", "building", "buildpart", "nature", "device", "object", "textthing",
    "clutter", "adjective",
)  # fmt: skip
INSIDE, OUTSIDE = 0.55, 0.15  # how often a word of a slot, or of the rest, gives way


def vary(said: Said, lexicon: Lexicon, rng: np.random.Generator) -> Said:
    """`said` with some of its words replaced; its slots and clauses stay about the same words."""
    tokens = tokens_of(said.text)
    words = [lexicon.read_as(token.plain) for token in tokens]
    text, shifts, done = "", list[tuple[int, int]](), 0  # shifts: (place in the old text, growth up to there)
    i = 0
    while i < len(tokens):
        length, kinds = _entry(words[i : i + LONGEST_NAME], lexicon)
        begin, end = tokens[i].start, tokens[i + length - 1].end
        slot = next((s for s, a, b in said.spans if a <= begin and end <= b), None)
        kind = _fitting(kinds, slot)
        if kind is not None and rng.random() < (OUTSIDE if slot is None else INSIDE):
            options = lexicon.entries[kind]
            word = options[int(rng.integers(len(options)))]
            if tokens[i + length - 1].plain != words[i + length - 1] and tokens[i + length - 1].plain.endswith("s"):
                word = plural_of(word)
            old = said.text[begin:end]
            word = word.upper() if old.isupper() and len(old) > 2 else word.capitalize() if old[0].isupper() else word
            text += said.text[done:begin] + word
            done = end
            shifts.append((end, len(text) - end))
        i += length
    text += said.text[done:]

    def moved(place: int, ending: bool) -> int:
        passed = [growth for at, growth in shifts if at < place or (ending and at == place)]
        return place + (passed[-1] if passed else 0)

    spans = tuple((slot, moved(a, False), moved(b, True)) for slot, a, b in said.spans)
    return replace(said, text=text, spans=spans, clauses=tuple((task, moved(at, False)) for task, at in said.clauses))


def _entry(words: list[str], lexicon: Lexicon) -> tuple[int, set[str]]:
    """How many of the first words are one entry of the lexicon, and its kinds."""
    for length in range(len(words), 0, -1):
        kinds = lexicon.kinds_of_entry(words[:length])
        if kinds:
            return length, kinds
    return 1, set()


def _fitting(kinds: set[str], slot: str | None) -> str | None:
    order = (*VALUES, *NOUNS) if slot == "value" else (*NOUNS, *VALUES)
    return next((kind for kind in order if kind in kinds), None)
