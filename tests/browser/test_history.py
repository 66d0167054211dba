"""What was edited is there after a reload, and can be gone on from, named, deleted and put back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.page import (
    captions,
    choose_example,
    edit,
    find,
    open_page,
    open_tab,
    say,
    shown,
    text_of,
    upload,
    wait,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def tree(chrome: Chrome) -> list[str]:
    return text_of(chrome, "#tree").splitlines()


def search(chrome: Chrome, words: str) -> None:
    field = find(chrome, "#history-words input, #history-words textarea")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(Keys.DELETE, words, Keys.ENTER)


def choose_scope(chrome: Chrome, name: str) -> None:
    field = find(chrome, "#history-scope input")
    field.click()
    option = f"//li[@role='option' and @aria-label='{name}']"
    wait(chrome, lambda c: c.find_elements(By.XPATH, option))[0].click()


def test_an_edit_is_found_again_gone_on_from_and_deleted(chrome: Chrome, address: str, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(5).integers(0, 255, (240, 320, 3), dtype=np.uint8)).save(photo)
    open_page(chrome, address)
    upload(chrome, photo)
    say(chrome, "make it sepia")
    edit(chrome)
    before, after = shown(chrome, "#compare img")
    find(chrome, "#star").click()
    wait(chrome, lambda c: text_of(c, "#star") == "★ Starred")
    name = find(chrome, "#name input, #name textarea")
    name.send_keys("Grandmother's garden", Keys.ENTER)

    open_page(chrome, address)
    open_tab(chrome, "History")
    wait(chrome, captions)
    search(chrome, "grandmothers gard")
    wait(chrome, lambda c: not captions(c))
    search(chrome, "garden")
    wait(chrome, lambda c: captions(c) == ["★ Grandmother's garden"])
    find(chrome, "#history button.thumbnail-item").click()
    wait(chrome, lambda c: len(shown(c, "#compare img")) == 2)
    assert all(np.array_equal(a, b) for a, b in zip(shown(chrome, "#compare img"), (before, after), strict=True))
    assert text_of(chrome, "#star") == "★ Starred"

    find(chrome, "#again").click()
    wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, "#canvas canvas"))
    say(chrome, "a pencil drawing")
    edit(chrome)
    assert np.array_equal(shown(chrome, "#compare img")[0], after)
    open_tab(chrome, "History")
    search(chrome, "")
    choose_scope(chrome, "This photo")
    wait(
        chrome,
        lambda c: tree(c) == ["The photo", "★ Grandmother's garden", "a pencil drawing"],
    )

    open_tab(chrome, "Result")
    find(chrome, "#delete").click()
    wait(chrome, lambda c: text_of(c, "#delete") == "Put back")
    open_tab(chrome, "History")
    wait(chrome, lambda c: tree(c) == ["The photo", "★ Grandmother's garden"])
    choose_scope(chrome, "Bin")
    wait(chrome, lambda c: captions(c) == ["a pencil drawing"])
    find(chrome, "#history button.thumbnail-item").click()
    wait(chrome, lambda c: text_of(c, "#delete") == "Put back" and find(c, "#delete").is_displayed())
    find(chrome, "#delete").click()
    wait(chrome, lambda c: text_of(c, "#delete") == "Delete")
    open_tab(chrome, "History")
    choose_scope(chrome, "This photo")
    wait(
        chrome,
        lambda c: tree(c) == ["The photo", "★ Grandmother's garden", "a pencil drawing"],
    )
    find(chrome, "#tree button").click()
    wait(chrome, lambda c: "photo is back" in text_of(c, "#notice"))
    say(chrome, "make it night")
    edit(chrome)
    assert np.array_equal(shown(chrome, "#compare img")[0], before)
    choose_example(chrome, 1)
    open_tab(chrome, "History")
    wait(chrome, lambda c: "once you have edited it" in text_of(c, "#history-empty"))
    assert not chrome.find_elements(By.CSS_SELECTOR, "#tree button")
