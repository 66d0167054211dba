"""What a phrase asks for, and which of several candidates it means."""

import numpy as np
import pytest
from numpy.typing import NDArray

from omniedit.grounding.choose import chosen
from omniedit.grounding.view import Region
from omniedit.grounding.words import Kind, Place, wanted


@pytest.mark.parametrize(
    ("phrase", "kind", "noun", "colour"),
    [
        ("the red car", Kind.THING, "car", "red"),
        ("the car", Kind.THING, "car", None),
        ("a dark blue mug on the table", Kind.THING, "mug", "dark blue"),
        ("her emerald green dress", Kind.CLOTHES, "dress", "emerald green"),
        ("the wires in the sky", Kind.LINES, "wires", None),
        ("The power lines!", Kind.LINES, "lines", None),
        ("the woman's hair", Kind.HAIR, "hair", None),
        ("the face of the man on the left", Kind.FACE, "face", None),
        ("the colour of the sky", Kind.SKY, "sky", None),
        ("the people in the background", Kind.PERSON, "people", None),
        ("the background", Kind.BACKGROUND, "background", None),
        ("the red one", Kind.SUBJECT, "one", "red"),
        ("the coffee", Kind.THING, "coffee", None),  # a name of a colour, but here the thing
        ("the orange", Kind.SUBJECT, "thing", "orange"),
        ("the light bulb", Kind.LIGHTS, "bulb", None),
        ("the date stamp", Kind.TEXT, "date stamp", None),
        ("it", Kind.SUBJECT, "it", None),
    ],
)
def test_the_noun_its_kind_and_its_colour(phrase: str, kind: Kind, noun: str, colour: str | None) -> None:
    found = wanted(phrase)
    assert (found.kind, found.noun, found.colour_name) == (kind, noun, colour)
    assert (found.colour is None) == (colour is None)


@pytest.mark.parametrize(
    ("phrase", "place"),
    [
        ("the man on the left", Place(x=-1)),
        ("the lamp in the top right corner", Place(x=1, y=-1)),
        ("the leftmost cup", Place(x=-1)),
        ("the tree in the background", Place(depth=-1)),
        ("the biggest tree", Place(size=1)),
        ("the dog left of the car", Place()),  # where the car is, is not known
        ("the dog on the left of the picture", Place(x=-1)),
        ("the car", Place()),
    ],
)
def test_where_it_is_said_to_be(phrase: str, place: Place) -> None:
    assert wanted(phrase).place == place


def test_more_than_one_is_meant() -> None:
    for phrase in ("the balloons", "both men", "two dogs", "all the people", "everyone", "them"):
        assert wanted(phrase).several, phrase
    for phrase in ("the dress", "the glass", "the bus", "him", "the wire", "the grass"):
        assert not wanted(phrase).several, phrase


def test_words_without_meaning_do_no_harm() -> None:
    for phrase in ("", "  ", "the", "of of of", "'s", "🦊", "left", "on the left", "1234", "the " * 200):
        assert wanted(phrase).noun is not None


def square(x: int, y: int, side: int = 10, score: float = 0.9, weight: float = 1.0) -> Region:
    mask: NDArray[np.bool_] = np.zeros((100, 150), np.bool_)
    mask[y : y + side, x : x + side] = True
    return Region(mask, score, "a thing", weight)


LEFT, MIDDLE, RIGHT = square(5, 50), square(70, 45, 14), square(130, 60, 20)


@pytest.mark.parametrize(
    ("phrase", "meant"),
    [
        ("the cup on the left", LEFT),
        ("the cup on the right", RIGHT),
        ("the cup in the middle", MIDDLE),
        ("the biggest cup", RIGHT),
        ("the small cup", LEFT),
        ("the cup in the background", LEFT),
    ],
)
def test_the_place_chooses(phrase: str, meant: Region) -> None:
    assert chosen([LEFT, MIDDLE, RIGHT], wanted(phrase)) == [meant]


def test_of_equal_ones_none_is_sure_and_a_plural_means_all() -> None:
    asked = chosen([LEFT, RIGHT], wanted("the cup"))
    assert len(asked) == 2 and all(region.score < 0.5 for region in asked)
    both = chosen([LEFT, RIGHT], wanted("the cups"))
    assert len(both) == 1 and both[0].score == 0.9
    assert np.array_equal(both[0].mask, LEFT.mask | RIGHT.mask)


def test_what_hardly_counts_is_no_rival() -> None:
    speck = square(100, 10, 3, weight=0.1)
    assert chosen([LEFT, speck], wanted("the cup")) == [LEFT]


def test_a_lone_one_on_the_other_side_is_not_meant() -> None:
    assert chosen([RIGHT], wanted("the cup on the left")) == []
    assert chosen([MIDDLE], wanted("the cup on the left")) == [MIDDLE]
    assert chosen([], wanted("the cup")) == []
