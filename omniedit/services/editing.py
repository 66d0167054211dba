"""From what a person gives to a finished edit: the picture through the door, the engine, the result."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from omniedit.engines import DEFAULT, ENGINES, MINI, Planner, engine_spec, load_engine
from omniedit.errors import BadInput, Cancelled, OmniEditError
from omniedit.images import from_pil, open_mask, with_alpha
from omniedit.recipe import Recipe
from omniedit.services.files import open_upload
from omniedit.services.log import By, EditLog
from omniedit.services.models import EngineRow, list_engines
from omniedit.services.planning import Preview, preview
from omniedit.services.upkeep import OnLeft, make_room
from omniedit.settings import Settings
from omniedit.types import (
    EditRequest,
    EditResult,
    How,
    OnProgress,
    Progress,
    Sampling,
    Task,
    check_instruction,
)

__all__ = ["EditingService", "Options", "parse_task"]

logger = logging.getLogger(__name__)  # at its usual level a line an event, with nobody's words or name in it


@dataclass(frozen=True)
class Options(How):
    """How to edit, as a person sets it; `material` may be a file."""

    material: str | Path | Image.Image | None = None


class EditingService:
    """Runs edits for the UI and the command line, and writes them into `log`, where there is one."""

    def __init__(self, settings: Settings, log: EditLog | None = None, on_left: OnLeft = lambda pictures: None) -> None:
        """`on_left`: as Album has it, for what goes from the bin to make room."""
        self.settings, self.log, self.on_left = settings, log, on_left

    def engines(self) -> list[str]:
        """The names of all engines, the usual one first."""
        return [DEFAULT, *(name for name in ENGINES if name != DEFAULT)]

    def engine_rows(self) -> list[EngineRow]:
        """What each engine is, and why one cannot edit here."""
        return list_engines(self.settings)

    def usual(self) -> Sampling:
        """How EditNet samples where nothing else is asked for."""
        sampling = engine_spec(MINI).sampling
        assert sampling is not None
        return sampling

    def load(self, engine: str = DEFAULT) -> None:
        """Load an engine ahead of the first edit."""
        load_engine(engine, self.settings)

    def plan(
        self,
        source: str | Path | Image.Image,
        instruction: str,
        mask: str | Path | Image.Image | None = None,
        options: Options | None = None,
        engine: str = DEFAULT,
    ) -> Preview:
        """What an edit would do; nothing is edited. BadInput where the engine cannot say beforehand."""
        from omniedit.engines.specialists import read

        request, _ = _request(source, instruction, mask, options or Options())
        planner = load_engine(engine, self.settings)
        if not isinstance(planner, Planner):
            raise BadInput(f"The engine {engine!r} makes no plans; use auto or specialists to see one.")
        return preview(request, read(request), planner.plan(request))

    def edit(
        self,
        source: str | Path | Image.Image,
        instruction: str,
        mask: str | Path | Image.Image | None = None,
        options: Options | None = None,
        engine: str = DEFAULT,
        on_progress: OnProgress | None = None,
        stop: threading.Event | None = None,
        by: By | None = None,
    ) -> EditResult:
        """Edit a picture, a file or one that is decoded; setting `stop` ends it after the step at hand.

        Raises the errors of `omniedit.errors`, Cancelled among them. The attempt is in the log before the engine
        starts, its end whatever happens; an edit that could not be kept is given all the same, with a note.
        """
        request, notes = _request(source, instruction, mask, options or Options())

        def look() -> None:
            if stop is not None and stop.is_set():
                raise Cancelled("The edit was stopped.")

        def watch(progress: Progress) -> None:
            look()
            if on_progress is not None:
                on_progress(progress)

        with self._logged(request, engine, by or By(consent=self.settings.consent)) as close:
            result = load_engine(engine, self.settings, look if stop else None).edit(request, watch)
            return close(replace(result, notes=(*notes, *result.notes)))

    def recipes(self, instruction: str, options: Options, engine: str, result: EditResult) -> Sequence[Recipe | None]:
        """For each result what its file says of how it was made; None where the settings want it to say nothing."""
        if not self.settings.recipes:
            return [None] * len(result.images)
        return Recipe(instruction, engine, **options.settings(), edit=result.edit).each(result.seeds)

    def knows(self, owner: str, edit: str | None) -> bool:
        """Whether this owner has such an edit in the log."""
        if self.log is None or edit is None:
            return False
        try:
            self.log.history.one(owner, edit)
        except BadInput:
            return False
        return True

    @contextmanager
    def _logged(self, request: EditRequest, engine: str, by: By) -> Iterator[Callable[[EditResult], EditResult]]:
        """What is done inside is in the log; `close(result)` keeps the result and gives it the edit's id."""
        if self.log is None:
            yield lambda result: result
            return
        if self.settings.quota_gb is not None:
            make_room(self.log, by.owner, round(self.settings.quota_gb * 1e9), self.on_left)
        log, task = self.log, _understood(request)
        name = log.begin(request, engine, task, by)
        size = f"{request.source.width} x {request.source.height}"
        logger.info("Edit %s begins: %s by %s, %s, %d wanted.", name, task or "?", engine, size, request.variants)
        logger.debug("Edit %s: %r for %s.", name, request.instruction, by.owner)

        def close(result: EditResult) -> EditResult:
            try:
                log.done(name, result)
                logger.info("Edit %s is done: by %s in %.1f s.", name, result.engine, result.seconds)
            except Exception as error:  # the person gets the picture, whatever becomes of the log
                if not isinstance(error, OmniEditError):
                    logger.exception("An edit could not be kept.")
                with suppress(Exception):
                    log.failed(name, str(error))
                return replace(result, notes=(*result.notes, f"This edit is not in the log. {error}"))
            return replace(result, edit=name)

        try:
            yield close
        except BaseException as error:
            with suppress(Exception):  # what happened matters more than that it could not be written down
                if isinstance(error, (Cancelled, KeyboardInterrupt)):
                    log.cancelled(name)
                    logger.info("Edit %s is stopped.", name)
                else:
                    logger.info("Edit %s failed: %s.", name, type(error).__name__)
                    log.failed(name, str(error) if isinstance(error, OmniEditError) else f"A fault: {error!r}")
            raise


def _request(
    source: str | Path | Image.Image, instruction: str, mask: str | Path | Image.Image | None, options: Options
) -> tuple[EditRequest, tuple[str, ...]]:
    """The request, its pictures opened, and what is to be said of them."""
    check_instruction(instruction)
    image, notes = _opened(source)
    request = EditRequest(
        source=image,
        instruction=instruction,
        mask=None if mask is None else open_mask(mask),
        material=None if options.material is None else _opened(options.material)[0],
        **options.settings(),
    )
    return request, notes


def _opened(picture: str | Path | Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    if not isinstance(picture, Image.Image):
        return open_upload(picture)
    plain = from_pil(picture)
    return with_alpha(plain.rgb, plain.alpha), plain.notes


def _understood(request: EditRequest) -> Task | None:
    """The task of the first edit that the words ask for; None where they ask for none."""
    from omniedit.engines.specialists import read

    try:
        return read(request).task
    except BadInput:
        return None


def parse_task(name: str | None) -> Task | None:
    """A task by its name; BadInput with the seven names."""
    if name is None:
        return None
    try:
        return Task(name)
    except ValueError:
        raise BadInput(f"Unknown task {name!r}. The tasks are: {', '.join(Task)}.") from None
