"""The words of the page, which a browser shows in its own language: the English ones are the keys of `de.toml`.

Gradio translates by marks, of which a text may hold one, whatever stands around it. What Gradio leaves as it is, and
texts with values inside, are put in the caller's language before they are sent: by the whole text, by templates, and
sentence by sentence, each of them all in one language.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import islice
from pathlib import Path

import gradio as gr
from gradio.i18n import I18nData

__all__ = ["LANGUAGES", "Language", "Tell", "catalogue", "language", "relay", "say", "tongue", "translations"]

HERE = Path(__file__).parent
LANGUAGES = ("de",)  # beside English
MARK = "__i18n__"  # begins what the browser translates

LONGEST = 3_000  # characters that are looked through: an instruction and what is said of it
DEEP = 4  # values within values
CLAUSES, TOGETHER = 8, 4  # in a sentence; sentences that one template holds
READINGS = 24  # of a template that does not say where one value ends and the next begins
VAGUE = 4  # letters of a template's only word below which it holds only around known values

AT_SENTENCES = re.compile(r"((?<=[.!?])[ \n]+|\n+)")
AT_CLAUSES = re.compile(r"[;:] ")
SLOT = re.compile(r"(„?)\{(\d*)\}(“?)")
QUOTED = re.compile(r"""(?s)(["'])(?:(?!\1).)*\1""")
OWN, PAGE = "own", "page"  # how a value is known
AMOUNT = re.compile(r"[\d.,]+( ?[MG]B| ?%)?")

Tell = Callable[[str], str]


def say(english: str) -> str:
    """A mark in whose place the browser shows the words in its language, or as they are where there are none."""
    return str(I18nData(english))


def relay(words: str) -> str:
    """The same for words that come from elsewhere, errors of the services among them."""
    return words if "}" in words else say(words)  # there a mark ends


def tongue(request: gr.Request) -> Tell:
    """What puts words, sentences with values inside among them, into the language of the caller's browser."""
    wanted = (request.headers.get("accept-language") or "")[:2].lower()
    return language(wanted).tell if wanted in LANGUAGES else str


@dataclass(frozen=True)
class Template:
    """English words with values between them, `parts` being one more than these, and the same in another language."""

    parts: tuple[str, ...]
    words: str

    @cached_property
    def vague(self) -> bool:
        """Whether nearly anything could be meant."""
        letters = "".join(self.parts).strip()
        return letters.isalpha() and len(letters) < VAGUE

    def readings(self, text: str) -> Iterator[list[str]]:
        """The values with which it is `text`. Each part is taken where it comes first, a lone space anywhere."""
        first, *middle, last = self.parts
        end = len(text) - len(last)
        if len(first) <= end and text.startswith(first) and text.endswith(last):
            yield from _readings(text, middle, len(first), end)

    @cached_property
    def places(self) -> list[tuple[int, bool]]:
        """Of its words' values, in their order there: which it is, and whether it is what somebody has said."""
        slots = enumerate(SLOT.finditer(self.words))
        return [(int(slot[2] or number), slot[1] == "„") for number, slot in slots]

    def filled(self, values: Sequence[str]) -> str:
        """Its words with `values`, which bring their marks."""
        places = iter(self.places)
        return SLOT.sub(lambda _: values[next(places)[0]], self.words)


def _readings(text: str, parts: list[str], start: int, end: int) -> Iterator[list[str]]:
    if not parts:
        yield [text[start:end]]
        return
    part, *rest = parts
    at = text.find(part, start, end)
    while at >= 0:
        for values in _readings(text, rest, at + len(part), end):
            yield [text[start:at], *values]
        if part != " ":
            return
        at = text.find(part, at + 1, end)


class Language:
    """The sentences of a language: whole ones, templates, and what may stand in a template as a value."""

    def __init__(
        self, page: dict[str, str], sentences: dict[str, str], values: dict[str, str], meant: dict[str, str]
    ) -> None:
        self.page, self.meant, self.whole = page, meant, {**values, **sentences}
        self.own = frozenset(values)
        # what is most alike first: the one with most letters
        known = sorted((Template(tuple(key.split("{}")), words) for key, words in self.whole.items()), key=_letters)
        self.templates = [one for one in known if len(one.parts) > 1]
        self.saying = [one for one in self.templates if "{}".join(one.parts) not in values]
        self.phrase = lru_cache(1024)(self._phrase)

    def tell(self, english: str) -> str:
        """`english` in the language, sentence by sentence; sentences that it lacks stay as they are, and as a whole."""
        if english in self.page:
            return self.page[english]
        if len(english) > LONGEST or MARK in english:
            return english
        texts = AT_SENTENCES.split(english)  # and what is between them
        told, at = "", 0
        while at < len(texts):
            ends = range(at + 1, min(at + 2 * TOGETHER, len(texts) + 1), 2)
            tried = ((end, self.phrase("".join(texts[at:end]))) for end in ends)
            end, said = next(((end, said) for end, said in tried if said is not None), (at + 1, texts[at]))
            told, at = told + said + "".join(texts[end : end + 1]), end + 1
        return told

    def _phrase(self, text: str, deep: int = 0) -> str | None:
        """A sentence, or as many as a template holds; None where the language lacks it, or any clause of it."""
        whole = self.whole.get(text) if deep or text not in self.own else None
        if whole is None:
            whole = self.page.get(text)
        if whole is not None or deep > DEEP:
            return whole
        # clauses first: what is open at its end, such as "I see {}", holds anything
        return self._in_clauses(text, deep) or self._alike(text, deep)

    def _in_clauses(self, text: str, deep: int) -> str | None:
        """Clause by clause: a semicolon or colon may divide them, or be a part of one."""
        cuts = [found.start() for found in islice(AT_CLAUSES.finditer(text), CLAUSES)]
        starts, ends = [0, *(cut + 2 for cut in cuts)], [*cuts, len(text)]
        rest: dict[int, str] = {}  # what follows from a start on
        for start in reversed(starts):
            for end in (end for end in ends if end > start and end - start < len(text)):
                following = "" if end == len(text) else rest.get(end + 2)
                said = None if following is None else self._clause(text[start:end], deep)
                if said is not None:
                    rest[start] = f"{said}{text[end : end + 2]}{following}"
                    break
        bare = text.rstrip(".!?")
        if 0 not in rest and bare != text and (said := self._clause(bare, deep)) is not None:
            return said + text[len(bare) :]
        return rest.get(0)

    def _clause(self, text: str, deep: int) -> str | None:
        """A clause, with or without the mark at its end."""
        bare = text.rstrip(".!?")
        for said, mark in ((text, ""), (bare, text[len(bare) :])):
            known = self.whole.get(said) or self._alike(said, deep)
            if known is not None:
                return known + mark
        return None

    def _alike(self, text: str, deep: int) -> str | None:
        """By a template."""
        tried = (self._by(template, text, deep) for template in (self.templates if deep else self.saying))
        return next((said for said in tried if said is not None), None)

    def _by(self, template: Template, text: str, deep: int) -> str | None:
        """`text` by a template, read so that most of its values are known."""
        said_by_person = dict(template.places)
        best, most = None, -1
        for values in islice(template.readings(text), READINGS):
            if not template.parts[-1] and AT_CLAUSES.search(values[-1]) and not QUOTED.fullmatch(values[-1]):
                continue  # another clause, which the language lacks
            told = [self._value(value, deep, said_by_person[number]) for number, value in enumerate(values)]
            known = [how for _, how in told]
            sure = all(known) if template.vague else OWN in known if " " in template.parts[1:-1] else True
            if sure and sum(map(bool, known)) > most:
                best, most = template.filled([said for said, _ in told]), sum(map(bool, known))
        return best

    def _value(self, text: str, deep: int, said_by_person: bool) -> tuple[str, str]:
        """A value in the language, or as it is, and by whose words: OWN ones of the app, of the PAGE, or neither."""
        if QUOTED.fullmatch(text):
            return f"„{text[1:-1]}“", PAGE
        if said_by_person:
            own = self.meant.get(text)
            return (f"„{self.page.get(text, text)}“", "") if own is None else (own, OWN)
        if text in self.page and text not in self.whole:
            return self.page[text], PAGE
        if not text.strip() or AMOUNT.fullmatch(text):
            return text, PAGE
        said = self.phrase(text, deep + 1)
        return (text, "") if said is None else (said, OWN)


def _letters(template: Template) -> int:
    return -len("".join(template.parts))


@cache
def language(name: str) -> Language:
    """The sentences of one of LANGUAGES."""
    words = _read(name)
    return Language({**words["page"], **words["gradio"]}, words["sentences"], words["values"], words["meant"])


@cache
def catalogue(name: str) -> dict[str, str]:
    """The words of a language by the English ones, sentences without values among them; those that Gradio lacks by
    Gradio's own names.
    """
    words = _read(name)
    whole = {english: said for english, said in words["sentences"].items() if "{" not in english}
    return {**whole, **words["page"], **words["gradio"]}


def _read(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def translations() -> gr.I18n:
    """All catalogues, for the browsers."""
    return gr.I18n(**{name: catalogue(name) for name in LANGUAGES})
