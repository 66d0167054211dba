"""What is wrong with an installation is found and, where nothing can be lost by it, mended."""

from __future__ import annotations

import os
import queue
import shutil
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from omniedit.errors import BadInput, OmniEditError
from omniedit.services import tidying
from omniedit.services.album import Album, Scope
from omniedit.services.editing import EditingService
from omniedit.services.log import LOCAL, By, EditLog, open_log
from omniedit.services.tidying import Tidier
from omniedit.services.upkeep import Finding, clean, empty_bin, examine, make_room
from omniedit.settings import Settings
from omniedit.store import Wanted
from omniedit.store.pictures import SETTLED, YOUNG
from omniedit.store.schema import Edit
from omniedit.types import EditRequest, Task
from tests.logs import edited, opened, small_photo
from tests.running import running_app


def wrong(findings: list[Finding]) -> list[str]:
    return [finding.says for finding in findings if finding.state == "wrong"]


def test_an_installation_in_order_has_nothing_wrong_and_is_left_alone(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    edited(service)
    log.close()
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.png")}
    for fix in (False, True):
        findings = examine(service.settings, fix)
        assert wrong(findings) == [] and not any(finding.state == "mended" for finding in findings)
        said = " ".join(finding.says for finding in findings)
        assert "1 edits." in said and "2 pictures, each as it was written." in said and "auto: ready" in said
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.png")} == before


def test_an_installation_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    assert wrong(examine(Settings(home=tmp_path / "new"), fix=False)) == []
    assert not (tmp_path / "new").exists()


def test_a_home_that_can_never_be_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for home in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/1/nowhere")):
        (finding,) = (one for one in examine(Settings(home=home), fix=False) if one.about == "home")
        assert finding.state == "wrong" and f"{home} cannot be used: " in finding.says


def test_pictures_of_another_database_are_said_and_left_alone(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    edited(service)
    log.close()
    (tmp_path / "omniedit.db").unlink()
    service, log = opened(tmp_path)
    edited(service)
    log.close()
    before = sorted(tmp_path.rglob("*.png"))
    for fix in (False, True):
        notes = [one.says for one in examine(service.settings, fix) if one.about == "pictures" and one.state == "note"]
        assert len(notes) == 1 and "of another database; remove it if" in notes[0]
    assert sorted(tmp_path.rglob("*.png")) == before


def test_what_is_missing_or_damaged_is_said_and_what_is_left_over_is_mended(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    entry = log.history.one(None, edited(service).edit or "")
    source, result = (log.pictures.path(name) for name in (entry.source, entry.results[0]))
    assert source is not None and result is not None
    source.write_bytes(b"damaged")
    result.unlink()
    stray = log.pictures.path(log.pictures.put(b"stray"))
    assert stray is not None
    os.utime(stray, (time.time() - YOUNG - 60,) * 2)
    log.begin(EditRequest(small_photo(5), "make it night"), "auto", Task.ENVIRONMENT, By())
    log.close()
    said = wrong(examine(service.settings, fix=False))
    assert len(said) == 4 and stray.exists()
    assert f"{entry.source}.png, of the edit {entry.id}, is damaged; put it back from a copy or an export." in said
    assert f"{entry.results[0]}.png, of the edit {entry.id}, is missing; put it back from a copy or an export." in said
    assert "1 edits are running, and their process is gone." in said
    assert any(sentence.startswith("1 files belong to no edit") for sentence in said)
    findings = examine(service.settings, fix=True)
    assert len(wrong(findings)) == 2, "what is gone is gone"
    assert [finding.about for finding in findings if finding.state == "mended"] == ["edits", "pictures"]
    assert not stray.exists() and source.exists()
    assert open_log(service.settings).history.page(None)[0].status == "interrupted"


def test_edits_that_another_home_left_running_are_marked_after_a_day(tmp_path: Path) -> None:
    request = EditRequest(small_photo(5), "make it night")
    _, log = opened(tmp_path / "gone")
    names = [log.begin(request, "auto", Task.ENVIRONMENT, By()) for _ in range(2)]
    with log.database.writing() as session:
        day = timedelta(days=1, minutes=1)
        session.execute(update(Edit).where(Edit.id == names[0]).values(began=datetime.now(UTC) - day))
    settings = Settings(home=tmp_path / "new", database_url=f"sqlite:///{tmp_path / 'gone' / 'omniedit.db'}")
    shutil.copytree(tmp_path / "gone" / "pictures", tmp_path / "new" / "pictures")
    (said,) = wrong(examine(settings, fix=False))
    assert said.startswith("1 edits have been running for more than a day where this home cannot see it")
    findings = examine(settings, fix=True)
    assert wrong(findings) == [] and [finding.about for finding in findings if finding.state == "mended"] == ["edits"]
    assert [log.history.one(None, name).status for name in names] == ["interrupted", "running"]
    assert wrong(examine(settings, fix=False)) == []
    with log.database.writing() as session:
        session.execute(update(Edit).values(began=datetime.now(UTC) - day))
    assert wrong(examine(Settings(home=tmp_path / "gone"), fix=False)) == [], "it lives there, as is known there"
    log.close()


def test_a_database_of_another_time_is_said(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    log.database.migrate("base")
    log.close()
    assert wrong(examine(service.settings, fix=False)) == ["It is of an older OmniEdit; doctor --fix brings it up."]
    assert wrong(examine(service.settings, fix=True)) == []
    with sqlite3.connect(tmp_path / "omniedit.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    (said,) = wrong(examine(service.settings, fix=True))
    assert "newer OmniEdit (revision 9999" in said


def test_a_database_that_is_damaged_is_said(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    edited(service)
    log.close()
    file = tmp_path / "omniedit.db"
    data = bytearray(file.read_bytes())
    data[4096 * 3 : 4096 * 6] = b"\xff" * (4096 * 3)
    file.write_bytes(bytes(data))
    for picture in log.pictures.folder.rglob("*.png"):
        os.utime(picture, (time.time() - YOUNG - 60,) * 2)
    said = " ".join(wrong(examine(service.settings, fix=True)))
    assert "damaged" in said or "malformed" in said
    assert len(list(log.pictures.folder.rglob("*.png"))) == 2, "it no longer names what it should"


def test_the_bin_is_emptied_after_its_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service, log = opened(tmp_path)
    name = edited(service).edit
    assert name is not None
    log.history.change(None, name, binned=True)
    assert clean(log, timedelta(days=30)) == "Removed 0 edits from the bin and 0 pictures that no edit names."
    now = time.time()
    (card,) = Album(log).cards(LOCAL, Scope.BIN)
    monkeypatch.setattr("omniedit.store.cleaning.time.time", lambda: now + YOUNG + 60)
    assert card.picture.exists()
    assert clean(log, timedelta(0)) == "Removed 1 edits from the bin and 2 pictures that no edit names."
    assert wrong(examine(service.settings, fix=False)) == [] and not card.picture.exists()


def binned(log: EditLog, name: str, days: float) -> None:
    """Put the edit into the bin as if so many days ago."""
    with log.database.writing() as session:
        moment = datetime.now(UTC) - timedelta(days=days)
        session.execute(update(Edit).where(Edit.id == name).values(binned=moment, began=moment, ended=moment))


def test_what_has_been_in_the_bin_for_its_days_goes_and_nothing_else(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    old, young, kept, above = (edited(service, seed=seed).edit or "" for seed in range(4))
    below = edited(service, seed=5, by=By(parent=above)).edit
    for name, days in ((old, 31), (young, 29), (above, 99)):  # the last one is gone on from
        binned(log, name, days)
    with log.database.writing() as session:
        session.execute(update(Edit).where(Edit.id == kept).values(began=datetime(2020, 1, 1, tzinfo=UTC)))
    empty_bin(log, 0)
    assert log.history.count() == 5
    empty_bin(log, 30)
    assert {entry.id for entry in log.history.page(None, Wanted(binned=True))} == {young, above}
    assert {entry.id for entry in log.history.page(None)} == {kept, below}
    assert wrong(examine(service.settings, fix=False)) == []
    log.close()


def test_the_bin_of_a_damaged_database_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service, log = opened(tmp_path)
    binned(log, edited(service).edit or "", 31)
    monkeypatch.setattr(type(log.database), "damage", lambda self: "a page is missing")
    with pytest.raises(OmniEditError, match="a page is missing"):
        empty_bin(log, 30)
    assert log.history.count() == 1
    log.close()


def aged(log: EditLog, seconds: float) -> None:
    """As if all pictures had been put so long ago."""
    for path in log.pictures.folder.rglob("*.png"):
        os.utime(path, (time.time() - seconds,) * 2)


def test_pictures_of_removed_edits_leave_the_disk_with_them(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    tidier = Tidier(log, 30)
    album = Album(log, on_left=tidier.later)
    kept = edited(service, by=By("ann")).edit or ""
    edited(service, "a pencil drawing", By("page:1"))  # of the same photo
    edited(service, by=By("page:1"), seed=5)
    small = [card.picture for card in album.cards("page:1", Scope.ALL)]
    entry = log.history.one(None, kept)
    stray = log.pictures.put(b"an edit that is being written")
    assert len(list(log.pictures.names())) == 6 and all(path.exists() for path in small)
    aged(log, SETTLED + 5)
    album.forget("page:1")
    assert set(log.pictures.names()) == {entry.source, *entry.results, stray}
    assert not any(path.exists() for path in small)
    binned(log, kept, 1)
    assert album.clear("ann", Scope.BIN) == 1 and list(log.pictures.names()) == [stray]
    assert not any(log.small.rglob("*.webp")) or [*log.small.rglob("*.webp")] == [log.small / "gone.webp"]
    assert not tidier.look(), "nothing was left to it"
    log.close()


def test_pictures_that_a_row_may_come_to_name_go_a_minute_later(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    tidier = Tidier(log, 30)
    album = Album(log, on_left=tidier.later)
    tidier.look()
    edited(service, by=By("page:1"))
    album.forget("page:1")
    assert log.history.count() == 0 and len(list(log.pictures.names())) == 2
    assert tidier.look() and len(list(log.pictures.names())) == 2
    again = edited(service, "a pencil drawing", By("page:2"))  # of the same photo
    aged(log, SETTLED + 5)
    assert not tidier.look()
    entry = log.history.one(None, again.edit or "")
    assert set(log.pictures.names()) == {entry.source, *entry.results}
    assert wrong(examine(service.settings, fix=False)) == []
    log.close()


def test_what_another_process_left_is_found_each_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, log = opened(tmp_path)
    tidier, now = Tidier(log, 30), time.monotonic()
    log.pictures.put(b"left")
    tidier.look()
    aged(log, YOUNG + 5)
    for later, files in ((60, 1), (tidying.DAY + 60, 0)):
        monkeypatch.setattr(tidying.time, "monotonic", lambda later=later: now + later)
        tidier.look()
        assert len(list(log.pictures.names())) == files
    log.close()


def test_who_tidies_is_told_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, log = opened(tmp_path)
    monkeypatch.setattr(tidying, "CALM", 0.01)
    looks: queue.Queue[int] = queue.Queue()
    tidier = Tidier(log, 30)
    monkeypatch.setattr(tidier, "look", lambda: looks.put(1))
    tidier.start()
    looks.get(timeout=10)
    tidier.later(["0" * 64])
    looks.get(timeout=10)
    tidier.close()
    assert not tidier._thread.is_alive() and looks.empty()
    log.close()


def test_a_look_that_fails_is_said_and_removes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service, log = opened(tmp_path)
    binned(log, edited(service).edit or "", 31)
    monkeypatch.setattr(type(log.database), "damage", lambda self: "a page is missing")
    tidier = Tidier(log, 30)
    tidier.look()
    assert "a page is missing" in caplog.text and log.history.count() == 1
    edited(service, by=By("page:1"), seed=5)
    aged(log, SETTLED + 5)
    caplog.clear()
    Album(log, on_left=tidier.later).forget("page:1")
    assert "a page is missing" in caplog.text and len(list(log.pictures.names())) == 4
    assert not tidier.look(), "not each minute"
    monkeypatch.undo()
    tidier.days = 0
    tidier.look()
    assert len(list(log.pictures.names())) == 2
    log.close()


@pytest.mark.slow
def test_the_app_empties_the_bin_by_itself(tmp_path: Path) -> None:
    service, log = opened(tmp_path / "home")
    old, young = (edited(service, seed=seed).edit or "" for seed in range(2))
    binned(log, old, 8)
    binned(log, young, 6)
    until = time.monotonic() + 90
    with running_app(tmp_path, OMNIEDIT_BIN_DAYS="7"):
        while log.history.count() == 2 and time.monotonic() < until:
            time.sleep(0.2)
        assert [entry.id for entry in log.history.page(None, Wanted(binned=True))] == [young]
    log.close()


def test_who_has_used_up_the_room_loses_what_is_in_the_bin_longest_and_is_told(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    names = [edited(service, seed=seed).edit or "" for seed in range(4)]
    each = log.history.taken(LOCAL) // 4
    assert log.history.taken("user:bob") == 0
    make_room(log, LOCAL, 5 * each)
    assert log.history.count() == 4
    with pytest.raises(BadInput, match=r"take 0\.00 GB, and each user has .* delete some"):
        make_room(log, LOCAL, each)
    for name in names[1:3]:
        log.history.change(LOCAL, name, binned=True)
    make_room(log, LOCAL, round(3.5 * each))
    assert {entry.id for entry in log.history.page(LOCAL, Wanted(binned=True))} == {names[2]}
    with pytest.raises(BadInput):
        make_room(log, LOCAL, each)
    assert {entry.id for entry in log.history.page(LOCAL)} == {names[0], names[3]}  # what is not in the bin stays
    small = EditingService(service.settings.model_copy(update={"quota_gb": each / 1e9}), log)
    with pytest.raises(BadInput, match="delete some"):
        edited(small)
    assert log.history.count() == 2
    log.close()


def test_of_a_bin_no_more_goes_than_must_also_where_the_oldest_have_to_stay(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    below = [edited(service, seed=seed).edit or "" for seed in range(2)]
    for seed, parent in enumerate(below):
        edited(service, seed=10 + seed, by=By(parent=parent))
    others = [edited(service, seed=20 + seed).edit or "" for seed in range(7)]
    for name in (*below, *others):
        log.history.change(LOCAL, name, binned=True)
    make_room(log, LOCAL, log.history.taken(LOCAL))
    left = {entry.id for entry in log.history.page(LOCAL, Wanted(binned=True))}
    assert left == {*below, *others[1:]}
    log.close()
