"""What is to be put into a photo: the person's own picture, cut out, or a bundled drawing that the words name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from omniedit.colour import to_oklab
from omniedit.colour_names import colour_rgb
from omniedit.images import Picture, from_pil
from omniedit.specialists.adding.where import how_large, how_many
from omniedit.specialists.base import Bools, Bytes, Refusal
from omniedit.specialists.changing.recolour import recolour
from omniedit.specialists.compositing.matting import decontaminated, matte
from omniedit.specialists.compositing.pasting import CutOut
from omniedit.specialists.masks import bounds
from omniedit.sprites import OFTEN, Stance, Thing, described, drawing, head_noun, is_plural, without_article
from omniedit.types import EditRequest, Intent

__all__ = ["Wanted", "wanted"]

LARGEST = 2048  # longest side of a person's cut-out: more is never seen
LEAST_SOLID = 0.005  # of a person's picture that must be opaque
PLAIN = 0.035  # standard deviation in OKLab of a background that is plain
APART = 0.1  # distance in OKLab from a plain background at which the thing begins
SEVERAL = 3  # of "birds", where no number is said


@dataclass(frozen=True)
class Wanted:
    """A thing that is wanted, in the words of the person; `cut_out(k, aloft)` its k-th picture, counted around."""

    thing: Thing
    words: str
    cut_out: Callable[[int, bool], CutOut]
    pictures: int = 1
    many: int = 1
    factor: float = 1.0

    @property
    def shown(self) -> str:
        """How a sentence names it: "a red balloon"."""
        return self.words or f"a {self.thing.name}"


def wanted(request: EditRequest, intent: Intent) -> Wanted | Refusal:
    """What `intent.new` names, or what `request.material` shows."""
    words = (intent.new or intent.value or "").strip()
    found = described(words)
    if request.material is not None:
        cut_out = _cut(from_pil(request.material))
        if isinstance(cut_out, Refusal):
            return cut_out
        name = head_noun(words) or "thing"
        thing = found[0] if found is not None else Thing(name, (), None, Stance.STANDS)
        return Wanted(thing, words or "your picture", lambda _, __: cut_out, 1, how_many(words), how_large(words))
    if found is None:
        name = without_article(head_noun(words))
        file = re.sub(r"[^a-z0-9]+", "-", name).strip("-")[:30] or "thing"
        return Refusal(
            f"I have no picture of {words or 'that'}",
            f"give one with a transparent background (--with {file}.png), or ask for one of: {', '.join(OFTEN)}",
        )
    thing, before = found
    colour = colour_rgb(before) if before else None
    many = how_many(words)
    if is_plural(words) and many == 1:
        many = SEVERAL
    if thing.stance in (Stance.HEAD, Stance.EYES, Stance.NECK):
        many = 1  # "a pair of sunglasses"
    return Wanted(
        thing, words, lambda k, aloft: _drawn(thing, k, colour, aloft), len(thing.drawings), many, how_large(before)
    )


def _drawn(thing: Thing, which: int, colour: tuple[int, int, int] | None, aloft: bool) -> CutOut:
    rgba = drawing(thing, which, aloft)
    if colour is not None:
        alpha = rgba[..., 3]
        dyed = recolour(np.ascontiguousarray(rgba[..., :3]), (alpha / np.float32(255)).astype(np.float32), colour)
        rgba = np.dstack([dyed, alpha])
    return CutOut(rgba, drawn=True)


def _cut(picture: Picture) -> CutOut | Refusal:
    """The person's picture without its background."""
    rgb = np.asarray(picture.rgb)
    if picture.alpha is not None:
        alpha = np.asarray(picture.alpha)
        if (alpha > 127).mean() < LEAST_SOLID:
            return Refusal("The picture given is almost wholly transparent", "give one that shows the thing")
        rgba = np.dstack([rgb, alpha])
    else:
        rgb = _at_most(rgb)
        subject = _before_plain(rgb)
        if subject is None:
            return Refusal(
                "The picture given has no transparent background",
                "cut the thing out and save it as PNG with transparency, or take it before a plain wall",
            )
        share = matte(rgb, subject)
        rgba = np.dstack([decontaminated(rgb, share), np.rint(share * 255).astype(np.uint8)])
    left, top, right, bottom = bounds(rgba[..., 3] > 8)
    return CutOut(_at_most(np.ascontiguousarray(rgba[top:bottom, left:right])), drawn=False)


def _before_plain(rgb: Bytes) -> Bools | None:
    """What stands out from a plain background, bool (H, W); None where the background is not plain."""
    scale = min(1.0, 384 / max(rgb.shape[:2]))
    size = (max(8, round(rgb.shape[1] * scale)), max(8, round(rgb.shape[0] * scale)))
    lab = to_oklab(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)).astype(np.float32)
    wide = max(2, min(size) // 40)
    # a thing may stand on the lower side: the background is judged by the other three
    rim = np.concatenate([lab[:wide].reshape(-1, 3), lab[:, :wide].reshape(-1, 3), lab[:, -wide:].reshape(-1, 3)])
    usual = np.median(rim, axis=0)
    away = np.linalg.norm(rim - usual, axis=1)
    if np.percentile(away, 85) > 2 * PLAIN:
        return None
    apart = (np.linalg.norm(lab - usual, axis=2) > APART).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(apart)
    if count < 2:
        return None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    # holes of the background's colour inside, such as a highlight, belong to the thing
    outline, _ = cv2.findContours((labels == largest).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = cv2.drawContours(np.zeros(size[::-1], np.uint8), outline, -1, 1, cv2.FILLED)
    if not LEAST_SOLID < whole.mean() < 0.9:
        return None
    large = cv2.resize(whole.astype(np.float32), rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    mask: Bools = large > 0.5
    return mask


def _at_most(pixels: Bytes) -> Bytes:
    """`pixels` (H, W, 3 or 4), straight alpha, no longer than is ever seen."""
    scale = LARGEST / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    if pixels.shape[2] == 3:
        return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    alpha = pixels[..., 3:].astype(np.float32)
    premultiplied = cv2.resize(np.dstack([pixels[..., :3] * (alpha / 255), alpha]), size, interpolation=cv2.INTER_AREA)
    straight = premultiplied[..., :3] / np.maximum(premultiplied[..., 3:] / 255, 1e-3)
    return np.clip(np.rint(np.dstack([straight, premultiplied[..., 3]])), 0, 255).astype(np.uint8)
