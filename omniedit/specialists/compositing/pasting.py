"""Puts a cut-out into a photograph so that it belongs there: lit, shadowed, as sharp and as grainy as the rest.

`lay` does all that can be done before the picture below is final, `stick` puts the layer on it, `touched` says where
it will change pixels. Colours are mixed in linear light, as a lens does, so that no dark or bright fringe appears.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np

from omniedit.colour import from_oklab, to_linear, to_oklab, to_srgb
from omniedit.guided import smoothstep
from omniedit.specialists.base import Bools, Bytes
from omniedit.specialists.blur import blur
from omniedit.specialists.compositing.enlarging import enlarged_colour, enlarged_outline
from omniedit.specialists.compositing.light import Light, direction, measure, relight, with_grain
from omniedit.specialists.compositing.matting import decontaminated, matte
from omniedit.specialists.compositing.thrown import afloat, cast_slope, ground_shadow, worn_shadow
from omniedit.specialists.masks import Box, Floats, widen
from omniedit.specialists.tiles import Tile, each_tile

__all__ = ["CutOut", "Layer", "Lighting", "Rest", "Spot", "lay", "lighting", "stick", "touched"]

STUDIO = Light(lightness=0.64, spread=0.2, tint=(0.0, 0.0), grain=0.0, sharpness=0.5)  # by which drawings are lit
LIT, LIT_PHOTO = 0.6, 0.45  # how far a drawing goes towards the light around it, and a photographed thing
OWN_TINT = 0.4  # of the tint of a photographed thing: the rest is its own colour
FURTHEST = 0.2  # in lightness, that a photographed thing and the place may lie apart
HIGHLIGHT = 0.35  # standard deviations above the mean: bright places tell of the light, dark ones of dark things
TINTED = 0.7  # of the tint that is measured: some of it is the ground's own colour
NEAR_SHARE = 0.6  # of the light around it that its near surroundings give; the rest is the whole picture's
VIOLET = 295.0  # degrees of hue in OKLab
DULLER = 0.86  # dyes and fur are duller than a drawing's colours
RELIEF = 0.3  # how much brighter the side is that faces the light, and darker the other
HAZE = 0.16  # of the sky's colour over what is far away in it
WRAP = 0.22  # of the light behind a thing that comes around its outline
COARSEST = 8.0  # sharpness that `measure` gives where there is no edge to measure
SHADE = np.array([1.0, 0.96, 0.9], np.float32)  # less of the sky's blue is taken than of the sun's red
SEEN = 0.01  # share of light taken that still counts as shadow


@dataclass(frozen=True)
class CutOut:
    """What is put in: `rgba` uint8 (h, w, 4), straight alpha; `drawn`: lit evenly, without a light of its own."""

    rgba: Bytes
    drawn: bool


class Rest(StrEnum):
    """What a thing rests on, which says what shadow it throws."""

    GROUND = "ground"
    AIR = "air"
    SKY = "sky"  # far away in the air
    WATER = "water"
    WORN = "worn"


@dataclass(frozen=True)
class Spot:
    """Where a thing goes, in pixels: the middle of its foot (x, foot), its height, its turn in degrees clockwise.

    `front` (bool, H, W) is what stands before it.
    """

    x: float
    foot: float
    height: float
    rest: Rest = Rest.GROUND
    turn: float = 0.0
    mirrored: bool = False
    front: Bools | None = None


@dataclass(frozen=True)
class Lighting:
    """How a photo is lit: `whole` tells of all of it, `towards` is the unit vector (x right, y down) to its light."""

    whole: Light
    towards: tuple[float, float]


@dataclass(frozen=True)
class Layer:
    """A thing as it will be seen in `box` of the picture, (h, w) of it.

    `rgb`: uint8 (h, w, 3), straight; `alpha`: (h, w) in [0, 1]; `light`: (h, w), the share of light that its shadow
    leaves; `wrap`: (h, w), the share of light from behind; `mirror`: premultiplied colour and alpha of its reflection,
    (h, w, 4) linear, or None; `front`: colours and alpha of what stands before it, or None.
    """

    box: Box
    rgb: Bytes
    alpha: Floats
    light: Floats
    wrap: Floats
    grain: float
    mirror: Floats | None = None
    front: tuple[Bytes, Floats] | None = None


def lighting(rgb: Bytes) -> Lighting:
    """How the photo `rgb`, uint8 (H, W, 3), is lit."""
    return Lighting(measure(rgb), direction(rgb))


def lay(
    rgb: Bytes, lit: Lighting, cut_out: CutOut, spot: Spot, shadow: float = 1.0, without: Bools | None = None
) -> Layer:
    """`cut_out` at `spot` of the photo `rgb`, uint8 (H, W, 3), lit as `lit` says; ready to be put in.

    `shadow` is the strength of its shadow, 1 as usual. `without` (bool, H, W) will be something else below it: no light
    is measured there.
    """
    there, near = _surroundings(rgb, lit.whole, spot, cut_out, without)
    colour, alpha = _shrunk(cut_out.rgba, spot.height)
    colour = _lit(colour, alpha, cut_out.drawn, there, _from_inside(lit.towards, spot), spot.rest)
    colour, alpha = _enlarged(colour, alpha, spot)
    if spot.rest == Rest.GROUND:
        colour = _grounded(colour, near, spot.height)
    box, at = _room(rgb, alpha, spot, lit.towards)
    colour, alpha = _softened(colour, alpha, at, _blur_wanted(cut_out, spot, there))
    light, mirror = np.ones(alpha.shape, np.float32), None
    if spot.rest == Rest.GROUND:
        light = ground_shadow(alpha, spot.height, spot.foot - box[1], lit.towards, shadow)
    elif spot.rest == Rest.WORN:
        light = worn_shadow(alpha, spot.height, shadow)
    elif spot.rest == Rest.WATER:
        alpha, mirror = afloat(colour, alpha, spot.height, spot.foot - box[1])
    light = np.minimum(light + np.float32(SEEN), 1)  # its end is nowhere a step
    wrap = _rim(alpha, 0.015 * spot.height) * np.float32(WRAP)
    if spot.rest == Rest.SKY:
        wrap = np.maximum(wrap, np.float32(HAZE))
    grain = max(there.grain - (0.0 if cut_out.drawn else 0.8 * measure(cut_out.rgba[..., :3]).grain), 0.0)
    return Layer(box, colour, alpha, light, wrap, grain, mirror, _front(rgb, spot.front, box))


def stick(rgb: Bytes, layer: Layer, rng: np.random.Generator) -> None:
    """Put `layer` on `rgb`, uint8 (H, W, 3), in place; `rng` gives the grain."""
    left, top, right, bottom = layer.box
    crop = rgb[top:bottom, left:right]
    around = blur(crop, 0.03 * max(layer.alpha.shape))
    grained = with_grain(layer.rgb, layer.grain, rng)
    changes = _changes(layer)

    def mix(tile: Tile) -> None:
        if not changes[tile].any():
            return
        under = to_linear(crop[tile]) * (1 - (1 - layer.light[tile])[..., None] * SHADE)
        if layer.mirror is not None:
            under = layer.mirror[tile][..., :3] + under * (1 - layer.mirror[tile][..., 3:])
        above = to_linear(grained[tile])
        above += layer.wrap[tile][..., None] * (to_linear(around[tile]) - above)
        mixed = under + layer.alpha[tile][..., None] * (above - under)
        if layer.front is not None:
            colour, opaque = layer.front[0][tile], layer.front[1][tile][..., None]
            mixed += opaque * (to_linear(colour) - mixed)
        np.copyto(crop[tile], to_srgb(mixed), where=changes[tile][..., None])

    each_tile(changes.shape, mix)


def touched(layer: Layer, size: tuple[int, int]) -> Bools:
    """Where `layer` changes a picture of `size` (width, height): bool (H, W)."""
    mask = np.zeros(size[::-1], np.bool_)
    left, top, right, bottom = layer.box
    mask[top:bottom, left:right] = _changes(layer)
    return mask


def _changes(layer: Layer) -> Bools:
    changes: Bools = (layer.alpha > 0.002) | (layer.light < 1)
    if layer.mirror is not None:
        changes |= layer.mirror[..., 3] > SEEN
    if layer.front is not None:
        changes &= layer.front[1] < 1 - SEEN
    return changes


def _front(rgb: Bytes, front: Bools | None, box: Box) -> tuple[Bytes, Floats] | None:
    """The colours and the alpha, (h, w) of `box`, of what stands before the thing, with its hair and soft edges."""
    if front is None:
        return None
    left, top, right, bottom = box
    part, subject = rgb[top:bottom, left:right], front[top:bottom, left:right]
    if not subject.any():
        return None
    alpha = matte(part, subject)
    return decontaminated(part, alpha), alpha


def _surroundings(rgb: Bytes, whole: Light, spot: Spot, cut_out: CutOut, without: Bools | None) -> tuple[Light, Floats]:
    """The light where the thing goes, and the mean linear colour (3,) of the ground at its foot."""
    height, width = rgb.shape[:2]
    aspect = cut_out.rgba.shape[1] / cut_out.rgba.shape[0]
    half = max(spot.height * aspect / 2, 8.0)
    tight = (round(spot.x - half), round(spot.foot - spot.height), round(spot.x + half), round(spot.foot))
    left, top, right, bottom = _inside(widen(tight, 0.5, (width, height), least=64), (width, height))
    crop = rgb[top:bottom, left:right]
    weight = None if without is None else (~without[top:bottom, left:right]).astype(np.float32)
    local = measure(crop, weight)
    share = NEAR_SHARE

    def between(a: float, b: float) -> float:
        return share * a + (1 - share) * b

    sharpness = next((s for s in (local.sharpness, whole.sharpness) if s < COARSEST), min(height, width) / 3000)
    light = Light(
        between(local.lightness, whole.lightness) + HIGHLIGHT * between(local.spread, whole.spread),
        between(local.spread, whole.spread),
        (TINTED * between(local.tint[0], whole.tint[0]), TINTED * between(local.tint[1], whole.tint[1])),
        min(local.grain, 1.1 * whole.grain),
        min(sharpness, 0.02 * spot.height + 1.0),
    )
    foot = rgb[max(0, min(round(spot.foot), height - 1) - 4) :, max(0, tight[0]) : max(tight[2], 1)][
        : max(8, height // 50)
    ]
    ground = to_linear(foot.reshape(-1, 3)).mean(axis=0) if foot.size else to_linear(crop.reshape(-1, 3)).mean(axis=0)
    return light, np.asarray(ground, np.float32)


def _shrunk(rgba: Bytes, height: float) -> tuple[Bytes, Floats]:
    """The cut-out no higher than `height`: uint8 (h, w, 3), whose colours run on outside, and its alpha (h, w)."""
    scale = height / rgba.shape[0]
    alpha = rgba[..., 3].astype(np.float32) / np.float32(255)
    linear = np.dstack([to_linear(rgba[..., :3]) * alpha[..., None], alpha]).astype(np.float32)
    if scale < 1:
        size = (max(1, round(rgba.shape[1] * scale)), max(1, round(height)))
        how = cv2.INTER_LANCZOS4 if scale > 0.5 else cv2.INTER_AREA
        linear = np.clip(np.asarray(cv2.resize(linear, size, interpolation=how), np.float32), 0, 1)
    return to_srgb(_run_on(linear)), linear[..., 3]


def _enlarged(colour: Bytes, alpha: Floats, spot: Spot) -> tuple[Bytes, Floats]:
    """Both at the height of the spot, mirrored and turned as it says."""
    if spot.mirrored:
        colour, alpha = np.ascontiguousarray(colour[:, ::-1]), np.ascontiguousarray(alpha[:, ::-1])
    scale = spot.height / alpha.shape[0]
    if scale > 1:
        size = (max(1, round(alpha.shape[1] * scale)), max(1, round(spot.height)))
        colour = enlarged_colour(colour, size)
        alpha = enlarged_outline(alpha, size)
    if not spot.turn:
        return colour, alpha
    height, width = alpha.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -spot.turn, 1)
    wide = height * abs(matrix[0, 1]) + width * abs(matrix[0, 0])
    high = height * abs(matrix[0, 0]) + width * abs(matrix[0, 1])
    matrix[:, 2] += ((wide - width) / 2, (high - height) / 2)
    room = (round(wide), round(high))
    colour = cv2.warpAffine(colour, matrix, room, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return colour, np.clip(cv2.warpAffine(alpha, matrix, room, flags=cv2.INTER_CUBIC), 0, 1)


def _from_inside(towards: tuple[float, float], spot: Spot) -> tuple[float, float]:
    """Where the light comes from for the cut-out as it is before it is mirrored and turned."""
    angle = np.radians(-spot.turn)
    x = float(towards[0] * np.cos(angle) - towards[1] * np.sin(angle))
    y = float(towards[0] * np.sin(angle) + towards[1] * np.cos(angle))
    return -x if spot.mirrored else x, y


def _run_on(linear: Floats) -> Floats:
    """Straight colours (h, w, 3) of premultiplied ones (h, w, 4); those of the outline run on where alpha is 0."""
    colour = linear[..., :3] / np.maximum(linear[..., 3:], 1e-4)
    solid = linear[..., 3] > 0.5
    if not solid.any():
        return np.clip(colour, 0, 1)
    _, labels = cv2.distanceTransformWithLabels(
        (~solid).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = np.zeros((int(labels.max()) + 1, 3), np.float32)
    nearest[labels[solid]] = colour[solid]
    return np.clip(np.where(solid[..., None], colour, nearest[labels]), 0, 1)


def _lit(colour: Bytes, alpha: Floats, drawn: bool, there: Light, towards: tuple[float, float], rest: Rest) -> Bytes:
    """`colour` in the light of the place: its brightness, tint and vividness, and the side from which it comes."""
    own, strength = STUDIO, LIT
    if drawn:
        lab = _without_violet(to_oklab(colour))
        lab[..., 1:] *= DULLER
        colour = from_oklab(lab)
    else:  # how dark and of what tint a photographed thing is may be its own colour as well as its light
        own, strength = measure(colour, alpha), LIT_PHOTO
        bright = own.lightness + HIGHLIGHT * own.spread
        own = replace(own, lightness=bright, tint=(OWN_TINT * own.tint[0], OWN_TINT * own.tint[1]))
        there = replace(there, lightness=float(np.clip(there.lightness, bright - FURTHEST, bright + FURTHEST)))
    if rest == Rest.SKY:
        strength /= 2  # it gives light of its own, or has the sun's
    lit = relight(colour, own, replace(there, spread=own.spread), strength)
    if not drawn or rest == Rest.SKY:
        return lit
    return to_srgb(to_linear(lit) * (1 + np.float32(RELIEF) * _facing(alpha, towards))[..., None])


def _without_violet(lab: Floats) -> Floats:
    """`lab` with the violet taken out of its greys: the drawings' white and black are shaded with it."""
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    away = np.abs((np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) - VIOLET + 180) % 360 - 180)
    share = (1 - smoothstep(away, 28, 60)) * (1 - smoothstep(chroma - 0.08 * (lab[..., 0] < 0.4), 0.09, 0.17))
    lab[..., 1:] *= (1 - 0.9 * share)[..., None]
    return lab


