"""omniedit user: who may sign in where others can reach the app."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from omniedit.errors import BadInput
from omniedit.types import Role

if TYPE_CHECKING:
    from omniedit.services.people import People

__all__ = ["add_commands"]


def add_commands(commands: Any) -> None:
    """Add the parser of this command."""
    user = commands.add_parser("user", help="say who may sign in; the password is asked for, or read from a pipe")
    actions = user.add_subparsers(required=True, metavar="ACTION")
    for name, run, says in (
        ("add", _add, "a new user"),
        ("change", _change, "another role, or with --password another one; the user has to sign in again"),
        ("remove", _remove, "the user is let in no more; what was edited stays"),
        ("list", _list, "all users"),
    ):
        action = actions.add_parser(name, help=says)
        action.set_defaults(run=run)
        if name != "list":
            action.add_argument("name")
        if name in ("add", "change"):
            usual = "creator" if name == "add" else None
            roles = [role.value for role in Role]
            action.add_argument("--role", choices=roles, default=usual, help="creator edits, curator approves")
        if name == "change":
            whose = "the edits made here before anybody signed in become this user's"
            action.add_argument("--takes-local", action="store_true", help=whose)
            action.add_argument("--password", action="store_true", help="ask for another password")


@contextmanager
def _people() -> Iterator[People]:
    from omniedit.services.people import People
    from omniedit.settings import load_settings
    from omniedit.store import open_database

    settings = load_settings()
    database = open_database(settings.database)
    try:
        yield People(database)
    finally:
        database.close()


def _password() -> str:
    """What is typed without being shown, or the first line of a pipe."""
    try:
        if sys.stdin is not None and sys.stdin.isatty():
            return getpass.getpass("Password: ")
        typed = "" if sys.stdin is None else sys.stdin.readline().rstrip("\n")
        typed.encode()
    except (EOFError, UnicodeError):
        typed = ""
    if not typed:
        raise BadInput("No password was given, or none that is text (UTF-8); type one, or send one by a pipe.")
    return typed


def _add(given: argparse.Namespace) -> int:
    with _people() as people:
        people.add(given.name, _password(), Role(given.role))
        left = people.local()
    print(f"{given.name} may sign in as {given.role}.")
    if left:
        step = f"omniedit user change {given.name} --takes-local"
        print(f"{left} edits were made here before anybody signed in; who signs in does not see them. `{step}` helps.")
    return 0


def _change(given: argparse.Namespace) -> int:
    role = None if given.role is None else Role(given.role)
    with _people() as people:
        people.change(given.name, _password() if given.password else None, role)
        if given.takes_local:
            people.take_local(given.name)
    return 0


def _remove(given: argparse.Namespace) -> int:
    with _people() as people:
        people.remove(given.name)
    return 0


def _list(given: argparse.Namespace) -> int:
    with _people() as people:
        for holder in people.all():
            print(f"{holder.name:40} {holder.role:8} since {holder.made.astimezone():%Y-%m-%d}")
    return 0
