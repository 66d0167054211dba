"""The engines that can edit: a literal registry, loaded when asked for and kept.

An engine turns an EditRequest into an EditResult. A new one is a file here and a line in `ENGINES`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from omniedit.errors import BadInput
from omniedit.settings import Settings, load_settings
from omniedit.types import EditRequest, EditResult, OnProgress, Sampling

__all__ = ["DEFAULT", "ENGINES", "Engine", "EngineSpec", "engine_spec", "load_engine"]

DEFAULT = "editnet-mini"


class Engine(Protocol):
    """Something that edits. `on_progress` is called after each step; an edit ends where it raises Cancelled."""

    name: str

    def edit(self, request: EditRequest, on_progress: OnProgress | None = None) -> EditResult: ...


def _editnet_mini(settings: Settings) -> Engine:
    from omniedit.engines.editnet import EditNetEngine

    spec = ENGINES["editnet-mini"]
    return EditNetEngine(
        spec.name, settings.checkpoint_dir, 128, spec.sampling, device=settings.device, threads=settings.threads
    )


@dataclass(frozen=True)
class EngineSpec:
    """What is known of an engine before it is loaded."""

    name: str
    summary: str
    licence: str
    sampling: Sampling
    folder: Callable[[Settings], Path]  # where its checkpoint is looked for
    load: Callable[[Settings], Engine]


ENGINES: dict[str, EngineSpec] = {
    "editnet-mini": EngineSpec(
        name="editnet-mini",
        summary="The bundled small EditNet: simple scenes, no GPU, no network.",
        licence="Apache-2.0",
        sampling=Sampling(steps=8, guidance=1.0, image_guidance=1.0),
        folder=lambda settings: settings.checkpoint_dir,
        load=_editnet_mini,
    ),
}

_loaded: dict[tuple[str, Settings], Engine] = {}
_lock = threading.Lock()


def engine_spec(name: str) -> EngineSpec:
    """The registered engine of that name; BadInput with the names that there are."""
    if name not in ENGINES:
        raise BadInput(f"Unknown engine {name!r}. Available: {', '.join(ENGINES)}.")
    return ENGINES[name]


def load_engine(name: str = DEFAULT, settings: Settings | None = None) -> Engine:
    """The engine, loaded at the first call and kept for the process."""
    spec = engine_spec(name)
    settings = settings or load_settings()
    with _lock:
        key = (name, settings)
        if key not in _loaded:
            _loaded[key] = spec.load(settings)
        return _loaded[key]
