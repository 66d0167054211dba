"""The background specialist: the subject stays, what is behind it changes, and nothing looks cut out."""

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from omniedit.colour import to_oklab
from omniedit.errors import Cancelled
from omniedit.settings import assets_dir
from omniedit.specialists import prepare
from omniedit.specialists.background import OWN, Background
from omniedit.specialists.base import Plan, Refusal
from omniedit.specialists.compositing.light import measure
from omniedit.specialists.scenes import SCENES
from omniedit.types import EditRequest, Intent, Parameter, Task

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]

SIZE = (420, 300)  # width, height
INTENT = Intent(Task.BACKGROUND, "another background")


def photo(foot: int = 300, noise: float = 2.0) -> tuple[Bytes, Floats]:
    """A brown figure with a soft outline before a bluish wall, and its alpha; it stands on row `foot`."""
    width, height = SIZE
    figure = np.zeros((height, width), np.uint8)
    cv2.circle(figure, (210, 110), 50, 255, -1, cv2.LINE_AA)
    cv2.rectangle(figure, (150, 140), (270, foot - 1), 255, -1)
    alpha = cv2.GaussianBlur(figure.astype(np.float32) / 255, (0, 0), 1.0)
    rng = np.random.default_rng(0)
    cloth = np.array([150, 96, 60], np.float32) + 6 * rng.standard_normal((height // 10, width // 10, 1))
    front = cv2.resize(cloth.astype(np.float32), SIZE, interpolation=cv2.INTER_CUBIC)
    wall = np.full((height, width, 3), (110, 140, 176), np.float32) + np.linspace(-20, 20, width)[None, :, None]
    mixed = front * alpha[..., None] + wall * (1 - alpha[..., None]) + rng.normal(0, noise, (height, width, 1))
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8), alpha


def asked(
    rgb: Bytes,
    alpha: Floats | None,
    parameters: Mapping[str, Parameter],
    seed: int = 0,
    variants: int = 1,
    material: Image.Image | None = None,
    source: Image.Image | None = None,
) -> EditRequest:
    """A request in which the background is painted, roughly, or in which `source` shows by itself what is meant."""
    mask = None
    if alpha is not None:
        painted = cv2.dilate((alpha < 0.5).astype(np.uint8), np.ones((5, 5), np.uint8)) * np.uint8(255)
        mask = Image.fromarray(painted)
    return EditRequest(
        source or Image.fromarray(rgb),
        "another background",
        mask=mask,
        seed=seed,
        variants=variants,
        material=material,
        parameters=parameters,
    )


def planned(request: EditRequest, intent: Intent = INTENT) -> Plan:
    plan = Background().prepare(request, intent)
    assert isinstance(plan, Plan), str(plan)
    return plan


def edited(request: EditRequest, intent: Intent = INTENT) -> list[Bytes]:
    return [np.asarray(image) for image in Background().apply(planned(request, intent)).images]


def cut_out(rgb: Bytes, alpha: Floats) -> Image.Image:
    """The photo as a picture that is transparent but for its subject."""
    return Image.fromarray(np.dstack([rgb, np.rint(alpha * 255).astype(np.uint8)]))


@pytest.mark.parametrize("kind", ["blur", "plain", "gradient", "studio", "transparent", "beach", "room", "space"])
def test_the_subject_stays_and_the_background_goes(kind: str) -> None:
    rgb, alpha = photo()
    plan = planned(asked(rgb, alpha, {"kind": kind}))
    assert plan.mask is not None and "what you did not paint" in plan.says
    image = np.asarray(Background().apply(plan).images[0])
    result = image[..., :3]
    assert np.array_equal(result[~plan.mask], rgb[~plan.mask])
    deep = cv2.erode((alpha > 0.99).astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    far = cv2.dilate((alpha > 0.01).astype(np.uint8), np.ones((41, 41), np.uint8)) == 0
    assert not plan.mask[deep].any() and plan.mask[far].all()
    if kind == "transparent":
        assert image[far][:, 3].max() == 0 and image[deep][:, 3].min() == 255
    elif kind != "blur":
        assert np.abs(result[far].astype(int) - rgb[far]).mean() > 5


@pytest.mark.parametrize("kind", ["plain", "night sky"])
def test_no_trace_of_the_old_background_at_the_edge(kind: str) -> None:
    rgb, alpha = photo(noise=0.5)
    image = edited(asked(rgb, alpha, {"kind": kind, "colour": "dark green"}))[0]
    rim = cv2.dilate((alpha > 0.5).astype(np.uint8), np.ones((3, 3), np.uint8)) - (alpha > 0.5)
    rim[290:] = 0
    behind = cv2.dilate((alpha > 0.5).astype(np.uint8), np.ones((13, 13), np.uint8)) - cv2.dilate(
        (alpha > 0.5).astype(np.uint8), np.ones((9, 9), np.uint8)
    )
    behind[290:] = 0
    old, new = np.array([110.0, 140, 176]), image[behind > 0].mean(axis=0)
    seen = image[rim > 0].mean(axis=0)
    assert np.linalg.norm(seen - new) < 0.6 * np.linalg.norm(seen - old)


@pytest.mark.parametrize("kind", ["plain", "gradient", "studio"])
def test_the_colour_that_is_asked_for(kind: str) -> None:
    rgb, alpha = photo()
    plan = planned(asked(rgb, alpha, {"kind": kind}), Intent(Task.BACKGROUND, "", parameters={"colour": "red"}))
    assert "(red)" in plan.says
    image = np.asarray(Background().apply(plan).images[0])
    corner = image[:80, :80].reshape(-1, 3).astype(int)
    if kind == "plain":
        assert np.array_equal(np.unique(corner, axis=0), [(204, 32, 40)])
    assert (corner[:, 0].mean() > 2 * corner[:, 1:].mean(axis=0)).all()


def test_a_colour_alone_is_a_plain_background_and_plain_alone_is_white() -> None:
    rgb, alpha = photo()
    said = Intent(Task.BACKGROUND, "a light blue background", parameters={"colour": "light blue"})
    assert planned(asked(rgb, alpha, {}), said).parameters["kind"] == "plain"
    assert edited(asked(rgb, alpha, {"kind": "plain"}))[0][:60, :60].min() > 240


def test_blur_follows_the_amount_and_the_seed() -> None:
    rgb, alpha = photo()
    rgb[:, :140] = np.random.default_rng(1).integers(60, 200, (300, 140, 1), dtype=np.uint8)

    def detail(request: EditRequest) -> float:
        rows = cv2.GaussianBlur(edited(request)[0][20:280, 10:120], (0, 0), 1.0)  # under the grain
        return float(np.abs(cv2.Laplacian(to_oklab(rows)[..., 0], cv2.CV_32F)).mean())

    little, usual, much = (detail(asked(rgb, alpha, {"kind": "blur", "amount": x})) for x in (0.2, 1.0, 2.0))
    assert little > 1.5 * usual > 1.5 * much
    assert (
        detail(asked(rgb, alpha, {"kind": "blur"}, seed=1))
        < usual
        < detail(asked(rgb, alpha, {"kind": "blur"}, seed=2))
    )


@pytest.mark.parametrize("kind", ["blur", "gradient", "studio", "city"])
def test_variants_differ_and_can_be_had_again(kind: str) -> None:
    rgb, alpha = photo()
    rgb[:, :140] = np.random.default_rng(1).integers(60, 200, (300, 140, 1), dtype=np.uint8)
    first, second = edited(asked(rgb, alpha, {"kind": kind}, seed=4, variants=2))
    assert np.abs(first.astype(int) - second).mean() > 1.5
    assert np.array_equal(edited(asked(rgb, alpha, {"kind": kind}, seed=5))[0], second)


def test_a_picture_of_ones_own_fills_the_frame_unstretched() -> None:
    rgb, alpha = photo()
    y, x = np.mgrid[:900, :500]
    ring = np.abs(np.hypot(x - 250, y - 450) - 200) < 12
    own = np.where(ring[..., None], (250, 40, 40), (30, 60, 30)).astype(np.uint8)
    source = cut_out(rgb, (alpha > 0.99).astype(np.float32))
    image = edited(asked(rgb, None, {"relight": 0.0}, material=Image.fromarray(own), source=source))[0]
    red = (image[..., 0] > 180) & (image[..., 1] < 110)
    red[:, 140:280] = False
    rows, columns = np.nonzero(red)
    scale = SIZE[0] / 500
    assert columns.min() == pytest.approx((250 - 212) * scale, abs=3)
    assert columns.max() == pytest.approx((250 + 212) * scale, abs=3)
    distance = np.hypot(columns - SIZE[0] / 2, rows - SIZE[1] / 2)
    assert distance.min() > 188 * scale - 3 and distance.max() < 212 * scale + 3  # still a circle


def test_transparency_shows_the_subject_and_goes_where_a_background_comes() -> None:
    rgb, alpha = photo()
    source = cut_out(rgb, alpha)
    plan = planned(asked(rgb, None, {"kind": "beach"}, source=source))
    assert "not transparent" in plan.says and plan.mask is None and plan.parameters["relight"] == 0.4
    image = np.asarray(Background().apply(plan).images[0])
    assert image.shape[2] == 4 and image[..., 3].min() == 255
    blurred = edited(asked(rgb, None, {"kind": "blur"}, source=source))[0]
    assert np.array_equal(blurred[..., 3], np.asarray(source)[..., 3])  # what is not there cannot be blurred
    again = np.asarray(Background().apply(planned(asked(rgb, alpha, {"kind": "transparent"}, source=source))).images[0])
    assert (again[..., 3] <= np.rint(alpha * 255) + 1).all()


def test_the_subject_takes_on_the_light_of_the_scene() -> None:
    rgb, alpha = photo()
    source = cut_out(rgb, alpha)
    solid = (alpha > 0.999).astype(np.float32)

    def light(kind: str, relight: float) -> tuple[float, float]:
        image = edited(asked(rgb, None, {"kind": kind, "relight": relight}, source=source))[0][..., :3]
        found = measure(image, solid)
        return found.lightness, found.spread

    before = measure(rgb, solid).lightness
    assert light("night sky", 0.8)[0] < light("night sky", 0.4)[0] < before - 0.02
    assert light("snowfield", 0.6)[0] > before + 0.02
    assert light("night sky", 0.0)[0] == pytest.approx(before, abs=1e-3)


def test_who_paints_the_background_keeps_the_subject_as_it_is_unless_light_is_asked_for() -> None:
    rgb, alpha = photo()
    assert planned(asked(rgb, alpha, {"kind": "beach"})).parameters["relight"] == 0
    lit = planned(asked(rgb, alpha, {"kind": "beach", "relight": 0.5}))
    assert lit.parameters["relight"] == 0.5 and lit.mask is None


def test_what_stands_throws_a_shadow_and_what_the_frame_cuts_does_not() -> None:
    def ground(foot: int, row: slice) -> float:
        rgb, alpha = photo(foot)
        image = edited(asked(rgb, alpha, {"kind": "snowfield"}))[0]
        under = to_oklab(image[row, 170:250])[..., 0].mean()
        return float(to_oklab(image[row, 380:410])[..., 0].mean() - under)

    assert ground(250, np.s_[253:258]) > 0.1
    assert abs(ground(250, np.s_[290:298])) < 0.08


def test_the_new_background_has_the_grain_of_the_photo() -> None:
    for noise in (1.5, 6.0):
        rgb, alpha = photo(noise=noise)
        image = edited(asked(rgb, alpha, {"kind": "sky"}))[0]
        assert measure(image, (alpha < 0.01).astype(np.float32)).grain == pytest.approx(noise, rel=0.35)


def test_the_edge_can_be_harder_or_softer() -> None:
    rgb, alpha = photo()

    def width(edge: float) -> float:
        found = planned(asked(rgb, alpha, {"kind": "transparent", "edge": edge})).work.alpha
        return float(((found > 0.02) & (found < 0.98)).mean())

    assert width(0.2) < width(1.0) < width(2.0)


@pytest.mark.parametrize(
    ("parameters", "intent", "reason"),
    [
        ({}, INTENT, "do not say which background: choose one of blur, plain"),
        ({}, Intent(Task.BACKGROUND, "", value="the eiffel tower"), "no background 'the eiffel tower'"),
        ({"kind": "plain", "colour": "blurple-ish"}, INTENT, "do not know the colour 'blurple-ish'"),
        ({"kind": OWN}, INTENT, "no picture of yours"),
    ],
)
def test_what_cannot_be_done_is_refused(parameters: Mapping[str, Parameter], intent: Intent, reason: str) -> None:
    rgb, alpha = photo()
    refusal = Background().prepare(asked(rgb, alpha, parameters), intent)
    assert isinstance(refusal, Refusal) and reason in str(refusal)


def test_a_subject_that_is_all_or_nothing_is_refused() -> None:
    rgb, _ = photo()
    everything = asked(rgb, np.zeros(rgb.shape[:2], np.float32), {"kind": "beach"})
    assert "All of the picture is painted" in str(Background().prepare(everything, INTENT))
    dot = np.ones(rgb.shape[:2], np.float32)
    dot[5:9, 5:9] = 0
    assert "nearly the whole picture" in str(Background().prepare(asked(rgb, dot, {"kind": "beach"}), INTENT))


def test_a_scene_is_not_passed_off_as_a_photograph() -> None:
    rgb, alpha = photo()
    for kind in ("beach", "blur"):
        notes = " ".join(planned(asked(rgb, alpha, {"kind": kind})).notes)
        assert ("not photographed" in notes) == (kind in SCENES)


@pytest.mark.parametrize("kind", ["blur", "forest", "transparent"])
def test_it_can_be_stopped(kind: str) -> None:
    rgb, alpha = photo()
    plan = planned(asked(rgb, alpha, {"kind": kind}))

    def stop(share: float) -> None:
        if share > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        Background().paint(plan, 0, stop)


def test_a_box_on_a_real_photo_shows_what_is_kept() -> None:
    with Image.open(assets_dir() / "photos" / "coffee.jpg") as file:
        source = file.convert("RGB")
    width, height = source.size
    box = (int(0.11 * width), int(0.03 * height), int(0.81 * width), int(0.98 * height))
    request = EditRequest(source, "put it on a beach", box=box, parameters={"relight": 0.0})
    plan = prepare(request, Intent(Task.BACKGROUND, "put it on a beach", parameters={"kind": "beach"}))
    assert isinstance(plan, Plan) and plan.mask is not None
    image, before = np.asarray(Background().apply(plan).images[0]), np.asarray(source)
    cup = np.s_[int(0.5 * height) : int(0.6 * height), int(0.4 * width) : int(0.55 * width)]
    assert np.array_equal(image[cup], before[cup])
    sky, wood = (
        image[: height // 8, -width // 10 :].mean(axis=(0, 1)),
        before[: height // 8, -width // 10 :].mean(axis=(0, 1)),
    )
    assert sky[2] > sky[0] and wood[0] > wood[2]  # blue where it was brown


def test_a_small_thing_is_kept_well() -> None:
    with Image.open(assets_dir() / "photos" / "coffee.jpg") as photo:
        request = EditRequest(photo.convert("RGB"), "put it on a beach", box=(202, 148, 264, 212))
    intent = Intent(Task.BACKGROUND, "x", target="the spoon", parameters={"kind": "beach"})
    plan = Background().prepare(request, intent)
    assert isinstance(plan, Plan) and 0.015 < (plan.work.alpha > 0.5).mean() < 0.04
    assert plan.work.alpha[170:200, 222:248].mean() > 0.9


def test_words_that_need_no_picture_go_before_one_that_is_given() -> None:
    rgb, alpha = photo()
    beach = Image.new("RGB", (64, 48), (240, 220, 180))
    blurred = planned(asked(rgb, alpha, {}, material=beach), replace(INTENT, parameters={"kind": "blur"}))
    assert blurred.parameters["kind"] == "blur" and "Your picture is not used" in " ".join(blurred.notes)
    scene = planned(asked(rgb, alpha, {}, material=beach), replace(INTENT, parameters={"kind": "beach"}))
    assert scene.parameters["kind"] == OWN


def test_who_asks_for_variants_of_what_has_none_is_told() -> None:
    rgb, alpha = photo()
    assert "all variants are the same" in " ".join(planned(asked(rgb, alpha, {"kind": "plain"}, variants=2)).notes)
    assert "all variants" not in " ".join(planned(asked(rgb, alpha, {"kind": "beach"}, variants=2)).notes)
