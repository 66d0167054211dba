"""What training never sees: the bench is made of it."""

from __future__ import annotations

from typing import Literal

from training.world.vocabulary import COLOURS, OBJECTS

__all__ = ["HELD_BACKGROUNDS", "HELD_DRAWINGS", "HELD_PAIRS", "HELD_PHRASES", "Split"]

Split = Literal["train", "bench"]

# Only Fluent drawings: a name must stay learnable from its canonical (Noto) one.
HELD_DRAWINGS: frozenset[str] = frozenset(
    f"fluent/{name}"
    for name in (
        "dog tree bird boat apple hat ball lamp umbrella train elephant bear "
        "frog bee star gift shoe ghost strawberry owl camera whale"
    ).split()
)
# Every tenth pair of an object and a colour, spread over both.
HELD_PAIRS: frozenset[tuple[str, str]] = frozenset(
    (name, colour) for i, name in enumerate(OBJECTS) for k, colour in enumerate(COLOURS) if (3 * i + 7 * k) % 10 == 4
)
# Seen in the bench as what a photo already shows, never asked for.
HELD_BACKGROUNDS: frozenset[str] = frozenset({"farm", "photo:coffee", "photo:rocket"})

# Half of the bench's sentences; written as in `phrases`.
HELD_PHRASES: dict[str, tuple[str, ...]] = {
    "remove": (
        "the picture would be better without {target}",
        "(scrap|ditch) {target}",
        "could {target} be (removed|taken out)?",
        "{target} does not belong here",
        "I could do without {target}",
    ),
    "add": (
        "(I'd love to see|show me) {new} {where}",
        "what's missing is {new} {where}",
        "it would be nice to have {new} {where}",
        "this calls for {new} {where}",
    ),
    "add_anywhere": (
        "(I'd love to see|show me) {new}",
        "what's missing is {new}",
        "it would be nice to have {new}",
        "this calls for {new}",
    ),
    "swap": (
        "let {new} take the place of {target}",
        "where there is {some} there should be {new}",
        "trade {target} for {new}",
        "what if {target} was {new}?",
        "{target} makes way for {new}",
        "give up {target} for {new}",
    ),
    "colour": (
        "let {target} be {value}",
        "could {target} be {value}?",
        "what if {target} was {value}?",
        "it is time for {target} to be {value}",
    ),
    "lighter": ("let {target} be lighter", "could {target} be lighter?"),
    "darker": ("let {target} be darker", "could {target} be darker?"),
    "bigger": ("let {target} be bigger", "could {target} be bigger?"),
    "smaller": ("let {target} be smaller", "could {target} be smaller?"),
    "rotate": ("I want {target} turned {turned}", "swing {target} {turned}"),
    "rotate_over": ("I want {target} turned upside down", "let {target} be upside down"),
    "mirror": ("I want {target} mirrored", "let {target} be mirrored", "{target} is facing the wrong way"),
    "material": (
        "let {target} be made of {stuff}",
        "what if {target} was made of {stuff}?",
        "try {stuff} for {target}",
    ),
    "material_striped": ("let {target} be {value}", "what if {target} had stripes?"),
    "background": (
        "let the background be {noun}",
        "what would this look like {there}?",
        "behind {them} there should be {noun}",
        "imagine this {there}",
    ),
    "environment": (
        "let it be {when}",
        "what would this look like {when}?",
        "imagine this {when}",
        "what if it was {when}?",
        "picture it {when}",
    ),
    "style": (
        "let it be {noun}",
        "what would this look like as {noun}?",
        "imagine this as {noun}",
        "what if it was {noun}?",
    ),
    "keep": ("everything should stay the same", "let everything stay as it is"),
    "both": ("{first}, after that {second}", "{first} plus {second}"),
    "both_remove": ("scrap {first} and {second}",),
    "both_add": ("show me {first} and {second}",),
}
