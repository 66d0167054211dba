"""The attribute specialist: what it understands, what it changes, what stays, and what it refuses."""

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from omniedit.colour import to_oklab
from omniedit.errors import Cancelled
from omniedit.settings import assets_dir
from omniedit.specialists.attribute import Attribute
from omniedit.specialists.base import Plan, Refusal
from omniedit.specialists.changing.changes import TONES, lighter
from omniedit.specialists.changing.materials import material
from omniedit.specialists.changing.wishes import COLOUR, Wish, wish_of
from omniedit.types import EditRequest, Intent, Parameter, Task
from omniedit.vocabulary import CHANGES, MATERIALS

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
WHOLE = [kind for kind in CHANGES if kind not in ("bigger", "smaller")]


@pytest.fixture(scope="module")
def photo() -> Bytes:
    return np.asarray(Image.open(assets_dir() / "photos" / "astronaut.jpg").convert("RGB"))


@pytest.fixture(scope="module")
def suit(photo: Bytes) -> Bools:
    """About the suit's arm and chest."""
    mask = np.zeros(photo.shape[:2], np.uint8)
    outline = np.array([(25, 370), (30, 230), (95, 165), (150, 215), (155, 375)], np.int32)
    cv2.fillPoly(mask, [outline], 1)
    return mask > 0


def asked(
    photo: Bytes,
    mask: Bools | None,
    said: Mapping[str, Parameter] | None = None,
    target: str | None = None,
    value: str | None = None,
    **more: Any,
) -> tuple[EditRequest, Intent]:
    painted = None if mask is None else Image.fromarray(mask.astype(np.uint8) * 255)
    request = EditRequest(Image.fromarray(photo), "change it", mask=painted, **more)
    return request, Intent(Task.ATTRIBUTE, "change it", target=target, value=value, parameters=said or {})


def planned(*args: Any, **more: Any) -> Plan:
    plan = Attribute().prepare(*asked(*args, **more))
    assert isinstance(plan, Plan)
    return plan


def edited(*args: Any, **more: Any) -> Bytes:
    return np.asarray(Attribute().apply(planned(*args, **more)).images[0])


def wish(value: str | None = None, target: str | None = None, **said: Parameter) -> Wish | Refusal:
    return wish_of(*asked(np.zeros((16, 16, 3), np.uint8), None, said, target, value))


@pytest.mark.parametrize(
    ("value", "said", "kind", "colour"),
    [
        ("emerald green", {}, COLOUR, (15, 138, 82)),
        (None, {"colour": "navy"}, COLOUR, (24, 36, 79)),
        ("gold", {}, "gold", None),
        ("wooden", {}, "wood", None),
        ("red leather", {}, "leather", (204, 32, 40)),
        ("blue stripes", {}, "stripes", (40, 84, 196)),
        ("denim blue", {}, COLOUR, (63, 95, 143)),
        ("brighter", {}, "lighter", None),
        ("a brighter red", {}, COLOUR, None),
        (None, {"kind": "darker"}, "darker", None),
        (None, {"kind": "velvet", "colour": "#123456"}, "velvet", (0x12, 0x34, 0x56)),
        ("polka dots", {}, "dots", None),
    ],
)
def test_what_is_wished(
    value: str | None, said: dict[str, Parameter], kind: str, colour: tuple[int, int, int] | None
) -> None:
    found = wish(value, **said)
    assert isinstance(found, Wish) and found.kind == kind
    if colour is not None or kind in ("gold", "wood", "lighter", "darker", "dots"):
        assert found.colour == colour


def test_hair_is_no_metal_and_never_as_vivid_as_paint() -> None:
    found = wish("gold", "her hair")
    assert isinstance(found, Wish) and found.kind == COLOUR and found.colour is not None
    for target, value, natural in (("the cat", "blue", True), ("the car", "blue", False), ("hair", "neon pink", False)):
        found = wish(value, target)
        assert isinstance(found, Wish) and (found.chroma < 1) == natural


