"""The page: widgets and how they are wired. What they do is in `handlers`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from omniedit.errors import Cancelled, OmniEditError
from omniedit.services.editing import EditingService, Options
from omniedit.services.files import open_upload
from omniedit.types import MAX_INSTRUCTION, MAX_STEPS, MAX_VARIANTS, Progress, Task
from ui.handlers import Asked, Shown, Wish, run_edit
from ui.plan import PlanPanel
from ui.sessions import Sessions

__all__ = ["CSS", "Example", "build_page", "theme"]

Example = tuple[Path, str]

TITLE = "# OmniEdit Studio\nDrop a photo and say what to change. Paint over a part of it to say where."
ANY = "as the words say"
LIMITS = (
    "The bundled model is small: it was trained on drawn scenes at 128 pixels. It removes, adds, swaps and recolours "
    "simple things (a cat, a red car, a balloon), changes backgrounds (a beach, space, a forest), weather and light "
    "(night, fog, snow) and style (pencil sketch, pixel art). Painting a mask helps it to find the place. "
    "Faces, text and fine detail are beyond it."
)
CSS = """
#title h1 { margin: .2rem 0 0; font-size: 1.5rem }
#title p { margin: 0 0 .4rem; opacity: .75 }
#facts { min-height: 1.6rem }
.gradio-container { max-width: 1320px !important; margin: auto }
.gradio-container .column, .gradio-container .row > *, #canvas, #compare { min-width: 0 !important }
#canvas, #canvas > * { max-width: 100% }
#compare:not(.fullscreen) img { max-height: 430px !important } /* its own limit would cut what is taller */
#examples, #examples .gallery-container, #examples .grid-wrap, #examples .grid-container { height: auto !important;
  min-height: 0 !important; max-height: none !important; grid-auto-rows: auto; overflow: visible }
#examples .grid-wrap { padding: 0 }
#examples .thumbnail-lg { aspect-ratio: auto; height: auto; display: flex; flex-direction: column }
#examples .thumbnail-lg img { height: 130px; width: 100%; object-fit: cover }
#examples .caption-label { position: static; max-width: 100%; margin: .3rem; background: none; border: none;
  font-size: .85rem; white-space: normal; text-align: center }
