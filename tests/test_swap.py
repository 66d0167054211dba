"""A thing that is swapped: the old one is gone, the new one stands in its stead, and nothing else has changed."""

from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from omniedit.settings import assets_dir
from omniedit.specialists.base import Plan, Refusal
from omniedit.specialists.swap import Swap
from omniedit.types import EditRequest, Intent, Task
from tests.test_placing import Bytes, meadow

SWAP = Swap()
BOX = (300, 150, 380, 250)


@cache
def scene() -> Bytes:
    """The meadow with a black block that stands on it."""
    rgb = meadow().copy()
    left, top, right, bottom = BOX
    rgb[top:bottom, left:right] = (12, 12, 14)
    return rgb


def block() -> Image.Image:
    mask = Image.new("L", (480, 300))
    mask.paste(255, (BOX[0] - 2, BOX[1] - 2, BOX[2] + 2, BOX[3] + 2))
    return mask


def asked(new: str, target: str = "the block", **fields: Any) -> tuple[EditRequest, Intent]:
    fields.setdefault("mask", block())
    request = EditRequest(Image.fromarray(scene()), f"swap {target} for {new}", **fields)
    return request, Intent(Task.SWAP, request.instruction, target=target, new=new)


def plan_of(new: str, target: str = "the block", **fields: Any) -> Plan:
    plan = SWAP.prepare(*asked(new, target, **fields))
    assert isinstance(plan, Plan), str(plan)
    return plan


def test_the_old_thing_goes_and_the_new_one_comes() -> None:
    plan = plan_of("a snowman")
    assert plan.mask is not None and "the block" in plan.says and "a snowman" in plan.says
    result = np.asarray(SWAP.apply(plan).images[0])
    assert np.array_equal(result[~plan.mask], scene()[~plan.mask])
    left, top, right, bottom = BOX
    inside = result[top:bottom, left:right].astype(int)
    assert (inside.max(axis=2) < 30).mean() < 0.05  # hardly any black is left
    assert (inside.min(axis=2) > 130).mean() > 0.15  # the snowman is white


def test_it_stands_where_the_old_one_stood_and_is_as_high() -> None:
    plan = plan_of("a snowman", parameters={"shadow": 0.0})
    layer = plan.work.layers[0]
    rows = np.flatnonzero((layer.alpha > 0.5).any(axis=1)) + layer.box[1]
    columns = np.flatnonzero((layer.alpha > 0.5).any(axis=0)) + layer.box[0]
    assert abs(rows[-1] - BOX[3]) <= 6 and abs(rows[-1] - rows[0] - 100) < 20
    assert abs(columns.mean() - 340) < 6


def test_real_sizes_count_where_both_are_known() -> None:
    def height(new: str, target: str) -> float:
        layer = plan_of(new, target).work.layers[0]
        return float((layer.alpha > 0.5).any(axis=1).sum())

    assert height("a horse", "the cow") > 85
    assert height("a mouse", "the cow") < 0.6 * height("a horse", "the cow")
    assert height("an elephant", "the dog") > 1.2 * height("a cat", "the dog")


def test_a_tall_thing_in_a_slim_ones_stead_is_as_high_as_its_area_allows() -> None:
    pole = Image.new("L", (480, 300))
    pole.paste(255, (330, 90, 350, 250))

    seen = plan_of("a tree", "the tower", mask=pole).work.layers[0].alpha > 0.5
    high, wide = seen.any(axis=1).sum(), seen.any(axis=0).sum()
    assert 0.4 * 160 < high <= 160
    assert high * wide < 1.5 * 160 * 20


def test_variants_differ_and_a_seed_repeats() -> None:
    plan = plan_of("a car", variants=2)
    images = [np.asarray(image) for image in SWAP.apply(plan).images]
    assert np.array_equal(images[1], np.asarray(SWAP.apply(plan_of("a car", seed=1)).images[0]))
    for k, one in enumerate(images):
        for other in images[:k]:
            assert (np.abs(one.astype(int) - other).max(axis=2) > 20).mean() > 0.01


def test_the_mask_holds_the_hole_the_thing_and_its_shadow_only() -> None:
    plan = plan_of("a snowman")
    assert plan.mask is not None and plan.mask[BOX[1] : BOX[3], BOX[0] : BOX[2]].all()
    assert plan.mask.mean() < 0.25 and not plan.mask[:100].any() and not plan.mask[:, :150].any()


def test_what_cannot_be_swapped_is_said() -> None:
    refusal = SWAP.prepare(*asked("a dragon"))
    assert isinstance(refusal, Refusal) and "no picture of a dragon" in refusal.reason
    huge = Image.new("L", (480, 300), 255)
    refusal = SWAP.prepare(*asked("a dog", mask=huge))
    assert isinstance(refusal, Refusal) and "100%" in refusal.reason and "smaller" in refusal.next_step
    blind = SWAP.prepare(*asked("a dog", "the submarine", mask=None))
    assert isinstance(blind, Refusal) and "click" in blind.next_step


def test_a_box_round_a_thing_takes_its_tip_along() -> None:
    with Image.open(assets_dir() / "photos" / "rocket.jpg") as photo:
        request = EditRequest(photo.convert("RGB"), "replace the rocket with a balloon", box=(178, 74, 208, 246))
    plan = SWAP.prepare(request, Intent(Task.SWAP, request.instruction, target="the rocket", new="a balloon"))
    assert isinstance(plan, Plan) and plan.work.hole[80:90, 190:196].all()
