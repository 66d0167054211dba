"""From the model's size back to the upload's: untouched pixels, kept texture, no seams, little memory."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from omniedit.compose import (
    RATIOS,
    Composed,
    Frame,
    compose_global,
    compose_local,
    is_global,
    mask_to_model,
    plan,
    to_model,
)
from tests.memory import GIB, counted_in_kb, memory_of

SIZES = [(16, 16), (17, 31), (31, 17), (128, 128), (333, 500), (1000, 333), (1200, 60)]

Bytes = NDArray[np.uint8]


def photo(width: int, height: int, seed: int = 0) -> Bytes:
    """Large soft shapes with fine texture on them."""
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.uniform(40, 215, (6, 6, 3)), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(coarse + rng.normal(0, 9, (height, width, 1)), 0, 255).astype(np.uint8)


def disc(frame: Frame, radius: float = 0.25) -> NDArray[np.float32]:
    width, height = frame.model
    y, x = np.mgrid[:height, :width]
    inside = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (radius * min(width, height)) ** 2
    return inside.astype(np.float32)


def detail(rgb: Bytes) -> float:
    """Energy of what lies below a model pixel."""
    grey = rgb.astype(np.float32).mean(axis=2)
    return float((grey - cv2.GaussianBlur(grey, (0, 0), 2)).std())


def same_outside(source: Bytes, composed: Composed) -> bool:
    return bool((composed.rgb == source)[~composed.changed].all())


@pytest.mark.parametrize("size", SIZES)
def test_plan_without_a_mask_shows_all_in_a_supported_ratio(size: tuple[int, int]) -> None:
    for short in (128, 160, 192):
        frame = plan(size, short_side=short)
        assert frame.box == (0, 0, *size) and min(frame.model) == short
        assert frame.model[0] % 16 == 0 and frame.model[1] % 16 == 0
    shown = to_model(photo(*size), plan(size))
    assert shown.shape == (*plan(size).model[::-1], 3) and shown.dtype == np.uint8


def test_the_seven_ratios_have_the_sizes_of_the_world() -> None:
    models = [plan((100 * w, 100 * h)).model for w, h in RATIOS]
    assert models == [(128, 128), (128, 192), (192, 128), (128, 176), (176, 128), (128, 224), (224, 128)]


def test_plan_around_a_mask() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        width, height = (int(n) for n in rng.integers(16, 900, 2))
        mask = np.zeros((height, width), np.bool_)
        x, y = int(rng.integers(width)), int(rng.integers(height))
        mask[y : y + int(rng.integers(1, height + 1)), x : x + int(rng.integers(1, width + 1))] = True
        frame = plan((width, height), mask)
        left, top, right, bottom = frame.box
        assert 0 <= left < right <= width and 0 <= top < bottom <= height
        assert mask[top:bottom, left:right].sum() == mask.sum()
        small = mask_to_model(mask, frame)
        assert small.shape == frame.model[::-1] and small.any()
    mask = np.zeros((3000, 4000), np.bool_)
    mask[1400:1700, 2000:2300] = True
    frame = plan((4000, 3000), mask)
    assert frame.model == (128, 128) and frame.box[2] - frame.box[0] == 900
    assert plan((4000, 3000), np.zeros((3000, 4000))).box == (0, 0, 4000, 3000)
    mask = np.zeros((500, 8000), np.uint8)
    mask[100:400, 100:400] = 255
    left, top, right, bottom = plan((8000, 500), mask).box
    assert (right - left) / (bottom - top) < 2


@pytest.mark.parametrize("size", SIZES)
def test_an_edit_that_changes_nothing_gives_the_upload(size: tuple[int, int]) -> None:
    source, frame = photo(*size), plan(size)
    seen = to_model(source, frame)
    for change in (np.zeros(seen.shape[:2]), np.ones(seen.shape[:2]), disc(frame)):
        assert np.array_equal(compose_local(source, seen, change.astype(np.float32), frame).rgb, source)
    assert np.array_equal(compose_global(source, seen, seen).rgb, source)


@pytest.mark.parametrize("size", SIZES)
def test_pixels_outside_the_change_are_the_uploads(size: tuple[int, int]) -> None:
    source, frame = photo(*size), plan(size)
    before = source.copy()
    composed = compose_local(source, 255 - to_model(source, frame), disc(frame), frame)
    assert composed.rgb.shape == source.shape and composed.changed.any() and not composed.resampled
    assert 0 < composed.changed.mean() < 0.6
    assert same_outside(source, composed) and np.array_equal(source, before)
    assert (composed.rgb != source).any()


@pytest.mark.parametrize("size", SIZES)
def test_nothing_outside_the_mask_is_touched(size: tuple[int, int]) -> None:
    width, height = size
    source = photo(width, height)
    mask = np.zeros((height, width), np.bool_)
    mask[height // 3 : height // 3 + height // 2, width // 4 : width // 4 + max(width // 3, 2)] = True
    frame = plan(size, mask)
    edited = 255 - to_model(source, frame)
    composed = compose_local(source, edited, np.ones(edited.shape[:2], np.float32), frame, mask)
    assert np.array_equal(composed.rgb[~mask], source[~mask]) and same_outside(source, composed)
    assert not composed.changed[~mask].any() and (composed.rgb[mask] != source[mask]).any()


def test_a_crop_without_a_mask_has_no_hard_side() -> None:
    source = photo(900, 900)
    frame = Frame((900, 900), (300, 300, 600, 600), (128, 128))
    edited = np.clip(to_model(source, frame).astype(int) + 60, 0, 255).astype(np.uint8)
    result = compose_local(source, edited, np.ones((128, 128), np.float32), frame).rgb.astype(int) - source
    assert np.abs(result[450, 300]).max() < 25 and np.abs(result[450, 599]).max() < 25
    assert result[450, 450].min() > 20 and not result[:300].any()


def test_a_recoloured_object_keeps_its_texture_and_a_removed_one_does_not_show() -> None:
    size = (1280, 1280)
    background = cv2.GaussianBlur(photo(*size, seed=1), (0, 0), 8)
    frame = plan(size)
    y, x = np.mgrid[:1280, :1280]
    inside = (x - 640) ** 2 + (y - 640) ** 2 < 300**2
    texture = np.random.default_rng(2).normal(0, 14, (1280, 1280, 1))
    source = background.copy()
    source[inside] = np.clip(np.array([190, 60, 50]) + texture, 0, 255).astype(np.uint8)[inside]
    seen = to_model(source, frame)
    change = disc(frame, 300 / 1280 + 0.01)
    core = np.s_[500:780, 500:780]

    recoloured = np.where(change[..., None] > 0, seen[..., ::-1], seen).astype(np.uint8)
    blue = compose_local(source, recoloured, change, frame)
    assert detail(blue.rgb[core]) > 0.7 * detail(source[core])
    assert np.abs(blue.rgb[core].mean(axis=(0, 1)) - source[core].mean(axis=(0, 1))[::-1]).max() < 6

    removed = to_model(background, frame)
    gone = compose_local(source, removed, change, frame)
    assert detail(gone.rgb[core]) < 0.1 * detail(source[core])
    assert np.abs(gone.rgb.astype(int) - background).mean() < 2
    assert same_outside(source, blue) and same_outside(source, gone)


def test_no_seam_where_the_edit_fades() -> None:
    size = (1024, 1024)
    source = cv2.GaussianBlur(photo(*size), (0, 0), 6)
    frame = plan(size)
    edited = np.clip(to_model(source, frame).astype(int) + 40, 0, 255).astype(np.uint8)
    result = compose_local(source, edited, disc(frame), frame).rgb.astype(float)
    before = np.abs(np.diff(source.astype(float), axis=1)).max()
    assert np.abs(np.diff(result, axis=1)).max() < before + 40 / 4  # 40 levels, over several pixels


def test_a_global_edit_keeps_detail_and_follows_the_edit() -> None:
    source = photo(1500, 1000)
    frame = plan((1500, 1000))
    seen = to_model(source, frame)
    night = (seen * np.array([0.3, 0.35, 0.6]) + np.array([0, 0, 10])).astype(np.uint8)
    composed = compose_global(source, seen, night)
    truth = source * np.array([0.3, 0.35, 0.6]) + np.array([0, 0, 10])
    assert composed.resampled and composed.changed.all()
    assert np.abs(composed.rgb - truth).mean() < 5
    assert np.abs(to_model(composed.rgb, frame).astype(int) - night).mean() < 3


def test_a_global_edit_of_another_structure_is_shown_as_it_is() -> None:
    source = photo(1000, 1000)
    seen = to_model(source, plan((1000, 1000)))
    other = to_model(photo(1000, 1000, seed=5), plan((1000, 1000)))
    other = cv2.resize(cv2.resize(other, (16, 16)), (128, 128), interpolation=cv2.INTER_NEAREST)
    composed = compose_global(source, seen, other)
    assert np.abs(composed.rgb.astype(int) - cv2.resize(other, (1000, 1000))).mean() < 6


def test_the_same_input_gives_the_same_bytes() -> None:
    source, frame = photo(700, 500), plan((700, 500))
    edited = 255 - to_model(source, frame)
    results = [compose_local(source, edited, disc(frame), frame).rgb.tobytes() for _ in range(3)]
    assert len(set(results)) == 1


def test_is_global() -> None:
    assert is_global(np.ones((8, 8), np.float32)) and not is_global(np.zeros((8, 8), np.float32))
    half = np.zeros((8, 8), np.float32)
    half[:4] = 1
    assert not is_global(half)
    kept = np.ones((32, 32), np.float32)
    kept[:6, :6] = 0  # a small thing that a new background leaves as it is
    assert not is_global(kept)


def test_a_mismatch_is_our_own_mistake() -> None:
    source, frame = photo(64, 64), plan((64, 64))
    with pytest.raises(ValueError, match="frame is for"):
        compose_local(source, source, disc(frame), frame)
    with pytest.raises(ValueError, match="mask is"):
        plan((64, 64), np.ones((32, 64)))


BEFORE = """
from omniedit.compose import plan, to_model, mask_to_model, compose_local, compose_global
width, height = 8000, 6000
source = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
mask = np.zeros((height, width), np.bool_)
mask[100:5900, 100:7900] = True
"""
MEASURED = """
frame = plan((width, height), mask)
seen = to_model(source, frame)
change = mask_to_model(mask, frame).astype(np.float32)
result = compose_local(source, 255 - seen[::-1], change, frame, mask)
assert (result.rgb == source)[~mask].all()
del result
frame = plan((width, height))
seen = to_model(source, frame)
compose_global(source, seen, 255 - seen[::-1])
"""


@pytest.mark.slow
@counted_in_kb
def test_48_megapixels_within_two_gigabytes() -> None:
    assert memory_of(MEASURED, BEFORE) < 2 * GIB
