"""Gives a thing another colour and keeps its light: shading, texture, highlights, and what is of another colour on it.

A pixel of the thing is body colour under some light, plus what is mirrored (Shafer, "Using color to separate reflection
components", 1985). In OKLab the body's chroma grows with lightness along one line, and mirrored light has none of it:
so the share of a pixel's chroma in what that line gives tells how much of the pixel is body. That share is
exchanged for the new colour's chroma, and lightness moves as a whole by one straight line, so that folds, grain
and weave stay as they were. Colours that the screen cannot show lose chroma, never hue or lightness.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from omniedit.colour import from_oklab, to_oklab
from omniedit.guided import smoothstep
from omniedit.sizes import shrink
from omniedit.specialists.base import Bools, Bytes
from omniedit.specialists.changing.gamut import brightest, in_gamut
from omniedit.specialists.edges import Affine, fit_guided
from omniedit.specialists.masks import Floats
from omniedit.specialists.tiles import Tile, each_tile

__all__ = ["RGB", "Body", "Dye", "apply_dye", "body_of", "body_weight", "dye_for", "find_body", "recolour"]

RGB = tuple[int, int, int]

LOOKED_AT = 768  # longest side at which the body is told from what is on it
SAMPLED = 100_000  # pixels that tell the body's colour
VIVID = (0.065, 0.095)  # saturation: grey below, coloured above
PALE_LIGHT = 0.15  # lightness added where chroma is judged by it, so that noise in the dark is no colour
COLOURED = (0.3, 0.45)  # share of the thing that is coloured: a grey body below, a coloured one above
ONE_HUE = 0.55  # share of the coloured part that one hue must have for other hues to be details
HUES = 36
SAME_HUE, OTHER_HUE = 40.0, 75.0  # degrees from the body's: surely body, surely not
BODY = (0.12, 0.45)  # share of the body's chroma: something else below, body above
HIGHLIGHT = (0.0, 0.12)  # lightness above a coloured body's at which what has no colour is a highlight
SPECULAR = (0.15, 0.6)  # share of the body's chroma: mirrored light below, body above
GREY_BODY = (0.06, 0.1)  # distance from a grey body's colour, in OKLab: body below, something else above
MIRRORED = 0.4  # further from a grey body's lightness lies mirrored light, or another thing
LIT = 60  # percentile of lightness that shows the body's colour best
NOISE = 0.012  # chroma that may be noise
DARK = 0.3  # lightness below which small differences of chroma are noise too

CONTRAST = (0.55, 1.05, 1.5)  # how much shading is flattened, or deepened on bright and on dark bodies, at most
CLEAR = 0.15  # lightness above a dark body's up to which its shading is deepened
TOE = 0.13  # lightness below which that of a dark body is taken as CIE L* does: in 8 bits there is mostly noise
DARK_BODY = (0.3, 0.45)  # lightness: a dark body below, none above
BRIGHTEST, DARKEST = 0.99, 0.07  # lightness where the shading should still show
SHOULDER = 0.9  # lightness above which it nears white softly
LEAST_CHROMA = 0.6  # of the new colour's, that the screen must be able to show where the body is lightest
PALER = 0.13  # how far from the asked lightness a pale or dark colour may lie so that its shading shows
LIGHTER = 0.25  # lightness that the whole of the slider adds
VIVID_MORE = 0.35  # of the chroma that twice the amount adds
VARIETY = (0.35, 0.9)  # how much of small and of large differences of hue on the body stays
DIFFERENT = (0.03, 0.08)  # such differences, in OKLab: small below, large above
TURNED = (0.01, 0.05)  # chroma of the new colour: differences of hue stay as they are below, turn with it above


@dataclass(frozen=True)
class Body:
    """The colour of the thing itself: OKLab lightness and (a, b), the range of its shading, and how coloured it is."""

    lightness: float
    ab: tuple[float, float]
    low: float  # lightness of its shadows (5th percentile) and lights (97th)
    high: float
    coloured: float  # 0 (grey) .. 1
    many: bool  # of several hues: all of them are body
    toe: float  # lightness below which steps are as CIE L* has them

    @property
    def chroma(self) -> float:
        """Its chroma at its own lightness."""
        return float(np.hypot(*self.ab))


@dataclass(frozen=True)
class Dye:
    """Where a body's colour goes: L -> lightness + contrast (L - body's lightness), (a, b) -> `ab` there."""

    lightness: float
    contrast: float
    ab: tuple[float, float]


def recolour(
    own: Bytes, alpha: Floats, colour: RGB, amount: float = 1.0, lightness: float = 0.0, chroma: float = 1.0
) -> Bytes:
    """A thing in another colour: uint8 (h, w, 3), meant where `alpha` (h, w, 0..1) is not 0.

    own: uint8 (h, w, 3), the thing's colours. `amount` is 1 for the colour itself, less for a tint of it, up to 2 for
    a more vivid one; `lightness` (-1..1) makes it darker or lighter than asked, `chroma` is a factor of the colour's.
    """
    body, weight = body_of(own, alpha)
    dye = dye_for(body, colour, lightness, chroma * (1 + VIVID_MORE * max(amount - 1, 0)))
    return apply_dye(own, weight.at(own) * np.float32(min(amount, 1)), body, dye)


def body_of(own: Bytes, alpha: Floats) -> tuple[Body, Affine]:
    """The body of the thing `own`, uint8 (h, w, 3), where `alpha` (h, w, 0..1) is set, and how much of it is body."""
    share = shrink(np.rint(alpha * 255).astype(np.uint8), LOOKED_AT).astype(np.float32) * np.float32(1 / 255)
    lab = to_oklab(shrink(own, LOOKED_AT)).astype(np.float32)
    body = find_body(lab, share)
    return body, body_weight(lab, body)


def find_body(lab: Floats, share: Floats) -> Body:
    """The body colour of a thing: lab (h, w, 3) in OKLab, of which `share` (h, w, 0..1) belongs to it."""
    inside = share > min(0.9, 0.9 * float(share.max()))
    pixels = lab[inside]
    pixels = pixels[:: max(1, len(pixels) // SAMPLED)]
    light, ab = pixels[:, 0], pixels[:, 1:]
    chroma = np.hypot(ab[:, 0], ab[:, 1])
    vivid = smoothstep(chroma / (light + np.float32(PALE_LIGHT)), *VIVID)
    coloured = _ramp(float(vivid.mean()), COLOURED)
    members, many = _of_main_hue(ab, chroma, vivid)
    if coloured >= 0.5:
        light, ab, chroma = light[members], ab[members], chroma[members]
        mean = ab.mean(axis=0)
        steepness = float(np.median(chroma / np.maximum(light, 0.05)))
        middle = mean / max(float(np.hypot(*mean)), 1e-6) * steepness * float(np.percentile(light, LIT))
    else:
        grey = chroma <= max(GREY_BODY[0], float(np.median(chroma)))
        light, middle = light[grey], np.median(ab[grey], axis=0)
        light = light[np.abs(light - np.median(light)) < MIRRORED]
    shades = np.percentile(light, [5, LIT, 97]).astype(np.float32)
    toe = TOE * (1 - _ramp(float(shades[1]), DARK_BODY))
    low, level, high = (float(v) for v in _toed(shades, toe))
    return Body(level, (float(middle[0]), float(middle[1])), low, high, coloured, many, toe)


def body_weight(lab: Floats, body: Body) -> Affine:
    """How much of each pixel of `lab` (h, w, 3) is body (0..1) rather than a button, a window or a patch."""
    # chroma is noisy, and blurred by JPEG: judged over a few pixels, then brought back to the edges of the picture
    calm = lab.copy()
    calm[..., 1:] = cv2.GaussianBlur(cv2.medianBlur(lab[..., 1:].copy(), 3), (0, 0), 0.8)
    weight = np.zeros(lab.shape[:2], np.float32)
    if body.coloured > 0:
        weight += np.float32(body.coloured) * _coloured_weight(calm, body)
    if body.coloured < 1:
        away = np.hypot(calm[..., 1] - np.float32(body.ab[0]), calm[..., 2] - np.float32(body.ab[1]))
        weight += np.float32(1 - body.coloured) * (1 - smoothstep(away, *GREY_BODY))
    radius = max(1, round(max(lab.shape[:2]) / 250))
    return fit_guided(from_oklab(lab).astype(np.float32) * np.float32(1 / 255), weight, radius, 1e-3)


def dye_for(body: Body, colour: RGB, lightness: float = 0.0, chroma: float = 1.0) -> Dye:
    """How `body` becomes `colour`: its lightness as asked, but with room left for the shading at both ends."""
    goal, a, b = (float(v) for v in to_oklab(np.array(colour, np.uint8)))
    a, b = chroma * a, chroma * b
    level = float(np.clip(goal + LIGHTER * lightness, 0.08, 0.98))
    top = max(min(brightest(a, b, LEAST_CHROMA), BRIGHTEST), level)
    flattest, bright, dark = CONTRAST
    deepest = dark + (bright - dark) * _ramp(body.lightness, DARK_BODY)
    contrast = float(np.clip(np.sqrt(level / max(body.lightness, 0.05)), flattest, deepest))
    up, down = max(body.high - body.lightness, 1e-3), max(body.lightness - body.low, 1e-3)
    contrast = min(contrast, max((top - level + PALER) / up, 0.2))
    level = min(level, max(top - contrast * up, level - PALER))
    contrast = min(contrast, max((level + PALER - DARKEST) / down, 0.2))
    level = max(level, min(DARKEST + contrast * down, level + PALER))
    return Dye(level, contrast, (a, b))


def apply_dye(own: Bytes, weight: Floats, body: Body, dye: Dye) -> Bytes:
    """`own`, uint8 (h, w, 3), with the body's colour exchanged as far as `weight` (h, w, 0..1) says."""
    result = np.empty_like(own)
    exchange = _Exchange(body, dye)

    def work(tile: Tile) -> None:
        lab = to_oklab(own[tile]).astype(np.float32)
        share = np.clip(weight[tile], 0, 1)[..., None]
        result[tile] = from_oklab(in_gamut(lab + share * (exchange(lab) - lab)))

    each_tile((own.shape[0], own.shape[1]), work)
    return result


