"""The log as a person looks at it, and as the page shows it; nobody sees or changes what is another's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from omniedit.errors import BadInput, OmniEditError
from omniedit.recipe import read_recipe
from omniedit.services.album import MAX_TITLE, PAGE, Album, Scope
from omniedit.services.log import By
from omniedit.store.history import COLUMNS
from omniedit.store.schema import Edit
from omniedit.types import EditRequest, Task
from tests.logs import edited, opened, small_photo
from ui.reach import is_private
from ui.sessions import Sessions
from ui.shown import run_open


def ids(album: Album, owner: str, scope: Scope, words: str = "", about: str | None = None) -> list[str]:
    return [card.id for card in album.cards(owner, scope, words, about)]


def made(service: Any, words: str, **by: Any) -> str:
    name = edited(service, words, By(**by)).edit
    assert name is not None
    return name


def test_cards_are_of_a_scope_and_newest_first(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    album = Album(log)
    one, two, bobs = (
        made(service, words, owner=o) for words, o in (("sepia", "ann"), ("night", "ann"), ("fog", "bob"))
    )
    with pytest.raises(BadInput):
        edited(service, "remove the unicorn", By("ann"))
    album.change("ann", one, starred=True)
    album.change("ann", two, title="  the   keeper ")
    assert ids(album, "ann", Scope.ALL) == [two, one] and ids(album, "bob", Scope.ALL) == [bobs]
    assert ids(album, "ann", Scope.STARRED) == [one] and ids(album, "ann", Scope.ALL, "keep") == [two]
    (failed,) = album.cards("ann", Scope.UNFINISHED)
    assert failed.says.startswith("failed: remove the unicorn (")
    album.change("ann", two, binned=True)
    assert ids(album, "ann", Scope.ALL) == [one] and ids(album, "ann", Scope.BIN) == [two]
    album.change("ann", two, binned=False)
    assert [card.says for card in album.cards("ann", Scope.ALL)] == ["the keeper", "sepia"]
    assert ids(album, "ann", Scope.PHOTO) == []


def test_a_photo_is_a_tree_depth_first(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    album = Album(log)
    root = made(service, "sepia", owner="ann")
    left = made(service, "night", owner="ann", parent=root)
    other = made(service, "fog", owner="ann")  # of the same photo once more
    leaf = made(service, "pencil drawing", owner="ann", parent=left)
    right = made(service, "sunset", owner="ann", parent=root)
    cards = album.cards("ann", Scope.PHOTO, about=leaf)
    assert [(card.id, card.depth) for card in cards] == [(root, 0), (left, 1), (leaf, 2), (right, 1), (other, 0)]
    album.change("ann", left, binned=True)
    cards = album.cards("ann", Scope.PHOTO, about=root)
    assert [(card.id, card.depth) for card in cards] == [(root, 0), (leaf, 1), (right, 1), (other, 0)]


def test_small_pictures_are_small_and_one_that_is_gone_hides_no_other(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    album = Album(log)
    large = Image.effect_noise((900, 600), 50).convert("RGB")
    name = service.edit(large, "make it sepia", engine="specialists").edit
    assert name is not None
    (card,) = album.cards("local", Scope.ALL)
    with Image.open(card.picture) as picture:
        assert picture.size == (320, 213)
    second = made(service, "make it sepia")
    path = log.pictures.path(log.history.one(None, second).results[0])
    assert path is not None
    path.unlink()
    cards = album.cards("local", Scope.ALL)
    assert [c.id for c in cards] == [second, name] and cards[0].picture.name == "gone.webp"
    with pytest.raises(OmniEditError, match="is missing"):
        album.open("local", second)


def test_an_edit_opened_again_is_as_it_was(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    result = edited(service, "a pencil drawing", By("ann"), 3)
    album = Album(log)
    again = album.open("ann", result.edit or "")
    assert (again.result.notes, again.result.seconds, again.result.seeds) == (result.notes, result.seconds, (3,))
    assert again.result.parameters == result.parameters and again.result.resampled == result.resampled
    folder = tmp_path / "page"
    folder.mkdir()
    shown = run_open(album, "ann", result.edit or "", folder)
    with Image.open(shown.after) as after, Image.open(shown.before) as before:
        assert np.array_equal(np.asarray(after), np.asarray(result.images[0]))
        assert np.array_equal(np.asarray(before), np.asarray(small_photo(3)))
    recipe = read_recipe(shown.after)
    assert recipe is not None and (recipe.edit, recipe.seed) == (result.edit, 3)
    silent = run_open(Album(log, recipes=False), "ann", result.edit or "", folder)
    assert read_recipe(silent.after) is None


def test_what_has_no_result_is_not_opened(tmp_path: Path) -> None:
    _, log = opened(tmp_path)
    name = log.begin(EditRequest(small_photo(), "make it night"), "auto", Task.ENVIRONMENT, By("ann"))
    log.failed(name, "I cannot find the dog.")
    with pytest.raises(BadInput, match=r"is failed, so there is no result\. I cannot find the dog\."):
        Album(log).open("ann", name)


def test_nobody_sees_or_changes_what_is_anothers(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    album, name = Album(log), made(service, "sepia", owner="ann")
    for forbidden in (
        lambda: album.open("bob", name),
        lambda: album.change("bob", name, starred=True),
        lambda: album.change("bob", name, title="mine"),
        lambda: album.change("bob", name, consent=True),
        lambda: album.change("bob", name, binned=True),
        lambda: album.cards("bob", Scope.PHOTO, about=name),
    ):
        with pytest.raises(BadInput, match="There is no edit"):
            forbidden()
    entry = log.history.one("ann", name)
    assert not entry.starred and entry.title is None and not entry.consent and entry.binned is None
    with pytest.raises(BadInput, match="has 121 characters"):
        album.change("ann", name, title="x" * (MAX_TITLE + 1))
    album.change("ann", name, consent=True)
    assert log.history.one("ann", name).consent


def test_whose_page_it_is() -> None:
    signed, page = (SimpleNamespace(username=u, session_hash="abc") for u in ("ann", None))
    assert Sessions().owner(signed) == "user:ann" and Sessions().owner(page) == "local"  # type: ignore[arg-type]
    assert Sessions(private=False).owner(page) == "page:abc"  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="comes from no page"):
        Sessions(private=False).owner(SimpleNamespace(username=None, session_hash=None))  # type: ignore[arg-type]
    for host, private in (("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("box", False)):
        assert is_private(host) is private


def test_what_is_unfinished_can_be_deleted_and_the_bin_emptied_by_their_owner_alone(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    album = Album(log)
    kept, other = made(service, "sepia", owner="ann"), made(service, "sepia", owner="bob")
    for owner in ("ann", "ann", "bob"):
        with pytest.raises(BadInput):
            edited(service, "remove the unicorn", By(owner))
    album.change("bob", other, binned=True)
    with pytest.raises(BadInput, match="are deleted one by one"):
        album.clear("ann", Scope.ALL)
    assert album.clear("ann", Scope.UNFINISHED) == 2 and album.clear("ann", Scope.BIN) == 2
    assert ids(album, "ann", Scope.ALL) == [kept] and len(ids(album, "bob", Scope.UNFINISHED)) == 1
    assert ids(album, "bob", Scope.BIN) == [other]
    album.forget("bob")
    assert log.history.count() == 1


def test_no_model_learns_from_what_strangers_make(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    name = edited(service, by=By("page:abc", consent=True)).edit or ""
    known = edited(service, by=By("user:ann", consent=True)).edit or ""
    assert not log.history.one(None, name).consent and log.history.one(None, known).consent
    with pytest.raises(BadInput, match="What strangers make"):
        Album(log).change("page:abc", name, consent=True)
    page: Any = SimpleNamespace(username=None, session_hash="abc")
    assert Sessions(private=False).owner(page) == "page:abc"


def test_a_tree_is_searched_and_pages_grow(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    album = Album(log)
    root = made(service, "sepia", owner="ann")
    leaf = made(service, "night with a Café", owner="ann", parent=root)
    assert (
        ids(album, "ann", Scope.PHOTO, "cafe", root) == [leaf] and ids(album, "ann", Scope.PHOTO, "zebra", root) == []
    )
    first = album.cards("ann", Scope.ALL, limit=1)
    assert [card.id for card in first] == [leaf]
    assert [card.id for card in album.cards("ann", Scope.ALL, after=leaf)] == [root]
    with pytest.raises(BadInput, match="no edit"):
        album.cards("bob", Scope.ALL, after=leaf)


@pytest.mark.parametrize("scope", [Scope.ALL, Scope.STARRED, Scope.BIN, Scope.UNFINISHED])
def test_a_page_follows_on_a_page_to_the_very_first_edit(tmp_path: Path, scope: Scope) -> None:
    service, log = opened(tmp_path)
    album, first = Album(log), made(service, "sepia", owner="ann")
    made(service, "a night in sepia", owner="bob")
    at, count = datetime(2026, 11, 1, tzinfo=UTC), 230
    with log.database.writing() as session:
        row = session.query(Edit).filter_by(id=first).one()
        same = {name: getattr(row, name) for name in COLUMNS if name not in ("number", "id")}
        same |= {"runner": "", "began": at, "starred": scope is Scope.STARRED}
        same |= {"status": "failed"} if scope is Scope.UNFINISHED else {"binned": at} if scope is Scope.BIN else {}
        for number in range(count):
            words = "sepia" if number % 2 else "a night in sepia"
            session.add(Edit(**{**same, "id": f"{number:016}", "instruction": words}))
        session.delete(row)
    for words, expected in (("", count), ("night", count // 2)):
        found: list[str] = []
        while page := album.cards("ann", scope, words, after=found[-1] if found else None):
            assert len(page) == PAGE or len(found) + len(page) == expected
            found += [card.id for card in page]
        wanted = [f"{number:016}" for number in range(count) if not (words and number % 2)]
        assert found == wanted[::-1], "at one moment, so their numbers tell them apart"
