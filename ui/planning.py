"""What happens when a plan is asked for, pointed into, turned or corrected."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from omniedit.errors import BadInput, Cancelled, OmniEditError
from omniedit.services.editing import EditingService
from omniedit.types import Parameter
from ui.chips import Chips, Meant
from ui.forms import Forms, Update, words_of
from ui.handlers import Asked, Planned, Wish, on_page, run_plan, run_read
from ui.plan import BOX, PLAN, PlanPanel, knob_widget
from ui.sessions import Sessions
from ui.turns import WITH_PHOTOS
from ui.words import say, tongue

__all__ = ["Planner"]

SECOND_CORNER = say("Now click the opposite corner of the box.")
STOPPED = say("The plan was stopped.")
TURNED = say("Press **Edit** to see it with these settings.")


@dataclass(frozen=True)
class Planner:
    """`asked(change, wish, *values of the widgets)` is what a plan is made of, the wish changed."""

    service: EditingService
    sessions: Sessions
    panel: PlanPanel
    forms: Forms
    chips: Chips
    asked: Callable[..., Asked]

    def in_turn(self, request: gr.Request, asked: Asked, stop: threading.Event) -> Planned:
        """The plan, when it is the caller's turn; setting `stop` ends the waiting. Raises the project's errors."""
        folder = self.sessions.folder(request.session_hash or "")
        return self.sessions.run(request, partial(run_plan, self.service, asked, folder, tongue(request)), stop)

    def on_look(self, request: gr.Request, *given: Any) -> Update:
        """Show plan was pressed, or what was understood was corrected."""
        return self._planned(request, lambda wish: wish, given)

    def on_forget(self, request: gr.Request, *given: Any) -> Update:
        """All that was shown and turned is taken back."""
        return self._planned(request, lambda wish: Wish(wish.words), given)

    def on_point(
        self, request: gr.Request, event: gr.SelectData, planned: Planned | None, how: str, *given: Any
    ) -> Update:
        """The plan's picture was clicked: there is what is meant, or a corner of the box around it."""
        if planned is None:
            return gr.skip()
        try:
            wanted = self.asked(lambda wish: wish.point(planned.at(*event.index), box=how == BOX), *given)
        except BadInput as error:
            return {self.panel.notice: tongue(request)(str(error))}
        if wanted.wish.corner is not None:
            return {self.panel.notice: SECOND_CORNER, self.panel.wish: wanted.wish}
        return self._plan(request, wanted)

    def turn(self, wish: Wish, made_for: str, name: str, value: Parameter, *saying: Any) -> Wish:
        """The wish with a slider of the plan set, `saying` being what the form says now."""
        with suppress(BadInput):
            if self.forms.said(*saying).words == made_for:  # else it is a slider of another edit
                return wish.on(made_for).turn(name, value)
        return wish

    def on_turned(self, request: gr.Request, *given: Any) -> Update:
        """The plan with what was turned; the result stays in view where it is looked at.

        Where nothing can be planned so, the sliders stay to be turned back.
        """
        update = self.on_look(request, *given)
        if update.get(self.panel.planned) is None:
            return {part: update[part] for part in (self.panel.notice, self.panel.wish) if part in update}
        update.pop(self.panel.stage)
        return {**update, self.panel.notice: TURNED}

    def on_correct(
        self,
        meant: dict[str, str],
        name: str,
        wish: Wish,
        count: int,
        before: Meant,
        words: str,
        planned: Planned | None,
    ) -> Update:
        """A field of what was understood was changed, `name`, so that this is `meant` now: the form of the task.

        What was shown and not named otherwise still counts; where a plan is seen, it is made anew.
        """
        made_for = [words, *([words_of(dict(before))] if before else [])]
        shown = wish if name != "target" and wish.words in made_for else Wish()
        return {
            **self.forms.shows("", meant),
            self.panel.wish: Wish(words_of(meant), shown.click, shown.box),
            self.panel.corrections: count + (planned is not None),
        }

    def on_words(self, request: gr.Request, words: str | None) -> Update:
        """Words of one's own were typed, or came from elsewhere."""
        return self.chips.shows(*run_read(words or "", tongue(request)))

    def wire(self, look: gr.Button, cancel: gr.Button, inputs: list[Any], scroll: str) -> None:
        """`look` shows the plan, of the values of `inputs`; the page runs `scroll` to show it. `cancel` stops it."""
        panel, forms = self.panel, self.forms
        again = [panel.wish, *inputs]
        settings: dict[str, Any] = {
            "outputs": [*panel.outputs, *self.chips.outputs],
            "concurrency_id": "page",
            "concurrency_limit": WITH_PHOTOS,
            "show_progress_on": panel.picture,
            "api_visibility": "private",
        }
        quick: dict[str, Any] = {"queue": False, "api_visibility": "private"}
        busy = look.click(self._looks, None, [look, cancel, panel.stage], js=scroll, **quick)
        planned = busy.then(self.on_look, again, **settings)
        planned.then(self._looked, None, [look, cancel], js=scroll, **quick)
        panel.picture.select(self.on_point, [panel.planned, panel.pointing, *again], **settings)
        panel.forget.click(self.on_forget, again, **settings)
        forms.words.change(
            self.on_words,
            forms.words,
            self.chips.outputs,
            trigger_mode="always_last",
            show_progress="hidden",
            api_visibility="private",
        )
        panel.corrections.change(self.on_look, again, **settings)  # apart: Edit may be pressed before the plan is
        self.chips.wire(
            self.on_correct,
            [panel.wish, panel.corrections, self.chips.meant, forms.words, panel.planned],
            [panel.wish, panel.corrections, *forms.outputs],
        )
        with panel.knobs:

            @gr.render(inputs=panel.planned)
            def _knobs(planned: Planned | None) -> None:
                if planned is None or planned.refused:
                    return
                with gr.Row():
                    for knob, value in planned.knobs:
                        widget = knob_widget(knob, value)
                        event = widget.release if isinstance(widget, gr.Slider) else widget.input
                        what = [panel.wish, gr.State(planned.words), gr.State(knob.name), widget, *forms.inputs]
                        turned = event(self.turn, what, panel.wish, **quick)  # at once: Edit may be pressed next
                        if isinstance(widget, gr.Textbox):
                            widget.submit(self.on_turned, again, **settings)
                        else:
                            turned.then(self.on_turned, again, **settings)

    def _looks(self) -> tuple[gr.Button, gr.Button, gr.Tabs]:
        return gr.Button(say("Looking …"), interactive=False), gr.Button(interactive=True), gr.Tabs(selected=PLAN)

    def _looked(self, request: gr.Request) -> tuple[gr.Button, gr.Button]:
        edits = self.sessions.works(request.session_hash or "")  # it may have been asked for meanwhile
        return gr.Button(say("Show plan"), interactive=True), gr.Button(interactive=edits)

    def _planned(self, request: gr.Request, change: Callable[[Wish], Wish], given: tuple[Any, ...]) -> Update:
        try:
            return self._plan(request, self.asked(change, *given))
        except BadInput as error:
            return {self.panel.notice: tongue(request)(str(error))}

    def _plan(self, request: gr.Request, asked: Asked) -> Update:
        """Plan anew; an error becomes a sentence. No plan stays in view beside words that none can be made of."""
        try:
            self.sessions.admit(request)
            with self.sessions.watched(request.session_hash or "") as stop:
                planned = self.in_turn(request, asked, stop)
                if stop.is_set():
                    raise Cancelled
        except Cancelled:
            return {self.panel.notice: STOPPED, self.panel.wish: asked.wish}
        except BadInput as error:
            return {**self.panel.empty(on_page(str(error), tongue(request))), self.panel.wish: asked.wish}
        except OmniEditError as error:
            return {self.panel.notice: on_page(str(error), tongue(request)), self.panel.wish: asked.wish}
        own = self.chips.shows(planned.meant) if asked.options.intent is None and planned.meant else {}
        return {**self.panel.shows(planned, asked.wish), **own}
