"""The page in German: nothing of its own is English, and no word is too long for a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By

from tests.browser.conftest import chromium
from tests.browser.page import choose_example, edit, enabled, find, open_page, show_at, text_of, wait
from ui.words import catalogue

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LEFT = "What would change"  # Gradio does not translate what it tells screen readers of a picture that is not changed
WORDS = """
    const words = document.body.innerText.split("\\n"), named = ["aria-label", "placeholder", "title", "alt"];
    for (const name of named) document.querySelectorAll(`[${name}]`).forEach(e => words.push(e.getAttribute(name)));
    return words.map(word => word.trim());"""
CUT = """
    return [...document.querySelectorAll("button:not(.label-wrap, [role=tab])")]
        .filter(e => e.getClientRects().length && e.innerText.trim() && e.scrollWidth > e.clientWidth + 1)
        .map(e => e.innerText);"""


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("german"), "de") as driver:
        yield driver


def english(chrome: Chrome) -> set[str]:
    """What is written on the page, or told of it, that the catalogue has a German word for."""
    words: list[str] = chrome.execute_script(WORDS)
    marks = {word for word in words if "__i18n__" in word}
    return marks | {word for word in words if catalogue("de").get(word, word) != word} - {LEFT}


def open_all(chrome: Chrome) -> None:
    for panel in ("more", "models", "settings"):
        # a phone's bar may lie over it
        chrome.execute_script("arguments[0].click()", find(chrome, f"#{panel} .label-wrap"))
    wait(chrome, lambda c: "findet Dinge nach ihrem Namen" in text_of(c, "#models"))


def tab(chrome: Chrome, number: int) -> None:
    chrome.find_elements(By.CSS_SELECTOR, "#stage button[role=tab]")[number].click()


def test_the_page_is_german(german: Chrome, address: str) -> None:
    show_at(german, 1440, 1300)
    open_page(german, address)
    wait(german, lambda c: "Alles klar" in text_of(c, "#tour"))
    assert german.execute_script("return document.documentElement.lang") == "de"
    content = "return getComputedStyle(document.querySelector('#plan-picture .empty'), '::after').content"
    assert german.execute_script(content) == '"Hier wird umrandet, was sich ändern würde."'
    assert (text_of(german, "#edit"), text_of(german, "#look")) == ("Bearbeiten", "Plan zeigen")
    open_all(german)
    assert english(german) == set()
    shown = german.find_elements(By.CSS_SELECTOR, "#tasks .tab-container:not(.visually-hidden) button[role=tab]")
    for one in [button for button in shown if button.is_displayed()]:
        one.click()
        assert english(german) == set(), one.text


def test_what_is_missing_is_said_in_german(german: Chrome, address: str) -> None:
    show_at(german, 1440, 1300)
    open_page(german, address)
    for button, says in (("#edit", "Noch ist kein Bild da"), ("#step-back", "nichts zurückzunehmen")):
        find(german, button).click()
        wait(german, lambda c, says=says: says in text_of(c, "#notice"))


def test_a_plan_and_an_edit_in_german(german: Chrome, address: str) -> None:
    show_at(german, 1440, 1300)
    open_page(german, address)
    choose_example(german, 0)
    find(german, "#look").click()
    wait(german, lambda c: "Ändern können sich die umrandeten 33 % des Bildes." in text_of(c, "#plan-says"))
    wait(german, lambda c: find(c, "#chip-value input").get_attribute("value") == "blau")
    assert english(german) == set()
    edit(german)
    wait(german, lambda c: text_of(c, "#star") == "☆ Favorit")
    assert english(german) == set()
    for way, says in ((1, "gedrückt halten"), (2, "Geändert: "), (3, "verschieben")):
        german.find_elements(By.CSS_SELECTOR, "#way label")[way].click()
        wait(german, lambda c, says=says: says in text_of(c, "#notice"))
    tab(german, 2)
    wait(german, lambda c: find(c, "#history-scope input").get_attribute("value") == "Alle")
    assert english(german) == set()


def test_a_choice_in_german_asks_for_the_english_word(german: Chrome, address: str) -> None:
    show_at(german, 1440, 1300)
    open_page(german, address)
    choose_example(german, 0)
    find(german, "#look").click()
    wait(german, lambda c: "umrandeten" in text_of(c, "#plan-says"))
    wait(german, lambda c: find(c, "#chip-value input").get_attribute("value") == "blau")
    find(german, "#chip-value input").click()
    wait(german, lambda c: c.find_elements(By.XPATH, "//li[@role='option' and @aria-label='grün']"))[0].click()
    wait(german, lambda c: "grün" in text_of(c, "#plan-says"))


def test_nothing_is_cut_off_on_a_phone(german: Chrome, address: str) -> None:
    show_at(german, 375, 800)
    open_page(german, address)
    open_all(german)
    choose_example(german, 0)
    edit(german)
    wait(german, lambda c: text_of(c, "#star") == "☆ Favorit")
    for number in (1, 0, 2):
        tab(german, number)
        assert german.execute_script(CUT) == []
        assert german.execute_script("return document.documentElement.scrollWidth") == 375


def test_keys_and_tools_of_the_canvas_work_in_any_language(german: Chrome, address: str) -> None:
    show_at(german, 1440, 1300)
    open_page(german, address)
    german.execute_script(
        "arrivals = 0; document.querySelector('#arrived').addEventListener('click', () => arrivals++)"
    )

    def pressed(name: str) -> None:
        find(german, f"#canvas button[aria-label='{name}']").click()

    def active(name: str) -> bool:
        return "highlight" in (find(german, f"#canvas button[aria-label='{name}']").get_attribute("class") or "")

    pressed("Einfügen")
    wait(german, lambda c: c.execute_script("return arrivals") == 1)
    choose_example(german, 0)
    wait(german, lambda c: c.find_elements(By.CSS_SELECTOR, "#canvas canvas"))
    for key, name in (("e", "Radierer"), ("b", "Pinsel")):
        ActionChains(german).move_to_element(find(german, "#title")).click().send_keys(key).perform()
        wait(german, lambda c, name=name: active(name))
    pressed("Pinselgröße")
    assert german.execute_script("return arrivals") == 1
    canvas = find(german, "#canvas canvas")
    ActionChains(german).move_to_element(canvas).click_and_hold().move_by_offset(60, 30).release().perform()
    undo = "#canvas button[aria-label='Rückgängig']"
    wait(german, enabled(undo))
    redo = "#canvas button[aria-label='Wiederherstellen']"
    ActionChains(german).move_to_element(find(german, "#title")).click().send_keys("z").perform()
    wait(german, enabled(redo))
