"""An edit as the page shows it: its pictures as files, what is said below them, what becomes of them later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import gradio as gr
import numpy as np
from PIL import Image

from omniedit.errors import BadInput
from omniedit.recipe import Recipe
from omniedit.services.album import Album, State
from omniedit.services.compare import difference
from omniedit.services.files import result_file, result_files
from omniedit.types import EditResult
from ui.canvas import SMALL, Look, alike, look_of
from ui.sessions import Sessions
from ui.words import Tell, say, tongue

__all__ = [
    "GONE",
    "Shown",
    "facts_line",
    "fresh",
    "on_page_of",
    "percent",
    "run_compare",
    "run_open",
    "run_origin",
    "shown_of",
]

GONE = say("The pictures of this edit are no more on the page; open it from the history, or edit again.")


@dataclass(frozen=True)
class Shown:
    """An edit as the page shows it, all pictures as files: `before`, the variants, and which of them is looked at."""

    before: Path
    variants: tuple[Path, ...]
    labels: tuple[str, ...]
    facts: str
    words: str = ""
    edit: str | None = None  # its id in the log
    state: State = field(default_factory=State)
    chosen: int = 0
    middle: float = 50.0  # of what changed, in percent of the width: there before and after meet
    looks: tuple[Look, ...] = ()  # of the variants
    undone: str = ""  # which of several edits could not be made, and why

    @property
    def after(self) -> Path:
        return self.variants[self.chosen]

    def choose(self, number: int) -> Shown:
        """The same edit with variant `number` (from 0) looked at."""
        return replace(self, chosen=number)

    def leads_to(self, photo: Image.Image) -> bool:
        """Whether `photo` is what is looked at."""
        return alike(self.looks[self.chosen], photo)


def run_open(album: Album, owner: str, name: str, folder: Path, tell: Tell = str) -> Shown:
    """An edit of the log as it was shown when it was made, pictures into `folder`. Raises the project's errors."""
    opened = album.open(owner, name)
    shown = shown_of(opened.source, opened.result, opened.instruction, opened.recipes, folder, tell)
    return replace(shown, state=opened.state)


def run_origin(album: Album, owner: str, name: str, photo: Image.Image, folder: Path, tell: Tell = str) -> Shown:
    """The edit `name` of the log, that variant of it looked at which `photo` is: what was gone on from."""
    shown = run_open(album, owner, name, folder, tell)
    variants = map(shown.choose, range(len(shown.variants)))
    return next((one for one in variants if one.leads_to(photo)), shown)


def fresh(album: Album | None, owner: str, shown: Shown | None, folder: Callable[[], Path], tell: Tell = str) -> Shown:
    """`shown` with its pictures on the disk: of a page that has slept for long they come from the log, into a `folder`.

    Raises BadInput where they are nowhere, and what the album raises.
    """
    if shown is not None and all(path.exists() for path in (shown.before, *shown.variants)):
        return shown
    if shown is None or shown.edit is None or album is None:
        raise BadInput(GONE)
    return run_open(album, owner, shown.edit, folder(), tell).choose(shown.chosen)


def on_page_of(request: gr.Request, album: Album | None, sessions: Sessions, shown: Shown | None) -> Shown:
    """The same for who asks; pictures go into a folder of the page."""
    folder = partial(sessions.folder, request.session_hash or "")
    return fresh(album, sessions.owner(request), shown, folder, tongue(request))


def run_compare(shown: Shown, folder: Path, tell: Tell = str) -> tuple[Path, str]:
    """A picture of what the edit changed, as a file in `folder`, and a sentence about it."""
    picture, share = difference(shown.before, shown.after)
    says = tell("Changed: {}.").format(percent(share, tell)) if share else tell("Nothing changed.")
    return result_file(picture, folder, "difference"), says


def shown_of(
    source: Image.Image,
    result: EditResult,
    words: str,
    recipes: Sequence[Recipe | None],
    folder: Path,
    tell: Tell = str,
) -> Shown:
    """A finished edit, its pictures written into `folder`, what is said of it in the language of `tell`."""
    return Shown(
        before=result_file(source, folder, "before"),
        variants=result_files(result.images, folder, words, recipes),
        labels=tuple(tell("seed {}").format(seed) for seed in result.seeds),
        facts=facts_line(result, tell),
        words=words,
        edit=result.edit,
        middle=_middle(source, result.images[0]),
        looks=tuple(map(look_of, result.images)),
        undone=" ".join(map(tell, result.undone)),
    )


def percent(share: float, tell: Tell) -> str:
    """A share of the picture in words; a small one is never 0 %."""
    if share < 0.01:
        return tell("part (less than 1% of the picture)")
    return tell("{}% of the picture").format(round(100 * share))


def facts_line(result: EditResult, tell: Tell = str) -> str:
    """Engine, seed, time and what the person should know, as Markdown."""
    size = result.images[0].size
    made = [f"**{result.engine}**", tell("seed {}").format(", ".join(map(str, result.seeds)))]
    if result.sampling:
        made.append(tell("{} steps").format(result.sampling.steps))
    made += [f"{result.seconds:.1f} s", f"{size[0]} x {size[1]}"]
    if result.resampled:
        made.append(tell("the whole picture was recomputed"))
    return "\n\n".join([" · ".join(made), *map(tell, result.notes)])


def _middle(source: Image.Image, edited: Image.Image) -> float:
    """Where the change is, in percent of the width from the left; 50 where nothing changed."""
    before, after = (np.asarray(p.convert("RGB").resize((SMALL, SMALL)), np.float32) for p in (source, edited))
    changed = np.abs(after - before).max(axis=(0, 2))
    return float(np.average(np.arange(0.5, SMALL), weights=changed) / SMALL * 100) if changed.any() else 50.0
