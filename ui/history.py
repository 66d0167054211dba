"""The panel of what was edited: small pictures to choose from; a chosen edit is shown as it was when it was made."""

from __future__ import annotations

from typing import Any

import gradio as gr

from omniedit.errors import OmniEditError
from omniedit.services.album import Album, Card, Scope
from ui.handlers import Shown, run_open
from ui.plan import RESULT, Update
from ui.result import ResultPanel
from ui.sessions import Sessions

__all__ = ["HistoryPanel"]

NONE_YET = "Nothing here yet: every edit that you make is kept here, until you delete it."
NONE_SUCH = "Nothing here is like this."


class HistoryPanel:
    """Widgets and wiring; `cards` are the ids of the edits on display, in their order."""

    def __init__(self, album: Album, sessions: Sessions, stage: gr.Tabs, notice: gr.Markdown) -> None:
        """Make the widgets of the tab; `stage` holds it, `notice` takes sentences for the person."""
        self.album, self.sessions, self.stage, self.notice = album, sessions, stage, notice
        self.cards = gr.State(())
        with gr.Row():
            self.scope = gr.Dropdown(
                [scope.value for scope in Scope],
                value=Scope.ALL.value,
                label="Edits",
                scale=2,
                elem_id="history-scope",
            )
            self.words = gr.Textbox(
                label="Search",
                placeholder="words of the instruction, or a name",
                max_lines=1,
                scale=3,
                elem_id="history-words",
            )
        self.gallery = gr.Gallery(
            label="Edits: choose one",
            show_label=False,
            columns=3,
            height="auto",
            allow_preview=False,
            interactive=False,
            buttons=[],
            visible=False,
            elem_id="history",
            elem_classes="cards",
        )
        self.empty = gr.Markdown(NONE_YET, elem_id="history-empty")
        self.outputs = [self.cards, self.gallery, self.empty, self.notice]

    def wire(self, tab: gr.Tab, result: ResultPanel) -> None:
        """`tab` holds the panel; a chosen edit goes to `result`."""
        asked = [result.last, self.scope, self.words]
        settings: dict[str, Any] = {"queue": False, "api_visibility": "private"}
        for event in (tab.select, self.scope.input, self.words.submit):
            event(self.looks, asked, self.outputs, **settings)
        outputs = [self.stage, self.notice, *result.outputs]

        def on_choose(request: gr.Request, cards: tuple[str, ...], event: gr.SelectData) -> Update:
            folder = self.sessions.folder(request.session_hash or "")
            try:
                shown = run_open(self.album, self.sessions.owner(request), cards[event.index], folder)
            except OmniEditError as error:
                return {self.notice: str(error)}
            return {self.stage: gr.Tabs(selected=RESULT), self.notice: "", **result.shows(shown)}

        self.gallery.select(on_choose, self.cards, outputs, api_visibility="private")

    def looks(self, request: gr.Request, last: Shown | None, scope: str, words: str) -> Update:
        """The cards of the scope that have the words."""
        try:
            found = self.album.cards(self.sessions.owner(request), Scope(scope), words, last.edit if last else None)
        except OmniEditError as error:
            return {self.notice: str(error)}
        folder = self.sessions.folder(request.session_hash or "")
        pictures = [(str(card.copied(folder)), _caption(card)) for card in found]
        return {
            self.cards: tuple(card.id for card in found),
            self.gallery: gr.Gallery(pictures, visible=bool(found), selected_index=None),
            self.empty: gr.Markdown(NONE_SUCH if words.strip() else NONE_YET, visible=not found),
            self.notice: "",
        }


def _caption(card: Card) -> str:
    """How deep in the tree, whether starred, the words."""
    return f"{'› ' * card.depth}{'★ ' if card.starred else ''}{card.says}"
