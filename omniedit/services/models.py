"""What can edit on this machine, and why something cannot."""

from __future__ import annotations

from dataclasses import dataclass

from omniedit.engines import ENGINES
from omniedit.errors import OmniEditError
from omniedit.folders import read_manifest
from omniedit.settings import Settings

__all__ = ["EngineRow", "list_engines"]


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
