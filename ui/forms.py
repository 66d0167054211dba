"""What to change, in one's own words or in the form of one of the seven tasks. The photo stays when the tab changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import gradio as gr

from omniedit.errors import BadInput
from omniedit.services.wording import choices, filled
from omniedit.types import MAX_INSTRUCTION, Intent, Task
from ui.words import relay, say

__all__ = ["FORMS", "FREE", "Forms", "Said", "Update", "field_widget", "said", "words_of"]

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
    """The tab of a task: its name, its lines, and a sentence on what works."""

    title: str
    fields: tuple[Field, ...]
    hint: str


WHAT = Field("target", say("What"), say("the red car (or paint it)"))
NEW = Field("new", say("What comes"), of_many=True)
DRAWN = say(
    "These things are drawings, lit as the photo is; a cut-out picture of your own (under More) goes before them."
)
FORMS: dict[Task, Form] = {
    Task.REMOVAL: Form(
        say("Remove"),
        (WHAT,),
        say("It is filled from its surroundings, and its shadow goes along. Paint over what has no plain name."),
    ),
    Task.SWAP: Form(say("Swap"), (WHAT, NEW), DRAWN),
    Task.ADDITION: Form(
        say("Add"),
        (NEW, Field("place", say("Where"), say("on the table, left (or paint it)"))),
        DRAWN,
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
    ),
    Task.BACKGROUND: Form(
        say("Background"),
        (
            Field("value", say("What comes behind"), of_many=True),
            Field("target", say("What stays in front"), say("found by itself if empty")),
        ),
        say("Scenes are painted by rules, not photographed; a picture of your own (under More) goes before them."),
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
        say("What the picture shows stays; how strong it is, is a slider once you see the plan."),
    ),
}


@dataclass(frozen=True)
class Said:
    """The words of an edit, and where a form says them what they mean."""

    words: str
    intent: Intent | None = None


def said(tab: str, words: str, values: Mapping[tuple[Task, str], str]) -> Said:
    """What is asked for in the open tab. Raises BadInput where a line is empty that the task cannot do without."""
    if tab == FREE:
        return Said(words)
    task = Task(tab)
    for field in FORMS[task].fields:
        if field.missing and not values[task, field.name].strip():
            raise BadInput(field.missing)
    intent = filled(task, **{field.name: values[task, field.name] for field in FORMS[task].fields})
    return Said(intent.text, intent)


def words_of(meant: Mapping[str, str]) -> str:
    """What the form says that shows what is `meant` (task, target, ...)."""
    return filled(Task(meant["task"]), **{name: words for name, words in meant.items() if name != "task"}).text


class Forms:
    """Widgets and wiring; `inputs` are what `said` takes."""

    def __init__(self) -> None:
        """Make the widgets."""
        self.tab = gr.State(FREE)
        self.fields: dict[tuple[Task, str], Any] = {}
        with gr.Tabs(selected=FREE, elem_id="tasks") as self.tabs:
            with gr.Tab(say("Free"), id=FREE) as free:
                self.words = gr.Textbox(
                    label=say("What should change?"),
                    placeholder="make it night · remove the red car · add a cat on the left",
                    max_length=MAX_INSTRUCTION,
                    lines=1,
                    elem_id="instruction",
                )
            self._tabs: dict[str, gr.Tab] = {FREE: free}
            for task, form in FORMS.items():
                with gr.Tab(form.title, id=task.value, render_children=True) as self._tabs[task.value]:
                    with gr.Row():
                        for field in form.fields:
                            name = f"{task.value}-{field.name}"
                            self.fields[task, field.name] = field_widget(task, field, "", name)
                    gr.Markdown(form.hint, elem_classes="hint")
        self.inputs = [self.tab, self.words, *self.fields.values()]
        self.outputs = [self.tabs, *self.inputs]
        self.lines = [self.words, *(w for w in self.fields.values() if isinstance(w, gr.Textbox))]  # Enter is Edit
        for name, tab in self._tabs.items():
            tab.select(partial(str, name), None, self.tab, queue=False, api_visibility="private")

    def said(self, tab: str, words: str, *values: str | None) -> Said:
        """What the values of `inputs` ask for. Raises BadInput as `said` does."""
        return said(tab, words, dict(zip(self.fields, (value or "" for value in values), strict=True)))

    def shows(self, words: str, meant: Mapping[str, str] = MappingProxyType({})) -> Update:
        """The words in the free tab or, where it is known what is `meant` (task, target, ...), the form of the task."""
        update = {**self.cleared(), self.words: words}
        tab = meant.get("task", FREE)
        if tab != FREE:
            task = Task(tab)
            update |= {self.fields[task, f.name]: meant.get(f.name, "") for f in FORMS[task].fields}
        return {**update, self.tabs: gr.Tabs(selected=tab), self.tab: tab}

    def saying(self, meant: Mapping[str, str], given: Sequence[Any]) -> list[Any]:
        """The values of `inputs`, `given` now, once they say what is `meant`."""
        shown = self.shows("", meant)
        return [shown.get(widget, value) for widget, value in zip(self.inputs, given, strict=True)]

    def cleared(self) -> Update:
        """Nothing is said, in the tab that is open."""
        return {widget: "" for widget in (self.words, *self.fields.values())}


def field_widget(task: Task, field: Field, value: str, name: str, **more: Any) -> gr.Textbox | gr.Dropdown:
    """A line of a task's form that says `value`; `more` is for the widget."""
    settings: dict[str, Any] = {"label": field.label, "min_width": 160, "elem_id": name, "interactive": True, **more}
    if not field.of_many:
        return gr.Textbox(value, placeholder=field.example, max_length=200, lines=1, **settings)
    listed = [("", ""), *((relay(choice), choice) for choice in choices(task))]
    if value not in dict(listed).values():
        listed.append((value, value))
    return gr.Dropdown(listed, value=value, allow_custom_value=True, filterable=True, **settings)
