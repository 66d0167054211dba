"""Where something is set up wrongly the app and the command line say so in one sentence, and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import uvicorn

import app
from omniedit.services.log import open_log
from omniedit.services.people import People
from omniedit.settings import Settings
from omniedit.store import open_database
from tests.running import ROOT
from tests.servers import postgres, postgres_programs

pytestmark = pytest.mark.slow

PASSWORD = "correct-horse-battery"
SOON = 20.0  # seconds: a start that hangs takes longer; a machine that does much else may need most of it
PROGRAMS = {"app": ["app.py"], "command line": ["-m", "omniedit.cli", "log"]}
WITHOUT_ALL_LEAVE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")  # root, whom folders bind, too


@dataclass(frozen=True)
class Told:
    """What a start ended with."""

    status: int
    said: str
    seconds: float


def start(program: str, *before: str, **settings: str) -> Told:
    """Start it with these settings alone; `before` are words before the interpreter's name."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OMNIEDIT_")}
    command = [*before, sys.executable, *PROGRAMS[program]]
    began = time.monotonic()
    given = {**kept, "OMNIEDIT_PORT": "0", **settings}
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=3 * SOON)
    assert done.stdout == ""
    return Told(done.returncode, done.stderr, time.monotonic() - began)


def sentence(told: Told) -> str:
    """The one sentence that a refusal is, with a step to take."""
    assert told.status == 2, told
    assert told.said.startswith("omniedit: ") and told.said.endswith(".\n") and told.said.count("\n") == 1, told.said
    assert "Traceback" not in told.said and ";" in told.said and told.seconds < SOON, told
    return told.said


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PROT", "8000", "no setting OMNIEDIT_PROT; perhaps OMNIEDIT_PORT is meant: rename or unset it"),
        ("SECRET", "x", "no setting OMNIEDIT_SECRET; after OMNIEDIT_ comes one of HOST, PORT, .*: rename or unset it"),
        ("PORT", "http", "OMNIEDIT_PORT is 'http': .* correct it or unset it"),
        ("DATABASE_URL", "mysql://me@there/db", "names a mysql database; give a postgresql or sqlite one"),
        ("DATABASE_URL", "nonsense", "OMNIEDIT_DATABASE_URL is no address; give one like postgresql://"),
        ("DATABASE_URL", "postgresql://me:secret@no.such.host.invalid/db", "cannot be used: .*no.such.host.invalid"),
        (
            "DATABASE_URL",
            "postgresql://me:secret@127.0.0.1:9/db",
            "cannot be used: .*127.0.0.1.* OMNIEDIT_DATABASE_URL",
        ),
        ("DATABASE_URL", "sqlite://", "names no file, so edits would be lost; give one like sqlite:////"),
        ("QUOTA_GB", "inf", "OMNIEDIT_QUOTA_GB is 'inf': .* correct it or unset it"),
        ("DATABASE_URL", "sqlite:////proc/no/where.db", "'/proc/no/where.db' cannot be made"),
    ],
)
def test_a_wrong_setting(program: str, home: Path, name: str, value: str, said: str) -> None:
    told = sentence(start(program, OMNIEDIT_HOME=str(home), **{f"OMNIEDIT_{name}": value}))
    assert "secret" not in told and not home.exists()
    assert re.search(said, told), told


def test_a_home_that_is_a_file(program: str, home: Path) -> None:
    home.write_text("mine")
    assert f"OMNIEDIT_HOME = '{home}' cannot be used: not a directory; choose" in sentence(
        start(program, OMNIEDIT_HOME=str(home))
    )
    assert home.read_text() == "mine"


def test_a_home_below_a_file(program: str, home: Path) -> None:
    home.write_text("mine")
    assert "cannot be used: not a directory" in sentence(start(program, OMNIEDIT_HOME=str(home / "below")))


def test_a_home_where_nothing_can_be_made(program: str) -> None:
    assert "'/proc/omniedit' cannot be used: no such file" in sentence(start(program, OMNIEDIT_HOME="/proc/omniedit"))


