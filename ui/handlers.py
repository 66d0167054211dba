"""What happens when a person presses something: plain functions over the services, tested without a browser."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from omniedit.errors import BadInput, Cancelled
from omniedit.services.editing import EditingService, Options
from omniedit.services.files import result_file
from omniedit.types import EditResult, Progress

__all__ = ["Jobs", "Shown", "facts_line", "mask_of", "run_edit"]


@dataclass(frozen=True)
class Shown:
    """What the page shows after an edit."""

    compare: tuple[Image.Image, Image.Image]
    variants: list[tuple[Image.Image, str]]
    download: str
    facts: str
    results: list[Image.Image]


class Jobs:
    """One stop flag for each browser session, so that a cancel reaches its own edit only."""

    def __init__(self) -> None:
        self._flags: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def start(self, session: str) -> threading.Event:
        """A fresh flag for the session's next edit, from the moment it is asked for: it may wait in the queue."""
        with self._lock:
            self._flags[session] = threading.Event()
            return self._flags[session]

    def current(self, session: str) -> threading.Event:
        """The flag of the edit that is waiting or running."""
        with self._lock:
            return self._flags.setdefault(session, threading.Event())

    def stop(self, session: str) -> bool:
        """Ask the session's edit to end; False where none was started."""
        with self._lock:
            flag = self._flags.get(session)
        if flag is None:
            return False
        flag.set()
        return True

    def end(self, session: str) -> None:
        """Forget a session that has gone."""
        with self._lock:
            self._flags.pop(session, None)


def mask_of(canvas: dict[str, Any]) -> Image.Image | None:
    """The painted layers as a mask (mode L), or None where nothing was painted."""
    background = canvas["background"]
    painted = np.zeros(background.size[::-1], bool)
    for layer in canvas.get("layers") or []:
        if layer is not None and layer.size == background.size and layer.mode == "RGBA":
            painted |= np.asarray(layer.getchannel("A")) > 0
    return Image.fromarray(painted.astype(np.uint8) * 255) if painted.any() else None


def run_edit(
    service: EditingService,
    canvas: dict[str, Any] | None,
    instruction: str,
    options: Options,
    stop: threading.Event,
    on_progress: Callable[[Progress], None],
    folder: Path | None = None,
) -> Shown:
    """Edit what is on the canvas. Raises the project's errors, each a sentence for the person."""
    if stop.is_set():
        raise Cancelled("The edit was stopped before it began.")
    if canvas is None or canvas.get("background") is None:
        raise BadInput("There is no picture yet; drop a photo on the canvas or choose an example.")
    source = canvas["background"]
    result = service.edit(source, instruction, mask_of(canvas), options, on_progress=on_progress, stop=stop)
    folder = folder or Path(tempfile.mkdtemp(prefix="omniedit-"))
    file = result_file(result.images[0], folder, instruction)
    labels = [f"seed {seed}" for seed in result.seeds]
    return Shown(
        compare=(source.convert("RGB"), result.images[0]),
        variants=list(zip(result.images, labels, strict=True)),
        download=str(file),
        facts=facts_line(result),
        results=list(result.images),
    )


def facts_line(result: EditResult) -> str:
    """Engine, seed, time and what the person should know, as Markdown."""
    size = result.images[0].size
    made = (
        f"**{result.engine}** · seed {', '.join(map(str, result.seeds))} · {result.steps} steps · "
        f"{result.seconds:.1f} s · {size[0]} x {size[1]}"
    )
    if result.resampled:
        made += " · the whole picture was recomputed"
    return "\n\n".join([made, *result.notes])
