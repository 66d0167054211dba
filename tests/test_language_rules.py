"""The rules over what the tagger read, each by what it makes of a draft."""

import pytest

from omniedit.language import parse
from omniedit.language.rules import Draft, apply_rules
from omniedit.language.several import parts_of
from omniedit.types import Intent, Task


def ruled(task: Task, text: str, prior: Intent | None = None, followup: bool = False, **slots: str) -> Draft:
    return apply_rules(Draft(task, text, text, prior=prior, followup=followup, **slots))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "target", "place"),
    [
        ("put the cat in the snow", "the cat", "the snow"),
        ("put him on a beach please", "him", "a beach"),
        ("could you stick us in the rain?", "us", "the rain"),
    ],
)
def test_what_is_put_into_a_scene_gets_that_scene_behind_it(text: str, target: str, place: str) -> None:
    for task in (Task.ENVIRONMENT, Task.ADDITION):
        draft = ruled(task, text, target=target)
        assert (draft.task, draft.target, draft.value, draft.new) == (Task.BACKGROUND, target, place, None)


@pytest.mark.parametrize(
    "text", ["put a cat in the snow", "put the hat on his head in the snow", "put the cup on the table"]
)
def test_a_new_thing_is_still_added(text: str) -> None:
    assert ruled(Task.ADDITION, text, new="a cat").task is Task.ADDITION


@pytest.mark.parametrize(
    ("text", "target", "value"),
    [
        ("make the sky stormy", "the sky", "stormy"),
        ("make the garden look like spring", "the garden", "spring"),
        ("make the old town foggy", "the old town", "foggy"),
    ],
)
def test_weather_of_a_part_of_the_scene_names_that_part(text: str, target: str, value: str) -> None:
    draft = ruled(Task.ENVIRONMENT, text, value=value)
    assert (draft.task, draft.target, draft.value) == (Task.ENVIRONMENT, target, value)


def test_a_sky_of_a_colour_is_no_weather_and_the_weather_is_no_part() -> None:
    assert ruled(Task.ATTRIBUTE, "make the sky bluer", target="the sky", value="bluer").task is Task.ATTRIBUTE
    assert ruled(Task.ATTRIBUTE, "make the sky stormy", target="the sky", value="stormy").task is Task.ENVIRONMENT
    assert ruled(Task.ENVIRONMENT, "make the weather stormy", value="stormy").target is None


@pytest.mark.parametrize(
    ("text", "target", "value", "wanted"),
    [
        ("iron the creases in his sleeve", "the creases in his sleeve", None, "iron"),
        ("could you please turn on the lamp", "the lamp", None, "turn on"),
        ("turn on the lamp in the hall", "the lamp in the hall", "turn on the lamp", "turn on"),
        ("make the lamp", "the lamp", None, None),
    ],
)
def test_the_verb_says_what_becomes_of_a_thing(text: str, target: str, value: str | None, wanted: str | None) -> None:
    draft = apply_rules(Draft(Task.ATTRIBUTE, text, text, target=target, value=value))
    assert (draft.target, draft.value) == (target, wanted)


@pytest.mark.parametrize(
    ("text", "read", "whole"),
    [
        ("remove the chap in the hi-vis over there", "the chap in the hi-", "the chap in the hi-vis"),
        ("lose the lady walking past the window", "the lady walking past", "the lady walking past the window"),
        ("remove the lady walking past", "the lady walking past", "the lady walking past"),
        ("keep me, everybody else out", "everybody", "everybody else"),
        ("remove the handle of the door", "the handle of the", "the handle of the door"),
    ],
)
def test_no_phrase_stops_in_its_midst(text: str, read: str, whole: str) -> None:
    assert ruled(Task.REMOVAL, text, target=read).target == whole


@pytest.mark.parametrize(
    ("task", "text", "who"),
    [
        (Task.BACKGROUND, "put her in a library", "her"),
        (Task.STYLE, "turn me into an anime character", "me"),
        (Task.ADDITION, "then give me a beard", "me"),
        (Task.STYLE, "turn it into an oil painting", None),
        (Task.BACKGROUND, "put a forest in the background", None),
    ],
)
def test_who_is_put_turned_or_given_is_named(task: Task, text: str, who: str | None) -> None:
    assert ruled(task, text).target == who


def test_what_is_left_out_of_everything_is_the_subject() -> None:
    text = "blur everything except the bride"
    draft = apply_rules(Draft(Task.BACKGROUND, text, text, value="blur", keep=("the bride",)))
    assert (draft.target, draft.keep) == ("the bride", ())


