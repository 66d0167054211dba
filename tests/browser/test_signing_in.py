"""Who has signed in sees it, has a history of their own, and signs out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from omniedit.services.people import People
from omniedit.store import open_database
from tests.browser.page import choose_example, edit, find, open_page, open_tab, text_of, wait
from tests.running import running_app

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def address(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("shared")
    (folder / "home").mkdir()
    database = open_database(folder / "home" / "omniedit.db")
    for name in ("ann", "bob"):
        People(database).add(name, PASSWORD)
    database.close()
    with running_app(folder, checkpoint) as (found, _):
        yield found


def sign_in(chrome: Chrome, address: str, name: str, password: str = PASSWORD) -> None:
    chrome.get(address)
    wait(chrome, lambda c: len(c.find_elements(By.CSS_SELECTOR, "input")) == 2)
    for field, words in zip(chrome.find_elements(By.CSS_SELECTOR, "input"), (name, password), strict=True):
        field.send_keys(words)
    field.send_keys(Keys.ENTER)


def edits(chrome: Chrome) -> int:
    """How many the history shows."""
    open_tab(chrome, "History")
    wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, "#history button img") or text_of(c, "#history-empty"))
    return len(chrome.find_elements(By.CSS_SELECTOR, "#history button img"))


def test_a_person_signs_in_edits_and_signs_out(chrome: Chrome, address: str) -> None:
    sign_in(chrome, address, "ann", "a wrong password")
    wait(chrome, lambda c: "Incorrect" in text_of(c, "body"))
    sign_in(chrome, address, "ann")
    wait(chrome, lambda c: text_of(c, "#who").startswith("Signed in as ann"))
    open_page(chrome, address)
    choose_example(chrome, 0)
    edit(chrome)
    assert edits(chrome) == 1
    find(chrome, "#who a").click()
    wait(chrome, lambda c: not c.find_elements(By.CSS_SELECTOR, "#edit") and len(c.find_elements(By.TAG_NAME, "input")))
    sign_in(chrome, address, "bob")
    wait(chrome, lambda c: text_of(c, "#who").startswith("Signed in as bob"))
    open_page(chrome, address)
    assert edits(chrome) == 0
