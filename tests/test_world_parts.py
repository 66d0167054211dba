"""The world's parts: vocabulary, sprites, materials, backgrounds and effects."""

from itertools import combinations

import numpy as np
import pytest

from omniedit.colour import from_oklab, to_oklab
from omniedit.errors import BadInput
from training.world import backgrounds, effects, vocabulary
from training.world.sprites import SPRITE_SIDE, SPRITES, canonical, drawings, sprite


@pytest.mark.parametrize("table", [vocabulary.OBJECTS, vocabulary.COLOURS], ids=["objects", "colours"])
def test_no_word_means_two_entries(table):
    words = [word for name, entry in table.items() for word in (name, *entry.synonyms)]
    assert len(words) == len(set(words))


def test_every_object_has_two_to_five_synonyms_without_a_colour():
    colours = {word for name, entry in vocabulary.COLOURS.items() for word in (name, *entry.synonyms)}
    for spec in vocabulary.OBJECTS.values():
        assert 2 <= len(spec.synonyms) <= 5, spec.name
        assert not colours & {word for synonym in spec.synonyms for word in synonym.split()}, spec.name


def test_every_object_has_both_drawings_and_no_other_is_shipped():
    shipped = {f"{path.parent.name}/{path.stem}" for path in SPRITES.glob("*/*.png")}
    assert shipped == {drawing for name in vocabulary.OBJECTS for drawing in drawings(name)}
    for drawing in shipped:
        picture = sprite(drawing)
        assert picture.dtype == np.uint8 and picture.shape[2] == 4
        assert max(picture.shape[:2]) == SPRITE_SIDE
        assert (picture[..., 3] > 200).mean() > 0.1, drawing


def test_oklab_round_trip():
    rgb = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert np.abs(from_oklab(to_oklab(rgb)).astype(int) - rgb).max() <= 1


@pytest.mark.parametrize("name", ["car", "cat", "hat", "ghost", "balloon", "key"])
def test_a_recoloured_thing_is_nearest_to_its_colour_and_keeps_its_shape(name):
    palette = {colour: to_oklab(np.array(entry.rgb, np.uint8)) for colour, entry in vocabulary.COLOURS.items()}
    natural = sprite(canonical(name))
    for colour, target in palette.items():
        picture = sprite(canonical(name), colour)
        assert np.array_equal(picture[..., 3], natural[..., 3])
        changed = (picture[..., 3] > 200) & (picture[..., :3] != natural[..., :3]).any(-1)
        got = np.median(to_oklab(picture[changed][:, :3]), axis=0)
        assert np.linalg.norm(got - target) < 0.2, colour
        if np.hypot(*target[1:]) > 0.06:
            turn = np.arctan2(got[2], got[1]) - np.arctan2(target[2], target[1])
            assert abs((turn + np.pi) % (2 * np.pi) - np.pi) < 0.35, colour
        assert picture[..., :3][natural[..., 3] > 200].std() > 3, colour


def test_materials_differ_from_each_other_and_keep_the_size():
    pictures = [sprite("noto/cat", None, material) for material in (None, *vocabulary.MATERIALS)]
    inside = pictures[0][..., 3] > 200
    for first, second in combinations(pictures, 2):
        assert first.shape == second.shape
        assert np.abs(first[inside].astype(int) - second[inside]).mean() > 12


def test_sprites_are_cached_and_cannot_be_spoiled():
    assert sprite("fluent/dog", "red") is sprite("fluent/dog", "red")
    with pytest.raises(ValueError):
        sprite("fluent/dog", "red")[0, 0] = 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: sprite("noto/unicorn"),
        lambda: sprite("other/cat"),
        lambda: sprite("noto/cat", "teal"),
        lambda: sprite("noto/cat", None, "paper"),
        lambda: backgrounds.paint("volcano", 64, 64),
        lambda: backgrounds.paint("beach", 0, 64),
        lambda: effects.environment(np.zeros((8, 8, 3), np.uint8), "hail"),
        lambda: effects.style(np.zeros((8, 8, 3), np.uint8), "cubism"),
    ],
)
def test_unknown_names_are_refused_with_a_sentence(call):
    with pytest.raises(BadInput, match=r"\.$"):
        call()


@pytest.mark.parametrize("name", backgrounds.NAMES)
def test_backgrounds_fill_every_size_and_repeat(name):
    for width, height in ((128, 128), (224, 128), (128, 224), (48, 33)):
        picture = backgrounds.paint(name, width, height, 3)
        assert picture.shape == (height, width, 3) and picture.dtype == np.uint8
        assert np.array_equal(picture, backgrounds.paint.__wrapped__(name, width, height, 3))
        if not name.startswith("photo:"):
            assert (picture.max(axis=2) > 5).all(), "an unpainted pixel"


def test_backgrounds_stay_themselves_over_seeds_and_differ_from_each_other():
    names = list(vocabulary.BACKGROUNDS)
    first = [backgrounds.paint(name, 64, 64, 0).astype(int) for name in names]
    for name, plain in zip(names, first, strict=True):
        others = [backgrounds.paint(name, 64, 64, seed).astype(int) for seed in range(1, 4)]
        within = max(np.abs(plain - other).mean() for other in others)
        between = min(np.abs(plain - picture).mean() for picture in first if picture is not plain)
        assert 0 < within < between, name


def _scene() -> np.ndarray:
    picture = backgrounds.paint("park", 96, 80, 0).copy()
    picture[20:60, 30:70] = (200, 40, 40)
    return picture


def test_effects_are_visible_distinct_and_repeatable():
    source = _scene()
    results = [effects.environment(source, name) for name in vocabulary.ENVIRONMENTS]
    results += [effects.style(source, name) for name in vocabulary.STYLES]
    again = [effects.environment(source, name) for name in vocabulary.ENVIRONMENTS]
    again += [effects.style(source, name) for name in vocabulary.STYLES]
    for result, repeat in zip(results, again, strict=True):
        assert result.shape == source.shape and result.dtype == np.uint8
        assert np.array_equal(result, repeat)
    for one, other in combinations([source, *results], 2):
        assert np.abs(one.astype(int) - other).mean() > 6
    assert np.array_equal(source, _scene())


def test_snow_falls_at_the_same_places_whatever_the_seed():
    black = np.zeros((64, 96, 3), np.uint8)
    first, second = (effects.environment(black, "snowy", seed).mean(-1) for seed in (0, 9))
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("size", [(16, 16), (33, 70), (400, 250)])
def test_effects_take_any_size(size):
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    for name in vocabulary.ENVIRONMENTS:
        assert effects.environment(picture, name, 1).shape == picture.shape
    for name in vocabulary.STYLES:
        assert effects.style(picture, name).shape == picture.shape


def test_effects_know_the_whole_vocabulary():
    assert set(effects._ENVIRONMENTS) == set(vocabulary.ENVIRONMENTS)
    assert set(effects._STYLES) == set(vocabulary.STYLES)
    assert set(backgrounds._SETTINGS) == set(vocabulary.BACKGROUNDS)
    assert {path.stem for path in backgrounds.PHOTOS_FOLDER.glob("*.jpg")} == set(backgrounds.PHOTOS)
