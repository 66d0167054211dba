"""A form says in words what a person would, and the words are understood as the form is."""

from __future__ import annotations

import pytest

from omniedit.errors import BadInput
from omniedit.language import parse
from omniedit.services.wording import choices, filled, reading
from omniedit.types import Intent, Task
from ui.chips import corrected
from ui.forms import FORMS, FREE, said
from ui.handlers import meant_by
from ui.words import say

FILLED = [
    (Task.REMOVAL, {"target": " the  red car "}, "remove the red car"),
    (Task.REMOVAL, {}, "remove what is marked"),
    (Task.SWAP, {"target": "the cup", "new": "owl"}, "swap the cup for an owl"),
    (Task.ADDITION, {"new": "cat", "place": "on the left"}, "add a cat on the left"),
    (Task.ADDITION, {"new": "two dogs"}, "add two dogs"),
    (Task.ATTRIBUTE, {"target": "her dress", "value": "emerald green"}, "make her dress emerald green"),
    (Task.BACKGROUND, {"value": "blur"}, "blur the background"),
    (Task.BACKGROUND, {"value": "beach"}, "change the background to beach"),
    (Task.BACKGROUND, {}, "change the background to the picture given"),
    (Task.ENVIRONMENT, {"value": "night"}, "change the scene to night"),
    (Task.STYLE, {"value": "oil"}, "make it an oil picture"),
]


@pytest.mark.parametrize(("task", "words", "text"), FILLED)
def test_a_form_in_words(task: Task, words: dict[str, str], text: str) -> None:
    intent = filled(task, **words)
    assert intent.text == text and intent.task == task and intent.refusal is None
    assert dict(meant_by(intent))["task"] == task.value


@pytest.mark.parametrize("task", [Task.ATTRIBUTE, Task.BACKGROUND, Task.ENVIRONMENT, Task.STYLE])
def test_each_choice_is_one_that_its_specialist_knows_and_its_words_are_understood(task: Task) -> None:
    target = {"target": "the car"} if task is Task.ATTRIBUTE else {}
    for value in choices(task):
        intent = filled(task, value=value, **target)
        assert intent.parameters["kind"] in (*choices(task), "colour"), value
        assert parse(intent.text).task == task, intent.text


def test_words_are_read_as_the_task_that_is_given() -> None:
    assert reading("make it night").task == Task.ENVIRONMENT
    assert reading("make it night", Task.STYLE).task == Task.STYLE


def test_what_a_form_cannot_say_all_of_is_not_offered_to_it() -> None:
    assert meant_by(parse("make it night but don't touch the sky")) == ()
    assert meant_by(parse("remove the car, then make it night")) == ()
    assert meant_by(Intent(Task.STYLE, "paint the wall in oil", target="the wall", value="oil")) == ()


def test_a_chip_changes_one_thing_and_another_task_keeps_what_it_has_a_line_for() -> None:
    meant = {"task": "attribute", "target": "the car", "value": "red"}
    assert corrected(meant, "value", " blue ") == {**meant, "value": "blue"}
    assert corrected(meant, "target", None) == {"task": "attribute", "value": "red"}
    assert corrected(meant, "task", "removal") == {"task": "removal", "target": "the car"}
    assert corrected(meant, "value", "red") == meant


def test_each_tab_gives_its_own_words_and_says_what_is_missing() -> None:
    lines = [(task, field.name) for task, form in FORMS.items() for field in form.fields]
    assert said(FREE, "make it night", dict.fromkeys(lines, "cat")).words == "make it night"
    for task, form in FORMS.items():
        for field in form.fields:
            if field.missing:
                with pytest.raises(BadInput, match="is empty; choose one of the list") as caught:
                    said(task.value, "other words", dict.fromkeys(lines, ""))
                assert say(str(caught.value).split("'")[1]) == field.label
        found = said(task.value, "other words", {line: "dog" if line[0] == task else "cat" for line in lines})
        assert found.intent is not None and found.intent.task == task and found.words == found.intent.text
        assert "cat" not in found.words and {name for name, _ in meant_by(found.intent)} == {
            "task",
            *(field.name for field in form.fields),
        }
