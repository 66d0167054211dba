"""What the page does when something is pressed, without a browser."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from omniedit.errors import BadInput, Cancelled
from omniedit.services.album import Album, Scope
from omniedit.services.editing import EditingService, Options
from omniedit.services.examples import examples
from omniedit.services.files import open_upload, result_file
from omniedit.services.log import open_log
from omniedit.services.models import EngineRow
from omniedit.settings import Settings
from omniedit.types import Intent, Progress, Role, Task
from tests.logs import small_photo
from ui import sessions as module
from ui.canvas import layer_of, mask_of
from ui.handlers import Asked, Planned, Wish, on_page, plan_text, run_edit, run_plan
from ui.models import ModelsPanel, engines_text
from ui.opening import run_restore
from ui.sessions import Sessions
from ui.shown import Shown


def canvas(painted: bool = False) -> dict[str, object]:
    background = Image.linear_gradient("L").resize((96, 64)).convert("RGBA")
    layer = Image.new("RGBA", (96, 64))
    if painted:
        layer.paste((255, 64, 160, 120), (10, 10, 40, 30))
    return {"background": background, "layers": [layer], "composite": background}


def asked(value: dict[str, object] | None, words: str = "make it night", **options: Any) -> Asked:
    return Asked(value, words, Options(**options), "editnet-mini")


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_an_edit_gives_what_the_page_shows(settings: Settings, tmp_path: Path) -> None:
    seen: list[Progress] = []
    what = asked(canvas(), variants=2, steps=2, seed=7)
    shown = run_edit(EditingService(settings), what, threading.Event(), seen.append, tmp_path)
    assert len(seen) == 4
    assert shown.labels == ("seed 7", "seed 8")
    assert size(shown.before) == size(shown.after) == (96, 64)
    assert shown.after == tmp_path / "make-it-night.png"
    assert shown.choose(1).after == tmp_path / "make-it-night-2.png"
    assert "seed 7, 8" in shown.facts and "96 x 64" in shown.facts


def test_what_is_painted_is_the_only_place_that_changes(settings: Settings, tmp_path: Path) -> None:
    value = canvas(painted=True)
    service = EditingService(settings)
    shown = run_edit(service, asked(value, "remove it"), threading.Event(), lambda p: None, tmp_path)
    before, after = (np.asarray(Image.open(p).convert("RGB")) for p in (shown.before, shown.after))
    mask = mask_of(value)
    assert mask is not None
    painted = np.asarray(mask) > 0
    assert painted[20, 20] and not painted[50, 50]
    assert np.array_equal(before[~painted], after[~painted])


def test_a_plan_shows_the_place_and_what_was_understood(settings: Settings, tmp_path: Path) -> None:
    what = Asked(canvas(painted=True), "remove the ball", Options(), "auto")
    plan = run_plan(EditingService(settings), what, tmp_path)
    assert not plan.refused and plan.meant == (("task", "removal"), ("target", "the ball"))
    assert [(knob.name, value) for knob, value in plan.knobs] == [("shadow", "goes too")]
    assert hash(plan) and hash(Wish().turn("margin", 2.0))  # the page keeps both
    assert size(plan.picture) == (960, 640) and plan.at(0, 0) == (0, 0) and plan.at(959, 639) == (95, 63)
    shown, source = (np.asarray(p.convert("RGB")) for p in (Image.open(plan.picture), canvas()["background"]))
    assert shown[600, 900].mean() < 0.6 * source[60, 90].mean()  # what stays is dimmed
    assert plan.places and plan.words == what.words


def test_what_a_person_shows_is_marked_on_the_plan(settings: Settings, tmp_path: Path) -> None:
    def pictured(**shown: Any) -> np.ndarray:
        what = Asked(canvas(), "remove the ball", Options(**shown), "auto")
        return np.asarray(Image.open(run_plan(EditingService(settings), what, tmp_path).picture).convert("RGB"))

    boxed = pictured(box=(20, 20, 60, 50))
    assert (boxed[200, 250:550] == 255).all() and (boxed[300:450, 200] == 255).all()
    assert (boxed == np.array([255, 64, 160])).all(-1).any()  # the outline of what changes


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (1.0, "The whole picture may change."),
        (0.333, "The outlined 33% of the picture may change."),
        (0.002, "The outlined part (less than 1% of the picture) may change."),
    ],
)
def test_a_plan_says_how_much_may_change(share: float, said: str) -> None:
    intent = Intent(Task.ENVIRONMENT, "make it night", value="night", keep=("the sky",))
    text = plan_text("Makes it night.", False, intent, share)
    assert text == f"Understood: **Light and weather** · becomes: night · kept: the sky\n\nMakes it night. {said}"
    assert plan_text("I see no sky.", True, intent, share).endswith("I see no sky.")
    assert plan_text("Makes it night.", False, intent, share, understood=False) == f"Makes it night. {said}"


def test_the_page_names_its_own_place_for_a_picture() -> None:
    said = on_page("I have no picture of a dragon: give one (--with dragon.png), or ask for a cat.")
    assert said == "I have no picture of a dragon: give one (A picture to use), or ask for a cat."


def test_before_and_after_meet_where_the_change_is(settings: Settings, tmp_path: Path) -> None:
    what = Asked(canvas(painted=True), "make it red", Options(), "editnet-mini")
    shown = run_edit(EditingService(settings), what, threading.Event(), lambda p: None, tmp_path)
    mask = mask_of(what.canvas or {})
    assert mask is not None
    left, _, right, _ = mask.getbbox() or (0, 0, 0, 0)
    assert left / 96 * 100 <= shown.middle <= right / 96 * 100


def test_an_engine_without_plans_says_so(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="makes no plans; use auto"):
        run_plan(EditingService(settings), asked(canvas()), tmp_path)


def test_a_large_plan_is_shown_smaller_and_its_pixels_lead_back() -> None:
    plan = Planned("", Path("x.png"), "", False, True, scale=(4000 / 1280, 3000 / 960))
    assert plan.at(0, 0) == (1, 1) and plan.at(1279, 959) == (3998, 2998)


def test_a_click_or_two_corners_show_the_thing_for_the_same_words_only() -> None:
    wish = Wish().on("remove it").point((5, 6), box=False)
    assert wish.click == (5, 6) and wish.on("remove it") is wish
    assert wish.on("another thing") == Wish("another thing")
    half = wish.point((40, 30), box=True)
    assert half.corner == (40, 30) and half.click == (5, 6)
    whole = half.point((10, 50), box=True)
    assert whole.box == (10, 30, 41, 51) and whole.click is None and whole.corner is None
    assert whole.turn("margin", 1.0).turn("margin", 2.0).parameters == (("margin", 2.0),)


def test_no_paint_is_no_mask() -> None:
    assert mask_of(canvas()) is None
    assert mask_of({**canvas(), "layers": []}) is None


@pytest.mark.parametrize("value", [None, {"background": None, "layers": [], "composite": None}])
def test_without_a_picture_the_next_step_is_said(
    settings: Settings, value: dict[str, object] | None, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="drop a photo"):
        run_edit(EditingService(settings), asked(value), threading.Event(), lambda p: None, tmp_path)


def test_a_stop_reaches_its_own_session_only(settings: Settings, tmp_path: Path) -> None:
    sessions = Sessions()
    mine, other = sessions.ask("mine"), sessions.ask("other")
    assert sessions.stop("mine") and mine.is_set() and not other.is_set()
    assert sessions.begin("mine") is mine
    assert not sessions.stop("nobody")
    with pytest.raises(Cancelled):
        run_edit(EditingService(settings), asked(canvas()), mine, lambda p: None, tmp_path)
    assert list(tmp_path.iterdir()) == []
    sessions.finish("mine", mine)
    assert not sessions.stop("mine")
    sessions.ask("mine")
    sessions.drop("mine")  # refused before it began
    assert not sessions.begin("mine").is_set()


def test_a_stop_reaches_all_that_was_asked_for() -> None:
    sessions = Sessions()
    first = sessions.ask("mine")
    assert sessions.begin("mine") is first
    second = sessions.ask("mine")
    assert sessions.stop("mine") and first.is_set() and second.is_set()


def test_a_page_that_is_closed_leaves_no_pictures() -> None:
    sessions = Sessions()
    folder = sessions.folder("mine")
    (folder / "before.png").write_bytes(b"x")
    assert sessions.folder("mine") != folder and sessions.folder("mine").parent == folder.parent
    assert sessions.folder("other").parent != folder.parent
    running = sessions.begin("mine")
    sessions.end("mine")
    assert running.is_set() and not folder.exists()
    home = folder.parent.parent
    left = sorted(home.iterdir())
    assert not sessions.finish("mine", running)  # the edit notices the stop after the page has gone
    sessions.folder("mine")
    assert not sessions.finish("mine", running), "nor is it an edit of the page that is opened next"
    sessions.end("mine")
    assert sessions.finish("other", sessions.begin("other"))
    sessions.drop("mine")
    assert sorted(home.iterdir()) == left


def test_paint_of_another_size_is_never_taken_for_no_paint() -> None:
    value = canvas(painted=True)
    value["layers"] = [Image.new("RGBA", (40, 40), "red")]
    with pytest.raises(BadInput, match="paint again"):
        mask_of(value)


def test_an_upload_goes_through_the_door(tmp_path: Path) -> None:
    photo = tmp_path / "phone.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (64, 32), "red").save(photo, exif=exif)
    picture, notes = open_upload(photo)
    assert picture.size == (32, 64) and not picture.info and notes == ()


def test_names_of_results_say_what_was_done_and_are_never_taken_twice(tmp_path: Path) -> None:
    picture = Image.new("RGB", (8, 8))
    names = [result_file(picture, tmp_path, words).name for words in ("Make it NIGHT!", "make it night", "夜")]
    assert names == ["make-it-night.png", "make-it-night-2.png", "edit.png"]
    assert len(result_file(picture, tmp_path, "../../" + "x" * 500).name) < 60


def test_the_examples_are_there() -> None:
    here = examples()
    assert sum(one.first for one in here) == 8 and all(one.picture.is_file() for one in here)
    assert all(sum(one.task == task for one in here) >= 2 for task in Task)


def kept(tmp_path: Path) -> tuple[EditingService, Album]:
    settings = Settings(home=tmp_path / "home")
    log = open_log(settings)
    return EditingService(settings, log), Album(log)


def sepia(service: EditingService, photo: Image.Image, folder: Path, origin: Shown | None = None) -> Shown:
    what = Asked({"background": photo, "layers": []}, "make it sepia", Options(seed=4), "specialists", origin=origin)
    return run_edit(service, what, threading.Event(), lambda p: None, folder)


def test_an_edit_goes_on_from_a_result_where_that_is_on_the_canvas(tmp_path: Path) -> None:
    service, album = kept(tmp_path)
    photo = small_photo()
    first = sepia(service, photo, tmp_path)
    with Image.open(first.after) as result:
        again = sepia(service, result.convert("RGBA"), tmp_path, first)
    other = sepia(service, small_photo(1), tmp_path, first)
    larger = sepia(service, photo.resize((65, 48)), tmp_path, first)
    parents = [album.log.history.one("local", shown.edit or "").parent for shown in (first, again, other, larger)]
    assert parents == [None, first.edit, None, None]
    entry = album.log.history.one("local", again.edit or "")
    assert entry.asked["before"] == "make it sepia"


def test_an_edit_goes_on_from_a_result_whose_edit_was_deleted_for_good(tmp_path: Path) -> None:
    service, album = kept(tmp_path)
    first = sepia(service, small_photo(), tmp_path)
    album.change("local", first.edit or "", binned=True)
    assert album.clear("local", Scope.BIN) == 1
    with Image.open(first.after) as result:
        again = sepia(service, result.convert("RGBA"), tmp_path, first)
    entry = album.log.history.one("local", again.edit or "")
    assert entry.parent is None and entry.asked["before"] == "make it sepia"


def test_a_result_that_is_opened_brings_back_how_it_was_made(tmp_path: Path) -> None:
    service, album = kept(tmp_path)
    shown = sepia(service, small_photo(), tmp_path)
    restored = run_restore(album, "local", shown.after, tmp_path)
    assert np.array_equal(np.asarray(restored.picture), np.asarray(small_photo())) and restored.recipe is not None
    assert (restored.recipe.instruction, restored.recipe.seed) == ("make it sepia", 4)
    assert restored.wish.words == "make it sepia" and "is a result" in restored.notes[-1]
    for owner, of in (("bob", album), ("local", None)):
        strange = run_restore(of, owner, shown.after, tmp_path)
        assert strange.recipe == restored.recipe and "is not here" in strange.notes[-1]
        assert np.array_equal(np.asarray(strange.picture), np.asarray(Image.open(shown.after)))
    small_photo().save(tmp_path / "plain.png")
    assert run_restore(album, "local", tmp_path / "plain.png", tmp_path).recipe is None


def test_what_is_brought_back_asks_for_the_same_again(tmp_path: Path) -> None:
    service, album = kept(tmp_path)
    small_photo(5).resize((200, 150)).save(tmp_path / "beach.png")
    first = sepia(service, small_photo(), tmp_path)
    with Image.open(first.after) as result:
        painted = Image.new("RGBA", result.size)
        painted.paste((255, 64, 160, 153), (10, 5, 50, 45))
        canvas = {"background": result.convert("RGBA"), "layers": [painted]}
    options = Options(material=tmp_path / "beach.png", parameters={"relight": 0.5}, seed=3)
    what = Asked(canvas, "put her on a beach", options, "specialists", origin=first)
    second = run_edit(service, what, threading.Event(), lambda p: None, tmp_path)
    back = run_restore(album, "local", second.after, tmp_path)
    assert back.recipe is not None and back.mask is not None and back.origin is not None
    options = Options(material=back.material, parameters=dict(back.wish.parameters), seed=back.recipe.seed)
    canvas = {"background": back.picture.convert("RGBA"), "layers": [layer_of(back.mask)]}
    again = Asked(canvas, back.recipe.instruction, options, back.recipe.engine, origin=back.origin)
    third = run_edit(service, again, threading.Event(), lambda p: None, tmp_path)
    one, other = (album.log.history.one("local", shown.edit or "") for shown in (second, third))
    assert other.parent == one.parent == first.edit
    for name in ("source", "mask", "material", "instruction", "asked", "results"):
        assert getattr(one, name) == getattr(other, name), name


def test_a_stranger_does_not_edit_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])

    def caller(page: str, host: str, username: str | None = None) -> Any:
        return SimpleNamespace(username=username, session_hash=page, client=SimpleNamespace(host=host))

    sessions = Sessions(private=False)
    for _ in range(module.MOST):
        sessions.admit(caller("one", "10.0.0.1"))
        now[0] += 1
    with pytest.raises(BadInput, match="asked for 40 plans and edits within a minute; wait 20 seconds"):
        sessions.admit(caller("one", "10.0.0.1"))
    sessions.admit(caller("two", "10.0.0.1"))  # another page is not held up,
    sessions.admit(caller("one", "10.0.0.1", "ann"))  # nor is who has signed in
    now[0] += 22
    sessions.admit(caller("one", "10.0.0.1"))
    with pytest.raises(BadInput, match="asked for 200"):  # pages without end from one place are
        for number in range(module.SHARED * module.MOST):
            sessions.admit(caller(f"page {number}", "10.0.0.1"))
    sessions.admit(caller("three", "10.0.0.2"))
    for _ in range(3 * module.MOST):
        Sessions().admit(caller("one", "127.0.0.1"))


def test_who_is_let_in_no_more_owns_nothing() -> None:
    known = {"ann"}
    sessions = Sessions(private=False, role=lambda name: Role.CREATOR if name in known else None)
    ann: Any = SimpleNamespace(username="ann", session_hash="abc", client=None)
    assert sessions.owner(ann) == "user:ann" and not sessions.is_stranger(ann)
    known.clear()
    with pytest.raises(BadInput, match="'ann' is let in no more"):
        sessions.owner(ann)


def test_what_can_edit_here_is_listed_and_strangers_are_told_no_paths() -> None:
    large = "/home/me/large"
    rows = [
        EngineRow("small", "Edits.", "Apache-2.0", True, 38.8, "/home/me/small", ""),
        EngineRow(
            "large", "Edits more.", "MIT", False, 0.0, large, "There is no finished checkpoint at /home/me/large."
        ),
    ]
    told = engines_text(rows)
    assert "**small** · ready · 39 MB · Apache-2.0" in told and "no finished checkpoint at /home/me/large" in told
    assert "**large** · not on this machine · MIT" in told
    assert "/home" not in engines_text([row.without_path() for row in rows])


def test_what_is_brought_back_goes_on_from_the_variant_that_was_chosen(tmp_path: Path) -> None:
    service, album = kept(tmp_path)
    asked = Asked(
        {"background": small_photo(), "layers": []}, "turn it into a watercolour", Options(variants=3), "specialists"
    )
    first = run_edit(service, asked, threading.Event(), lambda p: None, tmp_path).choose(2)
    assert len({path.read_bytes() for path in first.variants}) == 3
    with Image.open(first.after) as result:
        second = Asked({"background": result, "layers": []}, "make it sepia", Options(), "specialists", origin=first)
        shown = run_edit(service, second, threading.Event(), lambda p: None, tmp_path)
    restored = run_restore(album, "local", shown.after, tmp_path)
    assert restored.origin is not None and restored.origin.edit == first.edit and restored.origin.chosen == 2


@pytest.mark.parametrize(
    ("private", "username", "role", "may"),
    [
        (True, None, None, True),
        (False, "ann", Role.ADMIN, True),
        (True, "ann", Role.CREATOR, False),
        (False, "ann", Role.CURATOR, False),
        (False, None, None, False),
    ],
)
def test_only_who_runs_the_app_fetches_models(
    private: bool, username: str | None, role: Role | None, may: bool
) -> None:
    started: list[str] = []
    panel: Any = ModelsPanel.__new__(ModelsPanel)  # its handlers, without a page
    panel.sessions, panel.says, panel.shows = Sessions(private, lambda name: role), "says", lambda request: {}
    panel.fetcher = SimpleNamespace(start=started.append, cancel=started.append)
    for start in (True, False):
        said = panel._changes("sam", start)(SimpleNamespace(username=username, session_hash="x", headers={}))
        assert ("who runs this app" in said["says"]) is not may
    assert started == (["sam", "sam"] if may else [])
