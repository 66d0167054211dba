"""An edit is seen as it comes: the newest picture, and at last the result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from omniedit.editnet.glimpse import glimpse
from omniedit.engines import MINI
from omniedit.errors import BadInput
from omniedit.services.editing import EditingService, Options
from omniedit.settings import Settings
from omniedit.types import Progress
from ui.live import following
from ui.running import Runner


def test_what_is_told_is_seen_in_its_order_and_the_end_is_given() -> None:
    seen = threading.Semaphore(0)

    def work(tell: Callable[[int], None]) -> str:
        for number in range(3):
            tell(number)
            seen.acquire()
        return "done"

    def kept() -> Generator[int, None, None]:
        ends.append((yield from following(work)))

    ends: list[str] = []
    for number, told in enumerate(kept()):
        assert told == number
        seen.release()
    assert ends == ["done"]


def test_who_leaves_waits_for_nothing_and_the_work_is_told() -> None:
    left, over = threading.Event(), threading.Event()

    def work(tell: Callable[[int], None]) -> None:
        tell(1)
        left.wait(30)
        over.set()

    coming = following(work, left.set)
    assert next(coming) == 1 and not left.is_set()
    coming.close()
    assert left.is_set() and over.wait(30)


def test_only_the_newest_is_seen_by_who_asks_late() -> None:
    begun = threading.Event()

    def work(tell: Callable[[int], None]) -> str:
        for number in range(100):
            tell(number)
        begun.set()
        return "done"

    coming = following(work)
    first = next(coming, None)
    assert begun.wait(5)
    assert len([first, *coming]) < 100


def test_what_the_work_raises_comes_through() -> None:
    def work(tell: Callable[[int], None]) -> str:
        tell(1)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        list(following(work))


def test_an_edit_that_was_forgotten_meanwhile_gets_no_card_and_no_fault() -> None:
    class Forgotten:
        def ready(self, owner: str, name: str) -> None:
            raise (BadInput if name == "gone" else ZeroDivisionError)(f"There is no edit {name!r}.")

    album: Any = Forgotten()
    runner: Any = object()
    Runner._ready(runner, album, "page:x", "gone")
    with pytest.raises(ZeroDivisionError):  # a fault is not hidden
        Runner._ready(runner, album, "page:x", "broken")


@pytest.mark.parametrize("channels", [3, 16])
def test_a_prediction_is_seen_in_the_colours_of_its_source(channels: int) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (24, 32, 3), np.uint8)
    mix = torch.from_numpy(rng.normal(size=(3, channels)))
    latent = (torch.from_numpy(pixels / 127.5 - 1) @ mix).permute(2, 0, 1)[None].float()
    assert np.abs(np.asarray(glimpse(latent, latent, pixels)).astype(int) - pixels).max() <= 1
    flipped = np.asarray(glimpse(latent.flip(-1), latent, pixels)).astype(int)
    assert np.abs(flipped - pixels[:, ::-1]).max() <= 1


def test_the_small_model_shows_each_step() -> None:
    pictures: list[Image.Image] = []

    def watch(progress: Progress) -> None:
        assert progress.preview is not None
        pictures.append(progress.preview())

    photo = Image.new("RGB", (160, 120), "skyblue")
    options: Any = Options(steps=3)
    EditingService(Settings(log=False)).edit(photo, "make it night", None, options, MINI, watch)
    assert len(pictures) == 3 and {picture.size for picture in pictures} == {pictures[0].size}
    assert abs(np.asarray(pictures[0]).mean() - np.asarray(photo).mean()) < 128
