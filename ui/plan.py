"""The panel that shows what will happen before it does, and lets a person correct it: click, box, sliders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from omniedit.errors import OmniEditError
from omniedit.services.editing import EditingService
from omniedit.types import Parameter
from ui.handlers import Asked, Planned, Wish, run_plan
from ui.sessions import Sessions

__all__ = ["PlanPanel"]

CLICK, BOX = "A click shows the thing", "Two clicks make a box around it"


class PlanPanel:
    """Widgets and wiring of the panel; `wish` is what the person showed, `panel` the group that appears."""

    def __init__(self, service: EditingService, sessions: Sessions) -> None:
        self.service, self.sessions = service, sessions
        self.wish, self.planned = gr.State(Wish()), gr.State(None)
        with gr.Group(visible=False, elem_id="plan") as self.panel:
            self.says = gr.Markdown("", elem_id="plan-says", container=True)
            self.picture = gr.Image(
                label="What would change",
                type="filepath",
                format="png",
                interactive=False,
                buttons=[],
                height=330,
                elem_id="plan-picture",
            )
            self.pointing = gr.Radio([CLICK, BOX], value=CLICK, show_label=False, elem_id="pointing")
            self.knobs = gr.Column(elem_id="knobs")

    def wire(self, show: gr.Button, inputs: list[Any], asked: Callable[..., Asked]) -> None:
        """`show` shows the plan; `asked(wish, *values of inputs)` is what it is made of."""
        outputs = [self.panel, self.says, self.picture, self.planned, self.wish]
        words = inputs[1]

        def plan(request: gr.Request, *values: Any) -> tuple[Any, ...]:
            *given, wish = values
            wish = wish.on(given[1])
            try:
                folder = self.sessions.folder(request.session_hash or "")
                planned = run_plan(self.service, asked(wish, *given), folder)
            except OmniEditError as error:
                gr.Warning(str(error), title="This cannot be planned")
                return (*(gr.skip() for _ in outputs[:-1]), wish)
            return gr.Group(visible=True), planned.says, str(planned.picture), planned, wish

        def point(planned: Planned | None, wish: Wish, words: str, how: str, event: gr.SelectData) -> tuple[Wish, bool]:
            if planned is None:
                return wish, False
            wish = wish.on(words).point(planned.at(*event.index), box=how == BOX)
            if wish.corner is not None:
                gr.Info("Now click the opposite corner of the box.")
            return wish, wish.corner is None

        def turn(wish: Wish, words: str, name: str, value: Parameter) -> Wish:
            return wish.on(words).turn(name, value)

        again = [*inputs, self.wish]
        settings: dict[str, Any] = {"api_visibility": "private"}
        show.click(plan, again, outputs, concurrency_id="edit", **settings)
        clicked = self.picture.select(
            point, [self.planned, self.wish, words, self.pointing], [self.wish, gr.State()], queue=False, **settings
        )
        clicked.then(plan, again, outputs, concurrency_id="edit", **settings)
        with self.knobs:

            @gr.render(inputs=self.planned)
            def _knobs(planned: Planned | None) -> None:
                if planned is None or planned.refused:
                    return
                for knob, value in planned.knobs:
                    widget = _widget(knob, value)
                    event = widget.release if isinstance(widget, gr.Slider) else widget.input
                    name = gr.State(knob.name)
                    turned = event(turn, [self.wish, words, name, widget], self.wish, queue=False, **settings)
                    turned.then(plan, again, outputs, concurrency_id="edit", **settings)


def _widget(knob: Any, value: Parameter) -> Any:
    """A slider, a list or a line of text for a specialist's parameter."""
    key = f"{knob.name}-{value}"
    if knob.choices:
        return gr.Dropdown(list(knob.choices), value=value, label=knob.label, key=key)
    if knob.free:
        return gr.Textbox(str(value or ""), label=knob.label, key=key)
    return gr.Slider(knob.low, knob.high, value, step=0.05, label=knob.label, key=key)
