"""What comes back onto the canvas and into the form: a file that is opened, an unfinished edit, a result."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from omniedit.errors import OmniEditError
from omniedit.recipe import Recipe, read_recipe
from omniedit.services.album import Album
from omniedit.services.examples import Example
from omniedit.services.files import open_upload, result_file
from omniedit.services.wording import reading
from ui.canvas import Easel
from ui.forms import FREE, Forms, Update, words_of
from ui.handlers import Wish, meant_by
from ui.options import MaterialPanel, OptionsPanel
from ui.plan import PlanPanel
from ui.sessions import Sessions
from ui.shown import GONE, Shown, on_page_of, run_origin
from ui.steps import Steps
from ui.words import say, tongue

__all__ = ["Desk", "Restored", "run_restore", "run_take_up"]

TAKEN_UP = say("This edit did not come to its end; all that it is made of is back: press Edit to try again.")
PHOTO_BACK = say("The photo is back on the canvas, as it came.")
MADE_HERE = say("This is a result: the photo that it was made of, what was painted on it, words and settings are back.")
MADE_ELSEWHERE = say("This is a result: its words and settings are back; the photo that it was made of is not here.")


@dataclass(frozen=True)
class Restored:
    """A file that was opened: what goes on the canvas, and, where it says so, how it was made.

    `mask` was painted on it, `material` is a file of the picture that was used, `origin` the edit that it went on from,
    `edit` the one of the log that all this is of.
    """

    picture: Image.Image
    notes: tuple[str, ...]
    recipe: Recipe | None = None
    mask: Image.Image | None = None
    material: Path | None = None
    origin: Shown | None = None
    edit: str | None = None

    @property
    def wish(self) -> Wish:
        """What was shown and turned for it."""
        if self.recipe is None:
            return Wish()
        recipe = self.recipe
        return Wish(recipe.instruction, recipe.click, recipe.box, None, tuple(recipe.parameters.items()))


def run_restore(album: Album | None, owner: str, path: Path, folder: Path) -> Restored:
    """A file through the door; of a result that this owner made, all that it was made of. Raises the project's errors.

    Pictures go into `folder`.
    """
    picture, notes = open_upload(path)
    recipe = read_recipe(path)
    if recipe is None:
        return Restored(picture, notes)
    with suppress(OmniEditError):  # another's, or deleted
        if album is not None and recipe.edit is not None:
            here = run_take_up(album, owner, recipe.edit, folder)
            return replace(here, notes=(*notes, MADE_HERE), recipe=recipe)
    return Restored(picture, (*notes, MADE_ELSEWHERE), recipe)


def run_take_up(album: Album, owner: str, name: str, folder: Path) -> Restored:
    """What an edit of the log is made of, finished or not, pictures into `folder`. Raises the project's errors."""
    asked = album.asked(owner, name)
    material = None if asked.material is None else result_file(asked.material, folder, "material")
    origin = None if asked.parent is None else run_origin(album, owner, asked.parent, asked.source, folder)
    return Restored(asked.source, (TAKEN_UP,), asked.recipe, asked.mask, material, origin, name)


