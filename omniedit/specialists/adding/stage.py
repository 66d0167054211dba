"""What a photograph offers to a new thing: sky and ground, the horizon, how large a metre is, free room.

All of it is guessed at a small size from little: where the sky ends, how large a face is. Where neither is seen a thing
gets a size that suits a picture, smaller further up.
"""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from omniedit.colour import to_oklab
from omniedit.grounding import SURE, Found, ground
from omniedit.specialists.base import Bools, Bytes
from omniedit.specialists.locate import finder
from omniedit.specialists.masks import Box, Floats, bounds
from omniedit.sprites import Stance, Thing

__all__ = ["Stage", "sky_share", "usual_height"]

LOOKED_AT = 320  # longest side at which a photo is looked at
SURE_FACE = 0.6  # score from which a find is a face
LIKELY, LARGE = 0.35, 0.04  # score, and share of the picture, from which the one thing that stands out may be meant
LEAST_SKY = 0.04  # of the picture that is sky: less says nothing about the horizon
NO_HORIZON = 0.3  # of the height, where neither sky nor face says where it is
EYE = 1.6  # metres above the ground at which a photo is taken as a rule
FACE = 0.16  # metres, the side of a face as it is found: from the hairline to below the mouth
STANDING = 1.45  # metres from the chin to the ground


class Stage:
    """A photo, uint8 (H, W, 3), as the one looks at it who wants to put something in; each thing is found once."""

    def __init__(self, rgb: Bytes) -> None:
        self.rgb = rgb
        self.height, self.width = rgb.shape[:2]
        scale = min(1.0, LOOKED_AT / max(self.height, self.width))
        size = (max(8, round(self.width * scale)), max(8, round(self.height * scale)))
        self.small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        self.scale = size[0] / self.width  # small pixels per pixel

    def find(self, phrase: str) -> Found | None:
        """What `phrase` names in the small picture, where that is sure."""
        found = ground(phrase, self.small, finder=finder())
        return found[0] if found and found[0].score >= SURE else None

    @cached_property
    def main(self) -> Found | None:
        """The one large thing of the small picture: what a name that no finder knows may mean."""
        found = ground(None, self.small)
        alone = len(found) == 1 or (len(found) > 1 and found[1].score < 0.5 * found[0].score)
        return found[0] if alone and found[0].score >= LIKELY and found[0].mask.mean() >= LARGE else None

    def box_of(self, mask: Bools) -> Box:
        """The box of a mask of the small picture, in pixels of the photo."""
        left, top, right, bottom = (round(edge / self.scale) for edge in bounds(mask))
        return left, top, right, bottom

    @cached_property
    def sky(self) -> Bools:
        """(h, w) of the small picture; empty where no sky is seen."""
        found = ground("the sky", self.small)  # which needs no model
        sure = found and found[0].score >= SURE
        return found[0].mask if sure else np.zeros(self.small.shape[:2], np.bool_)

    @cached_property
    def face(self) -> Box | None:
        """The largest face, from hairline to mouth, in pixels of the photo."""
        from omniedit.grounding.faces import faces
        from omniedit.grounding.view import View

        found = [one.box for one in faces(View(self.small)) if one.score >= SURE_FACE]
        if not found:
            return None
        left, top, right, bottom = max(found, key=lambda box: box[2] - box[0])
        wide, high = self.width, self.height
        return round(left * wide), round(top * high), round(right * wide), round(bottom * high)

    @cached_property
    def horizon(self) -> float:
        """Its row in the photo: where the sky ends, else at the height of the eyes, else a guess."""
        if self.sky.mean() > LEAST_SKY:
            columns = self.sky.any(axis=0)
            ends = self.sky.shape[0] - np.argmax(self.sky[::-1], axis=0)[columns]
            return min(float(np.percentile(ends, 70)) / self.scale, 0.8 * self.height)
        if self.face is not None:
            return min(0.5 * (self.face[1] + self.face[3]), 0.6 * self.height)
        return NO_HORIZON * self.height

    @cached_property
    def busy(self) -> Floats:
        """(h, w) in 0..1: how much there is to see at each place of the small picture."""
        lightness = to_oklab(self.small)[..., 0].astype(np.float32)
        steep = cv2.magnitude(cv2.Sobel(lightness, cv2.CV_32F, 1, 0), cv2.Sobel(lightness, cv2.CV_32F, 0, 1))
        spread = cv2.GaussianBlur(steep, (0, 0), 0.02 * max(steep.shape))
        return np.clip(spread / max(float(np.percentile(spread, 92)), 0.02), 0, 1).astype(np.float32)

    @cached_property
    def subject(self) -> Floats:
        """(h, w) in 0..1: what the photo is of, which must not be hidden."""
        from omniedit.grounding.things import things
        from omniedit.grounding.view import View

        result = np.zeros(self.small.shape[:2], np.float32)
        for thing in things(View(self.small)):
            result[cv2.resize(thing.mask.astype(np.uint8), result.shape[::-1]) > 0] = 1
        if self.face is not None:  # and the body below it
            left, top, right, bottom = (round(edge * self.scale) for edge in self.face)
            wide = right - left
            result[max(0, top - wide // 3) :, max(0, left - wide // 4) : right + wide // 4] = 1
            result[bottom:, max(0, left - wide) : right + wide] = 1
        return result

    def metre(self, foot: float) -> tuple[float, float] | None:
        """Pixels of a metre for what stands at row `foot`, and the trust in it (0..1); None where nothing says it."""
        below = foot - self.horizon
        if self.face is not None:
            near = (self.face[3] - self.face[1]) / FACE
            feet = self.face[3] + STANDING * near
            depth = np.clip(below / max(feet - self.horizon, 1.0), 0.3, 1.5)
            return near * float(depth), 0.75
        if self.sky.mean() > LEAST_SKY and below > 0:
            return below / EYE, 0.55
        return None


def usual_height(stage: Stage, thing: Thing, foot: float) -> float:
    """How many pixels high `thing` is if it stands at row `foot` (or hovers there) of the photo."""
    short = min(stage.height, stage.width)
    metres = thing.size if thing.size is not None else 0.5
    if thing.stance == Stance.SKY:
        return metres * short
    share = float(np.clip(0.24 * (metres / 0.5) ** 0.2, 0.12, 0.5))  # that suits a picture
    if thing.stance == Stance.FLOATS:
        return 0.75 * share * short
    depth = (foot - stage.horizon) / max(0.88 * stage.height - stage.horizon, 1.0)
    suiting = share * short * float(np.clip(depth, 0.12, 1.3))
    said = stage.metre(foot)
    if said is None:
        return suiting
    metre, trust = said
    true = metres * metre
    return float(np.clip(true**trust * suiting ** (1 - trust), 0.025 * short, 0.8 * stage.height))


def sky_share(thing: Thing) -> float:
    """The height of `thing` far up in the sky, as a share of the picture's short side."""
    if thing.stance == Stance.SKY and thing.size is not None:
        return thing.size
    metres = thing.size if thing.size is not None else 0.5
    return float(np.clip(0.11 * metres**0.16, 0.05, 0.2))
