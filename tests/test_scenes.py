"""Painted backgrounds, and the lens that puts them, or a photo's own background, out of focus."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from omniedit.colour import to_oklab
from omniedit.specialists.scenes import SCENES, gradient, paint, studio
from omniedit.specialists.scenes.bokeh import blurred, without
from omniedit.specialists.scenes.lens import defocus, defocus_by, disc, expose
from omniedit.specialists.scenes.noise import fractal, sample
from omniedit.specialists.scenes.terrain import Land, heights_in_light, look
from omniedit.specialists.scenes.view import View
from omniedit.vocabulary import BACKGROUNDS

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

UNPAINTED = {"blur", "plain", "gradient", "studio", "transparent"}
SIZE = (320, 240)


def lightness(rgb: Bytes) -> Floats:
    return np.asarray(to_oklab(rgb)[..., 0], np.float32)


def test_every_background_of_the_vocabulary_can_be_painted() -> None:
    assert set(SCENES) == set(BACKGROUNDS) - UNPAINTED


@pytest.mark.parametrize("kind", SCENES)
def test_a_seed_is_a_scene_and_another_seed_another_one(kind: str) -> None:
    one, again, other = (paint(kind, SIZE, seed).rgb for seed in (3, 3, 4))
    assert one.shape == (240, 320, 3) and one.dtype == np.uint8
    assert np.array_equal(one, again)
    assert np.abs(one.astype(int) - other).mean() > 3
    assert len(np.unique(one.reshape(-1, 3), axis=0)) > 2000 and lightness(one).std() > 0.03  # no flat drawing


@pytest.mark.parametrize("kind", SCENES)
def test_long_and_narrow_pictures(kind: str) -> None:
    width, height, horizon = (300, 16, 0.2) if len(kind) % 2 else (16, 300, 0.66)
    assert paint(kind, (width, height), 0, horizon, foot=0.9).rgb.shape == (height, width, 3)


@pytest.mark.parametrize("kind", ["beach", "snowfield", "night sky", "sea"])
def test_the_sky_meets_the_ground_at_the_horizon(kind: str) -> None:
    for horizon in (0.35, 0.6):
        picture = cv2.GaussianBlur(paint(kind, SIZE, 1, horizon, blur=0).rgb, (0, 0), 2).astype(int)
        rows = np.abs(np.diff(np.median(picture, axis=1), axis=0)).sum(axis=1)  # where all columns change
        steepest = (int(np.argmax(rows)) + 0.5) / 240
        assert abs(steepest - horizon) < 0.13


def test_a_scene_is_small_and_enlarged_later() -> None:
    assert paint("sky", (4000, 3000), 0).rgb.shape == (720, 960, 3)
    assert paint("meadow", (4000, 3000), 0, foot=0.9).rgb.shape == (960, 1280, 3)  # the ground there is in focus


def detail(rgb: Bytes) -> float:
    return float(np.abs(cv2.Laplacian(lightness(rgb), cv2.CV_32F)).mean())


def test_it_is_the_more_out_of_focus_the_more_is_asked_for() -> None:
    sharp, soft, softer = (detail(paint("city", (640, 480), 1, blur=blur).rgb) for blur in (0.0, 1.0, 2.0))
    assert sharp > 2 * soft > 2.2 * softer


def test_the_ground_under_a_foot_in_the_picture_is_in_focus() -> None:
    standing, cut = (detail(paint("meadow", (640, 480), 1, 0.4, foot).rgb[408:456]) for foot in (0.9, None))
    assert standing > 1.4 * cut


def test_flat_land_is_seen_in_perspective() -> None:
    view = View(60, 200, 0.3)
    seen = look(view, Land(np.zeros((32, 32), np.float32), 10.0), 1.2, 2000)
    below = np.broadcast_to(view.below, (200, 60))
    at = (below > 0.01) & (View.FOCAL / np.maximum(below, 1e-6) > 1.3)
    assert seen.ground[at].all() and not seen.ground[below < 0].any()
    assert np.abs(seen.away[at] * below[at] / View.FOCAL - 1).max() < 0.03
    assert np.abs(seen.across[at] - (view.x / np.maximum(below, 1e-6))[at]).max() < 0.05


def test_a_hill_hides_what_is_behind_it_and_throws_a_shadow() -> None:
    heights = np.zeros((64, 64), np.float32)
    heights[30:34] = 3  # a wall across, 30 cells away
    land = Land(heights, 64.0)
    seen = look(View(40, 300, 0.5), land, 5, 60)
    assert (seen.away[160] < 34.5).all()  # the flat ground that this row would show lies behind the wall
    lit = heights_in_light(land, (0, -1, 0.5), 20)  # a low sun behind the camera
    assert lit[20].mean() > 0.3 and lit[36].max() < 0.05 and lit[60].mean() > 0.3


def test_noise_tiles_and_keeps_its_slope() -> None:
    tile = fractal(256, 1.5, np.random.default_rng(0))
    assert abs(float(tile.mean())) < 1e-3 and float(tile.std()) == pytest.approx(1, abs=1e-2)
    step = np.abs(np.diff(tile, axis=1)).mean()
    assert np.abs(tile[:, 0] - tile[:, -1]).mean() < 2 * step
    at = np.array([[0.25, 1.25, -0.75]], np.float32)
    assert np.ptp(sample(tile, at, at)) < 1e-4


@pytest.mark.parametrize("radius", [0.8, 3.0, 9.5])
@pytest.mark.parametrize("blades", [0, 6])
def test_a_disc_takes_no_light_away(radius: float, blades: int) -> None:
    kernel = disc(radius, blades)
    assert float(kernel.sum()) == pytest.approx(1, abs=1e-5)
    assert kernel.shape[0] >= 2 * radius and kernel.min() >= 0


@pytest.mark.parametrize("radius", [6.0, 20.0, 45.0])
def test_a_point_of_light_becomes_a_disc_of_that_radius(radius: float) -> None:
    light = np.zeros((301, 301, 3), np.float32)
    light[148:153, 148:153] = 1000
    spread = defocus(light, radius)[..., 1]
    assert float(spread.sum()) == pytest.approx(25_000, rel=0.03)
    y, x = np.mgrid[:301, :301]
    away = np.hypot(x - 150, y - 150)
    assert spread[away > radius + 6].max() < 0.03 * spread.max()
    inside = spread[away < 0.7 * radius]
    assert inside.min() > 0.5 * spread.max()  # even, with a hard rim: no bell


def test_focus_by_share() -> None:
    light = np.random.default_rng(0).random((80, 120, 3)).astype(np.float32)
    assert np.allclose(defocus_by(light, np.zeros((80, 120), np.float32), 10), light)
    full = defocus_by(light, np.ones((80, 120), np.float32), 10)
    assert np.allclose(full, defocus(light, 10), atol=1e-5)
    half = np.zeros((80, 120), np.float32)
    half[:, 60:] = 1
    mixed = defocus_by(light, half, 10)
    assert np.allclose(mixed[:, :60], light[:, :60]) and np.allclose(mixed[:, 60:], full[:, 60:], atol=1e-5)


def test_exposure_keeps_tones_and_saves_highlights() -> None:
    ramp = np.repeat(np.linspace(0, 3, 400, dtype=np.float32)[None, :, None], 3, axis=2)
    rgb = expose(ramp)[0, :, 0].astype(int)
    assert (np.diff(rgb) >= 0).all() and rgb[0] == 0 and rgb[-1] >= 250
    assert rgb[int(400 * 0.9 / 3)] < 250  # nearly white is not white yet


def test_what_is_taken_out_leaves_nothing_of_itself() -> None:
    rgb = np.full((150, 200, 3), (60, 120, 180), np.uint8)
    rgb[:, 100:] = (180, 120, 60)
    hole = np.zeros((150, 200), np.float32)
    hole[30:130, 60:150] = 1
    rgb[hole > 0] = (255, 0, 255)
    filled = without(rgb, hole)
    assert np.array_equal(filled[hole == 0], rgb[hole == 0])
    assert np.abs(filled[80, 62].astype(int) - (60, 120, 180)).max() < 25
    assert np.abs(filled[80, 147].astype(int) - (180, 120, 60)).max() < 25
    assert np.abs(filled[..., 1].astype(int) - 120).max() < 6  # none of the magenta


def photo(width: int = 800, height: int = 600) -> tuple[Bytes, Floats]:
    """A red box that stands on a speckled floor before a grey wall with lamps, and its alpha."""
    rng = np.random.default_rng(0)
    rgb = np.full((height, width, 3), (96, 100, 104), np.uint8)
    rgb[300:] = rng.integers(60, 200, (height - 300, width, 1), dtype=np.uint8)
    for x in (80, 200, 620, 740):
        cv2.circle(rgb, (x, 90), 3, (255, 250, 240), -1)
    alpha = np.zeros((height, width), np.float32)
    alpha[150:500, 330:470] = 1
    rgb[alpha > 0] = (220, 20, 20)
    return rgb, alpha


def test_the_subject_does_not_bleed_into_its_background() -> None:
    rgb, alpha = photo()
    soft = blurred(rgb, alpha, 1.5, None)
    redness = soft[..., 0].astype(int) - soft[..., 1]
    assert redness.max() < 8
    assert lightness(soft[340:]).std() < 0.35 * lightness(rgb[340:, :300]).std()


def test_lamps_become_bright_discs() -> None:
    rgb, alpha = photo()
    soft = blurred(rgb, alpha, 1.0, None).astype(int)[..., 0]
    radius = 0.016 * 800
    y, x = np.mgrid[:600, :800]
    away = np.hypot(x - 740, y - 90)
    assert soft[away < 0.5 * radius].min() > soft[300 - 100, 700] + 12
    assert soft[(away > 1.6 * radius) & (away < 2 * radius)].max() < soft[away < 0.5 * radius].min() - 10


def test_the_ground_where_the_subject_stands_stays_sharp() -> None:
    rgb, alpha = photo()
    soft = blurred(rgb, alpha, 1.0, 500 / 600)

    assert detail(soft[494:506, :250]) > 0.6 * detail(rgb[494:506, :250])
    assert detail(soft[310:340, :250]) < 0.15 * detail(rgb[310:340, :250])


def test_no_blur_leaves_the_background_as_it_is() -> None:
    rgb, alpha = photo()
    assert np.array_equal(blurred(rgb, alpha, 0.0, None)[alpha == 0], rgb[alpha == 0])


@pytest.mark.parametrize("paint_it", [gradient, studio])
def test_backdrops_of_one_colour(paint_it) -> None:  # type: ignore[no-untyped-def]
    for colour in ((200, 60, 60), (40, 90, 160)):
        backdrop = paint_it(SIZE, colour, 0)
        mean = to_oklab(backdrop)[..., 1:].mean(axis=(0, 1))
        wanted = to_oklab(np.array(colour, np.uint8))[1:]
        assert np.dot(mean, wanted) > 0.9 * np.linalg.norm(mean) * np.linalg.norm(wanted)  # its hue
        assert backdrop.shape == (240, 320, 3) and 0.03 < lightness(backdrop).std() < 0.3
    variants = {paint_it(SIZE, None, seed).tobytes() for seed in range(4)}
    assert len(variants) == 4
