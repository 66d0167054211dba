"""Accounts: who signs in, what is refused, and that no password is kept or told."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from omniedit.cli import main
from omniedit.errors import BadInput
from omniedit.services import people as module
from omniedit.services.people import People
from omniedit.store import LOCAL, open_database
from omniedit.types import Role
from tests.stores import attempt, opened
from ui.reach import check_reach

GOOD = "correct horse battery"


@pytest.fixture
def people(tmp_path: Path) -> People:
    found = People(open_database(tmp_path / "omniedit.db"), "root")
    found.add("ann", GOOD)
    return found


def test_the_right_password_opens_and_no_other(people: People) -> None:
    assert people.signs_in("ann", GOOD) and people.role("ann") is Role.CREATOR
    for name, password in (("ann", GOOD + "!"), ("ann", ""), ("Ann", GOOD), ("bob", GOOD), ("../x", GOOD), ("", "")):
        assert not people.signs_in(name, password)
    people.change("ann", "another good one", Role.ADMIN)
    assert not people.signs_in("ann", GOOD) and people.signs_in("ann", "another good one")
    assert people.role("ann") is Role.ADMIN
    people.remove("ann")
    assert not people.signs_in("ann", "another good one") and people.role("ann") is None and people.all() == ()


def test_an_account_is_another_after_each_change_and_tells_nothing(people: People) -> None:
    seen = [people.account("ann")]
    for change in (
        lambda: people.change("ann", role=Role.CURATOR),
        lambda: people.change("ann", GOOD),
        lambda: people.change("ann", "another good one"),
        lambda: people.remove("ann"),
        lambda: people.add("ann", GOOD),
    ):
        change()
        assert people.account("ann") not in seen
        seen.append(people.account("ann"))
    assert people.account("bob") is None and all(told is None or len(told) == 64 for told in seen)


def test_who_guesses_waits(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    for _ in range(module.TRIES):
        assert not people.signs_in("ann", "wrong password")
    assert not people.signs_in("ann", GOOD)  # even the right one is not looked at
    now[0] += module.PAUSE + 1
    assert people.signs_in("ann", GOOD)


def test_who_guesses_keeps_nobody_else_out(people: People) -> None:
    for _ in range(module.TRIES + 1):
        assert not people.signs_in("ann", "wrong password", "10.0.0.1")
    assert not people.signs_in("ann", GOOD, "10.0.0.1") and people.signs_in("ann", GOOD, "10.0.0.2")


def test_who_guesses_from_many_addresses_waits(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_fits", lambda secret, password: password == GOOD)  # else it takes seconds
    for number in range(module.TRIES_OF_ALL):
        assert not people.signs_in("ann", "wrong password", f"10.0.0.{number}")
    assert not people.signs_in("ann", GOOD, "10.0.1.1")


def test_what_was_edited_before_anybody_signed_in_is_for_who_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMNIEDIT_HOME", str(tmp_path))
    journal, history = opened(tmp_path)
    mine = journal.begin(attempt(owner=LOCAL))
    others = journal.begin(attempt(owner="user:bob"))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n"))
    assert main(["user", "add", "ann"]) == 0
    assert "1 edits were made here before anybody signed in" in capsys.readouterr().out
    assert main(["user", "change", "eve", "--takes-local"]) == 2 and history.one(LOCAL, mine)
    assert main(["user", "change", "ann", "--takes-local"]) == 0
    assert [entry.id for entry in history.page("user:ann")] == [mine]
    assert [entry.id for entry in history.page("user:bob")] == [others]
    journal.database.close()


@pytest.mark.parametrize("typed", [b"", b"\n", b"\xff\xfe long enough it is\n", None])
def test_a_password_that_is_none_is_one_sentence(tmp_path: Path, typed: bytes | None) -> None:
    command = [sys.executable, "-m", "omniedit.cli", "user", "add", "ann"]
    if typed is None:  # standard input is closed
        command = ["sh", "-c", f"exec {shlex.join(command)} <&-"]
    environment = {**os.environ, "OMNIEDIT_HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, input=typed or b"", capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().startswith("omniedit: No password was given") and done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("ann", GOOD, "There is a user 'ann' already"),
        ("Ann Smith", GOOD, "small letters"),
        ("", GOOD, "small letters"),
        ("x" * 41, GOOD, "1 to 40"),
        ("bob", "short", "The password has 5 characters; give 10 to 200"),
        ("bob", "x" * 201, "give 10 to 200"),
    ],
)
def test_what_cannot_be_an_account_is_said(people: People, name: str, password: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        people.add(name, password)
    assert password not in str(caught.value) and [holder.name for holder in people.all()] == ["ann"]
    for change in (lambda: people.change("bob", GOOD), lambda: people.remove("bob")):
        with pytest.raises(BadInput, match="There is no user 'bob'"):
            change()


def test_passwords_are_nowhere_and_changes_are_in_the_audit(people: People, tmp_path: Path) -> None:
    people.change("ann", role=Role.CURATOR)
    people.remove("ann")
    database = open_database(tmp_path / "omniedit.db")
    with database.reading() as session:
        rows = session.execute(text("SELECT who, what, about FROM audit ORDER BY number")).all()
    assert [tuple(row) for row in rows] == [("root", f"user {what}", "ann") for what in ("added", "changed", "removed")]
    database.close()
    assert all(GOOD.encode() not in file.read_bytes() for file in tmp_path.iterdir())


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("OMNIEDIT_HOME", str(tmp_path))

    def run(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = main(["user", *words])
        return status, *capsys.readouterr()

    assert run("add", "ann", "--role", "admin", typed=f"{GOOD}\n") == (0, "ann may sign in as admin.\n", "")
    assert run("add", "bob", typed="short\n")[0] == 2
    assert run("change", "ann", "--password", typed="another good one\n")[0] == 0
    assert run("list")[1].split()[:2] == ["ann", "admin"]
    assert run("remove", "eve") == (
        2,
        "",
        "omniedit: There is no user 'eve'; `omniedit user list` shows who there is.\n",
    )
    assert run("remove", "ann")[0] == 0 and run("list")[1] == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.7", "studio.example", "::"])
def test_others_reach_the_app_only_where_that_is_meant(host: str) -> None:
    with pytest.raises(BadInput, match=r"omniedit user add.*--i-know"):
        check_reach(host, guarded=False)
    check_reach(host, guarded=True)
    check_reach("127.0.0.1", guarded=False)
