"""Who may use the app: names, passwords, roles. A password is never kept, shown or logged."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from omniedit.errors import BadInput
from omniedit.store import Accounts, Database, Holder
from omniedit.types import Role

__all__ = ["People"]

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
SHORTEST, LONGEST = 10, 200  # characters of a password
TRIES, PAUSE = 5, 60.0  # wrong passwords of one address in a row, and seconds in which no other is looked at
TRIES_OF_ALL = 50  # the same for all addresses together: who keeps a person out has to come from many
REMEMBERED = 10_000  # names and addresses that were tried


class People:
    """The accounts of an installation; `who` makes the changes."""

    def __init__(self, database: Database, who: str = "local") -> None:
        self._accounts = Accounts(database, who)
        self._lock = threading.Lock()
        self._wrong: dict[tuple[str, str], tuple[int, float]] = {}  # how often in a row, and when last

    def all(self) -> tuple[Holder, ...]:
        """By name."""
        return self._accounts.all()

    def add(self, name: str, password: str, role: Role = Role.CREATOR) -> None:
        """A new account. Raises BadInput for a name that is taken or odd, or a password that is too short."""
        if not NAME.fullmatch(name):
            raise BadInput(f"The name is {name!r}; give 1 to 40 small letters, digits, dots, dashes or underscores.")
        self._accounts.add(name, _hashed(password), role)

    def change(self, name: str, password: str | None = None, role: Role | None = None) -> None:
        """Another password or role. Raises BadInput where there is no such account."""
        self._accounts.change(name, None if password is None else _hashed(password), role)

    def remove(self, name: str) -> None:
        """Nobody signs in by that name any more. Raises BadInput where there is no such account."""
        self._accounts.remove(name)

    def local(self) -> int:
        """How many edits were made on this machine before anybody signed in, and are nobody's yet."""
        return self._accounts.local()

    def take_local(self, name: str) -> None:
        """Make them that person's. Raises BadInput where there is no such account."""
        self._accounts.take_local(name)

    def role(self, name: str) -> Role | None:
        """What that person may do now; None for one who has no account."""
        holder = self._accounts.of(name)
        return None if holder is None else Role(holder.role)

    def account(self, name: str) -> str | None:
        """What changes with the person's password and role, and tells neither; None for one who has no account."""
        holder = self._accounts.of(name)
        return None if holder is None else hashlib.sha256(f"{holder.secret} {holder.role}".encode()).hexdigest()

    def signs_in(self, name: str, password: str, address: str = "") -> bool:
        """Whether that is the person's password. After some wrong ones from an address none is looked at for a while.

        A name that nobody has takes as long as one that somebody has.
        """
        tries = {(name, address): TRIES, (name, ""): TRIES_OF_ALL if address else TRIES}
        with self._lock:
            before = {who: self._wrong.get(who, (0, 0.0)) for who in tries}
        if any(times >= tries[who] and time.monotonic() - last < PAUSE for who, (times, last) in before.items()):
            return False
        holder = self._accounts.of(name) if NAME.fullmatch(name) else None
        right = _fits(holder.secret if holder else _nobodys(), password[: LONGEST + 1]) and holder is not None
        with self._lock:
            if len(self._wrong) >= REMEMBERED:
                self._wrong.clear()
            for who, (times, _) in before.items():
                if right:
                    self._wrong.pop(who, None)
                elif NAME.fullmatch(name):
                    self._wrong[who] = (times + 1 if times < tries[who] else 1, time.monotonic())
        return right


def _hashed(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"The password has {len(password)} characters; give {SHORTEST} to {LONGEST}.")
    return PasswordHasher().hash(password)


def _fits(secret: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(secret, password)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return PasswordHasher().hash("nobody has this password")
