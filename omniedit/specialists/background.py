"""Puts another background behind the subject: the photo's own out of focus, a colour, a scene or the person's picture.

The paper makes such pairs by inpainting with the inverted mask (section 3.2.2); here the subject is matted, its edge
freed of the old background, and laid over the new one in linear light.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import cv2
import numpy as np
from PIL import Image

from omniedit.colour import to_linear, to_srgb
from omniedit.colour_names import colour_rgb
from omniedit.images import from_pil
from omniedit.specialists.base import Bools, Bytes, Knob, Painted, Plan, Refusal, Report, Specialist
from omniedit.specialists.compositing.light import direction, grain_of, relight, tone, with_grain
from omniedit.specialists.compositing.matting import decontaminated, matte
from omniedit.specialists.compositing.thrown import ground_shadow
from omniedit.specialists.edges import enlarged
from omniedit.specialists.locate import locate
from omniedit.specialists.masks import Floats, asked_mask, bounds
from omniedit.specialists.scenes import LONGEST, SCENES, gradient, paint, studio
from omniedit.specialists.scenes.bokeh import blurred
from omniedit.specialists.tiles import Tile, each_tile
from omniedit.types import EditRequest, Intent, Task
from omniedit.vocabulary import BACKDROPS, BACKGROUNDS

__all__ = ["OWN", "Background"]

OWN = "own picture"
DOES = {"blur": "throws the background out of focus", "transparent": "makes the rest transparent"}
NAMED = {
    "plain": "one colour", "studio": "a studio backdrop", "sea": "the sea", "sky": "the sky", "mountains": "mountains",
    "space": "space", OWN: "your picture",
}  # fmt: skip
ALIKE = ("plain", "transparent")  # they leave nothing to chance
IDLE = {  # knobs that do nothing for a kind
    "blur": ("colour", "relight"), "plain": ("amount", "relight"), "transparent": ("colour", "amount", "relight"),
    "gradient": ("amount", "relight"), "studio": ("amount", "relight"), OWN: ("colour",),
    **dict.fromkeys(SCENES, ("colour",)),
}  # fmt: skip
STRENGTHS = ((1.0, 0), (1.6, 0), (0.6, 0), (1.15, 7))  # of the blur, with the blades of the iris, by seed
WHITE = (244, 244, 242)
LEAST, MOST = 0.0004, 0.985  # of the picture that the subject covers
BORDER = 0.015  # of the height: a subject that comes nearer to the lower side goes on below it
LEAST_GRAIN = 0.7  # levels: smooth tones need some, or they show bands
WRAP, WRAP_REACH = 0.3, 0.006  # light of the background on the subject's edge: strength, and reach in longest sides
SHADOW = 0.8
LIGHT_TINT = 0.6  # of a scene's tint: the rest is the colour of its things, not of its light


@dataclass(frozen=True)
class Subject:
    """What is kept: its `outline` (H, W), what it is called, and how sure that is.

    `opaque`: what of the photo can be seen, (H, W, 0..1), None for all of it; `matted`: whether its edge is to be
    looked for, and is not the photo's own transparency.
    """

    outline: Bools
    by: str
    score: float
    opaque: Floats | None = None
    matted: bool = True

    def alpha(self, source: Bytes) -> Floats:
        """How much of each pixel of `source` it is, (H, W, 0..1)."""
        if not self.matted and self.opaque is not None:
            return self.opaque
        found = matte(source, self.outline)
        return found if self.opaque is None else np.minimum(found, self.opaque)


@dataclass(frozen=True)
class Work:
    """The `subject` of `source`, an `edge` (see `Background.knobs`) and what goes behind it.

    What takes time and can wait until a plan is carried out is found when it is asked for: a matte beside a scene.
    """

    kind: str
    source: Bytes
    subject: Subject
    edge: float
    colour: tuple[int, int, int] | None
    material: Bytes | None

    @cached_property
    def alpha(self) -> Floats:
        """How much of each pixel is subject, (H, W, 0..1)."""
        return _softened(self.subject.alpha(self.source), self.edge)

    @cached_property
    def own(self) -> Bytes:
        """The subject's colours (H, W, 3), at its edge without the old background's."""
        return self.source if self.subject.opaque is not None else decontaminated(self.source, self.alpha)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the photo."""
        return self.source.shape[1], self.source.shape[0]

    @cached_property
    def span(self) -> tuple[float, float]:
        """The subject's top and its foot, in heights; a foot of 1 or more lies below the picture."""
        height = self.size[1]
        solid = bounds(self.subject.outline)
        return solid[1] / height, (1.5 if solid[3] >= height * (1 - BORDER) else solid[3] / height)


