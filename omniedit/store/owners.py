"""Whose an edit is: a user's, this machine's, or a stranger's."""

from __future__ import annotations

__all__ = ["LOCAL", "STRANGER", "may_train", "of_user"]

LOCAL = "local"  # who edits where nobody signs in
STRANGER = "page:"  # before the name of a page that anybody may have opened: it is an owner of its own


def of_user(name: str) -> str:
    """Whose edits are those of the user with that name."""
    return f"user:{name}"


def may_train(owner: str) -> bool:
    """Whether this owner can let edits be used for training: of a stranger nobody knows who has said so."""
    return not owner.startswith(STRANGER)
