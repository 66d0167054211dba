"""Edits go into the log before they are made, and can be made again."""

from __future__ import annotations

import io
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from omniedit.errors import BadInput, Cancelled, OmniEditError
from omniedit.recipe import Recipe, read_recipe
from omniedit.results import encode_png, save_png
from omniedit.services import editing
from omniedit.services.album import Album, Scope
from omniedit.services.editing import EditingService, Options
from omniedit.services.log import LOCAL, By, open_log, recipe_of
from omniedit.services.masking import Change, changed
from omniedit.services.replay import replay
from omniedit.settings import Settings
from omniedit.store import sweep
from omniedit.store.journal import Kept, add_pictures
from omniedit.store.pictures import YOUNG
from omniedit.store.schema import Edit, Variant
from omniedit.types import EditRequest, EditResult, Intent, Task
from tests.logs import edited, opened, small_photo


def test_an_edit_is_kept_with_all_that_a_replay_needs(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    hard = Image.fromarray(np.pad(np.full((20, 20), 255, np.uint8), ((10, 18), (20, 24))))
    mask = changed(hard, Change.FEATHER)
    options = Options(seed=7, variants=2, parameters={"kind": "pencil", "amount": 0.5})
    result = service.edit(small_photo(), "a pencil drawing please", mask, options, "specialists", by=By("ann"))
    assert result.edit is not None
    entry = log.history.one("ann", result.edit)
    assert (entry.status, entry.task, entry.engine, entry.seeds) == ("done", "style", "specialists", (7, 8))
    assert entry.asked["engine"] == "specialists" and not entry.consent
    request = log.request(entry)
    assert (request.seed, request.variants, request.parameters) == (7, 2, {"kind": "pencil", "amount": 0.5})
    assert np.array_equal(np.asarray(request.source), np.asarray(small_photo()))
    assert request.mask is not None and np.array_equal(np.asarray(request.mask), np.asarray(mask))
    for name, image in zip(entry.results, result.images, strict=True):
        assert np.array_equal(np.asarray(log.picture(name)), np.asarray(image))
    again = replay(log, entry, service.settings)
    assert again.differences == () and again.result.seeds == (7, 8)


def test_each_event_is_a_line_of_the_log_without_anybodys_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service, _ = opened(tmp_path)
    stop = threading.Event()
    stop.set()
    with caplog.at_level("DEBUG", "omniedit"):
        done = edited(service, "a pencil drawing", By("ann@example.com"))
        with pytest.raises(BadInput):
            edited(service, "remove the unicorn", By("ann@example.com"))
        with pytest.raises(Cancelled):
            service.edit(small_photo(), "make it sepia", engine="specialists", stop=stop, by=By("ann@example.com"))
    said = [record.getMessage() for record in caplog.records if record.levelname == "INFO"]
    kinds = [
        "style by specialists, 64 x 48, 1 wanted",
        "is done: by specialists in",
        "removal by",
        "failed: ",
        "style by",
    ]
    assert len(said) == 6 and all(kind in line for kind, line in zip(kinds, said, strict=False)), said
    assert f"Edit {done.edit} is done" in said[1] and said[5].endswith("is stopped.")
    told = " ".join(said)
    assert not any(word in told for word in ("pencil", "unicorn", "sepia", "ann")) and "\n" not in told
    assert "pencil" in caplog.text, "who asks for all of it is told"


def test_a_replay_says_what_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service, log = opened(tmp_path)
    entry = log.history.one(None, edited(service).edit or "")

    class Brighter:
        def edit(self, request: EditRequest, on_progress: object = None) -> EditResult:
            changed = request.source.point(lambda level: 255 - level)
            return EditResult((changed,), "specialists", "another", (0,), 0.1, False)

    monkeypatch.setattr("omniedit.services.replay.load_engine", lambda *_: Brighter())
    log.surroundings = {"torch": "9.9"}
    said = " ".join(replay(log, entry, service.settings).differences)
    assert "Variant 1 differs in" in said and "The checkpoint is another, it was None." in said
    assert "torch is 9.9, it was " in said


@pytest.mark.parametrize(
    ("raised", "status", "error"),
    [
        (BadInput("I cannot find the dog."), "failed", "I cannot find the dog."),
        (Cancelled("Stopped."), "cancelled", None),
        (KeyboardInterrupt(), "cancelled", None),
        (ZeroDivisionError("inside"), "failed", "A fault: ZeroDivisionError('inside')"),
    ],
)
def test_the_attempt_is_there_before_the_work_and_ends_as_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: BaseException, status: str, error: str | None
) -> None:
    service, log = opened(tmp_path)
    seen = []

    class Engine:
        def edit(self, *_: object) -> EditResult:
            seen.extend(entry.status for entry in log.history.page(None))
            raise raised

    monkeypatch.setattr(editing, "load_engine", lambda *_: Engine())
    with pytest.raises(type(raised)):
        edited(service)
    (entry,) = log.history.page(None)
    assert seen == ["running"] and (entry.status, entry.error) == (status, error)