@dataclass(frozen=True)
class Desk:
    """The widgets that show what an edit is made of, and what fills them; `about` is an edit of the canvas's photo."""

    sessions: Sessions
    album: Album | None
    forms: Forms
    panel: PlanPanel
    trail: Steps
    notice: gr.Markdown
    easel: Easel
    material: MaterialPanel
    more: OptionsPanel
    about: gr.State

    @property
    def outputs(self) -> list[Any]:
        """All that may be filled."""
        settings = [*self.more.inputs, *self.material.outputs]
        return [
            *self.panel.outputs,
            *self.forms.outputs,
            *self.easel.outputs,
            *self.trail.states,
            *settings,
            self.about,
        ]

    def cleared(self) -> Update:
        """Another picture is on the canvas, of which nothing was planned or made yet."""
        return {**self.panel.empty(), **self.trail.at(None), self.easel.whole: None, self.about: None}

    def shows(self, request: gr.Request, restored: Restored) -> Update:
        """What was opened, in its places; settings within what the widgets offer."""
        shown = {
            **self.cleared(),
            **self.easel.shows(restored.picture, self._place(request), restored.mask),
            self.notice: " ".join(map(tongue(request), restored.notes)),
            self.about: restored.edit,
        }
        recipe = restored.recipe
        if recipe is None:
            return shown
        intent = recipe.intent or (reading(recipe.instruction, recipe.task) if recipe.task else None)
        meant = dict(meant_by(intent)) if intent else {}
        return {
            **shown,
            **self.forms.shows(recipe.instruction, meant, recipe.parameters),
            self.panel.wish: replace(restored.wish, words=words_of(meant)) if meant else restored.wish,
            **self.trail.at(restored.origin),
            **self.more.shows(recipe),
            **self.material.shows(None if restored.material is None else str(restored.material)),
        }

    def shows_example(self, request: gr.Request, example: Example, tab: str) -> Update:
        """An example in the tab that is open: in the form of its task, or in its own words."""
        meant = dict(meant_by(reading(example.words))) if tab != FREE else {}
        words = words_of(meant) if meant else example.words
        return {
            **self.cleared(),
            **self.easel.shows(example.picture, self._place(request)),
            **self.forms.shows(example.words, meant),
            self.panel.wish: Wish(words, click=example.click, engine=example.engine),
        }

    def on_open(self, request: gr.Request, path: str) -> Update:
        """A file came through the door."""
        folder = self.sessions.folder(request.session_hash or "")
        try:
            self.sessions.admit(request)
            restored = run_restore(self.album, self.sessions.owner(request), Path(path), folder)
            return self.shows(request, restored)
        except OmniEditError as error:
            return {self.notice: tongue(request)(str(error))}

    def on_photo(self, request: gr.Request, path: str) -> Update:
        """A photo was put on the canvas."""
        try:
            self.sessions.admit(request)
            return self.shows(request, Restored(*open_upload(path)))
        except OmniEditError as error:
            return {self.notice: tongue(request)(str(error))}

    def on_again(
        self, request: gr.Request, shown: Shown | None, origin: Shown | None, below: tuple[Shown, ...]
    ) -> Update:
        """The result that is looked at is the next source."""
        try:
            shown = on_page_of(request, self.album, self.sessions, shown)
            source = self.easel.shows(shown.after, self._place(request))
        except OmniEditError as error:
            return {self.notice: tongue(request)(str(error))}
        onto = self.trail.onto(shown, origin, below)
        return {**self.panel.empty(), **source, **onto, **self.forms.cleared(), self.about: shown.edit}

    def on_words(self, shown: Shown | None) -> Update:
        """What was asked for is asked again: of what is on the canvas now."""
        return {self.notice: GONE} if shown is None else {**self.forms.shows(shown.words), self.notice: ""}

    def take_up(self, request: gr.Request, name: str) -> Update:
        """An unfinished edit of the log is on the desk again. Raises the project's errors."""
        assert self.album is not None
        folder = self.sessions.folder(request.session_hash or "")
        return self.shows(request, run_take_up(self.album, self.sessions.owner(request), name, folder))

    def photo_of(self, request: gr.Request, name: str) -> Update:
        """The photo that an edit of the log was made of comes back, to go another way. Raises the project's errors."""
        assert self.album is not None
        owner = self.sessions.owner(request)
        photo = self.album.asked(owner, self.album.root(owner, name)).source
        shown = self.easel.shows(photo, self._place(request))
        return {**self.cleared(), **shown, self.notice: PHOTO_BACK, self.about: name}

    def _place(self, request: gr.Request) -> Callable[[], Path]:
        return partial(self.sessions.place, request.session_hash or "")
