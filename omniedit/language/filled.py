"""What a person has filled in for a task, as an intent whose text says it in words."""

from __future__ import annotations

from omniedit.language.meaning import parameters_of
from omniedit.sprites import is_plural
from omniedit.types import Intent, Task

__all__ = ["filled"]

MARKED, GIVEN = "what is marked", "the picture given"  # by brush, click or box; beside the photo
DETERMINERS = frozenset("a an the some my his her their our your one two three four five another more".split())
OWN_WORDS = {"blur": "blur the background", "transparent": "make the background transparent"}


def filled(task: Task, target: str = "", new: str = "", value: str = "", place: str = "") -> Intent:
    """The intent of these words; empty ones are not said.

    What is acted on and has no name is what a person has marked, what comes and has none the picture that they gave.
    """
    target, new, value, place = (" ".join(words.split()) for words in (target, new, value, place))
    new = _with_article(new)
    text = {
        Task.REMOVAL: f"remove {target or MARKED}",
        Task.SWAP: f"swap {target or MARKED} for {new or GIVEN}",
        Task.ADDITION: f"add {new or GIVEN} {place}",
        Task.ATTRIBUTE: f"make {target or MARKED} {value}",
        Task.BACKGROUND: OWN_WORDS.get(value, f"change the background to {value or GIVEN}"),
        Task.ENVIRONMENT: f"change the scene to {value}",
        Task.STYLE: f"make it {_with_article(value)} picture",
    }[task].strip()
    said = (target or None, new or None, value or None, place or None)
    return Intent(task, text, *said, parameters=parameters_of(task, value, text))


def _with_article(words: str) -> str:
    if not words or words.split()[0].lower() in DETERMINERS or is_plural(words):
        return words
    return f"{'an' if words[0].lower() in 'aeiou' else 'a'} {words}"
