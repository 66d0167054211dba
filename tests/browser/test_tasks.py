"""One photograph through all seven tasks, as a person does it: say, look at the plan, correct it, turn, edit."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from omniedit.settings import assets_dir
from tests.browser.page import (
    choose_example,
    edit,
    enabled,
    find,
    open_page,
    open_tab,
    plan,
    point,
    say,
    set_number,
    show_at,
    shown,
    text_of,
    upload,
    wait,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Place = tuple[float, float]
PATCH: tuple[Place, ...] = ((0.37, 0.72),)
HELMET: tuple[Place, ...] = ((0.56, 0.55), (0.99, 0.98))
OUTLINE = (255, 64, 160)


@pytest.fixture(scope="module")
def desk(browser: Chrome, address: str) -> Chrome:
    """The page with a photograph on it."""
    show_at(browser, 1440, 1300)
    open_page(browser, address)
    upload(browser, assets_dir() / "photos" / "astronaut.jpg")
    return browser


@pytest.mark.parametrize(
    ("words", "task", "shows", "says", "slider", "value"),
    [
        ("remove the patch", "Remove", PATCH, "Removes the patch (your click)", "Margin around the thing", "3"),
        ("swap the helmet for a cake", "Swap", HELMET, "for a cake", "Size", "0.5"),
        ("add a cat on the left", "Add", (), "Adds a cat on the left", "Size", "0.5"),
        ("make her suit green", "Look", (), "Recolours her suit", "Strength", "0.4"),
        ("put a forest behind her", "Background", (), "puts a forest behind it", "Out of focus", "2"),
        ("make it night", "Light", (), "Makes it night", "Strength", "0.4"),
        ("turn it into a watercolour", "Style", (), "a watercolour", "Strength", "0.4"),
    ],
)
def test_a_task(
    desk: Chrome, words: str, task: str, shows: tuple[Place, ...], says: str, slider: str, value: str
) -> None:
    say(desk, words)
    said = plan(desk)
    wait(desk, lambda c: find(c, "#chip-task input").get_attribute("value") == task)
    if shows:
        assert "click the one you mean" in said
        if len(shows) > 1:
            desk.find_element(By.XPATH, "//span[text()='by two corners of a box']").click()
        for place in shows:
            point(desk, *place)
            wait(
                desk,
                lambda c: "Now click the opposite corner" in text_of(c, "#notice") or says in text_of(c, "#plan-says"),
            )
    wait(desk, lambda c: says in text_of(c, "#plan-says"))
    assert "may change" in text_of(desk, "#plan-says")
    outlined = (shown(desk, "#plan-picture img")[-1] == OUTLINE).all(-1).any()
    assert outlined == ("The outlined" in text_of(desk, "#plan-says"))

    assert says in edit(desk)
    before, first = shown(desk, "#compare img")[:2]
    assert before.shape == first.shape and (before != first).any(-1).mean() > 0.005
    set_number(desk, slider, value)
    wait(desk, lambda c: "to see it with these settings" in text_of(c, "#notice"))
    edit(desk)
    assert not np.array_equal(shown(desk, "#compare img")[1], first)


def test_the_next_edit_builds_on_the_one_before(desk: Chrome) -> None:
    edited = shown(desk, "#compare img")[1]
    find(desk, "#again").click()
    wait(desk, lambda c: find(c, "#instruction textarea").get_attribute("value") == "")
    wait(desk, lambda c: not [k for k in c.find_elements(By.CSS_SELECTOR, "#knobs input") if k.is_displayed()])
    open_tab(desk, "Result")
    wait(desk, lambda c: find(c, "#reuse").is_displayed())
    find(desk, "#reuse").click()
    wait(desk, lambda c: find(c, "#instruction textarea").get_attribute("value") == "turn it into a watercolour")
    say(desk, "make it black and white")
    assert "black-and-white photograph" in edit(desk)
    before, after = shown(desk, "#compare img")[:2]
    assert np.array_equal(before, edited)
    assert np.ptp(after.astype(int), axis=-1).max() <= 60 < np.ptp(before.astype(int), axis=-1).max()


def test_the_small_model_tries_where_it_is_let(desk: Chrome) -> None:
    """It is offered where it knows the words, and never edits by itself."""
    say(desk, "turn the dog into a banana")
    assert "click" in plan(desk) and find(desk, "#attempt").is_displayed()
    find(desk, "#attempt").click()
    wait(desk, lambda c: text_of(c, "#facts").startswith("editnet-mini") and find(c, "#edit").is_enabled(), 60)
    assert len(shown(desk, "#compare img")) == 2
    say(desk, "make it sepia")
    assert edit(desk).startswith("specialists")


def test_a_refusal_says_what_to_do_and_where(desk: Chrome) -> None:
    """In the plan that says no, a click can show what is meant."""
    say(desk, "remove the helmet")
    assert re.search(r"^I (see|cannot) .*click", plan(desk))
    wait(desk, lambda c: find(c, "#chip-target textarea, #chip-target input").get_attribute("value") == "the helmet")
    assert find(desk, "#plan-picture img").is_displayed() and find(desk, "#pointing").is_displayed()
    say(desk, "add a dragon")
    assert "(A picture to use), or ask for one of: cat, dog" in plan(desk)
    say(desk, "hello there")
    edit(desk)
    wait(desk, lambda c: "Tell me what to change in the picture" in text_of(c, "#notice"))


FORMS = [
    ("Remove", {"removal-target": "her suit"}, "Removes her suit"),
    ("Swap", {"swap-target": "her suit", "swap-new": "cake"}, "for a cake"),
    ("Add", {"addition-new": "cat", "addition-place": "on the left"}, "Adds a cat on the left"),
    ("Look", {"attribute-target": "her suit", "attribute-value": "teal"}, "Recolours her suit"),
    ("Background", {"background-value": "forest"}, "puts a forest behind it"),
    ("Light", {"environment-value": "night"}, "painted night"),
    ("Style", {"style-value": "watercolour"}, "a watercolour"),
]


def test_each_form_asks_for_its_task_and_photo_and_mask_stay(desk: Chrome) -> None:
    """The words of the free tab stay too, and are asked for again there."""
    open_page(desk, desk.current_url)
    words = choose_example(desk, 0)
    assert "Recolours her suit" in plan(desk)
    for title, lines, says in FORMS:  # from Background on where there is paint
        tab(desk, title)
        for line, value in lines.items():
            field = wait(desk, lambda c, line=line: find(c, f"#{line} input, #{line} textarea"))
            field.send_keys(Keys.CONTROL, "a")
            field.send_keys(value, Keys.TAB)
        plan(desk)
        wait(desk, lambda c, says=says: says in text_of(c, "#plan-says"))
        if title == "Look":
            find(desk, "#mask-outline").click()
    assert "you painted" in text_of(desk, "#plan-says")
    tab(desk, "Free")
    assert find(desk, "#instruction textarea").get_attribute("value") == words
    assert find(desk, "#chip-target textarea").get_attribute("value") == "her suit"
    plan(desk)
    wait(desk, lambda c: "your brush" in text_of(c, "#plan-says") or "you painted" in text_of(c, "#plan-says"))


def tab(desk: Chrome, title: str) -> None:
    """Open a task's form."""
    desk.find_element(By.XPATH, f"//*[@id='tasks']//button[@role='tab'][normalize-space()='{title}']").click()


def test_a_photo_of_a_phone_is_painted_on_and_edited_at_its_own_size(desk: Chrome, tmp_path: Path) -> None:
    """The canvas shows a smaller copy; what is painted on it counts for the photo."""
    photo = tmp_path / "phone.jpg"
    with Image.open(assets_dir() / "photos" / "coffee.jpg") as small:
        small.resize((3000, 2000)).save(photo)
    show_at(desk, 1440, 1300)
    desk.refresh()
    wait(desk, enabled("#edit"))
    upload(desk, photo)
    wait(desk, lambda c: "Press Show plan" in text_of(c, "#plan-says"))
    find(desk, "#canvas button[aria-label='Brush']").click()
    canvas = find(desk, "#canvas canvas")
    ActionChains(desk).move_to_element(canvas).click_and_hold().move_by_offset(60, 30).release().perform()
    say(desk, "make it black and white")
    wait(desk, lambda c: "you painted" in plan(c))
    assert "3000 x 2000" in edit(desk)
    before, after = shown(desk, "#compare img")[:2]
    changed = (before != after).any(-1)
    assert before.shape == (2000, 3000, 3) and 0.0005 < changed.mean() < 0.2
    assert changed[950:1150, 1500:1700].mean() > 0.3 and not changed[:400].any()
