"""What an instruction means: the tagger reads it, the rules finish it, the vocabulary names it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from omniedit.language.meaning import parameters_of
from omniedit.language.refusals import in_another_language, saying
from omniedit.language.rules import Draft, apply_rules, surely_removes
from omniedit.language.several import JOINT, parts_of
from omniedit.language.tagger import CLASSES, REFUSALS, Clause, Tagger, bundled_tagger
from omniedit.language.tones import says_not_how, tone_of_the_whole
from omniedit.language.words import Token
from omniedit.types import Intent, Task
from omniedit.vocabulary import CHANGES

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["as_json", "as_task", "parse", "parse_with"]

UNSURE = 0.7  # below it the other readings are told
LIKELY = 0.12  # of another reading at least
NEED_VALUE = (Task.ATTRIBUTE, Task.BACKGROUND, Task.ENVIRONMENT, Task.STYLE)  # that name what a thing is to become

LINE_BREAK = re.compile(r"(?<=[^\s.,;:!?])[^\S\r\n]*[\r\n]+\s*")  # after words that no other sign ends
OF_IT = re.compile(r"\w+ (?:it|them|him|her)\b", re.IGNORECASE)  # "add a cat" and then "make it red"


def parse(instruction: str, image: Image | None = None, before: str | None = None) -> Intent:
    """What `instruction` asks for; `before` is the instruction that was carried out last, for "it" and "that one".

    The first of several edits holds the others, in order, in `then`; `text` is what one says alone: of "make it
    brighter and warmer" the second says "make it warmer". Words are those of the instruction, or of `before` where only
    that names the thing. Where nothing is to be edited, `task` is None and `refusal` says, by the kind of what was
    typed, what can be asked. The picture is not looked at: words alone say what is meant here, and grounding finds it.
    Raises CheckpointError where the trained weights are missing or damaged.
    """
    return parse_with(bundled_tagger(), instruction, before)


def parse_with(tagger: Tagger, instruction: str, before: str | None = None) -> Intent:
    """`parse` by another tagger."""
    prior = None
    if before is not None and before.strip():
        read = parse_with(tagger, before)
        prior = (read, *read.then)[-1]
        prior = None if prior.task is None else prior
    instruction = LINE_BREAK.sub("; ", instruction.strip())
    if not instruction:
        return Intent(None, instruction, refusal=saying("empty"))
    if in_another_language(instruction):
        return Intent(None, instruction, refusal=saying("foreign"))
    intents = _each_read(tagger, instruction, prior) or _read(tagger, instruction, prior, prior is not None)
    keep = tuple(dict.fromkeys(kept for intent in intents for kept in intent.keep))
    intents = [replace(i, keep=tuple(k for k in keep if k not in (i.target, i.new))) for i in intents]
    return replace(intents[0], then=tuple(intents[1:]))


def _each_read(tagger: Tagger, instruction: str, prior: Intent | None) -> list[Intent]:
    """The edits of a sentence that holds several, each read by its own words; none where one cannot be."""
    parts = parts_of(instruction)
    if len(parts) == 1:
        return []
    intents: list[Intent] = []
    for part in parts:
        intents += _read(tagger, part, intents[-1] if intents else prior, not intents and prior is not None)
        if intents[-1].task is None:
            return []
    return intents


def _read(tagger: Tagger, instruction: str, prior: Intent | None, followup: bool) -> list[Intent]:
    """The edits that the tagger finds, or a refusal; `followup` where `prior` was typed before."""
    leans = followup or bool(prior and prior.new and OF_IT.match(instruction))
    came = prior.task.value if prior and prior.task and leans else None
    tokens, clauses = tagger.read(instruction, came)
    asked = [clause for clause in clauses if CLASSES[int(clause.classes.argmax())] not in REFUSALS]
    asked = [clause for clause in asked if not _is_talk(clause)] or asked[:1]
    said_by_rule = Task.REMOVAL if surely_removes(instruction) else None
    said_by_rule = said_by_rule or (Task.STYLE if tone_of_the_whole(instruction) else None)
    if not asked and said_by_rule:
        sure = np.zeros_like(clauses[0].classes)
        sure[CLASSES.index(said_by_rule)] = UNSURE
        whole = replace(clauses[0], end=len(tokens), classes=sure)
        asked = [tagger.slots_for(instruction, said_by_rule, whole, came)]
    if asked and not (asked := [clause for clause in asked if not says_not_how(_words(instruction, tokens, clause))]):
        return [Intent(None, instruction, refusal=saying("empty"))]
    if not asked:
        return [_refused(tagger, instruction, tokens, clauses, prior, came)]
    intents: list[Intent] = []
    for clause in asked:
        task = Task(CLASSES[int(clause.classes.argmax())])
        leans_on, follows = (intents[-1], False) if intents else (prior, followup)
        intent = _intent(task, instruction, tokens, clause, leans_on, follows)
        others = [
            _intent(other, instruction, tokens, tagger.slots_for(instruction, other, clause, came), leans_on, follows)
            for other in _other_tasks(clause, intent.task)
        ]
        by_task = {other.task: other for other in others if other.task != intent.task}  # as the rules left them
        text = JOINT.sub("", intent.text) if clause.start else intent.text
        intents.append(replace(intent, text=text or intent.text, others=tuple(by_task.values())))
    return intents


def _words(instruction: str, tokens: Sequence[Token], clause: Clause) -> str:
    return instruction[tokens[clause.start].start : tokens[clause.end - 1].end]


def _is_talk(clause: Clause) -> bool:
    """Whether a clause says neither what is to change nor into what, as beside a wish that does."""
    return CLASSES[int(clause.classes.argmax())] in NEED_VALUE and not clause.slots and not clause.keep


def _refused(
    tagger: Tagger,
    instruction: str,
    tokens: Sequence[Token],
    clauses: Sequence[Clause],
    prior: Intent | None,
    came: str | None,
) -> Intent:
    """A polite no, with the edits that may have been meant after all."""
    clause = max(clauses, key=lambda c: float(c.classes.max()))
    kind = CLASSES[int(clause.classes.argmax())]
    others = tuple(
        _intent(task, instruction, tokens, tagger.slots_for(instruction, task, clause, came), prior, prior is not None)
        for task in _other_tasks(clause, None)
    )
    for reading in others:
        if reading.parameters.get("kind") in CHANGES:  # "make it warmer": what it says can be done, and nothing else
            return replace(reading, others=tuple(other for other in others if other is not reading))
    sure = float(clause.classes.max())
    return Intent(None, instruction.strip(), confidence=sure, refusal=saying(kind), others=others)


def _intent(
    task: Task, instruction: str, tokens: Sequence[Token], clause: Clause, prior: Intent | None, followup: bool
) -> Intent:
    def words(begin: int, end: int) -> str:
        return instruction[tokens[begin].start : tokens[end - 1].end]

    said = {slot: words(begin, end) for slot, (begin, end, _) in clause.slots.items()}
    draft = apply_rules(
        Draft(
            task,
            _words(instruction, tokens, clause),
            instruction,
            said.get("target"),
            said.get("new"),
            said.get("value"),
            said.get("place"),
            keep=tuple(words(*span) for span in clause.keep),
            prior=prior,
            followup=followup,
        )
    )
    sure = float(clause.classes[CLASSES.index(task.value)])
    for _, _, of_slot in clause.slots.values():
        sure = min(sure, of_slot)
    return Intent(
        draft.task,
        draft.text,
        draft.target,
        draft.new,
        draft.value,
        draft.place,
        draft.keep,
        parameters_of(draft.task, draft.value, draft.text),
        confidence=round(sure, 3),
    )


def _other_tasks(clause: Clause, task: Task | None) -> list[Task]:
    """Tasks that the clause may ask for too, likeliest first; none where the reading is sure."""
    if float(clause.classes.max()) >= UNSURE:
        return []
    order = [CLASSES[int(i)] for i in clause.classes.argsort()[::-1] if clause.classes[i] >= LIKELY]
    return [Task(name) for name in order if name not in REFUSALS and name != task][:2]


def as_task(intent: Intent, task: Task) -> Intent:
    """`intent` read as that task: itself or another of its readings, else itself under that name."""
    return next((reading for reading in (intent, *intent.others) if reading.task == task), replace(intent, task=task))


def as_json(intent: Intent) -> dict[str, Any]:
    """`intent` for JSON: {"task": "attribute", "target": "her dress", ...}; what it does not say is left out."""
    said: dict[str, Any] = {"task": intent.task.value if intent.task else None, "text": intent.text}
    for name in ("target", "new", "value", "place", "refusal"):
        if getattr(intent, name) is not None:
            said[name] = getattr(intent, name)
    if intent.keep:
        said["keep"] = list(intent.keep)
    if intent.parameters:
        said["parameters"] = dict(intent.parameters)
    said["confidence"] = round(intent.confidence, 3)
    for name in ("others", "then"):
        if getattr(intent, name):
            said[name] = [as_json(other) for other in getattr(intent, name)]
    return said
