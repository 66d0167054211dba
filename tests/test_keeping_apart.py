"""Two users of one app: whose session and whose files they are, asked for over HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omniedit.services.log import open_log
from omniedit.services.people import People
from omniedit.settings import Settings, assets_dir
from omniedit.store import open_database
from tests.benchmarks.hostile import walk
from tests.raw_pages import API, RawPage, caller, edit_of, file_of
from tests.running import running_app
from ui.guard import LARGEST

pytestmark = pytest.mark.slow

GOOD = "correct horse battery"
PHOTO = (assets_dir() / "photos" / "chelsea.jpg").read_bytes()
OTHER = (assets_dir() / "photos" / "coffee.jpg").read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    (folder / "home").mkdir()
    database = open_database(folder / "home" / "omniedit.db")
    for name in ("ann", "bob"):
        People(database).add(name, GOOD)
    database.close()
    with running_app(folder) as (found, _):
        yield found


def page(address: str, name: str | None, session: str) -> Iterator[RawPage]:
    with caller(address) as client:
        if name is not None:
            client.post("/login", data={"username": name, "password": GOOD}).raise_for_status()
        yield RawPage(client, session)


@pytest.fixture
def ann(address: str) -> Iterator[RawPage]:
    yield from page(address, "ann", "anns")


@pytest.fixture
def bob_as_ann(address: str) -> Iterator[RawPage]:
    """Bob, who knows how ann's session is called."""
    yield from page(address, "bob", "anns")


@pytest.fixture
def stranger(address: str) -> Iterator[RawPage]:
    yield from page(address, None, "anns")


def newest(folder: Path) -> str:
    log = open_log(Settings(home=folder / "home"))
    found = [entry.status for entry in log.history.page("user:ann", limit=1)]
    log.close()
    return found[0] if found else ""


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_nobody_stops_or_hears_the_edit_of_another_by_the_name_of_its_session(
    ann: RawPage, bob_as_ann: RawPage, stranger: RawPage, folder: Path
) -> None:
    index, path = ann.index("/edit"), ann.upload(PHOTO)
    long = edit_of(file_of(path), engine="editnet-mini", steps=200, variants=4)
    event = ann.join(index, long).json()["event_id"]
    until(lambda: newest(folder) == "running")
    for other in (bob_as_ann, stranger):
        cancel = {"session_hash": "anns", "fn_index": index, "event_id": "0"}
        said = [other.client.post(f"{API}/cancel", json=cancel).status_code]
        if other is bob_as_ann:
            said.append(other.press("cancel").status)
        heard = other.client.get(f"{API}/queue/data", params={"session_hash": "anns"})
        assert heard.status_code == 401 or '"session_not_found":true' in heard.text, heard.text
        with other.client.stream("GET", f"{API}/heartbeat/anns") as beat:  # a page that is closed
            said.append(beat.status_code)
        assert set(said) == ({200} if other is bob_as_ann else {401})
    time.sleep(3)
    assert newest(folder) == "running"
    assert event and ann.press("cancel").success
    until(lambda: newest(folder) == "cancelled")


def test_a_closed_page_of_ones_own_still_ends_its_edits(ann: RawPage, folder: Path) -> None:
    ann.join(ann.index("/edit"), edit_of(file_of(ann.upload(PHOTO)), engine="editnet-mini", steps=200, variants=4))
    until(lambda: newest(folder) == "running")
    with ann.client.stream("GET", f"{API}/heartbeat/anns") as beat:
        next(beat.iter_lines())
    until(lambda: newest(folder) == "cancelled")


def test_a_file_is_its_owners(ann: RawPage, bob_as_ann: RawPage, stranger: RawPage) -> None:
    ended = ann.ask(ann.index("/edit"), edit_of(file_of(ann.upload(PHOTO))))
    assert ended.success, ended.text
    ((result,), _) = ended.output["data"]
    for path in (result["path"], ann.upload(OTHER)):
        assert ann.file(path).status_code == 200
        for way in (
            path,
            f"/{path}",
            path.replace("/", "//"),
            path.replace("/", "/./"),
            f"{path}/../{Path(path).name}",
        ):
            assert bob_as_ann.file(way).status_code == 403, way
            assert bob_as_ann.client.get(f"{API}/file/{way}").status_code in (403, 404), way
            assert stranger.file(way).status_code == 401, way
        refused = bob_as_ann.ask(bob_as_ann.index("/edit"), edit_of(file_of(path)))
        assert not refused.success and "no such file of yours" in refused.said, refused.text
        opened = bob_as_ann.ask(bob_as_ann.index("open", "upload"), [file_of(path)])
        assert not opened.success and "no such file of yours" in opened.said, opened.text


def test_who_has_the_same_picture_has_it(ann: RawPage, bob_as_ann: RawPage) -> None:
    paths = {ann.upload(PHOTO), bob_as_ann.upload(PHOTO)}
    assert len(paths) == 1 and bob_as_ann.file(paths.pop()).status_code == 200


def test_what_is_on_the_page_is_everybodys(bob_as_ann: RawPage, stranger: RawPage) -> None:
    shelf = next(c for c in bob_as_ann.config["components"] if c["props"].get("elem_id") == "examples")
    paths = [entry["image"]["path"] for entry in shelf["props"]["value"]]
    assert paths and {bob_as_ann.file(path).status_code for path in paths} == {200}
    assert stranger.file(paths[0]).status_code == 401


def test_the_folders_of_sessions_are_not_served(ann: RawPage) -> None:
    assert ann.ask(ann.index("/edit"), edit_of(file_of(ann.upload(PHOTO)))).success
    files = [path for path in Path("/tmp").glob("omniedit-*/*/*/*.png") if path.is_file()]
    assert files and {ann.file(str(path)).status_code for path in files} == {403}


def test_listening_ends_with_the_edit(ann: RawPage) -> None:
    """The name of the session is the user's own at all doors: joining, hearing, cancelling."""
    answers: list[bool] = []
    index, path = ann.index("/edit"), ann.upload(PHOTO)
    asked = threading.Thread(target=lambda: answers.append(ann.ask(index, edit_of(file_of(path))).success))
    asked.start()
    asked.join(60)
    assert answers == [True]


def test_no_handler_gives_a_user_what_is_anothers(ann: RawPage, bob_as_ann: RawPage) -> None:
    ended = ann.ask(ann.index("/edit"), edit_of(file_of(ann.upload(PHOTO))))
    ((result,), facts) = ended.output["data"]
    secret = {"id": facts["edit"], "source": ann.upload(PHOTO), "result": result["path"]}
    harm = [(call, why) for call, why in walk(bob_as_ann.client, secret, quick=True) if why]
    assert harm == []
    kept = ann.ask(ann.index("/history"), ["all", "", 100])
    assert facts["edit"] in [edit["id"] for edit in kept.output["data"][0]]


def test_a_creator_fetches_no_models(bob_as_ann: RawPage) -> None:
    names = [c["props"].get("elem_id") or "" for c in bob_as_ann.config["components"]]
    buttons = [name for name in names if name.startswith(("fetch-", "stop-"))]
    assert buttons
    for name in buttons:
        said = bob_as_ann.press(name)
        assert said.success and "Models are fetched by who runs this app" in said.text, said.text
        assert "Fetching" not in said.text and '"under_way"' not in said.text


def test_values_beyond_any_use_are_not_read_whole(ann: RawPage, stranger: RawPage) -> None:
    for page_of in (ann, stranger):
        answer = page_of.client.post(f"{API}/queue/join", content=b" " * (LARGEST + 1))
        assert answer.status_code == 413 and "upload pictures as files" in answer.json()["detail"]
