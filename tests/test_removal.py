"""Removal: holes filled at the photo's own size, shadows that go along, refusals."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from omniedit.errors import Cancelled
from omniedit.grounding import Found
from omniedit.settings import assets_dir
from omniedit.specialists.base import Plan, Refusal
from omniedit.specialists.filling.fill import fill, livened
from omniedit.specialists.filling.shadows import reflection_of, shadow_of
from omniedit.specialists.filling.slivers import slivers_of
from omniedit.specialists.locate import locate
from omniedit.specialists.masks import grow
from omniedit.specialists.removal import WITHOUT, Removal
from omniedit.types import EditRequest, Intent, Progress, Task

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
INTENT = Intent(Task.REMOVAL, "remove the ball", target="the ball")


def photo(name: str, width: int, height: int) -> Bytes:
    """A bundled photograph, mirrored on until it is that large: its texture is as fine as the photograph's."""
    tile = np.asarray(Image.open(assets_dir() / "photos" / f"{name}.jpg").convert("RGB"))
    tile = np.concatenate([tile, tile[:, ::-1]], 1)
    tile = np.concatenate([tile, tile[::-1]], 0)
    return np.ascontiguousarray(
        np.tile(tile, (height // len(tile) + 1, width // tile.shape[1] + 1, 1))[:height, :width]
    )


def disc(width: int, height: int, x: int, y: int, radius: int) -> Bools:
    rows, columns = np.mgrid[:height, :width]
    return np.hypot(columns - x, rows - y) < radius


def fine(rgb: Bytes) -> NDArray[np.float64]:
    return rgb.astype(float) - cv2.GaussianBlur(rgb, (0, 0), 2).astype(float)


def with_ball(shadow: float, mirrored: bool = False) -> tuple[Bytes, Bools, Bools]:
    """A striped ball on a plain table, its mask, and that of its shadow."""
    rng = np.random.default_rng(0)
    rgb = 190 + rng.normal(0, 2, (300, 400, 1)).repeat(3, 2)
    cast = np.zeros((300, 400), np.uint8)
    cv2.ellipse(cast, (210, 170), (60, 14), 0, 0, 360, 1, -1)
    rgb *= 1 - shadow * cv2.GaussianBlur(cast.astype(float), (0, 0), 3)[..., None]
    ball = disc(400, 300, 180, 130, 45)
    rows, _ = np.mgrid[:300, :400]
    colour = (np.array([40, 70, 200]) + 40 * np.sin(rows / 4)[..., None]).clip(0, 255)
    rgb[ball] = colour[ball]
    if mirrored:
        below = np.zeros_like(ball)
        below[175:265] = ball[85:175][::-1]
        rgb[below] = 0.5 * rgb[below] + 0.5 * np.roll(colour[::-1], 2 * 175 - 300, 0)[below]
    return rgb.clip(0, 255).astype(np.uint8), ball, cast.astype(bool) & ~ball


@pytest.mark.parametrize("size", [(300, 200), (1500, 1100)])
def test_a_hole_gets_the_texture_around_it_and_nothing_else_changes(size: tuple[int, int]) -> None:
    source = photo("gravel", *size)
    hole = disc(*size, size[0] // 2, size[1] // 2, min(size) // 5)
    filled = fill(source, hole)
    smeared = cv2.inpaint(source, hole.astype(np.uint8), 3, cv2.INPAINT_TELEA)
    energy, smear = (fine(p)[hole].std() / fine(source)[hole].std() for p in (filled, smeared))
    assert 0.85 < energy < 1.15
    assert smear < 0.5
    assert np.array_equal(filled[~hole], source[~hole])


def test_the_seed_decides_the_fill() -> None:
    source, hole = photo("grass", 240, 200), disc(240, 200, 120, 100, 30)
    one, two, other = (fill(source, hole, seed) for seed in (3, 3, 4))
    assert np.array_equal(one, two)
    assert (one != other)[hole].mean() > 0.1


def test_a_line_is_carried_across_a_hole_as_thin_as_a_wire() -> None:
    source = np.full((120, 120, 3), 220, np.uint8)
    source[:, 50:70] = 30
    hole = np.zeros((120, 120), bool)
    hole[58:61] = True
    broken = source.copy()
    broken[hole] = 128
    filled = fill(broken, hole)[hole].reshape(3, 120, 3)
    assert filled[:, 55:65].max() < 70 and filled[:, :45].min() > 190 and filled[:, 80:].min() > 190


def test_what_is_forbidden_is_never_copied() -> None:
    source = photo("gravel", 300, 200)
    red = np.zeros((200, 300), bool)
    red[:, :120] = True
    source[red] = source[red] // 4 + np.array([180, 0, 0], np.uint8)
    hole = disc(300, 200, 160, 100, 35)

    def redness(filled: Bytes) -> float:
        return float((filled[..., 0].astype(int) - filled[..., 1] > 60)[hole].mean())

    assert redness(fill(source, hole, forbidden=red)) < 0.01


def test_a_shadow_is_found_and_none_is_made_up() -> None:
    rgb, ball, cast = with_ball(shadow=0.45)
    found = shadow_of(rgb, ball)
    assert (found & cast).sum() / (found | cast).sum() > 0.4
    assert not shadow_of(with_ball(shadow=0.0)[0], ball).any()


@pytest.mark.parametrize(
    ("name", "box"),
    [("coffee", (122, 142, 172, 202)), ("chelsea", (192, 180, 262, 228)), ("chelsea", (112, 70, 178, 128))],
)
def test_the_dark_beside_a_part_is_not_its_shadow(name: str, box: tuple[int, int, int, int]) -> None:
    with Image.open(assets_dir() / "photos" / f"{name}.jpg") as file:
        request = EditRequest(file.convert("RGB"), "remove the part", box=box)
    found = locate(request, Intent(Task.REMOVAL, request.instruction, target="the part"), np.asarray(request.source))
    assert isinstance(found, Found)
    assert not shadow_of(np.asarray(request.source), grow(found.mask, 4)).any()


@pytest.mark.parametrize("ground", ["grass", "brick"])
def test_a_shadow_is_found_on_lively_ground(ground: str) -> None:
    rgb, ball, cast = with_ball(shadow=0.5)
    lit = with_ball(shadow=0.0)[0].astype(np.float32)
    shaded = np.where(ball[..., None], rgb, photo(ground, 400, 300) * (rgb / lit.clip(1)))
    found = shadow_of(shaded.clip(0, 255).astype(np.uint8), ball)
    assert (found & cast).sum() / (found | cast).sum() > 0.4


def test_a_reflection_is_found_and_none_is_made_up() -> None:
    rgb, ball, _ = with_ball(shadow=0.0, mirrored=True)
    assert reflection_of(rgb, ball)[180:250].sum() > 0.7 * ball.sum()
    assert not reflection_of(with_ball(shadow=0.0)[0], ball).any()


def test_a_pole_that_goes_on_below_the_mask_is_not_its_own_reflection() -> None:
    rgb = with_ball(shadow=0.0)[0]
    rgb[40:290, 180:200] = np.linspace(40, 110, 20, dtype=np.uint8)[None, :, None]
    mask = np.zeros((300, 400), bool)
    mask[30:160, 170:210] = True
    assert not reflection_of(rgb, mask).any()


def test_what_a_brush_left_of_a_thing_goes_too() -> None:
    rgb, ball, _ = with_ball(shadow=0.0)
    brushed = disc(400, 300, 180, 131, 44)
    left = ball & ~brushed
    found = slivers_of(rgb, brushed)
    assert found[left].mean() > 0.9
    assert found.sum() < 3 * left.sum()
    rgb[:, 170:190] = 40  # a pole of its own, of which the brush shows a part
    assert not slivers_of(rgb, brushed)[:60].any()


def test_nothing_is_taken_along_where_the_surroundings_are_as_lively() -> None:
    source = photo("gravel", 400, 300)
    assert slivers_of(source, disc(400, 300, 200, 150, 40)).mean() < 0.002


def test_a_fill_that_averaged_its_texture_away_gets_it_back_and_no_more() -> None:
    source, hole = photo("grass", 240, 200), disc(240, 200, 120, 100, 40)
    calm = np.where(hole[..., None], cv2.GaussianBlur(source, (0, 0), 0.7), source)
    before, after = (fine(p)[hole].std() / fine(source)[hole].std() for p in (calm, livened(calm, hole)))
    assert before + 0.1 < after < 1.05
    plain = np.full_like(source, 120)
    assert np.array_equal(livened(plain, hole), plain)


def test_the_plan_takes_the_shadow_along_and_says_so() -> None:
    rgb, ball, cast = with_ball(shadow=0.45)
    request = EditRequest(Image.fromarray(rgb), "remove the ball", mask=Image.fromarray(ball), seed=1)
    plan = Removal().prepare(request, INTENT)
    assert isinstance(plan, Plan) and plan.mask is not None
    assert "its shadow" in plan.says and "the ball" in plan.says
    assert plan.mask[cast].mean() > 0.8
    seen: list[Progress] = []
    result = np.asarray(Removal().apply(plan, seen.append).images[0])
    assert np.abs(result[plan.mask].astype(float).mean() - 190) < 6
    assert np.array_equal(result[~plan.mask], rgb[~plan.mask])
    assert seen[-1].step == seen[-1].steps


def test_a_person_can_leave_the_shadow() -> None:
    rgb, ball, _ = with_ball(shadow=0.45)
    mask = Image.fromarray(ball)
    request = EditRequest(Image.fromarray(rgb), "remove the ball", mask=mask, parameters={"shadow": WITHOUT})
    plan = Removal().prepare(request, INTENT)
    assert isinstance(plan, Plan) and plan.mask is not None
    assert np.array_equal(plan.mask, ball)


def test_too_large_a_part_is_refused_with_a_next_step() -> None:
    mask = Image.new("L", (60, 40), 255)
    mask.paste(0, (0, 0, 60, 10))
    refusal = Removal().prepare(EditRequest(Image.new("RGB", (60, 40)), "remove it", mask=mask), INTENT)
    assert isinstance(refusal, Refusal)
    assert "75%" in str(refusal) and str(refusal).endswith("choose a smaller part.")


def test_a_box_round_a_thing_takes_its_tip_of_another_colour() -> None:
    with Image.open(assets_dir() / "photos" / "rocket.jpg") as photo:
        request = EditRequest(photo.convert("RGB"), "remove the rocket", box=(178, 74, 208, 246))
    plan = Removal().prepare(request, Intent(Task.REMOVAL, "remove the rocket", target="the rocket"))
    assert isinstance(plan, Plan) and plan.mask is not None
    assert plan.mask[80:90, 190:196].all()


def test_a_fill_tells_of_its_stages_and_can_be_stopped_at_each() -> None:
    source, hole = photo("gravel", 600, 400), disc(600, 400, 120, 200, 20) | disc(600, 400, 400, 200, 110)
    told: list[float] = []
    hidden = disc(600, 400, 400, 200, 95)  # so most is hidden, and the larger hole is filled at a smaller size
    fill(source, hole, report=told.append, hidden=hidden)
    assert len(told) >= 6 and told == sorted(told) and told[-1] == 1.0

    def stop(share: float) -> None:
        if share >= told[3]:
            raise Cancelled("The edit was stopped.")

    with pytest.raises(Cancelled):
        fill(source, hole, report=stop, hidden=hidden)
