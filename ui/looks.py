"""How the page looks: theme, style sheet and script."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from omniedit.services.planning import OUTLINE
from ui.words import say

__all__ = ["CSS", "HEAD", "MASK_COLOUR", "THEMES", "theme"]

HERE = Path(__file__).parent
MASK_COLOUR = (*OUTLINE, 0.6)  # red, green, blue, opacity
THEMES = [  # `theme` in page.js knows them by their second names
    (say("As the system"), "As the system"),
    (say("Bright"), "Light"),
    (say("Dark"), "Dark"),
]
CSS = (HERE / "page.css").read_text()
# the first part is of what is outside of the page's own element, which the style sheet does not reach
HEAD = (
    """
<style>
  body { background: var(--body-background-fill) }
  .dark .gradio-container { --color-accent: var(--primary-400) }
  .gradio-container { max-width: 1320px !important; margin: auto !important }
  body:not(.result-came) #recall { display: none }
  @media (max-width: 640px) {
    html { overflow-anchor: none } /* else a picture that comes moves away what was scrolled to */
    .gradio-container .main { padding: .6rem .6rem 6rem !important }
  }
</style>
<script>
"""
    + (HERE / "page.js").read_text()
    + "</script>"
)


def theme() -> gr.Theme:
    """Quiet greys, one accent; words on their grounds have a contrast of 4.5 : 1 or more."""
    return gr.themes.Soft(primary_hue="indigo", neutral_hue="slate", radius_size="md").set(
        block_title_text_color="*primary_700",
        block_label_text_color="*primary_700",
        background_fill_primary="*neutral_50",  # Soft's own, which `set` takes back
        body_text_color_subdued="*neutral_600",
        input_placeholder_color="*neutral_500",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover_dark="*primary_700",
        color_accent="*primary_600",
        checkbox_label_background_fill_selected="*primary_600",
        checkbox_label_background_fill_selected_dark="*primary_600",
        checkbox_background_color_selected="*primary_600",
        checkbox_background_color_selected_dark="*primary_600",
        link_text_color="*primary_700",
        link_text_color_dark="*primary_300",
        block_title_background_fill_dark="none",  # Soft's own are loud there
        block_title_text_color_dark="*primary_200",
        block_label_background_fill_dark="*neutral_800",
        block_label_text_color_dark="*primary_200",
        body_text_color_subdued_dark="*neutral_400",
        input_placeholder_color_dark="*neutral_400",
    )
