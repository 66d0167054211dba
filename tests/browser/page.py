"""What the browser tests do with the page: find, wait, type, upload, plan, edit."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait


def wait(chrome: Chrome, condition: Callable[[Chrome], Any], seconds: float = 30) -> Any:
    """What the condition gives once it holds; an element that is made anew meanwhile is looked for again."""
    gone = [StaleElementReferenceException]
    return WebDriverWait(chrome, seconds, poll_frequency=0.1, ignored_exceptions=gone).until(condition)


def find(chrome: Chrome, css: str) -> WebElement:
    found = wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, css))
    return found[0]


def enabled(css: str) -> Callable[[Chrome], bool]:
    return lambda chrome: find(chrome, css).is_enabled()


def arrived(download: Path) -> Callable[[Chrome], bool]:
    """The browser holds its place with an empty file at first."""
    return lambda chrome: download.exists() and download.stat().st_size > 0


def text_of(chrome: Chrome, css: str) -> str:
    """What is written there now: an element may be made anew between finding and reading it."""
    find(chrome, css)
    words: str = chrome.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", css)
    return words.strip()


def open_page(chrome: Chrome, address: str) -> None:
    chrome.get(address)
    wait(chrome, enabled("#edit"))
    wait(chrome, lambda c: len(c.find_elements(By.CSS_SELECTOR, "#examples button img")) >= 4)


def open_tab(chrome: Chrome, name: str) -> None:
    """A tab of the stage."""

    def tabs(chrome: Chrome) -> list[WebElement]:
        return [tab for tab in chrome.find_elements(By.CSS_SELECTOR, "#stage button[role=tab]") if tab.text == name]

    wait(chrome, tabs)[0].click()


def captions(chrome: Chrome) -> list[str]:
    """What stands below the edits of the history."""
    script = "return [...document.querySelectorAll('#history .caption-label')].map(e => e.innerText.trim())"
    found: list[str] = chrome.execute_script(script)
    return found


def choose_example(chrome: Chrome, number: int) -> str:
    tile = chrome.find_elements(By.CSS_SELECTOR, "#examples button")[number]
    words = tile.text.strip()
    tile.click()
    wait(chrome, lambda c: find(c, "#instruction textarea").get_attribute("value") == words)
    return words


def begin_long_edit(chrome: Chrome, folder: Path) -> None:
    """Upload a large picture and begin an edit of it that takes seconds."""
    photo = folder / "large.jpg"
    Image.effect_noise((2400, 1800), 60).convert("RGB").save(photo)
    upload(chrome, photo)
    open_more(chrome)
    set_number(chrome, "Variants", "4")
    find(chrome, "#instruction textarea").send_keys("turn it into an oil painting")
    find(chrome, "#edit").click()
    wait(chrome, enabled("#cancel"))


def finished(chrome: Chrome) -> bool:
    return "seed" in text_of(chrome, "#facts") and find(chrome, "#edit").is_enabled()


def shown(chrome: Chrome, css: str) -> list[np.ndarray]:
    """The pixels of each picture that the page shows there."""
    script = """
        const done = arguments[1], found = [...document.querySelectorAll(arguments[0])].filter(e => e.src);
        Promise.all(found.map(e => fetch(e.src).then(r => r.blob()).then(b => new Promise(ok => {
            const reader = new FileReader(); reader.onload = () => ok(reader.result); reader.readAsDataURL(b);
        })))).then(done, () => done([]));"""
    found = chrome.execute_async_script(script, css)
    pictures = [Image.open(io.BytesIO(base64.b64decode(data.partition(",")[2]))) for data in found]
    return [np.asarray(picture.convert("RGB")) for picture in pictures]


def upload(chrome: Chrome, path: Path) -> None:
    chrome.find_element(By.CSS_SELECTOR, "#canvas input[type=file]").send_keys(str(path))
    wait(chrome, lambda c: not c.find_elements(By.CSS_SELECTOR, ".bringing"))
    wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, "#canvas canvas"))


def show_at(chrome: Chrome, width: int, height: int) -> None:
    """The window as a desk or a phone has it."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def say(chrome: Chrome, words: str) -> None:
    """Type an instruction in place of the one that is there."""
    find(chrome, "#instruction textarea").send_keys(Keys.CONTROL, "a")
    find(chrome, "#instruction textarea").send_keys(words)


def plan(chrome: Chrome) -> str:
    """Press Show plan; what the plan says."""
    find(chrome, "#look").click()
    wait(chrome, lambda c: text_of(c, "#look") != "Show plan")
    wait(chrome, lambda c: text_of(c, "#look") == "Show plan" and find(c, "#look").is_enabled())
    return text_of(chrome, "#plan-says")


def point(chrome: Chrome, across: float, down: float) -> None:
    """Click the plan's picture at a share of its width and height."""
    picture = find(chrome, "#plan-picture img")
    size = picture.size
    place = (round((across - 0.5) * size["width"]), round((down - 0.5) * size["height"]))
    ActionChains(chrome).move_to_element_with_offset(picture, *place).click().perform()


def edit(chrome: Chrome) -> str:
    """Press Edit and wait for its end; the line of facts."""
    find(chrome, "#edit").click()
    wait(chrome, enabled("#cancel"), 10)
    wait(chrome, enabled("#edit"), 60)
    return text_of(chrome, "#facts")


def open_more(chrome: Chrome) -> None:
    chrome.find_element(By.XPATH, "//span[text()='More']/ancestor::button").click()


def set_number(chrome: Chrome, label: str, value: str) -> None:
    """Type a number into the field beside a slider."""
    css = f"input[aria-label='number input for {label}']"
    field = wait(chrome, lambda c: [f for f in c.find_elements(By.CSS_SELECTOR, css) if f.is_enabled()])[0]
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(value, Keys.TAB)
