"""The screen of models: who runs the app is told where they are, strangers what keeps one from running and no path."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from omniedit.services.editing import EditingService
from omniedit.settings import Settings
from omniedit.types import Role
from tests.pages import within_page
from ui.models import ModelsPanel
from ui.sessions import Sessions


def told(settings: Settings, private: bool, name: str | None = None) -> str:
    """What the screen says of the engines; ann is an admin."""
    sessions = Sessions(private, {"ann": Role.ADMIN, "bob": Role.CREATOR}.get)
    panel = within_page(lambda: ModelsPanel(EditingService(settings), sessions, None))
    request: Any = SimpleNamespace(username=name, session_hash="page", headers={}, client=None)
    (text,) = panel._shows_engines(request).values()
    return str(text)


def test_who_runs_the_app_is_told_where_a_model_is_and_nobody_else() -> None:
    settings = Settings()
    where = f"On this machine: `{settings.checkpoint_dir}`"
    assert where in told(settings, private=True) and where in told(settings, False, "ann")
    for name in (None, "bob"):
        assert str(settings.checkpoint_dir) not in told(settings, False, name)


def test_strangers_are_told_why_an_engine_cannot_run_but_no_folder(tmp_path: Path) -> None:
    settings = Settings(checkpoint=tmp_path / "nothing")
    mine, theirs = told(settings, private=True), told(settings, private=False)
    for text in (mine, theirs):
        assert "None of its models is on this machine" in text and "**editnet-mini** · not on this machine" in text
    assert f"no finished checkpoint at {tmp_path / 'nothing'}" in mine
    assert str(tmp_path) not in theirs and "checkpoint at" not in theirs