def _facing(alpha: Floats, towards: tuple[float, float]) -> Floats:
    """How much the surface faces the light, about -1..1, as if the outline were inflated (Johnston, "Lumo", 2002)."""
    side = max(alpha.shape)
    step = max(1, round(side / 256))
    small = cv2.resize(
        alpha, (max(1, alpha.shape[1] // step), max(1, alpha.shape[0] // step)), interpolation=cv2.INTER_AREA
    )
    padded = cv2.copyMakeBorder((small > 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    radius = max(float(np.percentile(depth[depth > 0], 90)) if (depth > 0).any() else 1.0, 1.0)
    bulge = np.sqrt(np.clip(1 - (1 - np.clip(depth / radius, 0, 1)) ** 2, 0, 1)) * radius
    bulge = cv2.GaussianBlur(bulge, (0, 0), max(0.25 * radius, 1.0))
    dx, dy = cv2.Sobel(bulge, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(bulge, cv2.CV_32F, 0, 1) / 8
    facing = -(dx * towards[0] + dy * towards[1]) / np.sqrt(1 + dx**2 + dy**2)
    return np.asarray(cv2.resize(facing, alpha.shape[::-1], interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _grounded(colour: Bytes, ground: Floats, height: float) -> Bytes:
    """`colour` with its lowest part as the ground makes it: with less light from above and its own from below."""
    lowest = min(len(colour), round(0.4 * height))
    low = np.exp(-np.arange(lowest, dtype=np.float32)[::-1] / (0.09 * height))[:, None, None]  # 1 at the foot
    bounce = ground / max(float(ground.max()), 0.02)
    darker = (1 - 0.45 * low * (1 - 0.5 * bounce)) ** (1 / 2.2)  # of sRGB levels, about
    part = colour[len(colour) - lowest :]
    np.copyto(part, np.rint(part * darker), casting="unsafe")
    return colour


def _room(rgb: Bytes, alpha: Floats, spot: Spot, towards: tuple[float, float]) -> tuple[Box, tuple[int, int, int, int]]:
    """The box of the picture that the thing and its shadow need, and (left, top) of the thing in it, right, bottom."""
    height, width = rgb.shape[:2]
    x0, y0 = round(spot.x - alpha.shape[1] / 2), round(spot.foot) - alpha.shape[0]
    x1, y1 = x0 + alpha.shape[1], y0 + alpha.shape[0]
    blur = round(0.02 * spot.height) + 8
    beside = {Rest.GROUND: abs(cast_slope(towards)) + 0.12, Rest.WORN: 0.12}.get(spot.rest, 0.0)
    side = max(round(beside * spot.height), blur)
    below = {Rest.GROUND: 0.14, Rest.WATER: 0.6, Rest.WORN: 0.18}.get(spot.rest, 0.0)
    box = _inside((x0 - side, y0 - blur, x1 + side, y1 + blur + round(below * spot.height)), (width, height))
    return box, (x0 - box[0], y0 - box[1], box[2] - box[0], box[3] - box[1])


def _blur_wanted(cut_out: CutOut, spot: Spot, there: Light) -> float:
    """Sigma by which the cut-out must be blurred to be as sharp as the photo."""
    scale = spot.height / cut_out.rgba.shape[0]
    own = STUDIO.sharpness if cut_out.drawn else measure(cut_out.rgba[..., :3]).sharpness
    return float(np.sqrt(max(there.sharpness**2 - (max(own * scale, 0.3)) ** 2, 0.0)))


def _softened(colour: Bytes, alpha: Floats, at: tuple[int, int, int, int], sigma: float) -> tuple[Bytes, Floats]:
    """Both on the box's canvas, blurred as the photo is."""
    left, top, width, height = at
    matrix = np.array([[1, 0, left], [0, 1, top]], np.float32)
    placed = cv2.warpAffine(colour, matrix, (width, height), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    opaque = cv2.warpAffine(alpha, matrix, (width, height), flags=cv2.INTER_NEAREST)
    if sigma > 0.3:
        placed, opaque = cv2.GaussianBlur(placed, (0, 0), sigma), cv2.GaussianBlur(opaque, (0, 0), sigma)
    return np.asarray(placed, np.uint8), np.asarray(opaque, np.float32)


def _rim(alpha: Floats, reach: float) -> Floats:
    """1 at the outline, 0 further than `reach` inside."""
    deep = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    return np.clip(1 - deep / max(reach, 1.5), 0, 1).astype(np.float32)


def _inside(box: Box, size: tuple[int, int]) -> Box:
    """`box` cut at the picture's sides, never empty."""
    left, top = min(max(box[0], 0), size[0] - 1), min(max(box[1], 0), size[1] - 1)
    return left, top, max(left + 1, min(box[2], size[0])), max(top + 1, min(box[3], size[1]))
