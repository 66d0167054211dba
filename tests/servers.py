"""A PostgreSQL server of the tests' own, in a folder that goes with it; without TCP, so nobody else meets it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))  # where Debian keeps what is not for everyday use


def postgres_programs() -> Path | None:
    """The folder of initdb and pg_ctl, None where PostgreSQL is not installed."""
    if PROGRAMS:
        return PROGRAMS[-1]
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def postgres(durable: bool = False) -> Iterator[str]:
    """The address of a new server, with {name} for that of a database; it stops at the end.

    `durable`: what is written survives a loss of power, as on a real one; tests do not need it.
    """
    programs = postgres_programs()
    assert programs is not None, "PostgreSQL is not installed: sudo apt-get install postgresql"
    user = "postgres" if os.geteuid() == 0 else None  # it does not run as root
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: the path of a socket may have 107 characters
    if user is not None:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    try:
        run("initdb", "-U", "omniedit", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses= -c max_connections=60" + ("" if durable else " -c fsync=off")
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        yield f"postgresql://omniedit@/{{name}}?host={folder}"
        run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
