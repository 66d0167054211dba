"""A thing that is added: only its place changes, it is lit and grained as the photo is, and it throws a shadow."""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image

from omniedit.errors import Cancelled
from omniedit.specialists.adding.cutouts import Wanted, wanted
from omniedit.specialists.addition import Addition
from omniedit.specialists.base import Plan, Refusal
from omniedit.specialists.compositing.light import measure
from omniedit.specialists.compositing.pasting import CutOut, Rest, Spot, lay, lighting, stick, touched
from omniedit.sprites import THINGS, drawing
from omniedit.types import EditRequest, Intent, Task
from tests.test_placing import Bytes, meadow

ADD = Addition()


def asked(new: str, place: str | None = None, **fields: Any) -> tuple[EditRequest, Intent]:
    fields.setdefault("source", Image.fromarray(meadow()))
    return EditRequest(instruction=f"add {new}", **fields), Intent(Task.ADDITION, f"add {new}", new=new, place=place)


def plan_of(new: str, place: str | None = None, **fields: Any) -> Plan:
    plan = ADD.prepare(*asked(new, place, **fields))
    assert isinstance(plan, Plan), str(plan)
    return plan


def refused(new: str, **fields: Any) -> Refusal:
    plan = ADD.prepare(*asked(new, **fields))
    assert isinstance(plan, Refusal)
    return plan


def added(new: str, place: str | None = None, **fields: Any) -> Bytes:
    return np.asarray(ADD.apply(plan_of(new, place, **fields)).images[0])


@cache
def grey(level: int = 120, grain: float = 0.0, side: int = 400) -> Bytes:
    noise = np.random.default_rng(5).normal(0, grain, (side, side, 1)) if grain else 0.0
    rgb = np.full((side, side, 3), level, np.float32) + noise
    rgb[:4, :4] = 0  # edges, by which sharpness is measured
    rgb += np.linspace(1.5, -1.5, side)[:, None, None]  # lit from above
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8)


def disc(side: int = 120, colour: tuple[int, int, int] = (200, 60, 60)) -> Bytes:
    y, x = np.mgrid[:side, :side]
    alpha = np.clip(side / 2 - np.hypot(x - side / 2 + 0.5, y - side / 2 + 0.5), 0, 1) * 255
    return np.dstack([np.full((side, side, 3), colour, np.uint8), alpha.astype(np.uint8)])


def pasted(rgb: Bytes, rgba: Bytes, spot: Spot, drawn: bool = True, shadow: float = 1.0) -> tuple[Bytes, Bytes]:
    """The picture with the thing, and the mask."""
    layer = lay(rgb, lighting(rgb), CutOut(rgba, drawn), spot, shadow)
    result = rgb.copy()
    stick(result, layer, np.random.default_rng(0))
    return result, touched(layer, rgb.shape[1::-1]).astype(np.uint8)


def test_only_the_thing_and_its_shadow_change() -> None:
    plan = plan_of("a dog", click=(380, 260))
    assert plan.mask is not None and plan.says == "Adds a dog where you clicked."
    result = np.asarray(ADD.apply(plan).images[0])
    changed = (result != plan.source).any(axis=2)
    assert not changed[~plan.mask].any()
    assert changed[plan.mask].mean() > 0.8 and 0.005 < plan.mask.mean() < 0.2


def test_a_seed_repeats_and_others_differ() -> None:
    plan = plan_of("a dog", variants=3)
    one, two, three = (np.asarray(image) for image in ADD.apply(plan).images)
    assert np.array_equal(one, np.asarray(ADD.apply(plan).images[0]))
    for a, b in ((one, two), (two, three), (one, three)):
        apart = (a != b).any(axis=2)
        assert apart.mean() > 0.01  # another place
    assert np.array_equal(two, added("a dog", seed=1))


def test_at_one_place_seeds_take_other_drawings() -> None:
    hats = [added("a hat", box=(300, 160, 420, 280), seed=seed) for seed in range(3)]
    assert all(np.abs(a.astype(int) - b).mean() > 0.5 for a, b in pairwise(hats))


