"""What a person sets once: kept by their browser. The first-run tour, the question about training, the settings."""

from __future__ import annotations

import html
from typing import Any

import gradio as gr

from omniedit.errors import OmniEditError
from omniedit.services.album import Album
from omniedit.services.editing import EditingService
from ui.forms import Update
from ui.looks import THEMES
from ui.result import ResultPanel
from ui.sessions import Sessions
from ui.shown import Shown
from ui.words import Tell, say, tongue

__all__ = ["Greeting", "PreferencesPanel", "consent_of", "known"]

KEY = "omniedit"  # in the browser's storage; nothing in it is secret
UNSET: dict[str, Any] = {"consents": {}, "engine": "", "toured": False}
TOUR = say(
    "**1** Drop a photo, or choose one of the examples below. **2** Say what to change in your own words, or use the "
    "form of a task. **3** *Show plan* outlines what will change: if it is wrong, click in it or paint on the photo. "
    "**4** Press *Edit*, compare, and go on from the result."
)
KEYS = say(
    "**Keys** (where nothing is typed): **B** brush, **E** eraser, **Z** and **Shift Z** undo and redo a stroke, **P** "
    "mask from the plan, **I** invert, **+** and **-** grow and shrink, **F** feather, **X** clear, **K** keep, **M** "
    "use; **U** and **Shift U** undo and redo an edit; **O** holds the original (*Hold*, *100 %*)."
)
YES, NO, LATER = "yes", "no", "later"
ANSWERS = [(say("Yes"), YES), (say("No"), NO), (say("Ask me"), LATER)]
SAID = {YES: True, NO: False, LATER: None}


class Greeting:
    """Four sentences for who is here for the first time, and the name of who has signed in."""

    def __init__(self) -> None:
        """Make the widgets."""
        self.who = gr.HTML(visible=False, padding=False, elem_id="who")
        with gr.Row(visible=False, elem_id="tour") as self.tour:
            gr.Markdown(TOUR)
            self.done = gr.Button(say("Got it"), size="sm", min_width=80, elem_id="tour-done")


