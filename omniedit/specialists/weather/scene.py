"""What a photograph shows, as far as weather and light have to do with it: small maps, each an honest guess."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from omniedit.colour import to_linear, to_oklab
from omniedit.grounding.faces import faces
from omniedit.grounding.view import View
from omniedit.sizes import shrink
from omniedit.specialists.blur import blur
from omniedit.specialists.weather.depth import distance_of, ground_of
from omniedit.specialists.weather.edges import Bytes, Floats, Guide, smoothstep
from omniedit.specialists.weather.sky import Sky, find_sky

__all__ = ["Scene", "luminance", "read_scene"]

LONGEST = 768  # pixels of the small picture
REACH = 0.012  # of its longest side: the guide's windows
RIDGE = 0.001  # variance of colour: 8 levels
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
DAY = 0.16  # linear luminance of the sky from which on it is day
DARKEST = 0.15  # of a day's light, that a night sky is taken for
FACE = 0.5  # score of a face: less may be anything
SKIN_SPREAD = np.array([0.28, 0.024, 0.028], np.float32)  # in OKLab, about the middle of the face
SKIN_REACH = 2.0  # heights of the face: so far to both sides is the person's own skin, and twice as far down
LEAF_HUE, LEAF_CHROMA = (92, 106, 150, 164), (0.02, 0.05)


@dataclass(frozen=True)
class Scene:
    """A photograph of `size` (width, height), looked at as `small`, uint8 (h, w, 3).

    `lab` is its OKLab (h, w, 3), `linear` its linear light (3, h, w). Maps (h, w), 0..1: `distance` from near to the
    horizon, `ground` what lies flat, `skin`, `leaves` (grass and foliage). `sky` is None where none was found.
    """

    size: tuple[int, int]
    small: Bytes
    lab: Floats
    linear: Floats
    sky: Sky | None
    distance: Floats
    ground: Floats
    skin: Floats
    leaves: Floats
    guide: Guide = field(repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        """(h, w) of the small maps."""
        return self.small.shape[0], self.small.shape[1]

    @cached_property
    def things(self) -> Floats:
        """(h, w): 1 where no sky is."""
        return np.ones(self.shape, np.float32) if self.sky is None else 1 - self.sky.alpha

    @cached_property
    def level(self) -> float:
        """How light the things are: the median of their linear luminance, at least .002."""
        values = luminance(self.linear)[self.things > 0.5]
        return max(float(np.median(values)), 0.002) if values.size else 0.18

    @cached_property
    def daylight(self) -> float:
        """How much of a day's light the sky gives, DARKEST at night to 1; 1 where no sky is."""
        if self.sky is None:
            return 1.0
        light = float(np.median(luminance(self.linear)[self.sky.alpha > 0.5])) if self.sky.alpha.max() > 0.5 else 1.0
        return float(np.clip(light / DAY, DARKEST, 1.0))

    def at(self, values: Floats, x: Floats, y: Floats) -> Floats:
        """A map (h, w) at places given as shares of width and height."""
        height, width = self.shape
        rows = np.clip((y * height).astype(int), 0, height - 1)
        result: Floats = values[rows, np.clip((x * width).astype(int), 0, width - 1)]
        return result


def read_scene(source: Bytes) -> Scene:
    """Looks at `source`, uint8 (H, W, 3)."""
    small = np.ascontiguousarray(shrink(source, LONGEST))
    lab = to_oklab(small)
    linear = np.ascontiguousarray(to_linear(small).transpose(2, 0, 1))
    skin = _skin(source, lab)
    sky = find_sky(small, lab, linear, skin)
    guide = Guide(small, max(2, round(REACH * max(small.shape))), RIDGE)
    distance = distance_of(small, lab, skin, sky, guide)
    ground = ground_of(lab, skin, sky, guide)
    leaves = _leaves(lab, skin, sky)
    return Scene((source.shape[1], source.shape[0]), small, lab, linear, sky, distance, ground, skin, leaves, guide)


def luminance(linear: Floats) -> Floats:
    """(3, ...) linear light -> (...) its luminance."""
    red, green, blue = LUMINANCE
    result: Floats = red * linear[0] + green * linear[1] + blue * linear[2]
    return result


def _skin(source: Bytes, lab: Floats) -> Floats:
    """Where skin is, soft: what has the colour of a face that was found, in it and in patches near by. Colour alone
    says nothing: bricks, sand and wood have that of skin too."""
    height, width = lab.shape[:2]
    skin = np.zeros((height, width), np.float32)
    for face in faces(View(source)):
        if face.score < FACE:
            continue
        left, top, right, bottom = (round(v) for v in np.array(face.box) * (width, height, width, height))
        inner = lab[top + (bottom - top) // 4 : bottom, left + (right - left) // 4 : right - (right - left) // 4]
        if not inner.size:
            continue
        middle = np.median(inner.reshape(-1, 3), axis=0)
        away = np.abs(lab - middle) / SKIN_SPREAD
        like = ((away**2).sum(axis=2) < 1).astype(np.uint8)
        _, patches, stats, _ = cv2.connectedComponentsWithStats(like, connectivity=4)
        area, box = stats[:, cv2.CC_STAT_AREA], (right - left) * (bottom - top)
        kept = (area > 0.02 * box) & (area < 2.5 * box)
        kept[0] = False
        reach = SKIN_REACH * (bottom - top)
        y, x = np.ogrid[:height, :width]
        near = (np.abs(x - (left + right) / 2) < reach) & (y > top - (bottom - top)) & (y < bottom + 2 * reach)
        skin = np.maximum(skin, kept[patches] & near)
    return np.clip(1.5 * blur(skin, max(height, width) / 250), 0, 1)


def _leaves(lab: Floats, skin: Floats, sky: Sky | None) -> Floats:
    """Where grass and foliage may be, soft: greens that have texture, or that lie in wide stretches."""
    lightness, a, b = np.moveaxis(lab, 2, 0)
    green = _within(np.degrees(np.arctan2(b, a)), LEAF_HUE) * smoothstep(np.hypot(a, b), *LEAF_CHROMA)
    green *= smoothstep(lightness, 0.1, 0.25)
    if sky is not None:
        green *= 1 - sky.alpha
    longest = max(lab.shape)
    fine = np.abs(lightness - blur(lightness, longest / 250))
    rough = blur(fine, longest / 100) / (0.02 + 0.1 * blur(lightness, longest / 100))
    wide = smoothstep(blur(green, longest / 25), 0.25, 0.6)
    person = blur(skin, longest / 20) * 3  # a green jacket is no bush
    return green * np.clip(np.maximum(smoothstep(rough, 0.12, 0.4), wide) - person, 0, 1)


def _within(values: Floats, edges: tuple[float, float, float, float]) -> Floats:
    """0 outside the first and last edge, 1 between the inner two."""
    return smoothstep(values, edges[0], edges[1]) * smoothstep(values, edges[3], edges[2])
