"""How photos get onto the canvas and come back from it: a large one stays on the server."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from omniedit.errors import BadInput
from omniedit.services.editing import EditingService, Options
from omniedit.services.log import open_log
from omniedit.settings import Settings, assets_dir
from tests.pages import within_page
from ui.canvas import MOST, Easel, copy_size, layer_of, photo_on
from ui.handlers import Asked, Wish, run_edit, run_plan

LARGE = (2400, 1600)


@pytest.fixture
def easel() -> Easel:
    return within_page(lambda: Easel(gr.ImageEditor()))


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    with Image.open(assets_dir() / "photos" / "coffee.jpg") as small:
        return small.convert("RGB").resize(LARGE)


def through_a_browser(value: dict[str, Any], painted: tuple[int, int, int, int] | None = None) -> dict[str, Any]:
    """What the canvas sends back: levels may be one off, what is not seen is black, and somebody may have painted."""
    pixels = np.asarray(value["background"].convert("RGBA")).copy()
    pixels[::2, ::2, :3] = np.minimum(pixels[::2, ::2, :3].astype(int) + 1, 255)
    pixels[pixels[..., 3] == 0] = 0
    mask = Image.new("L", value["background"].size)
    if painted:
        mask.paste(255, painted)
    return {"background": Image.fromarray(pixels), "layers": [layer_of(mask)] if painted else [], "composite": None}


def test_a_small_photo_is_the_canvass_own(easel: Easel, tmp_path: Path) -> None:
    small = Image.radial_gradient("L").convert("RGB")
    update = easel.shows(small, lambda: tmp_path)
    assert update[easel.whole] is None and update[easel.canvas]["background"] is small and not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [(4000, 3000), (3000, 4000), (9000, 300), (20_000, 1), (3, 2)])
def test_a_copy_is_small_and_of_the_same_shape(size: tuple[int, int]) -> None:
    width, height = copy_size(size)
    assert width * height <= MOST and width / height == pytest.approx(size[0] / size[1], rel=0.01)
    assert copy_size((width, height)) == (width, height)


def test_what_is_painted_on_the_copy_counts_for_the_photo(easel: Easel, photo: Image.Image, tmp_path: Path) -> None:
    update = easel.shows(photo, lambda: tmp_path)
    copy, whole = update[easel.canvas]["background"], update[easel.whole]
    assert copy.size == copy_size(LARGE) and copy.width * copy.height <= MOST and hash(whole)
    left, top, right, bottom = 300, 200, 900, 600
    source, mask = photo_on(through_a_browser(update[easel.canvas], (left, top, right, bottom)), whole)
    assert np.array_equal(np.asarray(source), np.asarray(photo)) and mask is not None and mask.size == LARGE
    scale = LARGE[0] / copy.width
    box = np.array(mask.getbbox())
    assert np.abs(box - scale * np.array([left, top, right, bottom])).max() <= 2
    assert easel.shows(photo.copy(), lambda: tmp_path)[easel.whole] == whole  # it fills no disk
    again = easel.shows(whole.file, lambda: tmp_path, mask)
    back = photo_on(through_a_browser(again[easel.canvas]), again[easel.whole])
    assert np.array_equal(np.asarray(back[0]), np.asarray(photo))
    assert again[easel.canvas]["layers"][0].size == copy.size and len(list(tmp_path.iterdir())) == 1


def test_a_cut_out_is_known_again(easel: Easel, photo: Image.Image, tmp_path: Path) -> None:
    cut = photo.copy()
    cut.putalpha(Image.linear_gradient("L").resize(LARGE).point(lambda level: max(0, level - 90)))
    update = easel.shows(cut, lambda: tmp_path)
    source, _ = photo_on(through_a_browser(update[easel.canvas]), update[easel.whole])
    assert np.array_equal(np.asarray(source), np.asarray(cut))


def test_another_picture_on_the_canvas_is_taken_as_it_is(easel: Easel, photo: Image.Image, tmp_path: Path) -> None:
    whole = easel.shows(photo, lambda: tmp_path)[easel.whole]
    other = {"background": photo.rotate(180).resize(copy_size(LARGE)), "layers": [], "composite": None}
    assert photo_on(other, whole)[0] is other["background"]


def test_a_photo_that_is_gone_is_asked_for_again(easel: Easel, photo: Image.Image, tmp_path: Path) -> None:
    update = easel.shows(photo, lambda: tmp_path)
    update[easel.whole].file.unlink()
    with pytest.raises(BadInput, match="no more on the server; open it again"):
        photo_on(through_a_browser(update[easel.canvas]), update[easel.whole])


def test_a_large_photo_is_planned_and_edited_at_its_own_size(easel: Easel, photo: Image.Image, tmp_path: Path) -> None:
    update = easel.shows(photo, lambda: tmp_path)
    value, whole = through_a_browser(update[easel.canvas], (300, 200, 900, 600)), update[easel.whole]
    log = open_log(Settings(home=tmp_path / "home"))
    service = EditingService(Settings(home=tmp_path / "home"), log)
    asked = Asked(value, "make it sepia", Options(), "specialists", wish=Wish("make it sepia"), whole=whole)
    plan = run_plan(service, asked, tmp_path)
    assert plan.at(1279, 852) == (2399, 1599)
    shown = run_edit(service, asked, threading.Event(), lambda p: None, tmp_path)
    with Image.open(shown.before) as before, Image.open(shown.after) as after:
        assert before.size == after.size == LARGE
        apart = np.abs(np.asarray(before).astype(int) - np.asarray(after.convert("RGB"))).max(-1) > 0
    assert apart[330:950, 490:1430].mean() > 0.9 and not apart[:310].any() and not apart[:, 1450:].any()
    entry = log.history.one("local", shown.edit or "")
    assert entry.mask is not None
    with Image.open(log.pictures.path(entry.mask)) as mask:
        assert mask.size == LARGE
    log.close()
