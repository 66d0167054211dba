"""The page as a person meets it: load, edit, mask, variants, cancel, download, a phone."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from omniedit.settings import assets_dir

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def wait(chrome: Chrome, condition: Callable[[Chrome], Any], seconds: float = 30) -> Any:
    return WebDriverWait(chrome, seconds, poll_frequency=0.1).until(condition)


def find(chrome: Chrome, css: str) -> WebElement:
    found = wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, css))
    return found[0]


def enabled(css: str) -> Callable[[Chrome], bool]:
    return lambda chrome: find(chrome, css).is_enabled()


def arrived(download: Path) -> Callable[[Chrome], bool]:
    """The browser holds its place with an empty file at first."""
    return lambda chrome: download.exists() and download.stat().st_size > 0


def text_of(chrome: Chrome, css: str) -> str:
    return find(chrome, css).text


def open_page(chrome: Chrome, address: str) -> None:
    chrome.get(address)
    wait(chrome, enabled("#edit"))
    wait(chrome, lambda c: len(c.find_elements(By.CSS_SELECTOR, "#examples button img")) >= 4)


def choose_example(chrome: Chrome, number: int) -> str:
    tile = chrome.find_elements(By.CSS_SELECTOR, "#examples button")[number]
    words = tile.text.strip()
    tile.click()
    wait(chrome, lambda c: find(c, "#instruction textarea").get_attribute("value") == words)
    return words


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
    wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, "#canvas canvas"))


def test_an_example_is_edited_and_downloaded(chrome: Chrome, address: str, tmp_path: Path) -> None:
    open_page(chrome, address)
    words = choose_example(chrome, 0)
    find(chrome, "#edit").click()
    wait(chrome, finished)
    assert "Chosen: " in text_of(chrome, "#facts") and "seed 0" in text_of(chrome, "#facts")
    assert find(chrome, "#compare img").get_attribute("src")
    wait(chrome, enabled("#download"))
    find(chrome, "#download").click()
    target = tmp_path / "downloads" / (words.replace(" ", "-") + ".png")
    wait(chrome, arrived(target))
    with Image.open(target) as image:
        assert image.format == "PNG" and not image.info
        assert max(image.size) >= 300


def test_a_photo_of_ones_own_with_enter_and_variants(chrome: Chrome, address: str, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    Image.effect_noise((400, 300), 60).convert("RGB").save(photo)
    open_page(chrome, address)
    upload(chrome, photo)
    chrome.find_element(By.XPATH, "//span[text()='More']/ancestor::button").click()
    slider = wait(chrome, lambda c: c.find_elements(By.XPATH, "//span[text()='Variants']/following::input"))[0]
    slider.clear()
    slider.send_keys("3", Keys.TAB)
    box = find(chrome, "#instruction textarea")
    box.send_keys("make it night", Keys.ENTER)
    wait(chrome, finished)
    assert "seed 0, 1, 2" in text_of(chrome, "#facts") and "400 x 300" in text_of(chrome, "#facts")
    tiles = wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, "#gallery button.thumbnail-item"))
    assert len(tiles) == 3
    first = shown(chrome, "#compare img")[-1]
    tiles[2].click()
    wait(chrome, lambda c: not np.array_equal(shown(c, "#compare img")[-1], first))
    third = shown(chrome, "#compare img")[-1]
    find(chrome, "#download").click()
    target = tmp_path / "downloads" / "make-it-night-3.png"
    wait(chrome, arrived(target))
    with Image.open(target) as image:
        assert np.array_equal(np.asarray(image.convert("RGB")), third)
    find(chrome, "#again").click()
    slider.clear()
    slider.send_keys("1", Keys.TAB)
    find(chrome, "#edit").click()
    wait(chrome, lambda c: finished(c) and "seed 0 " in text_of(c, "#facts"))
    assert np.array_equal(shown(chrome, "#compare img")[0], third)


def test_a_number_out_of_range_leaves_the_page_ready(chrome: Chrome, address: str) -> None:
    open_page(chrome, address)
    choose_example(chrome, 0)
    chrome.find_element(By.XPATH, "//span[text()='More']/ancestor::button").click()
    seed = wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, "input[aria-label=Seed]"))[0]
    seed.clear()
    seed.send_keys("-1", Keys.TAB)
    find(chrome, "#edit").click()
    wait(chrome, lambda c: "The seed is -1" in c.find_element(By.TAG_NAME, "body").text)
    wait(chrome, enabled("#edit"))
    assert not find(chrome, "#cancel").is_enabled()
    seed.clear()
    seed.send_keys("5", Keys.TAB)
    find(chrome, "#edit").click()
    wait(chrome, lambda c: finished(c) and "seed 5" in text_of(c, "#facts"))


def test_files_that_a_browser_cannot_show_are_opened(chrome: Chrome, address: str, tmp_path: Path) -> None:
    photo = tmp_path / "scan.tiff"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.linear_gradient("L").resize((400, 300)).convert("RGB").save(photo, exif=exif)
    open_page(chrome, address)
    chrome.find_element(By.CSS_SELECTOR, "input[type=file][accept*='.tiff']").send_keys(str(photo))
    wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, "#canvas canvas"))
    find(chrome, "#instruction textarea").send_keys("make it night", Keys.ENTER)
    wait(chrome, finished)
    assert "300 x 400" in text_of(chrome, "#facts")
    (tmp_path / "fake.tiff").write_text("hello, this is not a picture")
    chrome.find_element(By.CSS_SELECTOR, "input[type=file][accept*='.tiff']").send_keys(str(tmp_path / "fake.tiff"))
    wait(chrome, lambda c: "is text, not a picture" in c.find_element(By.TAG_NAME, "body").text)


def test_paint_says_where(chrome: Chrome, address: str, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.linear_gradient("L").resize((400, 300)).convert("RGB").save(photo)
    open_page(chrome, address)
    upload(chrome, photo)
    canvas = find(chrome, "#canvas canvas")
    chrome.find_element(By.CSS_SELECTOR, "#canvas button[aria-label=Brush]").click()
    ActionChains(chrome).move_to_element(canvas).click_and_hold().move_by_offset(60, 30).release().perform()
    find(chrome, "#instruction textarea").send_keys("remove it")
    find(chrome, "#edit").click()
    wait(chrome, finished)
    find(chrome, "#download").click()
    target = tmp_path / "downloads" / "remove-it.png"
    wait(chrome, arrived(target))
    with Image.open(photo) as before, Image.open(target) as after:
        changed = np.abs(np.asarray(before).astype(int) - np.asarray(after.convert("RGB"))).max(-1) > 0
    assert 0 < changed.mean() < 0.3
    assert not changed[:60].any() and not changed[-60:].any()


def test_cancel_ends_the_edit_and_the_next_one_runs(chrome: Chrome, address: str, tmp_path: Path) -> None:
    photo = tmp_path / "large.jpg"
    Image.effect_noise((2400, 1800), 60).convert("RGB").save(photo)
    open_page(chrome, address)
    upload(chrome, photo)
    chrome.find_element(By.XPATH, "//span[text()='More']/ancestor::button").click()
    slider = wait(chrome, lambda c: c.find_elements(By.XPATH, "//span[text()='Variants']/following::input"))[0]
    slider.clear()
    slider.send_keys("4", Keys.TAB)
    find(chrome, "#instruction textarea").send_keys("turn it into an oil painting")
    find(chrome, "#edit").click()
    wait(chrome, enabled("#cancel"))
    find(chrome, "#cancel").click()
    wait(chrome, lambda c: "stopped" in c.find_element(By.TAG_NAME, "body").text)
    wait(chrome, enabled("#edit"))
    assert text_of(chrome, "#facts") == ""
    assert not find(chrome, "#download").is_enabled()


def test_a_plan_is_shown_and_a_click_says_which_thing_is_meant(chrome: Chrome, address: str) -> None:
    open_page(chrome, address)
    upload(chrome, assets_dir() / "photos" / "coffee.jpg")
    find(chrome, "#instruction textarea").send_keys("remove the spoon")
    find(chrome, "#look").click()
    wait(chrome, lambda c: "cannot find the spoon" in text_of(c, "#plan-says"))
    picture = wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, "#plan-picture img"))[0]
    wide, high = picture.size["width"], picture.size["height"]
    spoon = (int((230 / 384 - 0.5) * wide), int((180 / 256 - 0.5) * high))
    ActionChains(chrome).move_to_element_with_offset(picture, *spoon).click().perform()
    wait(chrome, lambda c: "Removes the spoon" in text_of(c, "#plan-says"))
    assert "your click" in text_of(chrome, "#plan-says") and "of the picture may change" in text_of(
        chrome, "#plan-says"
    )
    wait(chrome, lambda c: "Margin around the thing" in text_of(c, "#knobs"))
    find(chrome, "#edit").click()
    wait(chrome, finished)
    assert "Removes the spoon" in text_of(chrome, "#facts")
    before, after = shown(chrome, "#compare img")[:2]
    changed = (before != after).any(-1)
    assert 0.001 < changed.mean() < 0.1 and not changed[:100].any()


def test_what_is_missing_is_said(chrome: Chrome, address: str) -> None:
    open_page(chrome, address)
    find(chrome, "#edit").click()
    wait(chrome, lambda c: "drop a photo" in c.find_element(By.TAG_NAME, "body").text)
    wait(chrome, enabled("#edit"))
    choose_example(chrome, 0)
    box = find(chrome, "#instruction textarea")
    box.send_keys(Keys.CONTROL, "a")
    box.send_keys("?!")
    find(chrome, "#edit").click()
    wait(chrome, lambda c: "has no words" in c.find_element(By.TAG_NAME, "body").text)


def test_a_phone_shows_everything_without_scrolling_sideways(chrome: Chrome, address: str) -> None:
    chrome.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 375, "height": 812, "deviceScaleFactor": 1, "mobile": True}
    )
    open_page(chrome, address)
    choose_example(chrome, 0)
    wide = chrome.execute_script(
        "return [...document.querySelectorAll('#canvas, #instruction, #edit, #compare, #examples, #download')]"
        ".map(e => e.getBoundingClientRect()).filter(r => r.left < 0 || r.right > window.innerWidth).length"
    )
    assert wide == 0
    assert chrome.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    assert find(chrome, "#canvas").size["width"] > 300
    find(chrome, "#edit").click()
    wait(chrome, finished)
