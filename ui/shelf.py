"""The examples below the desk: those of the open tab."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from omniedit.services.examples import Example
from ui.forms import FREE, Update
from ui.words import say

__all__ = ["Shelf"]


class Shelf:
    """Widgets; without examples there is none to see."""

    def __init__(self, examples: Sequence[Example]) -> None:
        """Make the widgets."""
        self.examples = examples
        gr.Markdown(say("**Try one of these**"), visible=bool(examples))
        self.cards = gr.Gallery(
            self._cards(FREE),
            label=say("Examples"),
            show_label=False,
            columns=4,
            rows=2,
            height="auto",
            allow_preview=False,
            interactive=False,
            buttons=[],
            format="png",
            visible=bool(examples),
            elem_id="examples",
            elem_classes="cards",
        )

    def of_tab(self, tab: str) -> list[Example]:
        """Those of the tab's task, or the first of all tasks."""
        return [one for one in self.examples if (one.first if tab == FREE else one.task == tab)]

    def on_tab(self, tab: str) -> Update:
        """That tab is open."""
        return {self.cards: gr.Gallery(self._cards(tab), selected_index=None)}

    def _cards(self, tab: str) -> list[tuple[str, str]]:
        return [(str(one.picture), one.words) for one in self.of_tab(tab)]
