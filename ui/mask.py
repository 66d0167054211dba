"""Tools for what is painted on the photo: taken from the plan, inverted, grown, shrunk, cleared, kept for later."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr
from PIL import Image

from omniedit.errors import BadInput
from omniedit.services.masking import Change, changed, resized
from ui.canvas import copy_size, on_canvas, photo_on
from ui.forms import Update
from ui.handlers import Planned
from ui.words import relay, say

__all__ = ["MaskTools"]

CHANGES = {
    Change.INVERT: say("Invert"),
    Change.GROW: say("Grow"),
    Change.SHRINK: say("Shrink"),
    Change.FEATHER: say("Feather"),
}
NOTHING = say("Nothing is painted yet; paint on the photo, or take the outline of a plan.")
NO_OUTLINE = say("There is no outline to take; press Show plan for an edit of a part of the photo.")
NOTHING_KEPT = say("No mask is saved yet; paint one and press Save.")
OTHER_SIZE = say("The mask that is saved is not of this photo's size; save another one.")
OTHER_PLAN = say("The plan is of a photo of another size; press Show plan.")
KEPT = say("The mask is saved while this page is open: Reuse puts it on the photo again.")


class MaskTools:
    """Widgets and wiring; `kept` is the mask that the person put aside."""

    def __init__(self, canvas: gr.ImageEditor, notice: gr.Markdown) -> None:
        """Make the widgets."""
        self.canvas, self.notice = canvas, notice
        self.kept = gr.State(None)
        with gr.Row(elem_id="mask-tools"):
            gr.Markdown(say("Mask"))
            settings: dict[str, Any] = {"size": "sm", "min_width": 60}
            self.outline = gr.Button(say("From plan"), elem_id="mask-outline", **settings)
            self.changes = {
                change: gr.Button(label, elem_id=f"mask-{change}", **settings) for change, label in CHANGES.items()
            }
            self.clear = gr.Button(say("Clear"), elem_id="mask-clear", **settings)
            self.keep = gr.Button(say("Save"), elem_id="mask-keep", **settings)
            self.use = gr.Button(say("Reuse"), elem_id="mask-use", **settings)

    def wire(self, planned: gr.State) -> None:
        """What the tools do; `planned` is the plan on display."""
        outputs = [self.canvas, self.notice]
        quick: dict[str, Any] = {"queue": False, "api_visibility": "private", "show_progress": "minimal"}
        for change, button in self.changes.items():
            button.click(partial(self._painted, partial(changed, change=change)), self.canvas, outputs, **quick)
        self.clear.click(partial(self._painted, lambda mask: None), self.canvas, outputs, **quick)
        self.outline.click(self._on_outline, [self.canvas, planned], outputs, **quick)
        self.keep.click(self._on_keep, self.canvas, [self.kept, self.notice], **quick)
        self.use.click(self._on_use, [self.canvas, self.kept], outputs, **quick)

    def _painted(self, change: Callable[[Image.Image], Image.Image | None], canvas: dict[str, Any] | None) -> Update:
        try:
            photo, mask = photo_on(canvas)
            if mask is None:
                return {self.notice: NOTHING}
            return {self.canvas: on_canvas(photo, change(mask)), self.notice: ""}
        except BadInput as error:
            return {self.notice: relay(str(error))}

    def _on_outline(self, canvas: dict[str, Any] | None, planned: Planned | None) -> Update:
        if planned is None or planned.mask is None:
            return {self.notice: NO_OUTLINE}
        try:
            with Image.open(planned.mask) as file:
                mask = file.convert("L")
        except OSError:  # the page has slept for long
            return {self.notice: NO_OUTLINE}
        return self._put(canvas, mask, OTHER_PLAN)

    def _on_keep(self, canvas: dict[str, Any] | None) -> Update:
        try:
            _, mask = photo_on(canvas)
        except BadInput as error:
            return {self.notice: relay(str(error))}
        return {self.notice: NOTHING} if mask is None else {self.kept: mask, self.notice: KEPT}

    def _on_use(self, canvas: dict[str, Any] | None, kept: Image.Image | None) -> Update:
        return {self.notice: NOTHING_KEPT} if kept is None else self._put(canvas, kept, OTHER_SIZE)

    def _put(self, canvas: dict[str, Any] | None, mask: Image.Image, other_size: str) -> Update:
        try:
            photo, _ = photo_on(canvas)
        except BadInput as error:
            return {self.notice: relay(str(error))}
        if photo.size != copy_size(mask.size):
            return {self.notice: f"{other_size} ({mask.width} x {mask.height}, {photo.width} x {photo.height})"}
        return {self.canvas: on_canvas(photo, resized(mask, photo.size)), self.notice: ""}
