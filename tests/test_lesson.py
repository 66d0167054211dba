"""The text encoder's first lesson: what is asked of it, and that it is learned."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from omniedit.errors import BadInput
from omniedit.types import Task
from training import lesson
from training.lesson import slots_of_meaning, teach_meanings
from training.tokenizer import train_tokenizer
from training.world.generate import corpus
from training.world.meaning import Meaning, Reference


def test_a_meaning_as_slots() -> None:
    cat = Reference("cat", colour="red", place="left")
    assert slots_of_meaning(Meaning(Task.SWAP, "swap", target=cat, new=Reference("dog"))) == {
        "kind": "swap",
        "target.name": "cat",
        "target.colour": "red",
        "target.place": "left",
        "new.name": "dog",
    }
    remove, night = Meaning(Task.REMOVAL, "remove", target=cat), Meaning(Task.ENVIRONMENT, "environment", value="night")
    both = slots_of_meaning(Meaning(Task.REMOVAL, "both", parts=(remove, night)))
    assert both["kind"] == "both" and both["0.target.name"] == "cat" and both["1.value"] == "night"


def pupil(length: int) -> tuple[BertModel, PreTrainedTokenizerFast]:
    tokenizer = train_tokenizer(corpus(1000, 0), 600, length)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=length,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return BertModel(config), tokenizer


def test_a_lesson_is_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lesson, "POOL", 4)
    (one, tokenizer), (two, _), (untaught, _) = (pupil(32) for _ in range(3))
    for encoder in (one, two):
        teach_meanings(encoder, tokenizer, 128 * 6, 0, survey=500)
    for (name, a), (_, b) in zip(one.state_dict().items(), two.state_dict().items(), strict=True):
        assert torch.equal(a, b), name
    assert not torch.equal(one.pooler.dense.weight, untaught.pooler.dense.weight)


def test_a_lesson_shorter_than_one_batch_is_refused() -> None:
    encoder, tokenizer = pupil(16)
    with pytest.raises(BadInput, match="shorter than one batch"):
        teach_meanings(encoder, tokenizer, 5, 0, survey=100)


def test_what_is_asked_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    def said(seed: int) -> Iterator[tuple[str, dict[str, str]]]:
        rng = np.random.default_rng(seed)
        while True:
            kind, name = str(rng.choice(["remove", "add"])), str(rng.choice(["cat", "dog", "car"]))
            yield f"{kind} the {name}", {"kind": kind, "target.name": name}

    monkeypatch.setattr(lesson, "_sentences", said)
    encoder, tokenizer = pupil(16)
    assert teach_meanings(encoder, tokenizer, 128 * 100, 0, survey=200) > 0.9  # by chance 1 in 6
