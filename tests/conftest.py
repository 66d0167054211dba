"""What many tests need: a checkpoint on disk and settings that use it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from omniedit.editnet.checkpoint import save_pipeline
from omniedit.settings import Settings
from tests.editnets import tiny_pipeline

torch.set_num_threads(1)  # tiny networks lose more time to threads than they gain


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each of two processes, which are given a half, begins with what takes long: none has it left at the end."""
    slow = [item for item in items if item.get_closest_marker("slow")]
    fast = [item for item in items if not item.get_closest_marker("slow")]
    half = len(items) // 2 - len(slow) // 2
    items[:] = [*slow[: len(slow) // 2], *fast[:half], *slow[len(slow) // 2 :], *fast[half:]]


PIXELS = Image.MAX_IMAGE_PIXELS


@pytest.fixture(autouse=True)
def decoders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow as it comes: an app that ran in this process has held it to the door's limit."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", PIXELS)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own: nobody's edits are touched."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("OMNIEDIT_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished checkpoint of the tiny mini, its gate opened so that an edit is seen."""
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    pipeline = tiny_pipeline()
    network = pipeline.transformer
    network.proj_out.bias.data.view(network.config.patch_size**2, -1)[:, 0] = 2.0
    save_pipeline(pipeline, folder, {"samples": 0})
    return folder


@pytest.fixture
def settings(checkpoint: Path) -> Settings:
    """Settings that load the tiny checkpoint."""
    return Settings(checkpoint=checkpoint)
