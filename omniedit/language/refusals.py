"""What is said where there is nothing to edit: kind by kind, and always with what can be asked."""

from __future__ import annotations

__all__ = ["SAYINGS", "saying"]

EXAMPLES = '"remove the van", "make her dress emerald green" or "let it snow"'

SAYINGS = {
    "greeting": f"Hello! Tell me what to change in the picture, for example {EXAMPLES}.",
    "question": f"I cannot answer questions, I only change pictures. Say what should become different: {EXAMPLES}.",
    "empty": f"I would love to, but what should change? Name a thing and what is to become of it: {EXAMPLES}.",
    "chatter": f"I do not see in that what should change. Say it in plain English: {EXAMPLES}.",
    "other": (
        "That is not something I can do here. I can remove, add, swap or recolour things, and change the background, "
        f"the weather, the light or the style: {EXAMPLES}."
    ),
}


def saying(kind: str) -> str:
    """The sentence for a kind of refusal."""
    return SAYINGS[kind]
