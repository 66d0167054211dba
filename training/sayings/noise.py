"""How fingers and phones change a sentence: case, lost apostrophes, chat spelling, typos, doubled marks."""

from __future__ import annotations

import re

import numpy as np

__all__ = ["slips"]

TYPO_SHARE = 0.12  # of the sentences have at least one
_NEIGHBOURS = {
    row[i]: row[max(0, i - 1) : i] + row[i + 1 : i + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for i in range(len(row))
}
_CHAT = {
    "please": ("pls", "plz", "plss"), "you": ("u", "ya"), "are": ("r",), "with": ("w/", "w"), "and": ("n", "&", "an"),
    "to": ("2",), "for": ("4",), "picture": ("pic", "pictrue"), "because": ("cuz", "bc", "cos"), "the": ("teh", "da"),
    "background": ("backround", "bg", "backgorund"), "want": ("wanna", "wnat"), "I": ("i",), "I'd": ("id", "i'd"),
    "thanks": ("thx",), "people": ("ppl",), "something": ("smth",), "really": ("rly",), "instead": ("insted",),
    "colour": ("color", "coulour"), "grey": ("gray",), "don't": ("dont",), "can't": ("cant",), "isn't": ("isnt",),
}  # fmt: skip


def slips(marked: str, marks: str, rng: np.random.Generator) -> str:
    """`marked` as somebody types it; the letters of `marks` stay where they belong."""
    said = marked.replace("☺", ":)").replace("☹", ":(")
    if rng.random() < 0.2:
        said = _in_chat(said, rng)
    while rng.random() < TYPO_SHARE:
        said = _typo(said, marks, rng)
    if rng.random() < 0.25:
        said = said.replace("'", "") if rng.random() < 0.7 else said.replace("'", "’")
    if rng.random() < 0.05:  # the small words of people in a hurry or of another tongue
        said = re.sub(rf"(?<![^\s{marks}])(?:the|a|an|my) ", "", said)
    return _cased(said, marks, rng)


def _in_chat(said: str, rng: np.random.Generator) -> str:
    for word, forms in _CHAT.items():
        if rng.random() < 0.5:
            said = re.sub(rf"\b{re.escape(word)}\b", forms[int(rng.integers(len(forms)))], said)
    return said


def _typo(said: str, marks: str, rng: np.random.Generator) -> str:
    words = list(re.finditer(r"[a-z]{4,}", said))
    if not words:
        return said
    word = words[int(rng.integers(len(words)))]
    text, k = word[0], int(rng.integers(1, len(word[0]) - 1))
    near = _NEIGHBOURS.get(text[k], text[k])
    forms = (
        text[:k] + text[k + 1] + text[k] + text[k + 2 :],
        text[:k] + text[k + 1 :],
        text[:k] + text[k] + text[k:],
        text[:k] + near[int(rng.integers(len(near)))] + text[k + 1 :],
    )
    return said[: word.start()] + forms[int(rng.integers(len(forms)))] + said[word.end() :]


def _cased(said: str, marks: str, rng: np.random.Generator) -> str:
    case = rng.random()
    if case < 0.42:
        return said.lower()
    if case < 0.45:
        return said.upper()
    if case < 0.8:
        at = next((i for i, c in enumerate(said) if c not in marks), 0)
        said = said[:at] + said[at : at + 1].upper() + said[at + 1 :]
        if rng.random() < 0.4 and said[-1:].isalnum():
            said += ".!"[int(rng.random() < 0.2)]
    return said
