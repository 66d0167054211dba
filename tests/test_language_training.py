"""Teaching the tagger: the phrasings' schema, sentences that are drawn, their places, and weights that come again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from omniedit.errors import BadInput
from omniedit.language.tagger import CLASSES, Tagger, features
from omniedit.language.words import Lexicon, tokens_of
from omniedit.settings import assets_dir
from training.language import Lesson, Reader, teach, write
from training.phrasings import KINDS_OF_REFUSAL, Said, read_phrasings, said_of
from training.sayings import Sayings
from training.sayings.vary import vary

PHRASINGS = Path(__file__).parent / "data/phrasings"


def lexicon() -> Lexicon:
    return Lexicon.read(assets_dir() / "language/lexicon.txt")


def some(count: int) -> list[Said]:
    return [said_of(phrasing) for phrasing in read_phrasings(PHRASINGS / "phrasings.jsonl")[:count]]


def small(tmp_path: Path, seed: int) -> bytes:
    lesson = Lesson(steps=2, batch=8, own=4, drawn=60, seed=seed, networks=1)
    write(teach(some(20), lexicon(), lesson), tmp_path / "weights.safetensors")
    return (tmp_path / "weights.safetensors").read_bytes()


@pytest.mark.parametrize("name", sorted(path.name for path in PHRASINGS.glob("*.jsonl")))
def test_every_phrasing_follows_the_schema(name: str) -> None:
    phrasings = read_phrasings(PHRASINGS / name)
    assert len(phrasings) >= 200
    assert {p.refusal for p in phrasings} == {None, *KINDS_OF_REFUSAL}
    assert len({str(e.task) for p in phrasings for e in p.edits}) == 7


def test_no_heldout_phrasing_is_one_to_learn_from() -> None:
    known, development, heldout = (
        {p.text.lower() for p in read_phrasings(PHRASINGS / f"{name}.jsonl") if len(p.text.split()) > 4}
        for name in ("phrasings", "development", "heldout")
    )
    assert not heldout & (known | development) and not known & development


def test_a_line_that_breaks_the_schema_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    edit = '{"task": "removal", "target": "the dog", "new": null, "value": null, "place": null}'
    for line in (
        "no json",
        '{"text": "hi"}',
        '{"text": "hi", "edits": [], "keep": [], "refusal": null}',
        '{"text": "hi", "edits": [], "keep": [], "refusal": "rude"}',
        f'{{"text": "remove the cat", "edits": [{edit}], "keep": [], "refusal": null}}',
    ):
        bad.write_text(line)
        with pytest.raises(BadInput, match=r"Line 1 of bad\.jsonl"):
            read_phrasings(bad)


def test_the_places_of_a_phrasing_are_its_words() -> None:
    for phrasing in read_phrasings(PHRASINGS / "phrasings.jsonl"):
        said = said_of(phrasing)
        named = [w for e in phrasing.edits for w in (e.target, e.new, e.value, e.place) if w and w in phrasing.text]
        assert sorted(said.text[a:b] for _, a, b in said.spans) == sorted([*named, *phrasing.keep])
        starts = [at for _, at in said.clauses]
        assert starts[0] == 0 and starts == sorted(set(starts))


def test_drawn_sentences_are_whole_and_their_slots_are_words_of_them() -> None:
    sayings, rng = Sayings(lexicon()), np.random.default_rng(3)
    seen = set()
    for _ in range(1500):
        said = sayings.draw(rng)
        assert not set(said.text) & set("{}[]|") and not any("\ue000" <= c <= "\uf8ff" for c in said.text)
        assert all(0 <= a < b <= len(said.text) and said.text[a:b].strip() for _, a, b in said.spans)
        seen.update(name for name, _ in said.clauses)
    assert seen == set(CLASSES)


def test_the_same_generator_draws_the_same_sentences() -> None:
    one, other = (
        [sayings.draw(rng) for _ in range(50)]
        for sayings, rng in ((Sayings(lexicon()), np.random.default_rng(5)) for _ in range(2))
    )
    assert one == other


def test_a_varied_phrasing_keeps_its_shape() -> None:
    words, rng, changed = lexicon(), np.random.default_rng(0), 0
    for said in some(120):
        other = vary(said, words, rng)
        changed += other.text != said.text
        assert [slot for slot, _, _ in other.spans] == [slot for slot, _, _ in said.spans]
        assert [task for task, _ in other.clauses] == [task for task, _ in said.clauses]
        if other.text == said.text:
            assert other.spans == said.spans
    assert changed > 60


def test_typos_and_plurals_are_read_as_words_of_the_lexicon() -> None:
    words = lexicon()
    assert [words.read_as(w) for w in ("thunderstrom", "lighthouses", "hegde", "cat", "xyzzyq")] == [
        "thunderstorm",
        "lighthouse",
        "hedge",
        "cat",
        "xyzzyq",
    ]
    kinds = words.kinds_of([t.plain for t in tokens_of("a hot air balloon over New York")])
    assert all(words.kinds.index("vehicle") in kinds[i] for i in (1, 2, 3))
    assert all(words.kinds.index("geo") in kinds[i] for i in (5, 6))


def test_the_same_lesson_gives_the_same_weights(tmp_path: Path) -> None:
    first = small(tmp_path, seed=1)
    assert small(tmp_path, seed=1) == first
    assert small(tmp_path, seed=2) != first


def test_a_lesson_goes_on_from_what_is_known() -> None:
    lesson = Lesson(steps=1, batch=8, own=4, drawn=40, rate=0.0, networks=1)
    known = teach(some(10), lexicon(), lesson)
    again = teach(some(40), lexicon(), replace(lesson, seed=5), known)
    before, after = known.networks[0].weights, again.networks[0].weights
    np.testing.assert_array_equal(after["tag.weight"], before["tag.weight"])
    for word in ("remove", "strawberry"):
        np.testing.assert_array_equal(after["word"][again.words[word]], before["word"][known.words[word]])


def test_torch_and_numpy_read_alike(tmp_path: Path) -> None:
    words = lexicon()
    tagger = teach(some(10), words, Lesson(steps=2, batch=8, own=4, drawn=40, networks=1))
    reader = Reader(len(tagger.words) + 1, len(words.kinds))
    (network,) = tagger.networks
    reader.load_state_dict({name: torch.from_numpy(value) for name, value in network.weights.items()})
    text = "remove the van on the left and let it snow, but don't touch the house"
    tokens = tokens_of(text)
    seen = features(tokens, words, tagger.words, None)
    with torch.no_grad():
        states, _ = reader.eval().states([seen])
        scores = reader.classes(states, [(0, 0, 5)])
    np.testing.assert_allclose(network.states(seen), states[0].numpy(), atol=1e-4)
    np.testing.assert_allclose(
        network.classes(network.states(seen), 0, 5), scores.log_softmax(-1)[0].numpy(), atol=1e-4
    )
    write(tagger, tmp_path / "tagger.safetensors")
    again = Tagger.load(tmp_path / "tagger.safetensors", words)
    for one, other in zip(again.read(text)[1], tagger.read(text)[1], strict=True):
        np.testing.assert_allclose(one.classes, other.classes, atol=1e-2)
