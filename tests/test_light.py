"""Light, grain and sharpness as they are measured, and brought from one picture to another."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from omniedit.colour import to_oklab
from omniedit.settings import assets_dir
from omniedit.specialists.compositing.light import Light, direction, measure, relight, with_grain

Bytes = NDArray[np.uint8]


def grey(level: int, width: int = 400, height: int = 300) -> Bytes:
    return np.full((height, width, 3), level, np.uint8)


def scene(seed: int = 0, width: int = 400, height: int = 300) -> Bytes:
    """Soft shapes of all tones, from nearly black to nearly white, and muted colours."""
    rng = np.random.default_rng(seed)
    tones = rng.uniform(0, 255, (5, 6, 1)) + rng.uniform(-15, 15, (5, 6, 3))
    return np.clip(cv2.resize(tones, (width, height), interpolation=cv2.INTER_CUBIC), 5, 250).astype(np.uint8)


def test_an_even_grey_has_its_own_lightness_and_nothing_else() -> None:
    light = measure(grey(128))
    assert light.lightness == pytest.approx(float(to_oklab(grey(128, 1, 1))[0, 0, 0]), abs=1e-4)
    assert light.spread < 1e-4 and np.abs(light.tint).max() < 1e-3 and light.grain == 0


def test_only_where_the_weight_is_set_counts() -> None:
    picture = np.concatenate([grey(40), grey(200)], axis=1)
    left = np.zeros(picture.shape[:2], np.float32)
    left[:, :400] = 1
    assert measure(picture, left).lightness == pytest.approx(measure(grey(40)).lightness, abs=0.01)
    assert measure(picture, 1 - left).lightness == pytest.approx(measure(grey(200)).lightness, abs=0.01)
    assert measure(picture, 0 * left) == measure(picture)


@pytest.mark.parametrize("grain", [1.5, 4.0, 9.0])
def test_grain_is_measured_as_it_was_made(grain: float) -> None:
    made = with_grain(grey(128), grain, np.random.default_rng(0))
    assert measure(made).grain == pytest.approx(grain, rel=0.15)
    assert abs(float(made.mean()) - 128) < 0.2
    noise = np.random.default_rng(1).normal(0, grain, (300, 400, 1))  # a sensor's: even, pixel by pixel
    noisy = np.clip(np.rint(grey(128) + noise), 0, 255).astype(np.uint8)
    assert measure(noisy).grain == pytest.approx(grain, rel=0.15)


def test_texture_in_a_part_of_the_picture_is_no_grain() -> None:
    picture = with_grain(grey(128, 800, 600), 2.0, np.random.default_rng(0))
    picture[:, :300] = np.random.default_rng(1).integers(0, 255, (600, 300, 3))
    assert measure(picture).grain == pytest.approx(2.0, rel=0.25)


def test_grain_follows_the_generator() -> None:
    one, again, other = (with_grain(grey(128), 3, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert np.array_equal(one, again) and not np.array_equal(one, other)
    assert np.array_equal(with_grain(grey(128), 0, np.random.default_rng(0)), grey(128))


@pytest.mark.parametrize("noise", [0.0, 4.0])
@pytest.mark.parametrize("sigma", [0.6, 1.2, 2.5, 5.0])
def test_sharpness_is_the_blur_of_the_sharpest_edges(sigma: float, noise: float) -> None:
    y, x = np.mgrid[:600, :600].astype(np.float32)
    edge = cv2.GaussianBlur((np.sin(x / 40 + y / 90) > 0).astype(np.float32), (0, 0), sigma) * 150 + 50
    edge = edge[..., None] + np.random.default_rng(0).normal(0, noise, (600, 600, 3))
    found = measure(np.clip(edge, 0, 255).astype(np.uint8)).sharpness
    assert found == pytest.approx(sigma, rel=0.25, abs=0.3)


def test_relighting_goes_all_the_way_or_half_of_it_or_none() -> None:
    source = scene()
    own, there = measure(source), Light(0.35, 0.07, (0.0, 0.04), 0, 1)
    assert np.array_equal(relight(source, own, there, 0), source)
    half, full = (measure(relight(source, own, there, strength)) for strength in (0.5, 1.0))
    assert own.lightness > half.lightness > full.lightness
    assert abs(full.lightness - there.lightness) < 0.08
    assert own.spread > half.spread > full.spread
    assert own.tint[1] + 0.005 < half.tint[1] < full.tint[1] - 0.005


@pytest.mark.parametrize("there", [Light(0.15, 0.05, (0, -0.05), 0, 1), Light(0.9, 0.3, (0.02, 0.05), 0, 1)])
def test_relighting_clips_nothing_and_keeps_the_order_of_tones(there: Light) -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    lit = relight(ramp, measure(scene()), there, 0.5).astype(int)
    assert (np.diff(lit, axis=1) >= 0).all()
    assert (lit[0, :-12] < 255).all() and (lit[0, 12:] > 0).all()


def test_light_comes_from_the_lit_side() -> None:
    y, x = np.mgrid[-1:1:300j, -1:1:300j].astype(np.float32)
    z = np.sqrt(np.clip(1 - (x**2 + y**2) / 0.6, 0, 1))
    shade = np.clip(0.25 + 0.6 * (-0.8 * x - 0.3 * y + 0.5 * z), 0, 1) * (z > 0) + 0.3 * (z == 0)
    ball = np.repeat((shade * 255).astype(np.uint8)[..., None], 3, axis=2)
    left, right = direction(ball), direction(ball[:, ::-1])
    assert left[0] < -0.3 < 0.3 < right[0]
    assert np.hypot(*left) == pytest.approx(1) and left[0] == pytest.approx(-right[0], abs=1e-3)


def test_where_nothing_speaks_light_comes_from_above() -> None:
    assert direction(grey(90)) == pytest.approx((0, -1), abs=1e-6)


def test_texture_is_no_grain() -> None:
    for name in ("gravel", "grass"):
        with Image.open(assets_dir() / "photos" / f"{name}.jpg") as photo:
            assert measure(np.asarray(photo.convert("RGB"))).grain < 3