footer { display: none !important }
@media (max-width: 640px) {
  .gradio-container, .gradio-container main { padding: .4rem !important }
  #desk { flex-direction: column; align-items: stretch }
  #desk > * { width: 100% }
  #canvas .block-label, #canvas label[data-testid=block-label] { display: none }
  #examples .grid-container { grid-template-columns: 1fr 1fr !important }
}
"""
OTHER_FILES = [".tif", ".tiff", ".heic", ".heif", ".avif", ".gif"]  # what a browser's canvas may not open
MASK_COLOUR = "rgba(255, 64, 160, 0.6)"


def theme() -> gr.Theme:
    """Quiet greys, one accent."""
    return gr.themes.Soft(primary_hue="indigo", neutral_hue="slate", radius_size="md")


def build_page(service: EditingService, examples: Sequence[Example]) -> gr.Blocks:
    """The app over an editing service; `examples` are pictures with an instruction that works on them."""
    sessions, usual = Sessions(), service.usual()

    with gr.Blocks(title="OmniEdit Studio", analytics_enabled=False, delete_cache=(3600, 3600)) as page:
        gr.Markdown(TITLE, elem_id="title")
        last = gr.State(None)
        before = gr.State(None)  # the instruction that made what is on the canvas
        with gr.Row(equal_height=False, elem_id="desk"):
            with gr.Column():
                canvas = gr.ImageEditor(
                    label="Your photo",
                    type="pil",
                    image_mode="RGBA",
                    format="png",
                    sources=("upload", "clipboard"),
                    brush=gr.Brush(default_size="auto", colors=[MASK_COLOUR], color_mode="fixed"),
                    eraser=gr.Eraser(default_size="auto"),
                    layers=False,
                    transforms=(),
                    fixed_canvas=False,
                    height=430,
                    elem_id="canvas",
                )
                other = gr.UploadButton(
                    "Open TIFF, HEIC, GIF or AVIF",
                    file_types=["image", *OTHER_FILES],
                    size="sm",
                    elem_id="open",
                )
                instruction = gr.Textbox(
                    label="What should change?",
                    placeholder="make it night · remove the red car · add a cat on the left",
                    max_length=MAX_INSTRUCTION,
                    lines=1,
                    elem_id="instruction",
                )
                with gr.Row():
                    edit = gr.Button("Edit", variant="primary", elem_id="edit", scale=3)
                    look = gr.Button("Show plan", elem_id="look", scale=1)
                    cancel = gr.Button("Cancel", variant="stop", elem_id="cancel", interactive=False, scale=1)
                with gr.Accordion("More", open=False):
                    with gr.Row():
                        task = gr.Dropdown([ANY, *Task], value=ANY, label="Task", elem_id="task")
                        engine = gr.Dropdown(service.engines(), label="Engine", elem_id="engine")
                    material = gr.Image(
                        label="A picture to use: a background, or a cut-out thing",
                        type="filepath",
                        image_mode="RGBA",
                        format="png",
                        sources=["upload", "clipboard"],
                        height=150,
                        elem_id="material",
                    )
                    with gr.Row():
                        variants = gr.Slider(1, MAX_VARIANTS, 1, step=1, label="Variants")
                        seed = gr.Number(0, label="Seed", precision=0)
                    with gr.Row():
                        steps = gr.Slider(1, min(50, MAX_STEPS), usual.steps, step=1, label="Steps (EditNet)")
                        guidance = gr.Slider(1, 5, usual.guidance, step=0.1, label="Guidance (EditNet)")
            with gr.Column():
                panel = PlanPanel(service, sessions)
                compare = gr.ImageSlider(
                    label="Before and after", type="filepath", interactive=False, height=430, elem_id="compare"
                )
                facts = gr.Markdown("", elem_id="facts")
                gallery = gr.Gallery(
                    label="Variants: choose one", visible=False, columns=4, height=150, format="png", elem_id="gallery"
                )
                with gr.Row():
                    download = gr.DownloadButton("Download PNG", interactive=False, elem_id="download")
                    again = gr.Button("Use as the next source", interactive=False, elem_id="again")
        gr.Markdown("**Try one of these**", visible=bool(examples))
        shelf = gr.Gallery(
            [(str(path), words) for path, words in examples],
            label="Examples",
            show_label=False,
            columns=4,
            rows=1,
            height="auto",
            allow_preview=False,
            interactive=False,
            buttons=[],
            format="png",
            visible=bool(examples),
            elem_id="examples",
        )
        gr.Markdown(LIMITS, elem_id="limits")

        def asked(
            wish: Wish,
            canvas_value: dict[str, Any] | None,
            words: str,
            count: int,
            seed_value: float | None,
            step_count: int,
            guidance_value: float,
            task_name: str,
            engine_name: str,
            material_path: str | None,
            made_by: str | None,
        ) -> Asked:
            options = Options(
                task=None if task_name == ANY else Task(task_name),
                seed=int(seed_value or 0),
                steps=int(step_count),
                guidance=guidance_value,
                variants=int(count),
                box=wish.box,
                click=wish.click,
                material=material_path,
                before=made_by,
                parameters=dict(wish.parameters),
            )
            return Asked(canvas_value, words, options, engine_name)

        def on_edit(
            request: gr.Request,
            progress: gr.Progress = gr.Progress(),  # noqa: B008 (how Gradio finds it)
            *values: Any,
        ) -> tuple[Any, ...]:
            session = request.session_hash or ""
            stop = sessions.begin(session)

            def show(p: Progress) -> None:
                done, total = (p.variant - 1) * p.steps + p.step, p.steps * p.variants
                progress((done, total), desc=f"Step {p.step} of {p.steps}", unit="steps")

            try:
                *given, wish = values
                made = asked(wish.on(given[1]), *given)
                shown = run_edit(service, made, stop, show, sessions.folder(session))
            except Cancelled as error:
                gr.Info(str(error))
                return unchanged()
            except OmniEditError as error:
                gr.Warning(str(error), title="This cannot be edited")
                return unchanged()
            except Exception:  # a person gets a sentence, the log the traceback
                logging.getLogger(__name__).exception("An edit failed.")
                gr.Warning("The edit failed inside; the log of the app says why. Your picture is unchanged.")
                return unchanged()
            finally:
                sessions.finish(session, stop)
            pictures = [(str(path), label) for path, label in zip(shown.variants, shown.labels, strict=True)]
            return (
                *looked_at(shown),
                gr.Gallery(pictures, visible=len(pictures) > 1),
                gr.Button(interactive=True),
                shown.facts,
                gr.Group(visible=False),
            )

        def looked_at(shown: Shown) -> tuple[Any, ...]:
            return (
                (str(shown.before), str(shown.after)),
                gr.DownloadButton(value=str(shown.after), interactive=True),
                shown,
            )

        def unchanged() -> tuple[Any, ...]:
            return tuple(gr.skip() for _ in outputs)

        def on_cancel(request: gr.Request) -> None:
            sessions.stop(request.session_hash or "")

        def on_choose(shown: Shown, event: gr.SelectData) -> tuple[Any, ...]:
            return looked_at(shown.choose(event.index))

        def on_open(path: str) -> Any:
            try:
                picture, notes = open_upload(path)
            except OmniEditError as error:
                gr.Warning(str(error), title="This cannot be opened")
                return gr.skip()
            for note in notes:
                gr.Info(note)
            return on_canvas(picture)

        def on_example(event: gr.SelectData) -> tuple[dict[str, Any], str]:
            path, words = examples[event.index]
            return on_canvas(str(path)), words

        def on_leave(request: gr.Request) -> None:
            if request is not None:
                sessions.end(request.session_hash or "")

        def on_again(shown: Shown) -> tuple[dict[str, Any], str, Wish]:
            return on_canvas(str(shown.after)), shown.words, Wish()

        def on_new() -> tuple[None, Wish, Any]:
            return None, Wish(), gr.Group(visible=False)

        def on_canvas(picture: str | Image.Image) -> dict[str, Any]:
            return {"background": picture, "layers": [], "composite": None}

        def busy(request: gr.Request) -> tuple[Any, ...]:
            sessions.ask(request.session_hash or "")
            return gr.Button(interactive=False), gr.Button(interactive=True), gr.Textbox(interactive=False)

        def idle() -> tuple[Any, ...]:
            return gr.Button(interactive=True), gr.Button(interactive=False), gr.Textbox(interactive=True)

        def refused(request: gr.Request) -> tuple[Any, ...]:
            sessions.drop(request.session_hash or "")
            return idle()

        doors = [edit, cancel, instruction]
        inputs = [canvas, instruction, variants, seed, steps, guidance, task, engine, material, before]
        outputs = [compare, download, last, gallery, again, facts, panel.panel]
        panel.wire(look, inputs, asked)
        for trigger in (edit.click, instruction.submit):
            work = trigger(busy, None, doors, queue=False, api_visibility="private").then(
                on_edit,
                [*inputs, panel.wish],
                outputs,
                concurrency_limit=1,
                concurrency_id="edit",
                api_visibility="private",
            )
            work.success(idle, None, doors, queue=False, api_visibility="private")
            work.failure(refused, None, doors, queue=False, api_visibility="private")
        cancel.click(on_cancel, None, None, queue=False, api_visibility="private")
        gallery.select(on_choose, last, [compare, download, last], api_visibility="private")
        again.click(on_again, last, [canvas, before, panel.wish], api_visibility="private")
        fresh = [before, panel.wish, panel.panel]
        opened = other.upload(on_open, other, canvas, api_visibility="private")
        chosen = shelf.select(on_example, None, [canvas, instruction], queue=False, api_visibility="private")
        for arrival in (opened.then, chosen.then, canvas.upload, canvas.clear):
            arrival(on_new, None, fresh, queue=False, api_visibility="private")
        page.unload(on_leave)
    return page
