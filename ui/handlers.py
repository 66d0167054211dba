"""What happens when a person presses something: plain functions over the services, tested without a browser."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from omniedit.errors import BadInput, Cancelled
from omniedit.services.editing import EditingService, Options
from omniedit.services.files import result_file
from omniedit.types import EditResult, Progress

__all__ = ["Shown", "facts_line", "mask_of", "run_edit"]


@dataclass(frozen=True)
class Shown:
    """An edit as the page shows it, all pictures as files: `before`, the variants, and which of them is looked at."""

    before: Path
    variants: tuple[Path, ...]
    labels: tuple[str, ...]
    facts: str
    chosen: int = 0

    @property
    def after(self) -> Path:
        return self.variants[self.chosen]

    def choose(self, number: int) -> Shown:
        """The same edit with variant `number` (from 0) looked at."""
        return replace(self, chosen=number)


def mask_of(canvas: dict[str, Any]) -> Image.Image | None:
    """The painted layers as a mask (mode L), or None where nothing was painted."""
    background = canvas["background"]
    painted = np.zeros(background.size[::-1], bool)
    for layer in canvas.get("layers") or []:
        if layer is None:
            continue
        if layer.size != background.size:
            raise BadInput(
                f"What was painted is {layer.width} x {layer.height}, the picture {background.width} x "
                f"{background.height}; clear the canvas and paint again."
            )
        painted |= np.asarray(layer.convert("RGBA").getchannel("A")) > 0
    return Image.fromarray(painted.astype(np.uint8) * 255) if painted.any() else None


def run_edit(
    service: EditingService,
    canvas: dict[str, Any] | None,
    instruction: str,
    options: Options,
    stop: threading.Event,
    on_progress: Callable[[Progress], None],
    folder: Path,
) -> Shown:
    """Edit what is on the canvas, pictures into `folder`. Raises the project's errors, a sentence for the person."""
    if stop.is_set():
        raise Cancelled("The edit was stopped before it began.")
    if canvas is None or canvas.get("background") is None:
        raise BadInput("There is no picture yet; drop a photo on the canvas or choose an example.")
    source = canvas["background"]
    result = service.edit(source, instruction, mask_of(canvas), options, on_progress=on_progress, stop=stop)
    return Shown(
        before=result_file(source, folder, "before"),
        variants=tuple(result_file(image, folder, instruction) for image in result.images),
        labels=tuple(f"seed {seed}" for seed in result.seeds),
        facts=facts_line(result),
    )


def facts_line(result: EditResult) -> str:
    """Engine, seed, time and what the person should know, as Markdown."""
    size = result.images[0].size
    made = f"**{result.engine}** · seed {', '.join(map(str, result.seeds))} · "
    if result.sampling:
        made += f"{result.sampling.steps} steps · "
    made += f"{result.seconds:.1f} s · {size[0]} x {size[1]}"
    if result.resampled:
        made += " · the whole picture was recomputed"
    return "\n\n".join([made, *result.notes])
