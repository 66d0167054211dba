"""The page's words in each language: all of them and no others, with the same markup."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator
from functools import cache
from itertools import combinations, product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from omniedit.errors import BadInput
from omniedit.grounding.ground import _WHOSE
from omniedit.grounding.words import Kind
from omniedit.services.editing import EditingService, Options
from omniedit.services.examples import examples
from omniedit.services.wording import choices
from omniedit.settings import Settings
from omniedit.specialists import SPECIALISTS, specialist
from omniedit.specialists.adding.placing import _named
from omniedit.specialists.adding.where import Where
from omniedit.specialists.background import DOES, NAMED
from omniedit.specialists.changing.changes import OUTCOMES
from omniedit.specialists.changing.wishes import IMPOSSIBLE
from omniedit.specialists.environment import LOOKS
from omniedit.specialists.scenes import SCENES
from omniedit.specialists.style import WAYS
from omniedit.types import EditResult, Task
from ui.forms import FORMS
from ui.handlers import TASKS, on_page
from ui.models import NOT_YOURS
from ui.sessions import MOST, Sessions
from ui.shown import facts_line
from ui.words import HERE, LANGUAGES, LONGEST, Language, language, relay, say, tongue

ALIKE = [r"\*\*", r"\{\w*\}", r"`[^`]*`", r"<[^>]*>", r"[★☆↶↷…]", r"\n", r"\d+", r"\.$"]  # the same in all languages
SAYS, RAISES = ("say", "tell"), ("BadInput", "Cancelled")
FOR_PROGRAMS = "api.py"


def calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    """Where the page's code calls a function, or a method, of one of these names."""
    for path in sorted(HERE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and re.split(r"\W", ast.unparse(node.func))[-1] in names:
                yield path, node


def literals(*names: str) -> set[str]:
    """What they are given where that is written out."""
    given = [call.args[0] for path, call in calls(*names) if path.name != FOR_PROGRAMS]
    return {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}


@cache
def constants(folder: Path) -> set[str]:
    """All strings that are written out in the code of a folder."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {node.value for node in nodes if isinstance(node.value, str)}


def offered() -> set[str]:
    """What a form or a plan lists, and the labels of its sliders."""
    knobs = [knob for task in SPECIALISTS for knob in specialist(task).knobs]
    chosen = {choice for task in Task for choice in choices(task)}
    return chosen | {knob.label for knob in knobs} | {choice for knob in knobs for choice in knob.choices}


def test_what_is_said_is_written_out() -> None:
    for path, call in calls("say"):
        (one,) = call.args
        where = f"{path.name}:{call.lineno}: {ast.unparse(call)}"
        assert path.name == "words.py" or isinstance(one, ast.Constant), where
        assert "}" not in ast.unparse(one), where  # there a mark ends


def page_words(name: str) -> dict[str, str]:
    """The words of the page without those that have one of Gradio's own names."""
    return {key: words for key, words in language(name).page.items() if not re.fullmatch(r"\w+\.\w+", key)}


@pytest.mark.parametrize("name", LANGUAGES)
def test_all_words_are_translated_and_no_others(name: str) -> None:
    missing = {field.missing for form in FORMS.values() for field in form.fields if field.missing}
    wanted = literals(*SAYS, *RAISES) | offered() | missing | {NOT_YOURS, *TASKS.values()}
    assert sorted(wanted - set(page_words(name))) == []
    known = wanted | constants(HERE) | constants(HERE.parent / "omniedit")
    assert sorted(set(page_words(name)) - known) == []


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_markup_is_the_same(name: str) -> None:
    for english, words in page_words(name).items():
        assert words.strip() == words != ""
        for mark in ALIKE:
            assert sorted(re.findall(mark, english)) == sorted(re.findall(mark, words)), (mark, english)


def test_a_mark_is_text_that_names_the_words() -> None:
    assert '"Show plan"' in say("Show plan") and say("Show plan") == relay("Show plan")
    assert relay("The seed is {1}.") == "The seed is {1}."


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"accept-language": "de-AT,de;q=0.9,en;q=0.8"}, "Bearbeiten"),
        ({"accept-language": "en-GB,de;q=0.9"}, "Edit"),
        ({"accept-language": "../de"}, "Edit"),
        ({}, "Edit"),
    ],
)
def test_the_first_language_of_a_browser_counts(headers: dict[str, str], said: str) -> None:
    request: Any = SimpleNamespace(headers=headers)
    assert tongue(request)("Edit") == said
    assert tongue(request)("What nobody has translated.") == "What nobody has translated."


