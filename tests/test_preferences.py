"""What a browser remembers for a person, and what the page says of itself."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from omniedit.services.editing import EditingService
from omniedit.services.models import about
from omniedit.settings import Settings
from omniedit.types import Role
from tests.pages import within_page
from ui.preferences import PreferencesPanel, consent_of, known
from ui.sessions import Sessions


@pytest.mark.parametrize(
    "kept", [None, 7, [], "x", {}, {"consents": {"ann": "yes"}, "engine": 3, "toured": 1, "more": {}}]
)
def test_what_a_browser_makes_up_counts_as_nothing(kept: Any) -> None:
    assert known(kept) == {"consents": {}, "engine": "", "toured": False}


def test_what_was_said_is_kept() -> None:
    said = {"consents": {"user:ann": False}, "engine": "auto", "toured": True}
    assert known(said) == said


def test_users_of_one_browser_answer_each_for_themselves() -> None:
    kept = {"consents": {"user:ann": True, "user:cho": False}}
    assert [consent_of(kept, f"user:{name}") for name in ("ann", "bob", "cho")] == [True, None, False]


def test_it_says_what_it_is_with_the_figures_and_limits_of_the_card() -> None:
    said = about(Settings())
    assert "OMNI-EDIT" in said and "## Figures" in said and "## What it cannot do" in said
    assert "overall" in said and "![" not in said and "## Training" not in said


def test_a_model_without_a_card_is_said_to_have_none(tmp_path: Path) -> None:
    assert about(Settings(checkpoint=tmp_path)).endswith("There is none.")


@pytest.mark.parametrize(
    ("private", "name", "told"), [(True, None, True), (False, "ann", True), (False, "bob", False), (False, None, False)]
)
def test_who_runs_the_app_is_told_where_edits_are_kept_and_nobody_else(
    tmp_path: Path, private: bool, name: str | None, told: bool
) -> None:
    sessions = Sessions(private, {"ann": Role.ADMIN, "bob": Role.CREATOR}.get)
    service = EditingService(Settings(home=tmp_path))
    panel = within_page(lambda: PreferencesPanel(service, sessions, None))
    request: Any = SimpleNamespace(username=name, session_hash="page", headers={}, client=None)
    assert (str(tmp_path) in panel.tells_where(request)) is told
    assert told or not panel.tells_where(request)
