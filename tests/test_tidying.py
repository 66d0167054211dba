"""What strangers leave goes by itself, and what cannot be removed keeps nothing else from going."""

from __future__ import annotations

import errno
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from omniedit.cli import main
from omniedit.errors import BadInput, OmniEditError
from omniedit.services import tidying, upkeep
from omniedit.services.album import Album, Scope
from omniedit.services.editing import EditingService
from omniedit.services.log import LOCAL, By, EditLog
from omniedit.services.tidying import LIFE, Tidier
from omniedit.services.upkeep import STRANGERS, clean, examine, make_room
from omniedit.store.pictures import SETTLED, YOUNG
from omniedit.store.schema import Edit
from omniedit.types import EditRequest, Task
from tests.logs import edited, opened, small_photo
from tests.test_configuration import started


def owners(log: EditLog) -> list[str]:
    return sorted(entry.owner for entry in log.history.page(None))


def put_back(log: EditLog, seconds: float, **which: str) -> None:
    """As if these edits, and all pictures, had been made so long ago."""
    moment = datetime.now(UTC) - timedelta(seconds=seconds)
    with log.database.writing() as session:
        chosen = update(Edit).filter_by(**which)
        session.execute(chosen.values(began=moment))
        session.execute(chosen.where(Edit.ended.is_not(None)).values(ended=moment))
    aged(log, seconds)


def aged(log: EditLog, seconds: float) -> None:
    for path in log.pictures.folder.rglob("*.png"):
        os.utime(path, (time.time() - seconds,) * 2)


def held(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """The files of these pictures cannot be removed."""
    unlink = Path.unlink

    def refused(path: Path, missing_ok: bool = False) -> None:
        if path.stem in names:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refused)