ROOT = HERE.parent
CODE = [*(ROOT / "omniedit").rglob("*.py"), *HERE.glob("*.py")]
PAGE_MEETS = [  # whose sentences a person can meet on the page
    *sorted((ROOT / "omniedit/specialists").rglob("*.py")),
    *sorted((ROOT / "omniedit/engines").rglob("*.py")),
    *(ROOT / "omniedit" / f"{name}.py" for name in ("images", "types", "language/refusals")),
    *(ROOT / "omniedit/services" / f"{name}.py" for name in ("editing", "album", "fetching", "models", "upkeep")),
    *(HERE / f"{name}.py" for name in ("sessions", "turns", "handlers", "mask", "models", "shown")),
]
SAID_BY = {"BadInput", "Cancelled", "EngineUnavailable", "OmniEditError", "Refusal", "refusals"}
SEEN = (Kind.SKY, Kind.GRASS, Kind.WATER, Kind.SAND, Kind.SNOW, Kind.GROUND)  # which are found as they are called
SYSTEM = {"no space left on device", "permission denied"}  # reasons of the operating system
ANY_CLAUSE = re.compile(r"(?:^|(?<=[;:] ))\{\}(?=[;:] |\.?$)")
ELSEWHERE = {  # said in the log, by the command line, on English pages, or to who programs
    "An edit could not be kept.",
    "An intent without a task has no specialist.",
    "The database is damaged ({}), so nothing is removed; restore it from a copy first.",
    "{} There is none.",
}


def spelled(node: ast.AST) -> set[str]:
    """What an expression may be, {} for what is not written out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return spelled(node.body) | spelled(node.orelse)
    if isinstance(node, ast.BoolOp):
        return {"{}"}.union(*map(spelled, node.values))
    if isinstance(node, ast.FormattedValue):
        return spelled(node.value) if node.conversion == -1 else {"{}"}
    if isinstance(node, ast.JoinedStr):
        texts = ("".join(parts) for parts in product(*map(spelled, node.values)))
        return {re.sub(r"(\{\})+", "{}", text) for text in texts}
    return {"{}"}


@cache
def written(path: Path) -> frozenset[tuple[str, bool]]:
    """All strings of a file but docstrings, with {} for values, and whether they are surely said to a person."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    left_out |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    left_out -= {id(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)}
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    said = {id(part) for call in calls if ast.unparse(call.func) in SAID_BY for part in call.args}
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr))
    return frozenset((text, id(node) in said) for node in nodes if id(node) not in left_out for text in spelled(node))


def clauses(text: str) -> set[str]:
    """`text`, its clauses and what is made of neighbouring ones, with and without the mark at the end."""
    cuts = [0, *(found.end() for found in re.finditer(r"(?<=[.!?]) |[;:] ", text)), len(text)]
    runs = {text[start:end].rstrip(" ;:") for start, end in combinations(cuts[:12], 2)}
    return runs | {run.rstrip(".!?") for run in runs} | {text}


def put_together() -> set[str]:
    """Values that the code makes of words."""
    where = (None, 0.1, 0.5, 0.9)
    places = {_named(Where(x=x, y=y)) for x in where for y in where}
    places |= {_named(Where(x=x, depth=depth)) for x in where for depth in ("far", "near")}
    kinds = {f"the {kind}" for kind in SEEN} | {f"a {kind}" for kind in (*SCENES, "gradient") if kind not in NAMED}
    whose = {words.format(face) for words in _WHOSE.values() for face in ("a face", "the only face")}
    gone = {"shadow and reflection", " with what your brush left of its edge and with its {}"}
    return (places - {""}) | kinds | whose | gone | SYSTEM


