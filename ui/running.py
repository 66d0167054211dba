"""What happens when Edit is pressed: the turn, the progress, the picture as it comes, and how it ends."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import gradio as gr

from omniedit.errors import Cancelled, OmniEditError
from omniedit.services.album import Album
from omniedit.services.editing import EditingService
from omniedit.services.files import address_of
from omniedit.services.log import By
from omniedit.types import Progress
from ui.forms import Update
from ui.handlers import Asked, Planned, Wish, on_page, run_edit
from ui.live import following
from ui.plan import RESULT
from ui.planning import Planner
from ui.preferences import PreferencesPanel, consent_of
from ui.result import ResultPanel
from ui.sessions import Sessions
from ui.words import Tell, say, tongue

__all__ = ["Runner"]

GLIMPSES = 0.3  # seconds between two pictures of an edit that is under way
FAULT = say(
    "The edit failed inside; the log of the app says why. Your picture is unchanged. Try again; if it fails again, say "
    "it in other words or choose another engine."
)


@dataclass(frozen=True)
class Runner:
    """Edits what the planner would plan."""

    service: EditingService
    sessions: Sessions
    album: Album | None
    planner: Planner
    result: ResultPanel
    preferences: PreferencesPanel

    def on_edit(
        self,
        request: gr.Request,
        planned: Planned | None,
        wish: Wish,
        kept: dict[str, Any],
        progress: gr.Progress = gr.Progress(),  # noqa: B008 (how Gradio finds it)
        *given: Any,
    ) -> Iterator[Update]:
        """What the page shows meanwhile, and at last what came of it."""
        session = request.session_hash or ""
        stop = self.sessions.begin(session)

        def work(show: Callable[[Update], None]) -> Update:
            try:
                return self._edited(request, planned, wish, kept, progress, stop, given, show)
            except OmniEditError as error:
                return {self.result.coming: "", self.result.notice: on_page(str(error), tongue(request))}
            except Exception:  # a person gets a sentence, the log the traceback
                logging.getLogger(__name__).exception("An edit failed.")
                return {self.result.coming: "", self.result.notice: FAULT}
            finally:
                if not self.sessions.finish(session, stop):
                    self.forget(request)

        yield (yield from following(work, stop.set))

    def forget(self, request: gr.Request) -> None:
        """Nobody comes back to what a page of a stranger has made."""
        if self.album is not None and self.sessions.is_stranger(request):
            self.album.forget(self.sessions.owner(request))

    def _edited(
        self,
        request: gr.Request,
        planned: Planned | None,
        wish: Wish,
        kept: dict[str, Any],
        progress: gr.Progress,
        stop: threading.Event,
        given: tuple[Any, ...],
        show: Callable[[Update], None],
    ) -> Update:
        owner = self.sessions.owner(request)
        self.sessions.admit(request)
        said = consent_of(kept, owner)
        by = By(owner, consent=self.service.settings.consent if said is None else said)
        asked = self.planner.asked(lambda wish: wish, wish, *given)
        wanted = replace(asked, by=by, engine=asked.wish.engine or asked.engine)
        folder, tell = self.sessions.folder(request.session_hash or ""), tongue(request)

        def waits(before: int) -> None:
            says = tell("Waiting: {} before you").format(before) if before else tell("Looking at the picture")
            progress(0, desc=says)

        watch = _Watch(progress, lambda page: show({self.result.coming: page}), tell)
        try:
            edit = partial(run_edit, self.service, wanted, stop, watch, folder, tell)
            shown = self.sessions.run(request, edit, stop, waits)
        except Cancelled:
            raise
        except OmniEditError as error:
            return {self.result.coming: "", **self._refused(request, wanted, str(error), stop)}
        if self.album is not None and shown.edit is not None:
            threading.Thread(target=self._ready, args=(self.album, owner, shown.edit), daemon=True).start()
        return {
            **self.result.shows(shown),
            self.result.question.box: gr.Row(visible=self.preferences.asks(request, shown, kept)),
            self.result.notice: shown.undone,
            self.planner.panel.stage: gr.Tabs(selected=RESULT),
            **({} if planned and planned.words == wanted.words else self.planner.panel.outdated()),
        }

    def _ready(self, album: Album, owner: str, edit: str) -> None:
        with suppress(OmniEditError):  # the page was forgotten meanwhile, and its edits with it
            album.ready(owner, edit)

    def _refused(self, request: gr.Request, wanted: Asked, sentence: str, stop: threading.Event) -> Update:
        """Where the plan says no, it is shown: a person can click in it what is meant. Else no older one stays."""
        panel = self.planner.panel
        with suppress(OmniEditError):
            planned = self.planner.in_turn(request, wanted, stop)
            if planned.refused:
                return panel.shows(planned, wanted.wish)
        return {**panel.empty(on_page(sentence, tongue(request))), panel.wish: wanted.wish}


class _Watch:
    """Shows the progress, and now and then the picture as it comes."""

    def __init__(self, progress: gr.Progress, show: Callable[[str], None], tell: Tell) -> None:
        self.progress, self.show, self.tell = progress, show, tell
        self.began = self.shown = time.monotonic()

    def __call__(self, p: Progress) -> None:
        done = ((p.variant - 1) * p.steps + p.step) / (p.steps * p.variants)
        variant = self.tell("Variant {} of {}").format(p.variant, p.variants)
        self.progress(done, desc=variant if p.variants > 1 else self.tell("Editing"))
        if p.preview is not None and time.monotonic() - self.shown > GLIMPSES:
            self.shown = time.monotonic()
            step = self.tell("step {} of {}").format(p.step, p.steps)
            says = f"{variant} · {step} · {self.shown - self.began:.0f} s"
            self.show(f'<figure><img alt="" src="{address_of(p.preview())}"><figcaption>{says}</figcaption></figure>')
