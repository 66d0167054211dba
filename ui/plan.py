"""The panel that shows what will happen before it does, and lets a person correct it: click, box, sliders."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import gradio as gr

from omniedit.errors import BadInput, OmniEditError
from omniedit.services.editing import EditingService
from omniedit.types import Parameter
from ui.chips import chips
from ui.forms import Forms, Update, words_of
from ui.handlers import Asked, Planned, Wish, on_page, run_plan
from ui.sessions import Sessions
from ui.turns import WITH_PHOTOS
from ui.words import relay, say, tongue

__all__ = ["HISTORY", "PLAN", "RESULT", "PlanPanel"]

PLAN, RESULT, HISTORY = "plan", "result", "history"  # the tabs of the stage
CLICK, BOX = "click", "box"
WAYS = [(say("by a click on it"), CLICK), (say("by two corners of a box"), BOX)]  # to show what is meant
NOTHING_YET = say("Press **Show plan** to see what was understood and what would change, before it does.")
SECOND_CORNER = say("Now click the opposite corner of the box.")
TURNED = say("Press **Edit** to see it with these settings.")
WHOLE_TURN = 90.0  # a slider with a range above this goes in whole numbers


class PlanPanel:
    """Widgets and wiring of the panel; `wish` is what the person showed and turned, `planned` what is on display."""

    def __init__(
        self, service: EditingService, sessions: Sessions, stage: gr.Tabs, notice: gr.Markdown, knobs: gr.Column
    ) -> None:
        """Make the widgets of the tab; `stage` holds it, `notice` takes sentences for the person, `knobs` sliders."""
        self.service, self.sessions, self.stage, self.notice, self.knobs = service, sessions, stage, notice, knobs
        self.wish, self.planned = gr.State(Wish()), gr.State(None)
        self.meant, self.corrections = gr.State(()), gr.State(0)  # what the fields say; how often one was changed
        self.understood = gr.Column()
        self.says = gr.Markdown(NOTHING_YET, elem_id="plan-says")
        self.picture = gr.Image(
            label=say("What would change"),
            show_label=False,
            type="filepath",
            format="png",
            interactive=False,
            buttons=[],
            height=380,
            elem_id="plan-picture",
        )
        with gr.Row():
            self.pointing = gr.Radio(
                WAYS,
                value=CLICK,
                label=say("Another thing is meant? Show it in this picture"),
                visible=False,
                scale=3,
                elem_id="pointing",
            )
            self.forget = gr.Button(say("Clear my corrections"), visible=False, size="sm", scale=1, elem_id="forget")
        self.outputs = [
            stage,
            notice,
            knobs,
            self.says,
            self.picture,
            self.pointing,
            self.forget,
            self.planned,
            self.wish,
            self.meant,
        ]

    def empty(self) -> Update:
        """The panel before a plan, for a new picture."""
        return {
            self.stage: gr.Tabs(selected=PLAN),
            self.notice: "",
            self.knobs: gr.Column(visible=False),
            self.says: gr.Markdown(NOTHING_YET, elem_classes=[]),
            self.picture: None,
            self.pointing: gr.Radio(visible=False),
            self.forget: gr.Button(visible=False),
            self.planned: None,
            self.wish: Wish(),
            self.meant: (),
        }

    def outdated(self) -> Update:
        """The plan is not of the edit that was made."""
        return {self.planned: None, self.meant: (), self.knobs: gr.Column(visible=False)}

    def shows(self, planned: Planned, wish: Wish) -> Update:
        """The panel with a plan in it."""
        return {
            self.stage: gr.Tabs(selected=PLAN),
            self.notice: "",
            self.knobs: gr.Column(visible=not planned.refused),
            self.says: gr.Markdown(planned.says, elem_classes=["refused"] if planned.refused else []),
            self.picture: str(planned.picture),
            self.pointing: gr.Radio(visible=planned.places),
            self.forget: gr.Button(visible=wish != Wish(wish.words)),
            self.planned: planned,
            self.wish: wish,
            self.meant: planned.meant,
        }

    def plan(self, request: gr.Request, asked: Asked) -> Update:
        """Plan anew; an error becomes a sentence, and what was shown stays."""
        try:
            self.sessions.admit(request)
            with self.sessions.watched(request.session_hash or "") as stop:
                planned = self.planned_in_turn(request, asked, stop)
        except OmniEditError as error:
            return {self.notice: on_page(str(error), tongue(request)), self.wish: asked.wish}
        return self.shows(planned, asked.wish)

    def planned_in_turn(self, request: gr.Request, asked: Asked, stop: threading.Event) -> Planned:
        """The plan, when it is the caller's turn; setting `stop` ends the waiting. Raises the project's errors."""
        folder = self.sessions.folder(request.session_hash or "")
        return self.sessions.run(request, partial(run_plan, self.service, asked, folder, tongue(request)), stop)

    def wire(self, look: gr.Button, forms: Forms, inputs: list[Any], asked: Callable[..., Asked], scroll: str) -> None:
        """`look` shows the plan; `asked(change, wish, *values of inputs)` is what it is made of, the wish changed.

        The page runs `scroll` to show the plan.
        """

        def planned_for(request: gr.Request, change: Callable[[Wish], Wish], *given: Any) -> Update:
            try:
                return self.plan(request, asked(change, *given))
            except BadInput as error:
                return {self.notice: relay(str(error))}

        def on_look(request: gr.Request, *given: Any) -> Update:
            return planned_for(request, lambda wish: wish, *given)

        def on_point(
            request: gr.Request,
            event: gr.SelectData,
            planned: Planned | None,
            how: str,
            *given: Any,
        ) -> Update:
            if planned is None:
                return gr.skip()
            try:
                wanted = asked(lambda wish: wish.point(planned.at(*event.index), box=how == BOX), *given)
            except BadInput as error:
                return {self.notice: relay(str(error))}
            if wanted.wish.corner is not None:
                return {self.notice: SECOND_CORNER, self.wish: wanted.wish}
            return self.plan(request, wanted)

        def turn(wish: Wish, made_for: str, name: str, value: Parameter, *saying: Any) -> Wish:
            with suppress(BadInput):
                if forms.said(*saying).words == made_for:  # else it is a slider of another edit
                    return wish.on(made_for).turn(name, value)
            return wish

        def on_turned(request: gr.Request, *values: Any) -> Update:
            update = on_look(request, *values)
            if update.pop(self.stage, None):  # the result stays in view where it is looked at
                update[self.notice] = TURNED
            return update

        def on_forget(request: gr.Request, *given: Any) -> Update:
            return planned_for(request, lambda wish: Wish(wish.words), *given)

        def on_correct(meant: dict[str, str], name: str, wish: Wish, count: int) -> Update:
            now = Wish(words_of(meant)) if name == "target" else Wish(words_of(meant), wish.click, wish.box)
            said = {self.meant: tuple(meant.items()), self.wish: now, self.corrections: count + 1}
            return {**forms.shows("", meant), **said}

        again = [self.wish, *inputs]
        settings: dict[str, Any] = {
            "outputs": self.outputs,
            "concurrency_id": "page",
            "concurrency_limit": WITH_PHOTOS,
            "show_progress_on": self.picture,
            "api_visibility": "private",
        }
        quick: dict[str, Any] = {"queue": False, "api_visibility": "private"}
        busy = look.click(self._looks, None, [look, self.stage], js=scroll, **quick)
        planned = busy.then(on_look, again, **settings)
        planned.then(lambda: gr.Button(say("Show plan"), interactive=True), None, look, js=scroll, **quick)
        self.picture.select(on_point, [self.planned, self.pointing, *again], **settings)
        self.forget.click(on_forget, again, **settings)

        self.corrections.change(on_look, again, **settings)  # apart, since Edit may be pressed before the plan is

        with self.understood:

            @gr.render(inputs=self.meant)
            def _chips(meant: tuple[tuple[str, str], ...]) -> None:
                if meant:
                    outputs = [self.meant, self.wish, self.corrections, *forms.outputs]
                    chips(
                        dict(meant),
                        on_correct,
                        [self.wish, self.corrections],
                        {"outputs": outputs, "api_visibility": "private"},
                    )

        with self.knobs:

            @gr.render(inputs=self.planned)
            def _knobs(planned: Planned | None) -> None:
                if planned is None or planned.refused:
                    return
                with gr.Row():
                    for knob, value in planned.knobs:
                        widget = _widget(knob, value)
                        event = widget.release if isinstance(widget, gr.Slider) else widget.input
                        what = [self.wish, gr.State(planned.words), gr.State(knob.name), widget, *forms.inputs]
                        turned = event(
                            turn, what, self.wish, **quick
                        )  # at once: Edit may be pressed before the plan is
                        if isinstance(widget, gr.Textbox):
                            widget.submit(on_turned, again, **settings)
                        else:
                            turned.then(on_turned, again, **settings)

    def _looks(self) -> tuple[gr.Button, gr.Tabs]:
        return gr.Button(say("Looking …"), interactive=False), gr.Tabs(selected=PLAN)


def _widget(knob: Any, value: Parameter) -> Any:
    """A slider, a list or a line of text for a specialist's parameter."""
    settings: dict[str, Any] = {
        "label": relay(knob.label),
        "key": f"{knob.name}-{value}",
        "min_width": 210,
        "interactive": True,
    }
    if knob.choices:
        return gr.Dropdown([(relay(choice), choice) for choice in knob.choices], value=value, **settings)
    if knob.free:
        return gr.Textbox(str(value or ""), placeholder=say("red, teal, #3a6ea5"), **settings)
    step = 1 if knob.high - knob.low > WHOLE_TURN else 0.05
    return gr.Slider(knob.low, knob.high, value, step=step, **settings)
