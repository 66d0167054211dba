"""What was understood of somebody's own words, as a row of small fields below them.

Changing one corrects it: the words give way to the form of the task, and the plan is made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from omniedit.types import Task
from ui.forms import FORMS, Update, field_widget
from ui.words import say

__all__ = ["Chips", "Meant", "corrected"]

TASK = "task"
NOTHING_YET = say("What is understood stands here, and can be corrected.")

Meant = tuple[tuple[str, str], ...]  # task, target, new, value, place; empty where a form could not say all


def corrected(meant: Mapping[str, str], name: str, value: str | None) -> dict[str, str]:
    """What is `meant` with the field `name` saying `value`; of another task, what its form has a line for."""
    changed = {**meant, name: (value or "").strip()}
    lines = [field.name for field in FORMS[Task(changed[TASK])].fields]
    return {TASK: changed[TASK], **{line: changed[line] for line in lines if changed.get(line)}}


class Chips:
    """Widgets of the row; `meant` is what they say, `reads` a line for words that no form can say."""

    def __init__(self) -> None:
        """Make the widgets."""
        self.meant = gr.State(())
        with gr.Column(elem_id="understood") as self.place:
            self.reads = gr.Markdown(NOTHING_YET, elem_id="reads")
        self.outputs = [self.meant, self.reads]

    def shows(self, meant: Meant, says: str = "") -> Update:
        """The row with what is `meant`, or else the line."""
        return {self.meant: meant, self.reads: says if says or meant else NOTHING_YET}

    def wire(self, on_correct: Callable[..., Update], inputs: list[Any], outputs: list[Any]) -> None:
        """`on_correct(meant now, name of the field, *values of inputs)` is called with what a person changes."""
        settings: dict[str, Any] = {"outputs": outputs, "api_visibility": "private"}
        same: dict[str, Any] = {"preserved_by_key": [], "interactive": True}  # who types in one keeps the focus
        with self.place:

            @gr.render(inputs=self.meant)
            def _chips(meant: Meant) -> None:
                if not meant:
                    return
                said = dict(meant)
                task = Task(said[TASK])
                with gr.Row(elem_id="chips", key="chips"):
                    names = [(form.title, one.value) for one, form in FORMS.items()]
                    which = gr.Dropdown(
                        names,
                        value=task.value,
                        label=say("Understood"),
                        min_width=120,
                        elem_id="chip-task",
                        key="chip",
                        **same,
                    )
                    changed = [(which.input, TASK, which)]
                    for field in FORMS[task].fields:
                        id, key = f"chip-{field.name}", f"{task}-{field.name}"
                        widget = field_widget(task, field, said.get(field.name, ""), id, key=key, **same)
                        triggers = [widget.input] if isinstance(widget, gr.Dropdown) else [widget.submit, widget.blur]
                        changed += [(trigger, field.name, widget) for trigger in triggers]
                    for trigger, name, widget in changed:
                        correction = trigger(_line(said, name, on_correct), [widget, *inputs], **settings)
                        correction.then(None, None, None, js="() => { focusTask(); return []; }")


def _line(meant: dict[str, str], name: str, on_correct: Callable[..., Update]) -> Callable[..., Update]:
    def on_line(value: str | None, *given: Any) -> Update:
        now = corrected(meant, name, value)
        return gr.skip() if now == meant else on_correct(now, name, *given)

    return on_line
