"""What belongs to a thing though it is not the thing: the shadow it casts and its reflection.

Both are looked for only where they touch the thing, and only where they are plain to see: a removal that takes too much
is worse than one that leaves a shadow.
"""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.colour import to_oklab
from omniedit.specialists.base import Bools, Bytes
from omniedit.specialists.masks import Floats, bounds, grow, widen

__all__ = ["reflection_of", "shadow_of"]

WORKING = 320  # longest side of the crop that is looked at
AROUND = 0.9  # of the thing's longer side, looked at on each side
SMOOTH = 0.05  # sigma, of the thing's longer side: texture is no shadow
DARKER = 0.08  # share of the ground's lightness that a shadow takes at least
LEAST, MOST = 0.1, 0.85  # of the thing's area: less is texture, more is the ground
TOUCHING = 0.5  # of the thing's shorter side, along which its shadow touches it at least: less is an arm of the ground
EDGE, EDGED = 0.05, 0.75  # step of lightness at a shadow's far edge, and the share of the edge that has it
TINTED = 0.08  # distance of a / L, b / L: more is another material, not a shadow
PLAIN = 0.005  # standard deviation of lightness: less holds nothing that could be mirrored
LIKE = 0.5  # correlation of a mirrored thing with what is below it: a reflection


def shadow_of(rgb: Bytes, thing: Bools) -> Bools:
    """The cast shadow (bool, H, W) that touches `thing`; empty where none is plain to see."""
    size = (thing.shape[1], thing.shape[0])
    left, top, right, bottom = widen(bounds(thing), AROUND, size)
    view = np.s_[top:bottom, left:right]
    found = _shadow(*_small(rgb[view], thing[view]))
    result = np.zeros_like(thing)
    shown = cv2.resize(found.astype(np.float32), (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    result[view] = (shown > 0.35) & ~thing[view]
    return result


def reflection_of(rgb: Bytes, thing: Bools) -> Bools:
    """The mirror image (bool, H, W) below `thing`, as on water or a polished table; empty where there is none."""
    left, top, right, bottom = bounds(thing)
    result = np.zeros_like(thing)
    below = min(bottom - top, thing.shape[0] - bottom)
    if below < max(8, (bottom - top) // 4):
        return result
    flipped = thing[top:bottom, left:right][::-1][:below]
    mirrored = rgb[top:bottom, left:right][::-1][:below]
    there = rgb[bottom : bottom + below, left:right]
    scale = min(1.0, WORKING / max(flipped.shape))
    size = (max(4, round(flipped.shape[1] * scale)), max(4, round(below * scale)))
    where = cv2.resize(flipped.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    if where.sum() < 64:
        return result
    one, other = (_forms(cv2.resize(p, size, interpolation=cv2.INTER_AREA)) for p in (mirrored, there))
    # a thing that goes on below the mask is like its mirror image from left to right, but not from top to bottom
    if all(_correlation(one, other, where, down) > LIKE for down in (False, True)):
        result[bottom : bottom + below, left:right] = grow(flipped, max(2, below // 40))
    return result & ~thing


def _shadow(lab: Floats, thing: Bools) -> Bools:
    """The shadow at the working size: darker than the ground, of its hue, touching the thing, ending in sight."""
    nothing = np.zeros_like(thing)
    left, top, right, bottom = bounds(thing)
    length = max(right - left, bottom - top)
    smooth = _without(lab, thing, max(1.0, length * SMOOTH))
    ring = grow(thing, length // 2) & ~grow(thing, 2)
    ring[: (top + bottom) // 2] = False  # shadows that can be told from things lie beside and below
    if ring.sum() < 50:
        return nothing
    light = smooth[..., 0]
    hue = smooth[..., 1:] / np.maximum(light, 0.05)[..., None]  # in shadow all three shrink alike
    lit = ring & (light >= np.percentile(light[ring], 50))
    ground, usual = np.median(light[lit]), np.median(hue[lit], axis=0)
    darker = ground * (1 - DARKER) - 1.5 * float(light[lit].std())
    dark = (light < darker) & (light > 0.3 * ground) & (np.hypot(*(hue - usual).transpose(2, 0, 1)) < TINTED) & ~thing
    dark[: top + (bottom - top) // 3] = False
    touching = grow(thing, 3)
    _, labels = cv2.connectedComponents((dark | touching).astype(np.uint8))
    shadow: Bools = np.isin(labels, np.unique(labels[thing])) & dark
    border = np.ones_like(thing)
    border[1:-1, 1:-1] = False
    if (shadow & border).sum() > 0.1 * np.sqrt(shadow.sum()):
        return nothing
    reach = max(2, round(length * SMOOTH))
    shadow = grow(shadow, reach) & ~thing if shadow.any() else shadow
    fits = LEAST * thing.sum() < shadow.sum() < MOST * thing.sum()
    return shadow if fits and _ends(lab[..., 0], shadow, thing, reach) else nothing


def _ends(light: Floats, shadow: Bools, thing: Bools, reach: int) -> bool:
    """Whether `shadow` begins along the thing and ends in a clear edge; `reach` is how far it was grown."""
    left, top, right, bottom = bounds(thing)
    touching = (shadow & grow(thing, reach + 2)).sum() / (reach + 2)
    if touching < TOUCHING * min(right - left, bottom - top):
        return False
    both = shadow | thing
    out = cv2.distanceTransform((~both).astype(np.uint8), cv2.DIST_L2, 5)
    depth = cv2.distanceTransform(both.astype(np.uint8), cv2.DIST_L2, 5)
    edge = (out > 0) & (out < 1.5) & ~grow(thing, reach + 2)
    outside = _without(light[..., None], both | (out > 2 * reach), 2 * reach)
    inside = _without(light[..., None], ~shadow | (depth <= reach) | (depth > 3 * reach), 2 * reach)
    clear = (outside - inside)[edge] > EDGE
    return bool(clear.size and clear.mean() > EDGED)


def _without(lab: Floats, thing: Bools, sigma: float) -> Floats:
    """`lab` (h, w, channels) smoothed over what is not `thing`."""
    weight = (~thing).astype(np.float32)
    total = cv2.GaussianBlur(lab * weight[..., None], (0, 0), sigma).reshape(lab.shape)  # OpenCV drops a lone channel
    smooth: Floats = total / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3)[..., None]
    return smooth


def _small(rgb: Bytes, mask: Bools) -> tuple[Floats, Bools]:
    scale = min(1.0, WORKING / max(mask.shape))
    size = (max(8, round(mask.shape[1] * scale)), max(8, round(mask.shape[0] * scale)))
    lab = to_oklab(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8))
    small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.3
    return lab.astype(np.float32), small


def _correlation(one: Floats, other: Floats, where: Bools, down: bool) -> float:
    """Of both where `where` is set, of what changes from top to bottom alone where `down`; 0 where one is plain."""
    if down:
        weight = where.astype(np.float32)
        one, other = (v - (v * weight).sum(axis=0) / np.maximum(weight.sum(axis=0), 1) for v in (one, other))
    if min(one[where].std(), other[where].std()) < PLAIN:
        return 0.0
    return float(np.corrcoef(one[where], other[where])[0, 1])


def _forms(rgb: Bytes) -> Floats:
    """Lightness without its slow changes."""
    light = to_oklab(np.asarray(rgb, dtype=np.uint8))[..., 0].astype(np.float32)
    forms: Floats = light - cv2.GaussianBlur(light, (0, 0), max(light.shape) / 6)
    return forms
