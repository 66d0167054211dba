"""Back and forth between the edits that were made one on the other: what is on the canvas is exchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from omniedit.errors import OmniEditError
from omniedit.services.album import Album
from ui.forms import Update
from ui.handlers import Shown, run_open
from ui.mask import on_canvas
from ui.sessions import Sessions

__all__ = ["Steps"]

NO_BACK = "There is nothing to take back: the photo is as it came. Edit it further from a result, and it can be."
NO_FORTH = "There is nothing to bring back."


class Steps:
    """Widgets and wiring; `origin` is the edit whose result is on the canvas, `undone` those that were taken back."""

    def __init__(self, album: Album | None, sessions: Sessions) -> None:
        """Make the widgets."""
        self.album, self.sessions = album, sessions
        self.origin, self.undone = gr.State(None), gr.State(())
        self.back = gr.Button("↶ Undo", size="sm", min_width=80, elem_id="step-back")
        self.forth = gr.Button("↷ Redo", size="sm", min_width=80, elem_id="step-forth")

    def at(self, origin: Shown | None) -> Update:
        """The canvas shows another picture: the result of `origin`, or a photo that is not of the page's making."""
        return {self.origin: origin, self.undone: ()}

    def wire(
        self, canvas: gr.ImageEditor, notice: gr.Markdown, empty: Callable[[], Update], outputs: list[Any]
    ) -> None:
        """`empty` says how the plan looks when another picture comes; `outputs`: its widgets and the notice."""
        quick: dict[str, Any] = {"queue": False, "api_visibility": "private"}
        states = [self.origin, self.undone]
        outputs = [canvas, *states, *outputs]

        def on_back(request: gr.Request, origin: Shown | None, undone: tuple[Shown, ...]) -> Update:
            if origin is None:
                return {notice: NO_BACK}
            return {
                **empty(),
                canvas: on_canvas(str(origin.before)),
                self.origin: self._above(request, origin),
                self.undone: (*undone, origin),
            }

        def on_forth(undone: tuple[Shown, ...]) -> Update:
            if not undone:
                return {notice: NO_FORTH}
            *rest, last = undone
            return {**empty(), canvas: on_canvas(str(last.after)), self.origin: last, self.undone: tuple(rest)}

        self.back.click(on_back, states, outputs, **quick)
        self.forth.click(on_forth, self.undone, outputs, **quick)

    def _above(self, request: gr.Request, shown: Shown) -> Shown | None:
        """The edit that it went on from; None for a first one, and where nothing is kept."""
        if self.album is None or shown.edit is None:
            return None
        try:
            owner, folder = self.sessions.owner(request), self.sessions.folder(request.session_hash or "")
            parent = self.album.open(owner, shown.edit).parent
            return None if parent is None else run_open(self.album, owner, parent, folder)
        except OmniEditError:  # it was deleted for good
            return None
