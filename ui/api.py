"""The app for programs and agents: /edit, /parse and /history, as named endpoints and as MCP tools.

They do what the page does, for whoever calls, and say what is wrong in the same sentences.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event
from typing import Any

import gradio as gr
from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from omniedit.errors import BadInput, OmniEditError
from omniedit.services.album import Album, Scope
from omniedit.services.editing import EditingService, Options, parse_task
from omniedit.services.files import result_files
from omniedit.services.log import By
from omniedit.services.wording import read_as_json
from omniedit.types import Parameter, Task, whole_numbers
from ui.sessions import Sessions
from ui.turns import WAITING

__all__ = ["Api"]

MOST = 100  # edits of a history
SCOPES = {scope.value: scope for scope in Scope if scope is not Scope.PHOTO}


class Api:
    """The endpoints; `album` is None where nothing is kept."""

    def __init__(self, service: EditingService, sessions: Sessions, album: Album | None) -> None:
        self.service, self.sessions, self.album = service, sessions, album
        self.forgetful = EditingService(service.settings)  # for strangers, who do not come back to what they made
        self._threads = CapacityLimiter(WAITING)

    def add(self) -> None:
        """Make the endpoints in the page that is being built."""
        with gr.Column(visible=False):
            picture, mask, material = (
                gr.File(label=label, type="filepath") for label in ("picture", "mask", "material")
            )
            instruction, words = gr.Textbox(label="instruction"), gr.Textbox(label="instruction")
            box, click, after, parent, parameters, search = (  # none of them is needed
                gr.Textbox("", label=label) for label in ("box", "click", "after", "parent", "parameters", "search")
            )
            engines = self.service.engines()
            task, engine, scope = (
                gr.Dropdown(
                    choices, value=choices[0], allow_custom_value=True, label=label
                )  # `edit` says what is wrong
                for label, choices in (("task", ["", *map(str, Task)]), ("engine", engines), ("scope", list(SCOPES)))
            )
            seed, variants = gr.Number(0, label="seed", precision=0), gr.Number(1, label="variants", precision=0)
            steps, guidance = gr.Number(None, label="steps", precision=0), gr.Number(None, label="guidance")
            consent = gr.Checkbox(label="consent")
            consent.value = None  # neither yes nor no
            limit = gr.Number(20, label="limit", precision=0)
            pictures = gr.Files(label="pictures")
            edited, understood, listed = gr.JSON(label="facts"), gr.JSON(label="understood"), gr.JSON(label="edits")
            asked = [picture, instruction, mask, material, task, box, click, after, parent, engine, seed, variants]
            asked += [steps, guidance, parameters, consent]
            gr.Button().click(
                self.edit,
                asked,
                [pictures, edited],
                api_name="edit",
                concurrency_limit=WAITING,
                concurrency_id="edit",
            )
            gr.Button().click(self.parse, words, understood, api_name="parse")
            gr.Button().click(self.history, [scope, search, limit], listed, api_name="history")

    async def edit(
        self,
        request: gr.Request,
        picture: str | None,
        instruction: str,
        mask: str | None = None,
        material: str | None = None,
        task: str = "",
        box: str = "",
        click: str = "",
        after: str = "",
        parent: str = "",
        engine: str = "",
        seed: float = 0,
        variants: float = 1,
        steps: float | None = None,
        guidance: float | None = None,
        parameters: str = "",
        consent: bool | None = None,
    ) -> tuple[list[str], dict[str, Any]]:
        """Edit a picture by an instruction in plain words, at the picture's own size.

        Args:
            picture: The picture to edit.
            instruction: What to change, such as "make it night" or "remove the red car".
            mask: A picture of the same size, white where the edit is meant; grey lets it fade in. May be left out.
            material: A picture to use: a background, or a cut-out thing. May be left out.
            task: swap, removal, addition, attribute, background, environment or style; empty as the words say.
            box: left,top,right,bottom in pixels around the thing that is meant, or empty.
            click: x,y of a pixel on the thing that is meant, or empty.
            after: The instruction that made the picture, for "it" and "that one", or empty.
            parent: The id of the edit whose result the picture is, or empty.
            engine: Which engine edits: auto, specialists, editnet-mini, ...
            seed: A whole number; the same one gives the same pictures.
            variants: How many results, 1 to 4.
            steps: How many steps EditNet takes, 1 to 200. May be left out.
            guidance: How closely EditNet keeps to the words, 0 to 30. May be left out.
            parameters: JSON of what a specialist can be told, such as {"amount": 0.5}, or empty.
            consent: Whether a model may learn from this edit; left out, as the settings of the app say.

        Returns:
            The edited pictures as PNG, and how they were made: edit (the id in the history), engine, seeds, seconds,
            notes.
        """
        stop = Event()

        def work() -> tuple[list[str], dict[str, Any]]:
            session = request.session_hash or ""
            with _sentences(), self.sessions.watched(session, stop):
                if picture is None:
                    raise BadInput("There is no picture; give one to edit.")
                owner = self.sessions.owner(request)
                self.sessions.admit(request)
                stranger = self.sessions.is_stranger(request)
                if stranger and parent:
                    raise BadInput(
                        f"There is no edit {parent!r} of yours: what strangers make is not kept; leave it out."
                    )
                if not isinstance(consent, bool | None):
                    raise BadInput(f"The consent is {consent!r}; give true or false, or leave it out.")
                if stranger and consent:
                    raise BadInput("What strangers make is not kept, so no model learns from it; leave consent out.")
                options = Options(
                    task=parse_task(task) if task else None,
                    seed=int(seed or 0),
                    variants=int(variants or 1),
                    steps=None if steps is None else int(steps),
                    guidance=guidance,
                    box=_numbers("box", box, 4),
                    click=_numbers("click", click, 2),
                    material=material,
                    before=after or None,
                    parameters=_parameters(parameters),
                )
                by = By(owner, parent or None, self.service.settings.consent if consent is None else consent)
                chosen = str(engine or self.service.engines()[0])
                service = self.forgetful if stranger else self.service
                edit = partial(service.edit, picture, instruction or "", mask, options, chosen, stop=stop, by=by)
                result = self.sessions.run(request, edit, stop)
                recipes = self.service.recipes(instruction, options, chosen, result)
                files = result_files(result.images, self.sessions.passing(), instruction, recipes)
                return list(map(str, files)), result.facts()

        try:
            return await run_sync(work, abandon_on_cancel=True, limiter=self._threads)
        except asyncio.CancelledError:  # by the caller: a thread has to be told
            stop.set()
            raise

    def parse(self, instruction: str) -> dict[str, Any]:
        """Say what an instruction means, without editing anything.

        Args:
            instruction: What to change, such as "make her dress emerald green".

        Returns:
            task, target, new, value, place, parameters, confidence; or refusal, why it asks for no edit.
        """
        with _sentences():
            return read_as_json(instruction or "")

    def history(
        self, request: gr.Request, scope: str = "all", search: str = "", limit: float | None = 20
    ) -> list[dict[str, Any]]:
        """List the caller's edits, newest first.

        Args:
            scope: all, starred, unfinished or bin.
            search: Words of the instruction or the name, or empty.
            limit: How many at most, 1 to 100.

        Returns:
            For each edit its id, what was asked for (says), when it began and whether it is starred.
        """
        with _sentences():
            if self.album is None:
                raise BadInput("Nothing is kept here, so there is no history.")
            if not isinstance(scope, str) or scope not in SCOPES:
                raise BadInput(f"The scope is {scope!r}; give one of: {', '.join(SCOPES)}.")
            limit = 20 if limit is None else limit
            if not 1 <= limit <= MOST:
                raise BadInput(f"The limit is {limit:g}; give 1 to {MOST}.")
            cards = self.album.cards(self.sessions.owner(request), SCOPES[scope], search or "", limit=int(limit))
            return [
                {"id": card.id, "says": card.says, "began": card.began.isoformat(), "starred": card.starred}
                for card in cards
            ]


@contextmanager
def _sentences() -> Iterator[None]:
    """What is wrong, as a caller is told it."""
    try:
        yield
    except OmniEditError as error:
        raise gr.Error(str(error), print_exception=False) from None


def _numbers(name: str, text: str | None, count: int) -> Any:
    if not text or not text.strip():
        return None
    if (numbers := whole_numbers(text, count)) is None:
        raise BadInput(f"The {name} is {text!r}; give {count} whole numbers with commas between.")
    return numbers


def _parameters(text: str | None) -> dict[str, Parameter]:
    """Words and numbers by their names, from JSON."""
    if not text or not text.strip():
        return {}
    try:
        given = json.loads(text)
        values = {name: _parameter(value) for name, value in given.items()}
    except (AttributeError, ValueError, OverflowError, RecursionError):
        raise BadInput(
            f'The parameters are {text[:100]!r}; give JSON with a word or a number for each, such as {{"amount": 0.5}}.'
        ) from None
    return values


def _parameter(value: Any) -> Parameter:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)
