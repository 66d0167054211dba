"""A meaning as a person would type it: verbs, politeness, order, spelling, typos."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training.world.grammar import expand
from training.world.heldout import Split
from training.world.meaning import Meaning, Reference
from training.world.phrases import HELD, POLITE, SAID
from training.world.vocabulary import BACKGROUNDS, COLOURS, ENVIRONMENTS, MATERIALS, OBJECTS, PLACES, STYLES, Named

__all__ = ["Template", "choose_template", "corpus", "say"]

SYNONYM_SHARE = 0.3
TYPO_SHARE = 0.03
SIZE_WORDS = {"small": ("small", "little", "tiny"), "big": ("big", "large", "huge")}
TURN_WORDS = {
    "left": ("to the left", "left", "counterclockwise", "anticlockwise", "90 degrees to the left"),
    "right": ("to the right", "right", "clockwise", "90 degrees to the right"),
    "upside down": ("upside down", "180 degrees", "on its head"),
}
EDGES = {"left": "leftmost", "right": "rightmost", "top": "topmost", "bottom": "lowest"}


@dataclass(frozen=True)
class Template:
    """A phrasing of one kind; `held` ones belong to the bench."""

    kind: str
    text: str
    held: bool


def choose_template(meaning: Meaning, rng: np.random.Generator, split: Split) -> Template:
    """A phrasing for the meaning's kind; training never gets a held-out one, the bench gets them half of the time."""
    held = split == "bench" and rng.random() < 0.5
    options = (HELD if held else SAID)[meaning.kind]
    return Template(meaning.kind, options[int(rng.integers(len(options)))], held)


def say(meaning: Meaning, rng: np.random.Generator, split: Split) -> str:
    """One sentence for the meaning."""
    if meaning.kind == "both":
        joint = (" and ", " and then ", ", then ", ", ", " and also ")[int(rng.integers(5))]
        return _finish(joint.join(_phrase(part, rng, split) for part in meaning.parts), rng)
    text = _phrase(meaning, rng, split)
    if rng.random() < 0.2 and text.split()[0] in _VERBS and "please" not in text and "?" not in text:
        text = POLITE[int(rng.integers(len(POLITE)))].format(text)
    return _finish(text, rng)


def corpus(count: int, seed: int) -> Iterator[str]:
    """`count` training sentences over random scenes' edits; what the tokenizer learns from."""
    from training.world.generate import plan_pair

    rng = np.random.default_rng([seed, 7])
    for _ in range(count):
        _, edit = plan_pair(rng, None, None, "train")
        yield say(edit.meaning, rng, "train")


_VERBS = frozenset(
    (
        "remove delete erase take get cut drop clear lose wipe eliminate hide make add put place insert draw include "
        "stick paint set give replace swap exchange substitute switch turn change transform convert morph color colour "
        "dye recolor recolour lighten brighten darken dim enlarge grow scale blow increase shrink reduce rotate spin "
        "mirror flip move show render use apply do redo keep leave scrap ditch trade"
    ).split()
)


def _phrase(meaning: Meaning, rng: np.random.Generator, split: Split) -> str:
    template = choose_template(meaning, rng, split)
    slots: dict[str, str] = {}
    if meaning.target is not None:
        bare = _thing(meaning.target, rng)
        slots["bare"] = bare
        slots["target"] = f"{('the', 'the', 'the', 'the', 'that', 'this')[int(rng.integers(6))]} {bare}"
        slots["some"] = _with_article(bare)
    if meaning.new is not None:
        slots["new"] = _with_article(_thing(meaning.new, rng, placed=False))
        slots["where"] = _where(meaning, rng)
    slots.update(_value_slots(meaning, rng))
    return expand(template.text, slots, rng).replace("I 'd", "I'd")


