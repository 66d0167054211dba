"""A photo and what was made of it, as a tree that is well formed whatever its edits are called."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from omniedit.errors import BadInput
from omniedit.services.album import PAGE, Album, Card, Scope
from omniedit.services.log import By
from omniedit.types import EditRequest
from tests.logs import edited, opened, small_photo
from tests.pages import within_page
from ui.history import GONE, HistoryPanel
from ui.opening import run_take_up
from ui.sessions import Sessions
from ui.tree import PHOTO, drawn

HERE: Any = SimpleNamespace(username=None, session_hash="page", headers={}, client=None)


class Reader(HTMLParser):
    """Who hangs below whom; fails where tags do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.line: list[str] = []  # names from the photo to where it reads
        self.above: dict[str, str | None] = {}
        self.current: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag != "img":
            self.open.append(tag)
        if tag == "button":
            name = str(given["data-edit"])
            self.above[name] = self.line[-1] if self.line else None
            self.line.append(name)
            if given.get("aria-current"):
                self.current.append(name)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "li":
            self.line.pop()


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == [] and reader.line == []
    return reader


def test_each_edit_hangs_below_the_one_that_it_goes_on_from(tmp_path: Path) -> None:
    small_photo().save(tmp_path / "small.webp")
    depths = {"a": 0, "b": 1, "c": 2, "d": 2, "e": 1, "f": 0, "g": 1}
    cards = [
        Card(name, tmp_path / "small.webp", f'<script>"{name}"', datetime.now(UTC), name == "e", depth)
        for name, depth in depths.items()
    ]
    html = drawn(tmp_path / "small.webp", cards, "d", str)
    found = read(html)
    assert found.above == {PHOTO: None, "a": PHOTO, "b": "a", "c": "b", "d": "b", "e": "a", "f": PHOTO, "g": "f"}
    assert found.current == ["d"] and "<script" not in html and html.count("★") == 1


@pytest.mark.parametrize(
    ("depths", "above"),
    [
        ({"c": 1}, {"c": PHOTO}),
        ({"c": 2, "f": 0}, {"c": PHOTO, "f": PHOTO}),
        ({"a": 0, "c": 2, "e": 1, "g": 3}, {"a": PHOTO, "c": "a", "e": "a", "g": "e"}),
    ],
)
def test_a_tree_of_which_only_some_is_asked_for_is_well_formed(
    tmp_path: Path, depths: dict[str, int], above: dict[str, str]
) -> None:
    small_photo().save(tmp_path / "small.webp")
    cards = [
        Card(name, tmp_path / "small.webp", name, datetime.now(UTC), False, depth) for name, depth in depths.items()
    ]
    assert read(drawn(tmp_path / "small.webp", cards, None, str)).above == {PHOTO: None, **above}


