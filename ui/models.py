"""What can edit on this machine, and the models that can be fetched for more: size first, progress, stop, go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import gradio as gr

from omniedit.errors import BadInput, OmniEditError
from omniedit.services.editing import EditingService
from omniedit.services.fetching import Fetcher, ModelRow, gigabytes
from omniedit.services.models import EngineRow
from ui.forms import Update
from ui.sessions import Sessions
from ui.words import Tell, say, tongue

__all__ = ["ModelsPanel", "engines_text", "model_text"]

INTRO = say(
    "**Models that can be fetched.** All that is above works without them. What is fetched comes from the Hugging Face "
    "hub, stays on this machine, and is used from the next plan on; it goes on while this page is closed."
)
NOT_YOURS = "Models are fetched by who runs this app, on its own machine; `omniedit models fetch` does it there, too."
EVERY = 1.0  # seconds between two looks at what is under way


class ModelsPanel:
    """Widgets and wiring; without a `fetcher` nothing can be fetched from the page."""

    def __init__(self, service: EditingService, sessions: Sessions, fetcher: Fetcher | None) -> None:
        """Make the widgets."""
        self.sessions, self.fetcher = sessions, fetcher
        self.service = service
        self.rows: dict[str, tuple[gr.HTML, gr.Button, gr.Button]] = {}
        with gr.Accordion(say("Models"), open=False, elem_id="models") as self.box:
            self.engines = gr.Markdown("")
            if self.fetcher is None:
                return
            with gr.Column(visible=False) as self.shelf:
                gr.Markdown(INTRO)
                for key in self.fetcher.keys:
                    with gr.Row(elem_classes="model"):
                        text = gr.HTML("", padding=False)
                        fetch = gr.Button(say("Fetch"), size="sm", min_width=110, elem_id=f"fetch-{key}")
                        stop = gr.Button(say("Stop"), size="sm", min_width=70, visible=False, elem_id=f"stop-{key}")
                    self.rows[key] = (text, fetch, stop)
                self.says = gr.Markdown("", elem_id="models-says")
            self.timer = gr.Timer(EVERY, active=False)

    def wire(self) -> None:
        """What the buttons do. It is looked at when it is opened, not before: for the GPU, torch has to be loaded."""
        quick: dict[str, Any] = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
        if self.fetcher is None:
            self.box.expand(self._shows_engines, None, [self.engines], **quick)
            return
        outputs = [
            self.timer,
            self.shelf,
            self.says,
            self.engines,
            *(widget for row in self.rows.values() for widget in row),
        ]
        for key, (_, fetch, stop) in self.rows.items():
            fetch.click(self._changes(key, start=True), None, outputs, **quick)
            stop.click(self._changes(key, start=False), None, outputs, **quick)
        self.timer.tick(self.shows, None, outputs, **quick)
        self.box.expand(self.shows, None, outputs, **quick)

    def shows(self, request: gr.Request) -> Update:
        """How far all of them are, for those who may fetch them."""
        assert self.fetcher is not None
        if not self.sessions.runs_app(request):
            return self._shows_engines(request)
        rows, tell = self.fetcher.models(), tongue(request)
        update: Update = {
            self.timer: gr.Timer(active=any(row.under_way for row in rows)),
            self.shelf: gr.Column(visible=True),
            **self._shows_engines(request),
        }
        for row in rows:
            text, fetch, stop = self.rows[row.key]
            update |= {
                text: model_text(row, tell),
                fetch: gr.Button(_to_fetch(row), visible=not (row.here or row.under_way)),
                stop: gr.Button(visible=row.under_way),
            }
        return update

    def _shows_engines(self, request: gr.Request) -> Update:
        rows, tell = self.service.engine_rows(), tongue(request)
        if not self.sessions.runs_app(request):
            rows = [row.without_path() for row in rows]
        return {self.engines: engines_text(rows, tell)}

    def _changes(self, key: str, start: bool) -> Callable[[gr.Request], Update]:
        """A handler that starts or stops, for those who may. The timer looks on from there."""

        def on_click(request: gr.Request) -> Update:
            says = ""
            try:
                if self.fetcher is None or not self.sessions.runs_app(request):
                    raise BadInput(NOT_YOURS)
                (self.fetcher.start if start else self.fetcher.cancel)(key)
            except OmniEditError as error:
                says = tongue(request)(str(error))
            return {**self.shows(request), self.says: says}  # it stays until the next click

        return on_click


def engines_text(rows: Sequence[EngineRow], tell: Tell = str) -> str:
    """What can edit here, where it is, and why something cannot, as Markdown."""
    found = []
    for row in rows:
        size = f" · {row.size_mb:.0f} MB" if row.size_mb else ""
        state = tell("ready") if row.ready else tell("not on this machine")
        where = f"{tell('On this machine')}: `{row.path}`" if row.ready and row.path else tell(row.reason)
        found.append(f"**{row.name}** · {state}{size} · {tell(row.licence)}\n\n{tell(row.summary)} {where}".strip())
    return "\n\n".join(found)


def model_text(row: ModelRow, tell: Tell = str) -> str:
    """A model as HTML: what it is for, its size and licence, and how far its fetching is."""
    facts = [f"{row.size_gb:g} GB", tell(row.licence), row.id]
    lines = [f"<b>{escape(row.key)}</b> {escape(tell(row.what))}", escape(" · ".join(facts))]
    if row.here:
        lines.append(f"{tell('On this machine')}: {escape(row.where)}")
    elif row.state == "asking":
        lines.append(tell("Asking the hub …"))
    elif row.state == "fetching":
        done, total = gigabytes(row.done_bytes), gigabytes(row.total_bytes)
        bar = f'<progress max="{row.total_bytes}" value="{row.done_bytes}" aria-label="{escape(row.key)}"></progress>'
        lines.append(f"{bar} {tell('{} of {}').format(done, total)}")
    elif row.error:
        lines.append(f'<span class="fault">{escape(tell(row.error))}</span>')
    elif row.gated:
        first = tell(
            'Its licence has to be accepted on <a href="{}" target="_blank" rel="noopener">its page</a> first, and '
            "<code>hf auth login</code> run here."
        )
        lines.append(first.format(escape(row.page)))
    if row.warning:
        lines.append(escape(row.warning))
    return "".join(f"<p>{line}</p>" for line in lines)


def _to_fetch(row: ModelRow) -> str:
    if 0 < row.done_bytes < row.total_bytes:
        return f"{say('Go on')} ({gigabytes(row.done_bytes)} / {gigabytes(row.total_bytes)})"
    return f"{say('Fetch')} {row.size_gb:g} GB"
