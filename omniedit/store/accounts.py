"""Who may sign in, and as what. Passwords are kept as their hashes alone; each change is in the audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from omniedit.errors import BadInput
from omniedit.store.database import Database
from omniedit.store.owners import LOCAL, of_user
from omniedit.store.schema import Account, Edit, Record

__all__ = ["Accounts", "Holder"]


@dataclass(frozen=True)
class Holder:
    """Somebody who may sign in; `secret` is the hash of the password."""

    name: str
    secret: str
    role: str
    made: datetime


class Accounts:
    """The accounts of a database; `who` makes the changes."""

    def __init__(self, database: Database, who: str) -> None:
        self.database, self.who = database, who

    def all(self) -> tuple[Holder, ...]:
        """By name."""
        with self.database.reading() as session:
            return tuple(_holder(row) for row in session.scalars(select(Account).order_by(Account.name)))

    def of(self, name: str) -> Holder | None:
        """The account of that name."""
        with self.database.reading() as session:
            row = session.get(Account, name)
            return None if row is None else _holder(row)

    def add(self, name: str, secret: str, role: str) -> None:
        """A new account; BadInput where there is one of that name."""
        with self.database.writing() as session:
            if session.get(Account, name) is not None:
                raise BadInput(f"There is a user {name!r} already; choose another name, or change that one.")
            session.add(Account(name=name, secret=secret, role=role, made=datetime.now(UTC)))
            self._note(session, "user added", name, role)

    def change(self, name: str, secret: str | None = None, role: str | None = None) -> None:
        """Another password, another role; BadInput where there is no such account."""
        with self.database.writing() as session:
            row = _row(session, name)
            row.secret, row.role = secret or row.secret, role or row.role
            self._note(session, "user changed", name, role)

    def remove(self, name: str) -> None:
        """Nobody signs in by that name any more; what was edited stays."""
        with self.database.writing() as session:
            session.delete(_row(session, name))
            self._note(session, "user removed", name, None)

    def local(self) -> int:
        """How many edits were made on this machine without signing in."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).where(Edit.owner == LOCAL)) or 0

    def take_local(self, name: str) -> None:
        """Make these that user's; BadInput where there is no such account."""
        with self.database.writing() as session:
            _row(session, name)
            session.execute(update(Edit).where(Edit.owner == LOCAL).values(owner=of_user(name)))
            self._note(session, "local edits taken", name, None)

    def _note(self, session: Session, what: str, name: str, role: str | None) -> None:
        details = None if role is None else {"role": role}
        session.add(Record(at=datetime.now(UTC), who=self.who, what=what, about=name, details=details))


def _row(session: Session, name: str) -> Account:
    row = session.get(Account, name)
    if row is None:
        raise BadInput(f"There is no user {name!r}; `omniedit user list` shows who there is.")
    return row


def _holder(row: Account) -> Holder:
    return Holder(row.name, row.secret, row.role, row.made)
