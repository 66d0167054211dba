"""Does an edit of the log again, and says whether the same pixels came, and if not, what else differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

from omniedit.engines import load_engine
from omniedit.errors import BadInput
from omniedit.services.log import EditLog
from omniedit.settings import Settings
from omniedit.store import Entry
from omniedit.types import EditResult, OnProgress

__all__ = ["Replay", "replay"]


@dataclass(frozen=True)
class Replay:
    """`result` is the new one; `differences` are sentences, none where every variant is the same to the bit."""

    result: EditResult
    differences: tuple[str, ...]


def replay(log: EditLog, entry: Entry, settings: Settings, on_progress: OnProgress | None = None) -> Replay:
    """Do `entry` again by the engine that did it. Raises BadInput for one that was never finished."""
    if entry.status != "done" or entry.engine is None:
        raise BadInput(f"The edit {entry.id} is {entry.status}, so there is nothing to compare with; replay another.")
    result = load_engine(entry.engine, settings).edit(log.request(entry), on_progress)
    pixels = tuple(_pixels(log, entry, result))
    return Replay(result, (*pixels, *_why(entry, result, log.surroundings)) if pixels else ())


def _pixels(log: EditLog, entry: Entry, result: EditResult) -> Iterator[str]:
    if len(result.images) != len(entry.results):
        yield f"There are {len(result.images)} variants, there were {len(entry.results)}."
        return
    for number, (image, name) in enumerate(zip(result.images, entry.results, strict=True), 1):
        now, then = _array(image), _array(log.picture(name))
        if now.shape != then.shape:
            yield f"Variant {number} is {now.shape[1]} x {now.shape[0]}, it was {then.shape[1]} x {then.shape[0]}."
        elif (levels := np.abs(now.astype(np.int16) - then)).any():
            share = float(levels.any(axis=-1).mean())
            yield f"Variant {number} differs in {share:.2%} of its pixels, by {int(levels.max())} of 255 at most."


def _array(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGBA"))


def _why(entry: Entry, result: EditResult, now: Mapping[str, str]) -> Iterator[str]:
    """What is not as it was when the edit was made."""
    if result.checkpoint != entry.checkpoint:
        yield f"The checkpoint is {result.checkpoint}, it was {entry.checkpoint}."
    then = entry.made.get("with", {})
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            yield f"{name} is {now.get(name, 'not there')}, it was {then.get(name, 'not said')}."
