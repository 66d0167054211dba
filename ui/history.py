"""The panel of what was edited: small pictures to choose from; a chosen edit is shown as it was when it was made."""

from __future__ import annotations

from typing import Any

import gradio as gr

from omniedit.errors import BadInput, OmniEditError
from omniedit.services.album import PAGE, Album, Card, Scope
from ui.forms import Update
from ui.opening import Desk
from ui.plan import RESULT
from ui.result import ResultPanel
from ui.sessions import Sessions
from ui.shown import Shown, run_open
from ui.tree import PHOTO, PICK, drawn
from ui.words import say, tongue

__all__ = ["HistoryPanel"]

SCOPES = [
    (say("This photo"), Scope.PHOTO.value),
    (say("All"), Scope.ALL.value),
    (say("Starred"), Scope.STARRED.value),
    (say("Unfinished"), Scope.UNFINISHED.value),
    (say("Bin"), Scope.BIN.value),
]
NONE_YET = say("Nothing here yet: every edit that you make is kept here, until you delete it.")
NONE_YET_HERE = say("Nothing here yet: your edits are kept here as long as this page is open, then they are removed.")
NONE_OF = {
    Scope.PHOTO: say("Nothing here yet: what you make of a photo is shown here as a tree, once you have edited it."),
    Scope.STARRED: say("Nothing is starred yet: **☆ Star** below a result keeps it in this list."),
    Scope.UNFINISHED: say("Nothing is unfinished."),
    Scope.BIN: say("The bin is empty."),
}
CLEAR = {Scope.UNFINISHED: say("Delete all unfinished"), Scope.BIN: say("Empty the bin")}
GONE = say("This page is older than the app that it talks to; reload it.")
NONE_SUCH = say("Nothing here is like this.")


class HistoryPanel:
    """Widgets and wiring; `cards` are the ids of the edits on display, in their order."""

    def __init__(self, album: Album, sessions: Sessions, stage: gr.Tabs, notice: gr.Markdown) -> None:
        """Make the widgets of the tab; `stage` holds it, `notice` takes sentences for the person."""
        self.album, self.sessions, self.stage, self.notice = album, sessions, stage, notice
        self.cards = gr.State(())
        with gr.Row():
            self.scope = gr.Dropdown(
                SCOPES,
                value=Scope.ALL.value,
                label=say("Edits"),
                scale=2,
                elem_id="history-scope",
            )
            self.words = gr.Textbox(
                label=say("Search"),
                placeholder=say("words of the instruction, or a name"),
                max_lines=1,
                scale=3,
                elem_id="history-words",
            )
        self.gallery = gr.Gallery(
            label=say("Edits: choose one"),
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
        self.tree = gr.HTML(visible=False, js_on_load=PICK, elem_id="tree")
        self.none_yet = NONE_YET if sessions.private else NONE_YET_HERE
        self.empty = gr.Markdown(self.none_yet, elem_id="history-empty")
        with gr.Row():
            self.older = gr.Button(say("Show older"), size="sm", visible=False, elem_id="older")
            self.clear = gr.Button("", size="sm", variant="stop", visible=False, elem_id="clear")
        self.outputs = [self.cards, self.gallery, self.tree, self.empty, self.older, self.clear, self.notice]

    def wire(self, tab: gr.Tab, result: ResultPanel, desk: Desk) -> None:
        """`tab` holds the panel; a chosen edit goes to `result`."""
        asked = [result.about, self.scope, self.words]
        settings: dict[str, Any] = {"queue": False, "api_visibility": "private"}
        for event in (tab.select, self.scope.input, self.words.submit):
            event(self.looks, asked, self.outputs, **settings)
        self.older.click(self.looks, [*asked, self.cards], self.outputs, **settings)
        self.clear.click(self._on_clear, asked, self.outputs, **settings)
        outputs = [self.stage, self.notice, *result.outputs, *desk.outputs]

        def chosen(request: gr.Request, cards: tuple[str, ...], scope: str, name: str) -> Update:
            try:
                if name == PHOTO and cards:
                    return desk.photo_of(request, cards[0])
                if name in cards and self.album.put_back(self.sessions.owner(request), name):
                    return desk.take_up(request, name)
                shown = self.picked(request, cards, name)
            except OmniEditError as error:
                return {self.notice: tongue(request)(str(error))}
            return {self.stage: gr.Tabs(selected=RESULT), self.notice: "", **result.shows(shown)}

        def on_choose(request: gr.Request, cards: tuple[str, ...], scope: str, event: gr.SelectData) -> Update:
            return chosen(request, cards, scope, cards[event.index] if event.index < len(cards) else "")

        def on_pick(request: gr.Request, cards: tuple[str, ...], scope: str, event: gr.EventData) -> Update:
            return chosen(request, cards, scope, str((event._data or {}).get("edit")))

        given = [self.cards, self.scope]
        self.gallery.select(on_choose, given, outputs, api_visibility="private")
        self.tree.select(on_pick, given, outputs, api_visibility="private")

    def picked(self, request: gr.Request, cards: tuple[str, ...], name: str) -> Shown:
        """The edit of that id, which is to be among those on display. Raises the project's errors."""
        if name not in cards:
            raise BadInput(GONE)
        folder = self.sessions.folder(request.session_hash or "")
        return run_open(self.album, self.sessions.owner(request), name, folder, tongue(request))

    def looks(
        self, request: gr.Request, about: str | None, scope: str, words: str, before: tuple[str, ...] = ()
    ) -> Update:
        """The cards of the scope that have the words; a page more of them than the ones that were there `before`.

        `about` is an edit of the photo that is worked on.
        """
        try:
            owner = self.sessions.owner(request)
            found = page = self.album.cards(owner, Scope(scope), words, about)
            while len(page) == PAGE and len(found) <= len(before):
                page = self.album.cards(owner, Scope(scope), words, about, after=found[-1].id)
                found += page
            is_tree = scope == Scope.PHOTO and bool(found)
            tree = drawn(self.album.photo(owner, found[0].id), found, about, tongue(request)) if is_tree else ""
            folder = self.sessions.folder(request.session_hash or "")
            pictures = [] if is_tree else [(str(card.copied(folder)), _caption(card)) for card in found]
        except OmniEditError as error:
            return {self.notice: tongue(request)(str(error))}
        return {
            self.cards: tuple(card.id for card in found),
            self.gallery: gr.Gallery(pictures, visible=bool(pictures), selected_index=None),
            self.tree: gr.HTML(tree, visible=is_tree),
            self.empty: gr.Markdown(
                NONE_SUCH if words.strip() else NONE_OF.get(Scope(scope), self.none_yet), visible=not found
            ),
            self.older: gr.Button(visible=len(page) == PAGE and not is_tree),
            self.clear: gr.Button(CLEAR.get(Scope(scope), ""), visible=bool(found) and Scope(scope) in CLEAR),
            self.notice: "",
        }

    def _on_clear(self, request: gr.Request, about: str | None, scope: str, words: str) -> Update:
        try:
            gone = self.album.clear(self.sessions.owner(request), Scope(scope))
        except OmniEditError as error:
            return {self.notice: tongue(request)(str(error))}
        what = say("Edits removed for good") if Scope(scope) == Scope.BIN else say("Edits put into the bin")
        return {**self.looks(request, about, scope, words), self.notice: f"{what}: {gone}."}


def _caption(card: Card) -> str:
    """Whether starred, the words."""
    return f"{'★ ' if card.starred else ''}{card.says}"
