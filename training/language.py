"""`python -m training.language`: trains the tagger that reads instructions, and writes it to assets/language.

It learns from the hand-written phrasings, from those with other words in them, and from the grammar of sayings
(training/sayings), by three answers at once: a tag for each token, where clauses begin, and the class of each clause.
The held-out phrasings are not read here.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from omniedit.language.network import HEADS, LAYERS, WIDTH, Array, Features, Network, packed
from omniedit.language.tagger import CLASSES, TAGS, Tagger, features
from omniedit.language.words import NGRAM_BUCKETS, SHAPES, Lexicon, tokens_of
from omniedit.types import Task
from training.phrasings import Said, read_phrasings, said_of
from training.sayings import Sayings
from training.sayings.vary import vary
from training.teaching import Teacher

__all__ = ["Lesson", "Reader", "main", "teach", "write"]

ROOT = Path(__file__).parents[1]
PHRASINGS = ROOT / "tests/data/phrasings/phrasings.jsonl"
ASSETS = ROOT / "assets/language"
HIDDEN = 0.1  # of the words are hidden from the network, which then has their parts, kinds and neighbours
VEILED = 0.05  # of the tokens show nothing at all: what is asked must be told from the rest
SMOOTHING = 0.05
POOL = 8  # batches that are put together at once, so that sentences of one length share a batch
NOTHING = -100  # cross_entropy's index to ignore


@dataclass(frozen=True)
class Lesson:
    """How long and from what: of each batch `own` are phrasings, as written or varied, the rest of `drawn` sayings."""

    steps: int = 8_000
    batch: int = 64
    own: int = 16
    drawn: int = 160_000
    rate: float = 1.5e-3
    seed: int = 0
    networks: int = 2


@dataclass(frozen=True)
class Answers:
    """What the network sees of a sentence and what it is to say of it."""

    seen: Features
    tags: tuple[int, ...]
    clauses: tuple[tuple[int, int, int], ...]  # (first token, token after the last, index into CLASSES)


def teach(phrasings: Sequence[Said], lexicon: Lexicon, lesson: Lesson, known: Tagger | None = None) -> Tagger:
    """A tagger trained on `phrasings` and sayings; the same lesson gives the same weights on one machine.

    It begins with what the networks of `known` have learned, if given. Each network is taught in a process of its own.
    """
    sayings = Sayings(lexicon)
    words = _vocabulary(sayings, phrasings, lexicon)
    lexicon.learn(words)
    lessons = [replace(lesson, seed=lesson.seed * lesson.networks + i, networks=1) for i in range(lesson.networks)]
    begun = [_begun(known, i, words) for i in range(lesson.networks)]
    same = [partial(_network, sayings, phrasings, lexicon, words, *both) for both in zip(lessons, begun, strict=True)]
    if len(same) == 1:
        return Tagger([same[0]()], words, lexicon)
    with ProcessPoolExecutor(len(same), get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        return Tagger([one.result() for one in [pool.submit(network) for network in same]], words, lexicon)


def _begun(known: Tagger | None, number: int, words: dict[str, int]) -> dict[str, Array] | None:
    """What a network of `known` has learned, for the reader to begin with; the vectors of words by their number now."""
    if known is None:
        return None
    weights = dict(known.networks[number % len(known.networks)].weights)
    vectors = weights.pop("word")
    weights["word"] = np.zeros((len(words) + 1, vectors.shape[1]), np.float32)
    weights["word"][0] = vectors[0]
    for word, row in words.items():
        weights["word"][row] = vectors[known.words.get(word, 0)]
    return weights


def _network(
    sayings: Sayings,
    phrasings: Sequence[Said],
    lexicon: Lexicon,
    words: dict[str, int],
    lesson: Lesson,
    begun: dict[str, Array] | None,
) -> Network:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(lesson.seed)
        reader = Reader(len(words) + 1, len(lexicon.kinds))
        if begun is not None:
            reader.load_state_dict({name: torch.from_numpy(value) for name, value in begun.items()})
        average = AveragedModel(reader, multi_avg_fn=get_ema_multi_avg_fn(0.998))
        teacher = Teacher(reader.parameters(), lesson.steps, lesson.rate, 0.02, warm=200, cool=1.5, says="{:.1%} right")
        for batch in _batches(sayings, phrasings, lexicon, words, lesson):
            loss, right = reader.loss(batch)
            teacher.teach(loss, right)
            average.update_parameters(reader)
            if len(teacher.scores) == lesson.steps:
                break
    return Network({name: value.detach().numpy() for name, value in average.module.state_dict().items()})


def write(tagger: Tagger, path: Path) -> None:
    """The tagger as one safetensors file, with the vocabulary and the lexicon's kinds as metadata."""
    facts = {"words": list(tagger.words), "kinds": tagger.lexicon.kinds}
    save_file(packed(tagger.networks), path, {"facts": json.dumps(facts)})  # one key: safetensors shuffles several
    path.chmod(0o644)


