"""What many tests need: a checkpoint on disk and settings that use it, a database on each of the two kinds."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from sqlalchemy import Engine, create_engine, text

from omniedit.editnet.checkpoint import save_pipeline
from omniedit.settings import Settings
from omniedit.store import database as database_module
from tests.editnets import tiny_pipeline
from tests.servers import postgres, postgres_programs

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


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    if postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed: sudo apt-get install postgresql")
    with postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database that is empty and the test's own, on each of the two kinds; what was opened is closed."""
    engines: list[Engine] = []

    def remembered(*given: Any, **more: Any) -> Engine:
        engines.append(create_engine(*given, **more))
        return engines[-1]

    monkeypatch.setattr(database_module, "create_engine", remembered)
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'omniedit.db'}"
    else:
        yield _database_on(request.getfixturevalue("server"))
    for engine in engines:
        engine.dispose()


def _database_on(server: str) -> str:
    name = f"test_{secrets.token_hex(6)}"
    address = server.format(name="postgres").replace("postgresql", "postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.format(name=name)
