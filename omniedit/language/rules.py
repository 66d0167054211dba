"""Rules over what the tagger read, in the order in which they are applied; each says what it is for.

The tagger learns what people say; a rule states what follows from it whoever says it: what "it" means, that nothing
can be removed behind everything, that an article is no part of a colour.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from omniedit.colour_names import colour_name_in
from omniedit.language.meaning import kind_in, named_kind, parameters_of
from omniedit.language.tones import tone_of_the_whole
from omniedit.language.words import bundled_lexicon, tokens_of
from omniedit.types import Intent, Task
from omniedit.vocabulary import COLOURS

__all__ = ["RULES", "Draft", "Rule", "apply_rules", "surely_removes"]

BACKGROUND = re.compile(r"\b(?:back ?grounds?|backround|backgorund|backdrop|bg)\b", re.IGNORECASE)
PRONOUN = re.compile(r"(?:it|that|this|that one|this one|the one|them|these|those|they|one|that thing)", re.IGNORECASE)
SUBJECT = re.compile(r"\b(?:it|he|she|they|that one|this one|him|her|them)\b", re.IGNORECASE)
WHOLE = re.compile(
    r"(?:the|this|my|our)?\s*(?:whole|entire|full)?\s*"
    r"(?:it|this|everything|photo|photos|picture|pic|image|img|shot|snap|snapshot|scene|thing|photograph|portrait)",
    re.IGNORECASE,
)
KEPT = re.compile(
    r"\b(?:(?:do not|don'?t|dont|never|without) (?:touch|chang|alter|mov|edit|mess with|affect)(?:e|ing)?"
    r"|with(?= .* left (?:alone|as (?:it is|is|they are)|untouched|unchanged)\b)"
    r"|(?:leave|keep)(?= .* (?:alone|as (?:it is|is|they are)|untouched|unchanged|intact|the same)\b)) "
    r"(?P<kept>[^,.;!?]+?)"
    r"(?= (?:left|alone|as is|as it is|as they are|untouched|unchanged|intact|the same|but|and|though)\b|[,.;!?]|$)",
    re.IGNORECASE,
)
TRAILING = re.compile(
    r"(?:[\s,.;:!?]+|\s+(?:please|pls|plz|thanks|thx|thank you|cheers|too|as well|instead|now|lol|haha|for me))+$",
    re.IGNORECASE,
)
REMOVED = re.compile(
    r"(?:and |then |please |pls )*(?P<verb>remove|delete|erase|get rid of|take out|edit out|cut out|clone out) "
    r"(?P<thing>(?P<article>the|that|those|these|this|my|his|her|their|our|all|any|a|an)\b[^,.;!?]+?)"
    r"(?: please| pls| from (?:the|this|my) (?:photo|picture|image|shot|pic))?[.!]?$",
    re.IGNORECASE,
)
SAID_OF_TALK = frozenset({"delete", "cut out"})  # messages and nonsense are deleted and cut out, too
DEFINITE = frozenset("the that those these this".split())
ANOTHER = re.compile(r"\b(?:that|this|the other) one(?:,| )+(?:too|as well|also)\b", re.IGNORECASE)
ONE = re.compile(r"(?:a|an|some)\b", re.IGNORECASE)
BESIDE = "next to|beside|behind|in front of|near|close to|above|under"
PUT = re.compile(
    r"\b(?:put|place|stick|pop|drop|set|plonk|show|stand|sit|have|get) "
    r"(?P<who>(?:me|us|him|her|them|it)|(?:the|my|our|his|her|their|this|that|these|those) [^,.;!?]+?) "
    r"(?:in|on|at|into|onto|outside|under|among|amongst) (?P<where>[^,.;!?]+)",
    re.IGNORECASE,
)
SCENERY = frozenset({"geo", "setting", "weather", "daytime"})  # kinds of words that name where a picture was taken
SKY = re.compile(
    r"\b(?:make|turn|have|let|get|render|paint) "
    r"(?P<part>(?:the|that|this|our|my) (?:\w+ )?(?!look|be|feel|go|into)\w+) "
    r"(?:look |be |feel |go |into |a bit |more )*(?:like )?(?P<rest>[^,.;!?]+)",
    re.IGNORECASE,
)
UNSAID = frozenset("the scene weather light lighting season time day hour mood atmosphere whole background".split())
ASKING = frozenset(
    "please pls plz kindly just now ok hey so can could would will you u we i want to need like let's lets then and "
    "also maybe perhaps first finally the a an it is".split()
)
CAUSING = frozenset("make turn have get give change".split())  # verbs that leave open what becomes of a thing
OPEN_END = re.compile(
    r"\s(?:past|to|beside|around|outside|inside|against|through|across|above|below|along|between|towards|holding|carrying|wearing"
    r"|reading|pushing|riding|behind|near|under|over|by)$",
    re.IGNORECASE,
)
EVERY = re.compile(r"\b(?:every|any|some|no)(?:body|one|thing)$", re.IGNORECASE)
ON_TO_THE_PLACE = re.compile(r"(?P<who>me|us|him|her|them) (?:in|on|at|to|into|onto|a|an|the|some) ", re.IGNORECASE)
TURNED = re.compile(
    r"\b(?:turn|make|draw|paint|transform|change|convert|render) (?P<who>me|us|him|her|them) "
    r"(?:into|look like|like|as|an?)\b",
    re.IGNORECASE,
)
GIVEN = re.compile(r"\b(?:give|hand|lend|get|buy) (?P<who>me|us|him|her|them)\b(?! (?:out|off|away))", re.IGNORECASE)
HYPHEN = re.compile(r"-[\w'’]+")
UNFINISHED = re.compile(
    r"(?:^|\s)(?:the|a|an|my|his|her|our|their|your|of|with|and|or|in|on|at|behind|near|under|over|by|from|this|these|very)$",
    re.IGNORECASE,
)
VERB = re.compile(
    r"\b(?:remove|delete|erase|get rid of|cut out|take away|drop|lose|knock out|strip|clear|wipe|blur|soften|darken"
    r"|brighten|lighten|desaturate|fade|sharpen|dim|isolate|hide|replace|change)\w*\b",
    re.IGNORECASE,
)


THINGS = frozenset({"food", "drink", "plant", "animal", "object"})
CONTRACTED = re.compile(r"^(i|we|they|he|she|it|you)['’](?:d|m|re|s|ll|ve)$", re.IGNORECASE)


@dataclass(frozen=True)
class Draft:
    """One wish while it is being understood: `prior` is the edit that it may lean on, `whole` all that was typed."""

    task: Task
    text: str
    whole: str
    target: str | None = None
    new: str | None = None
    value: str | None = None
    place: str | None = None
    keep: tuple[str, ...] = ()
    prior: Intent | None = None
    followup: bool = False  # `prior` was typed before, rather than in the same instruction
    applied: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Rule:
    """`change` gives the draft as it should be, or None where the rule has nothing to say."""

    name: str
    change: Callable[[Draft], Draft | None]


def apply_rules(draft: Draft) -> Draft:
    """`draft` after every rule that had something to say; `applied` lists them."""
    for rule in RULES:
        changed = rule.change(draft)
        if changed is not None and changed != draft:
            draft = replace(changed, applied=(*draft.applied, rule.name))
    return draft


def _trim(draft: Draft) -> Draft:
    """Politeness and full stops are no part of what is named."""
    target, new, value, place = (
        TRAILING.sub("", words) or None if words else None
        for words in (draft.target, draft.new, draft.value, draft.place)
    )
    keep = tuple(kept for words in draft.keep if (kept := TRAILING.sub("", words)))
    return replace(draft, target=target, new=new, value=value, place=place, keep=keep)


def _whole_phrase(draft: Draft) -> Draft:
    """A phrase that stops after "the" or within "hi-vis" goes on with the next word, after "past" to the next noun."""

    def whole(words: str | None) -> str | None:
        at = draft.text.find(words) if words else -1
        while words and at >= 0:
            rest = draft.text[at + len(words) :]
            following = HYPHEN.match(f"-{rest}" if words.endswith("-") else rest)
            if following is None and OPEN_END.search(words):
                following = re.match(r"\s+(?:the|a|an|my|his|her|our|their|its)\s+[\w'’-]+", rest, re.IGNORECASE)
            if following is None and EVERY.search(words):
                following = re.match(r"\s+else\b", rest, re.IGNORECASE)
            if following is None and UNFINISHED.search(words):
                following = re.match(r"\s+[\w'’-]+", rest)
            if following is None:
                break
            words += following[0].lstrip("-") if words.endswith("-") else following[0]
        return words

    return replace(
        draft, target=whole(draft.target), new=whole(draft.new), value=whole(draft.value), place=whole(draft.place)
    )


def _contracted(draft: Draft) -> Draft | None:
    """Of "I'd" as a target, "I" is meant."""
    found = CONTRACTED.match(draft.target) if draft.target else None
    return replace(draft, target=found[1]) if found else None


def _background(draft: Draft) -> Draft | None:
    """To remove, blur or recolour "the background" is an edit of the background."""
    named = draft.target if draft.task in (Task.REMOVAL, Task.ATTRIBUTE, Task.SWAP) else None
    if named is None or not BACKGROUND.search(named):
        return None
    behind = re.search(r"\b(?:behind|around|of) (.+)$", named, re.IGNORECASE)
    verb = VERB.search(draft.text)
    value = draft.new or draft.value or (verb[0] if verb else None)
    return replace(draft, task=Task.BACKGROUND, target=behind[1] if behind else None, new=None, value=value)


def _backdrop_is_no_subject(draft: Draft) -> Draft | None:
    """The subject of a background is what stays, never the background itself."""
    if draft.task is not Task.BACKGROUND or not draft.target or not BACKGROUND.search(draft.target):
        return None
    return replace(draft, target=None)


def _colour_is_no_thing(draft: Draft) -> Draft | None:
    """To change a thing "to red" changes its colour."""
    if draft.task is not Task.SWAP or not draft.new or not draft.target:
        return None
    words = re.findall(r"[a-z]+", draft.new.lower())
    if bundled_lexicon().kinds_of_entry(words) & THINGS:  # "red wine", "an orange"
        return None
    colour = colour_name_in(draft.new) or ""
    if colour not in COLOURS and ONE.match(draft.new):  # a strawberry, a mushroom: things, though colours too
        return None
    if not colour or [w for w in words if w not in ("a", "an", "some", "the")] != re.findall(r"[a-z]+", colour):
        return None
    return replace(draft, task=Task.ATTRIBUTE, new=None, value=draft.new)


def _removed(draft: Draft) -> Draft | None:
    """What stands after "remove" is the thing, also where the tagger missed it."""
    if draft.task is not Task.REMOVAL or draft.target is not None:
        return None
    found = REMOVED.match(draft.text.strip())
    return replace(draft, target=found["thing"]) if found and not PRONOUN.fullmatch(found["thing"]) else None


def surely_removes(instruction: str) -> bool:
    """Whether it says "remove the ...", whatever the thing is."""
    found = REMOVED.match(instruction.strip())
    if found is None or found["verb"].lower() in SAID_OF_TALK:
        return False
    return found["article"].lower() in DEFINITE


def _landmark(draft: Draft) -> Draft | None:
    """ "Next to" alone is no place, and what a thing goes next to receives nothing: both together are the place."""
    if draft.task is not Task.ADDITION or not draft.target:
        return None
    whole = re.search(rf"(?:{BESIDE})\s+{re.escape(draft.target)}", draft.text, re.IGNORECASE)
    return replace(draft, place=whole[0], target=None) if whole else None


def _whom(draft: Draft) -> Draft | None:
    """Who is put somewhere, turned into a drawing or given a hat, also where the tagger missed it."""
    pattern = {Task.BACKGROUND: PUT, Task.STYLE: TURNED, Task.ADDITION: GIVEN}.get(draft.task)
    beyond = draft.target and ON_TO_THE_PLACE.match(draft.target)
    if beyond and pattern:
        return replace(draft, target=beyond["who"])
    stray = draft.target is None or re.match(r"(?:in|on|at|to) ", draft.target, re.IGNORECASE)
    found = pattern.search(draft.text) if pattern and stray else None
    if found is None or BACKGROUND.search(found[0]):
        return None
    return replace(draft, target=found["who"])


def _put(draft: Draft) -> Draft | None:
    """To put what is there already in the snow or on a beach changes what is behind it."""
    if draft.task not in (Task.ENVIRONMENT, Task.ADDITION, Task.SWAP) or (draft.new and draft.target):
        return None
    found = PUT.search(draft.text)
    if found is None or BACKGROUND.search(found["where"]):
        return None
    who, where = found["who"], TRAILING.sub("", found["where"])
    words = [bundled_lexicon().read_as(token.plain) for token in tokens_of(where)]
    kinds = {bundled_lexicon().kinds[number] for numbers in bundled_lexicon().kinds_of(words) for number in numbers}
    if not kinds & SCENERY or kinds & {"person", "family", "bodypart", "furniture", "clothing", "pronoun"}:
        return None
    return replace(draft, task=Task.BACKGROUND, target=who, new=None, value=where, place=None)


def _part_of_the_scene(draft: Draft) -> Draft | None:
    """A stormy sky and a garden in spring are weather and season of that part of the picture."""
    if draft.task not in (Task.ENVIRONMENT, Task.STYLE, Task.ATTRIBUTE) or (found := SKY.search(draft.text)) is None:
        return None
    part, rest = found["part"], TRAILING.sub("", found["rest"])
    if draft.task is not Task.ENVIRONMENT and not re.search(
        r"\b(?:sky|skies|heavens|horizon|clouds)\b", part, re.IGNORECASE
    ):
        return None
    if set(part.lower().split()[1:]) & UNSAID or WHOLE.fullmatch(part) or not kind_in(rest, "environment"):
        return None
    if colour_name_in(rest) or rest.lower() == "dull":
        return None
    value = draft.value if draft.value and draft.value in rest else rest
    return replace(draft, task=Task.ENVIRONMENT, target=part, value=value)


def _everything_else(draft: Draft) -> Draft | None:
    """To blur everything except the bride is to blur what is behind her."""
    if draft.task is not Task.BACKGROUND or draft.target or len(draft.keep) != 1:
        return None
    kept = draft.keep[0]
    before = draft.text[: max(draft.text.find(kept), 0)]
    return replace(draft, target=kept, keep=()) if re.search(r"\b(?:everything|all) ", before, re.IGNORECASE) else None


def _same(draft: Draft) -> Draft | None:
    """ "The same for the chairs" is the value of the edit before."""
    prior = draft.prior
    if draft.task is not Task.ATTRIBUTE or draft.value or prior is None or prior.task is not Task.ATTRIBUTE:
        return None
    return replace(draft, value=prior.value) if re.search(r"\bsame\b", draft.text, re.IGNORECASE) else None


def _tone(draft: Draft) -> Draft | None:
    """What changes light, colour or noise and names no thing is a look of the whole picture: "remove the noise"."""
    words = tone_of_the_whole(draft.text) if draft.task not in (Task.BACKGROUND, Task.ADDITION) else None
    if words is None:
        return None
    known = draft.value and not draft.target and parameters_of(draft.task, draft.value, draft.text).get("kind")
    return None if known else replace(draft, task=Task.STYLE, target=None, new=None, value=words)


def _colour_alone(draft: Draft) -> Draft | None:
    """A colour is no light, style or ground where the words name none: "make it red" is about a thing."""
    scene = draft.task in (Task.ENVIRONMENT, Task.STYLE, Task.BACKGROUND) and not draft.target
    named = re.search(r"\bback(?:ground|drop)|\bbehind\b", draft.text) or not re.search(r"\bit\b", draft.text)
    colour = named_kind(draft.value or "") == ("colour", "colour")
    return replace(draft, task=Task.ATTRIBUTE) if scene and colour and not named else None


def _verb(draft: Draft) -> Draft | None:
    """Where nothing else says what becomes of a thing, the verb before it does: "iron the shirt"."""
    target, value = draft.target, draft.value
    if draft.task is Task.BACKGROUND and value and (found := re.match(rf"(.+?) (?:the )?{BACKGROUND.pattern}", value)):
        return replace(draft, value=found[1]) if VERB.match(found[1]) else None
    if draft.task is Task.BACKGROUND and not value and (verb := VERB.search(draft.text)):
        return replace(draft, value=verb[0])
    if draft.task is not Task.ATTRIBUTE or not target:
        return None
    at = draft.text.find(target)
    begin = draft.text.find(value) if value else at
    if value and begin < at < begin + len(value):
        return replace(draft, value=draft.text[begin:at].strip())
    if value or at <= 0:
        return None
    before = [word for word in re.findall(r"[\w'’-]+", draft.text[:at].lower()) if word not in ASKING]
    switched = before[1:] in (["on"], ["off"])
    if not before or len(before) > 2 or (before[0] in CAUSING and not switched):
        return None
    found = re.search(rf"\b{re.escape(before[0])}\b.*$", draft.text[:at].rstrip(), re.IGNORECASE | re.DOTALL)
    return replace(draft, value=found[0]) if found else None


def _whole_picture(draft: Draft) -> Draft | None:
    """An edit of the whole picture names no thing."""
    if draft.task in (Task.REMOVAL, Task.SWAP, Task.ADDITION) or not draft.target:
        return None
    if PRONOUN.fullmatch(draft.target) or not WHOLE.fullmatch(draft.target):
        return None
    return replace(draft, target=None)


def _kept(draft: Draft) -> Draft | None:
    """What must not be touched is kept, also where the tagger missed it."""
    kept = tuple(word for word in draft.keep if word.lower() not in ("anything", "everything", "nothing", "a thing"))
    if kept != draft.keep:
        return replace(draft, keep=kept)
    if draft.keep or not (found := KEPT.search(draft.whole)):
        return None
    named = found["kept"].strip()
    if PRONOUN.fullmatch(named) or named in (draft.target, draft.new, "anything", "everything", "a thing"):
        return None
    return replace(draft, keep=(named,))


def _it(draft: Draft) -> Draft | None:
    """ "It" and an elided thing are the thing of the edit before; after a removal nothing is left to be "it"."""
    pronoun = draft.target is None or PRONOUN.fullmatch(draft.target)
    if not pronoun or (draft.target and draft.followup and ANOTHER.search(draft.text)):
        return None
    named = draft.task in (Task.ATTRIBUTE, Task.REMOVAL, Task.SWAP)
    meant = _thing(draft) if named or (draft.task is Task.BACKGROUND and draft.target) else None
    if meant is None and draft.followup and draft.prior and draft.prior.task == draft.task:
        meant = draft.prior.target if draft.task is not Task.ADDITION or draft.place is None else None
    if draft.task is Task.ADDITION and draft.place is None and draft.followup and SUBJECT.search(draft.text):
        meant = _thing(draft) or meant
    return replace(draft, target=meant)


def _thing(draft: Draft) -> str | None:
    """What the edit before was about, if it is still there (or, of a follow-up, was to go)."""
    prior = draft.prior
    if prior is None or (prior.task is Task.REMOVAL and not draft.followup):
        return None
    if not draft.followup and draft.target is None and not SUBJECT.search(draft.text):
        return None
    return prior.new or prior.target


RULES = (
    Rule("no phrase stops in its midst", _whole_phrase),
    Rule("politeness is not named", _trim),
    Rule("what is removed is named after the verb", _removed),
    Rule("a contraction names whom it begins with", _contracted),
    Rule("the background is edited as one", _background),
    Rule("the background is no subject", _backdrop_is_no_subject),
    Rule("a colour is no new thing", _colour_is_no_thing),
    Rule("who is put, turned or given is named", _whom),
    Rule("what is put into a scene gets that scene behind it", _put),
    Rule("the sky has weather", _part_of_the_scene),
    Rule("what is left out of everything is the subject", _everything_else),
    Rule("the same is the value of the edit before", _same),
    Rule("a tone alone is that of the whole picture", _tone),
    Rule("a colour alone is that of a thing", _colour_alone),
    Rule("the verb says what becomes of a thing", _verb),
    Rule("a place is told with its landmark", _landmark),
    Rule("the whole picture is no thing", _whole_picture),
    Rule("what must not be touched is kept", _kept),
    Rule("it is the thing of the edit before", _it),
)