class Background(Specialist):
    """Keeps the subject and changes what is behind it."""

    name: ClassVar[str] = "background"
    task: ClassVar[Task] = Task.BACKGROUND
    knobs: ClassVar[tuple[Knob, ...]] = (
        Knob("kind", "What comes behind", "blur", choices=(*BACKGROUNDS, OWN)),
        Knob("colour", "Colour", "", free=True),
        Knob("amount", "Out of focus", 1.0),
        Knob("relight", "Light matched", 0.4, 0.0, 1.0),
        Knob("edge", "Softness of the edge", 1.0),
    )

    def prepare(self, request: EditRequest, intent: Intent) -> Plan | Refusal:
        """What comes behind which subject; a refusal where the words name no background, or nothing stands out."""
        blank = self.blank(request, intent)
        source, parameters = blank.source, dict(blank.parameters)
        kind = _kind(request, intent)
        if isinstance(kind, Refusal):
            return kind
        colour = _colour(str(parameters["colour"]))
        if isinstance(colour, Refusal):
            return colour
        subject = _subject(blank)
        if isinstance(subject, Refusal):
            return subject
        share = float(subject.outline.mean())
        if not LEAST < share < MOST:
            much = "nearly the whole picture" if share > 0.5 else "nearly nothing"
            return Refusal(
                f"What is to be kept ({subject.by}) covers {much}", "draw a box around it or paint the background"
            )
        if kind in BACKDROPS or (request.mask is not None and "relight" not in request.parameters):
            parameters["relight"] = 0.0  # the subject stays in the light that it is in
        parameters["kind"] = kind
        material = np.asarray(from_pil(request.material).rgb) if kind == OWN and request.material else None
        work = Work(kind, source, subject, float(parameters["edge"]), colour, material)
        return replace(
            blank,
            mask=None if float(parameters["relight"]) > 0 else _changing(kind, work.alpha),
            says=f"Keeps {subject.by} and {_does(kind, str(parameters['colour']))}.",
            parameters=parameters,
            confidence=subject.score,
            notes=(*blank.notes, *_remarks(kind, request)),
            knobs=self.knobs_but(*IDLE.get(kind, ())),
            work=work,
        )

    def paint(self, plan: Plan, seed: int, report: Report) -> Painted:
        """One variant: another scene of the kind, another strength of blur, another gradient for each seed."""
        work: Work = plan.work
        report(0.05)
        if work.kind == "transparent":
            own = work.own
            report(0.8)
            return Painted(own, _alpha_of(work.alpha, plan.alpha))
        with ThreadPoolExecutor(1) as aside:
            asked = aside.submit(lambda: work.own)
            behind, stands = _behind(work, float(plan.parameters["amount"]), seed)
            was, there = tone(work.source, work.subject.outline.astype(np.float32)), tone(behind)
            towards = direction(behind)
            behind = _grained(_enlarged(behind, work.size), work, seed)
            own = asked.result()
        report(0.7)
        strength = float(plan.parameters["relight"])
        if strength > 0:
            tint = (np.array(was.tint) + LIGHT_TINT * np.subtract(there.tint, was.tint)).tolist()
            own = relight(own, was, replace(there, tint=(tint[0], tint[1])), strength)
        if stands and work.span[1] < 1:
            _throw(behind, work, towards)
        report(0.8)
        rgb = _laid(own, behind, work.alpha, 0.0 if work.kind == "plain" else WRAP)
        filled = plan.alpha is not None and work.kind != "blur"
        return Painted(rgb, Image.new("L", (rgb.shape[1], rgb.shape[0]), 255) if filled else None)


