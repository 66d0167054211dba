"""The text encoder's first lesson: what is asked of it, and that it is learned."""

from __future__ import annotations

import torch
from transformers import BertConfig, BertModel

from omniedit.types import Task
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


def test_meanings_are_learned_the_same_way_each_time() -> None:
    tokenizer = train_tokenizer(corpus(2000, 0), 600, 32)

    def lesson() -> tuple[BertModel, float]:
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=32,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        encoder = BertModel(config)
        return encoder, teach_meanings(encoder, tokenizer, 2560, 0, survey=2000)

    (one, right), (two, _) = lesson(), lesson()
    assert 0 <= right <= 1
    for (name, a), (_, b) in zip(one.state_dict().items(), two.state_dict().items(), strict=True):
        assert torch.equal(a, b), name