class Layer(nn.Module):
    """Neighbours, attention, and a map of each state alone; each is added to what came in."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(WIDTH) for _ in range(3))
        self.near = nn.Linear(3 * WIDTH, WIDTH)
        self.attend_in = nn.Linear(WIDTH, 3 * WIDTH)
        self.attend_out = nn.Linear(WIDTH, WIDTH)
        self.up = nn.Linear(WIDTH, 2 * WIDTH)
        self.down = nn.Linear(2 * WIDTH, WIDTH)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        """(B, L, D) states; `there` (B, L) is False for padding."""
        near = functional.pad(self.norm1(x) * there[..., None], (0, 0, 1, 1))
        near = self.near(torch.cat([near[:, :-2], near[:, 1:-1], near[:, 2:]], -1))
        x = x + self.drop(functional.gelu(near, approximate="tanh"))
        q, k, v = self.attend_in(self.norm2(x)).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, there[:, None, None])
        x = x + self.drop(self.attend_out(mixed.transpose(1, 2).flatten(2)))
        up = functional.gelu(self.up(self.norm3(x)), approximate="tanh")
        y: Tensor = x + self.drop(self.down(up))
        return y


class Reader(nn.Module):
    """The network of `omniedit.language.network` as torch trains it; the names of the weights are the same."""

    def __init__(self, words: int, kinds: int) -> None:
        super().__init__()
        self.word = nn.Parameter(torch.randn(words, WIDTH) * 0.1)
        self.piece = nn.Parameter(torch.randn(NGRAM_BUCKETS, WIDTH) * 0.3)
        self.kind = nn.Parameter(torch.randn(kinds, WIDTH) * 0.1)
        self.shape = nn.Parameter(torch.randn(len(SHAPES), WIDTH) * 0.1)
        self.before = nn.Parameter(torch.randn(1 + len(Task), WIDTH) * 0.1)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.tag = nn.Linear(WIDTH, len(TAGS))
        self.begin = nn.Linear(WIDTH, 1)
        self.look = nn.Linear(WIDTH, 1)
        self.class1 = nn.Linear(3 * WIDTH, WIDTH)
        self.class2 = nn.Linear(WIDTH, len(CLASSES))
        self.drop = nn.Dropout(0.2)

    def states(self, batch: Sequence[Features]) -> tuple[Tensor, Tensor]:
        """(B, 1 + L, D) states, first that of the whole sentence, and (B, 1 + L) which are there."""
        length = max(len(f.words) for f in batch)
        words = torch.tensor([[*f.words, *[0] * (length - len(f.words))] for f in batch])
        there = torch.tensor([[True] * (1 + len(f.words)) + [False] * (length - len(f.words)) for f in batch])
        x = self.word[self._some(words, HIDDEN)]
        for table, rows, mode in (
            (self.piece, [f.pieces for f in batch], "mean"),
            (self.kind, [f.kinds for f in batch], "sum"),
            (self.shape, [f.shapes for f in batch], "sum"),
        ):
            bags = [bag for row in rows for bag in (*row, *[()] * (length - len(row)))]
            starts = np.cumsum([0, *(len(bag) for bag in bags[:-1])])
            summed = functional.embedding_bag(
                torch.tensor(list(chain.from_iterable(bags))), table, torch.from_numpy(starts), mode=mode
            ).unflatten(0, (len(batch), length))
            x = x + summed
        if self.training:
            x = x * (torch.rand(*x.shape[:2], 1) >= VEILED)
        x = torch.cat([self.before[[f.before for f in batch]][:, None], x], 1)
        x = self.drop(x)
        for layer in self.layers:
            x = layer(x, there)
        return self.norm(x), there

    def loss(self, batch: Sequence[Answers]) -> tuple[Tensor, float]:
        """The loss of a batch, and the share of clauses whose class was right."""
        states, there = self.states([answers.seen for answers in batch])
        length = states.shape[1] - 1
        tags = torch.tensor([[*a.tags, *[NOTHING] * (length - len(a.tags))] for a in batch])
        begins = torch.zeros(len(batch), length)
        for row, answers in enumerate(batch):
            for start, _, _ in answers.clauses[1:]:
                begins[row, start] = 1
        said = self.drop(states)
        of_tags = functional.cross_entropy(
            self.tag(said[:, 1:]).flatten(0, 1), tags.flatten(), label_smoothing=SMOOTHING
        )
        of_begins = functional.binary_cross_entropy_with_logits(
            self.begin(said[:, 1:])[..., 0][there[:, 1:]], begins[there[:, 1:]]
        )
        flat = [(row, *clause) for row, answers in enumerate(batch) for clause in answers.clauses]
        wanted = torch.tensor([index for *_, index in flat])
        scores = self.classes(said, [clause[:3] for clause in flat])
        of_classes = functional.cross_entropy(scores, wanted, label_smoothing=SMOOTHING)
        return 2 * of_tags + 4 * of_begins + of_classes, float((scores.argmax(-1) == wanted).float().mean())

    def classes(self, states: Tensor, clauses: Sequence[tuple[int, int, int]]) -> Tensor:
        """(clauses, len(CLASSES)) scores; a clause is (row, first token, token after the last)."""
        rows = torch.tensor([row for row, _, _ in clauses])
        places = torch.arange(states.shape[1] - 1)
        inside = torch.stack([(places >= start) & (places < end) for _, start, end in clauses])[..., None]
        x = states[rows, 1:]  # (clauses, L, D)
        weights = functional.softmax(self.look(x).masked_fill(~inside, -1e9), 1)
        pooled = [(weights * x).sum(1), x.masked_fill(~inside, -1e9).amax(1), states[rows, 0]]
        y: Tensor = self.class2(functional.gelu(self.class1(torch.cat(pooled, -1)), approximate="tanh"))
        return y

    def _some(self, words: Tensor, hidden: float) -> Tensor:
        return words * (torch.rand(words.shape) >= hidden) if self.training else words


def _vocabulary(sayings: Sayings, phrasings: Sequence[Said], lexicon: Lexicon) -> dict[str, int]:
    """The words that get a vector of their own: of the lexicon, the sayings, and what `phrasings` say twice."""
    counts = Counter(t.plain for said in phrasings for t in tokens_of(said.text))
    words = {word for word, count in counts.items() if count > 1} | sayings.words()
    words |= {t.plain for entries in lexicon.entries.values() for entry in entries for t in tokens_of(entry)}
    return {word: number for number, word in enumerate(sorted(words), 1)}


def _answers(said: Said, lexicon: Lexicon, words: dict[str, int]) -> Answers:
    tokens = tokens_of(said.text)
    tags = [0] * len(tokens)
    for slot, begin, end in said.spans:
        inside = [i for i, t in enumerate(tokens) if t.start < end and begin < t.end]
        for i in inside:
            tags[i] = TAGS.index(f"{'B' if i == inside[0] else 'I'}-{slot}")
    starts = [next((i for i, t in enumerate(tokens) if t.end > at), 0) for _, at in said.clauses]
    ends = [*starts[1:], len(tokens)]
    classes = [CLASSES.index(name) for name, _ in said.clauses]
    clauses = tuple(c for c in zip(starts, ends, classes, strict=True) if c[0] < c[1])
    return Answers(features(tokens, lexicon, words, said.before), tuple(tags), clauses)


def _batches(
    sayings: Sayings, phrasings: Sequence[Said], lexicon: Lexicon, words: dict[str, int], lesson: Lesson
) -> Iterator[list[Answers]]:
    """Batches of sentences of about the same length, in random order, without end."""
    rng = np.random.default_rng([lesson.seed, 21])
    drawn = [_answers(sayings.draw(rng), lexicon, words) for _ in range(lesson.drawn)]
    while True:
        own = [phrasings[int(i)] for i in rng.integers(len(phrasings), size=POOL * lesson.own)] if phrasings else []
        told = [_answers(vary(said, lexicon, rng) if rng.random() < 0.7 else said, lexicon, words) for said in own]
        told += [drawn[int(i)] for i in rng.integers(len(drawn), size=POOL * lesson.batch - len(told))]
        told.sort(key=lambda answers: len(answers.tags))
        for start in rng.permutation(POOL) * lesson.batch:
            yield told[start : start + lesson.batch]


def main(argv: Sequence[str] | None = None) -> None:
    """Train on all development phrasings and write the weights."""
    parser = argparse.ArgumentParser(prog="python -m training.language", description=__doc__)
    parser.add_argument("--out", type=Path, default=ASSETS / "tagger.safetensors")
    parser.add_argument("--steps", type=int, default=Lesson.steps, help="of each network")
    parser.add_argument("--seed", type=int, default=Lesson.seed)
    parser.add_argument("--drawn", type=int, default=Lesson.drawn, help="sayings that each network learns from")
    parser.add_argument("--rate", type=float, default=Lesson.rate, help="of learning")
    parser.add_argument("--known", type=Path, help="weights of an earlier run to go on from")
    given = parser.parse_args(argv)
    lexicon = Lexicon.read(ASSETS / "lexicon.txt")
    known = None if given.known is None else Tagger.load(given.known, lexicon)
    phrasings = [said_of(phrasing) for phrasing in read_phrasings(PHRASINGS)]
    lesson = Lesson(steps=given.steps, drawn=given.drawn, rate=given.rate, seed=given.seed)
    write(teach(phrasings, lexicon, lesson, known), given.out)


if __name__ == "__main__":
    main()
