"""The page as a person meets it: load, edit, mask, variants, cancel, download, a phone."""

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
    arrived,
    begin_long_edit,
    choose_example,
    edit,
    enabled,
    find,
    finished,
    open_more,
    open_page,
    plan,
    say,
    set_number,
    shown,
    text_of,
    upload,
    wait,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_example_is_edited_and_downloaded(chrome: Chrome, address: str, downloads: Path) -> None:
    open_page(chrome, address)
    words = choose_example(chrome, 0)
    find(chrome, "#edit").click()
    wait(chrome, finished)
    assert "Chosen: " in text_of(chrome, "#facts") and "seed 0" in text_of(chrome, "#facts")
    assert find(chrome, "#compare img").get_attribute("src")
    wait(chrome, enabled("#download"))
    find(chrome, "#download").click()
    target = downloads / (words.replace(" ", "-") + ".png")
    wait(chrome, arrived(target))
    with Image.open(target) as image:
        assert image.format == "PNG" and set(image.info) == {"omniedit"}
        assert max(image.size) >= 300


def test_a_photo_of_ones_own_with_enter_and_variants(
    chrome: Chrome, address: str, tmp_path: Path, downloads: Path
) -> None:
    photo = tmp_path / "photo.jpg"
    Image.effect_noise((400, 300), 60).convert("RGB").save(photo)
    open_page(chrome, address)
    upload(chrome, photo)
    open_more(chrome)
    set_number(chrome, "Variants", "3")
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
    target = downloads / "make-it-night-3.png"
    wait(chrome, arrived(target))
    with Image.open(target) as image:
        assert np.array_equal(np.asarray(image.convert("RGB")), third)
    find(chrome, "#again").click()
    set_number(chrome, "Variants", "1")
    say(chrome, "make it night")
    find(chrome, "#edit").click()
    wait(chrome, lambda c: finished(c) and "seed 0 " in text_of(c, "#facts"))
    assert np.array_equal(shown(chrome, "#compare img")[0], third)


def test_a_number_out_of_range_leaves_the_page_ready(chrome: Chrome, address: str) -> None:
    open_page(chrome, address)
    choose_example(chrome, 0)
    open_more(chrome)
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


def test_a_result_on_the_canvas_is_gone_on_from_or_brings_back_how_it_was_made(
    chrome: Chrome, address: str, tmp_path: Path, downloads: Path
) -> None:
    photo = tmp_path / "photo.png"
    Image.linear_gradient("L").resize((400, 300)).convert("RGB").save(photo)
    open_page(chrome, address)
    upload(chrome, photo)
    assert not find(chrome, "#recall").is_displayed()
    find(chrome, "#instruction textarea").send_keys("make it sepia", Keys.ENTER)
    wait(chrome, finished)
    find(chrome, "#download").click()
    result = downloads / "make-it-sepia.png"
    wait(chrome, arrived(result))

    open_page(chrome, address)
    upload(chrome, result)
    wait(chrome, lambda c: find(c, "#recall").is_displayed())
    assert find(chrome, "#instruction textarea").get_attribute("value") == ""
    find(chrome, "#recall").click()
    wait(chrome, lambda c: find(c, "#instruction textarea").get_attribute("value") == "make it sepia")
    assert not find(chrome, "#recall").is_displayed()
    assert "the photo that it was made of" in text_of(chrome, "#notice")
    edit(chrome)
    with Image.open(photo) as before:
        assert np.array_equal(shown(chrome, "#compare img")[0], np.asarray(before.convert("RGB")))


def test_paint_says_where(chrome: Chrome, address: str, tmp_path: Path, downloads: Path) -> None:
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
    target = downloads / "remove-it.png"
    wait(chrome, arrived(target))
    with Image.open(photo) as before, Image.open(target) as after:
        changed = np.abs(np.asarray(before).astype(int) - np.asarray(after.convert("RGB"))).max(-1) > 0
    assert 0 < changed.mean() < 0.3
    assert not changed[:60].any() and not changed[-60:].any()


