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
from tests.browser.page import captions, choose_example, edit, open_page, open_tab, text_of, wait
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


def edited(chrome: Chrome, example: int) -> bool:
    """Whether the history has that example's edit alone, once it is made."""
    words = choose_example(chrome, example)
    edit(chrome)
    open_tab(chrome, "History")
    return bool(wait(chrome, captions) == [words])


def test_a_person_signs_in_edits_and_signs_out(chrome: Chrome, address: str) -> None:
    sign_in(chrome, address, "ann", "a wrong password")
    wait(chrome, lambda c: "Incorrect" in text_of(c, "body"))
    for example, name in enumerate(("ann", "bob")):
        sign_in(chrome, address, name)
        wait(chrome, lambda c, name=name: text_of(c, "#who").startswith(f"Signed in as {name}"))
        open_page(chrome, address)
        assert edited(chrome, example)
        wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, "#who a"))[0].click()
        wait(chrome, lambda c: not c.find_elements(By.CSS_SELECTOR, "#edit"))