def test_what_is_kept_is_a_thing() -> None:
    text = "night, with the shop windows left as they are"
    assert ruled(Task.ENVIRONMENT, text, value="night").keep == ("the shop windows",)
    text = "don't change anything but the boat"
    assert apply_rules(Draft(Task.ATTRIBUTE, text, text, target="the boat", keep=("anything",))).keep == ()


def test_the_same_is_the_value_of_the_edit_before() -> None:
    prior = Intent(Task.ATTRIBUTE, "paint the table green", target="the table", value="green")
    draft = ruled(Task.ATTRIBUTE, "do the same to the chairs", prior, True, target="the chairs")
    assert draft.value == "green"


def test_that_one_too_is_another_thing() -> None:
    prior = Intent(Task.REMOVAL, "remove the bin", target="the bin")
    assert ruled(Task.REMOVAL, "that one too", prior, True, target="that one").target == "that one"
    assert ruled(Task.REMOVAL, "remove that one", prior, True, target="that one").target == "the bin"


def test_it_is_put_into_a_scene_after_a_swap() -> None:
    prior = Intent(Task.SWAP, "turn the dog into a lion", target="the dog", new="a lion")
    assert ruled(Task.BACKGROUND, "put it in the savannah", prior, target="it", value="the savannah").target == "a lion"
    assert ruled(Task.BACKGROUND, "a beach please", prior, value="a beach").target is None


def test_the_verb_of_removal_says_it_whatever_the_thing_is() -> None:
    assert (parse("remove the theremin").task, parse("remove the theremin").target) == (Task.REMOVAL, "the theremin")
    assert parse("remove this").task is None, "no thing is named"


def test_a_person_is_told_from_the_place_and_from_the_gift() -> None:
    assert (parse("put her on a beach").target, parse("put her on a beach").value) == ("her", "a beach")
    assert (parse("give her a hat").target, parse("give her a hat").new) == ("her", "a hat")


def test_a_line_break_parts_two_edits_and_no_edit_begins_with_its_joint() -> None:
    for words in (
        "remove the ball\nmake it night",
        "remove the ball.\r\nmake it night",
        "remove the ball and make it night",
    ):
        read = parse(words)
        assert (read.task, read.target) == (Task.REMOVAL, "the ball"), words
        assert [(step.task, step.text) for step in read.then] == [(Task.ENVIRONMENT, "make it night")], words


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("blur the background", None),
        ("blur the background a little", 0.5),
        ("Slightly blur the background", 0.5),
        ("can you blur the background just a bit please", 0.5),
        ("subtly blur the background", 0.5),
        ("blur the background, but not too much", 0.5),
        ("make the background a little blurry", 0.5),
        ("throw the background slightly out of focus", 0.5),
        ("blur the background a lot", 1.5),
        ("blur the background strongly", 1.5),
        ("heavily blur the background", 1.5),
        ("really blur the background", 1.5),
        ("blur the background completely!", 1.5),
        ("blur the background very much", 1.5),
        ("make the background very blurry", 1.5),
        ("blur the background behind the very tall man", None),
        ("blur the background so the dog stands out", None),
        ("blur everything except the really big dog", None),
    ],
)
def test_the_words_say_how_much_of_the_background_is_blurred(text: str, amount: float | None) -> None:
    found = parse(text)
    assert (found.task, found.parameters.get("kind")) == (Task.BACKGROUND, "blur")
    assert found.parameters.get("amount") == amount


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("remove the car", ["remove the car"]),
        ("please remove the car, and then please add a tree.", ["please remove the car", "add a tree."]),
        ("1. remove the car 2. make it night", ["1. remove the car", "make it night"]),
        ("the bin is ugly, remove it and add a tree", ["the bin is ugly, remove it", "add a tree"]),
        ("a brush and paint the wall red", ["a brush and paint the wall red"]),
        ("add a light and paint", ["add a light and paint"]),
        ("darken the sky and the road", ["darken the sky", "darken the road"]),
        ("remove the tree between the house and the barn", ["remove the tree between the house and the barn"]),
        ("cut the cat out and drop her onto the beach", ["cut the cat out and drop her onto the beach"]),
        ("make it black and white and warmer", ["make it black and white", "make it warmer"]),
        ("make it brighter and lighter", ["make it brighter and lighter"]),
        (
            "make it much brighter and sharper but keep the sky",
            ["make it much brighter but keep the sky", "make it much sharper but keep the sky"],
        ),
    ],
)
def test_a_sentence_is_cut_only_before_a_command_and_in_a_list(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts
