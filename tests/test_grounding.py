"""Where the thing is that words, a brush, a box or a click mean; and that nothing is edited at random."""

from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from omniedit.grounding import SURE, Found, Hints, ground
from omniedit.grounding.cut import in_full
from omniedit.grounding.faces import faces
from omniedit.grounding.pointing import under_brush
from omniedit.grounding.refine import enlarge
from omniedit.grounding.view import View
from omniedit.settings import assets_dir
from tests.memory import GIB, counted_in_kb, memory_of

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]


@cache
def photo(name: str) -> Bytes:
    with Image.open(assets_dir() / "photos" / f"{name}.jpg") as file:
        return np.asarray(file.convert("RGB"))


def disc(width: int, height: int, x: float, y: float, radius: float) -> Bools:
    ys, xs = np.mgrid[:height, :width]
    inside: Bools = (xs + 0.5 - x) ** 2 + (ys + 0.5 - y) ** 2 < radius**2
    return inside


def painted(width: int, height: int, *things: tuple[Bools, tuple[int, int, int]], ground: int = 150) -> Bytes:
    """Things on a softly uneven grey, with blurred edges and grain."""
    rng = np.random.default_rng(0)
    soft = cv2.resize(rng.uniform(-12, 12, (5, 6)), (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    rgb = np.full((height, width, 3), float(ground)) + soft
    for mask, colour in things:
        alpha = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)[..., None]
        rgb = rgb * (1 - alpha) + np.array(colour) * alpha
    grain: Bytes = np.clip(rgb + rng.normal(0, 4, (height, width, 1)), 0, 255).astype(np.uint8)
    return grain


def iou(one: Bools, other: Bools) -> float:
    return float((one & other).sum() / (one | other).sum())


def at(found: tuple[Found, ...], *points: tuple[float, float]) -> list[bool]:
    """Whether the first region holds the points, given as shares (x, y) of the picture."""
    height, width = found[0].mask.shape
    return [bool(found[0].mask[int(y * height), int(x * width)]) for x, y in points]


RED, BLUE = (205, 30, 40), (40, 80, 200)
ONE = disc(360, 270, 200, 140, 45)
LEFT, RIGHT = disc(360, 270, 90, 140, 38), disc(360, 270, 270, 140, 38)


def test_an_outline_is_as_fine_as_the_picture() -> None:
    truth = disc(1200, 900, 610, 440, 300)
    rgb = painted(1200, 900, (truth, (190, 70, 50)))
    small = cv2.resize(truth.astype(np.float32), (100, 75), interpolation=cv2.INTER_AREA) > 0.5
    coarse = cv2.resize(small.astype(np.uint8), (1200, 900), interpolation=cv2.INTER_NEAREST) > 0
    fine = enlarge(small.astype(np.float32), rgb)
    assert fine.shape == truth.shape and iou(coarse, truth) < 0.985 < 0.996 < iou(fine, truth)
    ys, xs = np.nonzero(fine ^ cv2.erode(fine.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool))
    off = np.abs(np.hypot(xs + 0.5 - 610, ys + 0.5 - 440) - 300)
    assert np.quantile(off, 0.95) < 2  # a pixel of the small outline is 12 wide: no staircase


def test_hair_that_sticks_out_belongs_to_the_head() -> None:
    head = disc(900, 900, 450, 450, 260)
    strands = np.zeros((900, 900), np.uint8)
    for angle in np.linspace(0, 2 * np.pi, 40):
        end = (round(450 + 272 * np.cos(angle)), round(450 + 272 * np.sin(angle)))
        cv2.line(strands, (450, 450), end, 1, 4)
    rgb = painted(900, 900, (head | (strands > 0), (60, 40, 30)), ground=210)
    small = cv2.resize(head.astype(np.float32), (90, 90), interpolation=cv2.INTER_AREA)
    out = (strands > 0) & ~disc(900, 900, 450, 450, 264)
    found = enlarge(small, rgb)
    assert found[out].mean() > 0.5 and (found & ~head & ~(strands > 0)).sum() < 0.01 * head.sum()


def test_regions_without_an_outline_stay_what_they_are() -> None:
    rgb = painted(400, 300)
    for mask in (np.zeros((30, 40), np.bool_), np.ones((30, 40), np.bool_)):
        assert in_full(mask, rgb).mean() == mask.mean()


def test_a_brush_is_taken_as_it_is() -> None:
    rgb = painted(360, 270, (ONE, RED))
    brush = disc(360, 270, 180, 130, 80)
    found = ground("the dog", rgb, Hints(mask=brush, box=(0, 0, 20, 20)))
    assert len(found) == 1 and found[0].mask is brush and found[0].score == 1 and found[0].by == "your brush"
    assert ground(None, rgb, Hints(mask=np.zeros_like(brush))) == ()
    with pytest.raises(ValueError, match="mask is 10 x 10, the picture 360 x 270"):
        ground(None, rgb, Hints(mask=np.ones((10, 10), np.bool_)))


def test_a_loose_brush_shows_the_one_thing_under_it() -> None:
    rgb = painted(360, 270, (ONE, RED))
    loose = disc(360, 270, 205, 140, 75)
    tight = under_brush(rgb, loose)
    assert tight is not None and iou(tight, ONE) > 0.9 and not tight[~loose].any()
    assert under_brush(rgb, disc(360, 270, 200, 140, 25)) is None  # a part of the thing is meant
    assert under_brush(rgb, disc(360, 270, 60, 60, 40)) is None  # nothing there


def test_a_box_shows_the_thing_in_it_and_is_its_limit() -> None:
    rgb = painted(720, 540, (disc(720, 540, 400, 280, 90), RED), (disc(720, 540, 150, 100, 60), BLUE))
    found = ground("the thing", rgb, Hints(box=(295, 180, 510, 380)))[0]
    assert iou(found.mask, disc(720, 540, 400, 280, 90)) > 0.97 and found.score >= SURE and found.by == "your box"
    cut = ground(None, rgb, Hints(box=(400, 180, 510, 380)))[0].mask
    assert cut.any() and not cut[:, :400].any() and not cut[:, 510:].any()
    flat = ground(None, painted(300, 200), Hints(box=(100, 60, 180, 120)))[0]
    whole = np.zeros((200, 300), np.bool_)
    whole[60:120, 100:180] = True
    assert np.array_equal(flat.mask, whole) and SURE <= flat.score < found.score


def test_a_click_shows_the_thing_under_it() -> None:
    rgb = painted(720, 540, (disc(720, 540, 400, 280, 90), RED), (disc(720, 540, 150, 100, 60), BLUE))
    for x, y, radius, click in ((400, 280, 90, (430, 300)), (150, 100, 60, (140, 80))):
        found = ground(None, rgb, Hints(click=click))[0]
        assert iou(found.mask, disc(720, 540, x, y, radius)) > 0.95 and found.score >= SURE and found.by == "your click"


def test_a_click_in_the_sky_shows_what_hangs_there_or_all_of_it() -> None:
    with Image.open(assets_dir() / "examples" / "sky.png") as picture:
        rgb = np.asarray(picture.convert("RGB"))
    red = (rgb[..., 0].astype(int) - rgb[..., 2]) > 90
    ys, xs = np.nonzero(red)
    balloon = ground(None, rgb, Hints(click=(int(xs.mean()), int(ys.mean()))))[0]
    assert iou(balloon.mask, red) > 0.8 and balloon.score >= SURE
    for click in ((5, 5), (307, 341)):  # blue, and a cloud
        assert ground(None, rgb, Hints(click=click))[0].mask.mean() > 0.7


def test_hints_and_words_together() -> None:
    rgb = photo("rocket")
    sky = ground("the sky", rgb, Hints(click=(100, 40)))
    assert sky[0].score >= SURE and at(sky, (0.1, 0.5), (0.8, 0.3)) == [True, True] and "you show" in sky[0].by
    boxed = ground("the sky", rgb, Hints(box=(0, 0, 150, 120)))[0].mask
    assert boxed[:120, 30:150].mean() > 0.9 and not boxed[:, 150:].any()


@pytest.mark.parametrize(
    ("name", "phrase", "inside", "outside"),
    [
        ("astronaut", "the woman", [(0.45, 0.23), (0.3, 0.7), (0.45, 0.1)], [(0.05, 0.1), (0.85, 0.3), (0.7, 0.1)]),
        ("astronaut", "her face", [(0.45, 0.24), (0.4, 0.2)], [(0.45, 0.08), (0.3, 0.7), (0.3, 0.2)]),
        ("astronaut", "her hair", [(0.45, 0.08), (0.55, 0.2)], [(0.45, 0.24), (0.3, 0.7), (0.7, 0.1)]),
        ("astronaut", "her suit", [(0.25, 0.7), (0.6, 0.55)], [(0.45, 0.24), (0.45, 0.08), (0.7, 0.1)]),
        ("astronaut", "the background", [(0.7, 0.1), (0.05, 0.1)], [(0.45, 0.24), (0.3, 0.7)]),
        ("rocket", "the sky", [(0.3, 0.3), (0.85, 0.1)], [(0.503, 0.6), (0.5, 0.98)]),
        ("rocket", "the lights", [(0.235, 0.881), (0.567, 0.933), (0.676, 0.923)], [(0.3, 0.3), (0.503, 0.6)]),
        ("coffee", "the red cup", [(0.3, 0.7), (0.5, 0.5)], [(0.05, 0.5), (0.95, 0.9)]),
        ("coffee", "everything", [(0.01, 0.01), (0.99, 0.99)], []),
    ],
)
def test_photographs(
    name: str, phrase: str, inside: list[tuple[float, float]], outside: list[tuple[float, float]]
) -> None:
    found = ground(phrase, photo(name))
    assert found[0].score >= SURE
    assert all(at(found, *inside)) and not any(at(found, *outside))


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("coffee", "the sky"), ("chelsea", "the sky"), ("coffee", "her hair"), ("coffee", "the green car"),
        ("chelsea", "the grass"), ("brick", "the sky"), ("gravel", "the water"), ("grass", "her face"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(name: str, phrase: str) -> None:
    assert ground(phrase, photo(name)) == ()


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("coffee", "the dog"), ("astronaut", "the dog"), ("chelsea", "the man"), ("brick", "the car"),
        ("gravel", "the bird"), ("grass", "the text"), ("brick", "the wires"), ("chelsea", "the lights"),
        ("rocket", "the wires"), ("hubble", "the cat"),
    ],
)  # fmt: skip
def test_what_is_not_recognised_is_asked_about(name: str, phrase: str) -> None:
    assert all(one.score < SURE for one in ground(phrase, photo(name)))


