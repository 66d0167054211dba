"""The panel that shows what will happen before it does; a person corrects it in there: by click, box or slider."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from omniedit.types import Parameter
from ui.forms import Update
from ui.handlers import Planned, Wish
from ui.words import relay, say

__all__ = ["BOX", "HISTORY", "PLAN", "RESULT", "PlanPanel", "knob_widget"]

PLAN, RESULT, HISTORY = "plan", "result", "history"  # the tabs of the stage
CLICK, BOX = "click", "box"
WAYS = [(say("by a click on it"), CLICK), (say("by two corners of a box"), BOX)]  # to show what is meant
OFFER = say(
    "A small model knows these words. It has learned from drawn scenes at 128 pixels; of a photo it may make little "
    "that is of use."
)
NOTHING_YET = say("Press **Show plan** to see what was understood and what would change, before it does.")
WHOLE_TURN = 90.0  # a slider with a range above this goes in whole numbers


class PlanPanel:
    """Widgets; `wish` is what the person showed and turned, `planned` what is on display.

    `corrections` is how often what was understood was corrected while a plan was seen.
    """

    def __init__(self, stage: gr.Tabs, notice: gr.Markdown, knobs: gr.Column) -> None:
        """Make the widgets of the tab in `stage`; `notice` takes sentences for the person, `knobs` sliders."""
        self.stage, self.notice, self.knobs = stage, notice, knobs
        self.wish, self.planned, self.corrections = gr.State(Wish()), gr.State(None), gr.State(0)
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
        with gr.Row(visible=False, elem_id="offer") as self.offer:
            gr.Markdown(OFFER)
            self.attempt = gr.Button(say("Let the small model try"), size="sm", min_width=160, elem_id="attempt")
        self.outputs = [
            stage,
            notice,
            knobs,
            self.says,
            self.picture,
            self.offer,
            self.pointing,
            self.forget,
            self.planned,
            self.wish,
        ]

    def empty(self, says: str = "") -> Update:
        """The panel before a plan, for a new picture, or for words that no plan can be made of: `says` why."""
        return {
            self.stage: gr.Tabs(selected=PLAN),
            self.notice: says,
            self.knobs: gr.Column(visible=False),
            self.says: gr.Markdown(NOTHING_YET, elem_classes=[]),
            self.picture: None,
            self.offer: gr.Row(visible=False),
            self.pointing: gr.Radio(visible=False),
            self.forget: gr.Button(visible=False),
            self.planned: None,
            self.wish: Wish(),
        }

    def outdated(self) -> Update:
        """The plan is not of the edit that was made."""
        return {self.planned: None, self.knobs: gr.Column(visible=False)}

    def shows(self, planned: Planned, wish: Wish) -> Update:
        """The panel with a plan in it."""
        return {
            self.stage: gr.Tabs(selected=PLAN),
            self.notice: "",
            self.knobs: gr.Column(visible=not planned.refused),
            self.says: gr.Markdown(planned.says, elem_classes=["refused"] if planned.refused else []),
            self.picture: str(planned.picture),
            self.offer: gr.Row(visible=bool(planned.other)),
            self.pointing: gr.Radio(visible=planned.places),
            self.forget: gr.Button(visible=wish != Wish(wish.words)),
            self.planned: planned,
            self.wish: wish,
        }

    def tries(self, planned: Planned | None, wish: Wish) -> Wish:
        """The wish where the engine that is offered is to try."""
        return wish if planned is None else replace(wish.on(planned.words), engine=planned.other)


def knob_widget(knob: Any, value: Parameter) -> Any:
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
