"""Light, colour and noise of the whole picture, where a wish speaks of nothing else."""

from __future__ import annotations

import re

from omniedit.language.meaning import LESS, named_kind
from omniedit.language.several import LEAD, POLITE

__all__ = ["says_not_how", "tone_of_the_whole"]

OF_THE_WHOLE = re.compile(
    r"\s+(?:(?:in|of|from|on) )?(?:it|(?:the|this|my) (?:whole |entire )?(?:photo|picture|pic|image|shot|photograph))$",
    re.IGNORECASE,
)
NO_WAY_SAID = re.compile(
    rf"{LEAD}(?:fix|correct|adjust|improve|repair|balance|tune|tweak|sort out) (?:(?:the|its|all|my|this) )?"
    r"(?:overall )?(?:white balance|exposure|colou?rs?|lighting|light|brightness|contrast|saturation|levels|tones?"
    r"|tint|hues?|colou?r temperature)",
    re.IGNORECASE,
)


def tone_of_the_whole(text: str) -> str | None:
    """The words of `text` that change the whole picture, "denoise" of "please denoise it"; None if it says more."""
    words = OF_THE_WHOLE.sub("", re.sub(rf"^{LEAD}", "", POLITE.sub("", text), flags=re.IGNORECASE))
    kind = named_kind(words)
    return words if LESS.fullmatch(words) or (kind and kind[0] == "change") else None


def says_not_how(text: str) -> bool:
    """Whether `text` wants light or colour mended, "fix the white balance", and leaves open what they should become."""
    return NO_WAY_SAID.fullmatch(OF_THE_WHOLE.sub("", POLITE.sub("", text))) is not None
