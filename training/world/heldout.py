"""What training never sees: the bench is made of it. Held-out phrasings are in `held_phrases`."""

from __future__ import annotations

from typing import Literal

from training.world.vocabulary import COLOURS, OBJECTS

__all__ = ["HELD_BACKGROUNDS", "HELD_DRAWINGS", "HELD_PAIRS", "Split"]

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
