"""What an edit is made with beside its words: a picture to use, and what is under More."""

from __future__ import annotations

from typing import Any

import gradio as gr

from omniedit.recipe import Recipe
from omniedit.services.editing import EditingService, Options
from omniedit.types import MAX_STEPS, MAX_VARIANTS
from ui.forms import Update, takes_picture
from ui.words import say

__all__ = ["MaterialPanel", "OptionsPanel"]

STEPS, GUIDANCE = min(50, MAX_STEPS), 5.0  # where the sliders end


class MaterialPanel:
    """Widgets for the picture to use."""

    def __init__(self) -> None:
        """Make the widgets."""
        with gr.Accordion(say("A picture to use"), open=False, elem_id="picture") as self.door:
            self.picture = gr.Image(
                label=say("A picture to use"),
                show_label=False,
                type="filepath",
                image_mode="RGBA",
                format="png",
                sources=["upload", "clipboard"],
                height=150,
                elem_id="material",
            )
        self.outputs: list[Any] = [self.door, self.picture]

    def on_tab(self, tab: str) -> Update:
        """It is seen where it counts."""
        return {self.door: gr.Accordion(visible=takes_picture(tab))}

    def shows(self, path: str | None) -> Update:
        """That picture, or none."""
        return {self.door: gr.Accordion(open=path is not None), self.picture: path}


class OptionsPanel:
    """Widgets for what is under More; `inputs` are what `options` takes, the engine the last of them."""

    def __init__(self, service: EditingService) -> None:
        """Make the widgets."""
        self.service, usual = service, service.usual()
        with gr.Accordion(say("More"), open=False, elem_id="more"):
            with gr.Row():
                variants = gr.Slider(1, MAX_VARIANTS, 1, step=1, label=say("Variants"))
                self.seed = gr.Number(0, label=say("Seed"), precision=0)
                self.engine = gr.Dropdown(service.engines(), label=say("Engine"), elem_id="engine")
            with gr.Row():
                steps = gr.Slider(1, STEPS, usual.steps, step=1, label=say("Steps (EditNet)"))
                guidance = gr.Slider(1, GUIDANCE, usual.guidance, step=0.1, label=say("Guidance (EditNet)"))
        self.sliders = {"variants": variants, "steps": steps, "guidance": guidance}
        self.inputs: list[Any] = [*self.sliders.values(), self.seed, self.engine]

    def options(self, variants: float, steps: float, guidance: float, seed: float | None) -> Options:
        """What the widgets ask for."""
        return Options(seed=int(seed or 0), steps=int(steps), guidance=guidance, variants=int(variants))

    def shows(self, recipe: Recipe) -> Update:
        """What the recipe was made with, within what the widgets offer."""
        engines, usual = self.service.engines(), self.service.usual()
        given = {"variants": recipe.variants, "steps": recipe.steps or usual.steps, "guidance": usual.guidance}
        if recipe.guidance is not None:
            given["guidance"] = recipe.guidance
        return {
            self.engine: recipe.engine if recipe.engine in engines else engines[0],
            self.seed: min(max(recipe.seed, 0), 2**32 - MAX_VARIANTS),
            **{slider: min(max(given[name], slider.minimum), slider.maximum) for name, slider in self.sliders.items()},
        }
