"""The wording: what it says, what training never says, and that every value has words."""

import re

import numpy as np
import pytest

from omniedit.types import Task
from training.world.generate import corpus, plan_pair
from training.world.grammar import expand, variants
from training.world.heldout import HELD_PHRASES
from training.world.meaning import Meaning, Reference
from training.world.phrases import SAID
from training.world.settings_words import PLACE_WORDS, SETTINGS
from training.world.vocabulary import BACKGROUNDS, ENVIRONMENTS, MATERIALS, PLACES, STYLES
from training.world.wording import TEMPLATES, choose_template, heldout_templates, say


@pytest.fixture(scope="module")
def meanings():
    rng = np.random.default_rng(3)
    return [plan_pair(rng, None, None, "train")[1].meaning for _ in range(3000)]


def _whole_picture():
    for kind, task in (
        ("background", Task.BACKGROUND),
        ("environment", Task.ENVIRONMENT),
        ("style", Task.STYLE),
    ):
        yield from (Meaning(task, kind, value=value) for value in SETTINGS[kind])


def test_every_value_and_place_has_words():
    tables = {"background": BACKGROUNDS, "environment": ENVIRONMENTS, "style": STYLES}
    assert {kind: set(table) for kind, table in tables.items()} == {k: set(v) for k, v in SETTINGS.items()}
    assert set(PLACE_WORDS) == set(PLACES)


def test_training_never_chooses_a_held_out_phrasing_and_the_bench_does_half_of_the_time(meanings):
    held = heldout_templates()
    assert held
    rng = np.random.default_rng(0)
    parts = [part for m in meanings for part in m.parts]
    assert not held & {choose_template(m, rng, "train").id for m in meanings}
    assert not held & {choose_template(m, rng, "train", joined=True).id for m in parts}
    share = np.mean([choose_template(m, rng, "bench").id in held for m in meanings])
    assert 0.45 < share < 0.55


def test_no_held_out_phrasing_can_be_said_by_a_training_one():
    for kind, texts in HELD_PHRASES.items():
        said = {v for text in SAID[kind] for v in variants(text)}
        assert not said & {v for text in texts for v in variants(text)}, kind


def test_a_tenth_of_the_phrasings_of_each_kind_is_held_out():
    assert set(HELD_PHRASES) == set(SAID)
    for kind, texts in SAID.items():
        held = len(set(HELD_PHRASES[kind]))
        assert held >= 0.1 * (held + len(set(texts))), kind


def test_sentences_are_short_varied_and_complete(meanings):
    rng = np.random.default_rng(1)
    said = [say(m, rng, "train") for m in meanings]
    lengths = np.array([len(text.split()) for text in said])
    assert np.median(lengths) <= 8 and np.percentile(lengths, 95) <= 16
    assert len(set(said)) > 0.9 * len(said)
    for text in said:
        assert text == text.strip() and "  " not in text and not set(text) & set("{}()[]|"), text


def test_every_template_can_be_filled():
    local = (Meaning(Task.REMOVAL, "remove", target=Reference("cat")),) * 2
    adds = (Meaning(Task.ADDITION, "add", new=Reference("cat"), place="left"),) * 2
    rng = np.random.default_rng(2)
    said = set()
    for split in ("train", "bench"):
        for _ in range(400):
            for meaning in (
                *_whole_picture(),
                Meaning(Task.REMOVAL, "both", parts=local),
                Meaning(Task.ADDITION, "both", parts=adds),
                Meaning(Task.SWAP, "swap", target=Reference("cat"), new=Reference("owl")),
                *(
                    Meaning(Task.ATTRIBUTE, k, target=Reference("cat"), value=v)
                    for k, v in (("colour", "red"), ("rotate", "left"), ("rotate", "upside down"))
                ),
                *(Meaning(Task.ATTRIBUTE, "material", target=Reference("cat"), value=v) for v in MATERIALS),
                *(
                    Meaning(Task.ATTRIBUTE, k, target=Reference("cat"))
                    for k in ("lighter", "darker", "bigger", "smaller", "mirror")
                ),
                Meaning(Task.REMOVAL, "remove", target=Reference("cat")),
                Meaning(Task.ADDITION, "add", new=Reference("cat")),
                adds[0],
                Meaning(Task.STYLE, "keep"),
            ):
                said.add(choose_template(meaning, rng, split).id)
    assert said == {t.id for t in TEMPLATES}


def test_a_twin_keeps_the_words_that_tell_it_apart():
    rng = np.random.default_rng(4)
    meaning = Meaning(Task.ATTRIBUTE, "bigger", target=Reference("car", material="wooden"))
    for split in ("train", "bench"):
        for _ in range(300):
            template = choose_template(meaning, rng, split)
            assert "{noun}" not in template.text and "{target}" in template.text


def test_a_made_up_word_stands_only_where_the_rest_still_says_what_is_meant():
    rng = np.random.default_rng(5)
    known = {word for text in corpus(3000, 5) for word in re.findall("[a-z']+", text.lower())}
    darker = Meaning(Task.ATTRIBUTE, "darker", target=Reference("fox"))
    swap = Meaning(Task.SWAP, "swap", target=Reference("fox"), new=Reference("cat"))

    def strange(meaning, unheard):
        said = [re.findall("[a-z']+", say(meaning, rng, "train", unheard).lower()) for _ in range(300)]
        return np.mean([any(word not in known for word in words) for words in said])

    assert strange(darker, 1.0) < 0.2 and strange(swap, 0.0) < 0.2  # typos
    assert strange(swap, 1.0) > 0.8


def test_an_article_goes_with_what_fills_the_slot_after_it():
    rng = np.random.default_rng(7)
    said = {expand("give {it} a {value} tone", {"it": "it", "value": "red"}, rng, 1.0) for _ in range(300)}
    assert all(" it a red" in text for text in said) and len({text.split()[-1] for text in said}) > 9
    assert all(len(text.split()) == 5 and (text.startswith("give ") != text.endswith(" tone")) for text in said)


def test_a_becomes_an_before_a_vowel():
    rng = np.random.default_rng(6)
    assert expand("a {x} and a {y}", {"x": "owl", "y": "cat"}, rng) == "an owl and a cat"


def test_the_same_seed_says_the_same():
    assert list(corpus(40, 9)) == list(corpus(40, 9)) != list(corpus(40, 10))
