"""Rules over what the tagger read, in the order in which they are applied; each says what it is for.

The tagger learns what people say; a rule states what follows from it whoever says it: what "it" means, that nothing
can be removed behind everything, that an article is no part of a colour.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from omniedit.colour_names import colour_name_in
from omniedit.language.words import bundled_lexicon
from omniedit.types import Intent, Task
from omniedit.vocabulary import COLOURS

__all__ = ["RULES", "Draft", "Rule", "apply_rules"]

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
    r"|(?:leave|keep)(?= .* (?:alone|as (?:it is|is|they are)|untouched|unchanged|intact|the same)\b)) "
    r"(?P<kept>[^,.;!?]+?)"
    r"(?= (?:alone|as is|as it is|as they are|untouched|unchanged|intact|the same|but|and|though)\b|[,.;!?]|$)",
    re.IGNORECASE,
)
TRAILING = re.compile(
    r"(?:[\s,.;:!?]+|\s+(?:please|pls|plz|thanks|thx|thank you|cheers|too|as well|instead|now|lol|haha|for me))+$",
    re.IGNORECASE,
)
REMOVED = re.compile(
    r"(?:and |then |please |pls )*(?:remove|delete|erase|get rid of|take out|edit out|cut out|clone out) "
    r"(?P<thing>(?:the|that|those|these|this|my|his|her|their|our|all|any|a|an)\b[^,.;!?]+?)"
    r"(?: please| pls| from (?:the|this|my) (?:photo|picture|image|shot|pic))?[.!]?$",
    re.IGNORECASE,
)
ONE = re.compile(r"(?:a|an|some)\b", re.IGNORECASE)
BESIDE = "next to|beside|behind|in front of|near|close to|above|under"
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
    """A phrase that stops after "the" or "of" goes on with the next word."""

    def whole(words: str | None) -> str | None:
        at = draft.text.find(words) if words else -1
        while words and at >= 0 and UNFINISHED.search(words):
            following = re.match(r"\s+[\w'’-]+", draft.text[at + len(words) :])
            if following is None:
                break
            words += following[0]
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


def _landmark(draft: Draft) -> Draft | None:
    """ "Next to" alone is no place, and what a thing goes next to receives nothing: both together are the place."""
    if draft.task is not Task.ADDITION or not draft.target:
        return None
    whole = re.search(rf"(?:{BESIDE})\s+{re.escape(draft.target)}", draft.text, re.IGNORECASE)
    return replace(draft, place=whole[0], target=None) if whole else None


def _whole_picture(draft: Draft) -> Draft | None:
    """An edit of the whole picture names no thing."""
    if draft.task in (Task.REMOVAL, Task.SWAP, Task.ADDITION) or not draft.target:
        return None
    if PRONOUN.fullmatch(draft.target) or not WHOLE.fullmatch(draft.target):
        return None
    return replace(draft, target=None)


def _kept(draft: Draft) -> Draft | None:
    """What must not be touched is kept, also where the tagger missed it."""
    if draft.keep or not (found := KEPT.search(draft.whole)):
        return None
    kept = found["kept"].strip()
    return None if PRONOUN.fullmatch(kept) or kept in (draft.target, draft.new) else replace(draft, keep=(kept,))


def _it(draft: Draft) -> Draft | None:
    """ "It" and an elided thing are the thing of the edit before; after a removal nothing is left to be "it"."""
    pronoun = draft.target is None or PRONOUN.fullmatch(draft.target)
    if not pronoun:
        return None
    meant = _thing(draft) if draft.task in (Task.ATTRIBUTE, Task.REMOVAL, Task.SWAP) else None
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
    Rule("a place is told with its landmark", _landmark),
    Rule("the whole picture is no thing", _whole_picture),
    Rule("what must not be touched is kept", _kept),
    Rule("it is the thing of the edit before", _it),
)
