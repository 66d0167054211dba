"""The page: widgets and how they are wired. What they do is in `handlers`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr

from omniedit.services.album import Album
from omniedit.services.editing import EditingService
from omniedit.services.examples import Example
from omniedit.services.fetching import Fetcher
from omniedit.services.models import able, about
from ui.api import Api
from ui.blobs import limit
from ui.canvas import Easel
from ui.chips import Chips
from ui.forms import Forms, Update, takes_picture
from ui.guard import Studio
from ui.handlers import Asked, Wish
from ui.history import HistoryPanel
from ui.looks import MASK_COLOUR
from ui.mask import MaskTools
from ui.models import ModelsPanel
from ui.opening import Desk
from ui.options import MaterialPanel, OptionsPanel
from ui.plan import HISTORY, PLAN, RESULT, PlanPanel
from ui.planning import Planner
from ui.preferences import Greeting, PreferencesPanel
from ui.result import ResultPanel
from ui.running import Runner
from ui.sessions import Sessions
from ui.shelf import Shelf
from ui.steps import Steps
from ui.turns import WITH_PHOTOS
from ui.uploads import KEPT, SWEPT
from ui.words import say

__all__ = ["build_page"]

TITLE = "# OmniEdit Studio\n" + say("Drop a photo and say what to change.")
LIMITS = say(
    "**What works here.** Things are removed, swapped, added and recoloured, backgrounds, light, weather and style "
    "changed, at the photo's own size. Faces, clothes, skies, grounds, what stands out and what a colour names are "
    "found by themselves; anything else is shown by brush on the photo, or by click or box in the plan. Expressions, "
    "poses and lettering cannot be changed. What no specialist can do, a small model may be asked to try that has "
    "learned from drawn scenes at 128 pixels."
)
OTHER_FILES = [".tif", ".tiff", ".heic", ".heif", ".avif", ".gif"]  # what a browser's canvas may not open
SCROLL = "() => { if (innerWidth <= 640) document.querySelector('%s').scrollIntoView(); return []; }"


def build_page(
    service: EditingService,
    sessions: Sessions,
    examples: Sequence[Example],
    album: Album | None = None,
    fetcher: Fetcher | None = None,
) -> gr.Blocks:
    """The app over an editing service; `examples` are pictures with an instruction that works on them.

    `album` shows what was edited; without it nothing is kept. `fetcher` fetches models for who runs the app.
    """
    with Studio(title="OmniEdit Studio", analytics_enabled=False, delete_cache=(SWEPT, KEPT)) as page:
        gr.Markdown(TITLE, elem_id="title")
        greeting = Greeting()
        with gr.Row(equal_height=False, elem_id="desk"):
            with gr.Column(elem_id="hand"):
                canvas = gr.ImageEditor(
                    label=say("Your photo"),
                    type="pil",
                    image_mode="RGBA",
                    format="png",
                    sources=("upload", "clipboard"),
                    brush=gr.Brush(default_size="auto", colors=[f"rgba{MASK_COLOUR}"], color_mode="fixed"),
                    eraser=gr.Eraser(default_size="auto"),
                    layers=False,
                    transforms=(),
                    fixed_canvas=False,
                    canvas_size=(16, 16),  # that of the photo; what is given from here would sit askew on a larger one
                    height=430,
                    placeholder=say("Drop a photo here\nor press\nto choose one"),
                    elem_id="canvas",
                )
                limit(canvas)
                easel = Easel(canvas)
                arrived = gr.Button("", elem_id="arrived")  # these are never seen: the page's script uses them
                bring = gr.UploadButton("", elem_id="bring")
                with gr.Row(elem_id="doors"):
                    other = gr.UploadButton(
                        say("Open TIFF, HEIC, GIF, AVIF or a result"),
                        file_types=["image", *OTHER_FILES],
                        size="sm",
                        min_width=160,
                        elem_id="open",
                    )
                    trail = Steps(album, sessions)
                gr.Button(say("This is a result: bring back how it was made"), size="sm", elem_id="recall")  # page.js
                tools = gr.Column()
                forms = Forms(partial(able, service.settings))
                with forms.below:
                    chips = Chips()
                material = MaterialPanel()
                with gr.Column(elem_id="actions"):
                    with gr.Row():
                        edit = gr.Button(say("Edit"), variant="primary", elem_id="edit", scale=3)
                        look = gr.Button(say("Show plan"), elem_id="look", scale=2)
                        cancel = gr.Button(say("Cancel"), variant="stop", elem_id="cancel", interactive=False, scale=1)
                    notice = gr.Markdown("", elem_id="notice")
                with tools:
                    masks = MaskTools(canvas, notice)
                knobs = gr.Column(elem_id="knobs")
                more = OptionsPanel(service)
            with gr.Column(elem_id="eye"), gr.Tabs(selected=PLAN, elem_id="stage") as stage:
                with gr.Tab(say("Plan"), id=PLAN):
                    panel = PlanPanel(stage, notice, knobs)
                with gr.Tab(say("Result"), id=RESULT, render_children=True):
                    result = ResultPanel(sessions, album, notice)
                if album is not None:
                    with gr.Tab(say("History"), id=HISTORY, render_children=True) as past:
                        history = HistoryPanel(album, sessions, stage, notice)
        shelf = Shelf(examples)
        gr.Markdown(LIMITS, elem_id="limits")
        models = ModelsPanel(service, sessions, fetcher)
        preferences = PreferencesPanel(service, sessions, album)
        with gr.Accordion(say("About"), open=False, elem_id="about"):
            gr.Markdown(about(service.settings))

        def asked(change: Callable[[Wish], Wish], wish: Wish, *given: Any) -> Asked:
            """What the widgets of `inputs` ask for, the wish changed. Raises BadInput where the form is not filled."""
            values = dict(zip(settings, given[len(forms.inputs) :], strict=True))
            said = forms.said(*given[: len(forms.inputs)])
            wish = change(wish.on(said.words))
            *turned, engine = (values[widget] for widget in more.inputs)
            options = replace(
                more.options(*turned),
                box=wish.box,
                click=wish.click,
                material=values[material.picture] if takes_picture(given[0]) else None,
                intent=said.intent,
                parameters={**{k: v for k, v in wish.parameters if k != said.own}, **said.parameters},
            )
            origin = values[trail.origin]
            whole = values[easel.whole]
            own = said.own
            return Asked(values[canvas], said.words, options, engine, wish=wish, whole=whole, origin=origin, own=own)

        desk = Desk(sessions, album, forms, panel, trail, notice, easel, material, more, result.about)
        planner = Planner(service, sessions, panel, forms, chips, asked)
        runner = Runner(service, sessions, album, planner, result, preferences)

        def on_cancel(request: gr.Request) -> None:
            sessions.stop(request.session_hash or "")

        def on_tab(tab: str) -> Update:
            return {**shelf.on_tab(tab), **material.on_tab(tab)}

        def on_example(request: gr.Request, tab: str, event: gr.SelectData) -> Update:
            return desk.shows_example(request, shelf.of_tab(tab)[event.index], tab)

        def on_leave(request: gr.Request) -> None:
            if request is None:
                return
            sessions.end(request.session_hash or "")
            runner.forget(request)

        def busy(request: gr.Request) -> Update:
            sessions.ask(request.session_hash or "")
            return {**doors_open(False), stage: gr.Tabs(selected=RESULT), notice: ""}

        def refused(request: gr.Request) -> Update:
            sessions.drop(request.session_hash or "")
            return doors_open(True)

        def doors_open(ready: bool) -> Update:
            return {
                edit: gr.Button(interactive=ready),
                look: gr.Button(interactive=ready),
                cancel: gr.Button(interactive=not ready),
                panel.attempt: gr.Button(interactive=ready),
                **{line: gr.Textbox(interactive=ready) for line in forms.lines},
            }

        doors = [edit, look, cancel, panel.attempt, *forms.lines]
        settings = [*easel.outputs, *more.inputs, material.picture, trail.origin]
        inputs = [*forms.inputs, *settings]
        quick: dict[str, Any] = {"queue": False, "api_visibility": "private"}
        telling: dict[str, Any] = {
            "show_progress": "hidden",
            "api_visibility": "private",
        }  # what hangs on a state hears
        planner.wire(look, cancel, inputs, SCROLL % "#stage")
        tries = panel.attempt.click(panel.tries, [panel.planned, panel.wish], panel.wish, **quick)
        for trigger in (edit.click, tries.then, *(line.submit for line in forms.lines)):
            begins = f"() => {{ began(); return ({SCROLL % '#stage'})(); }}"
            asked_for = trigger(busy, None, [*doors, stage, notice], js=begins, **quick)
            work = asked_for.then(
                runner.on_edit,
                [panel.planned, panel.wish, preferences.kept, *inputs],
                [*result.outputs, *panel.outputs],
                concurrency_limit=WITH_PHOTOS,
                concurrency_id="page",
                show_progress_on=result.compare,
                api_visibility="private",
            )
            done = work.success(lambda: doors_open(True), None, doors, js=SCROLL % "#stage", **quick)
            failed = work.failure(refused, None, doors, **quick)
            for end in (done, failed):
                end.then(None, None, None, js="() => { ended(); return []; }")
        cancel.click(on_cancel, None, None, **quick)
        result.wire()
        if album is not None:
            history.wire(past, result, desk)
        models.wire()
        preferences.wire(page, greeting, result, more.engine)
        masks.wire(panel.planned)
        trail.wire(easel, notice, panel.empty, panel.outputs)
        result.again.click(
            desk.on_again,
            [result.last, *trail.states[:2]],
            desk.outputs,
            js=f"(...given) => {{ ({SCROLL % '#canvas'})(); return given; }}",
            **telling,
        )
        result.reuse.click(desk.on_words, result.last, [*forms.outputs, notice], queue=False, **telling)
        other.upload(desk.on_open, other, desk.outputs, api_visibility="private")
        came = bring.upload(desk.on_photo, bring, desk.outputs, api_visibility="private", show_progress_on=canvas)
        came.then(None, None, None, js="() => { brought(); return []; }")
        shelf.cards.select(on_example, forms.tab, desk.outputs, **telling)
        forms.wire(on_tab, [shelf.cards, material.door])
        for arrival, also in ((arrived.click, None), (canvas.clear, "() => { offer(); return []; }")):
            arrival(desk.cleared, None, [*panel.outputs, *trail.states, easel.whole, result.about], js=also, **telling)
        Api(service, sessions, album).add()
        page.unload(on_leave)
    return page