@pytest.mark.parametrize("name", LANGUAGES)
def test_sentences_are_those_of_the_code(name: str) -> None:
    texts = {text for path in CODE for text, _ in written(path)}
    known = set().union(*map(clauses, texts)) | put_together() | constants(HERE) | constants(ROOT / "omniedit")
    known |= {f"{{}}{way.whole}" for way in WAYS.values()}
    known |= {re.sub(r"\{\}( \{\})+", "{}", text) for text in known}  # where nobody can tell values apart
    assert sorted({*language(name).whole, *language(name).meant} - known) == []


def has_its_words(name: str, english: str) -> bool:
    """Whether all of its sentences have words in the language, whatever the values are."""
    sample = ANY_CLAUSE.sub("brush over it or click it", english).replace("{} {}", "{} it")
    sample = re.sub(r"\{\w*\}", "7 X", sample)
    told = language(name).tell(sample)
    return told != sample and not any(len(one) > 9 and one in told for one in re.split(r"(?<=[.!?:;]) ", sample))


@pytest.mark.parametrize("name", LANGUAGES)
def test_what_is_said_to_a_person_has_its_words(name: str) -> None:
    said = {text for path in PAGE_MEETS for text, surely in written(path) if surely and re.search("[a-z]{2}", text)}
    looks = re.compile(r"[A-Z{].*[a-z}] [a-z{][^_|]* .*\.$", re.DOTALL)  # like a sentence
    others = [path for path in PAGE_MEETS if path.name != "upkeep.py"]  # which speaks to the command line
    said |= {text for path in others for text, _ in written(path) if looks.fullmatch(text) and "%" not in text}
    assert said >= ELSEWHERE and len(said) > 150
    missing = said - ELSEWHERE - set(language(name).page)
    assert sorted(text for text in missing if not has_its_words(name, text)) == []


@pytest.mark.parametrize("name", LANGUAGES)
def test_what_fills_a_sentence_has_its_words(name: str) -> None:
    fills = {look.words for look in LOOKS.values()} | {way.words + way.whole for way in WAYS.values()}
    fills |= {what for what, _ in IMPOSSIBLE} | set(OUTCOMES.values()) | {*DOES.values(), *NAMED.values()}
    fills |= put_together()
    assert sorted(one for one in fills if language(name).phrase(one, 1) is None) == []


@pytest.mark.parametrize("name", LANGUAGES)
def test_sentences_keep_their_values_and_marks(name: str) -> None:
    own, kept = language(name), [r"`[^`]*`", r"\*\*", r"<[^>]*>", r"\n", r"[.!?]$", r"^\s", r"--with", r"OMNI\w+", r'"']
    for english, words in own.whole.items():
        for mark in kept:
            assert sorted(re.findall(mark, english)) == sorted(re.findall(mark, words)), (mark, english)
        count, numbers = english.count("{}"), re.findall(r"\{(\d+)\}", words)
        assert words.count("{}") == count or sorted(map(int, numbers)) == list(range(count)), english


def asks(wanted: str, **more: Any) -> Any:
    return SimpleNamespace(headers={"accept-language": wanted}, username=None, session_hash="page", client=None, **more)


def both(english: str) -> tuple[str, str]:
    """What a German page and an English one say."""
    return on_page(english, tongue(asks("de-DE"))), on_page(english, tongue(asks("en")))


