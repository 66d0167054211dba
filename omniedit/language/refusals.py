"""What is said where there is nothing to edit: kind by kind, and always with what can be asked."""

from __future__ import annotations

import re

__all__ = ["SAYINGS", "in_another_language", "saying"]

EXAMPLES = '"remove the van", "make her dress emerald green" or "let it snow"'

SAYINGS = {
    "greeting": f"Hello! Tell me what to change in the picture, for example {EXAMPLES}.",
    "question": f"I cannot answer questions, I only change pictures. Say what should become different: {EXAMPLES}.",
    "empty": f"I would love to, but what should change? Name a thing and what is to become of it: {EXAMPLES}.",
    "chatter": f"I do not see in that what should change. Say it in plain English: {EXAMPLES}.",
    "foreign": f"I understand instructions in English only, for example {EXAMPLES}.",
    "other": (
        "That is not something I can do here. I can remove, add, swap or recolour things, and change the background, "
        f"the weather, the light or the style: {EXAMPLES}."
    ),
}


def saying(kind: str) -> str:
    """The sentence for a kind of refusal."""
    return SAYINGS[kind]


# Commands and askings of German, French and Spanish that no English sentence begins with; and those that a name or a
# slip could be, with an article of the language after them.
FOREIGN = (
    r"(?:bitte|kannst|könntest|entferne|entfernen|lösche|ersetze|füge|ändere|verwandle|färbe"
    r"|ajoute[rz]?|enl[eè]ve[rz]?|supprime[rz]?|veuillez|peux-tu|pouvez-vous|s'il te pla[iî]t"
    r"|quita|quitar|a[nñ]ade|a[nñ]adir|reemplaza|agrega|borra|quiero|puedes|por favor)\b"
    r"|(?:mach|mache|lass|tausche|remplace[rz]?|efface[rz]?|rends|mets|fais|transforme|haz|pon|cambia|pinta|convierte"
    r"|elimina|eliminar)\s+(?:es|das|den|die|der|dem|eine?|einen|meine?|meinen|le|la|les|une?|mon|ma|mes|el|los|las|mi)"
    r"\b"
)
BEGINS_FOREIGN = re.compile(rf"\W*{FOREIGN}", re.IGNORECASE)
ENGLISH = re.compile(
    r"\b(?:the|it|this|that|with|and|my|of|to|into|from|for|by|on|make|add|remove|is|please)\b", re.IGNORECASE
)


def in_another_language(instruction: str) -> bool:
    """Whether it begins with a command of German, French or Spanish and holds no common English word."""
    return BEGINS_FOREIGN.match(instruction) is not None and ENGLISH.search(instruction) is None