class PreferencesPanel:
    """Widgets and wiring; `kept` is what the browser remembers."""

    def __init__(self, service: EditingService, sessions: Sessions, album: Album | None) -> None:
        """Make the widgets; without an album nothing is kept, and so nothing asked about training."""
        self.service, self.sessions, self.album = service, sessions, album
        self.kept = gr.BrowserState(UNSET, storage_key=KEY, secret=KEY)
        usual = service.engines()[0]
        with gr.Accordion(say("Settings"), open=False, elem_id="settings"):
            with gr.Row():
                self.consent = gr.Radio(
                    ANSWERS,
                    value=LATER,
                    label=say("New edits may be used for training"),
                    visible=album is not None,
                    elem_id="settings-consent",
                )
                self.engine = gr.Dropdown(service.engines(), value=usual, label=say("Engine to begin with"))
                self.theme = gr.Radio(THEMES, value=THEMES[0][1], label=say("Colours"), elem_id="settings-theme")
            self.keys = gr.Checkbox(
                True, label=say("Single keys are commands"), container=False, elem_id="settings-keys"
            )
            gr.Markdown(KEYS)
            self.where = gr.Markdown()

    def wire(self, page: gr.Blocks, greeting: Greeting, result: ResultPanel, engine: gr.Dropdown) -> None:
        """`engine` is the one for the next edit; below the `result` the question about training is asked."""
        quick: dict[str, Any] = {"queue": False, "api_visibility": "private"}

        def on_load(request: gr.Request, kept: dict[str, Any]) -> Update:
            chosen = known(kept)["engine"]
            chosen = chosen if chosen in self.service.engines() else self.service.engines()[0]
            said = consent_of(kept, self._owner(request))
            return {
                greeting.tour: gr.Row(visible=not known(kept)["toured"]),
                greeting.who: gr.HTML(_who(request), visible=bool(request.username)),
                self.consent: gr.Radio(
                    value=next(name for name, means in SAID.items() if means is said), visible=self._may_train(request)
                ),
                self.engine: chosen,
                engine: chosen,
                result.consent: gr.Checkbox(visible=self._may_train(request)),
                self.where: self.tells_where(request),
            }

        def on_settled(request: gr.Request, kept: dict[str, Any], name: str) -> Update:
            answered = self._answered(request, kept, SAID[name])
            return {self.kept: answered, result.question.box: gr.Row(visible=False)}

        settings = [self.consent, self.engine, engine, result.consent, self.where]
        page.load(on_load, self.kept, [greeting.tour, greeting.who, *settings], **quick)
        page.load(None, None, self.theme, js="() => theme()", **quick)
        page.load(None, None, self.keys, js="() => single()", **quick)
        self.keys.input(None, self.keys, None, js="wanted => { single(wanted); return [] }", **quick)
        self.theme.input(None, self.theme, None, js="name => { theme(name); return [] }", **quick)
        greeting.done.click(
            lambda kept: {self.kept: {**known(kept), "toured": True}, greeting.tour: gr.Row(visible=False)},
            self.kept,
            [self.kept, greeting.tour],
            **quick,
        )
        question = result.question
        self.consent.input(on_settled, [self.kept, self.consent], [self.kept, question.box], **quick)
        self.engine.input(
            lambda kept, name: ({**known(kept), "engine": name}, name),
            [self.kept, self.engine],
            [self.kept, engine],
            **quick,
        )
        if self.album is None:
            return
        outputs = [self.kept, self.consent, question.box, result.consent, result.last, result.notice]
        for button, name in ((question.yes, YES), (question.no, NO)):

            def on_answer(request: gr.Request, shown: Shown | None, kept: dict[str, Any], name: str = name) -> Update:
                said = SAID[name]
                changed = result.change(request, shown, lambda now: {"consent": bool(said)})
                here = {widget: value for widget, value in changed.items() if widget in outputs}
                return {
                    **here,
                    self.kept: self._answered(request, kept, said),
                    self.consent: name,
                    question.box: gr.Row(visible=False),
                }

            button.click(on_answer, [result.last, self.kept], outputs, **quick)

    def asks(self, request: gr.Request, shown: Shown, kept: dict[str, Any]) -> bool:
        """Whether an edit that was just made is one about which to ask."""
        kept_here = shown.edit is not None and self._may_train(request)
        return kept_here and consent_of(kept, self._owner(request)) is None

    def tells_where(self, request: gr.Request) -> str:
        """Where edits are kept, for who runs the app."""
        return _where(self.service, tongue(request)) if self.sessions.runs_app(request) else ""

    def _may_train(self, request: gr.Request) -> bool:
        return self.album is not None and not self.sessions.is_stranger(request)

    def _owner(self, request: gr.Request) -> str:
        try:
            return self.sessions.owner(request)
        except OmniEditError:  # let in no more: the edit itself will say so
            return ""

    def _answered(self, request: gr.Request, kept: dict[str, Any], said: bool | None) -> dict[str, Any]:
        """What is kept with this user's answer; None takes it away."""
        others = {owner: told for owner, told in known(kept)["consents"].items() if owner != self._owner(request)}
        return {**known(kept), "consents": others if said is None else {**others, self._owner(request): said}}


def known(kept: Any) -> dict[str, Any]:
    """What a browser sent, as far as it can be meant: it may be of another version, or made up."""
    given = kept if isinstance(kept, dict) else {}
    consents, engine = given.get("consents"), given.get("engine")
    return {
        "consents": {k: v for k, v in consents.items() if isinstance(v, bool)} if isinstance(consents, dict) else {},
        "engine": engine if isinstance(engine, str) else "",
        "toured": given.get("toured") is True,
    }


def consent_of(kept: Any, owner: str) -> bool | None:
    """Whether the owner's new edits may be used for training; None where they have not said. Several may share a
    browser.
    """
    said: bool | None = known(kept)["consents"].get(owner)
    return said


def _who(request: gr.Request) -> str:
    tell = tongue(request)
    name = html.escape(request.username or "")
    return f'{tell("Signed in as {}").format(name)} · <a href="logout">{tell("Sign out")}</a>'


def _where(service: EditingService, tell: Tell) -> str:
    settings = service.settings
    base = "PostgreSQL" if settings.database_url else f"`{settings.database}`"
    kept = tell("Edits and pictures are in `{}` (`OMNIEDIT_HOME`), their list in {} (`OMNIEDIT_DATABASE_URL`).")
    carry = tell("Results carry how they were made (`OMNIEDIT_RECIPES`).")
    bare = tell("Results do not carry how they were made (`OMNIEDIT_RECIPES`).")
    readme = tell("The README names all settings.")
    return f"{kept.format(settings.home_dir, base)} {carry if settings.recipes else bare} {readme}"