class _Exchange:
    """The new colour of pixels that are body, OKLab float32 (h, w, 3) to the same."""

    def __init__(self, body: Body, dye: Dye) -> None:
        self.body, self.dye = body, dye
        self.along = np.array(body.ab, np.float32) / np.float32(max(body.chroma, 1e-4))
        self.steepness = np.float32(max(body.chroma, 1e-4) / max(body.lightness, 0.05))
        self.coloured, self.grey = np.float32(body.coloured), np.float32(1 - body.coloured)
        goal = np.array(dye.ab, np.float32)
        self.turned = np.float32(_ramp(float(np.hypot(*dye.ab)), TURNED) * body.coloured)
        cross = self.along[0] * goal[1] - self.along[1] * goal[0]
        angle = self.turned * np.arctan2(cross, self.along @ goal)
        self.cos, self.sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))

    def __call__(self, lab: Floats) -> Floats:
        light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
        shade = _toed(light, self.body.toe) - np.float32(self.body.lightness)
        new_light = _below_white(np.float32(self.dye.lightness) + self._contrasted(shade))
        # how much of the body's chroma is there: highlights have little, worn or dyed places more or less
        expected = self.steepness * light
        forward = a * self.along[0] + b * self.along[1]
        part = self.coloured * np.clip(forward / (expected + np.float32(NOISE)), 0, 1.3)
        known = part * expected + self.grey * np.float32(self.body.chroma)
        rest_a, rest_b = a - known * self.along[0], b - known * self.along[1]
        # mirrored light does not go with the body
        mirrored = self.coloured * (1 - smoothstep(part, *SPECULAR)) * smoothstep(shade, *HIGHLIGHT)
        new_light += mirrored * np.maximum(light - new_light, 0)
        part += self.grey * self._unmirrored(new_light)
        part *= np.clip(new_light / np.float32(self.dye.lightness), 0, 1.25)
        # what is left differs from the body: turned with it, or, where the new colour is grey, as it is
        different = smoothstep(np.hypot(rest_a, rest_b), *DIFFERENT)
        kept = np.float32(VARIETY[0]) + np.float32(VARIETY[1] - VARIETY[0]) * different * (1 - self.turned)
        kept = (kept + mirrored * (1 - kept)) * np.minimum(light * np.float32(1 / DARK), 1)
        new_a = np.float32(self.dye.ab[0]) * part + kept * (self.cos * rest_a - self.sin * rest_b)
        new_b = np.float32(self.dye.ab[1]) * part + kept * (self.sin * rest_a + self.cos * rest_b)
        return np.dstack([new_light, new_a, new_b])

    def _contrasted(self, shade: Floats) -> Floats:
        """`shade`, lightness relative to the body's, with the dye's contrast; with less beyond where it would fit."""
        body, contrast, level = self.body, self.dye.contrast, self.dye.lightness
        knee = CLEAR if contrast > 1 else body.high - body.lightness
        room = (1 - level - contrast * knee) / max(1 - body.lightness - knee, 1e-3)
        above = np.maximum(shade - np.float32(knee), 0)
        result: Floats = np.float32(contrast) * (shade - above) + np.float32(np.clip(room, 0.1, contrast)) * above
        return result

    def _unmirrored(self, light: Floats) -> Floats:
        """The share of a grey body's own light where it is lightest: the rest is white light that it mirrors."""
        level = np.float32(self.dye.lightness)
        share: Floats = np.minimum((1 - light) / (1 - level), 1) * np.minimum(level / light, 1)
        return share


