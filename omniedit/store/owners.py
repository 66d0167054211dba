"""Whose an edit is: a user's, this machine's, or a stranger's."""

from __future__ import annotations

__all__ = ["STRANGER", "may_train"]

STRANGER = "page:"  # before the name of a page that anybody may have opened: it is an owner of its own


def may_train(owner: str) -> bool:
    """Whether this owner can let edits be used for training: of a stranger nobody knows who has said so."""
    return not owner.startswith(STRANGER)
