"""The environment specialist: what each light, weather and season does to sky, ground, things and people."""

from dataclasses import replace
from typing import cast

import cv2
import numpy as np
import pytest
from PIL import Image

from omniedit.errors import Cancelled
from omniedit.specialists.base import Plan, Refusal
from omniedit.specialists.environment import LOOKS, NO_GROUND, NO_LEAVES, NO_SKY, NO_SKY_HERE, Environment
from omniedit.specialists.weather.falling import flakes
from omniedit.specialists.weather.recipe import Turn
from omniedit.specialists.weather.scene import Scene, read_scene
from omniedit.types import EditRequest, Intent, Parameter, Progress, Task
from tests.memory import GIB, counted_in_kb, memory_of
from tests.outdoors import (
    BUSH,
    GRASS,
    HEIGHT,
    HORIZON,
    KINDS,
    ROOF,
    SKY,
    WALL,
    WIDTH,
    colour,
    contrast,
    edges_kept,
    edited,
    light,
    looked_at,
    made,
    mixed,
    outdoors,
    photo,
    planned,
)


def test_every_kind_of_the_vocabulary_is_there() -> None:
    assert tuple(LOOKS) == KINDS and Environment.knobs[0].choices == KINDS


@pytest.mark.parametrize(("parameters", "value"), [({}, None), ({"kind": "tornado"}, None), ({}, "on mars")])
def test_what_is_unknown_is_refused_with_what_there_is(parameters: dict[str, Parameter], value: str | None) -> None:
    request = EditRequest(Image.fromarray(outdoors()), "make it so")
    refused = Environment().prepare(request, Intent(Task.ENVIRONMENT, "so", value=value, parameters=parameters))
    assert isinstance(refused, Refusal) and all(kind in str(refused) for kind in KINDS)
    asked = parameters.get("kind", value)
    assert asked is None or str(asked) in refused.reason


@pytest.mark.parametrize("kind", KINDS)
def test_strength_nought_is_the_source_and_a_little_changes_little(kind: str) -> None:
    source = outdoors()
    assert np.array_equal(made(source, kind, amount=0.0), source)
    results = made(source, kind, amount=0.03), made(source, kind, amount=0.5), edited(kind)
    little, half, whole = (np.abs(result.astype(int) - source).mean() for result in results)
    assert little < 6 and little < half < whole and whole > 8


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_gives_a_variant_that_a_person_sees(kind: str) -> None:
    difference = np.abs(edited(kind).astype(int) - edited(kind, seed=1))
    assert difference.mean() > 1.5 and (difference.max(axis=2) > 10).mean() > 0.03


@pytest.mark.parametrize("kind", ["night", "storm", "snow"])
def test_a_seed_gives_the_same_again(kind: str) -> None:
    assert np.array_equal(edited(kind), made(outdoors(), kind))


