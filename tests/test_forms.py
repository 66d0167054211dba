"""The forms of the tasks: their sliders, their examples, what is understood while somebody types."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from omniedit.hub import MODELS, HubModel
from omniedit.services.editing import EditingService, Options
from omniedit.services.examples import Example, examples
from omniedit.services.files import open_upload
from omniedit.services.models import able
from omniedit.services.wording import MAIN, main_knob
from omniedit.settings import Settings
from omniedit.specialists import specialist
from omniedit.types import Task
from tests.hubs import COMMIT, filled
from tests.logs import small_photo
from tests.pages import within_page
from ui.forms import FORMS, FREE, KNOWN, NAMED, Forms, Said, takes_picture
from ui.handlers import Asked, run_plan, run_read
from ui.shelf import Shelf


@pytest.fixture(scope="module")
def forms() -> Forms:
    return within_page(lambda: Forms(partial(able, Settings())))


def asked(forms: Forms, tab: str, fields: dict[tuple[Task, str], str], sliders: dict[Task, float]) -> Said:
    lines = [fields.get(name, "") for name in forms.fields]
    return forms.said(
        tab, "make it night", *lines, *(sliders.get(task, main_knob(task).usual) for task in forms.sliders)
    )


@pytest.mark.parametrize("task", Task)
def test_the_slider_of_a_form_is_one_of_the_specialists_own(task: Task) -> None:
    own = {knob.name: knob for knob in specialist(task).knobs}[MAIN[task].name]
    assert (own.label, own.usual, own.low, own.high) == (
        MAIN[task].label,
        MAIN[task].usual,
        MAIN[task].low,
        MAIN[task].high,
    )


def test_a_slider_says_something_once_it_was_turned(forms: Forms) -> None:
    style = {(Task.STYLE, "value"): "watercolour"}
    assert asked(forms, Task.STYLE, style, {}).parameters == {}
    said = asked(forms, Task.STYLE, style, {Task.STYLE: 0.4, Task.ATTRIBUTE: 2.0})
    assert (said.parameters, said.own) == ({"amount": 0.4}, "amount")
    free = asked(forms, FREE, {}, {Task.STYLE: 0.4})
    assert (free.words, free.parameters, free.own) == ("make it night", {}, "")


def test_what_was_turned_is_shown_again(forms: Forms) -> None:
    meant = {"task": "style", "value": "watercolour"}
    assert forms.shows("", meant, {"amount": 0.3})[forms.sliders[Task.STYLE]] == 0.3
    assert forms.shows("", meant)[forms.sliders[Task.STYLE]] == 1.0
    beyond = {5.0: 2.0, -1: 0.0, float("nan"): 1.0, float("inf"): 2.0, "much": 1.0}
    for value, shown in beyond.items():
        assert forms.shows("", meant, {"amount": value})[forms.sliders[Task.STYLE]] == shown
    assert forms.cleared()[forms.sliders[Task.REMOVAL]] == main_knob(Task.REMOVAL).usual


def test_a_tab_says_what_works_on_this_machine(forms: Forms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(task: Task) -> list[str]:
        update = forms.selects(task, lambda tab: {})
        return [str(update[hint]) for hint in forms.hints[task]]

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    bundled = {task: told(task) for task in Task}
    assert all(how == FORMS[task].how for task, (how, _) in bundled.items())
    assert [task for task, (_, found) in bundled.items() if found == KNOWN] == [
        task for task in Task if "target" in {field.name for field in FORMS[task].fields}
    ]
    here(MODELS["inpainting"], tmp_path)
    here(MODELS["grounding-dino"], tmp_path)
    assert told(Task.REMOVAL) == [FORMS[Task.REMOVAL].painted, KNOWN], "nothing outlines what is found"
    here(MODELS["sam"], tmp_path)
    assert told(Task.REMOVAL) == [FORMS[Task.REMOVAL].painted, NAMED]
    assert told(Task.ATTRIBUTE) == [FORMS[Task.ATTRIBUTE].how, NAMED] and told(Task.STYLE) == bundled[Task.STYLE]
    alone = within_page(lambda: Forms(partial(able, Settings(full_size=False))))
    assert alone.selects(Task.REMOVAL, lambda tab: {})[alone.hints[Task.REMOVAL][1]] == KNOWN


def here(model: HubModel, cache: Path) -> None:
    """Files by the names that the model needs are in the cache."""
    for repo in model.repos:
        filled(repo.storage(cache) / "snapshots" / COMMIT, {name.split("|")[0]: b"" for name in repo.needed})


def test_the_plan_does_not_show_the_slider_of_the_form_once_more(tmp_path: Path) -> None:
    service = EditingService(Settings(log=False))
    canvas = {"background": small_photo().convert("RGBA"), "layers": []}
    options = Options(parameters={"amount": 0.5})
    plans = [
        run_plan(service, Asked(canvas, "a pencil drawing", options, "specialists", own=own), tmp_path)
        for own in ("", "amount")
    ]
    names = [[knob.name for knob, _ in plan.knobs] for plan in plans]
    assert "amount" in names[0] and names[1] == [name for name in names[0] if name != "amount"]
    assert dict((knob.name, value) for knob, value in plans[0].knobs)["amount"] == 0.5


def test_a_picture_counts_where_it_is_shown() -> None:
    assert [tab for tab in (FREE, *Task) if takes_picture(tab)] == [FREE, Task.SWAP, Task.ADDITION, Task.BACKGROUND]


def test_what_is_typed_is_understood_before_there_is_a_plan() -> None:
    meant, says = run_read("remove the red car")
    assert dict(meant) == {"task": "removal", "target": "the red car"} and says == ""
    meant, says = run_read("remove the red car and make it night")
    assert meant == () and "Remove" in says and "make it night" in says
    for nothing in ("", "   ", "hello there", "x" * 5000):
        assert run_read(nothing) == ((), "")


def test_each_tab_has_examples_of_its_task() -> None:
    shelf = within_page(lambda: Shelf(examples()))
    for task in Task:
        assert len(shelf.of_tab(task)) >= 2
    assert len(shelf.of_tab(FREE)) == 8


@pytest.mark.slow
@pytest.mark.parametrize("example", examples(), ids=lambda one: f"{one.picture.stem}: {one.words}")
def test_an_example_works(example: Example) -> None:
    """With its click, in the words of its form as well."""
    service = EditingService(Settings(log=False))
    if example.engine:
        plan = service.plan(example.picture, example.words)
        assert plan.refused and plan.other == example.engine
        result = service.edit(example.picture, example.words, engine=example.engine)
        assert result.images[0] != open_upload(example.picture)[0] and not result.notes
        return
    assert not service.plan(example.picture, example.words, options=Options(click=example.click)).refused
