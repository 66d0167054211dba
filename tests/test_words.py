"""The page's words in each language: all of them and no others, with the same markup."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from omniedit.services.wording import choices
from omniedit.specialists import SPECIALISTS, specialist
from omniedit.types import Task
from ui.forms import FORMS
from ui.handlers import TASKS
from ui.models import NOT_YOURS
from ui.words import HERE, LANGUAGES, catalogue, relay, say, tongue

ALIKE = [r"\*\*", r"\{\w*\}", r"`[^`]*`", r"<[^>]*>", r"[★☆↶↷…]", r"\n", r"\d+", r"\.$"]  # the same in all languages
SAYS, RAISES = ("say", "tell"), ("BadInput", "Cancelled")
FOR_PROGRAMS = "api.py"


def calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    """Where the page's code calls a function, or a method, of one of these names."""
    for path in sorted(HERE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and re.split(r"\W", ast.unparse(node.func))[-1] in names:
                yield path, node


def literals(*names: str) -> set[str]:
    """What they are given where that is written out."""
    given = [call.args[0] for path, call in calls(*names) if path.name != FOR_PROGRAMS]
    return {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def constants(folder: Path) -> set[str]:
    """All strings that are written out in the code of a folder."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {node.value for node in nodes if isinstance(node.value, str)}


def offered() -> set[str]:
    """What a form or a plan lists, and the labels of its sliders."""
    knobs = [knob for task in SPECIALISTS for knob in specialist(task).knobs]
    chosen = {choice for task in Task for choice in choices(task)}
    return chosen | {knob.label for knob in knobs} | {choice for knob in knobs for choice in knob.choices}


def test_what_is_said_is_written_out() -> None:
    for path, call in calls("say"):
        (one,) = call.args
        where = f"{path.name}:{call.lineno}: {ast.unparse(call)}"
        assert path.name == "words.py" or isinstance(one, ast.Constant), where
        assert "}" not in ast.unparse(one), where  # there a mark ends


def page_words(language: str) -> dict[str, str]:
    """The catalogue without what has one of Gradio's own names."""
    return {key: words for key, words in catalogue(language).items() if not re.fullmatch(r"\w+\.\w+", key)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_words_are_translated_and_no_others(language: str) -> None:
    missing = {field.missing for form in FORMS.values() for field in form.fields if field.missing}
    wanted = literals(*SAYS, *RAISES) | offered() | missing | {NOT_YOURS, *TASKS.values()}
    assert sorted(wanted - set(page_words(language))) == []
    known = wanted | constants(HERE) | constants(HERE.parent / "omniedit")
    assert sorted(set(page_words(language)) - known) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_markup_is_the_same(language: str) -> None:
    for english, words in page_words(language).items():
        assert words.strip() == words != ""
        for mark in ALIKE:
            assert sorted(re.findall(mark, english)) == sorted(re.findall(mark, words)), (mark, english)


def test_a_mark_is_text_that_names_the_words() -> None:
    assert '"Show plan"' in say("Show plan") and say("Show plan") == relay("Show plan")
    assert relay("The seed is {1}.") == "The seed is {1}."


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"accept-language": "de-AT,de;q=0.9,en;q=0.8"}, "Bearbeiten"),
        ({"accept-language": "en-GB,de;q=0.9"}, "Edit"),
        ({"accept-language": "../de"}, "Edit"),
        ({}, "Edit"),
    ],
)
def test_the_first_language_of_a_browser_counts(headers: dict[str, str], said: str) -> None:
    request: Any = SimpleNamespace(headers=headers)
    assert tongue(request)("Edit") == said
    assert tongue(request)("What nobody has translated.") == "What nobody has translated."
