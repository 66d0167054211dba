"""The plan without a browser: looked at, pointed into, turned, corrected and taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from omniedit.errors import BadInput
from omniedit.services.editing import EditingService, Options
from omniedit.services.models import Able
from omniedit.settings import Settings
from omniedit.types import Task
from tests.pages import within_page
from ui.chips import Chips
from ui.forms import FREE, Forms
from ui.handlers import Asked, Planned, Wish
from ui.plan import BOX, CLICK, PlanPanel
from ui.planning import SECOND_CORNER, STOPPED, Planner
from ui.sessions import Sessions

HERE: Any = SimpleNamespace(session_hash="a page", username=None, headers={}, client=None)
WORDS = "remove the ball"


@dataclass
class Page:
    """The planner of a page with a ball on it; `words` are those in the free tab."""

    planner: Planner
    words: str = WORDS
    engine: str = "specialists"

    def press(self, handler: Callable[..., Any], *given: Any, wish: Wish | None = None) -> Any:
        return handler(HERE, *given, Wish() if wish is None else wish, self)


def ball() -> Image.Image:
    """A red disc on green."""
    y, x = np.mgrid[:90, :120]
    pixels = np.full((90, 120, 3), (70, 140, 60), np.uint8)
    pixels[np.hypot(x - 60, y - 45) < 20] = (220, 40, 30)
    return Image.fromarray(pixels)


def asked(change: Callable[[Wish], Wish], wish: Wish, page: Page) -> Asked:
    wish = change(wish.on(page.words))
    options = Options(box=wish.box, click=wish.click, parameters=dict(wish.parameters))
    canvas = {"background": ball(), "layers": []}
    return Asked(canvas, page.words, options, page.engine, wish=wish)


@pytest.fixture(scope="module")
def page() -> Page:
    def make() -> Planner:
        panel = PlanPanel(gr.Tabs(), gr.Markdown(), gr.Column())
        forms = Forms(lambda task: Able(False, False))
        return Planner(EditingService(Settings(log=False)), Sessions(), panel, forms, Chips(), asked)

    return Page(within_page(make))


def planned(page: Page) -> Planned:
    found = page.press(page.planner.on_look)[page.planner.panel.planned]
    assert isinstance(found, Planned)
    return found


def at(x: int, y: int) -> Any:
    return SimpleNamespace(index=(x, y))


def test_a_plan_is_shown_with_what_was_understood(page: Page) -> None:
    panel, chips = page.planner.panel, page.planner.chips
    update = page.press(page.planner.on_look)
    assert update[panel.planned].words == WORDS and update[panel.knobs].visible and not update[panel.forget].visible
    assert dict(update[chips.meant]) == {"task": "removal", "target": "the ball"}


def test_what_is_no_edit_is_said_and_no_other_plan_stays_beside_it(page: Page) -> None:
    panel, wish = page.planner.panel, Wish("hello there", click=(1, 2))
    for change in ({"words": "hello there"}, {"words": ""}, {"engine": "nothing"}):
        other = Page(page.planner, **change)
        update = other.press(page.planner.on_look, wish=wish)
        assert len(str(update[panel.notice])) > 20 and update[panel.planned] is None and update[panel.picture] is None
        assert update[panel.wish] == wish.on(other.words)


def test_what_is_refused_offers_the_small_model_where_it_knows_the_words(page: Page) -> None:
    panel, wish = page.planner.panel, Wish(WORDS, box=(1, 1, 5, 5))
    for words, other in (("make the sky red", "editnet-mini"), ("make the two balls red", "")):
        update = Page(page.planner, words, "auto").press(page.planner.on_look)
        assert update[panel.planned].refused and update[panel.planned].other == other
        assert update[panel.offer].visible == bool(other)
    refused = replace(planned(page), refused=True, other="editnet-mini")
    assert panel.tries(refused, wish) == Wish(WORDS, box=(1, 1, 5, 5), engine="editnet-mini")
    assert panel.tries(refused, wish).point((3, 4), box=False).engine == "" and panel.tries(None, wish) == wish


def test_a_click_and_two_corners_say_what_is_meant(page: Page) -> None:
    planner, panel, before = page.planner, page.planner.panel, planned(page)
    update = page.press(planner.on_point, at(60, 45), before, CLICK)
    assert update[panel.wish].click == before.at(60, 45) and update[panel.forget].visible
    first = page.press(planner.on_point, at(80, 70), before, BOX)
    assert first == {panel.notice: SECOND_CORNER, panel.wish: first[panel.wish]}
    second = page.press(planner.on_point, at(30, 20), before, BOX, wish=first[panel.wish])
    (x0, y0), (x1, y1) = before.at(30, 20), before.at(80, 70)
    assert second[panel.wish].box == (x0, y0, x1 + 1, y1 + 1) and second[panel.wish].corner is None
    gone = page.press(planner.on_forget, wish=second[panel.wish])
    assert gone[panel.wish] == Wish(WORDS) and not gone[panel.forget].visible


def test_a_click_where_no_plan_is_does_nothing(page: Page) -> None:
    assert page.press(page.planner.on_point, at(1, 1), None, CLICK) == gr.skip()


def said(page: Page) -> list[Any]:
    """The values of the form's inputs where the free tab says the page's words."""
    return [FREE, page.words, *("" for _ in page.planner.forms.fields), *(1.0 for _ in page.planner.forms.sliders)]


def test_a_turned_slider_counts_for_the_edit_it_was_made_for(page: Page) -> None:
    turned = page.planner.turn(Wish(), WORDS, "margin", 2.0, *said(page))
    assert turned == Wish(WORDS, parameters=(("margin", 2.0),))
    assert page.planner.turn(turned, "remove the hat", "margin", 3.0, *said(page)) == turned
    update = page.press(page.planner.on_turned, wish=turned)
    assert page.planner.panel.stage not in update and update[page.planner.panel.wish] == turned
    wrong = page.press(page.planner.on_turned, wish=Wish(WORDS, parameters=(("margin", "wide"),)))
    assert set(wrong) == {page.planner.panel.notice, page.planner.panel.wish}  # it can be turned back


def test_a_correction_fills_the_form_of_its_task_and_keeps_what_was_shown(page: Page) -> None:
    planner, before = page.planner, (("task", "removal"), ("target", "the ball"))
    shown = Wish(WORDS, click=(60, 45))
    meant = {"task": "attribute", "target": "the ball", "value": "blue"}
    update = planner.on_correct(meant, "task", shown, 3, before, WORDS, None)
    assert update[planner.forms.tab] == "attribute" and update[planner.forms.words] == ""
    assert update[planner.forms.fields[Task.ATTRIBUTE, "value"]] == "blue"
    assert update[planner.panel.wish].click == (60, 45) and update[planner.panel.corrections] == 3
    again = planner.on_correct({"task": "addition", "new": "a cat"}, "place", Wish(), 0, (), "", None)
    assert again[planner.forms.tab] == "addition", "a row that is about to go"
    other = planner.on_correct({**meant, "target": "the hat"}, "target", shown, 3, before, WORDS, planned(page))
    assert other[planner.panel.wish].click is None, "another thing is meant"
    assert other[planner.panel.corrections] == 4, "the plan that is seen is made anew"


def test_what_is_typed_is_understood(page: Page) -> None:
    chips = page.planner.chips
    for words, meant in (
        ("make it night", {"task": "environment", "value": "night"}),
        ("hm", {}),
        ("", {}),
        (None, {}),
    ):
        update = page.planner.on_words(HERE, words)
        assert dict(update[chips.meant]) == meant and bool(update[chips.reads]) != bool(meant)


def test_a_form_that_lacks_something_is_said(page: Page) -> None:
    def lacks(*given: Any) -> Asked:
        raise BadInput("'Becomes' is empty; choose one of the list, or write your own.")

    planner = page.planner
    other = Planner(planner.service, planner.sessions, planner.panel, planner.forms, planner.chips, lacks)
    calls = [other.on_look(HERE), other.on_forget(HERE), other.on_point(HERE, at(1, 1), planned(page), CLICK)]
    assert all("'Becomes' is empty" in str(update[planner.panel.notice]) for update in calls)


def test_a_plan_that_is_stopped_changes_nothing(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = page.planner.sessions
    make = page.planner.service.plan

    def stopped_meanwhile(*given: Any, **settings: Any) -> Any:
        assert sessions.works(HERE.session_hash) and sessions.stop(HERE.session_hash)
        return make(*given, **settings)

    monkeypatch.setattr(page.planner.service, "plan", stopped_meanwhile)
    update = page.press(page.planner.on_look, wish=Wish(WORDS, click=(60, 45)))
    panel = page.planner.panel
    assert update == {panel.notice: STOPPED, panel.wish: Wish(WORDS, click=(60, 45))}
    assert not sessions.works(HERE.session_hash)
