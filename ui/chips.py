"""What was understood, as a row of small fields: changing one corrects the plan, in the form of the task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from omniedit.types import Task
from ui.forms import FORMS, Update, field_widget
from ui.words import say

__all__ = ["chips", "corrected"]

TASK = "task"


def corrected(meant: Mapping[str, str], name: str, value: str | None) -> dict[str, str]:
    """What is `meant` with the field `name` saying `value`; of another task, what its form has a line for."""
    changed = {**meant, name: (value or "").strip()}
    lines = [field.name for field in FORMS[Task(changed[TASK])].fields]
    return {TASK: changed[TASK], **{line: changed[line] for line in lines if changed.get(line)}}


def chips(meant: dict[str, str], on_change: Callable[..., Update], inputs: list[Any], settings: dict[str, Any]) -> None:
    """Make the row; `on_change(meant, name of the field, *values of inputs)` is for what a person changes."""

    def line(name: str) -> Callable[..., Update]:
        def on_line(value: str | None, *given: Any) -> Update:
            now = corrected(meant, name, value)
            return gr.skip() if now == meant else on_change(now, name, *given)

        return on_line

    task = Task(meant[TASK])
    same: dict[str, Any] = {"preserved_by_key": [], "interactive": True}  # who types in one keeps the focus
    with gr.Row(elem_id="chips", key="chips"):
        names = [(form.title, one.value) for one, form in FORMS.items()]
        which = gr.Dropdown(
            names, value=task.value, label=say("Understood"), min_width=120, elem_id="chip-task", key="chip", **same
        )
        which.input(line(TASK), [which, *inputs], **settings)
        for field in FORMS[task].fields:
            says, name = meant.get(field.name, ""), f"chip-{field.name}"
            widget = field_widget(task, field, says, name, key=f"{task}-{field.name}", **same)
            triggers = (widget.input,) if isinstance(widget, gr.Dropdown) else (widget.submit, widget.blur)
            for trigger in triggers:
                trigger(line(field.name), [widget, *inputs], **settings)