def _value_slots(meaning: Meaning, rng: np.random.Generator) -> dict[str, str]:
    value = meaning.value
    if value is None:
        return {}
    if meaning.kind == "colour":
        return {"value": _word(COLOURS[value], rng)}
    if meaning.kind == "rotate":
        words = TURN_WORDS[value]
        return {"value": words[int(rng.integers(len(words)))]}
    if meaning.kind == "material":
        return {"value": value, "stuff": MATERIALS[value].noun}
    if meaning.kind == "background":
        spec = BACKGROUNDS[value]
        plain = rng.random() >= SYNONYM_SHARE
        word = spec.name if plain else spec.synonyms[int(rng.integers(len(spec.synonyms)))]
        bare = word.removeprefix("the ")
        noun = spec.noun if plain else (word if word.startswith("the ") else f"the {word}")
        there = spec.where if plain else f"(in|to|at) {noun}"
        return {"value": bare, "noun": noun, "there": expand(there, {}, rng)}
    if meaning.kind == "environment":
        env = ENVIRONMENTS[value]
        noun = env.nouns[0] if rng.random() >= SYNONYM_SHARE else env.nouns[int(rng.integers(len(env.nouns)))]
        adjective = env.adjectives[int(rng.integers(len(env.adjectives)))]
        return {"value": noun, "adjective": adjective, "when": env.when}
    if meaning.kind == "style":
        style = STYLES[value]
        if rng.random() >= SYNONYM_SHARE:
            return {"value": style.name, "noun": style.noun}
        word = style.synonyms[int(rng.integers(len(style.synonyms)))]
        return {"value": word, "noun": word}
    return {"value": value}


def _thing(reference: Reference, rng: np.random.Generator, placed: bool = True) -> str:
    """Words for a thing without an article: "small red car on the left"; a new one's place is said elsewhere."""
    words = [_word(OBJECTS[reference.name], rng)]
    if reference.material is not None:
        words.insert(0, reference.material)
    if reference.colour is not None:
        words.insert(0, _word(COLOURS[reference.colour], rng))
    if reference.size is not None:
        sizes = SIZE_WORDS[reference.size]
        words.insert(0, sizes[int(rng.integers(len(sizes)))])
    if placed and reference.place in EDGES and rng.random() < 0.15:
        words.insert(0, EDGES[reference.place])
    elif placed and reference.place is not None:
        words.append(_at(reference.place, rng))
    if placed and reference.beside is not None:
        words.append(
            f"{('next to', 'beside', 'by', 'near')[int(rng.integers(4))]} the {_word(OBJECTS[reference.beside], rng)}"
        )
    return " ".join(words)


def _where(meaning: Meaning, rng: np.random.Generator) -> str:
    new = meaning.new
    assert new is not None
    if new.beside is not None:
        near = ("next to", "beside", "by", "to the side of", "right next to")[int(rng.integers(5))]
        return f"{near} the {_word(OBJECTS[new.beside], rng)}"
    return "" if meaning.place is None else _at(meaning.place, rng)


def _at(place: str, rng: np.random.Generator) -> str:
    spec = PLACES[place]
    word = spec.name if rng.random() < 0.6 else spec.synonyms[int(rng.integers(len(spec.synonyms)))]
    if place in ("left", "right"):
        how = ("on the", "on the", "to the", "at the")
    elif place == "center":
        how = ("in the", "in the", "at the", "into the")
    else:
        how = ("at the", "in the", "at the", "to the")
    return f"{how[int(rng.integers(4))]} {word}"


def _word(spec: Named, rng: np.random.Generator) -> str:
    if rng.random() >= SYNONYM_SHARE or not spec.synonyms:
        return spec.name
    return spec.synonyms[int(rng.integers(len(spec.synonyms)))]


def _with_article(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _finish(text: str, rng: np.random.Generator) -> str:
    """Typos, capitals and the full stop."""
    if rng.random() < TYPO_SHARE:
        text = _typo(text, rng)
    case = rng.random()
    if case < 0.25:
        text = text[0].upper() + text[1:]
    elif case < 0.27:
        text = text.upper()
    if rng.random() < 0.15 and text[-1] not in "?.!":
        text += (".", ".", "!")[int(rng.integers(3))]
    return text


def _typo(text: str, rng: np.random.Generator) -> str:
    words = text.split()
    long = [i for i, w in enumerate(words) if len(w) >= 4 and w.isalpha()]
    if not long:
        return text
    i = long[int(rng.integers(len(long)))]
    word, k = words[i], int(rng.integers(1, len(words[i]) - 1))
    swapped = word[:k] + word[k + 1] + word[k] + word[k + 2 :]
    words[i] = (swapped, word[:k] + word[k + 1 :], word[:k] + word[k] + word[k:])[int(rng.integers(3))]
    return " ".join(words)
