"""How the page looks: theme, style sheet, and what the empty places say."""

from __future__ import annotations

import gradio as gr

from omniedit.services.planning import OUTLINE

__all__ = ["CSS", "HEAD", "MASK_COLOUR", "theme"]

MASK_COLOUR = (*OUTLINE, 0.6)  # red, green, blue, opacity
CSS = """
.column, .row > *, #canvas, #compare { min-width: 0 !important }
#title h1 { margin: .2rem 0 0; font-size: 1.5rem }
#title p { margin: 0 0 .4rem; color: var(--body-text-color-subdued) }
#canvas, #canvas > * { max-width: 100% }
#actions { gap: .5rem }
#actions button { white-space: nowrap; padding-inline: .6rem }
#actions button:disabled { opacity: .55 }
#notice:not(:has(p)) { display: none }
#notice, #plan-says { border-left: 4px solid var(--color-accent); padding: .5rem .8rem; border-radius: 4px;
  background: var(--block-background-fill) }
#notice, #plan-says.refused { border-color: #d97706 }
#tasks .tab-container button { padding-inline: .55rem }
.hint { color: var(--body-text-color-subdued); font-size: .9rem }
.away { display: none !important }
#flat.held img { cursor: pointer; touch-action: none; user-select: none; -webkit-user-drag: none }
#flat img { max-height: 430px }
#mask-tools { gap: .35rem; align-items: center }
#mask-tools > * { flex: none !important; width: auto !important }
#mask-tools button { padding-inline: .5rem }
#way { margin-top: -.4rem }
#download, #again { white-space: nowrap; padding-inline: .6rem }
#stage .tabitem { padding: .6rem 0 0; border: none; background: none }
#plan-says, #facts { min-height: 3.2rem }
#compare:not(.fullscreen) img { max-height: 430px !important } /* its own limit would cut what is taller */
#compare .empty, #plan-picture .empty { flex-direction: column; gap: .6rem; color: var(--body-text-color-subdued) }
#compare .empty::after { content: "The edited picture comes here, to compare with the photo." }
#plan-picture .empty::after { content: "What would change is outlined here." }
#plan-picture img { cursor: crosshair }
#limits { color: var(--body-text-color-subdued) }
.cards, .cards .gallery-container, .cards .grid-wrap, .cards .grid-container { height: auto !important;
  min-height: 0 !important; max-height: none !important; grid-auto-rows: auto; overflow: visible }
.cards .grid-wrap { padding: 0 }
#history .grid-container { grid-template-columns: repeat(3, minmax(0, 1fr)) !important }
#history .grid-wrap { max-height: 640px !important; overflow-y: auto }
#keeping { gap: .5rem }
#keeping button { flex: none; white-space: nowrap; align-self: center }
#keeping > .form { border: none; box-shadow: none; background: none }
.cards .thumbnail-lg { aspect-ratio: auto; height: auto; display: flex; flex-direction: column }
.cards .thumbnail-lg img { aspect-ratio: 3 / 2; height: auto; width: 100%; object-fit: cover;
  object-position: 50% 30% }
.cards .caption-label { opacity: 1 !important; color: var(--body-text-color) } /* Gradio dims it under the pointer */
.cards .caption-label { position: static; max-width: 100%; margin: .3rem; background: none; border: none;
  font-size: .85rem; white-space: normal; text-align: center }
footer, #arrived { display: none !important }
@media (max-width: 640px) {
  #desk, #hand { flex-direction: column; align-items: stretch; flex-wrap: nowrap }
  #hand, #eye { display: contents } /* one column, in the order of the work: the sliders below the picture */
  #desk > *, #hand > *, #eye > * { width: 100%; flex: none !important }
  #plan-picture:has(img) { height: auto !important }
  #plan-picture img { height: auto !important; max-height: 60vh }
  #compare:not(.fullscreen) { height: 340px !important }
  #compare:not(.fullscreen) img { max-height: 340px !important }
  #knobs { order: 1 }
  #more { order: 2 }
  #canvas .block-label, #canvas label[data-testid=block-label] { display: none }
  .cards .grid-container, #history .grid-container { grid-template-columns: 1fr 1fr !important }
  #history .grid-container { grid-template-columns: repeat(3, minmax(0, 1fr)) !important }
#history .grid-wrap { max-height: none !important }
  #actions { position: fixed; inset: auto 0 0 0; z-index: 900; padding: .5rem .6rem .7rem;
    background: var(--body-background-fill); box-shadow: 0 -2px 10px rgb(0 0 0 / .15) }
  #actions .row { flex-wrap: nowrap; gap: .5rem }
  #notice { order: -1 }
}
"""

# What is outside of the page's own element, which the style sheet does not reach.
HEAD = """
<style>
  .gradio-container { max-width: 1320px !important; margin: auto !important }
  @media (max-width: 640px) {
    html { overflow-anchor: none } /* else a picture that comes moves away what was scrolled to */
    .gradio-container .main { padding: .6rem .6rem 6rem !important }
  }
</style>
<script>
  // The canvas tells of an upload whenever it is read or laid out anew; a person's own picture is what comes by these.
  const arrived = () => document.querySelector("#arrived")?.click();
  const on = (kind, came) => document.addEventListener(kind, e => came(e) && setTimeout(arrived), true);
  const onCanvas = e => e.target.closest?.("#canvas");
  on("change", e => onCanvas(e) && e.target.type === "file");
  on("drop", onCanvas);
  on("paste", e => e.clipboardData?.files.length);
  on("click", e => onCanvas(e) && e.target.closest("[aria-label*=clipboard i]"));
  // While the picture is held, or the key O, the original is seen in its place.
  const original = seen => {
    const held = document.querySelector("#flat.held img"), before = document.querySelector("#compare img");
    if (!held || !before || seen === "after" in held.dataset) return;
    if (seen) [held.dataset.after, held.src] = [held.src, before.src];
    else { held.src = held.dataset.after; delete held.dataset.after }
  };
  document.addEventListener("pointerdown", e => e.target.closest?.("#flat.held img") && original(true));
  for (const end of ["pointerup", "pointercancel", "blur"]) addEventListener(end, () => original(false));
  const fields = "input:not([type=radio], [type=checkbox], [type=range]), textarea, [contenteditable]";
  const typing = e => e.target.closest?.(fields) || e.ctrlKey || e.metaKey || e.altKey;
  document.addEventListener("keydown", e => e.key.toLowerCase() === "o" && !typing(e) && original(true));
  document.addEventListener("keyup", e => e.key.toLowerCase() === "o" && original(false));
</script>
"""


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
    )
