"""The engines that can edit: a literal registry, loaded when asked for and kept.

An engine turns an EditRequest into an EditResult. A new one is a file here and a line in `ENGINES`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from omniedit.errors import BadInput, EngineUnavailable
from omniedit.settings import Settings, load_settings
from omniedit.types import EditRequest, EditResult, OnProgress, Sampling

if TYPE_CHECKING:
    from omniedit.engines.editnet import EditNetEngine
    from omniedit.engines.specialists import SpecialistsEngine
    from omniedit.grounding import Finder
    from omniedit.specialists.base import Plan, Refusal

__all__ = ["DEFAULT", "ENGINES", "MINI", "Engine", "EngineSpec", "Planner", "engine_spec", "load_engine"]

DEFAULT = "auto"
MINI = "editnet-mini"
DIFFUSION = "diffusion"
LOOK = 0.1  # seconds between two calls of `on_wait`


class Engine(Protocol):
    """Something that edits. `on_progress` is called after each step; an edit ends where it raises Cancelled."""

    name: str

    def edit(self, request: EditRequest, on_progress: OnProgress | None = None) -> EditResult: ...


@runtime_checkable
class Planner(Protocol):
    """An engine that can show what it will do before it does it."""

    def plan(self, request: EditRequest) -> Plan | Refusal: ...


def _auto(settings: Settings) -> Engine:
    from omniedit.engines.auto import AutoEngine

    full = [_painting(settings)] if settings.full_size else []
    return AutoEngine([*full, _specialists(settings)], partial(_kept_mini, settings))


def _specialists(settings: Settings) -> SpecialistsEngine:
    from omniedit.engines.specialists import SpecialistsEngine

    return SpecialistsEngine(finder=_finder(settings))


def _diffusion(settings: Settings) -> SpecialistsEngine:
    if reason := _missing_diffusion(settings):
        raise EngineUnavailable(reason)
    return _painting(settings)


@cache
def _painting(settings: Settings) -> SpecialistsEngine:
    """The engine of the diffusion models, which are looked for at each plan; one, since a pipeline fills a GPU."""
    from omniedit.engines.specialists import SpecialistsEngine
    from omniedit.specialists.diffusion import Keeper, loadable

    return SpecialistsEngine(DIFFUSION, loadable(Keeper(settings.device)), _finder(settings))


def _missing_diffusion(_: Settings) -> str:
    """Empty where one of the models is on this machine: each does its own tasks."""
    from omniedit.specialists.diffusion import MODELS, missing

    if len(missing()) < len(MODELS):
        return ""
    models = [spec.model for spec in MODELS.values()]
    sizes = sorted(model.size_gb for model in models)
    return (
        f"None of its models is on this machine ({sizes[0]:g} to {sizes[-1]:g} GB each); fetch one on the page, or by "
        f"`omniedit models fetch {models[0].name}`."
    )


@cache
def _finder(settings: Settings) -> Callable[[], Finder | None]:
    """Gives the model that finds things by their name; None where the settings or the machine have none.

    It looks for the files at each call, a few milliseconds, so what was fetched a moment ago is used.
    """
    if not settings.full_size:
        return lambda: None
    from omniedit.grounding.hub import Forgiving, HubFinder, missing

    finder = Forgiving(HubFinder(device=settings.device))
    return lambda: None if missing() else finder


def _kept_mini(settings: Settings, on_wait: Callable[[], object]) -> EditNetEngine:
    from omniedit.engines.editnet import EditNetEngine

    engine = load_engine(MINI, settings, on_wait)
    assert isinstance(engine, EditNetEngine)
    return engine


def _editnet_mini(settings: Settings) -> EditNetEngine:
    from omniedit.engines.editnet import EditNetEngine

    spec = ENGINES[MINI]
    assert spec.sampling is not None
    return EditNetEngine(
        spec.name, settings.checkpoint_dir, 128, spec.sampling, device=settings.device, threads=settings.threads
    )


@dataclass(frozen=True)
class EngineSpec:
    """What is known of an engine before it is loaded."""

    name: str
    summary: str
    licence: str
    load: Callable[[Settings], Engine]
    sampling: Sampling | None = None  # how it samples where a request leaves it open; None: it does not sample
    folder: Callable[[Settings], Path] | None = None  # where its checkpoint is looked for; None: it needs none
    missing: Callable[[Settings], str] = lambda settings: ""  # what else has to be fetched, in words


ENGINES: dict[str, EngineSpec] = {
    "auto": EngineSpec(
        name="auto",
        summary="Chooses: a full-size model where one can do the job, else a specialist.",
        licence="Apache-2.0",
        load=_auto,
    ),
    "specialists": EngineSpec(
        name="specialists",
        summary="Seven classical specialists: any photo at its own size, no GPU, no network.",
        licence="Apache-2.0",
        load=_specialists,
    ),
    DIFFUSION: EngineSpec(
        name=DIFFUSION,
        summary="The paper's specialists at full size: inpainting, Prompt-to-Prompt, CosXL-Edit; wants a GPU.",
        licence="see each model",
        load=_diffusion,
        missing=_missing_diffusion,
    ),
    MINI: EngineSpec(
        name=MINI,
        summary="The bundled small EditNet: simple scenes, no GPU, no network.",
        licence="Apache-2.0",
        load=_editnet_mini,
        sampling=Sampling(steps=8, guidance=1.0, image_guidance=1.0),
        folder=lambda settings: settings.checkpoint_dir,
    ),
}

_loaded: dict[tuple[str, Settings], Engine] = {}
_lock = threading.RLock()
_loader = ThreadPoolExecutor(1, "loading")


def engine_spec(name: str) -> EngineSpec:
    """The registered engine of that name; BadInput with the names that there are."""
    if name not in ENGINES:
        raise BadInput(f"Unknown engine {name!r}. Available: {', '.join(ENGINES)}.")
    return ENGINES[name]


def load_engine(
    name: str = DEFAULT, settings: Settings | None = None, on_wait: Callable[[], object] | None = None
) -> Engine:
    """The engine, loaded at the first call and kept for the process.

    `on_wait` is called now and then while it is loaded; what it raises ends the waiting, and the load goes on.
    """
    spec = engine_spec(name)
    settings = settings or load_settings()
    key = (name, settings)
    if on_wait is None or key in _loaded:
        with _lock:
            if key not in _loaded:
                _loaded[key] = spec.load(settings)
            return _loaded[key]
    loading = _loader.submit(load_engine, name, settings)
    while not wait([loading], LOOK).done:
        on_wait()
    return loading.result()