def test_the_photo_of_a_tree_is_the_photo_whatever_is_shown_of_it(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    album = Album(log)
    first = edited(service)
    second = service.edit(first.images[0], "make it darker", engine="specialists", by=By(parent=first.edit))
    assert first.edit and second.edit
    for name in (first.edit, second.edit):
        assert album.root("local", name) == first.edit
        assert album.photo("local", name) == album._small(log.history.one(None, first.edit).source)
    album.change("local", first.edit, binned=True)
    photo = album.asked("local", album.root("local", second.edit)).source
    assert np.array_equal(np.asarray(photo), np.asarray(small_photo()))


def test_a_small_picture_that_goes_meanwhile_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service, log = opened(tmp_path)
    album = Album(log)
    made = edited(service)
    panel = within_page(lambda: HistoryPanel(album, Sessions(), gr.Tabs(), gr.Markdown()))
    cards = album.cards("local", Scope.ALL)
    monkeypatch.setattr(album, "cards", lambda *given, **more: cards)
    monkeypatch.setattr(album, "_small", lambda name: tmp_path / "gone.webp")
    for path in log.small.rglob("*.webp"):
        path.unlink()
    for scope in (Scope.ALL, Scope.PHOTO):
        assert "mall picture" in str(panel.looks(HERE, made.edit, scope, "")[panel.notice])


def test_the_tree_of_a_photo_leads_to_its_edits_and_back_to_the_photo(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    album = Album(log)
    first = edited(service)
    second = service.edit(first.images[0], "make it darker", engine="specialists", by=By(parent=first.edit))
    panel = within_page(lambda: HistoryPanel(album, Sessions(), gr.Tabs(), gr.Markdown()))
    update = panel.looks(HERE, second.edit, Scope.PHOTO, "")
    assert update[panel.cards] == (first.edit, second.edit) and not update[panel.gallery].visible
    found = read(update[panel.tree].value)
    assert found.above == {PHOTO: None, first.edit: PHOTO, second.edit: first.edit} and found.current == [second.edit]
    picked = panel.picked(HERE, update[panel.cards], first.edit or "")
    assert picked.edit == first.edit
    assert update[panel.tree].visible and not panel.looks(HERE, second.edit, Scope.ALL, "")[panel.tree].visible


@pytest.mark.parametrize("name", ["", "None", "nobody", "../secret"])
def test_what_is_not_in_the_tree_is_not_opened(tmp_path: Path, name: str) -> None:
    service, log = opened(tmp_path)
    strange = edited(service, by=By("bob"))
    panel = within_page(lambda: HistoryPanel(Album(log), Sessions(), gr.Tabs(), gr.Markdown()))
    for asked in (name, strange.edit or ""):
        with pytest.raises(BadInput) as refusal:
            panel.picked(HERE, (), asked)
        assert str(refusal.value) == GONE
    with pytest.raises(BadInput, match="no edit"):
        panel.picked(HERE, (strange.edit or "",), strange.edit or "")


def test_all_edits_are_reached_page_by_page(tmp_path: Path) -> None:
    _, log = opened(tmp_path)
    request = EditRequest(small_photo(), "make it sepia")
    names = [log.begin(request, "auto", None, By()) for _ in range(2 * PAGE + 1)]
    for name in names:
        log.cancelled(name)
    panel = within_page(lambda: HistoryPanel(Album(log), Sessions(), gr.Tabs(), gr.Markdown()))
    here: tuple[str, ...] = ()
    for count in (PAGE, 2 * PAGE, 2 * PAGE + 1):
        update = panel.looks(HERE, None, Scope.UNFINISHED, "", here)
        here = update[panel.cards]
        assert here == tuple(names[::-1][:count]) and update[panel.older].visible == (count < len(names))


def test_what_was_stopped_can_be_taken_up_again(tmp_path: Path) -> None:
    _, log = opened(tmp_path)
    mask = Image.new("L", (64, 48))
    mask.paste(255, (10, 10, 30, 30))
    request = EditRequest(small_photo(2), "remove it", mask, seed=9, variants=2)
    name = log.begin(request, "specialists", None, By("ann"))
    log.cancelled(name)
    back = run_take_up(Album(log), "ann", name, tmp_path)
    assert np.array_equal(np.asarray(back.picture), np.asarray(request.source)) and back.mask is not None
    assert np.array_equal(np.asarray(back.mask), np.asarray(mask)) and back.recipe is not None
    assert (back.recipe.instruction, back.recipe.seed, back.recipe.variants) == ("remove it", 9, 2)
    assert back.recipe.engine == "specialists" and "did not come to its end" in back.notes[0]
    with pytest.raises(BadInput, match="no edit"):
        run_take_up(Album(log), "bob", name, tmp_path)


def test_what_was_stopped_comes_back_from_the_bin(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    album = Album(log)
    name = log.begin(EditRequest(small_photo(), "make it sepia"), "auto", None, By())
    log.cancelled(name)
    done = edited(service).edit or ""
    album.clear("local", Scope.UNFINISHED)
    album.change("local", done, binned=True)
    assert album.put_back("local", name) and not album.put_back("local", done)
    assert [card.id for card in album.cards("local", Scope.UNFINISHED)] == [name]
    assert [card.id for card in album.cards("local", Scope.BIN)] == [done]
    with pytest.raises(BadInput, match="no edit"):
        album.put_back("bob", name)
