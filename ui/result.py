"""The panel of a finished edit: compare, choose a variant, take it away, go on from it, keep it in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import Any

import gradio as gr

from omniedit.errors import OmniEditError
from omniedit.services.album import MAX_TITLE, Album, State
from ui.forms import Update
from ui.sessions import Sessions
from ui.shown import GONE, Shown, on_page_of, run_compare
from ui.words import say, tongue

__all__ = ["ResultPanel"]

BINNED = say("Deleted: it is in the bin of the history, from where it can be put back until the bin is emptied.")
BACK = say("It is back.")
SLIDER, HOLD, DIFFERENCE, FULL = "slider", "hold", "difference", "full"
WAYS = [  # of comparing
    (say("Slider"), SLIDER),
    (say("Hold"), HOLD),
    (say("What changed"), DIFFERENCE),
    ("100 %", FULL),
]
QUESTION = say(
    "May what you edit be used to train the small model here? It stays on this machine, each edit has a switch of its "
    "own, and *Settings* changes the answer."
)
FULL_SAYS = say("Each pixel of the picture is one of the screen: draw it about. The key **O** shows the original.")
HOW_TO_HOLD = say("Press the picture, or the key **O**, to see the original as long as you hold it.")


class Question:
    """Whether edits may be used for training, asked until it is answered (see `preferences`)."""

    def __init__(self) -> None:
        """Make the widgets."""
        with gr.Row(visible=False, elem_id="question") as self.box:
            gr.Markdown(QUESTION)
            self.yes = gr.Button(say("Yes"), size="sm", min_width=60, elem_id="question-yes")
            self.no = gr.Button(say("No"), size="sm", min_width=60, elem_id="question-no")


class ResultPanel:
    """Widgets and wiring; `last` is the edit on display, `about` its id until another photo is on the canvas.

    Without an album nothing is kept, and its tools are hidden.
    """

    def __init__(self, sessions: Sessions, album: Album | None, notice: gr.Markdown) -> None:
        """Make the widgets of the tab; `notice` takes sentences for the person."""
        self.sessions, self.album, self.notice = sessions, album, notice
        self.last, self.about = gr.State(None), gr.State(None)
        self.compare = gr.ImageSlider(
            label=say("Before and after"),
            show_label=False,
            type="filepath",
            interactive=False,
            height=430,
            elem_id="compare",
        )
        self.coming = gr.HTML("", padding=False, elem_id="coming")
        self.flat = gr.Image(
            show_label=False,
            type="filepath",
            format="png",
            interactive=False,
            buttons=["fullscreen"],
            height=430,
            visible=False,
            elem_id="flat",
        )
        self.way = gr.Radio(WAYS, value=SLIDER, show_label=False, container=False, visible=False, elem_id="way")
        with gr.Row(elem_id="wording"):
            self.words = gr.HTML("", padding=False, elem_id="asked")
            self.reuse = gr.Button(
                say("Use these words"), size="sm", min_width=120, visible=False, scale=0, elem_id="reuse"
            )
        self.facts = gr.Markdown("", elem_id="facts")
        self.gallery = gr.Gallery(
            label=say("Variants: choose one"),
            show_label=False,
            visible=False,
            columns=4,
            height="auto",
            buttons=[],
            format="png",
            elem_id="gallery",
        )
        with gr.Row():
            self.download = gr.DownloadButton(say("Download PNG"), interactive=False, elem_id="download")
            self.again = gr.Button(say("Edit it further"), interactive=False, elem_id="again")
        self.question = Question()
        with gr.Column(visible=False, elem_id="keeping") as self.keeping:
            with gr.Row():
                self.star = gr.Button(say("☆ Star"), size="sm", min_width=90, elem_id="star")
                self.delete = gr.Button(say("Delete"), size="sm", min_width=90, elem_id="delete")
                self.consent = gr.Checkbox(
                    label=say("May be used for training"), container=False, min_width=200, elem_id="consent"
                )
            self.title = gr.Textbox(
                label=say("Name"),
                placeholder=say("a name to find it by"),
                max_length=MAX_TITLE,
                max_lines=1,
                elem_id="name",
            )
        self.pictures = [self.compare, self.flat, self.way, self.download, self.last]
        self.tools = [self.keeping, self.star, self.delete, self.title, self.consent, self.last, notice]
        self.outputs = [
            *self.pictures,
            self.coming,
            self.gallery,
            self.again,
            self.words,
            self.reuse,
            self.facts,
            self.about,
            self.question.box,
            *self.tools[:-2],
        ]

    def looked_at(self, shown: Shown) -> Update:
        """The variant that is chosen."""
        return {
            self.compare: gr.ImageSlider(
                (str(shown.before), str(shown.after)), slider_position=shown.middle, elem_classes=[]
            ),
            self.flat: gr.Image(visible=False),
            self.way: gr.Radio(value=SLIDER, visible=True),
            self.download: gr.DownloadButton(value=str(shown.after), interactive=True),
            self.last: shown,
        }

    def shows(self, shown: Shown) -> Update:
        """All of an edit."""
        pictures = [(str(path), label) for path, label in zip(shown.variants, shown.labels, strict=True)]
        return {
            **self.looked_at(shown),
            self.coming: "",
            self.gallery: gr.Gallery(pictures, visible=len(pictures) > 1, selected_index=None),
            self.again: gr.Button(interactive=True),
            self.words: f"<strong>{escape(shown.words)}</strong>",
            self.reuse: gr.Button(visible=True),
            self.facts: shown.facts,
            self.about: shown.edit,
            self.question.box: gr.Row(visible=False),  # it is about an edit that was just made
            **self._kept(shown),
        }

    def _kept(self, shown: Shown) -> Update:
        return {
            self.keeping: gr.Column(visible=shown.edit is not None),
            self.star: gr.Button(say("★ Starred") if shown.state.starred else say("☆ Star")),
            self.delete: gr.Button(say("Put back") if shown.state.binned else say("Delete")),
            self.title: shown.state.title,
            self.consent: shown.state.consent,
            self.last: shown,
        }

    def wire(self) -> None:
        """What the tools do."""
        quick: dict[str, Any] = {"queue": False, "api_visibility": "private"}

        self.gallery.select(
            self._on_choose, self.last, [*self.pictures, self.notice], api_visibility="private", queue=False
        )
        outputs = [self.compare, self.flat, self.last, self.notice]
        self.way.input(self._on_way, [self.last, self.way], outputs, api_visibility="private")
        if self.album is None:
            return
        self.star.click(self._on_star, self.last, self.tools, **quick)
        self.delete.click(self._on_delete, self.last, self.tools, **quick)
        for leaving in (self.title.submit, self.title.blur):
            leaving(self._on_name, [self.last, self.title], self.tools, **quick)
        self.consent.input(self._on_consent, [self.last, self.consent], self.tools, **quick)

    def _on_choose(self, request: gr.Request, shown: Shown | None, event: gr.SelectData) -> Update:
        try:
            return self.looked_at(on_page_of(request, self.album, self.sessions, shown).choose(event.index))
        except OmniEditError as error:
            return {self.notice: tongue(request)(str(error))}

    def _on_way(self, request: gr.Request, shown: Shown | None, way: str) -> Update:
        """Before and after under a slider, one over the other while it is held, or what differs."""
        try:
            shown = on_page_of(request, self.album, self.sessions, shown)
            picture, says, classes = shown.after, HOW_TO_HOLD, ["held"]
            if way == FULL:
                says, classes = FULL_SAYS, ["full"]
            if way == DIFFERENCE:
                folder = self.sessions.folder(request.session_hash or "")
                picture, says = run_compare(shown, folder, tongue(request))
                classes = []
        except OmniEditError as error:
            return {self.notice: tongue(request)(str(error))}
        if way == SLIDER:
            pictures = (str(shown.before), str(shown.after))
            slider = gr.ImageSlider(pictures, slider_position=shown.middle, elem_classes=[])
            return {self.compare: slider, self.flat: gr.Image(visible=False), self.last: shown, self.notice: ""}
        return {
            self.compare: gr.ImageSlider(elem_classes=["away"]),
            self.flat: gr.Image(str(picture), visible=True, elem_classes=classes),
            self.last: shown,
            self.notice: says,
        }

    def _on_star(self, request: gr.Request, shown: Shown | None) -> Update:
        return self.change(request, shown, lambda now: {"starred": not now.starred})

    def _on_delete(self, request: gr.Request, shown: Shown | None) -> Update:
        return self.change(request, shown, lambda now: {"binned": not now.binned})

    def _on_name(self, request: gr.Request, shown: Shown | None, title: str) -> Update:
        return self.change(request, shown, lambda now: {"title": title})

    def _on_consent(self, request: gr.Request, shown: Shown | None, given: bool) -> Update:
        return self.change(request, shown, lambda now: {"consent": given})

    def change(
        self, request: gr.Request, shown: Shown | None, what: Callable[[State], dict[str, bool | str]]
    ) -> Update:
        """Write down `what` of the edit's state becomes another, then show how it is: another page may have changed it.

        What is not this owner's is refused by the album.
        """
        album = self.album
        if shown is None or shown.edit is None or album is None:
            return {self.notice: GONE}
        try:
            owner = self.sessions.owner(request)
            changes = what(album.state(owner, shown.edit))
            now = album.change(owner, shown.edit, **changes)
        except OmniEditError as error:
            return {self.notice: tongue(request)(str(error)), **self._kept(shown)}
        says = "" if "binned" not in changes else BINNED if now.binned else BACK
        return {self.notice: says, **self._kept(replace(shown, state=now))}
