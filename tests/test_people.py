"""Accounts: who signs in, what is refused, and that no password is kept or told."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sqlalchemy import text

from omniedit.cli import main
from omniedit.errors import BadInput
from omniedit.services import people as module
from omniedit.services.people import People
from omniedit.store import open_database
from omniedit.types import Role
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
