"""What each edit says where one sentence asks for several.

The tagger learned where an edit begins. Three forms need no learning: a verb of command after "and", a comma or a full
stop; a list of things, "remove the dog and the leash"; a list of changes, "make it brighter and warmer".
"""

from __future__ import annotations

import re

from omniedit.language.meaning import DEGREE, named_kind

__all__ = ["JOINT", "LEAD", "POLITE", "parts_of"]

JOINT = re.compile(r"^(?:[\s.,;:!?&+]+|(?:and|then|also|plus|after that)\b)+", re.IGNORECASE)
# What stands before a verb of command and says nothing of the edit.
LEAD = (
    r"(?:(?:please|pls|plz|kindly|just|now|also|and|then|next|finally|lastly|first(?:ly)?|second(?:ly)?|third(?:ly)?"
    r"|afterwards|after that|(?:could|can|would|will) you|i(?:'d| would) like you to|i want you to)\b,?\s*|\d[.)]\s*)*"
)
TONED = (  # these may stand alone, where the picture is meant
    r"(?:brighten|lighten|darken|sharpen|soften|desaturate|saturate|whiten|denoise|smooth(?:en)?|blur|enlarge|shrink)"
)
SURELY = (
    r"(?:remove|delete|erase|get rid of|add|insert|replace|swap|turn|make|give|put|convert|transform|re-?colou?r"
    r"|colou?ri[sz]e|boost|increase|reduce|decrease|crop|rotate)"
)
PERHAPS = (  # a noun or an adjective as well, unless a thing follows
    r"(?:paint|colou?r|draw|hang|place|stick|change|open|close|cut|drop|clear|lose|wipe|hide|light|dim|warm|cool|tint"
    r"|dye|fade|raise|lower|switch|clean|render|shorten|straighten|tone|get|ditch|isolate|lean|dress|fix|set)"
)
A_THING = (
    r"(?:the|an?|this|that|these|those|my|our|your|his|her|their|its|it|him|them|me|us|all|every|each|some|any|more"
    r"|less|everything|everyone|another|two|three|up|down|out|off|on|away)"
)
COMMAND = (
    rf"(?:(?:{TONED}|{SURELY})\s+\w|{TONED}\s*(?=[.,;!]|and\b|$)|{PERHAPS}\s+{A_THING}\b"
    r"|let\s+(?:it|there|him|her|us|them|me|the)\b"
    r"|take\s+(?:(?:out|off|away|down)\b|[^,.;!?]+?\s(?:out|off|away|down|from)\b))"
)
COMMANDED = re.compile(LEAD + COMMAND, re.IGNORECASE)
BETWEEN = re.compile(
    r"(?:\s*[,;:.!?&+]+\s*|\s+(?:and|then|plus|also|n|next|afterwards|after that)\b\s*|\s+(?=\d[.)]))"
    rf"{LEAD}(?={COMMAND})",
    re.IGNORECASE,
)
WITH_NO_THING = re.compile(LEAD + TONED, re.IGNORECASE)
THING = re.compile(rf"{TONED}\s+(?P<thing>.+)", re.IGNORECASE | re.DOTALL)
LETTERING = re.compile(r"\b(?:say(?:s|ing)?|read(?:s|ing)|titled|captioned|with the (?:words?|text)) ", re.IGNORECASE)
QUOTED = re.compile(r"[\"“][^\"”]*[\"”]")
ELSEWHERE = re.compile(  # what goes where another was, and what is put elsewhere, are one edit with the verb before
    r"\b(?:instead|there|in (?:its|his|her|their|the same) (?:place|spot)|where \w+ (?:was|were|stood))\b"
    r"|^(?:put|place|drop|stick|set|hang|lean) (?:it|him|her|them)\b",
    re.IGNORECASE,
)
LISTED = re.compile(
    r"(?!(?<=\bblack)\s+(?:and|&|n)\s+white\b)(?:\s*,\s*(?:(?:and|&)\s+)?|\s+(?:and|&|n)\s+)", re.IGNORECASE
)
FRAME = re.compile(
    rf"{LEAD}(?:make|turn|get|render|i(?:'d| would) like|i want)\s+[^,.;!?]+?(?:\s+(?:to\s+)?(?:look|be))?",
    re.IGNORECASE,
)
ONE_THING = (
    r"(?:the|my|our|his|her|their|that|those|these|all)"
    r"(?:\s+(?!(?:and|of|in|on|at|by|to|from|with|between|behind|near|under|over|around|for)\b)[\w'’-]+){1,3}"
)
THINGS = re.compile(
    rf"(?P<verb>{LEAD}(?:remove|delete|erase|get rid of|lose|{TONED}))"
    rf"\s+(?P<things>{ONE_THING}(?:(?:\s*,|\s+and|\s*,\s*and)\s+{ONE_THING})+)",
    re.IGNORECASE,
)
BUT = re.compile(r",?\s+(?:but (?:keep|leave|do not|don['’]?t)|without|except)\b.*$", re.IGNORECASE | re.DOTALL)
POLITE = re.compile(r"(?:[\s.,!?]|\b(?:please|pls|plz|thanks|thank you|too|as well)\b)+$", re.IGNORECASE)