def _kind(request: EditRequest, intent: Intent) -> str | Refusal:
    """What comes behind: the person's choice, their picture, or what the words say."""
    chosen, meant = request.parameters.get("kind"), str(intent.parameters.get("kind") or "").lower()
    if chosen is None and request.material is not None and meant not in BACKDROPS:
        return OWN
    said = str(chosen or meant).lower()
    if said == OWN and request.material is None:
        return Refusal(
            "There is no picture of yours to put behind the subject", "give one, or choose another background"
        )
    if said in (*BACKGROUNDS, OWN):
        return said
    if not said and (request.parameters.get("colour") or intent.parameters.get("colour")):
        return "plain"
    wanted = said or intent.value or intent.new
    what = f"I have no background {wanted!r}" if wanted else "The words do not say which background"
    return Refusal(what, f"choose one of {', '.join(BACKGROUNDS)}, or give a picture of your own")


def _remarks(kind: str, request: EditRequest) -> Iterator[str]:
    if kind in SCENES:
        yield "This background is painted by rules, not photographed."
    if kind in ALIKE and request.variants > 1:
        yield "There is one way to do this: all variants are the same."
    if request.material is not None and kind != OWN:
        yield "Your picture is not used: the words ask for another background."


def _colour(phrase: str) -> tuple[int, int, int] | Refusal | None:
    if not phrase:
        return None
    return colour_rgb(phrase) or Refusal(
        f"I do not know the colour {phrase!r}", 'name another one, such as "light blue"'
    )


def _subject(blank: Plan) -> Subject | Refusal:
    """What is kept. What a person paints is what may change."""
    request, source = blank.request, blank.source
    painted, opaque = asked_mask(request), None
    if blank.alpha is not None:
        opaque = np.asarray(blank.alpha, np.float32) / np.float32(255)
    if painted is not None:
        if painted.all():
            return Refusal("All of the picture is painted", "leave what is to be kept unpainted")
        return Subject(_seen(~painted, opaque), "what you did not paint", 1.0, opaque)
    if opaque is not None and request.box is None and request.click is None:
        return Subject(opaque > 0.5, "what is not transparent", 1.0, opaque, matted=False)
    found = locate(request, blank.intent, source)
    if isinstance(found, Refusal):
        return found
    return Subject(_seen(found.mask, opaque), f"the subject ({found.by})", found.score, opaque)


def _seen(outline: Bools, opaque: Floats | None) -> Bools:
    return outline if opaque is None else outline & (opaque > 0.5)


def _does(kind: str, colour: str) -> str:
    """The second half of the sentence that says what will happen."""
    if kind in DOES:
        return DOES[kind]
    return f"puts {NAMED.get(kind, f'a {kind}')}{f' ({colour})' if colour and kind not in SCENES else ''} behind it"


def _softened(alpha: Floats, edge: float) -> Floats:
    """`alpha` with an edge as soft as it was found (1), harder (towards 0) or softer (towards 2)."""
    if edge < 1:
        gain = 1 / max(edge, 0.15)
        return np.clip((alpha - 0.5) * np.float32(gain) + 0.5, 0, 1)
    if edge > 1:
        return np.asarray(cv2.GaussianBlur(alpha, (0, 0), (edge - 1) * 0.002 * max(alpha.shape)), dtype=np.float32)
    return alpha


def _alpha_of(alpha: Floats, already: Image.Image | None) -> Image.Image:
    """`alpha` as a picture of mode L; what the photo had transparent `already` stays so."""
    levels = np.rint(alpha * 255).astype(np.uint8)
    return Image.fromarray(levels if already is None else np.minimum(levels, np.asarray(already)))