def test_refusals_are_said_in_the_callers_language() -> None:
    service, photo = EditingService(Settings(log=False)), examples()[2].picture
    german, english = both(service.plan(photo, "remove the dragon").says)
    assert german == "„the dragon“ ist hier nicht von selbst zu finden: mit dem Pinsel übermalen oder anklicken."
    assert english == "I cannot find the dragon by myself here: brush over it or click it."
    with pytest.raises(BadInput) as too_long:
        service.plan(photo, "x" * 2_000)
    german, english = both(str(too_long.value))
    assert german == "Die Anweisung hat 2,000 Zeichen; erlaubt sind höchstens 1,000." and "characters" in english
    german, _ = both(service.plan(photo, "add a dragon").says)
    assert german.startswith("Zu „a dragon“ gibt es kein Bild: ") and "(Eigenes Bild)" in german
    german, _ = both(service.plan(photo, "turn it into a watercolour").says)
    assert german == "Macht das Bild zu einem Aquarell auf rauem Papier, mit ungemaltem Rand."
    box = service.plan(photo, "remove it", options=Options(box=(10, 10, 60, 60)))
    assert both(box.says)[0].startswith("Entfernt das Ding (Rahmen") and both(box.says)[1] == box.says


def test_a_rate_limit_is_said_in_the_callers_language() -> None:
    sessions = Sessions(private=False)
    with pytest.raises(BadInput) as refused:
        for _ in range(MOST + 1):
            sessions.admit(asks("de"))
    german, english = both(str(refused.value))
    assert re.fullmatch(r"Das waren 40 Pläne und Bearbeitungen in einer Minute; noch \d+ Sekunden warten\.", german)
    assert english == str(refused.value) and "wait" in english


def test_the_facts_are_said_in_the_callers_language() -> None:
    notes = ("No ground was found.", "Chosen: specialists, since no full-size model for it is on this machine.")
    result = EditResult((Image.new("RGB", (8, 6)),), "specialists", None, (3, 4), 1.5, True, notes=notes)
    assert facts_line(result, tongue(asks("de"))) == (
        "**specialists** · Startwert 3, 4 · 1.5 s · 8 x 6 · das ganze Bild wurde neu berechnet\n\n"
        "Es wurde kein Boden gefunden.\n\n"
        "Gewählt: specialists, da kein großes Modell dafür auf diesem Rechner ist."
    )
    assert "seed 3, 4 · 1.5 s" in facts_line(result) and facts_line(result).endswith(notes[1])


def test_a_sentence_is_all_in_one_language() -> None:
    tell = tongue(asks("de"))
    unknown = "I cannot find the dog by myself here: do what nobody has translated."
    assert tell(unknown) == unknown and tell(f"No ground was found. {unknown}").endswith(f"gefunden. {unknown}")
    assert tell("I see two dogs: do what nobody has translated.").startswith("I see")
    assert tell(say("No ground was found.")) == say("No ground was found.")
    assert tell("Adds a cat next to the dog.") == "Fügt „a cat next to the dog“ hinzu."
    assert tell("Swaps what is marked (your brush) for a cat.") == "Ersetzt das Markierte (Pinsel) durch „a cat“."
    assert tell("Makes the dress (a red thing) more vivid.") == "Macht „the dress“ (ein Ding der Farbe rot) kräftiger."
    assert tell("Adds a red balloon in the sky.\n\nNo ground was found.").split("\n\n") == [
        "Fügt „a red balloon“ am Himmel hinzu.",
        "Es wurde kein Boden gefunden.",
    ]
    assert "„pink: floyd“" in tell("I do not know the style 'pink: floyd': ask for one of these: oil, ink.")


def test_values_may_come_in_another_order() -> None:
    swapped = Language({}, {"Puts {} on {}.": "Auf {1} kommt „{0}“."}, {"it": "es"}, {})
    assert swapped.tell("Puts a hat on it.") == "Auf es kommt „a hat“."


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "; ",
        "a. ",
        "a; b: c. ",
        "Makes ",
        "Adds on ",
        "Removes ( (",
        "\n",
        "the  ",
        "I see two things ",
        "'",
        "{}; ",
    ],
)
def test_hostile_text_takes_no_time(text: str) -> None:
    own = language("de")
    for length in (10_000, LONGEST):
        long = (text * length)[:length]
        own.phrase.cache_clear()
        began = time.perf_counter()
        own.tell(long)
        own.tell(f"Adds {long}"[: LONGEST - 1] + ".")
        assert time.perf_counter() - began < 2