def _coloured_weight(lab: Floats, body: Body) -> Floats:
    """How much of each pixel (h, w) is body of a coloured thing, or a highlight on it."""
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    expected = np.float32(body.chroma / max(body.lightness, 0.05)) * lab[..., 0] + np.float32(NOISE)
    part = smoothstep(chroma / expected, *BODY)
    # what is lighter than the body and has no colour is a highlight on it, or white and as well off so
    highlight = smoothstep(lab[..., 0] - np.float32(body.lightness), *HIGHLIGHT)
    weight: Floats = np.maximum(part, highlight)
    if not body.many:
        apart = _apart(_degrees(lab[..., 1:]), float(_degrees(np.array(body.ab, np.float32))))
        weight *= 1 - smoothstep(apart, SAME_HUE, OTHER_HUE) * part
    return weight


def _of_main_hue(ab: Floats, chroma: Floats, vivid: Floats) -> tuple[Bools, bool]:
    """Which of the pixels (n, 2) make the coloured body, and whether that is all coloured ones for want of one hue."""
    degrees, weight = _degrees(ab), vivid * chroma
    histogram, edges = np.histogram(degrees, bins=HUES, range=(-180, 180), weights=weight)
    near = sum(np.roll(histogram, k) for k in (-2, -1, 0, 1, 2))
    close = _apart(degrees, float(edges[int(np.argmax(near))]) + 180 / HUES) < SAME_HUE
    middle = (weight[close, None] * ab[close] / np.maximum(chroma[close, None], 1e-6)).sum(axis=0)
    near = (_apart(degrees, float(_degrees(middle))) < SAME_HUE) & (vivid > 0.5)
    many = bool(near.sum() < ONE_HUE * (vivid > 0.5).sum())
    return ((vivid > 0.5) if many else near), many