def _changing(kind: str, alpha: Floats) -> Bools:
    """Where the picture changes while the subject stays in its light: all but the subject's inside."""
    still = (alpha >= 1).astype(np.uint8)
    if kind not in ("plain", "transparent"):
        reach = 2 * round(1.2 * WRAP_REACH * max(alpha.shape)) + 1
        still = cv2.erode(still, np.ones((reach, reach), np.uint8), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(still == 0)


def _behind(work: Work, amount: float, seed: int) -> tuple[Bytes, bool]:
    """The new background, uint8 (h, w, 3), mostly small, and whether it has ground to stand on."""
    width, height = work.size
    scale = min(1.0, LONGEST / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    top, foot = work.span
    if work.kind == "blur":
        strength, blades = STRENGTHS[seed % len(STRENGTHS)]
        ground = foot if foot < 1 else None
        return blurred(work.source, work.alpha, amount * strength, ground, blades), False
    if work.kind == OWN:
        assert work.material is not None
        return _filling(work.material, (width, height), amount), False
    if work.kind == "plain":
        return np.full((size[1], size[0], 3), work.colour or WHITE, np.uint8), False
    if work.kind in ("gradient", "studio"):
        return {"gradient": gradient, "studio": studio}[work.kind](size, work.colour, seed), False
    if foot < 1:  # eyes of a grown person, seen by another one
        horizon = float(np.clip(foot - 0.75 * (foot - top), 0.2, 0.66))
    else:
        horizon = float(np.clip(top + 0.42 * (1 - top), 0.36, 0.6))
    painted = paint(work.kind, (width, height), seed, horizon, foot if foot < 1 else None, amount)
    return painted.rgb, painted.stands


def _filling(material: Bytes, size: tuple[int, int], amount: float) -> Bytes:
    """The middle of a person's picture that fills (width, height); out of focus only where `amount` is above 1."""
    height, width = material.shape[:2]
    scale = max(size[0] / width, size[1] / height)
    wide, high = min(width, round(size[0] / scale)), min(height, round(size[1] / scale))
    left, top = (width - wide) // 2, (height - high) // 2
    crop = material[top : top + high, left : left + wide]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    filled = np.asarray(cv2.resize(crop, size, interpolation=method), dtype=np.uint8)
    return filled if amount <= 1 else blurred(filled, np.zeros(filled.shape[:2], np.float32), amount - 1, None)


def _enlarged(rgb: Bytes, size: tuple[int, int]) -> Bytes:
    if rgb.shape[1::-1] == size:
        return rgb
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _grained(behind: Bytes, work: Work, seed: int) -> Bytes:
    """`behind` with the grain of the photo's own background."""
    if work.kind == "plain":
        return behind
    grain = max(LEAST_GRAIN, grain_of(work.source, (~work.subject.outline).astype(np.float32)))
    return with_grain(behind, grain, np.random.default_rng(seed))


def _throw(behind: Bytes, work: Work, towards: tuple[float, float]) -> None:
    """The subject's shadow on the ground."""
    height = behind.shape[0]
    top, foot = work.span
    share = ground_shadow(work.alpha, (foot - top) * height, foot * height, towards, SHADOW)

    def work_on(tile: Tile) -> None:
        shaded = share[tile] < 0.995
        if shaded.any():
            part = behind[tile]
            part[shaded] = to_srgb(to_linear(part[shaded]) * share[tile][shaded][:, None])

    each_tile(behind.shape[:2], work_on)


def _laid(own: Bytes, behind: Bytes, alpha: Floats, wrap: float) -> Bytes:
    """The subject over the background in linear light; a bright background shines around its edge."""
    result = np.asarray(cv2.copyTo(own, (alpha >= 1).view(np.uint8), behind.copy()), np.uint8)
    around, spill = _spill(behind, alpha, wrap)

    def work(tile: Tile) -> None:
        share, there = alpha[tile], enlarged(spill, alpha.shape, tile)
        at = (share > 0) & ((share < 1) | (there > 0.01 * WRAP))
        if not at.any():
            return
        front = to_linear(own[tile][at])
        front = front + there[at][:, None] * np.maximum(enlarged(around, alpha.shape, tile)[at] - front, 0)
        solid = share[at][:, None]
        result[tile][at] = to_srgb(front * solid + to_linear(behind[tile][at]) * (1 - solid))

    each_tile(alpha.shape, work)
    return result


def _spill(behind: Bytes, alpha: Floats, wrap: float) -> tuple[Floats, Floats]:
    """At a small size: the linear light behind (h, w, 3), and how much of it falls on the subject's edge (h, w)."""
    reach = WRAP_REACH * max(alpha.shape)
    scale = min(1.0, 4 / reach)
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    light = to_linear(np.asarray(cv2.resize(behind, size, interpolation=cv2.INTER_AREA), np.uint8))
    gone = 1 - cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    around, open_ = (cv2.GaussianBlur(values, (0, 0), reach * scale / 3) for values in (light, gone))
    return np.asarray(around, np.float32), np.asarray(wrap * open_, np.float32)
