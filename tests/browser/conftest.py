"""The app in a process of its own, and a headless Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.browser.page import show_at
from tests.running import running_app

FLAGS = "--headless=new --no-sandbox --disable-quic --disable-background-networking --force-device-scale-factor=1"


@contextmanager
def chromium(profile: Path, language: str) -> Iterator[Chrome]:
    """A browser whose person reads that language."""
    options = ChromeOptions()
    binary, driver_path = shutil.which("chromium"), shutil.which("chromedriver")
    assert binary and driver_path, "sudo apt-get install chromium chromium-driver"
    options.binary_location = binary
    for flag in (*FLAGS.split(), f"--lang={language}", f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    driver = Chrome(options=options, service=Service(driver_path))
    driver.implicitly_wait(0)
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def address(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the app listens, with the tiny checkpoint and a home of its own."""
    with running_app(tmp_path_factory.mktemp("app"), checkpoint) as (found, _):
        yield found


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One browser with a fresh profile."""
    with chromium(tmp_path_factory.mktemp("profile"), "en") as driver:
        yield driver


@pytest.fixture
def chrome(browser: Chrome) -> Chrome:
    """The browser as a desk has it, with nothing remembered; each test opens the page anew."""
    if browser.current_url.startswith("http"):
        browser.execute_script("localStorage.clear()")
    show_at(browser, 1440, 1300)
    return browser


@pytest.fixture
def downloads(browser: Chrome, tmp_path: Path) -> Path:
    """A folder to which the browser saves downloads."""
    folder = tmp_path / "downloads"
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    return folder