@pytest.mark.parametrize("fault", [OmniEditError, RuntimeError])
def test_a_result_that_cannot_be_kept_is_given_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    service, log = opened(tmp_path)

    def full(*_: object) -> None:
        raise fault("The picture cannot be kept: no space left on device; make room.")

    monkeypatch.setattr(log, "done", full)
    result = edited(service)
    assert result.edit is None and "not in the log. The picture cannot be kept" in result.notes[-1]
    assert log.history.page(None)[0].status == "failed"


def test_an_edit_goes_on_from_another_of_the_same_owner(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    first = edited(service, by=By("ann")).edit
    second = edited(service, "make it night", By("ann", parent=first, consent=True)).edit
    assert second is not None
    entry = log.history.one("ann", second)
    assert entry.parent == first and entry.consent
    with pytest.raises(BadInput, match="There is no edit"):
        edited(service, by=By("bob", parent=first))


def test_the_same_photo_is_encoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service, log = opened(tmp_path)
    encoded = []
    monkeypatch.setattr("omniedit.services.log.encode_png", lambda image: encoded.append(image) or encode_png(image))
    results = [edited(service, words) for words in ("make it sepia", "a pencil drawing")]
    assert len(encoded) == 3, "one source and two results"
    sources = {log.history.one(None, result.edit or "").source for result in results}
    assert len(sources) == 1


def test_what_a_killed_process_left_running_is_marked_at_the_next_start(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    name = log.begin(EditRequest(small_photo(), "make it night"), "auto", Task.ENVIRONMENT, By())
    assert open_log(service.settings).history.one(None, name).status == "running", "its process lives"
    log.close()
    assert open_log(service.settings).history.one(None, name).status == "interrupted"
    log.done(name, EditResult((small_photo(),), "specialists", None, (0,), 0.1, False))
    assert log.history.one(None, name).status == "done", "it lived after all"


def test_a_recipe_survives_json_and_png(tmp_path: Path) -> None:
    intent = Intent(Task.ATTRIBUTE, "make the car red", "the car", value="red", parameters={"colour": "red"})
    recipe = Recipe(
        "make the car red, then add a hat",
        "auto",
        "abc",
        task=Task.ATTRIBUTE,
        seed=7,
        steps=8,
        guidance=1.5,
        variants=2,
        box=(1, 2, 3, 4),
        before="make it night",
        intent=Intent(Task.ADDITION, "add a hat", new="a hat", then=(intent,), confidence=0.5),
        parameters={"amount": 0.5, "kind": "night"},
    )
    assert Recipe.from_json(recipe.as_json()) == recipe
    file = save_png(small_photo(), tmp_path / "made.png", recipe=recipe)
    assert read_recipe(file) == recipe
    with Image.open(file) as image:
        assert set(image.info) == {"omniedit"}
    save_png(small_photo(), tmp_path / "bare.png")
    assert read_recipe(tmp_path / "bare.png") is None


@pytest.mark.parametrize("words", ["{", "[]", '{"engine": 3}', '{"instruction": "x", "engine": "auto", "box": [1]}'])
def test_a_recipe_that_is_none_is_left_alone(tmp_path: Path, words: str) -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("omniedit", words)
    small_photo().save(tmp_path / "odd.png", pnginfo=info)
    assert read_recipe(tmp_path / "odd.png") is None
    (tmp_path / "text.png").write_text("no picture")
    assert read_recipe(tmp_path / "text.png") is None
    with pytest.raises(BadInput, match="The recipe has box"):
        Recipe.from_json({"instruction": "x", "engine": "auto", "box": "all"})


def test_results_say_how_they_were_made_unless_told_not_to(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    result = edited(service, seed=5)
    (recipe,) = service.recipes("make it sepia", Options(seed=5), "specialists", result)
    assert recipe is not None and (recipe.edit, recipe.seed, recipe.engine) == (result.edit, 5, "specialists")
    entry = log.history.one(None, result.edit or "")
    assert recipe_of(entry) == recipe
    silent = EditingService(Settings(home=tmp_path, recipes=False))
    assert silent.recipes("make it sepia", Options(), "specialists", result) == [None]


def test_a_photo_whose_file_was_damaged_is_kept_anew(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    first = log.history.one(None, edited(service).edit or "")
    path = log.pictures.path(first.source)
    assert path is not None
    path.write_bytes(b"damaged")
    second = log.history.one(None, edited(service, "make it night").edit or "")
    assert second.source == first.source
    assert np.array_equal(np.asarray(log.picture(first.source)), np.asarray(small_photo()))


@pytest.mark.parametrize("kind", ["cut off", "I;16"])
def test_a_picture_that_came_damaged_spoils_no_history(tmp_path: Path, kind: str) -> None:
    service, log = opened(tmp_path)
    names = [edited(service, seed=seed).edit or "" for seed in range(2)]
    data = encode_png(small_photo(7))
    data = data[: len(data) // 2]
    if kind == "I;16":
        small_photo(7).convert("I;16").save(buffer := io.BytesIO(), "PNG")
        data = buffer.getvalue()
    bad = Kept(log.pictures.put(data), 64, 48, len(data))
    with log.database.writing() as session:  # as an import of old took it in
        add_pictures(session, bad)
        session.flush()
        session.query(Variant).filter(Variant.edit == 1).update({"picture": bad.hash})
    with pytest.raises(OmniEditError, match=f"The picture {bad.hash[:12]} is damaged .* delete the edits that have it"):
        log.picture(bad.hash)
    album = Album(log)
    assert [card.id for card in album.cards(LOCAL, Scope.ALL)] == names[::-1]
    with pytest.raises(OmniEditError, match="is damaged"):
        album.open(LOCAL, names[0])
    assert album.open(LOCAL, names[1]).result.images


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        ({"sampling": {"x": 1}}, "made.sampling.steps: field required"),
        ({"sampling": 3}, "made.sampling: input should be a dictionary"),
        ({"parameters": ["x"]}, "made.parameters: input should be a valid dictionary"),
    ],
)
def test_an_edit_that_does_not_say_how_it_was_made_is_one_sentence(
    tmp_path: Path, made: dict[str, Any], sentence: str
) -> None:
    service, log = opened(tmp_path)
    name = edited(service).edit or ""
    with log.database.writing() as session:
        session.query(Edit).update({"made": made})
    with pytest.raises(OmniEditError, match=f"The edit {name} cannot be shown: {sentence}"):
        Album(log).open(LOCAL, name)


def test_two_databases_with_one_home_keep_their_pictures_apart(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    name = edited(service).edit
    log.close()
    other = open_log(Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'other.db'}"))
    later = time.time() + YOUNG + 60
    assert sweep(other.database, other.pictures, later) == 0
    again = opened(tmp_path)[1]
    assert again.picture(again.history.one(None, name or "").source).size == (64, 48)


def test_edits_at_the_same_time_do_not_meet(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    owners = [f"user {k}" for k in range(6)]
    threads = [
        threading.Thread(target=edited, args=(service,), kwargs={"by": By(owner), "seed": k})
        for k, owner in enumerate(owners)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, owner in enumerate(owners):
        (entry,) = log.history.page(owner)
        assert entry.status == "done" and entry.seeds == (k,)
        assert np.array_equal(np.asarray(log.picture(entry.source)), np.asarray(small_photo(k)))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"home": "/dev/null/here"}, "OMNIEDIT_HOME = '/dev/null/here' cannot be used"),
        ({"database_url": "nonsense"}, "OMNIEDIT_DATABASE_URL is no address"),
        ({"database_url": "oracle://me@here/x"}, "names a oracle database"),
        ({"database_url": "postgresql://me@127.0.0.1:1/x"}, "The database cannot be used"),
        ({"database_url": "sqlite:////proc/no/where.db"}, "cannot be made"),
    ],
)
def test_a_log_that_cannot_be_opened_is_one_sentence(tmp_path: Path, settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(OmniEditError, match=sentence) as caught:
        open_log(Settings(**{"home": tmp_path, **settings}))
    assert str(caught.value).count("\n") == 0


def test_a_home_may_have_any_name(tmp_path: Path) -> None:
    home = tmp_path / "what? 100%25 & more"
    service, log = opened(home)
    assert edited(service).edit and (home / "omniedit.db").is_file()
    assert sorted(path.name for path in home.parent.iterdir()) == [home.name]
    log.close()


def test_what_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "omniedit.db").write_bytes(b"this is no database " * 500)
    with pytest.raises(OmniEditError, match="The database cannot be used: file is not a database"):
        open_log(Settings(home=tmp_path))
