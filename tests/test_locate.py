"""What a person shows or names is found, and what is not sure is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from omniedit.grounding import SURE, Found, Hints, ground
from omniedit.settings import assets_dir
from omniedit.specialists.base import Refusal
from omniedit.specialists.locate import kept, locate
from omniedit.types import EditRequest, Intent, Task


def photo(name: str) -> NDArray[np.uint8]:
    with Image.open(assets_dir() / "photos" / f"{name}.jpg") as image:
        return np.asarray(image.convert("RGB"))


def found(name: str, words: str | None, task: Task = Task.REMOVAL, **shown: Any) -> Found | Refusal:
    rgb = photo(name)
    request = EditRequest(Image.fromarray(rgb), words or "remove it", **shown)
    return locate(request, Intent(task, words or "", target=words), rgb)


def overlap(mask: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    return float((mask & truth).sum() / (mask | truth).sum())


def test_a_brush_is_taken_as_it_is() -> None:
    mask = Image.new("L", (384, 256))
    mask.paste(255, (100, 100, 160, 150))
    shown = found("coffee", "the handle", mask=mask)
    assert isinstance(shown, Found) and np.array_equal(shown.mask, np.asarray(mask) > 0) and "brush" in shown.by


def test_a_box_and_a_click_show_the_thing_inside() -> None:
    """The dark blue badge on the orange suit, a disc of known place."""
    rows, columns = np.mgrid[:384, :384]
    badge = np.hypot(columns - 129, rows - 289) < 28
    by_box = found("astronaut", "the badge", box=(96, 255, 162, 323))
    assert isinstance(by_box, Found) and overlap(by_box.mask, badge) > 0.7 and "box" in by_box.by
    ball = np.full((200, 300, 3), 200, np.uint8)
    disc = np.hypot(*(np.mgrid[:200, :300] - np.array([100, 150])[:, None, None])) < 40
    ball[disc] = (30, 60, 160)
    by_click = ground("the ball", ball, Hints(click=(150, 100)))
    assert by_click[0].score >= SURE and overlap(by_click[0].mask, disc) > 0.9


def test_sky_faces_and_hair_are_found_by_name() -> None:
    sky = found("rocket", "the sky")
    assert isinstance(sky, Found) and sky.mask[:60].mean() > 0.7 and sky.mask[240:].mean() < 0.3
    hair = found("astronaut", "her hair", Task.ATTRIBUTE)
    assert isinstance(hair, Found) and hair.mask[20:60, 150:200].mean() > 0.6 and not hair.mask[200:].any()


def test_a_colour_points_to_the_one_thing_of_that_colour() -> None:
    rgb = np.full((200, 300, 3), 180, np.uint8)
    rgb[40:90, 40:90], rgb[120:170, 200:250] = (200, 30, 30), (30, 60, 200)
    red = ground("the red box", rgb)
    assert red[0].score >= SURE and red[0].mask[60, 60] and not red[0].mask[140, 220]


def test_of_two_alike_the_person_is_asked() -> None:
    rgb = np.full((200, 300, 3), 180, np.uint8)
    rgb[40:90, 40:90] = rgb[120:170, 200:250] = (200, 30, 30)
    request = EditRequest(Image.fromarray(rgb), "remove the red box")
    asked = locate(request, Intent(Task.REMOVAL, "remove the red box", target="the red box"), rgb)
    assert isinstance(asked, Refusal) and "two red things" in str(asked) and "click the one you mean" in str(asked)


@pytest.mark.parametrize(("name", "words"), [("coffee", "the dog"), ("brick", "the sky"), ("gravel", "the face")])
def test_what_is_not_there_is_not_made_up(name: str, words: str) -> None:
    assert isinstance(found(name, words), Refusal)


def test_what_is_to_be_kept_is_found_or_said() -> None:
    rgb = photo("rocket")
    region, notes = kept(Intent(Task.STYLE, "", keep=("the sky", "the giraffe")), rgb)
    assert region is not None and region[:60].mean() > 0.7
    assert len(notes) == 1 and "giraffe" in notes[0]


def test_a_large_photo_is_cut_at_its_own_size() -> None:
    ball = np.full((1500, 2000, 3), 200, np.uint8)
    disc = np.hypot(*(np.mgrid[:1500, :2000] - np.array([700, 1000])[:, None, None])) < 300
    ball[disc] = (30, 60, 160)
    cut = ground(None, ball, Hints(box=(650, 350, 1350, 1050)))
    assert overlap(cut[0].mask, disc) > 0.97
