"""The models of the diffusion specialists: where they come from, whether they are here, and one of them in memory."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from omniedit.errors import EngineUnavailable
from omniedit.specialists.base import Report

__all__ = ["INPAINTING", "INSTRUCTED", "MODELS", "PROMPTED", "Keeper", "ModelSpec", "missing", "progress"]

INPAINTING, PROMPTED, INSTRUCTED = "inpainting", "prompt2prompt", "cosxl-edit"


@dataclass(frozen=True)
class ModelSpec:
    """A model by its id on the hub; `size_gb` is its download, `side` the pixels of the side at which it works.

    `file`: the weights are this single file and not a folder in diffusers' layout.
    """

    hub_id: str
    licence: str
    size_gb: float
    side: int
    load: Callable[[str, Any], Any]
    file: str | None = None


def _inpainting(source: str, dtype: Any) -> Any:
    from diffusers import AutoPipelineForInpainting

    return AutoPipelineForInpainting.from_pretrained(
        source, torch_dtype=dtype, use_safetensors=True, local_files_only=True, safety_checker=None
    )


def _prompted(source: str, dtype: Any) -> Any:
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(
        source, torch_dtype=dtype, use_safetensors=True, local_files_only=True, safety_checker=None
    )
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    return pipe


def _instructed(source: str, dtype: Any) -> Any:
    from diffusers import EDMEulerScheduler, StableDiffusionXLInstructPix2PixPipeline

    pipe = StableDiffusionXLInstructPix2PixPipeline.from_single_file(
        source, num_in_channels=8, is_cosxl_edit=True, torch_dtype=dtype, local_files_only=True
    )
    pipe.scheduler = EDMEulerScheduler(
        sigma_min=0.002, sigma_max=120.0, sigma_data=1.0, prediction_type="v_prediction", sigma_schedule="exponential"
    )
    return pipe


MODELS: Mapping[str, ModelSpec] = MappingProxyType(
    {
        INPAINTING: ModelSpec(
            "diffusers/stable-diffusion-xl-1.0-inpainting-0.1", "OpenRAIL++-M", 7.0, 1024, _inpainting
        ),
        PROMPTED: ModelSpec("stable-diffusion-v1-5/stable-diffusion-v1-5", "OpenRAIL-M", 4.3, 512, _prompted),
        INSTRUCTED: ModelSpec(
            "stabilityai/cosxl", "research only", 6.9, 1024, _instructed, file="cosxl_edit.safetensors"
        ),
    }
)


def missing() -> list[str]:
    """A sentence for each model that is not on this machine."""
    return [_sentence(spec) for spec in MODELS.values() if _here(spec) is None]


def _here(spec: ModelSpec) -> str | None:
    """The model in the hub's cache, as a file or folder; None where it is not there."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(spec.hub_id, spec.file or "model_index.json")
    if not isinstance(found, str):
        return None
    return found if spec.file else found.removesuffix("model_index.json").rstrip("/")


def _sentence(spec: ModelSpec) -> str:
    file = f" {spec.file}" if spec.file else ""
    return (
        f"{spec.hub_id} ({spec.size_gb:g} GB, {spec.licence}) is not on this machine; fetch it with: "
        f"hf download {spec.hub_id}{file}"
    )


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
            source = _here(spec)
            if source is None:
                raise EngineUnavailable(_sentence(spec))
            pipe = spec.load(source, torch.float16 if device.startswith("cuda") else torch.float32)
        pipe = pipe.to(device)
        pipe.set_progress_bar_config(disable=True)
        return pipe

    def _drop(self) -> None:
        import torch

        self._pipe, self._name = None, None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def progress(report: Report, steps: int) -> Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]:
    """A callback for the end of a step. `report` raises Cancelled to stop, and what it raises ends the pipeline."""

    def after(pipe: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        report((step + 1) / steps)
        return tensors

    return after
