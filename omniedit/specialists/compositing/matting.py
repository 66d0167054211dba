"""How much of each pixel is subject: mattes that keep single hairs, and the subject's own colours at its soft edge.

A matte is solved at a small size by closed-form matting (Levin, Lischinski and Weiss, "A closed-form solution to
natural image matting", 2008). That method says that near each place alpha is a linear function of colour; the same
function, fitted at the small size, gives alpha at full size from the colours there (He and Sun, "Fast guided filter",
arXiv 1505.00996). Colours come from Germer et al., "Fast multi-level foreground estimation", 2020.

All of it is numpy and scipy: PyMatting does the small size as well, but compiles for a minute when first imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import scipy.sparse
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from omniedit.guided import smoothstep
from omniedit.specialists.base import Bools, Bytes, Report
from omniedit.specialists.edges import enlarged, fit_guided
from omniedit.specialists.masks import Box, Floats, bounds, widen
from omniedit.specialists.tiles import Tile, each_tile

__all__ = ["decontaminated", "matte"]

Doubles = NDArray[np.float64]
T = TypeVar("T", bound=np.generic)

WORK = 640  # longest side of the crop at which the matte is solved
COLOURS = 448  # the same for both sides' colours
MARGIN = 0.12  # of the subject's longer side, around it
BAND = (0.011, 0.022)  # of the working crop's longer side: how far inwards and outwards the mask is doubted
EPSILON = 1e-5  # variance (levels in 0..1, squared) below which a window is a plain surface
TRUST = 4e-3  # pull towards the mask where colours cannot tell; the Laplacian's own weights are about 1
TRUST_COLOUR = 0.05  # the same towards what local colours say, where they say it clearly
TRUST_DECIDED = 0.03  # the same towards all or nothing, in the second round
PAIRS = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))  # of channels
COLOUR_NOISE = 0.03  # standard deviation that colours have at least, levels in 0..1
CROWDED = (0.05, 0.11)  # share of gaps near by: below it is no hair, above it is
WIDE = 3.0  # times the band: how far from the outline loose hair is looked for
THICK = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))  # what holds this is no hair and no gap between hairs
ITERATIONS = 250
TOLERANCE = 1e-4
GUIDE_EPSILON = 2e-4  # as EPSILON, for the step to full size: noise there must not become alpha
SETTLED = (0.04, 0.96)  # alpha below and above counts as none and all
LEVELS_SMALL = 32  # sides at which the colour estimate is iterated to the end
REGULARISATION, GRADIENT_WEIGHT = 1e-5, 1.0


def matte(rgb: Bytes, subject: Bools, report: Report | None = None) -> Floats:
    """Alpha of the subject, float32 (H, W) in [0, 1], for the photo `rgb`, uint8 (H, W, 3).

    `subject`, bool (H, W), is its outline, give or take one or two hundredths of its size.
    """
    alpha = subject.astype(np.float32)
    if not subject.any() or subject.all():
        return alpha
    height, width = subject.shape
    box = widen(bounds(subject), MARGIN, (width, height), least=8)
    part, inside = _crop(rgb, box), _crop(subject, box)
    size = _small(part.shape[1], part.shape[0], WORK)
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    rough = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    doubt = _doubt(small, rough)
    if report:
        report(0.1)
    solved = _closed_form(small, rough, doubt)
    if report:
        report(0.6)
    _crop(alpha, box)[:] = _at_full_size(part, small, solved)
    if report:
        report(1.0)
    return alpha


def decontaminated(rgb: Bytes, alpha: Floats) -> Bytes:
    """The colours of the subject alone, uint8 (H, W, 3): at its soft edge without what shone through from behind.

    rgb: uint8 (H, W, 3); alpha: float32 (H, W) in [0, 1]. Where alpha is 1 these are the photo's own pixels, where
    it is 0 they mean nothing.
    """
    result = rgb.copy()
    soft = (alpha > 0) & (alpha < 1)
    if not soft.any():
        return result
    height, width = alpha.shape
    box = widen(bounds(soft), 0.02, (width, height), least=8)
    part, share, target = _crop(rgb, box), _crop(alpha, box), _crop(result, box)
    size = _small(part.shape[1], part.shape[0], COLOURS)
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    share_small = cv2.resize(share, size, interpolation=cv2.INTER_AREA)
    front, back = _colours(small, share_small)

    def work(tile: Tile) -> None:
        at = (share[tile] > 0) & (share[tile] < 1)
        if not at.any():
            return
        own, behind = (enlarged(colours, share.shape, tile)[at] for colours in (front, back))
        a = share[tile][at][:, None]
        seen = part[tile][at].astype(np.float32) / 255
        # the nearest pair of colours that composes to what is seen
        own = own + (seen - a * own - (1 - a) * behind) * (a / (a * a + (1 - a) ** 2))
        target[tile][at] = np.rint(np.clip(own, 0, 1) * 255).astype(np.uint8)

    each_tile(share.shape, work)
    return result


def _crop(picture: NDArray[T], box: Box) -> NDArray[T]:
    left, top, right, bottom = box
    return picture[top:bottom, left:right]


def _small(width: int, height: int, longest: int) -> tuple[int, int]:
    scale = min(1.0, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


@dataclass(frozen=True)
class _Doubt:
    """`doubted` (bool, h, w): where the mask may be wrong. There, (n,): `likely`, how likely a pixel is subject by its
    colour, and `sure` (0..1), how much that says.
    """

    doubted: Bools
    likely: Floats
    sure: Floats


def _doubt(image: Floats, rough: Floats) -> _Doubt:
    """A band around the mask's outline, and beyond it, up to WIDE times as far, what looks like loose hair: thin
    things outside that have the subject's colours, thin gaps inside that have the background's.
    """
    inside = (rough > 0.5).astype(np.uint8)
    padded = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_REPLICATE)  # the photo's border is no outline
    inwards = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    outwards = cv2.distanceTransform(1 - padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    near, far = max(2.0, BAND[0] * max(rough.shape)), max(3.0, BAND[1] * max(rough.shape))
    band = (inwards <= near) & (outwards <= far)
    looked_at = (inwards <= WIDE * near) & (outwards <= WIDE * far)
    deep_in = np.clip(inwards / (WIDE * near), 0, 1) ** 2 * (inwards > near)
    deep_out = np.clip(outwards / (WIDE * far), 0, 1) ** 2 * (outwards > far)
    likely, sure = (np.zeros(rough.shape, np.float32) for _ in range(2))
    likely[looked_at], sure[looked_at] = _by_colour(image, deep_in, deep_out, looked_at, WIDE * far)
    # a lone streak inside is a gloss on the subject; gaps between hairs come in numbers
    gaps = ((sure > 0.5) & (likely < 0.5) & (inside > 0)).astype(np.float32)
    within = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), far) + 1e-3
    many = smoothstep(cv2.GaussianBlur(gaps, (0, 0), far) / within, *CROWDED)
    sure = np.where((inside > 0) & (likely < 0.5), sure * many, sure)
    strays = (sure > 0.5) & looked_at & ((likely > 0.5) != (inside > 0))
    thin = strays & (cv2.morphologyEx(strays.astype(np.uint8), cv2.MORPH_OPEN, THICK) == 0)
    thin &= _attached(thin | band | (inside > 0), inside > 0)
    doubted = band | (cv2.dilate(thin.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    return _Doubt(doubted, likely[doubted], sure[doubted])


def _attached(region: Bools, to: Bools) -> Bools:
    """The connected parts of `region` that hold something of `to`."""
    count, labels = cv2.connectedComponents(region.astype(np.uint8))
    held = np.zeros(count, np.bool_)
    held[labels[to]] = True
    held[0] = False
    return np.asarray(held[labels])


def _closed_form(image: Floats, rough: Floats, doubt: _Doubt) -> Floats:
    """Alpha (h, w) where it is doubted, the mask elsewhere: the minimum of alpha' L alpha, with a pull towards the
    mask and towards what the colours say.
    """
    system, pull = _laplacian(image, rough > 0.5, doubt.doubted)
    prior = cv2.GaussianBlur(rough, (0, 0), 1.0)[doubt.doubted].astype(np.float64)
    by_colour = TRUST_COLOUR * doubt.sure.astype(np.float64)
    system = system + scipy.sparse.diags(TRUST + by_colour)
    pull += TRUST * prior + by_colour * doubt.likely
    found = _solved(system, pull, prior)
    decided = smoothstep(found.astype(np.float32), 0.1, 0.9)  # most pixels are all or nothing
    system = system + scipy.sparse.identity(len(found), format="csr") * TRUST_DECIDED
    found = _solved(system, pull + TRUST_DECIDED * decided, found)
    alpha = (rough > 0.5).astype(np.float32)
    alpha[doubt.doubted] = np.clip(found, 0, 1)
    return alpha


def _laplacian(image: Floats, inside: Bools, doubted: Bools) -> tuple[scipy.sparse.csr_matrix, Doubles]:
    """The matting Laplacian of the doubted pixels (equation 12), and what the known ones pull them to.

    One term for each window of 3 x 3 pixels that holds a doubted one.
    """
    height, width = doubted.shape
    flat, count = doubted.ravel(), int(doubted.sum())
    number = np.full(height * width, -1, np.int64)  # of each pixel in the system
    number[flat] = np.arange(count)
    pixels = sliding_window_view(np.arange(height * width).reshape(height, width), (3, 3)).reshape(-1, 9)
    pixels = pixels[flat[pixels].any(axis=1)]  # (windows, 9)
    colours = image.reshape(-1, 3).astype(np.float64)[pixels]  # (windows, 9, 3)
    colours -= colours.mean(axis=1, keepdims=True)
    covariance = np.einsum("kpi,kpj->kij", colours, colours) / 9 + EPSILON / 9 * np.eye(3)
    alike = (1 + np.einsum("kpi,kij,kqj->kpq", colours, np.linalg.inv(covariance), colours, optimize=True)) / 9
    values = (np.eye(9) - alike).ravel()  # (windows * 81,)
    rows, columns = np.repeat(pixels, 9, axis=1).ravel(), np.tile(pixels, (1, 9)).ravel()
    free = number[rows] >= 0
    inner, outer = free & (number[columns] >= 0), free & (number[columns] < 0)
    places = (number[rows[inner]], number[columns[inner]])
    system = scipy.sparse.csr_matrix((values[inner], places), shape=(count, count))
    pull = -np.bincount(number[rows[outer]], values[outer] * inside.ravel()[columns[outer]], count)
    return system, np.asarray(pull, dtype=np.float64)


def _solved(system: scipy.sparse.csr_matrix, right: Doubles, start: Doubles) -> Doubles:
    """x of `system` x = `right` by conjugate gradients from `start`, preconditioned by the diagonal.

    scipy's own takes its products from BLAS, whose threads cost more than they bring on vectors of this length.
    """
    diagonal = 1 / system.diagonal()
    x = start.copy()
    left = right - system @ x
    step = diagonal * left
    energy = float((left * step).sum())
    goal = TOLERANCE**2 * float((right * diagonal * right).sum())
    for _ in range(ITERATIONS):
        if energy <= goal:
            break
        pulled = system @ step
        share = energy / float((step * pulled).sum())
        x += share * step
        left -= share * pulled
        better = diagonal * left
        before, energy = energy, float((left * better).sum())
        step *= energy / before
        step += better
    return x


def _by_colour(image: Floats, front: Floats, back: Floats, asked: Bools, reach: float) -> tuple[Floats, Floats]:
    """How likely pixels are subject by their colour, and how much that says: both (asked pixels,).

    The colours near by where `front` and `back` (h, w, weights) are set are taken as two normal distributions. Those
    change slowly: they are found at a lower size, which is as good and quicker.
    """
    size = asked.shape[::-1]
    colours, distances, unlike, unknown = image[asked], [], [], np.zeros(int(asked.sum()), np.bool_)
    for weight in (front.astype(np.float32), back.astype(np.float32)):
        maps = _colours_near(image, weight, reach)
        centre, inverse, spread, there = (
            np.stack([cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)[asked] for part in parts])
            for parts in np.split(maps, np.cumsum((3, len(PAIRS), 1)))
        )
        away = colours.T - centre
        square = sum(
            (1 if a == b else 2) * entry * away[a] * away[b] for (a, b), entry in zip(PAIRS, inverse, strict=True)
        )
        distances.append(square + spread[0])
        unlike.append(square)
        unknown |= there[0] < 0.01  # no such pixel is near by
    likely = 1 / (1 + np.exp(np.clip((distances[0] - distances[1]) / 2, -30, 30)))
    sure = (2 * likely - 1) ** 2 * np.exp(-np.minimum(*unlike) / 8)  # no word on colours that neither side has
    return likely, np.where(unknown, np.float32(0), sure)


def _colours_near(image: Floats, weight: Floats, sigma: float) -> Floats:
    """The normal distribution of the colours (h, w, 3) around each place, by `weight` (h, w), at a lower size.

    (11, h, w): mean (3), inverse covariance (by PAIRS), logarithm of the determinant of the covariance, mean weight.
    """
    step = max(1, int(sigma / 3))
    size = (max(1, weight.shape[1] // step), max(1, weight.shape[0] // step))
    weighted = [channel * weight for channel in cv2.split(image)]
    terms = [weight, *weighted, *(weighted[a] * image[..., b] for a, b in PAIRS)]
    sums = np.stack(
        [cv2.GaussianBlur(cv2.resize(t, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / step) for t in terms]
    )
    total = np.maximum(sums[0], 1e-6)
    mean, products = sums[1:4] / total, sums[4:] / total
    covariance = np.empty((*total.shape, 3, 3), np.float64)
    for (a, b), product in zip(PAIRS, products, strict=True):
        covariance[..., a, b] = covariance[..., b, a] = product - mean[a] * mean[b]
    covariance += COLOUR_NOISE**2 * np.eye(3)
    inverse = np.linalg.inv(covariance)
    spread = np.log(np.linalg.det(covariance))
    return np.stack([*mean, *(inverse[..., a, b] for a, b in PAIRS), spread, sums[0]]).astype(np.float32)


def _at_full_size(part: Bytes, small: Floats, alpha: Floats) -> Floats:
    """Alpha (H, W) of the crop `part`, from alpha (h, w) at the small size: by the same linear function of colour."""
    line = fit_guided(small, alpha, 1, GUIDE_EPSILON)
    soft = cv2.dilate(((alpha > 0.02) & (alpha < 0.98)).astype(np.float32), np.ones((5, 5), np.uint8))
    maps, known = np.dstack([line.gain / 255, line.offset]), np.dstack([alpha, soft])
    size = part.shape[:2]
    result = np.empty(size, np.float32)

    def work(tile: Tile) -> None:
        there = enlarged(known, size, tile)
        value = np.where(there[..., 0] > 0.5, np.float32(1), np.float32(0))
        doubted = there[..., 1] > 0.2
        if doubted.any():
            at = enlarged(maps, size, tile)[doubted]
            found = (at[:, :3] * part[tile][doubted]).sum(axis=1) + at[:, 3]
            value[doubted] = np.clip((found - SETTLED[0]) / (SETTLED[1] - SETTLED[0]), 0, 1)
        result[tile] = value

    each_tile(size, work)
    return result


def _colours(image: Floats, alpha: Floats) -> tuple[Floats, Floats]:
    """Colours (h, w, 3) of what is in front and what is behind, in 0..1, from coarse to fine."""
    height, width = alpha.shape
    front = _weighted_mean(image, (alpha > 0.9).astype(np.float32))
    back = _weighted_mean(image, (alpha < 0.1).astype(np.float32))
    levels = max(1, int(np.ceil(np.log2(max(width, height)))))
    for level in range(levels + 1):
        size = (max(1, round(width ** (level / levels))), max(1, round(height ** (level / levels))))
        picture = cv2.resize(image, size, interpolation=cv2.INTER_NEAREST)
        share = cv2.resize(alpha, size, interpolation=cv2.INTER_NEAREST)
        front = cv2.resize(front, size, interpolation=cv2.INTER_NEAREST)
        back = cv2.resize(back, size, interpolation=cv2.INTER_NEAREST)
        for _ in range(10 if max(size) <= LEVELS_SMALL else 3):
            front, back = _relaxed(picture, share, front, back)
    return front, back


def _weighted_mean(image: Floats, weight: Floats) -> Floats:
    total = float(weight.sum()) + 1e-5
    return ((image * weight[..., None]).sum(axis=(0, 1)) / total).reshape(1, 1, 3).astype(np.float32)


def _relaxed(image: Floats, alpha: Floats, front: Floats, back: Floats) -> tuple[Floats, Floats]:
    """One step of Jacobi: each pixel's two colours from what is seen there and from its neighbours' two colours."""
    a, b = alpha[..., None], 1 - alpha[..., None]
    weight, front_sum, back_sum = np.zeros_like(a), a * image, b * image
    shape = alpha.shape
    around = [np.pad(values, ((1, 1), (1, 1), (0, 0)), mode="edge") for values in (a, front, back)]
    for dy, dx in ((0, 1), (2, 1), (1, 0), (1, 2)):
        near, near_front, near_back = (p[dy : dy + shape[0], dx : dx + shape[1]] for p in around)
        pull = REGULARISATION + GRADIENT_WEIGHT * np.abs(a - near)
        weight += pull
        front_sum += pull * near_front
        back_sum += pull * near_back
    aa, bb, ab = a * a + weight, b * b + weight, a * b
    determinant = np.maximum(aa * bb - ab * ab, 1e-12)
    front = np.clip((bb * front_sum - ab * back_sum) / determinant, 0, 1)
    back = np.clip((aa * back_sum - ab * front_sum) / determinant, 0, 1)
    return front.astype(np.float32), back.astype(np.float32)