@pytest.mark.parametrize("kind", KINDS)
def test_odd_sizes_and_flat_pictures(kind: str) -> None:
    for size in ((16, 16), (33, 17), (160, 16), (131, 203)):
        source = np.asarray(cv2.resize(outdoors(), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        result = made(source, kind)
        assert result.shape == source.shape and (result != source).any()
    for level in (0, 255):
        assert made(np.full((48, 64, 3), level, np.uint8), kind).shape == (48, 64, 3)


@pytest.mark.parametrize("kind", ["night", "fog", "snow"])
def test_only_the_painted_part_changes_and_it_fades_in(kind: str) -> None:
    source = outdoors()
    mask = np.zeros(source.shape[:2], np.uint8)
    mask[100:260, 100:300] = 255
    plan = planned(source, kind, mask=Image.fromarray(mask))
    result = np.asarray(Environment().apply(plan).images[0])
    assert np.array_equal(result[mask == 0], source[mask == 0])
    changed = np.abs(result.astype(int) - source).sum(axis=2)
    assert (
        changed[150:250, 150:250].mean() > 15
        and changed[101:103, 110:290].mean() < 0.6 * changed[112:116, 110:290].mean()
    )


def test_the_sky_is_found_and_no_wall_and_no_fur_is_taken_for_it() -> None:
    scene = read_scene(outdoors())
    assert scene.sky is not None and abs(scene.sky.horizon - 0.5) < 0.03
    assert scene.sky.alpha[SKY].min() == 1 and scene.sky.alpha[GRASS].max() == 0 and scene.sky.alpha[WALL].max() == 0
    assert read_scene(photo("rocket.jpg")).sky is not None
    for name in ("astronaut.jpg", "chelsea.jpg", "coffee.jpg", "brick.jpg", "grass.jpg", "gravel.jpg", "hubble.jpg"):
        assert read_scene(photo(name)).sky is None, name


def test_a_sky_behind_things_is_found_in_all_its_parts() -> None:
    source = outdoors().copy()
    source[:HORIZON, 200:206] = source[60:66, 206:250] = (40, 38, 36)  # posts and a beam divide the sky into parts
    sky = read_scene(source).sky
    assert sky is not None
    for part in (np.s_[10:95, 140:195], np.s_[10:55, 212:240], np.s_[72:140, 212:244], np.s_[75:120, 270:300]):
        assert sky.alpha[part].mean() > 0.98


def test_a_portrait_is_told_that_no_sky_was_found_and_keeps_its_face() -> None:
    source = photo("astronaut.jpg")
    face = np.s_[40:110, 140:200]
    plan = planned(source, "night")
    assert NO_SKY_HERE in planned(source, "rain").notes
    assert NO_SKY in plan.notes and "sky changes" not in plan.says and plan.confidence < 0.9
    for kind in ("night", "sunset", "fog", "rain", "snow", "autumn"):
        kept = edges_kept(source, made(source, kind), face)
        assert kept > (0.6 if kind in ("rain", "snow") else 0.8), kind


def test_the_plan_says_what_will_happen_and_what_is_missing() -> None:
    plan = planned(outdoors(), "fog")
    assert isinstance(plan.work, Scene) and plan.mask is None and plan.confidence > 0.9
    assert "foggy" in plan.says and "sky changes" in plan.says and any("guess" in note for note in plan.notes)
    desert = outdoors()[:, :300].copy()
    desert[HORIZON:] = (np.array([196, 164, 120]) + mixed(1, desert.shape[:2], 1, 6)[HORIZON:]).astype(np.uint8)
    assert NO_LEAVES in planned(desert, "autumn").notes and NO_LEAVES not in planned(outdoors(), "autumn").notes
    sky_only = outdoors()[:100, 150:250]
    assert NO_GROUND in planned(sky_only, "snow").notes and NO_GROUND not in planned(outdoors(), "snow").notes


def test_night_darkens_the_sky_more_than_the_lamps() -> None:
    source = photo("rocket.jpg")
    night = made(source, "night")
    lamps = source.min(axis=2) > 235
    lamps[:200] = False
    sky = np.s_[20:120, 90:180]
    assert lamps.sum() > 20
    assert light(night, sky) < 0.5 * light(source, sky)
    assert light(night, lamps) > 0.8 * light(source, lamps)


def test_night_is_dark_and_blue_with_windows_lit() -> None:
    source, night = outdoors(), edited("night")
    for part in (SKY, GRASS, WALL):
        assert light(night, part) < 0.25 * light(source, part)
        assert colour(night, part)[2] < colour(source, part)[2] - 0.01 or colour(night, part)[2] < 0
    windows = np.s_[132:148, 58:70], np.s_[132:148, 98:110]
    assert any(light(edited("night", seed), part) > 3 * light(source, part) for part in windows for seed in (0, 1))


def test_a_low_sun_warms_the_horizon_more_than_the_zenith() -> None:
    for kind in ("sunset", "golden hour", "dawn"):
        after = edited(kind)
        high, low = colour(after, np.s_[5:25, 160:240]), colour(after, np.s_[120:145, 160:240])
        assert low[2] > high[2] + 0.03 and low[0] > high[0], kind
        assert colour(after, SKY)[1] > colour(outdoors(), SKY)[1], kind  # less green, more red
    for kind in ("sunset", "golden hour"):
        red, _, blue = (edited(kind)[GRASS].mean(axis=(0, 1)) / outdoors()[GRASS].mean(axis=(0, 1))).tolist()
        assert red > 1.15 * blue, kind


def test_overcast_is_grey_and_flat_and_sunny_is_blue_and_firm() -> None:
    source, grey = outdoors(), edited("overcast")
    assert np.hypot(*colour(grey, SKY)[1:]) < 0.4 * np.hypot(*colour(source, SKY)[1:])
    lit, shaded = np.s_[230:295, 20:400], np.s_[132:148, 58:70]  # the grass, and the dark window
    assert light(grey, lit) / light(grey, shaded) < 0.9 * light(source, lit) / light(source, shaded)
    closed = outdoors().copy()
    closed[:HORIZON][read_scene(closed).things[:HORIZON] < 0.5] = (196, 198, 200)
    sunny = made(closed, "sunny")
    assert colour(sunny, SKY)[2] < colour(closed, SKY)[2] - 0.04 and light(sunny, GRASS) > light(closed, GRASS)


def test_fog_takes_more_of_what_is_far_than_of_what_is_near() -> None:
    source = outdoors().copy()
    stripes = (np.arange(WIDTH) // 6 % 2 * 60 - 30).astype(int)[None, :, None]
    source[HORIZON + 4 :] = np.clip(source[HORIZON + 4 :].astype(int) + stripes, 0, 255)
    scene = read_scene(source)
    column = cv2.blur(scene.distance[HORIZON + 5 :, 180:181], (1, 9))[:, 0]
    assert column[0] > 0.6 and column[-1] < 0.3 and (np.diff(column) < 0.01).all() and scene.distance[SKY].min() > 0.99
    foggy = made(source, "fog")
    far, near = np.s_[HORIZON + 6 : HORIZON + 26, 270:400], np.s_[270:298, 150:400]
    kept = [contrast(foggy, part) / contrast(source, part) for part in (far, near)]
    assert kept[0] < 0.45 and kept[1] > 1.6 * kept[0]
    thick = made(source, "fog", density=2.0)
    assert contrast(thick, near) < 0.9 * contrast(foggy, near)


@pytest.mark.parametrize("kind", ["snow", "winter"])
def test_snow_lies_on_the_ground_and_on_tops_and_not_on_walls(kind: str) -> None:
    source, snowy = outdoors(), edited(kind)
    gain = {name: light(snowy, part) - light(source, part) for name, part in {"grass": GRASS, "roof": ROOF}.items()}
    wall = light(snowy, WALL) - light(source, WALL)
    assert gain["grass"] > 0.25 and gain["roof"] > 0.12 and wall < 0.5 * min(gain.values())
    assert np.hypot(*colour(snowy, GRASS)[1:]) < 0.35 * np.hypot(*colour(source, GRASS)[1:])


def test_snow_leaves_water_and_faces_alone() -> None:
    sea = outdoors().copy()
    sea[HORIZON:, 150:] = (np.array([40, 96, 140]) + mixed(6, (HEIGHT, WIDTH), 1, 5)[HORIZON:, 150:]).astype(np.uint8)
    water = np.s_[200:290, 170:400]
    assert light(made(sea, "winter"), water) < 2 * light(sea, water)
    source = photo("astronaut.jpg")
    face = np.s_[50:100, 150:190]
    assert abs(light(made(source, "winter"), face) - light(source, face)) < 0.12


def test_snow_before_a_close_up_leaves_the_eyes_to_be_seen() -> None:
    source = photo("chelsea.jpg")
    snowy = made(source, "snow")
    for eye in (np.s_[75:130, 112:180], np.s_[95:140, 255:305]):
        assert edges_kept(source, snowy, eye) > 0.8
    scene, outside = (cast(Scene, looked_at(rgb.tobytes(), rgb.shape).work) for rgb in (source, outdoors()))
    assert outside.sky is not None
    sky = replace(outside.sky, alpha=np.zeros(scene.shape, np.float32))
    close, wide = (
        sum(float((plane.level > 40).mean()) for plane in flakes(seen, Turn(1, 1, 0)))
        for seen in (scene, replace(scene, sky=sky))  # the same under a sky
    )
    assert 0.1 * wide < close < 0.5 * wide


def test_near_flakes_are_softer_than_those_behind_them() -> None:
    planes = flakes(cast(Scene, looked_at(outdoors().tobytes(), outdoors().shape).work), Turn(1, 1, 0))
    steep = [float(np.abs(np.diff(plane.level.astype(float), axis=1)).max()) for plane in planes]
    assert steep[-1] < 0.35 * steep[1] and planes[-1].opacity < planes[1].opacity


def test_rain_falls_in_streaks_and_wets_the_ground() -> None:
    source = outdoors()
    light_rain, heavy_rain = made(source, "rain", density=0.2), made(source, "rain", density=2.0)
    extra = (heavy_rain.astype(float) - light_rain)[..., 1]
    fine = (extra - cv2.GaussianBlur(extra, (0, 0), 6))[160:290, 150:400]
    down, across = (np.corrcoef(fine.ravel(), np.roll(fine, 3, axis=axis).ravel())[0, 1] for axis in (0, 1))
    assert down > across + 0.15
    assert light(edited("rain"), GRASS) < 0.8 * light(source, GRASS)
    road = source.copy()
    road[HORIZON + 4 :] = (126, 124, 122)
    road[HORIZON + 4 :] += (np.arange(HEIGHT - HORIZON - 4) % 2).astype(np.uint8)[:, None, None]
    wet = made(road, "rain", density=0.2)
    before_hut, before_sky = np.s_[165:190, 45:125], np.s_[165:190, 150:240]
    assert light(wet, before_hut) < 0.85 * light(wet, before_sky)


def test_storm_is_darker_than_overcast_and_has_structure() -> None:
    storm, grey = edited("storm"), edited("overcast")
    assert light(storm, SKY) < 0.5 * light(grey, SKY)
    relief = [cv2.GaussianBlur(rgb, (0, 0), 4)[SKY][..., 1].astype(float) for rgb in (storm, outdoors())]
    flat = [rows - rows.mean(axis=1, keepdims=True) for rows in relief]  # what a gradient does not explain
    assert flat[0].std() / relief[0].mean() > 5 * flat[1].std() / relief[1].mean()


def test_autumn_turns_leaves_and_leaves_skin_and_walls_alone() -> None:
    source = outdoors().copy()
    skin = np.hypot(np.arange(WIDTH)[None] - 200, np.arange(HEIGHT)[:, None] - 200) < 16
    source[skin] = (224, 172, 145)
    after = made(source, "autumn")
    hue = {
        name: np.degrees(np.arctan2(*colour(rgb, BUSH)[:0:-1])) for name, rgb in {"was": source, "is": after}.items()
    }
    assert hue["was"] > 115 and hue["is"] < 95
    for part in (skin, WALL):
        assert np.hypot(*(colour(after, part) - colour(source, part))[1:]) < 0.03
    assert read_scene(source).leaves[skin].max() < 0.1


def test_each_season_has_its_own_leaves() -> None:
    seasons = {kind: colour(edited(kind), BUSH) for kind in ("spring", "summer", "autumn", "winter")}
    assert seasons["spring"][0] > seasons["summer"][0]
    assert seasons["autumn"][1] > max(seasons["spring"][1], seasons["summer"][1]) + 0.04
    assert np.hypot(*seasons["winter"][1:]) < 0.6 * min(np.hypot(*seasons[kind][1:]) for kind in ("spring", "summer"))


@pytest.mark.parametrize("kind", ("sunset", "golden hour", "overcast", "sunny", "spring", "summer", "autumn"))
def test_the_structure_of_near_things_is_kept(kind: str) -> None:
    for part in (GRASS, np.s_[112:214, 42:128]):
        assert edges_kept(outdoors(), edited(kind), part) > 0.85


def test_dark_things_before_the_sky_keep_no_rim_of_the_old_one() -> None:
    large = np.asarray(cv2.resize(outdoors(), None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    night = made(large, "night").astype(float).mean(axis=2)
    profile = np.median(night[250:500], axis=0)[1170:1360]  # across the mast, which is 30 pixels wide there
    sky = np.median(np.r_[profile[:40], profile[-40:]])
    assert profile.min() < sky and profile.max() < sky + 12


def test_new_skies_have_no_steps() -> None:
    smooth = np.asarray(cv2.resize(outdoors()[:100, 150:240], (900, 1000), interpolation=cv2.INTER_CUBIC))
    night = made(cv2.GaussianBlur(smooth, (0, 0), 9), "night")
    column = night[:, 450].astype(int)
    steps = np.flatnonzero(np.abs(np.diff(column)).sum(axis=1))
    assert np.diff(steps).max() < 40 and len(steps) > 200


def test_the_sky_can_be_kept() -> None:
    source = outdoors()
    kept = made(source, "night", sky="stays")
    assert np.abs(kept[SKY].astype(int) - source[SKY]).mean() < 1 and light(kept, GRASS) < 0.3 * light(source, GRASS)
    request = EditRequest(Image.fromarray(source), "make it night but don't touch the sky")
    intent = Intent(Task.ENVIRONMENT, "night", keep=("the sky",), parameters={"kind": "night"})
    plan = Environment().prepare(request, intent)
    assert isinstance(plan, Plan) and plan.parameters["sky"] == "stays" and "sky changes" not in plan.says


def test_a_stop_is_heeded_and_alpha_is_kept() -> None:
    def stop(progress: Progress) -> None:
        if progress.step > progress.steps // 3:
            raise Cancelled("The edit was stopped.")

    with pytest.raises(Cancelled):
        Environment().apply(planned(outdoors(), "rain"), stop)
    image = Image.fromarray(outdoors())
    image.putalpha(Image.fromarray(np.linspace(0, 255, WIDTH).astype(np.uint8)[None].repeat(HEIGHT, 0)))
    plan = Environment().prepare(EditRequest(image, "fog"), Intent(Task.ENVIRONMENT, "fog", parameters={"kind": "fog"}))
    assert isinstance(plan, Plan)
    result = Environment().apply(plan).images[0]
    assert result.mode == "RGBA" and np.array_equal(np.asarray(result)[..., 3], np.asarray(image)[..., 3])


BEFORE = """
import cv2
from PIL import Image
from omniedit.specialists.environment import Environment
from omniedit.types import EditRequest, Intent, Task
small = np.random.default_rng(0).integers(0, 255, (30, 40, 3), dtype=np.uint8)
small[:14] = (110, 160, 220)
image = Image.fromarray(cv2.resize(small, (4000, 3000), interpolation=cv2.INTER_CUBIC))
"""
MEASURED = """
for kind in ("night", "snow"):
    intent = Intent(Task.ENVIRONMENT, kind, parameters={"kind": kind})
    plan = Environment().prepare(EditRequest(image, kind), intent)
    Environment().apply(plan)
"""


@pytest.mark.slow
@counted_in_kb
def test_12_megapixels_within_little_memory() -> None:
    assert memory_of(MEASURED, BEFORE) < GIB
