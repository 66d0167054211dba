"""What is to become of a thing: the kind of change, its colour, or why it cannot be done."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from omniedit.colour import to_oklab
from omniedit.colour_names import colour_name_in, colour_rgb
from omniedit.specialists.base import Refusal
from omniedit.specialists.changing.materials import METALS
from omniedit.specialists.changing.recolour import RGB
from omniedit.types import EditRequest, Intent
from omniedit.vocabulary import CHANGES, COLOURS, MATERIALS

__all__ = ["COLOUR", "FACIAL", "FLOATING", "WHOLE", "Wish", "wish_of"]

COLOUR = "colour"  # the kind that is neither a change nor a material
NATURAL = 0.125  # chroma: hair, fur and eyes are never as vivid as paint

WHOLE = re.compile(
    r"(?:(?:the|this|my|whole|entire|all|of|it)\s+)*"
    r"(?:picture|photo|photograph|image|pic|shot|scene|everything|all|whole|colou?rs?|light|it|this|that)"
)
LIVING = re.compile(
    r"\b(?:hair|beard|moustache|mustache|eyes?|iris|irises|(?:eye)?brows?|fur|mane|feathers?|skin|cats?|kittens?|dogs?"
    r"|pupp(?:y|ies)|horses?|birds?|fox|foxes|bears?|rabbits?|cows?|sheep|lions?|tigers?|animals?)\b"
)
LOUD = re.compile(r"\b(?:neon|bright|vivid|electric|fluorescent|hot)\b")
FACIAL = re.compile(r"\b(?:eyes?|nose|mouth|lips|ears?|face|head|chin|cheeks?|forehead|smile|teeth)\b")
FLOATING = re.compile(
    r"\b(?:sun|moon|stars?|balloons?|kites?|birds?|planes?|aeroplanes?|airplanes?"
    r"|clouds?|logos?|signs?|windows?|patch(?:es)?|badges?|pictures?|posters?)\b"
)
# what no curve, colour or pattern gives: what it is called, and the words that ask for it
IMPOSSIBLE: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "what is written",
        re.compile(r"\b(?:text|says?|saying|reads?|letters?|words?|spell\w*|writ\w+|caption)\b|[\"“”]"),
    ),
    (
        "an expression",
        re.compile(
            r"\b(?:smil\w*|laugh\w*|frown\w*|cry\w*|grin\w*|wink\w*|happ(?:y|ier)|sad(?:der)?|angr\w+|serious|surprised"
            r"|scared|bored|expression)\b"
        ),
    ),
    ("somebody's age", re.compile(r"\b(?:young\w*|old|older|aged?|ageing|aging|baby|child|teen\w*|kid)\b")),
    ("what is open or closed", re.compile(r"\b(?:open(?:ed|ing)?|clos(?:e|ed|ing)|shut)\b")),
    (
        "a pose",
        re.compile(
            r"\b(?:turn(?:ed|ing)?|pos(?:e|es|ing)|sit\w*|stand\w*|lie|lying|jump\w*|run\w*|walk\w*|danc\w+|looking|look"
            r"|rais\w+|wav(?:e|ing)|pointing|bend\w*|lean\w*|tilt\w*|rotat\w*|flip\w*|facing|kneel\w*|sleep\w*|fly\w*)\b"
        ),
    ),
    (
        "a shape",
        re.compile(
            r"\b(?:longer|shorter|long|short|curly|wavy|straight|bald|fat(?:ter)?|thin(?:ner)?|slim(?:mer)?|muscular"
            r"|tall(?:er)?|round(?:er)?|square|shape\w*)\b"
        ),
    ),
)
CAN = "name a colour, a material (gold, wood, denim, stripes) or a change (lighter, vivid, sharper, bigger)"


@dataclass(frozen=True)
class Wish:
    """`kind`: "colour", or a key of MATERIALS or CHANGES; `colour` with its name where there is one.

    `chroma` is a factor of the colour's chroma.
    """

    kind: str
    colour: RGB | None = None
    name: str = ""
    chroma: float = 1.0


def wish_of(request: EditRequest, intent: Intent) -> Wish | Refusal:
    """What `intent` asks for where `request` does not say otherwise, or a refusal that says what can be asked."""
    value, target = (intent.value or "").lower(), (intent.target or "").lower()
    said = {**intent.parameters, **request.parameters}
    kind, words = str(said.get("kind") or ""), str(said.get("colour") or "")
    if request.parameters.get("colour") and "kind" not in request.parameters and kind in CHANGES:
        kind = COLOUR
    if kind not in (COLOUR, *MATERIALS, *CHANGES):
        kind = _kind_in(f"{kind} {value}".strip(), words)
    if kind in METALS and LIVING.search(target):
        kind, words = COLOUR, words or kind
    if not kind:
        return _cannot(f"{said.get('kind') or ''} {value}".strip() or intent.text.lower())
    name = words or (colour_name_in(value) or "" if kind == COLOUR or kind in MATERIALS else "")
    if kind in MATERIALS and not words and name in (kind, *MATERIALS[kind]):
        name = ""
    colour = colour_rgb(name) if name else None
    if kind == COLOUR and colour is None:
        known = f"I do not know the colour {words or value!r}" if words or value else "No colour is given"
        return Refusal(known, "name one such as emerald green, or give its code such as #1f49b0")
    if kind == COLOUR and colour is not None and LIVING.search(target) and not LOUD.search(f"{value} {words}"):
        _, a, b = to_oklab(np.array(colour, np.uint8))
        return Wish(kind, colour, name, min(1.0, NATURAL / max(float(np.hypot(a, b)), 1e-6)))
    return Wish(kind, colour, name)


def _kind_in(text: str, colour: str) -> str:
    """The kind that words ask for; "" where they ask for none."""
    names = {word: kind for kinds in (MATERIALS, CHANGES) for kind, also in kinds.items() for word in (kind, *also)}
    found = [w for w in sorted(names, key=len, reverse=True) if re.search(rf"\b{re.escape(w)}\b", text)]
    hue = colour or colour_name_in(text) or ""
    kind = names[found[0]] if found else ""
    if hue and (kind in CHANGES or not kind):
        return COLOUR
    if kind in MATERIALS and kind not in METALS and hue.split()[-1:] and hue.split()[-1] in COLOURS and kind in hue:
        return COLOUR  # "denim blue"
    return kind


def _cannot(text: str) -> Refusal:
    for what, words in IMPOSSIBLE:
        if words.search(text):
            return Refusal(f"I can change colour, light, material and size here, but not {what}", CAN)
    return Refusal(f"I do not know what {text!r} should look like", CAN)
