"""The main thing of a picture is found where several ways of looking agree, and a texture has none."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from omniedit.grounding import SURE, ground
from omniedit.grounding.subject import subject
from omniedit.grounding.view import View
from omniedit.settings import assets_dir


def photo(name: str) -> NDArray[np.uint8]:
    with Image.open(assets_dir() / "photos" / f"{name}.jpg") as file:
        return np.asarray(file.convert("RGB"))


def ellipse(rgb: NDArray[np.uint8], x: float, y: float, a: float, b: float) -> NDArray[np.bool_]:
    """The ellipse at (x, y) with radii a and b, shares of the picture."""
    height, width = rgb.shape[:2]
    ys, xs = (np.mgrid[:height, :width] + 0.5) / np.array([height, width])[:, None, None]
    inside: NDArray[np.bool_] = ((xs - x) / a) ** 2 + ((ys - y) / b) ** 2 < 1
    return inside


def test_a_cup_on_its_saucer() -> None:
    rgb = photo("coffee")
    truth = ellipse(rgb, 0.467, 0.545, 0.335, 0.435) | ellipse(rgb, 0.486, 0.28, 0.2, 0.27)
    found = ground(None, rgb)
    assert found[0].score > 0.7 and (found[0].mask & truth).sum() / (found[0].mask | truth).sum() > 0.8
    behind = ground("the background", rgb)[0]
    assert behind.score >= SURE and (behind.mask & found[0].mask).mean() < 0.01


@pytest.mark.parametrize("name", ["brick", "grass", "gravel", "hubble"])
def test_a_texture_has_no_main_thing(name: str) -> None:
    for rgb in (photo(name), np.ascontiguousarray(photo(name)[40:180, 60:230])):
        assert all(one.score < SURE for one in subject(View(rgb))), name


def test_one_alone_is_the_main_thing_and_one_of_two_alike_is_not() -> None:
    grain = np.random.default_rng(0).normal(0, 4, (240, 320, 3))
    middle, left, right = (ellipse(np.empty((240, 320, 3), np.uint8), x, 0.5, 0.11, 0.15) for x in (0.5, 0.28, 0.72))

    def shown(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
        soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)[..., None]
        return np.clip(170 * (1 - soft) + np.array([190, 40, 40]) * soft + grain, 0, 255).astype(np.uint8)

    alone = ground(None, shown(middle))
    assert alone[0].score >= SURE and (alone[0].mask & middle).sum() / (alone[0].mask | middle).sum() > 0.9
    assert all(one.score < SURE for one in ground(None, shown(left | right)))