def test_what_a_page_that_never_said_goodbye_made_goes_after_a_day(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    kept = log.history.one(None, edited(service, by=By("user:ann")).edit or "")
    first = edited(service, by=By("page:gone"), seed=1).edit
    edited(service, by=By("page:gone", parent=first), seed=2)
    with pytest.raises(BadInput):
        edited(service, "remove the unicorn", By("page:gone"), seed=3)
    (card, *_) = Album(log).cards("page:gone", Scope.ALL)
    edited(service, by=By("page:idle"), seed=4)
    edited(service, by=By("page:open"), seed=5)
    edited(service, by=By("page:works"), seed=8)
    put_back(log, LIFE + 60)
    edited(service, by=By("page:open"), seed=6)
    waits = log.begin(EditRequest(small_photo(7), "make it night"), "auto", Task.ENVIRONMENT, By("page:works"))
    put_back(log, LIFE + 60, id=waits)
    put_back(log, LIFE - 60, owner="page:idle")
    tidier = Tidier(log, days=0)
    assert not tidier.look()
    assert owners(log) == ["page:idle", "page:open", "page:open", "page:works", "page:works", "user:ann"]
    named = {name for entry in log.history.page(None) for name in (entry.source, *entry.results)}
    assert {kept.source, *kept.results} < named == set(log.pictures.names()) and not card.picture.exists()
    log.cancelled(waits)
    put_back(log, LIFE + 60, owner="page:idle")
    tidier.look()
    assert owners(log) == ["page:open", "page:open", "page:works", "page:works", "user:ann"], (
        "one of these has just ended"
    )
    log.close()


def test_what_a_stranger_left_running_in_a_home_that_is_gone_goes_in_the_end(tmp_path: Path) -> None:
    _, log = opened(tmp_path)
    name = log.begin(EditRequest(small_photo(), "make it night"), "auto", Task.ENVIRONMENT, By("page:1"))
    put_back(log, LIFE + 60)
    with log.database.writing() as session:
        session.execute(update(Edit).values(runner="elsewhere"))
    Tidier(log, 30).look()
    assert log.history.one(None, name).status == "interrupted"
    put_back(log, LIFE + 60)
    Tidier(log, 30).look()
    assert log.history.count() == 0
    log.close()


def test_who_comes_by_new_names_gets_no_more_room(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    edited(service, by=By("page:0"))
    each = log.history.taken("page:0")
    for number in range(1, STRANGERS + 2):
        edited(service, by=By(f"page:{number}"), seed=number)
    strict = EditingService(service.settings.model_copy(update={"quota_gb": 1.1 * each / 1e9}), log)
    with pytest.raises(
        BadInput, match=r"all open pages take 0\.00 GB, and 0\.00 are here for them; close pages"
    ) as told:
        edited(strict, by=By("page:new"), seed=50)
    assert str(told.value).count(".\n") == 0 and log.history.count() == STRANGERS + 2
    edited(strict, by=By("user:ann"), seed=51)
    Album(log).forget("page:1")
    Album(log).forget("page:2")
    edited(strict, by=By("page:new"), seed=50)
    log.close()


def test_what_goes_from_the_bin_to_make_room_leaves_the_disk_also_where_it_is_not_enough(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    names = [edited(service, seed=seed).edit or "" for seed in range(3)]
    each = log.history.taken(LOCAL) // 3
    for name in names[:2]:
        log.history.change(LOCAL, name, binned=True)
    left: list[str] = []
    make_room(log, LOCAL, round(2.5 * each), left.extend)
    assert len(left) == 2 and set(left) < set(log.pictures.names()), "too young to go now"
    aged(log, SETTLED + 5)
    with pytest.raises(BadInput, match="delete some"):
        make_room(log, LOCAL, each // 2, left.extend)
    kept = log.history.one(None, names[2])
    assert len(left) == 2 and set(log.pictures.names()) == {kept.source, *kept.results, *left}
    tidier = Tidier(log, 30)
    tidier.later(left)
    tidier.look()
    assert set(log.pictures.names()) == {kept.source, *kept.results}
    log.close()


def test_the_tidier_of_the_app_hears_what_made_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service, log = opened(tmp_path)
    each = log.history.taken(LOCAL) if edited(service).edit else 0
    log.history.bin_all(LOCAL)
    left: list[str] = []
    tight = EditingService(service.settings.model_copy(update={"quota_gb": each / 1e9}), log, left.extend)
    edited(tight, seed=1)
    assert len(left) == 2 and log.history.count() == 1
    log.close()
    begun = started(tmp_path / "app", monkeypatch).service
    assert isinstance(getattr(begun.on_left, "__self__", None), Tidier)


def test_a_file_that_cannot_be_removed_keeps_no_other_from_going(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service, log = opened(tmp_path)
    held(monkeypatch, stuck := log.history.one(None, edited(service, by=By("page:1")).edit or "").source)
    aged(log, SETTLED + 5)
    tidier = Tidier(log, 30)
    Album(log, on_left=tidier.later).forget("page:1")
    assert list(log.pictures.names()) == [stuck] and "1 files" in caplog.text and "(permission denied)" in caplog.text
    assert not tidier.look(), "not each minute"
    aged(log, YOUNG + 5)
    other = log.pictures.put(b"left by another process")
    aged(log, YOUNG + 5)
    monkeypatch.setattr(tidier, "_sweep", 0.0)
    caplog.clear()
    assert not tidier.look() and list(log.pictures.names()) == [stuck] != [other] and "1 files" in caplog.text
    log.close()


def test_an_edit_that_needs_room_does_not_fail_for_a_file_that_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, log = opened(tmp_path)
    entry = log.history.one(None, edited(service).edit or "")
    each = log.history.taken(LOCAL)
    log.history.bin_all(LOCAL)
    aged(log, SETTLED + 5)
    held(monkeypatch, entry.source)
    edited(EditingService(service.settings.model_copy(update={"quota_gb": each / 1e9}), log), seed=1)
    assert log.history.count() == 1 and entry.source in log.pictures.names()
    log.close()


def test_gc_and_doctor_say_what_cannot_be_removed(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    service, log = opened(home)
    entry = log.history.one(None, edited(service).edit or "")
    log.history.bin_all(LOCAL)
    aged(log, YOUNG + 5)
    moment = time.time() + YOUNG + 60
    monkeypatch.setattr("omniedit.store.cleaning.time.time", lambda: moment)
    held(monkeypatch, entry.source)
    assert main(["gc", "--older", "0"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and "Removed 1 edits from the bin and 1 pictures" in said.err
    assert "1 files that no edit names cannot be removed" in said.err and "(permission denied)" in said.err
    assert main(["doctor", "--fix"]) == 1
    assert "1 files that no edit names cannot be removed" in capsys.readouterr().out
    monkeypatch.undo()
    assert [finding.state for finding in examine(service.settings, True) if finding.about == "pictures"][-1] == "mended"
    assert main(["gc"]) == 0 and list(log.pictures.names()) == []
    log.close()


def test_foreign_files_among_small_pictures_are_left_alone(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    edited(service)
    (card,) = Album(log).cards(LOCAL, Scope.ALL)
    foreign = card.picture.with_name(f"._{card.picture.name}")
    foreign.write_bytes(b"of another system")
    folder = log.small / "00" / f"{'0' * 64}.webp"  # which cannot be unlinked
    folder.mkdir(parents=True)
    Tidier(log, 30).look()
    assert foreign.exists() and card.picture.exists()
    with pytest.raises(OmniEditError, match=f"1 files .*{folder.name}"):
        clean(log, timedelta(days=30))
    log.close()


def test_half_a_small_picture_of_a_process_that_was_killed_goes(tmp_path: Path) -> None:
    service, log = opened(tmp_path)
    edited(service)
    (card,) = Album(log).cards(LOCAL, Scope.ALL)
    old, new = card.picture.with_name(".0123.tmp"), card.picture.with_name(".4567.tmp")
    for half in (old, new):
        half.write_bytes(b"half")
    os.utime(old, (time.time() - 2 * YOUNG,) * 2)
    clean(log, timedelta(days=30))
    assert not old.exists() and new.exists() and card.picture.exists()
    log.close()


def test_a_fault_costs_the_tidier_one_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _, log = opened(tmp_path)
    monkeypatch.setattr(tidying, "CALM", 0.01)
    tidier, again = Tidier(log, 30), threading.Event()
    given: list[Any] = []

    def faulty(log: EditLog, pictures: Any) -> frozenset[str]:
        given.append(set(pictures))
        if len(given) == 1:
            raise ZeroDivisionError
        again.set()
        return frozenset()

    monkeypatch.setattr(tidying, "let_go", faulty)
    tidier.later(["0" * 64])
    tidier.start()
    until = time.monotonic() + 10
    while "ZeroDivisionError" not in caplog.text and time.monotonic() < until:
        time.sleep(0.01)
    tidier.later([])
    assert again.wait(10) and given == [{"0" * 64}] * 2, "what was to go is not forgotten"
    tidier.close()
    log.close()


def test_a_database_that_was_whole_is_looked_at_again_after_minutes_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, log = opened(tmp_path)
    looks: list[str] = []
    damage = [""]
    monkeypatch.setattr(type(log.database), "damage", lambda self: looks.append("once") or damage[0])
    album, tidier, now = Album(log), Tidier(log, 30), time.monotonic()
    for seed in range(3):
        edited(service, by=By("page:1"), seed=seed)
        album.forget("page:1")
    tidier.later(log.pictures.names())
    tidier.look()
    assert len(looks) == 2, "once before single pictures go, once before all are swept"
    aged(log, SETTLED + 5)
    damage[0] = "a page is missing"
    monkeypatch.setattr(upkeep.time, "monotonic", lambda: now + upkeep.LATELY + 60)
    for _ in range(2):
        tidier.look()
        assert len(list(log.pictures.names())) == 6
    assert len(looks) == 4, "what is damaged is never taken to be whole"
    damage[0] = ""
    tidier.look()
    assert list(log.pictures.names()) == []
    log.close()
