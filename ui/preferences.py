"""What a person sets once: kept by their browser. The first-run tour, the question about training, the settings."""

from __future__ import annotations

from typing import Any

import gradio as gr

from omniedit.services.album import Album
from omniedit.services.editing import EditingService
from ui.forms import Update
from ui.handlers import Shown
from ui.looks import THEMES
from ui.result import ResultPanel
from ui.sessions import Sessions

__all__ = ["PreferencesPanel", "Tour", "known"]

KEY = "omniedit"  # in the browser's storage; nothing in it is secret
UNSET: dict[str, Any] = {"consent": None, "engine": "", "toured": False}
TOUR = (
    "**1** Drop a photo, or choose one of the examples below. **2** Say what to change in your own words, or use the "
    "form of a task. **3** *Show plan* outlines what will change: if it is wrong, click in it or paint on the photo. "
    "**4** Press *Edit*, compare, and go on from the result; all you made is in *History*."
)
KEYS = (
    "**Keys** (where nothing is typed): **B** brush, **E** eraser, **Z** and **Shift Z** undo and redo a stroke, **P** "
    "mask from the plan, **I** invert, **+** and **-** grow and shrink, **X** clear, **K** keep, **M** use; **U** and "
    "**Shift U** undo and redo an edit; **O** holds the original."
)
YES, NO, LATER = "Yes", "No", "Ask me"
SAID = {YES: True, NO: False, LATER: None}


class Tour:
    """Four sentences for who is here for the first time."""

    def __init__(self) -> None:
        """Make the widgets."""
        with gr.Row(visible=False, elem_id="tour") as self.box:
            gr.Markdown(TOUR)
            self.done = gr.Button("Got it", size="sm", min_width=80, elem_id="tour-done")


class PreferencesPanel:
    """Widgets and wiring; `kept` is what the browser remembers."""

    def __init__(self, service: EditingService, sessions: Sessions, album: Album | None) -> None:
        """Make the widgets; without an album nothing is kept, and so nothing asked about training."""
        self.service, self.sessions, self.album = service, sessions, album
        self.kept = gr.BrowserState(UNSET, storage_key=KEY, secret=KEY)
        usual = service.engines()[0]
        with gr.Accordion("Settings", open=False, elem_id="settings"):
            with gr.Row():
                self.consent = gr.Radio(
                    list(SAID),
                    value=LATER,
                    label="New edits may be used for training",
                    visible=album is not None,
                    elem_id="settings-consent",
                )
                self.engine = gr.Dropdown(service.engines(), value=usual, label="Engine to begin with")
                self.theme = gr.Radio(THEMES, value=THEMES[0], label="Colours", elem_id="settings-theme")
            gr.Markdown(KEYS)
            if sessions.private:
                gr.Markdown(_where(service))

    def wire(self, page: gr.Blocks, tour: Tour, result: ResultPanel, engine: gr.Dropdown) -> None:
        """`engine` is the one for the next edit; below the `result` the question about training is asked."""
        quick: dict[str, Any] = {"queue": False, "api_visibility": "private"}
        asked = [result.last, self.kept]

        def on_load(kept: dict[str, Any]) -> Update:
            kept = known(kept)
            chosen = kept["engine"] if kept["engine"] in self.service.engines() else self.service.engines()[0]
            return {
                tour.box: gr.Row(visible=not kept["toured"]),
                self.consent: next(name for name, said in SAID.items() if said is kept["consent"]),
                self.engine: chosen,
                engine: chosen,
            }

        page.load(on_load, self.kept, [tour.box, self.consent, self.engine, engine], **quick)
        page.load(None, None, self.theme, js="() => theme()", **quick)
        self.theme.input(None, self.theme, None, js="name => { theme(name); return [] }", **quick)
        tour.done.click(
            lambda kept: {self.kept: {**known(kept), "toured": True}, tour.box: gr.Row(visible=False)},
            self.kept,
            [self.kept, tour.box],
            **quick,
        )
        self.consent.input(
            lambda kept, name: {**known(kept), "consent": SAID[name]}, [self.kept, self.consent], self.kept, **quick
        )
        self.engine.input(
            lambda kept, name: ({**known(kept), "engine": name}, name),
            [self.kept, self.engine],
            [self.kept, engine],
            **quick,
        )
        if self.album is None:
            return
        question = result.question
        result.last.change(
            lambda shown, kept: gr.Row(visible=bool(shown and shown.edit) and known(kept)["consent"] is None),
            asked,
            question.box,
            **quick,
        )
        outputs = [self.kept, self.consent, question.box, result.consent, result.last, result.notice]
        for button, name in ((question.yes, YES), (question.no, NO)):

            def on_answer(request: gr.Request, shown: Shown | None, kept: dict[str, Any], name: str = name) -> Update:
                said = SAID[name]
                changed = result.change(request, shown, lambda now: {"consent": bool(said)})
                here = {widget: value for widget, value in changed.items() if widget in outputs}
                return {
                    **here,
                    self.kept: {**known(kept), "consent": said},
                    self.consent: name,
                    question.box: gr.Row(visible=False),
                }

            button.click(on_answer, asked, outputs, **quick)


def known(kept: Any) -> dict[str, Any]:
    """What a browser sent, as far as it can be meant: it may be of another version, or made up."""
    given = kept if isinstance(kept, dict) else {}
    consent, engine = given.get("consent"), given.get("engine")
    return {
        "consent": consent if isinstance(consent, bool) else None,
        "engine": engine if isinstance(engine, str) else "",
        "toured": given.get("toured") is True,
    }


def _where(service: EditingService) -> str:
    settings = service.settings
    base = "PostgreSQL" if settings.database_url else f"`{settings.database}`"
    return (
        f"Edits and pictures are in `{settings.home_dir}` (`OMNIEDIT_HOME`), their list in {base} "
        f"(`OMNIEDIT_DATABASE_URL`). Results {'carry' if settings.recipes else 'do not carry'} how they were made "
        "(`OMNIEDIT_RECIPES`). The README names all settings."
    )
