"""From what a person gives to a finished edit: the picture through the door, the engine, the result."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from omniedit.engines import DEFAULT, engine_spec, load_engine
from omniedit.errors import BadInput, Cancelled
from omniedit.images import open_mask
from omniedit.services.files import open_upload
from omniedit.settings import Settings
from omniedit.types import EditRequest, EditResult, OnProgress, Progress, Sampling, Task, check_instruction

__all__ = ["EditingService", "Options", "parse_task"]


@dataclass(frozen=True)
class Options:
    """How to edit, as a person sets it; None means the engine's default."""

    task: Task | None = None
    seed: int = 0
    steps: int | None = None
    guidance: float | None = None
    image_guidance: float | None = None
    variants: int = 1


class EditingService:
    """Runs edits for the UI and the command line."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def usual(self, engine: str = DEFAULT) -> Sampling:
        """How the engine samples where nothing else is asked for."""
        return engine_spec(engine).sampling

    def load(self, engine: str = DEFAULT) -> None:
        """Load an engine ahead of the first edit."""
        load_engine(engine, self.settings)

    def edit(
        self,
        source: str | Path | Image.Image,
        instruction: str,
        mask: str | Path | Image.Image | None = None,
        options: Options | None = None,
        engine: str = DEFAULT,
        on_progress: OnProgress | None = None,
        stop: threading.Event | None = None,
    ) -> EditResult:
        """Edit a picture, a file or one that is decoded; setting `stop` ends it after the step at hand.

        Raises the errors of `omniedit.errors`, Cancelled among them.
        """
        options = options or Options()
        check_instruction(instruction)
        image, notes = (source, ()) if isinstance(source, Image.Image) else open_upload(source)
        request = EditRequest(
            source=image,
            instruction=instruction,
            task=options.task,
            mask=None if mask is None else open_mask(mask),
            seed=options.seed,
            steps=options.steps,
            guidance=options.guidance,
            image_guidance=options.image_guidance,
            variants=options.variants,
        )

        def watch(progress: Progress) -> None:
            if stop is not None and stop.is_set():
                raise Cancelled("The edit was stopped.")
            if on_progress is not None:
                on_progress(progress)

        result = load_engine(engine, self.settings).edit(request, watch)
        return replace(result, notes=(*notes, *result.notes))


def parse_task(name: str | None) -> Task | None:
    """A task by its name; BadInput with the seven names."""
    if name is None:
        return None
    try:
        return Task(name)
    except ValueError:
        raise BadInput(f"Unknown task {name!r}. The tasks are: {', '.join(Task)}.") from None