def test_what_a_person_turns_goes_before_the_words(photo: Bytes, suit: Bools) -> None:
    plan = planned(photo, suit, {"kind": "darker"}, parameters={"colour": "navy"})
    assert plan.parameters["kind"] == COLOUR and plan.parameters["colour"] == "navy"
    plan = planned(photo, suit, {"colour": "red", "amount": 0.5}, parameters={"amount": 1.5})
    assert plan.parameters["amount"] == 1.5
    assert planned(photo, suit, {"kind": "vivid", "amount": 9.0}).parameters["amount"] == 2.0
    Attribute().check(dict(plan.parameters))


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("smile", "expression"),
        ("happy", "expression"),
        ("turn the head to the left", "pose"),
        ("sitting", "pose"),
        ("older", "age"),
        ("closed", "open or closed"),
        ('say "open"', "written"),
        ("longer", "shape"),
        ("delicious", "delicious"),
        ("", "look like"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_next_step(value: str, word: str) -> None:
    refusal = wish(value)
    assert isinstance(refusal, Refusal) and word in refusal.reason
    assert "name a colour" in refusal.next_step and str(refusal).endswith(".") and str(refusal).count(".") == 1


def test_an_unknown_colour_and_nothing_to_colour_are_refused(photo: Bytes, suit: Bools) -> None:
    refusal = Attribute().prepare(*asked(photo, suit, {"kind": COLOUR, "colour": "glorp"}))
    assert isinstance(refusal, Refusal) and "'glorp'" in refusal.reason and "#1f49b0" in refusal.next_step
    refusal = Attribute().prepare(*asked(photo, None, {"colour": "red"}))
    assert isinstance(refusal, Refusal) and "become red" in refusal.reason
    few = np.zeros_like(suit)
    few[10, 10:15] = True
    refusal = Attribute().prepare(*asked(photo, few, {"colour": "red"}))
    assert isinstance(refusal, Refusal) and "few pixels" in refusal.reason


@pytest.mark.parametrize("target", [None, "the whole picture", "photo", "everything", "it"])
def test_without_a_thing_the_whole_picture_changes(photo: Bytes, target: str | None) -> None:
    plan = planned(photo, None, {"kind": "warmer"}, target)
    result = Attribute().apply(plan)
    assert plan.mask is None and result.resampled and "whole picture" in plan.says
    change = (np.asarray(result.images[0]).astype(int) - photo).reshape(-1, 3).mean(axis=0)
    assert change[0] > 0 > change[2]


@pytest.mark.parametrize("kind", [COLOUR, *MATERIALS, *CHANGES])
def test_each_kind_changes_the_thing_and_nothing_else(photo: Bytes, suit: Bools, kind: str) -> None:
    said: dict[str, Parameter] = {"kind": kind, "colour": "green"} if kind == COLOUR else {"kind": kind}
    plan, specialist = planned(photo, suit, said), Attribute()
    assert plan.mask is not None and set(plan.parameters) == {knob.name for knob in specialist.knobs}
    before = photo.copy()
    once = specialist.paint(plan, 0, lambda share: None).rgb
    assert once.shape == photo.shape and once.dtype == np.uint8 and np.array_equal(photo, before)
    # nothing is cut off by the mask afterwards: the whole soft edge lies in it
    assert (once == photo)[~plan.mask].all()
    moved = np.abs(once.astype(int) - photo).max(axis=2)
    assert moved[suit].mean() > 0.8
    assert np.array_equal(once, specialist.paint(plan, 0, lambda share: None).rgb)
    for seed in (1,) if kind == "smaller" else (1, 2, 3):
        assert (once != specialist.paint(plan, seed, lambda share: None).rgb).any()


def test_variants_differ_and_the_first_is_what_was_asked(photo: Bytes, suit: Bools) -> None:
    result = Attribute().apply(planned(photo, suit, {"colour": "blue"}, variants=4))
    lightness = [float(to_oklab(np.asarray(image))[suit][:, 0].mean()) for image in result.images]
    assert lightness[2] < lightness[0] < lightness[1] and result.seeds == (0, 1, 2, 3)
    goal = to_oklab(np.array((40, 84, 196), np.uint8))
    for image in result.images:
        mean = np.median(to_oklab(np.asarray(image))[suit], axis=0)
        assert mean[1:] @ goal[1:] / np.hypot(*mean[1:]) / np.hypot(*goal[1:]) > 0.97


def test_nothing_clips_and_amounts_are_steps() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(4, axis=0)
    for kind in ("lighter", "darker", "contrast"):
        for amount in (0.5, 1.0, 2.0):
            curve = TONES[kind](ramp, amount)[0, :, 0].astype(int)
            assert (np.diff(curve) >= 0).all() and len(np.unique(curve)) > 150
            assert curve[0] == 0 and curve[255] == 255 and (curve == 255).sum() < 12
        assert np.array_equal(TONES[kind](ramp, 0.0), ramp)
    levels = [int(lighter(ramp, amount)[0, 100, 0]) for amount in (0.0, 0.5, 1.0, 2.0)]
    assert levels == sorted(set(levels))
    back = TONES["darker"](TONES["lighter"](ramp, 1.0), 1.0)
    assert np.abs(back.astype(int) - ramp).max() <= 3


def test_vivid_spares_skin_and_grey(photo: Bytes) -> None:
    patches = np.zeros((10, 30, 3), np.uint8)
    patches[:, :10], patches[:, 10:20], patches[:, 20:] = (205, 160, 138), (110, 140, 165), (128, 128, 128)
    chroma = [
        np.hypot(lab[..., 1], lab[..., 2]).reshape(10, 3, 10).mean(axis=(0, 2))
        for lab in map(to_oklab, (patches, TONES["vivid"](patches, 1.0)))
    ]
    skin, blue, _ = chroma[1] / np.maximum(chroma[0], 1e-6)
    assert 1 < skin < blue and blue > 1.3 and chroma[1][2] < 0.005


def test_blur_and_smooth_take_detail_and_sharpen_gives_it(photo: Bytes) -> None:
    face = np.zeros(photo.shape[:2], np.uint8)
    cv2.ellipse(face, (168, 86), (30, 42), 0, 0, 360, 1, -1)

    def detail(rgb: Bytes) -> float:
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
        return float((grey - cv2.GaussianBlur(grey, (0, 0), 2))[50:120, 145:190].std())

    own = detail(photo)
    results = {k: detail(edited(photo, face > 0, {"kind": k})) for k in ("blurred", "smoother", "sharper")}
    assert results["blurred"] < 0.35 * own and results["smoother"] < 0.9 * own and results["sharper"] > 1.15 * own


def test_no_colour_bleeds_into_what_is_blurred() -> None:
    source = np.full((120, 120, 3), (20, 60, 200), np.uint8)
    source[40:80, 40:80] = (220, 200, 30)
    mask = np.zeros((120, 120), np.bool_)
    mask[40:80, 40:80] = True
    result = edited(source, mask, {"kind": "blurred", "amount": 2.0})
    assert np.abs(result[44:76, 44:76].astype(int) - (220, 200, 30)).max() < 12


def scene() -> tuple[Bytes, Bools]:
    """A red box on a plain wall."""
    source = np.full((150, 200, 3), (150, 160, 170), np.uint8)
    source = np.clip(source + np.random.default_rng(0).normal(0, 3, (150, 200, 1)), 0, 255).astype(np.uint8)
    mask = np.zeros((150, 200), np.bool_)
    mask[60:110, 80:120] = True
    source[mask] = (190, 40, 40)
    return source, mask


def red(rgb: Bytes) -> Bools:
    return (rgb[..., 0].astype(int) - rgb[..., 1]) > 80


def test_a_thing_grows_and_shrinks_about_its_foot() -> None:
    source, mask = scene()
    larger, smaller = (red(edited(source, mask, {"kind": kind})) for kind in ("bigger", "smaller"))
    assert 1.6 < larger.sum() / mask.sum() < 2.0 and 0.42 < smaller.sum() / mask.sum() < 0.56
    for result in (larger, smaller):
        rows = np.flatnonzero(result.any(axis=1))
        assert abs(rows[-1] - 109) <= 2
    uncovered = mask & ~cv2.dilate(smaller.astype(np.uint8), np.ones((9, 9))).astype(bool)
    wall = edited(source, mask, {"kind": "smaller"})[uncovered].astype(int)
    assert np.abs(wall - (150, 160, 170)).mean() < 8


def test_a_sun_keeps_its_middle_and_eyes_swell(photo: Bytes) -> None:
    source, mask = scene()
    rows = np.flatnonzero(red(edited(source, mask, {"kind": "bigger"}, "the sun")).any(axis=1))
    assert abs((rows[0] + rows[-1]) / 2 - 84.5) < 2
    two = np.zeros_like(mask)
    two[60:80, 50:70] = two[60:80, 130:150] = True
    eyes = np.full((150, 200, 3), 200, np.uint8)
    eyes[two] = (190, 40, 40)
    result = edited(eyes, two, {"kind": "bigger"}, "her eyes")
    halves = red(result)[:, :100].sum(), red(result)[:, 100:].sum()
    assert all(1.15 < half / 400 < 1.6 for half in halves)


def test_what_runs_out_on_both_sides_is_not_made_smaller() -> None:
    source, _ = scene()
    mask = np.zeros((150, 200), np.bool_)
    mask[90:130] = True
    refusal = Attribute().prepare(*asked(source, mask, {"kind": "smaller"}))
    assert isinstance(refusal, Refusal) and "both sides" in refusal.reason


@pytest.mark.parametrize("kind", ["stripes", "dots", "checks", "marble", "gold"])
def test_a_material_is_the_same_at_every_size(kind: str) -> None:
    y, x = (np.mgrid[:640, :640] + 0.5) / 640 * 2 - 1
    shade = 90 + 80 * np.sqrt(np.clip(1 - x**2 - y**2, 0, 1))
    large = np.dstack([shade, 0.6 * shade, 0.5 * shade]).astype(np.uint8)
    small = cv2.resize(large, (160, 160), interpolation=cv2.INTER_AREA)

    def made(own: Bytes) -> NDArray[np.floating]:
        inside = np.hypot(*(np.mgrid[: len(own), : len(own)] / len(own) * 2 - 1)) < 0.9
        rgb, where = material(kind, own, inside.astype(np.float32), 7)
        shown = rgb if where is None else own + where[..., None] * (rgb.astype(np.float32) - own)
        return cv2.resize(shown.astype(np.float32), (80, 80), interpolation=cv2.INTER_AREA)[15:65, 15:65].ravel()

    assert np.corrcoef(made(large), made(small))[0, 1] > 0.9


def test_metal_follows_the_light_and_a_print_its_folds(photo: Bytes, suit: Bools) -> None:
    gold = edited(photo, suit, {"kind": "gold"})
    assert np.corrcoef(to_oklab(photo)[suit][:, 0], to_oklab(gold)[suit][:, 0])[0, 1] > 0.6
    blue = to_oklab(gold)[suit]
    assert (blue[:, 2] > 0.02).mean() > 0.8  # yellow nearly everywhere
    striped = edited(photo, suit, {"kind": "stripes"})
    changed = np.abs(striped.astype(int) - photo).max(axis=2)[suit] > 12
    assert 0.25 < changed.mean() < 0.6


def test_a_change_can_be_stopped(photo: Bytes, suit: Bools) -> None:
    def stop(progress: object) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        Attribute().apply(planned(photo, suit, {"colour": "red"}), stop)


def test_alpha_and_a_small_picture() -> None:
    tiny = np.full((16, 17, 3), (200, 60, 50), np.uint8)
    mask = np.zeros((16, 17), np.bool_)
    mask[4:12, 4:12] = True
    for kind in (*MATERIALS, *CHANGES):
        assert edited(tiny, mask, {"kind": kind}).shape == tiny.shape
    for kind in WHOLE:
        assert edited(tiny, None, {"kind": kind}).shape == tiny.shape
    see_through = Image.fromarray(np.dstack([tiny, np.full((16, 17), 128, np.uint8)]))
    request = EditRequest(see_through, "darker")
    plan = Attribute().prepare(request, Intent(Task.ATTRIBUTE, "darker", parameters={"kind": "darker"}))
    assert isinstance(plan, Plan)
    assert Attribute().apply(plan).images[0].mode == "RGBA"
