"""Mattes: single hairs, clean edges, and colours without what was behind them."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from omniedit.errors import Cancelled
from omniedit.specialists.compositing.matting import decontaminated, matte
from tests.memory import GIB, counted_in_kb, memory_of

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]

GREEN = np.array([40, 140, 70], np.float32)


@dataclass(frozen=True)
class Case:
    """A photo made of a subject and a background by a known `alpha`, and the rough mask that a finder gives of it."""

    photo: Bytes
    mask: Bools
    alpha: Floats
    subject: Floats  # its colours


@cache
def hairy(width: int = 1200, height: int = 900) -> Case:
    """A dark head with loose hairs of one to three pixels before a bright, uneven wall."""
    rng = np.random.default_rng(0)
    alpha = np.zeros((height, width), np.uint8)
    centre, radius = np.array([width / 2, height * 0.65]), height * 0.32
    cv2.circle(alpha, centre.astype(int).tolist(), int(radius), 255, -1, cv2.LINE_AA)
    for angle in rng.uniform(-np.pi, 0, 260):
        bend = angle + rng.normal(0, 0.5) + rng.normal(0, 1.2) * np.linspace(0, 1, 24)
        steps = np.stack([np.cos(bend), np.sin(bend)], axis=1) * rng.uniform(0.1, 0.4) * radius / 24
        hair = centre + radius * 0.97 * np.array([np.cos(angle), np.sin(angle)]) + np.cumsum(steps, axis=0)
        cv2.polylines(alpha, [(hair * 16).astype(np.int32)], False, 255, int(rng.integers(1, 4)), cv2.LINE_AA, 4)
    truth = cv2.GaussianBlur(alpha.astype(np.float32) / 255, (0, 0), 0.8)
    fur = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 2)
    subject = np.array([74, 54, 40], np.float32) + 60 * fur[..., None]
    wall = cv2.resize(
        rng.uniform(150, 230, (4, 5, 3)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    photo = subject * truth[..., None] + wall * (1 - truth[..., None]) + rng.normal(0, 2, (height, width, 1))
    rough = cv2.GaussianBlur(truth, (0, 0), 0.006 * width) > 0.5
    return Case(np.clip(np.rint(photo), 0, 255).astype(np.uint8), rough, truth, subject)


@cache
def found() -> Floats:
    alpha = matte(hairy().photo, hairy().mask)
    alpha.flags.writeable = False
    return alpha


def test_single_hairs_are_found() -> None:
    case, alpha = hairy(), found()
    assert alpha.dtype == np.float32 and alpha.min() == 0 and alpha.max() == 1
    assert np.abs(alpha - case.alpha).mean() < 0.4 * np.abs(case.mask - case.alpha).mean()
    away = cv2.distanceTransform((~case.mask).astype(np.uint8), cv2.DIST_L2, 3)
    loose = (case.alpha > 0.8) & (away > 4)  # hairs that the mask has not
    gaps = (case.alpha < 0.05) & case.mask  # between hairs, where it has too much
    assert loose.sum() > 500 and alpha[loose].mean() > 0.6
    assert gaps.sum() > 200 and alpha[gaps].mean() < 0.5


def test_far_from_the_edge_all_is_settled() -> None:
    case, alpha = hairy(), found()
    inside = cv2.distanceTransform(case.mask.astype(np.uint8), cv2.DIST_L2, 3)
    outside = cv2.distanceTransform((~case.mask).astype(np.uint8), cv2.DIST_L2, 3)
    assert (alpha[inside > 60] == 1).all() and (alpha[outside > 100] == 0).all()


def test_a_new_background_shows_nothing_of_the_old_one() -> None:
    case, alpha = hairy(), found()
    truth = case.subject * case.alpha[..., None] + GREEN * (1 - case.alpha[..., None])
    own = decontaminated(case.photo, alpha)
    edge = (case.alpha > 0.02) & (case.alpha < 0.98)

    def wrong(colours: NDArray[np.generic], share: Floats) -> float:
        laid = colours * share[..., None] + GREEN * (1 - share[..., None])
        return float(np.abs(laid - truth)[edge].mean())

    assert wrong(own, alpha) < 0.5 * wrong(case.photo, case.mask.astype(np.float32))
    assert wrong(own, alpha) < 0.7 * wrong(case.photo, alpha)  # a fringe of the wall, without that step
    assert np.array_equal(own[alpha == 1], case.photo[alpha == 1])


def test_a_hard_edge_stays_as_hard_as_the_photo_shows_it() -> None:
    y, x = np.mgrid[:800, :1000].astype(np.float32)
    truth = np.clip(250.5 - np.hypot(x - 500, y - 400), 0, 1)[..., None]
    noise = np.random.default_rng(0).normal(0, 2, (800, 1000, 3))
    photo = np.clip(truth * (190, 60, 40) + (1 - truth) * (90, 110, 130) + noise, 0, 255).astype(np.uint8)
    mask = np.hypot(x - 504, y - 403) < 246  # a few pixels off
    alpha = matte(photo, mask)
    assert np.abs(alpha - truth[..., 0]).mean() < 0.001
    assert ((alpha > 0.05) & (alpha < 0.95)).mean() < 0.006  # the rim is a twentieth of that wide, and no haze


def test_gloss_on_the_subject_is_no_hole_in_it() -> None:
    photo = np.full((600, 800, 3), (40, 90, 60), np.uint8)
    photo[::3] = (58, 104, 74)
    mask = np.zeros((600, 800), np.bool_)
    mask[100:500, 200:600] = True
    photo[mask] = (150, 40, 30)
    photo[110:490, 216:219] = (52, 100, 70)  # a streak that has the background's colour
    alpha = matte(photo, mask)
    assert alpha[150:450, 216:219].mean() > 0.8


def test_where_colours_cannot_tell_the_mask_decides() -> None:
    photo = np.clip(128 + np.random.default_rng(0).normal(0, 3, (400, 500, 3)), 0, 255).astype(np.uint8)
    mask = np.zeros((400, 500), np.bool_)
    mask[100:300, 150:350] = True
    assert np.abs(matte(photo, mask) - mask).mean() < 0.03


@pytest.mark.parametrize("size", [(16, 16), (16, 320), (320, 16), (97, 143)])
def test_any_size_and_a_subject_at_the_border(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 255, (*size, 3), dtype=np.uint8)
    mask = np.zeros(size, np.bool_)
    mask[size[0] // 3 :, : size[1] // 2 + 1] = True
    alpha = matte(photo, mask)
    assert alpha.shape == size and np.isfinite(alpha).all() and 0 <= alpha.min() <= alpha.max() <= 1
    assert decontaminated(photo, alpha).shape == photo.shape


def test_all_or_nothing_is_given_back() -> None:
    photo = hairy().photo
    for mask in (np.ones(photo.shape[:2], np.bool_), np.zeros(photo.shape[:2], np.bool_)):
        assert np.array_equal(matte(photo, mask), mask.astype(np.float32))


def test_the_same_photo_gives_the_same_matte_and_nothing_is_changed() -> None:
    case = hairy()
    before = case.photo.copy()
    assert np.array_equal(matte(case.photo, case.mask), found())
    assert np.array_equal(case.photo, before)


def test_it_can_be_stopped() -> None:
    def stop(share: float) -> None:
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        matte(hairy().photo, hairy().mask, stop)


BEFORE = """
import cv2
from omniedit.specialists.compositing.matting import decontaminated, matte
photo = np.random.default_rng(0).integers(0, 255, (3000, 4000, 3), dtype=np.uint8)
mask = np.zeros((3000, 4000), np.uint8)
cv2.ellipse(mask, (2000, 1700), (1300, 1200), 0, 0, 360, 1, -1)
"""
MEASURED = """
decontaminated(photo, matte(photo, mask > 0))
"""


@pytest.mark.slow
@counted_in_kb
def test_twelve_megapixels_within_a_gigabyte() -> None:
    assert memory_of(MEASURED, BEFORE) < GIB