def _degrees(ab: Floats) -> Floats:
    """Hue of OKLab (..., 2), -180..180 degrees."""
    return np.asarray(np.degrees(np.arctan2(ab[..., 1], ab[..., 0])), dtype=np.float32)


def _apart(degrees: Floats, main: float) -> Floats:
    """Degrees, 0..180, between hues and one hue."""
    result: Floats = np.abs((degrees - np.float32(main) + 180) % 360 - 180)
    return result


def _toed(light: Floats, toe: float) -> Floats:
    """Lightness with a straight line in linear light below `toe`, as CIE L* has it; at 0 no change."""
    if toe <= 0:
        return light
    low = light**3 / np.float32(3 * toe**2) + np.float32(2 * toe / 3)
    result: Floats = np.where(light < toe, low, light)
    return result


def _below_white(light: Floats) -> Floats:
    """Lightness that nears 1 softly and is not below that of black."""
    over = np.maximum(light - np.float32(SHOULDER), 0) / np.float32(1 - SHOULDER)
    result: Floats = np.maximum(np.minimum(light, SHOULDER) + np.float32(1 - SHOULDER) * np.tanh(over), 0.02)
    return result


def _ramp(value: float, ends: tuple[float, float]) -> float:
    return float(smoothstep(np.array(value, np.float32), *ends))
