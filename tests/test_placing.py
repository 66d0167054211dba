"""Where new things go: what words say, what a photo offers, sizes that perspective allows, and clear refusals."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage
from numpy.typing import NDArray
from PIL import Image

from omniedit.specialists.adding.figures import Figure, Placing
from omniedit.specialists.adding.placing import place
from omniedit.specialists.adding.stage import Stage, usual_height
from omniedit.specialists.adding.where import Where, how_large, how_many, read_place
from omniedit.specialists.base import Refusal
from omniedit.specialists.compositing.pasting import Rest
from omniedit.sprites import THINGS

Bytes = NDArray[np.uint8]


@cache
def photo(name: str) -> Bytes:
    with Image.open(Path(skimage.__file__).parent / "data" / name) as image:
        return np.asarray(image.convert("RGB"))


@cache
def meadow() -> Bytes:
    """A blue sky over a green meadow, and a red barn on the left."""
    rows = np.linspace(0, 1, 300)[:, None]
    rgb = np.empty((300, 480, 3), np.float32)
    rgb[:] = (np.array([70, 130, 225]) + rows * np.array([120, 80, 20]))[:, None]
    rgb[150:] = np.array([70, 120, 45])
    rgb[110:210, 60:180] = (150, 30, 25)
    noise = np.random.default_rng(0).normal(0, 1, (300, 480, 1))
    rgb += noise * np.where(np.arange(300) < 150, 1, 7)[:, None, None]
    return np.clip(cv2.GaussianBlur(rgb, (0, 0), 0.6), 0, 255).astype(np.uint8)


@cache
def stage(name: str = "meadow") -> Stage:
    return Stage(meadow() if name == "meadow" else photo(name))


def figure(name: str, many: int = 1, aspect: float = 1.0) -> Figure:
    return Figure(THINGS[name], aspect, 1.0, many)


def placed(name: str, words: str | None = None, on: str = "meadow", many: int = 1) -> Placing:
    found = place(stage(on), figure(name, many), words, None, None, None)
    assert isinstance(found, Placing), str(found)
    return found


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (None, Where()),
        ("on the table", Where("on", "table")),
        ("on the table, left", Where("on", "table", x=0.2)),
        ("on the left", Where(x=0.2)),
        ("to the left of the cup", Where("left", "cup")),
        ("on the right of the picture", Where(x=0.8)),
        ("next to the dog", Where("beside", "dog")),
        ("right next to the cup", Where("beside", "cup")),
        ("between the two glasses", Where("beside", "two glasses")),
        ("top right", Where(x=0.8, y=0.2)),
        ("in the top left corner", Where(x=0.2, y=0.2)),
        ("in the corner", Where(x=0.8, y=0.82)),
        ("in the background", Where(depth="far")),
        ("far out near the right edge", Where(x=0.8, depth="far")),
        ("behind the man", Where("behind", "man")),
        ("in front of the house", Where("before", "house")),
        ("at my feet", Where("before", "him")),
        ("just above the minaret", Where("above", "minaret")),
        ("in the middle of the road", Where("on", "road", x=0.5)),
        ("That bench", Where("on", "bench")),
        ("in the sky", Where("on", "sky")),
        ("here", Where()),
    ],
)
def test_words_for_places(words: str | None, where: Where) -> None:
    assert read_place(words) == where


def test_words_for_number_and_size() -> None:
    told = ["two dogs", "some birds", "some grass", "a flock of geese", "3 cats", "99 balloons", "a dog"]
    assert [how_many(words) for words in told] == [2, 3, 1, 6, 3, 6, 1]
    assert how_large("a huge red") > how_large("a big") > how_large("a") == 1.0 > how_large("a tiny")


def test_what_stands_lower_is_larger_and_larger_things_are_larger() -> None:
    heights = [usual_height(stage(), THINGS["dog"], foot) for foot in (170, 200, 240, 290)]
    assert heights == sorted(heights) and heights[-1] > 1.8 * heights[0]
    sizes = [usual_height(stage(), THINGS[name], 250) for name in ("mouse", "cat", "horse", "elephant", "tree")]
    assert sizes == sorted(sizes) and sizes[-1] > 4 * sizes[0]


def test_it_stands_on_the_ground_and_hides_nothing() -> None:
    for choice in placed("dog").choices:
        (spot,) = choice
        left, right = spot.x - spot.height / 2, spot.x + spot.height / 2
        assert spot.foot > 150 and spot.rest == Rest.GROUND and left >= 0 and right <= 480
    first = placed("dog").choices[0][0]
    assert first.x - first.height / 2 > 175 or first.foot - first.height > 205  # not over the barn


def test_the_moon_goes_into_the_sky() -> None:
    for name, words in (("moon", None), ("airplane", None), ("bird", "in the sky")):
        for (spot,) in placed(name, words).choices[:2]:
            assert spot.foot < 160 and spot.rest in (Rest.SKY, Rest.AIR)


def test_other_choices_are_other_places() -> None:
    choices = placed("dog").choices
    assert len(choices) >= 3
    for k, (one,) in enumerate(choices):
        for (other,) in choices[:k]:
            assert np.hypot(one.x - other.x, one.foot - other.foot) > 0.8 * min(one.height, other.height)
    again = place(Stage(meadow()), figure("dog"), None, None, None, None)
    assert isinstance(again, Placing) and again.choices == choices


def test_left_right_far_and_near_are_heeded() -> None:
    (left,), (right,) = placed("dog", "on the left").choices[0], placed("dog", "on the right").choices[0]
    assert left.x < 0.36 * 480 and right.x > 0.64 * 480
    (far,), (near,) = placed("dog", "in the background").choices[0], placed("dog", "in the foreground").choices[0]
    assert far.foot < near.foot - 40 and far.height < near.height
    (corner,) = placed("balloon", "top right").choices[0]
    assert corner.x > 0.65 * 480 and corner.foot < 150


def test_several_stand_side_by_side() -> None:
    spots = placed("dog", None, many=3).choices[0]
    assert len(spots) == 3 and [s.foot for s in spots] == sorted(s.foot for s in spots)
    across = sorted(s.x for s in spots)
    assert across[0] >= 0 and across[-1] <= 480 and min(np.diff(across)) > 0.8 * min(s.height for s in spots)
    assert len({s.mirrored for s in spots}) == 2


def test_a_box_is_filled_and_not_left() -> None:
    found = place(stage(), figure("dog", aspect=0.5), None, None, (300, 170, 400, 290), None)
    assert isinstance(found, Placing)
    (spot,) = found.choices[0]
    assert spot.foot == 290 and spot.height == 120 and spot.x == 350
    found = place(stage(), figure("dog", many=2, aspect=2.0), None, None, (300, 170, 400, 290), None)
    assert isinstance(found, Placing)
    for spot in found.choices[0]:
        assert spot.x - spot.height >= 300 and spot.x + spot.height <= 400


def test_a_click_is_where_it_stands_or_hovers() -> None:
    found = place(stage(), figure("dog"), None, None, None, (400, 260))
    assert isinstance(found, Placing) and (found.choices[0][0].x, found.choices[0][0].foot) == (400, 260)
    found = place(stage(), figure("moon"), None, None, None, (400, 60))
    assert isinstance(found, Placing)
    (moon,) = found.choices[0]
    assert moon.rest == Rest.SKY and moon.foot - moon.height / 2 == pytest.approx(60)


def test_hats_and_glasses_go_on_the_face() -> None:
    (hat,) = placed("hat", on="astronaut.png").choices[0]
    (shades,) = placed("sunglasses", on="astronaut.png").choices[0]
    assert abs(hat.x - 226) < 20 and 55 < hat.foot < 95 and hat.rest == Rest.WORN
    assert abs(shades.x - 226) < 20 and 80 < shades.foot - shades.height / 2 < 125


def test_without_a_face_it_asks() -> None:
    found = place(stage("coffee.png"), figure("sunglasses"), None, None, None, None)
    assert isinstance(found, Refusal) and "face" in found.reason and "box" in found.next_step


def test_next_to_a_person_it_is_held_against_the_person() -> None:
    (mouse,) = placed("mouse", "next to her", on="astronaut.png").choices[0]
    (cat,) = placed("cat", "next to her", on="astronaut.png").choices[0]
    face = stage("astronaut.png").face
    assert face is not None and cat.height > 1.3 * (face[3] - face[1]) > 2 * mouse.height


def test_left_of_a_person_is_beside_her() -> None:
    face = stage("astronaut.png").face
    (spot,) = placed("balloon", "to the left of her", on="astronaut.png").choices[0]
    assert face is not None and spot.x + spot.height / 2 < face[0] + 5


def test_behind_a_person_she_is_before_it() -> None:
    (spot,) = placed("tree", "behind her", on="astronaut.png").choices[0]
    assert spot.front is not None and spot.front.shape == (512, 512) and spot.front[120, 226]
    assert not spot.front[:, 480:].any()


def test_before_a_person_it_hides_the_lower_half_at_most() -> None:
    (spot,) = placed("dog", "in front of her", on="astronaut.png").choices[0]
    assert spot.foot > 480 and spot.height < 300 and abs(spot.x - 226) < 120


def test_the_one_large_thing_may_be_meant_and_that_is_said() -> None:
    found = placed("banana", "next to the cup", on="coffee.png")
    assert found.confidence < 0.75 and "what stands out most for the cup" in found.notes[0]


def test_a_guess_is_no_measure_but_a_limit() -> None:
    coffee = stage("coffee.png")
    assert coffee.main is not None
    _, top, _, bottom = coffee.box_of(coffee.main.mask)
    (berry,) = placed("strawberry", "next to the cup", on="coffee.png").choices[0]
    assert 0.1 * (bottom - top) < berry.height < 0.25 * (bottom - top)
    (less,) = placed("strawberry", "next to the elephant", on="coffee.png").choices[0]
    assert less.height < 0.5 * berry.height


def test_what_is_not_there_is_not_guessed_at() -> None:
    found = place(stage("brick.png"), figure("dog"), "next to the submarine", None, None, None)
    assert isinstance(found, Refusal) and "the submarine" in found.reason and "click" in found.next_step
