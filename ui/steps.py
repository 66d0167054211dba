"""Back and forth between the edits that were made one on the other: what is on the canvas is exchanged."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from omniedit.errors import BadInput, OmniEditError
from omniedit.services.album import Album
from ui.canvas import Easel
from ui.forms import Update
from ui.sessions import Sessions
from ui.shown import Shown, on_page_of, run_origin
from ui.words import say, tongue

__all__ = ["Steps"]

NO_BACK = say("There is nothing to take back: the photo is as it came. Edit it further from a result, and it can be.")
NO_FORTH = say("There is nothing to bring back.")


class Steps:
    """Widgets and wiring; `origin` is the edit whose result is on the canvas, `below` those that it was made on, oldest
    first, `undone` those that were taken back.
    """

    def __init__(self, album: Album | None, sessions: Sessions) -> None:
        """Make the widgets."""
        self.album, self.sessions = album, sessions
        self.origin, self.below, self.undone = gr.State(None), gr.State(()), gr.State(())
        self.states = [self.origin, self.below, self.undone]
        self.back = gr.Button(say("↶ Undo"), size="sm", min_width=80, elem_id="step-back")
        self.forth = gr.Button(say("↷ Redo"), size="sm", min_width=80, elem_id="step-forth")

    def at(self, origin: Shown | None) -> Update:
        """The canvas shows another picture: the result of `origin`, or a photo that is not of the page's making."""
        return {self.origin: origin, self.below: (), self.undone: ()}

    def onto(self, shown: Shown, origin: Shown | None, below: tuple[Shown, ...]) -> Update:
        """The canvas goes on to the result of `shown`, which may have been made on that of `origin`."""
        with Image.open(shown.before) as photo:
            follows = origin is not None and origin.leads_to(photo)
        return {self.origin: shown, self.below: (*below, origin) if follows else (), self.undone: ()}

    def wire(self, easel: Easel, notice: gr.Markdown, empty: Callable[[], Update], outputs: list[Any]) -> None:
        """`empty` says how the plan looks when another picture comes; `outputs`: its widgets and the notice."""
        quick: dict[str, Any] = {"queue": False, "api_visibility": "private", "show_progress": "minimal"}
        outputs = [*easel.outputs, *self.states, *outputs]

        def going(taken: Callable[..., tuple[Path, Update]]) -> Callable[..., Update]:
            def on_step(request: gr.Request, *states: Any) -> Update:
                try:
                    picture, update = taken(request, *states)
                    shown = easel.shows(picture, partial(self.sessions.place, request.session_hash or ""))
                except OmniEditError as error:
                    return {notice: tongue(request)(str(error))}
                return {**empty(), **shown, **update}

            return on_step

        self.back.click(going(self.taken_back), self.states, outputs, **quick)
        self.forth.click(going(self.brought_back), self.states, outputs, **quick)

    def taken_back(
        self, request: gr.Request, origin: Shown | None, below: tuple[Shown, ...], undone: tuple[Shown, ...]
    ) -> tuple[Path, Update]:
        """The picture that the last edit was made of, and where the canvas is then. Raises the project's errors."""
        if origin is None:
            raise BadInput(NO_BACK)
        origin = on_page_of(request, self.album, self.sessions, origin)
        *rest, above = below or (self._above(request, origin),)
        return origin.before, {self.origin: above, self.below: tuple(rest), self.undone: (*undone, origin)}

    def brought_back(
        self, request: gr.Request, origin: Shown | None, below: tuple[Shown, ...], undone: tuple[Shown, ...]
    ) -> tuple[Path, Update]:
        """The result that was taken back last, and where the canvas is then. Raises the project's errors."""
        if not undone:
            raise BadInput(NO_FORTH)
        *rest, last = undone
        last = on_page_of(request, self.album, self.sessions, last)
        below = below if origin is None else (*below, origin)
        return last.after, {self.origin: last, self.below: below, self.undone: tuple(rest)}

    def _above(self, request: gr.Request, shown: Shown) -> Shown | None:
        """The edit that one from the history went on from; None for a first one, and where nothing is kept."""
        if self.album is None or shown.edit is None:
            return None
        owner = self.sessions.owner(request)
        self.sessions.admit(request)
        with suppress(BadInput):  # it was deleted for good
            asked = self.album.asked(owner, shown.edit)
            if asked.parent is not None:
                folder = self.sessions.folder(request.session_hash or "")
                return run_origin(self.album, owner, asked.parent, asked.source, folder)
        return None
