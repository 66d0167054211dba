"""A page that has slept: its pictures are gone from the disk, and come back from the log."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from omniedit.errors import BadInput
from omniedit.services.album import Album
from omniedit.services.editing import Options
from tests.logs import opened, small_photo
from tests.pages import within_page
from ui.handlers import Asked, run_edit
from ui.result import DIFFERENCE, ResultPanel
from ui.sessions import Sessions
from ui.shown import GONE, Shown, fresh
from ui.steps import NO_BACK, NO_FORTH, Steps

HERE: Any = SimpleNamespace(username=None, session_hash="page", headers={}, client=None)


@pytest.fixture
def slept(tmp_path: Path) -> tuple[Album, Shown]:
    """An edit of two variants whose files the page has no more."""
    service, log = opened(tmp_path / "home")
    folder = tmp_path / "page"
    folder.mkdir()
    canvas = {"background": small_photo().convert("RGBA"), "layers": []}
    asked = Asked(canvas, "make it sepia", Options(variants=2), "specialists")
    shown = run_edit(service, asked, threading.Event(), lambda p: None, folder).choose(1)
    for file in folder.rglob("*.png"):
        file.unlink()
    return Album(log), shown


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_pictures_come_back_from_the_log(slept: tuple[Album, Shown], tmp_path: Path) -> None:
    album, shown = slept
    back = fresh(album, "local", shown, lambda: tmp_path)
    assert np.array_equal(pixels(back.before), np.asarray(small_photo()))
    assert back.edit == shown.edit and back.chosen == 1 and len(back.variants) == 2 and back.after.exists()
    assert fresh(album, "local", back, lambda: pytest.fail("they are there")) is back


def test_what_is_nowhere_is_said(slept: tuple[Album, Shown], tmp_path: Path) -> None:
    album, shown = slept
    for of, lost in ((None, shown), (album, None)):
        with pytest.raises(BadInput, match="no more on the page"):
            fresh(of, "local", lost, lambda: tmp_path)
    with pytest.raises(BadInput, match="no edit"):
        fresh(album, "bob", shown, lambda: tmp_path)


def test_undo_and_redo_find_the_pictures(slept: tuple[Album, Shown]) -> None:
    album, shown = slept
    steps = Steps(album, Sessions())
    picture, update = steps.taken_back(HERE, shown, (), ())
    assert np.array_equal(pixels(picture), np.asarray(small_photo()))
    assert update[steps.origin] is None and [one.edit for one in update[steps.undone]] == [shown.edit]
    result, update = steps.brought_back(HERE, None, (), (shown,))
    assert result.exists() and update[steps.origin].edit == shown.edit and update[steps.undone] == ()
    for taken, says in ((steps.taken_back, NO_BACK), (steps.brought_back, NO_FORTH)):
        with pytest.raises(BadInput) as refusal:
            taken(HERE, None, (), ())
        assert str(refusal.value) == says


def test_the_result_is_looked_at_again(slept: tuple[Album, Shown]) -> None:
    album, shown = slept
    notice = gr.Markdown()
    panel = within_page(lambda: ResultPanel(Sessions(), album, notice))
    event: Any = SimpleNamespace(index=0)
    assert panel._on_choose(HERE, shown, event)[panel.last].after.exists()
    assert panel._on_way(HERE, shown, DIFFERENCE)[panel.last].before.exists()
    for update in (panel._on_choose(HERE, None, event), panel._on_way(HERE, None, DIFFERENCE)):
        assert GONE in str(update[notice])


def test_a_result_says_what_was_asked_and_not_as_a_page_of_its_own(slept: tuple[Album, Shown]) -> None:
    album, shown = slept
    panel = within_page(lambda: ResultPanel(Sessions(), album, gr.Markdown()))
    words = 'make "it" <img src=x onerror=alert(1)> night'
    assert panel.shows(replace(shown, words=words))[panel.words] == (
        "<strong>make &quot;it&quot; &lt;img src=x onerror=alert(1)&gt; night</strong>"
    )