def test_knobs_move_and_size_it() -> None:
    usual = plan_of("a dog", click=(300, 250))
    right = plan_of("a dog", click=(300, 250), parameters={"right": 0.2})
    large = plan_of("a dog", click=(300, 250), parameters={"size": 2.0})
    bare = plan_of("a dog", click=(300, 250), parameters={"shadow": 0.0})
    assert all(plan.mask is not None for plan in (usual, right, large, bare))
    middle = [float(np.flatnonzero(plan.mask.any(axis=0)).mean()) for plan in (usual, right)]  # type: ignore[union-attr]
    assert middle[1] - middle[0] == pytest.approx(0.2 * 480, abs=3)
    assert large.mask.sum() > 2.5 * usual.mask.sum()  # type: ignore[union-attr]
    assert bare.mask.sum() < 0.9 * usual.mask.sum()  # type: ignore[union-attr]
    tilted = added("a dog", click=(300, 250), parameters={"turn": 90.0})
    assert not np.array_equal(tilted, added("a dog", click=(300, 250)))


def test_it_is_darker_in_the_dark_and_takes_the_tint() -> None:
    spot = Spot(200, 300, 150, Rest.GROUND)
    core = np.s_[190:260, 170:230]
    bright, dark = (pasted(grey(level), disc(), spot)[0][core].mean() for level in (170, 40))
    assert bright > 1.3 * dark
    warm = grey().copy()
    warm[..., 2] = 60
    orange = pasted(warm, disc(colour=(200, 200, 200)), spot)[0][core].mean(axis=(0, 1))
    plain = pasted(grey(), disc(colour=(200, 200, 200)), spot)[0][core].mean(axis=(0, 1))
    assert orange[0] - orange[2] > plain[0] - plain[2] + 10


def test_its_grain_is_the_photos() -> None:
    spot = Spot(200, 330, 260, Rest.AIR)
    inner = np.s_[130:270, 130:270]
    for grain in (0.0, 4.0):
        found = measure(pasted(grey(grain=grain), disc(260), spot)[0][inner]).grain
        assert found == pytest.approx(grain, abs=1.2)


def test_it_is_as_soft_as_the_photo() -> None:
    import cv2

    sharp = np.tile(np.repeat(np.array([60, 190], np.uint8), 50), 4)
    stripes = np.repeat(np.tile(sharp, (400, 1))[..., None], 3, axis=2)
    soft = cv2.GaussianBlur(stripes, (0, 0), 4)
    spot = Spot(200, 300, 200, Rest.AIR)
    steepest = []
    for photo in (stripes, soft):
        layer = lay(photo, lighting(photo), CutOut(disc(200), True), spot)
        steepest.append(float(np.abs(np.diff(layer.alpha, axis=1)).max()))
    assert steepest[0] > 2.5 * steepest[1]


def test_it_stands_in_its_own_shadow() -> None:
    spot = Spot(200, 300, 150, Rest.GROUND)
    result, mask = pasted(grey(), disc(), spot)
    below = result[302:308, 180:220].mean()
    assert below < 0.85 * 120 and (result[350:, :100] == grey()[350:, :100]).all()
    lit, smaller = pasted(grey(), disc(), spot, shadow=0.0)
    assert lit[302:308, 180:220].mean() == pytest.approx(120, abs=2) and smaller.sum() < mask.sum()
    flying, _ = pasted(grey(), disc(), Spot(200, 300, 150, Rest.AIR))
    assert (flying[302:308, 180:220] == grey()[302:308, 180:220]).mean() > 0.9


def test_what_stands_before_it_hides_it() -> None:
    front = np.zeros((400, 400), np.bool_)
    front[:, :200] = True
    result, _ = pasted(grey(), disc(), Spot(200, 300, 150, Rest.GROUND, front=front))
    assert (result[:, :196] == grey()[:, :196]).all() and (result[200:260, 210:240] != grey()[200:260, 210:240]).any(
        axis=2
    ).all()


def test_edges_have_no_fringe() -> None:
    white = disc(colour=(255, 255, 255))
    white[white[..., 3] == 0] = 0  # black where it is transparent, as many programs save it
    result, _ = pasted(grey(250), white, Spot(200, 300, 150, Rest.AIR), drawn=False)
    assert result[4:, 4:].min() > 200


