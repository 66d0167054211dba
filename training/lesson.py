"""The first lesson of omniedit-mini's text encoder: to read from a sentence what it means.

Edited pictures teach words slowly, a few bits a pair. The world knows the meaning of each of its sentences, so the
encoder first learns to tell it (the kind of edit, the thing meant, its colour and place, the new thing, ...), a
classification in each slot, from sentences alone: minutes instead of hours. Only training phrasings are said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel, PreTrainedTokenizerBase

from omniedit.editnet.text import Encoder, encode_small
from omniedit.types import Task
from training.teaching import Teacher
from training.world.generate import pick, plan_pair
from training.world.meaning import Meaning
from training.world.wording import say

__all__ = ["slots_of_meaning", "teach_meanings"]

Sentence = tuple[str, dict[str, str]]

BATCH = 128
POOL = 16  # batches that are drawn at once, so that sentences of one length can share a batch
SURVEY = 20_000  # sentences from which the values of each slot are listed
NOTHING = "-"  # the value of a slot that a sentence does not fill
UNHEARD = 0.15  # of the phrasings have a made-up word: what nobody taught must not hide what is meant
TASKS = dict(zip(Task, (3, 1, 2, 3, 1, 0.5, 0.5), strict=True))  # how often: more where more is said
UNLISTED = -100  # cross_entropy's index to ignore


def slots_of_meaning(meaning: Meaning, prefix: str = "") -> dict[str, str]:
    """The filled slots: "kind", "value", "target.name", "new.colour", ...; those of two parts begin with 0. and 1."""
    found = {f"{prefix}kind": meaning.kind}
    for part, inner in enumerate(meaning.parts):
        found |= slots_of_meaning(inner, f"{part}.")
    for name, value in (("value", meaning.value), ("place", meaning.place)):
        if value is not None:
            found[prefix + name] = value
    for name, reference in (("target", meaning.target), ("new", meaning.new)):
        if reference is not None:
            said = {k: v for k, v in vars(reference).items() if v}
            found |= {f"{prefix}{name}.{k}": str(v) for k, v in said.items()}
    return found


def teach_meanings(
    encoder: BertModel, tokenizer: PreTrainedTokenizerBase, sentences: int, seed: int, survey: int = SURVEY
) -> float:
    """Train `encoder` in place on so many sentences; the share of sentences read without any mistake at the end."""
    stream = _sentences(seed)
    looked_at = list(islice(stream, survey))
    names = sorted({slot for _, slots in looked_at for slot in slots})
    values = {n: [NOTHING, *sorted({slots[n] for _, slots in looked_at if n in slots})] for n in names}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        reader = _Reader(encoder.config.hidden_size, [len(values[n]) for n in names])
    places = {n: {value: i for i, value in enumerate(values[n])} for n in names}
    steps = sentences // BATCH
    parameters = (*encoder.parameters(), *reader.parameters())
    teacher = Teacher(parameters, steps, 1e-3, 0.01, warm=200, cool=5, says="{:.1%} of sentences read")
    encoder.train()
    for said in islice(_batches(stream, tokenizer, seed), steps):
        labels = torch.tensor([[places[n].get(slots.get(n, NOTHING), UNLISTED) for n in names] for _, slots in said])
        read = Encoder(tokenizer, encoder, max(_length(tokenizer, text) for text, _ in said))
        with torch.autocast("cpu", torch.bfloat16):
            states = encode_small(read, [text for text, _ in said], torch.device("cpu"))
            answers = reader(states.states, states.pooled)
        losses = [functional.cross_entropy(a.float(), labels[:, i % len(names)]) for i, a in enumerate(answers)]
        guesses = torch.stack([a.argmax(-1) for a in answers[: len(names)]], 1)
        teacher.teach(torch.stack(losses).sum(), float((guesses == labels).all(1).float().mean()))
    encoder.eval()
    return teacher.result()


class _Reader(nn.Module):
    """For each slot, an answer from the states (one learned query looks for it) and one from the pooled output."""

    def __init__(self, width: int, sizes: Sequence[int]) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(len(sizes), width) * width**-0.5)
        self.key = nn.Linear(width, width)
        self.from_states = nn.ModuleList(nn.Linear(width, size) for size in sizes)
        self.from_pooled = nn.ModuleList(nn.Linear(width, size) for size in sizes)

    def forward(self, states: Tensor, pooled: Tensor) -> list[Tensor]:
        """(B, values) for each slot, twice: from the states, then from the pooled output."""
        keys = self.key(states)  # (B, L, D)
        looks = functional.softmax(torch.einsum("sd,bld->bsl", self.queries, keys), dim=-1)
        found = torch.einsum("bsl,bld->sbd", looks, states)
        answers = [head(found[i]) for i, head in enumerate(self.from_states)]
        return [*answers, *(head(pooled) for head in self.from_pooled)]


def _batches(stream: Iterator[Sentence], tokenizer: PreTrainedTokenizerBase, seed: int) -> Iterator[list[Sentence]]:
    """Batches of sentences of about the same length, in random order."""
    rng = np.random.default_rng([seed, 12])
    while True:
        pool = sorted(islice(stream, POOL * BATCH), key=lambda sentence: _length(tokenizer, sentence[0]))
        for start in rng.permutation(POOL) * BATCH:
            yield pool[start : start + BATCH]


def _length(tokenizer: PreTrainedTokenizerBase, text: str) -> int:
    return len(tokenizer(text, truncation=True)["input_ids"])


def _sentences(seed: int) -> Iterator[Sentence]:
    rng = np.random.default_rng([seed, 11])
    while True:
        _, edit = plan_pair(rng, pick(rng, list(TASKS), list(TASKS.values())), None, "train")
        yield say(edit.meaning, rng, "train", UNHEARD), slots_of_meaning(edit.meaning)
