"""What to change, in one's own words or in the form of one of the seven tasks. The photo stays when the tab changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any

import gradio as gr

from omniedit.errors import BadInput
from omniedit.services.models import Able
from omniedit.services.wording import choices, filled, main_knob
from omniedit.types import MAX_INSTRUCTION, Intent, Parameter, Task
from ui.words import relay, say

__all__ = [
    "FORMS",
    "FREE",
    "KNOWN",
    "NAMED",
    "Forms",
    "Said",
    "Update",
    "field_widget",
    "said",
    "takes_picture",
    "words_of",
]

Update = dict[Any, Any]  # component -> what becomes of it

FREE = "free"  # the tab of one's own words


@dataclass(frozen=True)
class Field:
    """A line of a form; `name` is the field of Intent that it fills, `of_many` one that is chosen from a list.

    `missing` is said where it is empty and the task cannot do without.
    """

    name: str
    label: str
    example: str = ""
    of_many: bool = False
    missing: str = ""


@dataclass(frozen=True)
class Form:
    """The tab of a task: its name, its lines, and how it is done: by what is bundled, or `painted` by a model."""

    title: str
    fields: tuple[Field, ...]
    how: str
    painted: str


WHAT = Field("target", say("What"), say("the red car (or paint it)"))
NEW = Field("new", say("What comes"), of_many=True)
DRAWN = say("These things are drawings, lit as the photo is; a cut-out picture of your own goes before them.")
KNOWN = say("Found by name: people, faces, clothes, skies, grounds, what stands out or has a colour. Paint the rest.")
NAMED = say("Whatever has a name is found; models on this machine look for it.")
FORMS: dict[Task, Form] = {
    Task.REMOVAL: Form(
        say("Remove"),
        (WHAT,),
        say("It is filled from its surroundings, and its shadow goes along."),
        say("A diffusion model on this machine paints what was behind it."),
    ),
    Task.SWAP: Form(
        say("Swap"),
        (WHAT, NEW),
        DRAWN,
        say("A diffusion model on this machine paints what comes; a cut-out picture of your own goes before it."),
    ),
    Task.ADDITION: Form(
        say("Add"),
        (NEW, Field("place", say("Where"), say("on the table, left (or paint it)"))),
        DRAWN,
        say("A diffusion model on this machine paints what comes where you brush; elsewhere it is a drawing."),
    ),
    Task.ATTRIBUTE: Form(
        say("Look"),
        (
            WHAT,
            Field(
                "value",
                say("Becomes"),
                of_many=True,
                missing="'Becomes' is empty; choose one of the list, or write your own.",
            ),
        ),
        say("Colours, materials, lighter and darker, larger and smaller; shading and highlights stay."),
        say("A diffusion model on this machine repaints it: colours, materials and other looks."),
    ),
    Task.BACKGROUND: Form(
        say("Background"),
        (
            Field("value", say("What comes behind"), of_many=True),
            Field("target", say("What stays in front"), say("found by itself if empty")),
        ),
        say("Scenes are painted by rules, not photographed; a picture of your own goes before them."),
        say("A diffusion model on this machine paints the scene; a picture of your own goes before it."),
    ),
    Task.ENVIRONMENT: Form(
        say("Light"),
        (
            Field(
                "value",
                say("Light, weather or season"),
                of_many=True,
                missing="'Light, weather or season' is empty; choose one of the list, or write your own.",
            ),
        ),
        say("All of the photo changes, outdoors best. Paint where it should change if not everywhere."),
        say("A diffusion model on this machine changes all of the photo. Paint where if not everywhere."),
    ),
    Task.STYLE: Form(
        say("Style"),
        (
            Field(
                "value",
                say("Looks like"),
                of_many=True,
                missing="'Looks like' is empty; choose one of the list, or write your own.",
            ),
        ),
        say("Brush strokes, lines, dots and colours change by rules; what the picture shows stays."),
        say("A diffusion model on this machine repaints the picture; what it shows stays, nearly."),
    ),
}


@dataclass(frozen=True)
class Said:
    """The words of an edit, and where a form says them what they mean."""

    words: str
    intent: Intent | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    own: str = ""  # the parameter that the form has a slider for


def takes_picture(tab: str) -> bool:
    """Whether a picture to use is shown on that tab, and so counts."""
    return tab in (FREE, Task.SWAP, Task.ADDITION, Task.BACKGROUND)


def said(tab: str, words: str, values: Mapping[tuple[Task, str], str]) -> Said:
    """What is asked for in the open tab. Raises BadInput where a line is empty that the task cannot do without."""
    if tab == FREE:
        return Said(words)
    task = Task(tab)
    for line in FORMS[task].fields:
        if line.missing and not values[task, line.name].strip():
            raise BadInput(line.missing)
    intent = filled(task, **{line.name: values[task, line.name] for line in FORMS[task].fields})
    return Said(intent.text, intent)


def words_of(meant: Mapping[str, str]) -> str:
    """What the form says that shows what is `meant` (task, target, ...)."""
    return filled(Task(meant["task"]), **{name: words for name, words in meant.items() if name != "task"}).text


class Forms:
    """Widgets and wiring; `inputs` are what `said` takes."""

    def __init__(self, able: Callable[[Task], Able]) -> None:
        """Make the widgets; `able` says what does a task on this machine."""
        self.able = able
        self.tab = gr.State(FREE)
        self.fields: dict[tuple[Task, str], Any] = {}
        self.sliders: dict[Task, gr.Slider] = {}
        self.hints: dict[Task, tuple[gr.Markdown, gr.Markdown]] = {}  # how it is done, and what is found
        with gr.Tabs(selected=FREE, elem_id="tasks") as self.tabs:
            with gr.Tab(say("Free"), id=FREE) as free:
                self.words = gr.Textbox(
                    label=say("What should change?"),
                    placeholder="make it night · remove the red car · add a cat on the left",
                    max_length=MAX_INSTRUCTION,
                    lines=1,
                    elem_id="instruction",
                )
                self.below = gr.Column()  # what was understood of the words comes there
            self._tabs: dict[str, gr.Tab] = {FREE: free}
            for task, form in FORMS.items():
                with gr.Tab(form.title, id=task.value, render_children=True) as self._tabs[task.value]:
                    with gr.Row():
                        for line in form.fields:
                            name = f"{task.value}-{line.name}"
                            self.fields[task, line.name] = field_widget(task, line, "", name)
                    how, found = self._hints(task)
                    self.hints[task] = gr.Markdown(how, elem_classes="hint"), gr.Markdown(found, elem_classes="hint")
                    knob, step = main_knob(task), 0.05
                    name, label = f"{task.value}-{knob.name}", relay(knob.label)
                    slider = gr.Slider(knob.low, knob.high, knob.usual, step=step, label=label, elem_id=name)
                    self.sliders[task] = slider
        self.inputs = [self.tab, self.words, *self.fields.values(), *self.sliders.values()]
        self.outputs = [self.tabs, *self.inputs]
        self.lines = [self.words, *(w for w in self.fields.values() if isinstance(w, gr.Textbox))]  # Enter is Edit

    def said(self, tab: str, words: str, *values: Any) -> Said:
        """What the values of `inputs` ask for; a slider as it usually is says nothing. Raises BadInput as `said`."""
        lines, turned = values[: len(self.fields)], values[len(self.fields) :]
        found = said(tab, words, dict(zip(self.fields, (value or "" for value in lines), strict=True)))
        if tab == FREE:
            return found
        knob, value = main_knob(Task(tab)), dict(zip(self.sliders, turned, strict=True))[Task(tab)]
        return replace(found, own=knob.name, parameters={} if value in (None, knob.usual) else {knob.name: value})

    def wire(self, on_tab: Callable[[str], Update], outputs: list[Any]) -> None:
        """`on_tab` says what else the page shows on a tab."""
        hints = [hint for pair in self.hints.values() for hint in pair]
        for name, tab in self._tabs.items():
            select = partial(self.selects, name, on_tab)
            tab.select(select, None, [self.tab, *hints, *outputs], queue=False, api_visibility="private")

    def selects(self, name: str, on_tab: Callable[[str], Update]) -> Update:
        """A tab is opened; its hints are looked up anew, since a model may have been fetched."""
        hints = {} if name == FREE else dict(zip(self.hints[Task(name)], self._hints(Task(name)), strict=True))
        return {self.tab: name, **hints, **on_tab(name)}

    def _hints(self, task: Task) -> tuple[str, str]:
        """What works here: how the task is done, and, where it needs to be found, what is."""
        form, able = FORMS[task], self.able(task)
        found = (NAMED if able.named else KNOWN) if "target" in [field.name for field in form.fields] else ""
        return form.painted if able.painted else form.how, found

    def shows(
        self,
        words: str,
        meant: Mapping[str, str] = MappingProxyType({}),
        parameters: Mapping[str, Parameter] = MappingProxyType({}),
    ) -> Update:
        """The words in the free tab or, where it is known what is `meant` (task, target, ...), the form of the task."""
        update = {**self.cleared(), self.words: words}
        tab = meant.get("task", FREE)
        if tab != FREE:
            task = Task(tab)
            update |= {self.fields[task, f.name]: meant.get(f.name, "") for f in FORMS[task].fields}
            update[self.sliders[task]] = main_knob(task).within(parameters.get(main_knob(task).name))
        return {**update, self.tabs: gr.Tabs(selected=tab), self.tab: tab}

    def saying(self, meant: Mapping[str, str], given: Sequence[Any]) -> list[Any]:
        """The values of `inputs`, `given` now, once they say what is `meant`."""
        shown = self.shows("", meant)
        return [shown.get(widget, value) for widget, value in zip(self.inputs, given, strict=True)]

    def cleared(self) -> Update:
        """Nothing is said, in the tab that is open."""
        usual = {slider: main_knob(task).usual for task, slider in self.sliders.items()}
        return {**{widget: "" for widget in (self.words, *self.fields.values())}, **usual}


def field_widget(task: Task, field: Field, value: str, name: str, **more: Any) -> gr.Textbox | gr.Dropdown:
    """A line of a task's form that says `value`; `more` is for the widget."""
    settings: dict[str, Any] = {"label": field.label, "min_width": 160, "elem_id": name, "interactive": True, **more}
    if not field.of_many:
        return gr.Textbox(value, placeholder=field.example, max_length=200, lines=1, **settings)
    listed = [("", ""), *((relay(choice), choice) for choice in choices(task))]
    if value not in dict(listed).values():
        listed.append((value, value))
    return gr.Dropdown(listed, value=value, allow_custom_value=True, filterable=True, **settings)