def test_water_takes_the_foot_and_mirrors_the_rest() -> None:
    result, _ = pasted(grey(), disc(), Spot(200, 250, 120, Rest.WATER))
    assert (result[247:250, 195:205] == result[247:250, 195:205, :1]).mean() < 0.9
    below = result[258:280, 180:220].astype(int)
    assert (below[..., 0] - below[..., 2]).mean() > 6  # the red disc, mirrored


def test_colours_and_numbers_in_the_words() -> None:
    box = (200, 20, 460, 140)
    for name, channel in (("a blue balloon", 2), ("a green balloon", 1)):
        plan = plan_of(name, box=box)
        rgb = np.asarray(ADD.apply(plan).images[0])
        changed = rgb[(rgb != plan.source).any(axis=2)]
        ball = changed[np.ptp(changed.astype(int), axis=1) > 60]
        assert (np.argmax(ball, axis=1) == channel).mean() > 0.6, name
    three = wanted(*asked("three balloons"))
    assert isinstance(three, Wanted) and three.many == 3
    assert isinstance(few := wanted(*asked("birds")), Wanted) and few.many == 3
    assert isinstance(one := wanted(*asked("a pair of sunglasses")), Wanted) and one.many == 1


def test_a_persons_cut_out_is_used() -> None:
    material = Image.fromarray(disc(200, (20, 200, 200)))
    plan = plan_of("my badge", material=material, click=(400, 250))
    result = np.asarray(ADD.apply(plan).images[0]).astype(int)
    there = result[(result != plan.source).any(axis=2)]
    assert "my badge" in plan.says and ((there[:, 1] - there[:, 0]) > 60).mean() > 0.4


def test_a_cut_out_before_a_plain_wall_is_cut_out() -> None:
    rgba = drawing(THINGS["apple"])
    alpha = rgba[..., 3:] / 255
    framed = np.full((rgba.shape[0] + 80, rgba.shape[1] + 80, 3), 235, np.uint8)
    framed[40:-40, 40:-40] = np.rint(rgba[..., :3] * alpha + 235 * (1 - alpha))
    found = wanted(*asked("this apple", material=Image.fromarray(framed)))
    assert isinstance(found, Wanted) and not found.cut_out(0, False).drawn
    cut = found.cut_out(0, False).rgba
    assert abs(cut.shape[0] - rgba.shape[0]) < 12 and abs(cut.shape[1] - rgba.shape[1]) < 12
    assert np.abs((cut[..., 3] > 127).mean() - (rgba[..., 3] > 127).mean()) < 0.05


@pytest.mark.parametrize(
    ("new", "fields", "reason", "step"),
    [
        ("a dragon", {}, "no picture of a dragon", "--with dragon.png"),
        ("freckles", {}, "no picture of freckles", "ask for one of: cat, dog"),
        ("a thing", {"material": Image.fromarray(meadow())}, "no transparent background", "PNG"),
        ("a thing", {"material": Image.new("RGBA", (50, 50))}, "almost wholly transparent", "shows the thing"),
        ("sunglasses", {}, "can't find a face", "draw a box"),
        (
            "a dog",
            {"click": (300, 250), "parameters": {"right": 1.0, "down": 1.0}},
            "outside the picture",
            "move it back",
        ),
    ],
)
def test_what_cannot_be_done_is_said(new: str, fields: dict[str, Any], reason: str, step: str) -> None:
    refusal = refused(new, **fields)
    assert reason in refusal.reason and step in refusal.next_step and str(refusal).endswith(".")


def test_it_can_be_stopped() -> None:
    plan = plan_of("three dogs")

    def stop(share: float) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        ADD.paint(plan, 0, stop)


def test_alpha_of_the_upload_comes_back() -> None:
    source = Image.fromarray(meadow()).convert("RGBA")
    source.putalpha(Image.linear_gradient("L").resize(source.size))
    result = ADD.apply(plan_of("a dog", source=source)).images[0]
    assert result.mode == "RGBA" and np.array_equal(np.asarray(result)[..., 3], np.asarray(source)[..., 3])