def test_faces_are_seen_and_textures_are_none() -> None:
    assert next(face.score > 0.9 for face in faces(View(photo("astronaut"))))
    for name in ("coffee", "chelsea", "rocket", "brick", "grass", "gravel", "hubble"):
        assert not [face for face in faces(View(photo(name))) if face.score > 0.5], name


def test_an_unknown_word_means_the_only_thing_there_is() -> None:
    found = ground("the vase", painted(360, 270, (ONE, (60, 130, 90))))
    assert iou(found[0].mask, ONE) > 0.95 and SURE <= found[0].score <= 0.8
    assert found[0].by == "the only thing that stands out"
    two = ground("the vase", painted(360, 270, (LEFT, RED), (RIGHT, BLUE)))
    assert len(two) == 2 and all(one.score < SURE for one in two)
    right = ground("the vase on the right", painted(360, 270, (LEFT, RED), (RIGHT, BLUE)))
    assert right[0].score >= SURE and iou(right[0].mask, RIGHT) > 0.95


def test_a_colour_chooses() -> None:
    rgb = painted(360, 270, (LEFT, RED), (RIGHT, BLUE))
    for phrase, truth in (("the red ball", LEFT), ("the blue ball", RIGHT), ("the blue one", RIGHT)):
        found = ground(phrase, rgb)
        assert found[0].score >= SURE and iou(found[0].mask, truth) > 0.95, phrase
    assert ground("the green ball", rgb) == ()
    reds = painted(360, 270, (LEFT, RED), (RIGHT, RED))
    assert [one.score < SURE for one in ground("the red ball", reds)] == [True, True]
    assert iou(ground("the left red ball", reds)[0].mask, LEFT) > 0.95
    assert iou(ground("both red balls", reds)[0].mask, LEFT | RIGHT) > 0.95


