"""The bundled things: each has its drawings, each word means one thing, and words that name none are not guessed at."""

import numpy as np
import pytest

from omniedit.settings import assets_dir
from omniedit.sprites import OFTEN, THINGS, Stance, described, drawing, head_noun, is_plural, named
from training.world.vocabulary import OBJECTS

FOLDER = assets_dir() / "sprites" / "things"


def test_every_thing_has_its_drawings_and_there_are_no_others() -> None:
    wanted = {file for thing in THINGS.values() for file in (*thing.drawings, *filter(None, [thing.aloft]))}
    assert wanted == {path.stem for path in FOLDER.glob("*.webp")}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 4 * 2**20


def test_drawings_are_cut_out_and_trimmed() -> None:
    for thing in THINGS.values():
        for which in range(len(thing.drawings)):
            rgba = drawing(thing, which)
            seen = rgba[..., 3] > 8
            assert rgba.dtype == np.uint8 and rgba.shape[2] == 4 and max(rgba.shape[:2]) >= 120, thing.name
            assert seen.any(axis=1)[[0, -1]].all() and seen.any(axis=0)[[0, -1]].all(), thing.name
            assert 0.02 < seen.mean() < 1.0, thing.name
    assert drawing(THINGS["bird"], 0, aloft=True).shape != drawing(THINGS["bird"], 0).shape


def test_a_boat_brings_no_sea_of_its_own() -> None:
    lowest = drawing(THINGS["boat"])[-4:]
    solid = lowest[lowest[..., 3] > 200].astype(int)
    assert (solid[:, 0] > solid[:, 2]).mean() > 0.6  # the red hull, not blue waves


def test_each_word_means_one_thing() -> None:
    words = [word for thing in THINGS.values() for word in (thing.name, *thing.words)]
    assert len(words) == len(set(words)) and all(word == word.lower().strip() for word in words)
    assert all(name in THINGS for name in OFTEN)


def test_sizes_suit_what_they_measure() -> None:
    for thing in THINGS.values():
        assert thing.size is not None
        high = {Stance.SKY: 0.6, Stance.HEAD: 2.5, Stance.EYES: 1.5, Stance.NECK: 1.5}.get(thing.stance, 60)
        assert 0.02 < thing.size <= high, thing.name
    assert THINGS["elephant"].size > THINGS["dog"].size > THINGS["mouse"].size  # type: ignore[operator]


def test_the_words_of_the_training_world_are_known() -> None:
    for spec in OBJECTS.values():
        for word in (spec.name, *spec.synonyms):
            thing = named(word)
            assert thing is not None and thing.name == spec.name, word


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("two big red balloons with strings", "balloon"),
        ("A cat sleeping on the sofa", "cat"),
        ("some birds flying", "bird"),
        ("kittens", "cat"),
        ("a pair of sunglasses", "sunglasses"),
        ("a cup of hot tea", "cup"),
        ("corn on the cob", "corn"),
        ("a bunch of keys!", "key"),
        ("my little brother's bike", "bicycle"),
        ("wolves", "wolf"),
        ("a hot dog", "hot dog"),
        ("the police car", "police car"),
        ("a dog there please", "dog"),
    ],
)
def test_words_name_things(words: str, name: str) -> None:
    thing = named(words)
    assert thing is not None and thing.name == name


@pytest.mark.parametrize("words", ["a dragon", "cat food", "the man", "", "a car wash", "dogma", "steam", "a tattoo"])
def test_words_that_name_no_thing_are_not_guessed_at(words: str) -> None:
    assert named(words) is None


def test_what_is_said_of_a_thing_is_told_from_its_name() -> None:
    found = described("two big red balloons in the sky")
    assert found is not None and found[0].name == "balloon" and found[1] == "two big red"
    orange = described("an orange")
    assert orange is not None and orange[1] == ""
    assert head_noun("the Cat on the sofa") == "cat"


def test_several_are_told_from_one() -> None:
    assert is_plural("balloons") and is_plural("birds in the sky")
    assert not any(is_plural(words) for words in ("glasses", "a dress", "a pair of sunglasses", "grapes", "a balloon"))
