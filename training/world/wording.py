"""A meaning as a person would type it: verbs, politeness, order, spelling, typos."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from training.world.grammar import expand, slots_of
from training.world.heldout import HELD_PHRASES, Split
from training.world.meaning import Meaning, Reference
from training.world.phrases import POLITE, SAID
from training.world.settings_words import PLACE_WORDS, SETTINGS, TURNS, words
from training.world.vocabulary import COLOURS, MATERIALS, OBJECTS, Named

__all__ = ["Template", "choose_template", "heldout_templates", "say"]

HELD_SHARE = 0.5  # of the bench's sentences
SYNONYM_SHARE = 0.3
POLITE_SHARE = 0.25
TERSE_SHARE = 0.06  # "remove cat", "make car red"
TYPO_SHARE = 0.03
FRONTED_SHARE = 0.08  # "on the left, remove the cat"
SIZE_WORDS = {"small": ("small", "small", "little", "tiny"), "big": ("big", "big", "large", "huge")}
DETERMINERS = ("the",) * 15 + ("that", "that", "this", "this", "my")
BESIDE = ("next to", "next to", "beside", "by", "near", "right next to", "close to")
NO_SINGULAR = frozenset({"cattle", "sunshine"})  # never after "a"
_TERSE = re.compile(r"\b(?:the|a|an) (?!same\b|way\b|other\b|opposite\b)", re.IGNORECASE)
_VERBS = frozenset(
    words(
        "remove|delete|erase|take|get|cut|drop|clear|lose|wipe|rub|eliminate|hide|edit|crop|discard|throw|omit|"
        "exclude|banish|make|add|put|place|insert|draw|include|stick|paint|set|position|stand|pop|create|bring|"
        "give|replace|swap|exchange|substitute|switch|turn|change|transform|convert|morph|use|color|colour|dye|"
        "recolor|recolour|alter|lighten|brighten|darken|dim|enlarge|grow|scale|blow|magnify|upsize|increase|"
        "size|shrink|downsize|reduce|decrease|rotate|spin|tilt|tip|flip|invert|upend|mirror|reflect|reverse|"
        "build|craft|remake|cover|decorate|apply|move|send|transport|shift|show|have|redo|do|render|keep|leave|"
        "let|scrap|ditch|trade|swing|first|imagine"
    )
)
_NO_PLEASE = ("let ", "imagine ", "have ", "give me", "make me")  # "could you let it be night" is nobody's sentence


@dataclass(frozen=True)
class Template:
    """A phrasing of one kind; `held` ones belong to the bench."""

    id: str
    kind: str
    text: str
    held: bool

    @property
    def imperative(self) -> bool:
        """Whether the phrasing starts with a verb, so that "please" or "and" may stand before it."""
        return re.split(r"[ |)]", self.text.lstrip("("), maxsplit=1)[0] in _VERBS and "?" not in self.text


TEMPLATES: tuple[Template, ...] = tuple(
    Template(f"{kind}/{'held' if held else 'said'}/{i}", kind, text, held)
    for held, table in ((False, SAID), (True, HELD_PHRASES))
    for kind, texts in table.items()
    for i, text in enumerate(texts)
)


def heldout_templates() -> frozenset[str]:
    """The ids of the phrasings that training never says."""
    return frozenset(t.id for t in TEMPLATES if t.held)


def choose_template(meaning: Meaning, rng: np.random.Generator, split: Split, joined: bool = False) -> Template:
    """A phrasing that fits; training never gets a held-out one, the bench half of the time.

    `joined`: only one that can stand beside another in a sentence.
    """
    held = split == "bench" and rng.random() < HELD_SHARE
    options = _fitting(_kinds(meaning)[0 if rng.random() < 0.5 else -1], held, _available(meaning), joined)
    return options[int(rng.integers(len(options)))]


def say(meaning: Meaning, rng: np.random.Generator, split: Split, unheard: float = 0.0) -> str:
    """One sentence for the meaning; `unheard` is the share of phrasings with a made-up word (see `grammar`)."""
    template = choose_template(meaning, rng, split)
    text = _phrase(meaning, template, rng, split, unheard)
    polite = template.imperative and "please" not in text and not template.text.lstrip("(").startswith(_NO_PLEASE)
    if polite and rng.random() < POLITE_SHARE:
        text = _pick(POLITE, rng).format(text)
    if rng.random() < TERSE_SHARE:
        text = _TERSE.sub("", text)
    return _finish(text, rng)


def _kinds(meaning: Meaning) -> tuple[str, ...]:
    """The tables of phrasings that a meaning may use."""
    if meaning.kind == "add" and meaning.place is None and (meaning.new is None or meaning.new.beside is None):
        return ("add_anywhere",)
    if meaning.kind == "rotate" and meaning.value == "upside down":
        return ("rotate_over",)
    if meaning.kind == "material" and meaning.value == "striped":
        return ("material_striped",)
    if meaning.kind == "both" and {part.kind for part in meaning.parts} in ({"remove"}, {"add"}):
        return ("both", f"both_{meaning.parts[0].kind}")
    return (meaning.kind,)


def _available(meaning: Meaning) -> frozenset[str]:
    """The slots that the meaning can fill."""
    slots = set(words("them|target|bare|some|new|where|value|stuff|first|second|other"))
    target = meaning.target
    if target is not None and not (target.colour or target.size or target.material or target.beside):
        slots.add("noun")
    if meaning.kind in SETTINGS:
        slots |= SETTINGS[meaning.kind][meaning.value or ""].keys()
    elif meaning.kind == "rotate":
        slots |= TURNS[meaning.value or ""].keys()
    return frozenset(slots)


@lru_cache(maxsize=512)
def _fitting(kind: str, held: bool, slots: frozenset[str], joined: bool) -> tuple[Template, ...]:
    fitting = [t for t in TEMPLATES if t.kind == kind and t.held == held and slots_of(t.text) <= slots]
    return tuple([t for t in fitting if t.imperative] or fitting) if joined else tuple(fitting)


def _phrase(meaning: Meaning, template: Template, rng: np.random.Generator, split: Split, unheard: float = 0.0) -> str:
    if meaning.kind == "both":
        return expand(template.text, _parts(meaning, template, rng, split), rng)
    slots, target, fronted = {"them": _pick(("it", "it", "them"), rng)}, meaning.target, ""
    if target is not None:
        if target.place and not target.beside and template.imperative and rng.random() < FRONTED_SHARE:
            place = _pick(PLACE_WORDS[target.place].at, rng)
            fronted = f"{place}, "
            target = replace(target, place=None)
        slots.update(_target_slots(target, rng, turning=meaning.kind in ("rotate", "mirror")))
    if meaning.new is not None:
        slots["new"] = _some(meaning.new, rng)
        slots["where"] = _where(meaning, rng)
    slots.update(_value_slots(meaning, rng))
    clear = len(slots_of(template.text) - {"them"}) > 1  # the rest of it still says what is meant
    return fronted + expand(template.text, slots, rng, unheard if clear else 0.0)


def _parts(meaning: Meaning, template: Template, rng: np.random.Generator, split: Split) -> dict[str, str]:
    first, second = meaning.parts
    if template.kind == "both_remove":
        assert first.target is not None and second.target is not None
        one, two = (_target_slots(part, rng) for part in (first.target, second.target))
        return {"first": one["target"], "second": two["target"], "bare": one["bare"], "other": two["bare"]}
    if template.kind == "both_add":
        said = []
        for part in (first, second):
            assert part.new is not None
            said.append(f"{_some(part.new, rng)} {_where(part, rng)}".strip())
        return {"first": said[0], "second": said[1]}
    texts = [_phrase(p, choose_template(p, rng, split, joined=True), rng, split) for p in (first, second)]
    return {"first": texts[0].removesuffix(" please"), "second": texts[1]}


def _target_slots(target: Reference, rng: np.random.Generator, turning: bool = False) -> dict[str, str]:
    bare, exact = _thing(target, rng, turning=turning)
    article = "the" if exact else _pick(DETERMINERS, rng)
    name = _word(OBJECTS[target.name], rng)
    return {
        "bare": bare,
        "target": f"{article} {bare}",
        "some": f"a {bare}",
        "noun": f"{name} {_at(target.place, rng, turning)}" if target.place else name,
    }


def _value_slots(meaning: Meaning, rng: np.random.Generator) -> dict[str, str]:
    value = meaning.value
    if value is None:
        return {}
    if meaning.kind == "colour":
        return {"value": _word(COLOURS[value], rng)}
    if meaning.kind == "material":
        adjectives = {"golden": ("golden", "gold", "solid gold"), "striped": ("striped", "stripy", "stripey")}
        return {"value": _pick(adjectives.get(value, (value,)), rng), "stuff": MATERIALS[value]}
    if meaning.kind == "rotate":
        return {slot: _pick(options, rng) for slot, options in TURNS[value].items()}
    return {slot: _pick(options, rng) for slot, options in SETTINGS[meaning.kind][value].items()}


def _thing(reference: Reference, rng: np.random.Generator, turning: bool = False) -> tuple[str, bool]:
    """Words without an article ("small red car on the left"), and whether only "the" fits before them."""
    spec = OBJECTS[reference.name]
    said = [_word(spec, rng)]
    if reference.material is not None:
        said.insert(0, reference.material)
    if reference.colour is not None:
        said.insert(0, _word(COLOURS[reference.colour], rng))
    if reference.size is not None:
        said.insert(0, _pick(SIZE_WORDS[reference.size], rng))
    before = reference.place is not None and rng.random() < 0.15
    after = []
    if before:
        said.insert(0, _pick(PLACE_WORDS[reference.place or ""].which, rng))
    elif reference.place is not None:
        after.append(_at(reference.place, rng, turning))
    if reference.beside is not None:
        after.append(f"{_pick(BESIDE, rng)} the {_word(OBJECTS[reference.beside], rng)}")
    if after and rng.random() < 0.06:
        after.insert(0, _pick(("that is", "that's", "which is"), rng))
    return " ".join([*said, *after]), before


def _some(new: Reference, rng: np.random.Generator) -> str:
    """A new thing with its article; its place is said elsewhere."""
    said, _ = _thing(replace(new, place=None, beside=None), rng)
    if said.split()[-1] in NO_SINGULAR:
        said = " ".join([*said.split()[:-1], new.name])
    return f"a {said}"


def _where(meaning: Meaning, rng: np.random.Generator) -> str:
    new = meaning.new
    assert new is not None
    if new.beside is not None:
        return f"{_pick(BESIDE, rng)} the {_word(OBJECTS[new.beside], rng)}"
    return "" if meaning.place is None else _pick(PLACE_WORDS[meaning.place].at, rng)


def _at(place: str, rng: np.random.Generator, turning: bool) -> str:
    """A place after a name; "to the left" only where no turn to a side follows."""
    said = _pick(PLACE_WORDS[place].at, rng)
    return f"on{said[2:]}" if turning and said.startswith("to ") else said


def _word(spec: Named, rng: np.random.Generator) -> str:
    return spec.name if not spec.synonyms or rng.random() >= SYNONYM_SHARE else _pick(spec.synonyms, rng)


def _pick(options: tuple[str, ...], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _finish(text: str, rng: np.random.Generator) -> str:
    """Typos, capitals and the full stop."""
    if rng.random() < TYPO_SHARE:
        text = _typo(text, rng)
    case = rng.random()
    if case < 0.28:
        text = text[0].upper() + text[1:]
    elif case < 0.29:
        text = text.upper()
    elif case < 0.7:
        text = text.lower()
    if rng.random() < 0.15 and text[-1] not in "?.!":
        text += _pick((".", ".", ".", "!"), rng)
    return text


def _typo(text: str, rng: np.random.Generator) -> str:
    said = text.split()
    long = [i for i, w in enumerate(said) if len(w) >= 4 and w.isalpha()]
    if not long:
        return text
    i = long[int(rng.integers(len(long)))]
    word, k = said[i], int(rng.integers(1, len(said[i]) - 1))
    swapped = word[:k] + word[k + 1] + word[k] + word[k + 2 :]
    said[i] = (swapped, word[:k] + word[k + 1 :], word[:k] + word[k] + word[k:])[int(rng.integers(3))]
    return " ".join(said)