def test_cancel_ends_the_edit_and_the_next_one_runs(chrome: Chrome, address: str, tmp_path: Path) -> None:
    open_page(chrome, address)
    begin_long_edit(chrome, tmp_path)
    find(chrome, "#cancel").click()
    wait(chrome, lambda c: "stopped" in c.find_element(By.TAG_NAME, "body").text)
    wait(chrome, enabled("#edit"))
    assert text_of(chrome, "#facts") == ""
    assert not find(chrome, "#download").is_enabled()


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
        "return [...document.querySelectorAll('#canvas, #instruction, #edit, #stage, #plan-says, #examples')]"
        ".map(e => e.getBoundingClientRect()).filter(r => r.left < 0 || r.right > window.innerWidth).length"
    )
    assert wide == 0
    assert chrome.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
    assert find(chrome, "#canvas").size["width"] > 300
    find(chrome, "#edit").click()
    wait(chrome, finished)


def test_what_was_understood_is_a_row_of_fields_that_correct_the_plan(chrome: Chrome, address: str) -> None:
    open_page(chrome, address)
    choose_example(chrome, 0)
    assert "her suit" in plan(chrome)
    chip = "#chip-target textarea, #chip-target input"
    wait(chrome, lambda c: find(c, chip).get_attribute("value") == "her suit")
    assert find(chrome, "#chip-value input").get_attribute("value") == "blue"
    find(chrome, "#chip-value input").send_keys(Keys.CONTROL, "a")
    find(chrome, "#chip-value input").send_keys("dark green", Keys.ENTER)
    wait(chrome, lambda c: "to dark green" in text_of(c, "#plan-says"))
    target = "#attribute-target textarea, #attribute-target input"  # the form of the task says it, too
    wait(chrome, lambda c: find(c, target).get_attribute("value") == "her suit")
    assert find(chrome, "#attribute-value input").get_attribute("value") == "dark green"
    assert "to dark green" in edit(chrome)
    find(chrome, "#canvas button[aria-label='Image']").click()
    wait(chrome, lambda c: c.find_elements(By.CSS_SELECTOR, "#canvas input[type=file]"))
    upload(chrome, assets_dir() / "photos" / "coffee.jpg")
    wait(chrome, lambda c: "Press Show plan" in text_of(c, "#plan-says"))


def test_the_outline_of_a_plan_becomes_a_mask(chrome: Chrome, address: str) -> None:
    open_page(chrome, address)
    choose_example(chrome, 0)
    find(chrome, "#mask-invert").click()
    wait(chrome, lambda c: "Nothing is painted yet" in text_of(c, "#notice"))
    assert "outlined 33%" in plan(chrome)
    find(chrome, "#mask-outline").click()
    say(chrome, "make it black and white")
    wait(chrome, lambda c: "you painted" in plan(c) and "outlined 33%" in text_of(c, "#plan-says"))
    find(chrome, "#mask-invert").click()
    wait(chrome, lambda c: "outlined 67%" in plan(c))


def test_the_original_is_seen_while_the_picture_is_held(chrome: Chrome, address: str) -> None:
    open_page(chrome, address)
    choose_example(chrome, 0)
    edit(chrome)
    before, after = (one.get_attribute("src") for one in chrome.find_elements(By.CSS_SELECTOR, "#compare img")[:2])
    way = {label.text.strip(): label for label in chrome.find_elements(By.CSS_SELECTOR, "#way label")}
    way["Hold"].click()
    wait(chrome, lambda c: find(c, "#flat img").get_attribute("src") == after)
    ActionChains(chrome).click_and_hold(find(chrome, "#flat img")).perform()
    assert find(chrome, "#flat img").get_attribute("src") == before
    ActionChains(chrome).release().perform()
    assert find(chrome, "#flat img").get_attribute("src") == after
    way["What changed"].click()
    wait(chrome, lambda c: re.search(r"Changed: \d+% of the picture", text_of(c, "#notice")))
