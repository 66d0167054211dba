"""The canonical words of an edit: its kind, its colour, and how much of it is wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from omniedit.colour_names import colour_name_in
from omniedit.language.words import bundled_lexicon, tokens_of
from omniedit.types import Parameter, Task
from omniedit.vocabulary import BACKGROUNDS, CHANGES, ENVIRONMENTS, MATERIALS, STYLES

__all__ = ["DEGREE", "LESS", "kind_in", "named_kind", "parameters_of"]

TABLES: dict[str, Mapping[str, tuple[str, ...]]] = {
    "environment": ENVIRONMENTS,
    "style": STYLES,
    "background": BACKGROUNDS,
    "material": MATERIALS,
    "change": CHANGES,
}
# What says a change only where it is all that is said: "big", but not "a big smile".
ALONE = {
    "big": "bigger", "giant": "bigger", "small": "smaller", "mini": "smaller", "dark": "darker", "light": "lighter",
    "bright": "lighter", "warm": "warmer", "cold": "cooler", "cool": "cooler", "soft": "smoother", "dull": "faded",
    "intense": "vivid", "dramatic": "contrast", "deeper": "darker",
}  # fmt: skip
# What a thing has too much of, and the change that helps.
TOO = {
    "dark": "lighter", "dim": "lighter", "bright": "darker", "light": "darker", "pale": "vivid", "dull": "vivid",
    "faded": "vivid", "vivid": "faded", "saturated": "faded", "small": "bigger", "tiny": "bigger", "big": "smaller",
    "large": "smaller", "huge": "smaller", "blurry": "sharper", "soft": "sharper", "sharp": "smoother",
    "wrinkled": "smoother", "noisy": "smoother", "warm": "cooler", "yellow": "cooler", "orange": "cooler",
    "cold": "warmer", "cool": "warmer", "blue": "warmer", "flat": "contrast", "harsh": "smoother",
}  # fmt: skip
# The first that is found counts; .5 is a bit, 1 as usual, 1.5 very.
AMOUNTS = (
    (0.5, r"not (?:too|so|very|that) \w+|barely|faint(?:ly)?|subtl[ey]r?|hint of|touch of|a touch|a tad|slight(?:ly)?"),
    (0.5, r"(?:just )?a (?:little )?bit|a little|bit of|somewhat|light dusting|gently?|lightly|mild(?:ly)?|half as"),
    (1.5, r"much|way|far|very|really|super|extremely|totally|completely|loads|lots?|tons|so|heav(?:y|ily|ier)|thick"),
    (1.5, r"strong(?:er|ly)?|dense|huge|massive|enormous|gigantic|giant|extra|ultra|hugely|deep|dramatic(?:ally)?"),
    (1.5, r"twice|double|three times|intense(?:ly)?|full on|even more|pouring|pitch|tiny|bold(?:er)?"),
)
A_BIT = re.compile(r"\b(?:a (?:little )?bit|a little|slightly|a touch|a tad|somewhat)\b", re.IGNORECASE)
# What there is to be less of, and the change that helps; of less contrast there is none.
LESSENED = {"noise": "smoother", "grain": "smoother", "saturation": "faded", "contrast": None}
LESS = re.compile(
    r"\b(?:less|reduce|lower|decrease|remove|get rid of|clean up|cut down)(?: on)?(?: (?:the|some|all|all the))?"
    rf"(?: image| film| colou?r)? (?P<what>{'|'.join(LESSENED)})\b",
    re.IGNORECASE,
)
# How much more, before the word that it is said of.
DEGREE = re.compile(
    r"(?:(?:just )?an? (?:(?:little|tiny) )?bit|a little|slightly|somewhat|a touch|a tad|a lot|much|way|far|very"
    r"|really)\s+",
    re.IGNORECASE,
)
# How much is blurred, where the verb alone is the value; "very" and the like may be said of a thing instead.
BLURRED = (
    (0.5, r"subtl[ey]|gently|lightly|mildly|barely|softly|a smidge|just a hint|not too (?:much|strong(?:ly)?)"),
    (
        1.5,
        r"a lot(?! of)|lots|heavily|strongly|intensely|massively|hugely|(?:very|so|way too|as) much|(?:way|much) more",
    ),
    (1.5, r"(?:really|totally|completely|extremely|fully|super)(?= (?:blur|defocus|soft|out of)|[\s.!]*$)"),
)


def parameters_of(task: Task, value: str | None, text: str) -> dict[str, Parameter]:
    """ "kind", "colour" and "amount" as `omniedit.vocabulary` names them, as far as the words say.

    `value` are the words of the value, `text` those of the whole wish, which are looked at where the value is silent.
    """
    found: dict[str, Parameter] = {}
    said = value or ""
    colour = colour_name_in(said) if task in (Task.ATTRIBUTE, Task.BACKGROUND) and not _too(said) else None
    kind = _kind(task, said, colour) or (_kind(task, text, None) if task is not Task.ATTRIBUTE else None)
    if task is Task.ATTRIBUTE and colour and kind in (None, *CHANGES):
        kind = "colour"
    if kind:
        found["kind"] = kind
    if colour and kind in ("colour", "plain", "gradient", "studio", *MATERIALS) and colour != kind:
        found["colour"] = colour
    amount = _amount(said)
    if amount is None and (task is Task.ATTRIBUTE or kind == "blur") and A_BIT.search(text):
        amount = 0.5
    if amount is None and kind == "blur":
        amount = _amount(text, BLURRED)
    if amount is not None and task not in (Task.SWAP, Task.REMOVAL, Task.ADDITION):
        found["amount"] = amount
    return found


def kind_in(words: str, table: str) -> str | None:
    """The kind of TABLES[table] that `words` name, by the longest synonym, of equals the first; None if none."""
    lexicon = bundled_lexicon()
    read = [lexicon.read_as(token.plain) for token in tokens_of(words)]
    best: tuple[int, int, str] | None = None
    for name, kind in _names(table):
        for start in range(len(read) - len(name) + 1):
            if tuple(read[start : start + len(name)]) == name and (best is None or (-len(name), start) < best[:2]):
                best = (-len(name), start, kind)
    return best[2] if best else None


def named_kind(words: str) -> tuple[str, str] | None:
    """The table and the kind that `words` name and nothing else; ("colour", "colour") of a colour, None of others."""
    words = re.sub(f"^{DEGREE.pattern}", "", words.strip(), flags=re.IGNORECASE)
    read = tuple(bundled_lexicon().read_as(token.plain) for token in tokens_of(words))
    for table in ("change", "style", "environment", "material"):
        if kind := next((kind for name, kind in _names(table) if name == read), None):
            return table, kind
    return ("colour", "colour") if words and colour_name_in(words) == words.lower() else None


def _kind(task: Task, words: str, colour: str | None) -> str | None:
    if task is Task.BACKGROUND:
        kind = kind_in(words, "background")
        if kind == "transparent" and re.search(r"\bwith\b|\bto\b|\binto\b|\binstead\b", words):
            kind = None
        return "plain" if colour and kind in (None, "room") and not _place(words) else kind
    if task in (Task.STYLE, Task.ATTRIBUTE) and (less := LESS.search(words)):
        return _kind(task, LESS.sub("", words), colour) or LESSENED[less["what"].lower()]
    if task in (Task.ENVIRONMENT, Task.STYLE):
        kind = kind_in(words, task.value)
        return kind or (kind_in(words, "change") or _alone(words) if task is Task.STYLE else None)
    if task is Task.ATTRIBUTE:
        material = kind_in(words, "material")
        if material and colour and not kind_in(colour, "material"):
            return material if words.lower().split()[-1] != colour.split()[-1] else None  # "denim blue" is a colour
        if material and colour and len(colour.split()) > 1:  # "rose gold"
            return None
        return material or _too(words) or kind_in(words, "change") or _alone(words)
    return None


def _place(words: str) -> bool:
    """Whether the words name a place, which has a colour only by the way."""
    lexicon = bundled_lexicon()
    plain = [lexicon.read_as(token.plain) for token in tokens_of(words)]
    kinds = {lexicon.kinds[number] for numbers in lexicon.kinds_of(plain) for number in numbers}
    return bool(kinds & {"geo", "setting", "building"})


def _too(words: str) -> str | None:
    found = re.search(r"\btoo (\w+)", words.lower())
    return TOO.get(found[1]) if found else None


def _alone(words: str) -> str | None:
    rest = [
        w for w in re.findall(r"[a-z]+", words.lower()) if w not in ("a", "bit", "very", "really", "so", "too", "much")
    ]
    return ALONE.get(rest[0]) if len(rest) == 1 else None


def _amount(words: str, amounts: tuple[tuple[float, str], ...] = AMOUNTS) -> float | None:
    for amount, pattern in amounts:
        if re.search(rf"\b(?:{pattern})\b", words.lower()):
            return amount
    return None


@lru_cache(maxsize=8)
def _names(table: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Each synonym as its words, with its kind."""
    return tuple(
        (tuple(token.plain for token in tokens_of(name)), kind)
        for kind, names in TABLES[table].items()
        for name in (kind, *names)
    )
