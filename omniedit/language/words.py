"""From a sentence to its words, and to what is known of each word: its parts, its shape, the kinds it belongs to.

Everything here is the same in training and in use, so that the tagger meets what it was taught with.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from omniedit.settings import assets_dir

__all__ = ["Lexicon", "Token", "bundled_lexicon", "pieces", "shapes", "tokens_of"]

NGRAM_BUCKETS = 3072
SHAPES = ("capital", "shout", "digit", "mark", "first", "last", "quoted", "long", "guessed")
MOST_READINGS = 20_000  # that a lexicon remembers
LONGEST_NAME = 4  # words of a lexicon entry that are looked for together

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|->|=>|\.\.\.|[^\s]")
_RUNS = re.compile(r"(.)\1{2,}")  # "sooo" is "so"
_SHORT = {
    "pls": "please", "plz": "please", "plse": "please", "thx": "thanks", "ty": "thanks", "u": "you", "ur": "your",
    "r": "are", "w": "with", "n": "and", "im": "i'm", "ive": "i've", "id": "i'd", "dont": "don't", "doesnt": "doesn't",
    "isnt": "isn't", "wasnt": "wasn't", "arent": "aren't", "cant": "can't", "wont": "won't", "thats": "that's",
    "theres": "there's", "its": "its", "whats": "what's", "whos": "who's", "lets": "let's", "shouldnt": "shouldn't",
    "smth": "something", "sth": "something", "ppl": "people", "pic": "picture", "pics": "picture", "bg": "background",
    "photo": "picture", "photos": "picture", "image": "picture", "img": "picture", "shot": "picture", "gray": "grey",
    "color": "colour", "colors": "colours", "backround": "background", "teh": "the", "abt": "about", "bc": "because",
    "cos": "because", "wanna": "want", "gonna": "going", "gotta": "must", "tho": "though", "tmrw": "tomorrow",
}  # fmt: skip


@dataclass(frozen=True)
class Token:
    """A word or a mark of the sentence: where it stands, and how it reads once case and chat spelling are gone."""

    start: int
    end: int
    text: str
    plain: str


def tokens_of(text: str) -> list[Token]:
    """The words and marks of `text` in order; what they cover of it is exact."""
    return [Token(m.start(), m.end(), m[0], _plain(m[0])) for m in _TOKEN.finditer(text)]


@lru_cache(maxsize=16384)
def _plain(word: str) -> str:
    word = "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))
    word = _RUNS.sub(r"\1", word.replace("’", "'"))
    return _SHORT.get(word, word)


@lru_cache(maxsize=16384)
def pieces(plain: str) -> tuple[int, ...]:
    """The buckets of the word's parts (runs of 3 and 4 letters with its ends marked, first and last letters)."""
    marked = f"<{plain}>"
    parts = {marked[i : i + n] for n in (3, 4) for i in range(len(marked) - n + 1)}
    parts |= {f"^{plain[:5]}", f"{plain[-3:]}$"}
    return tuple(sorted({zlib.crc32(part.encode()) % NGRAM_BUCKETS for part in parts}))


def shapes(tokens: Sequence[Token], guessed: Sequence[bool]) -> list[tuple[int, ...]]:
    """For each token the indices into SHAPES that hold; `guessed` are those that were read as another word."""
    found, inside = [], False
    for i, token in enumerate(tokens):
        if token.text in '"“”':
            inside = not inside
        word = token.text
        holds = (
            word[0].isupper(),
            len(word) > 1 and word.isupper(),
            any(c.isdigit() for c in word),
            not any(c.isalnum() for c in word),
            i == 0,
            i == len(tokens) - 1,
            inside,
            len(tokens) > 14,
            guessed[i],
        )
        found.append(tuple(k for k, yes in enumerate(holds) if yes))
    return found


class Lexicon:
    """Words by kind ("person", "weather", ...), found in the plural and with one slip of the fingers too.

    Raises nothing: a word that is in no list has no kinds.
    """

    def __init__(self, kinds: dict[str, tuple[str, ...]]) -> None:
        self.kinds = tuple(kinds)
        self.entries = kinds
        self._names: dict[tuple[str, ...], set[int]] = {}
        for number, words in enumerate(kinds.values()):
            for entry in words:
                self._names.setdefault(tuple(t.plain for t in tokens_of(entry)), set()).add(number)
        self._known = {word for name in self._names for word in name}
        self._readings: dict[str, str] = {}

    @classmethod
    def read(cls, path: Path) -> Lexicon:
        """From lines "kind: word, word, ..."; lines that begin with # are remarks."""
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
        split = (line.partition(": ") for line in lines)
        return cls({kind: tuple(dict.fromkeys(words.split(", "))) for kind, _, words in split})

    def learn(self, words: Iterable[str]) -> None:
        """Take `words` for known, so that they are not read as a slip for another."""
        self._known.update(words)
        self._readings.clear()

    def read_as(self, plain: str) -> str:
        """The known word that `plain` is, also as a plural or with one letter wrong; else `plain` itself."""
        if plain in self._known or len(plain) < 4 or not plain.isalpha():
            return plain
        if plain not in self._readings:
            if len(self._readings) > MOST_READINGS:
                self._readings.clear()
            singular = next((w for w in _singulars(plain) if w in self._known), None)
            self._readings[plain] = singular or self._slip(plain) or plain
        return self._readings[plain]

    def kinds_of(self, words: Sequence[str]) -> list[frozenset[int]]:
        """For each word the numbers of the kinds of the longest entries that it is part of."""
        found: list[frozenset[int]] = [frozenset()] * len(words)
        start = 0
        while start < len(words):
            for length in range(min(LONGEST_NAME, len(words) - start), 0, -1):
                kinds = self._find(tuple(words[start : start + length]))
                if kinds is not None:
                    found[start : start + length] = [frozenset(kinds)] * length
                    break
            else:
                length = 1
            start += length
        return found

    def kinds_of_entry(self, words: Sequence[str]) -> set[str]:
        """The names of the kinds of which `words` together are an entry."""
        return {self.kinds[number] for number in self._find(tuple(words)) or ()}

    def _find(self, name: tuple[str, ...]) -> set[int] | None:
        if name in self._names:
            return self._names[name]
        *first, last = name
        return next((self._names[n] for s in _singulars(last) if (n := (*first, s)) in self._names), None)

    def _slip(self, plain: str) -> str | None:
        return min((w for w in _one_slip(plain) if w in self._known and len(w) > 3), default=None)


def _singulars(word: str) -> Iterable[str]:
    """What `word` may be the plural or the possessive of, likeliest first."""
    if word.endswith("'s"):
        yield word[:-2]
    if word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
    if word.endswith("es"):
        yield word[:-2]
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    if word.endswith("ves"):
        yield f"{word[:-3]}f"


def _one_slip(word: str) -> frozenset[str]:
    """All strings that are one lost, doubled, wrong or swapped letter away (Norvig's spelling corrector)."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    lost = {a + b[1:] for a, b in splits if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
    wrong = {a + c + b[1:] for a, b in splits if a and b for c in letters}
    added = {a + c + b for a, b in splits for c in letters}
    return frozenset(lost | swapped | wrong | added)


@lru_cache(maxsize=1)
def bundled_lexicon() -> Lexicon:
    """The lexicon of assets/language, read once."""
    return Lexicon.read(assets_dir() / "language" / "lexicon.txt")