def test_a_home_without_leave_to_write(program: str, tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o555)
    before = WITHOUT_ALL_LEAVE if os.geteuid() == 0 else ()
    for home, reason in ((shut, "it cannot be written"), (shut / "below", "permission denied")):
        assert f"'{home}' cannot be used: {reason}" in sentence(start(program, *before, OMNIEDIT_HOME=str(home)))
    assert list(shut.iterdir()) == []


@pytest.mark.skipif(subprocess.run(["sh", "-c", "unshare --mount true"]).returncode != 0, reason="it may not mount")
def test_a_disk_that_is_read_only(program: str, tmp_path: Path) -> None:
    mounted = f'mount -t tmpfs -o ro none {tmp_path} && exec "$@"'
    for home, reason in ((tmp_path, "it cannot be written"), (tmp_path / "below", "read-only file system")):
        told = start(program, "unshare", "--mount", "sh", "-c", mounted, "sh", OMNIEDIT_HOME=str(home))
        assert f"'{home}' cannot be used: {reason}" in sentence(told)


@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "PRAGMA locking_mode = EXCLUSIVE"])
def test_a_database_that_another_program_locks(program: str, home: Path, lock: str) -> None:
    file = database_in(home)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute(lock)
        other.execute("UPDATE alembic_version SET version_num = version_num")
        assert "cannot be used: database is locked; end the program" in sentence(
            start(program, OMNIEDIT_HOME=str(home))
        )


def test_a_database_of_a_newer_version(program: str, home: Path) -> None:
    file = database_in(home)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    kept = file.read_bytes()
    assert "of a newer OmniEdit (revision 9999" in sentence(start(program, OMNIEDIT_HOME=str(home)))
    assert file.read_bytes() == kept


def test_a_database_that_is_none(program: str, home: Path) -> None:
    home.mkdir()
    file = home / "omniedit.db"
    file.write_bytes(b"Dear diary, " * 1000)
    assert "cannot be used: file is not a database" in sentence(start(program, OMNIEDIT_HOME=str(home)))
    assert [path.name for path in home.iterdir()] == [file.name] and file.read_bytes()[:4] == b"Dear"


def test_a_server_without_its_driver(program: str, home: Path, tmp_path: Path) -> None:
    (tmp_path / "psycopg.py").write_text("raise ImportError")
    more = {"OMNIEDIT_DATABASE_URL": "postgresql://me@there/db", "PYTHONPATH": str(tmp_path)}
    told = sentence(start(program, OMNIEDIT_HOME=str(home), **more))
    assert "needs psycopg, which is not installed; pip install" in told and not home.exists()


@pytest.mark.postgres
@pytest.mark.skipif(postgres_programs() is None, reason="PostgreSQL is not installed")
def test_a_server_that_refuses(program: str, home: Path) -> None:
    with postgres() as server:
        address = server.format(name="postgres")
        ask_for_passwords(address)
        for url, said in (
            (address.replace("omniedit@", "omniedit:secret@"), 'password authentication failed for user "omniedit"'),
            (address, "no password supplied"),
            (address.replace("omniedit@/postgres", f"omniedit:{PASSWORD}@/none"), 'database "none" does not exist'),
            (address.replace("host=", "host=/nowhere"), "/nowhere"),
        ):
            told = sentence(start(program, OMNIEDIT_HOME=str(home), OMNIEDIT_DATABASE_URL=url))
            assert said in told and "secret" not in told and not home.exists()


