"""Sentences for the tagger to learn from, drawn from a grammar of sayings and from phrasings with other words in them.

The sayings (*.txt in this folder) were written by hand, one way of asking a line; `kinds.txt` and the lexicon say what
their slots are filled with. Letters from Unicode's private range mark the slots while a sentence is put together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from omniedit.language.words import Lexicon, tokens_of
from omniedit.types import Task
from training.phrasings import SLOTS, Said
from training.sayings.noise import slips
from training.sayings.things import Things

__all__ = ["Sayings"]

FOLDER = Path(__file__).parent
OPEN = {slot: chr(0xE000 + i) for i, slot in enumerate((*SLOTS, "keep"))}
CLOSE, CLAUSE = chr(0xE010), chr(0xE020)
LETTERS = {"t": "target", "n": "new", "v": "value", "p": "place", "k": "keep"}
SHARES = {"single": 0.62, "joined": 0.14, "followup": 0.08, "refusal": 0.16}
REFUSALS = {"greeting": 8, "question": 13, "empty": 10, "chatter": 12, "other": 15}
PARALLEL_SHARE, PAIR_SHARE, KEEP_SHARE, AROUND_SHARE, POLITE_SHARE, ASIDE_SHARE = 0.2, 0.25, 0.07, 0.16, 0.2, 0.08

_INNERMOST = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")
_SLOT = re.compile(r"\{(\w?)(\+?)(?::([^{}]*)|=([^{}]*))\}")
_SLOT_NAME = re.compile(r"\{\w*\+?[:=]?[\w.]*|^\[[\w. ]+\]$", re.MULTILINE)
_REFERENCE = re.compile(r"\{(removeit|removeshort)\}")
_MARKS = "".join((*OPEN.values(), CLOSE, CLAUSE))
_TIMES = re.compile(r"(?:(\d)x )?(.*)")
_PAUSE = re.compile(r"[,.;!](?= )")


class Sayings:
    """Draws sentences with their meaning; the same generator state, the same sentence."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.things = Things(lexicon, _sections(FOLDER / "kinds.txt"))
        self.of_task = {task: _lines(FOLDER / f"{task.value}.txt") for task in Task}
        self.refusals = _sections(FOLDER / "refusals.txt", "## ")
        self.around = _sections(FOLDER / "around.txt", "## ")
        self.followups = [_followup(line) for line in _lines(FOLDER / "followups.txt")]
        self.pairs = [_pair(line) for line in _lines(FOLDER / "pairs.txt")]
        self.verbs = frozenset(lexicon.entries["verb"])
        self._forms = {
            "single": self._single,
            "joined": self._joined,
            "followup": self._followup,
            "refusal": self._refusal,
        }

    def draw(self, rng: np.random.Generator) -> Said:
        """One sentence, with a person's politeness, asides and slips."""
        form = str(rng.choice(list(SHARES), p=list(SHARES.values())))
        marked, tasks, before = self._forms[form](rng)
        return _said(slips(marked, _MARKS, rng), tasks, before)

    def words(self) -> set[str]:
        """Every word of the sayings as the tagger reads it, those of the lexicon apart."""
        texts = (path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt"))
        return {
            token.plain for text in texts for token in tokens_of(_SLOT_NAME.sub(" ", text)) if token.plain[0].isalnum()
        }

    def _single(self, rng: np.random.Generator) -> tuple[str, list[str], None]:
        task = list(Task)[int(rng.integers(len(Task)))]
        wish = self._wish(task, rng)
        if task is not Task.STYLE and rng.random() < KEEP_SHARE:
            wish = self._put(_pick(self.around["keep"], rng), [wish], rng)
        return self._dressed(wish, rng), [task.value], None

    def _joined(self, rng: np.random.Generator) -> tuple[str, list[str], None]:
        if rng.random() < PAIR_SHARE:  # "paint the shutters blue, the gate white"
            tasks, saying = self.pairs[int(rng.integers(len(self.pairs)))]
            return self._dressed(self._fill(saying, rng), rng), [task.value for task in tasks], None
        tasks = [list(Task)[int(i)] for i in rng.integers(len(Task), size=2)]
        join = _pick(self.around["join"], rng)
        if rng.random() < PARALLEL_SHARE:  # "brighten the bride, darken the guests"
            saying = _pick(self.of_task[tasks[0]], rng)
            tasks[1], join = tasks[0], _pick(self.around["parallel"], rng)
            wishes = [self._fill(saying, rng).rstrip(".!?") for _ in tasks]
        else:
            wishes = [self._wish(task, rng).rstrip(".!?") for task in tasks]
        joined = self._put(join, wishes, rng)
        if rng.random() < KEEP_SHARE:
            joined = self._put(_pick(self.around["keep"], rng), [joined], rng)
        return self._dressed(joined, rng), [task.value for task in tasks], None

    def _followup(self, rng: np.random.Generator) -> tuple[str, list[str], str]:
        befores, task, saying = self.followups[int(rng.integers(len(self.followups)))]
        if rng.random() < 0.35:  # what is said in full is said after an edit too
            task = list(Task)[int(rng.integers(len(Task)))]
            befores, saying = [t.value for t in Task], _pick(self.of_task[task], rng)
        wish = self._fill(saying, rng)
        polite = rng.random() < POLITE_SHARE
        dressed = self._put(_pick(self.around["any"], rng), [wish], rng) if polite else wish
        return dressed, [task.value], _pick(befores, rng)

    def _refusal(self, rng: np.random.Generator) -> tuple[str, list[str], str | None]:
        kinds, weights = list(REFUSALS), np.array(list(REFUSALS.values()), float)
        kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
        text = self._fill(_pick(self.refusals[kind], rng), rng)
        if kind == "other" and rng.random() < 0.3:
            text = f"{_pick(('please', 'can you', 'could you', 'pls', 'now', 'ok', 'i want to'), rng)} {text}"
        for mark in (*OPEN.values(), CLOSE):
            text = text.replace(mark, "")
        before = list(Task)[int(rng.integers(len(Task)))].value if rng.random() < 0.1 else None
        return text, [kind], before

    def _wish(self, task: Task, rng: np.random.Generator) -> str:
        return self._fill(_pick(self.of_task[task], rng), rng)

    def _dressed(self, wish: str, rng: np.random.Generator) -> str:
        """The wish with what people type around it."""
        if rng.random() < ASIDE_SHARE:
            wish = self._with_aside(wish, rng)
        first = wish.strip(_MARKS).split(" ")[0].lower()
        if rng.random() < POLITE_SHARE:
            table = "verb" if first in self.verbs and rng.random() < 0.6 else "any"
            wish = self._put(_pick(self.around[table], rng), [wish], rng)
        if rng.random() < AROUND_SHARE:
            wish = self._put(_pick(self.around["before" if rng.random() < 0.4 else "after"], rng), [wish], rng)
        return wish

    def _with_aside(self, wish: str, rng: np.random.Generator) -> str:
        """The wish with a remark between two of its parts, or after it."""
        outside = [m.end() for m in _PAUSE.finditer(wish) if wish.count(CLOSE, 0, m.end()) == _opened(wish[: m.end()])]
        aside = self._fill(_pick(self.around["aside"], rng), rng)
        if not outside:
            return f"{wish}{_pick((', ', '. ', ' - ', '; ', ' ('), rng)}{aside}"
        at = outside[int(rng.integers(len(outside)))]
        return f"{wish[:at]} {aside}{_pick((',', '.', ';', ' -', '!'), rng)}{wish[at:]}"

    def _put(self, frame: str, wishes: Sequence[str], rng: np.random.Generator) -> str:
        """`wishes` in the places {0}, {1} of the frame; the second clause begins where the first ends."""
        places = {"{0}": chr(0xE030), "{1}": chr(0xE031)}
        for place, mark in places.items():
            frame = frame.replace(place, mark)
        text = self._fill(frame, rng)
        if len(wishes) == 2:
            text = text.replace(chr(0xE030), chr(0xE030) + CLAUSE)
        for mark, wish in zip(places.values(), wishes, strict=False):
            text = text.replace(mark, wish)
        return text

    def _fill(self, saying: str, rng: np.random.Generator) -> str:
        """One sentence of the saying: choices made, slots filled and marked."""
        pair = self.things.pair(rng)
        text = self._expand(_REFERENCE.sub(r"{:\1}", saying), rng, pair)
        # "{v:..}, {v+:..}": the second continues the first
        text = re.sub(f"{CLOSE}([^{_MARKS}]*){OPEN['value']}\\+", r"\1", text)
        text = re.sub(r" {2,}", " ", text).strip()
        text = re.sub(r" ([,.;!?:])(?=\s|$)", r"\1", text)
        return re.sub(rf"\b([aA]) (?=[{_MARKS}]*[aeiouAEIOU])", r"\1n ", text)

    def _expand(self, text: str, rng: np.random.Generator, pair: tuple[str, str]) -> str:
        text = choose(text, rng)
        while found := _SLOT.search(text):
            letter, goes_on, kind, literal = found.groups()
            words = literal if kind is None else self._words_of(kind, rng, pair)
            if letter:
                words = f"{OPEN[LETTERS[letter]]}{goes_on}{words.strip()}{CLOSE}" if words.strip() else ""
            text = text[: found.start()] + words + text[found.end() :]
        return text

    def _words_of(self, kind: str, rng: np.random.Generator, pair: tuple[str, str]) -> str:
        name, _, form = kind.partition(".")
        name = {"T": pair[0], "N": pair[1]}.get(name, name)
        if kind == "N":
            form = "a"
        words = self.things.draw(name, form, rng)
        return self._expand(words, rng, pair) if "{" in words or "(" in words or "[" in words else words


def choose(text: str, rng: np.random.Generator) -> str:
    """`text` with every (a|b) replaced by one of its choices, and [x|y] by one of them or nothing."""
    while found := _INNERMOST.search(text):
        options = found[1].split("|") if found[1] is not None else [*found[2].split("|"), ""]
        text = text[: found.start()] + options[int(rng.integers(len(options)))] + text[found.end() :]
    return text


def _opened(marked: str) -> int:
    return sum(marked.count(mark) for mark in OPEN.values())


def _said(marked: str, tasks: Sequence[str], before: str | None) -> Said:
    """The sentence without its marks, and where they stood."""
    text, spans, open_slot, begins = "", list[tuple[str, int, int]](), ("", 0), [0]
    slots = {mark: slot for slot, mark in OPEN.items()}
    for letter in marked:
        if letter in slots:
            open_slot = (slots[letter], len(text))
        elif letter == CLOSE:
            spans.append((*open_slot, len(text)))
        elif letter == CLAUSE:
            begins.append(len(text))
        else:
            text += letter
    clauses = tuple(zip(tasks, begins, strict=True))
    return Said(text, clauses, tuple(spans), before)


def _pick(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _lines(path: Path) -> list[str]:
    """The sayings of a file; one that begins with "3x " counts three times."""
    lines = path.read_text(encoding="utf-8").splitlines()
    split = (_TIMES.fullmatch(line) for line in lines if line.strip() and not line.startswith("#"))
    return [match[2] for match in split if match for _ in range(int(match[1] or 1))]


def _sections(path: Path, mark: str = "[") -> dict[str, list[str]]:
    """The lines of each section; one begins with "[name]" or "## name"."""
    found: dict[str, list[str]] = {}
    here: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        name = line[len(mark) :].rstrip("]") if line.startswith(mark) else ""
        if name.replace(".", "").replace("_", "").replace(" ", "").isalnum() and (mark != "[" or line.endswith("]")):
            here = found.setdefault(name, [])
        elif line.strip() and not line.startswith("#"):
            here.append(line)
    return found


def _pair(line: str) -> tuple[list[Task], str]:
    tasks, _, saying = line.partition(": ")
    return [Task(task) for task in tasks.split()], saying.replace("¦", CLAUSE)


def _followup(line: str) -> tuple[list[str], Task, str]:
    befores, _, rest = line.partition(" > ")
    task, _, saying = rest.partition(": ")
    return befores.split(), Task(task), saying
