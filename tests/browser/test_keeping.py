"""What the page remembers for a person, and going back and forth between edits."""

from __future__ import annotations

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By

from tests.browser.page import choose_example, edit, enabled, find, open_page, say, show_at, text_of, wait

pytestmark = pytest.mark.browser


def seen(chrome: Chrome, css: str) -> bool:
    script = "return [...document.querySelectorAll(arguments[0])].some(e => e.getClientRects().length > 0)"
    return bool(chrome.execute_script(script, css))  # at one go: elements come and go


def consents(chrome: Chrome) -> bool:
    return bool(chrome.execute_script("return document.querySelector('#consent input')?.checked ?? false"))


def looks(chrome: Chrome) -> str:
    """What the canvas shows, as far as it can be told apart."""
    return str(find(chrome, "#canvas canvas").screenshot_as_base64)


def test_the_tour_and_the_question_about_training_come_once(chrome: Chrome, address: str) -> None:
    open_page(chrome, address)
    wait(chrome, lambda c: seen(c, "#tour"))
    find(chrome, "#tour-done").click()
    wait(chrome, lambda c: not seen(c, "#tour"))
    choose_example(chrome, 0)
    edit(chrome)
    wait(chrome, lambda c: seen(c, "#question"))
    assert not consents(chrome)
    find(chrome, "#question-yes").click()
    wait(chrome, lambda c: not seen(c, "#question") and consents(c))
    open_page(chrome, address)
    choose_example(chrome, 0)
    edit(chrome)
    wait(chrome, consents)
    assert not seen(chrome, "#question") and not seen(chrome, "#tour")


def test_edits_are_taken_back_and_brought_back(chrome: Chrome, address: str) -> None:
    open_page(chrome, address)
    find(chrome, "#step-back").click()
    wait(chrome, lambda c: "nothing to take back" in text_of(c, "#notice"))
    choose_example(chrome, 0)
    pictures = []
    for words in ("make her suit blue", "make it black and white"):
        wait(chrome, lambda c: not pictures or looks(c) != pictures[-1])
        pictures.append(looks(chrome))
        say(chrome, words)
        edit(chrome)
        wait(chrome, enabled("#again"))
        find(chrome, "#again").click()
    wait(chrome, lambda c: looks(c) not in pictures)
    last = looks(chrome)
    find(chrome, "#step-back").click()
    wait(chrome, lambda c: looks(c) == pictures[1])
    ActionChains(chrome).send_keys("u").perform()  # the same by a key
    wait(chrome, lambda c: looks(c) == pictures[0])
    for picture in (pictures[1], last):
        find(chrome, "#step-forth").click()
        wait(chrome, lambda c, picture=picture: looks(c) == picture)
    find(chrome, "#step-forth").click()
    wait(chrome, lambda c: "nothing to bring back" in text_of(c, "#notice"))


def test_colours_are_chosen_for_good(chrome: Chrome, address: str) -> None:
    open_page(chrome, address)
    chrome.find_element(By.CSS_SELECTOR, "#settings button").click()
    wait(chrome, lambda c: seen(c, "#settings-theme"))
    for name, dark in (("Dark", True), ("Bright", False), ("Dark", True)):
        chrome.find_element(By.XPATH, f"//*[@id='settings-theme']//label[contains(., '{name}')]").click()
        wait(chrome, lambda c, dark=dark: c.execute_script("return document.body.classList.contains('dark')") is dark)
    open_page(chrome, address)
    wait(chrome, lambda c: c.execute_script("return document.body.classList.contains('dark')"))


def test_single_keys_are_switched_off_for_good(chrome: Chrome, address: str) -> None:
    counts = "window.pressed = 0; document.querySelector('#step-back').addEventListener('click', () => pressed++)"

    def presses() -> int:
        ActionChains(chrome).send_keys("u").perform()
        return int(chrome.execute_script("return pressed"))

    def switch(works: bool) -> None:
        chrome.find_element(By.CSS_SELECTOR, "#settings button").click()
        wait(chrome, lambda c: seen(c, "#settings-keys"))
        wait(chrome, lambda c: find(c, "#settings-keys input").is_selected() is not works)
        find(chrome, "#settings-keys input").click()

    open_page(chrome, address)
    chrome.execute_script(counts)
    assert presses() == 1
    switch(False)
    assert presses() == 1
    open_page(chrome, address)
    chrome.execute_script(counts)
    assert presses() == 0
    switch(True)
    assert presses() == 1


def test_a_result_is_looked_at_pixel_by_pixel(chrome: Chrome, address: str) -> None:
    open_page(chrome, address)
    choose_example(chrome, 0)
    edit(chrome)
    chrome.find_element(By.XPATH, "//*[@id='way']//label[contains(., '100')]").click()
    show_at(chrome, 375, 800)
    sizes = "const i = document.querySelector('#flat img'); return i && [i.clientWidth, i.naturalWidth]"
    wait(chrome, lambda c: (found := c.execute_script(sizes)) and found[0] == found[1] > 375)
    assert chrome.execute_script("return document.documentElement.scrollWidth") == 375


def test_a_phone_has_nothing_beside_its_screen(chrome: Chrome, address: str) -> None:
    show_at(chrome, 375, 800)
    open_page(chrome, address)
    assert chrome.execute_script("return document.documentElement.scrollWidth") == 375