def test_a_port_that_is_taken(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = sentence(start("app", OMNIEDIT_HOME=str(home), OMNIEDIT_PORT=str(port)))
    assert f"Cannot listen on 127.0.0.1:{port}: address already in use; free the port, or set OMNIEDIT_PORT" in told
    assert "GRADIO" not in told and not home.exists()


@pytest.mark.parametrize(("host", "said"), [("no.such.host.invalid", "name"), ("192.0.2.1", "cannot assign")])
def test_a_host_that_is_not_this_machine(home: Path, host: str, said: str) -> None:
    told = sentence(start("app", OMNIEDIT_HOME=str(home), OMNIEDIT_HOST=host))
    assert f"Cannot listen on {host}:0: " in told and said in told and not home.exists()


def ask_for_passwords(address: str) -> None:
    """Let the server want a password from everybody."""
    with psycopg.connect(address) as connection:
        (rules,) = connection.execute("SHOW hba_file").fetchone() or ("",)
        connection.execute(f"ALTER ROLE omniedit PASSWORD '{PASSWORD}'")
        Path(rules).write_text("local all all scram-sha-256\n")
        connection.execute("SELECT pg_reload_conf()")


def database_in(home: Path) -> Path:
    """A database as the app leaves it."""
    home.mkdir()
    open_database(home / "omniedit.db").close()
    return home / "omniedit.db"


@dataclass(frozen=True)
class Started:
    """What the app would have served."""

    sessions: Any
    service: Any


def started(home: Path, monkeypatch: pytest.MonkeyPatch, users: bool = False, **environment: str) -> Started:
    """Run all of the app's start but the server."""
    if users:
        log = open_log(Settings(home=home))
        People(log.database).add("ann", "a long password")
        log.close()
    served: list[Any] = []
    for name, value in {"OMNIEDIT_HOME": str(home), "OMNIEDIT_PORT": "0", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["app.py"])
    monkeypatch.setattr("ui.page.build_page", lambda service, *_: served.append(service))
    monkeypatch.setattr("ui.serve.serve", lambda page, sessions, *_: served.append(sessions))

    async def start_here() -> int:
        return app.main()  # in a loop, see pages.within_page

    assert asyncio.run(start_here()) == 0
    service, sessions = served
    return Started(sessions, service)


@pytest.mark.parametrize("users", [False, True])
def test_who_has_to_sign_in_shares_the_app_with_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, users: bool
) -> None:
    shares = started(tmp_path, monkeypatch, users).sessions
    assert shares.private is not users, "limits count where several people use one app, also behind a proxy"


@pytest.mark.parametrize(("log", "said"), [("true", "in {}"), ("false", "nowhere (OMNIEDIT_LOG)")])
def test_it_is_said_where_edits_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, log: str, said: str
) -> None:
    with caplog.at_level("INFO", "omniedit"):
        started(tmp_path, monkeypatch, OMNIEDIT_LOG=log)
    assert [line for line in caplog.messages if "kept" in line] == [f"Edits are kept {said.format(tmp_path)}."]


@pytest.mark.parametrize(
    ("users", "environment", "quota"),
    [
        (False, {"SPACE_ID": "someone/omniedit"}, app.QUOTA_GB),
        (False, {"SPACE_ID": "someone/omniedit", "OMNIEDIT_QUOTA_GB": "3"}, 3.0),
        (True, {"SPACE_ID": "someone/omniedit"}, None),
        (False, {}, None),
    ],
)
def test_strangers_on_a_space_have_so_much_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, users: bool, environment: dict[str, str], quota: float | None
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "127.0.0.1")  # put back afterwards
    begun = started(tmp_path, monkeypatch, users, **environment)
    assert begun.service.settings.quota_gb == quota
    assert begun.sessions.private is not ("SPACE_ID" in environment)


@pytest.mark.parametrize(
    ("proxies", "caller"),
    [(["10.16.3.80"], "203.0.113.9"), (["10.16.3.80", "10.16.1.7"], "203.0.113.9"), (["198.51.100.1"], "198.51.100.1")],
)
def test_strangers_on_a_space_are_told_apart_by_where_they_call_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxies: list[str], caller: str
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "")
    monkeypatch.delenv("FORWARDED_ALLOW_IPS")  # what the app sets goes with the test
    started(tmp_path, monkeypatch, SPACE_ID="someone/omniedit")
    seen: list[Any] = []

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"][0])

    config = uvicorn.Config(answer, lifespan="off")  # as Gradio makes it
    config.load()
    said = ", ".join(["192.0.2.66", "203.0.113.9", *proxies[1:]]).encode()  # the first is what a caller made up
    scope = {"type": "http", "client": (proxies[0], 1), "headers": [(b"x-forwarded-for", said)]}
    asyncio.run(config.loaded_app(scope, None, None))
    assert seen == [caller]