def parts_of(instruction: str) -> list[str]:
    """What each edit says, in order: of "make it brighter and warmer" also "make it warmer"; all of it where it is one.

    Every part after the first begins with a verb of command, or is one of a list of changes.
    """
    return [each for part in _commands(instruction) for one in _things(part) for each in _changes(one)]


def _commands(instruction: str) -> list[str]:
    """`instruction` cut before each verb of command that follows another."""
    parts, begin = list[str](), 0
    for joint in BETWEEN.finditer(instruction):
        before, after = instruction[begin : joint.start()].strip(), instruction[joint.end() :]
        quoted = any(q.start() < joint.start() < q.end() for q in QUOTED.finditer(instruction))
        if quoted or LETTERING.search(QUOTED.sub("", before)) or not COMMANDED.search(before):
            continue
        if ELSEWHERE.search(BETWEEN.split(after)[0]):  # "take the vase away and put a book there"
            continue
        parts.append(before)
        begin = joint.end()
    parts.append(instruction[begin:].strip())
    for i in range(len(parts) - 2, -1, -1):  # "brighten and sharpen the face"
        follows = THING.fullmatch(parts[i + 1])
        if follows and WITH_NO_THING.fullmatch(parts[i]):
            parts[i] = f"{parts[i]} {follows['thing']}"
    return parts


def _things(part: str) -> list[str]:
    """A list of things to the end, each with its article, as one wish each; `part` alone where it is anything else."""
    wish, but = _exception(part)
    found = THINGS.fullmatch(wish)
    return [f"{found['verb']} {thing}{but}" for thing in LISTED.split(found["things"])] if found else [part]


def _changes(part: str) -> list[str]:
    """A list of different changes, "much brighter and warmer", as one each; `part` alone where it is anything else."""
    wish, but = _exception(part)
    first, *others = LISTED.split(wish)
    words = first.split(" ") if others else []
    begin = next((i for i in range(len(words)) if named_kind(" ".join(words[i:]))), None)
    if begin is None:
        return [part]
    frame, first = " ".join(words[:begin]), " ".join(words[begin:])
    kinds = [named_kind(item) for item in (first, *others)]
    tables = {kind[0] if kind else "" for kind in kinds}
    if "" in tables or "change" not in tables or len(set(kinds)) < len(kinds):
        return [part]
    if not FRAME.fullmatch(frame) if frame else tables != {"change"}:  # "grainy and faded" is a look
        return [part]
    degree = DEGREE.match(first)
    spread = [item if degree is None or DEGREE.match(item) else degree[0] + item for item in others]
    return [f"{frame} {item}{but}".strip() for item in (first, *spread)]


def _exception(part: str) -> tuple[str, str]:
    """The wish, and the words after it that keep something as it is."""
    part = POLITE.sub("", part)
    found = BUT.search(part)
    return (part[: found.start()], found[0]) if found else (part, "")
