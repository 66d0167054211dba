"""The models of the diffusion specialists: where they come from, whether they are here, and one of them in memory."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

from omniedit.hub import MODELS as ON_THE_HUB
from omniedit.hub import HubModel
from omniedit.specialists.base import Report, Specialist

__all__ = ["INPAINTING", "INSTRUCTED", "MODELS", "PROMPTED", "Keeper", "ModelSpec", "Painter", "missing", "progress"]

INPAINTING, PROMPTED, INSTRUCTED = "inpainting", "prompt2prompt", "cosxl-edit"


Load = Callable[[tuple[Path, ...], Any], Any]


@dataclass(frozen=True)
class ModelSpec:
    """A model on the hub; `side` is that of the pictures at which it works, in pixels.

    `load` makes its pipeline of the folders of its repositories and torch's type of number.
    """

    model: HubModel
    side: int
    load: Load


def _inpainting(folders: tuple[Path, ...], dtype: Any) -> Any:
    from diffusers import AutoPipelineForInpainting

    return AutoPipelineForInpainting.from_pretrained(
        str(folders[0]), dtype=dtype, variant="fp16", use_safetensors=True, local_files_only=True
    )


def _prompted(folders: tuple[Path, ...], dtype: Any) -> Any:
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(
        str(folders[0]),
        dtype=dtype,
        use_safetensors=True,
        local_files_only=True,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    return pipe


def _instructed(folders: tuple[Path, ...], dtype: Any) -> Any:
    from diffusers import EDMEulerScheduler, StableDiffusionXLInstructPix2PixPipeline

    weights, plan = folders
    pipe = StableDiffusionXLInstructPix2PixPipeline.from_single_file(
        str(weights / "cosxl_edit.safetensors"),
        config=str(plan),  # diffusers would go to the hub for it, local_files_only or not
        num_in_channels=8,
        is_cosxl_edit=True,
        dtype=dtype,
        local_files_only=True,
    )
    pipe.scheduler = EDMEulerScheduler(
        sigma_min=0.002, sigma_max=120.0, sigma_data=1.0, prediction_type="v_prediction", sigma_schedule="exponential"
    )
    return pipe


MODELS: Mapping[str, ModelSpec] = MappingProxyType(
    {
        INPAINTING: ModelSpec(ON_THE_HUB[INPAINTING], 1024, _inpainting),
        PROMPTED: ModelSpec(ON_THE_HUB[PROMPTED], 512, _prompted),
        INSTRUCTED: ModelSpec(ON_THE_HUB[INSTRUCTED], 1024, _instructed),
    }
)


def missing() -> list[str]:
    """A sentence for each model that is not on this machine."""
    return [spec.model.sentence() for spec in MODELS.values() if not spec.model.folders()]


class Keeper:
    """Holds one pipeline at a time on a device ("auto": a GPU where there is one), since each fills a GPU.

    `loaders` are for tests. An edit has the pipeline to itself; `free` gives its memory back.
    """

    def __init__(self, device: str = "cpu", loaders: Mapping[str, Callable[[], Any]] | None = None) -> None:
        self.device, self.loaders = device, loaders
        self._name: str | None = None
        self._pipe: Any = None
        self._turn = threading.Lock()

    def side(self, name: str) -> int:
        """Pixels of the side at which the model works."""
        return MODELS[name].side

    @contextmanager
    def using(self, name: str) -> Iterator[Any]:
        """The pipeline of that name, loaded if need be. EngineUnavailable where its weights are not here."""
        with self._turn:
            if self._name != name:
                self._drop()
                self._pipe, self._name = self._load(name), name
            try:
                yield self._pipe
            finally:
                if hasattr(self._pipe, "maybe_free_model_hooks"):
                    self._pipe.maybe_free_model_hooks()

    def free(self) -> None:
        """Give back the memory of the pipeline that is held."""
        with self._turn:
            self._drop()

    def _load(self, name: str) -> Any:
        import torch

        device = self.device
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        if self.loaders is not None:
            pipe = self.loaders[name]()
        else:
            spec = MODELS[name]
            pipe = spec.load(spec.model.loadable(), torch.float16 if device.startswith("cuda") else torch.float32)
        pipe = pipe.to(device)
        pipe.set_progress_bar_config(disable=True)
        return pipe

    def _drop(self) -> None:
        import torch

        self._pipe, self._name = None, None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


class Painter(Specialist):
    """A specialist that paints with one of the pipelines that `keeper` holds: `model`, by its name in `MODELS`."""

    model: ClassVar[str]

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper


def progress(report: Report, steps: int) -> Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]:
    """A callback for the end of a step. `report` raises Cancelled to stop, and what it raises ends the pipeline."""

    def after(pipe: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        report((step + 1) / steps)
        return tensors

    return after
