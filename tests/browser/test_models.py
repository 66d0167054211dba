"""A model is fetched from the page: its size first, how far it is, stopped, gone on with, used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.page import find, open_page, text_of, wait
from tests.hubs import FakeHub, fake_hub
from tests.running import running_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAM = "facebook/sam-vit-base"
WEIGHTS = np.random.default_rng(0).bytes(4_000_000)
SMALL = {"config.json": b"{}", "preprocessor_config.json": b"{}"}


@pytest.fixture(scope="module")
def hub() -> Iterator[FakeHub]:
    with fake_hub({SAM: {**SMALL, "model.safetensors": WEIGHTS}}) as made:
        yield made


@pytest.fixture(scope="module")
def address(hub: FakeHub, checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("fetching")
    there = {"HF_ENDPOINT": hub.address, "HF_HUB_CACHE": str(folder / "hub"), "HF_HUB_OFFLINE": "0"}
    with running_app(folder, checkpoint, **there) as (found, _):
        yield found


def open_models(chrome: Chrome, address: str) -> None:
    open_page(chrome, address)
    chrome.find_element(By.XPATH, "//span[text()='Models']/ancestor::button").click()
    wait(chrome, lambda c: "finds things by their name" in text_of(c, "#models"))


def test_a_model_is_fetched_stopped_and_gone_on_with(chrome: Chrome, address: str, hub: FakeHub) -> None:
    open_models(chrome, address)
    assert text_of(chrome, "#fetch-sam") == "Fetch 0.4 GB" and "there is none here" in text_of(chrome, "#models")
    hub.pause = 0.1  # it is far from done when it is stopped, however slow the machine
    find(chrome, "#fetch-sam").click()
    wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, "#models progress[aria-label=sam]"))
    wait(chrome, lambda c: float(find(c, "#models progress").get_attribute("value") or 0) > 200_000)
    open_models(chrome, address)  # the page is closed and opened: it goes on, and is seen
    wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, "#models progress[aria-label=sam]"))
    find(chrome, "#stop-sam").click()
    wait(chrome, lambda c: text_of(c, "#fetch-sam").startswith("Go on ("))
    hub.pause = 0
    find(chrome, "#fetch-sam").click()
    wait(chrome, lambda c: "models--facebook--sam" in text_of(c, "#models"))  # it is on this machine
    assert not chrome.find_elements(By.CSS_SELECTOR, "#fetch-sam")
    wait(chrome, lambda _: sorted(asked.begin > 0 for asked in hub.large()) == [False, True])


def test_what_the_hub_does_not_give_is_said(chrome: Chrome, address: str) -> None:
    open_models(chrome, address)
    find(chrome, "#fetch-prompt2prompt").click()
    wait(chrome, lambda c: "The hub does not show stable-diffusion-v1-5" in text_of(c, "#models .fault"))
    assert "accepted on its page" in text_of(chrome, "#models")
