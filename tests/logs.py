"""A log in a folder with a few small edits in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from omniedit.services.editing import EditingService, Options
from omniedit.services.log import By, EditLog, open_log
from omniedit.settings import Settings
from omniedit.types import EditResult


def opened(home: Path) -> tuple[EditingService, EditLog]:
    settings = Settings(home=home)
    log = open_log(settings)
    return EditingService(settings, log), log


def small_photo(seed: int = 0) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((64, 48), Image.Resampling.BICUBIC)


def edited(service: EditingService, words: str = "make it sepia", by: By | None = None, seed: int = 0) -> EditResult:
    return service.edit(small_photo(seed), words, options=Options(seed=seed), engine="specialists", by=by)