def test_wires_against_the_sky() -> None:
    rgb = np.ascontiguousarray(cv2.resize(photo("rocket")[:190], (1200, 594), interpolation=cv2.INTER_CUBIC))
    wires = np.zeros(rgb.shape[:2], np.uint8)
    for y in (90, 130, 330):
        cv2.polylines(wires, [np.array([[-5, y], [600, y + 25], [1205, y - 10]], np.int32)], False, 255, 3)
    rgb[wires > 0] = (15, 15, 18)
    found = ground("get the wires", rgb)[0]
    assert found.score >= SURE and found.mask[wires > 0].mean() > 0.85 and found.mask.mean() < 0.05


def test_text_is_covered_whole() -> None:
    rgb = np.ascontiguousarray(cv2.resize(photo("coffee"), (900, 600), interpolation=cv2.INTER_CUBIC))
    letters = np.zeros(rgb.shape[:2], np.uint8)
    cv2.putText(letters, "2021/06/14 12:30", (540, 590), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 255, 3, cv2.LINE_AA)
    rgb[letters > 128] = (255, 160, 40)
    found = ground("the date stamp", rgb)[0]
    assert found.score >= SURE and found.mask[letters > 128].mean() > 0.97 and found.mask.mean() < 0.1


def test_blemishes_are_no_eyes() -> None:
    rgb = np.ascontiguousarray(cv2.resize(photo("astronaut"), (768, 768), interpolation=cv2.INTER_CUBIC))
    clean = ground("the pimples", rgb)
    for x, y in ((300, 186), (380, 172), (376, 188)):
        cv2.circle(rgb, (x, y), 4, (172, 72, 62), -1)
    found = ground("the pimples", cv2.GaussianBlur(rgb, (0, 0), 0.8))[0]
    assert found.score >= SURE and found.mask[186, 300] and found.mask[172, 380] and found.mask.mean() < 0.002
    assert not clean or clean[0].mask.mean() < found.mask.mean() / 2


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (16, 16), (3, 90), (90, 3)])
@pytest.mark.parametrize("phrase", [None, "the dog", "the red car", "the sky", "her hair", "the wires", "the text"])
def test_small_and_empty_pictures(size: tuple[int, int], phrase: str | None) -> None:
    width, height = size
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    for rgb in (np.zeros((height, width, 3), np.uint8), np.full((height, width, 3), 255, np.uint8), noise):
        for hints in (Hints(), Hints(click=(width // 2, height // 2)), Hints(box=(0, 0, width, height))):
            for one in ground(phrase, rgb, hints):
                assert one.mask.shape == (height, width) and one.mask.any() and 0 <= one.score <= 1 and one.by


def test_the_same_question_has_the_same_answer() -> None:
    for phrase, name in (("the woman", "astronaut"), ("the red cup", "coffee")):
        first, second = (ground(phrase, photo(name))[0] for _ in range(2))
        assert np.array_equal(first.mask, second.mask) and first.score == second.score


BEFORE = """
import cv2
from PIL import Image
from omniedit.grounding import Hints, ground
from omniedit.settings import assets_dir
small = np.asarray(Image.open(assets_dir() / "photos" / "astronaut.jpg").convert("RGB"))
rgb = cv2.resize(small, (7000, 7000), interpolation=cv2.INTER_CUBIC)
ground("the woman", small)
"""
MEASURED = """
for phrase, hints in (("the woman", Hints()), ("it", Hints(click=(3200, 1600))), ("the wires", Hints())):
    ground(phrase, rgb, hints)
"""


@pytest.mark.slow
@counted_in_kb
def test_49_megapixels_within_a_gigabyte() -> None:
    assert memory_of(MEASURED, BEFORE) < GIB
