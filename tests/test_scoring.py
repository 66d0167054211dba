"""Scores as the paper has them, and a program that gives them for what it can measure."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from omniedit.errors import BadInput
from omniedit.scoring import JUDGES, Sample, load_judge
from omniedit.settings import assets_dir
from omniedit.types import Score, Task

Bytes = NDArray[np.uint8]
PHOTO = np.asarray(Image.open(assets_dir() / "photos" / "gravel.jpg").convert("RGB"))
DISC = np.hypot(*(np.mgrid[: PHOTO.shape[0], : PHOTO.shape[1]] - 190)) < 60


def with_thing(colour: tuple[int, int, int] = (200, 40, 40)) -> Bytes:
    rgb = PHOTO.copy()
    rgb[DISC] = colour
    return rgb


def removal(edited: Bytes, truth: Bytes | None = PHOTO) -> Score:
    return load_judge("program").score(Sample(with_thing(), edited, "remove the ball", Task.REMOVAL, DISC, truth))


def test_the_smaller_of_success_and_restraint_counts_and_o_is_the_geometric_mean() -> None:
    score = Score("x", success=9, restraint=4, quality=9)
    assert (score.sc, score.overall, score.weight()) == (4, 6, 0)
    assert replace(score, restraint=9).weight() == 1


def test_every_judge_says_its_name() -> None:
    assert {load_judge(name).name for name in JUDGES} == set(JUDGES)
    with pytest.raises(BadInput, match=r"Unknown judge 'gpt'\. Available: program"):
        load_judge("gpt")


def test_the_truth_gets_full_marks_and_an_untouched_picture_none() -> None:
    assert removal(PHOTO).overall > 9.9
    assert removal(with_thing()).overall == 0


def test_an_edit_beside_the_place_costs_restraint() -> None:
    leaked = PHOTO.copy()
    leaked[:80] = 255 - leaked[:80]
    score = removal(leaked)
    assert score.restraint == 0 and score.success > 9
    assert "rest of the picture" in score.sc_reasoning


def test_a_smear_costs_quality() -> None:
    smeared = cv2.inpaint(with_thing(), DISC.astype(np.uint8), 3, cv2.INPAINT_TELEA)
    score = removal(np.asarray(smeared, np.uint8), truth=None)
    assert score.weight() == 0
    assert "texture" in score.pq_reasoning


def test_a_seam_costs_quality() -> None:
    patch = with_thing((128, 128, 128))
    patch[DISC] = np.clip(PHOTO[DISC].astype(int) + 70, 0, 255)
    assert "seam" in removal(patch, truth=None).pq_reasoning


def test_driving_the_picture_to_black_costs_quality() -> None:
    dark = (PHOTO * 0.02).astype(np.uint8)
    score = load_judge("program").score(Sample(PHOTO, dark, "make it night", Task.ENVIRONMENT))
    assert "clipped" in score.pq_reasoning and score.weight() == 0


def test_another_thing_than_the_true_one_is_no_success() -> None:
    other = with_thing((40, 200, 40))
    assert removal(other).success < 3
