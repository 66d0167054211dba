"""What can edit on this machine, and why something cannot."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from omniedit import __version__
from omniedit.engines import ENGINES
from omniedit.errors import OmniEditError
from omniedit.folders import read_manifest
from omniedit.hub import MODELS
from omniedit.settings import Settings
from omniedit.types import Task

__all__ = ["Able", "EngineRow", "able", "about", "list_engines"]

ABOUT = (
    "**OmniEdit Studio {version}**, Apache-2.0: an open implementation of "
    "[OMNI-EDIT](https://arxiv.org/abs/2411.07199) with the instruction understanding of "
    "[MGIE](https://arxiv.org/abs/2309.17102). What follows is from the card of the small model, {name}."
)
TOLD = ("## Figures", "## What it cannot do")  # sections of a model's card


@dataclass(frozen=True)
class EngineRow:
    """One engine as a person sees it; `reason` says why it is not ready."""

    name: str
    summary: str
    licence: str
    ready: bool
    size_mb: float
    path: str
    reason: str

    def without_path(self) -> EngineRow:
        """As those may see it who are told nothing of the machine: nor a reason that names a folder."""
        return replace(self, path="", reason="" if self.path and self.path in self.reason else self.reason)


@dataclass(frozen=True)
class Able:
    """What does a task on this machine, beside what is bundled."""

    named: bool  # models find anything that has a name
    painted: bool  # a diffusion model does the task


def able(settings: Settings, task: Task) -> Able:
    """Looked for on the disk at each call, a few milliseconds: a model may have been fetched a moment ago."""
    if not settings.full_size:
        return Able(False, False)
    painters = [model for model in MODELS.values() if task in model.tasks]
    finders = [model for model in MODELS.values() if not model.tasks]  # each needs the other
    return Able(all(model.folders() for model in finders), any(model.folders() for model in painters))


def about(settings: Settings) -> str:
    """What this is, and what the card of the small model says of its figures and limits, as Markdown."""
    folder = settings.checkpoint_dir
    said = ABOUT.format(version=__version__, name=folder.name)
    try:
        card = (folder / "README.md").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return f"{said} There is none."
    sections = [f"## {part.strip()}" for part in card.split("\n## ")[1:]]
    told = [part for part in sections if part.startswith(TOLD)]
    plain = (re.sub(r"!\[[^\]]*\]\([^)]*\)\n*", "", part) for part in told)  # no pictures
    return "\n\n".join([said, *plain])


def list_engines(settings: Settings) -> list[EngineRow]:
    """Every registered engine. Nothing is loaded: the folder and its manifest are looked at."""
    rows = []
    for spec in ENGINES.values():
        if spec.folder is None:
            reason = spec.missing(settings)
            rows.append(EngineRow(spec.name, spec.summary, spec.licence, not reason, 0.0, "", reason))
            continue
        folder, size, reason = spec.folder(settings), 0.0, ""
        try:
            size = sum((folder / name).stat().st_size for name in read_manifest(folder)["files"]) / 1e6
        except (OSError, OmniEditError):
            reason = f"There is no finished checkpoint at {folder}; train one with training/configs/mini.toml."
        rows.append(EngineRow(spec.name, spec.summary, spec.licence, not reason, round(size, 1), str(folder), reason))
    return rows
