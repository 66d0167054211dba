"""Sky, grass, water, sand, snow and ground: large regions, told by where they lie, their colour and their texture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from omniedit.grounding.cut import grab, joined, resized
from omniedit.grounding.refine import Bools, Bytes, Floats
from omniedit.grounding.view import Region, View
from omniedit.grounding.words import Kind
from omniedit.sizes import shrink

__all__ = ["scenery"]

SIDE = 256  # longest side at which they are cut out
LEAST, MOST = 0.02, 0.97  # of the picture
WORTH_SHOWING, DOUBT = 0.1, 0.4  # scores
Colours = Callable[[Floats], Floats]


@dataclass(frozen=True)
class _Measures:
    """What a score is made of; shares of the picture and its width, roughness and chroma as OKLab has them."""

    area: float
    along: float  # of the side where it begins
    across: float  # of the opposite side
    fit: float  # of its colours
    chroma: float
    rough: float
    centre: float  # 0 top .. 1 bottom
    falls: float  # -1..1, whether it gets lighter downwards, as skies do


def scenery(kind: Kind, view: View) -> list[Region]:
    """The region of that kind, if there is one: none or one."""
    rgb = shrink(view.rgb, SIDE)
    lab = np.asarray(cv2.resize(view.lab, rgb.shape[1::-1], interpolation=cv2.INTER_AREA), dtype=np.float32)
    if kind is Kind.SKY:
        cut, measures = _cut(rgb, lab, _sky, top=True, even=True)
        score = _as_sky(measures)
    else:
        above, of_sky = _cut(rgb, lab, _sky, top=True, even=True)
        outdoors = _as_sky(of_sky)
        colours = _ON_THE_GROUND[kind]
        cut, measures = _cut(rgb, lab, colours, top=False, even=kind is Kind.SNOW, other=above & (outdoors > 0.5))
        score = _as_floor(measures, outdoors) if kind is Kind.GROUND else _as_ground(measures, outdoors)
        if kind not in (Kind.GRASS, Kind.WATER) and (measures.along < 0.6 or measures.area < 0.05):
            score = min(score, DOUBT)  # many things are of such colours: it must be the floor of the picture too
    if measures.area < LEAST or measures.area > MOST or score < WORTH_SHOWING:
        return []
    return [Region(resized(cut, view.shape), score, f"the {kind}")]


def _cut(
    rgb: Bytes, lab: Floats, colours: Colours, top: bool, even: bool, other: Bools | None = None
) -> tuple[Bools, _Measures]:
    """The region of fitting `colours` (OKLab to 0..1) that begins at the top or bottom; `other` is none of it."""
    rough = _roughness(lab)
    fits = cv2.GaussianBlur(colours(cv2.GaussianBlur(lab, (0, 0), 1.5)), (0, 0), 1.0)
    if even:
        fits = fits * np.clip(1.6 - rough / 0.03, 0, 1)
    if other is not None:
        fits = np.where(other, 0, fits).astype(np.float32)
    seed = _from_side(fits > 0.5, top)
    trimap = np.full(seed.shape, cv2.GC_PR_BGD, np.uint8)
    trimap[fits > 0.3] = cv2.GC_PR_FGD
    trimap[cv2.erode(seed.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = cv2.GC_FGD
    trimap[fits < 0.03] = cv2.GC_BGD
    cut = _from_side(joined(grab(rgb, trimap) | seed, 0.01, 0.003), top) if seed.mean() > LEAST / 2 else seed
    return cut, _measured(cut, fits, rough, lab, top)


def _measured(cut: Bools, fits: Floats, rough: Floats, lab: Floats, top: bool) -> _Measures:
    if not cut.any():
        return _Measures(0, 0, 0, 0, 0, 1, 0.5, 0)
    ys = (np.mgrid[: cut.shape[0], : cut.shape[1]][0] / cut.shape[0]).astype(np.float32)
    first, last = (cut[:2], cut[-2:]) if top else (cut[-2:], cut[:2])
    light, down = lab[..., 0][cut], ys[cut]
    spread = float(light.std() * down.std())
    return _Measures(
        area=float(cut.mean()),
        along=float(first.any(axis=0).mean()),
        across=float(last.any(axis=0).mean()),
        fit=float(fits[cut].mean()),
        chroma=float(np.where(_blue(lab) > 0.3, np.hypot(lab[..., 1], lab[..., 2]), 0)[cut].mean()),
        rough=float(np.median(rough[cut])),
        centre=float(down.mean()),
        falls=float(((light - light.mean()) * (down - down.mean())).mean() / spread) if spread > 1e-5 else 0.0,
    )


def _as_sky(m: _Measures) -> float:
    """How sure it is the sky: blue, or lighter downwards along the whole top, and even. A pale wall is not enough."""
    evidence = 2.6 * _ramp(m.chroma, 0.02, 0.06) + 1.2 * _ramp(m.along, 0.5, 0.95) - 2.0 * m.across
    evidence += 1.2 * float(np.clip(m.falls / 0.6, -1, 1)) * _ramp(m.along, 0.3, 0.9) + 0.8 * (
        1 - _ramp(m.rough, 0.004, 0.012)
    )
    return _logistic(1.5 * (evidence - 2.6))


def _as_ground(m: _Measures, outdoors: float) -> float:
    """Grass, water, sand, snow: their colours along the bottom, surer where there is a sky."""
    evidence = 1.2 * _ramp(m.fit, 0.6, 0.9) + 1.2 * _ramp(m.along, 0.3, 0.8) + 1.5 * _ramp(m.centre, 0.5, 0.7)
    return _logistic(1.6 * (evidence + 1.5 * outdoors - 2.9))


def _as_floor(m: _Measures, outdoors: float) -> float:
    """Ground of any colour: what the lowest rows show, if it ends well below the middle."""
    evidence = 3.0 * _ramp(m.centre, 0.62, 0.8) + 0.6 * _ramp(m.along, 0.5, 1.0) + 0.5 * outdoors
    return _logistic(1.6 * (evidence - 2.3))


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))


def _logistic(evidence: float) -> float:
    return float(1 / (1 + np.exp(-evidence)))


def _from_side(mask: Bools, top: bool) -> Bools:
    """The parts of `mask` that begin at the picture's top (or bottom), or hang together with large such parts."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    row = labels[:3] if top else labels[-3:]
    touching = np.bincount(row[row > 0], minlength=count) > 0.04 * mask.shape[1] * 3
    # what is seen through a gap (sky behind a tree) lies level with a part that touches
    if not touching.any():
        return np.zeros_like(mask)
    kept = np.isin(labels, np.flatnonzero(touching))
    rows = np.flatnonzero(kept.any(axis=1))
    for k in range(1, count):
        y, high = stats[k, cv2.CC_STAT_TOP], stats[k, cv2.CC_STAT_HEIGHT]
        level = y + high <= rows[-1] + 2 if top else y >= rows[0] - 2
        if level and stats[k, cv2.CC_STAT_AREA] > 0.001 * mask.size:
            kept |= labels == k
    return kept


def _roughness(lab: Floats) -> Floats:
    """Standard deviation of lightness over about 2 % of the picture, float32 (h, w)."""
    light = lab[..., 0]
    size = max(3, round(0.02 * max(light.shape))) | 1
    mean = cv2.blur(light, (size, size))
    return np.sqrt(np.maximum(cv2.blur(light * light, (size, size)) - mean * mean, 0)).astype(np.float32)


def _hue(lab: Floats) -> tuple[Floats, Floats]:
    """Chroma and hue in degrees, -180..180: red 29, yellow 110, green 142, blue -96."""
    return np.hypot(lab[..., 1], lab[..., 2]), np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))


def _between(value: Floats, low: float, high: float, soft: float) -> Floats:
    """1 inside low..high, falling to 0 over `soft` outside."""
    away = np.maximum(low - value, value - high)
    return np.clip(1 - away / soft, 0, 1).astype(np.float32)


def _sky(lab: Floats) -> Floats:
    light, (chroma, hue) = lab[..., 0], _hue(lab)
    cloud = _between(chroma, 0, 0.03, 0.02) * _between(light, 0.72, 1, 0.12) * 0.62
    glow = _between(hue, 0, 100, 15) * _between(chroma, 0.04, 0.3, 0.02) * _between(light, 0.6, 1, 0.1) * 0.55
    return np.maximum(np.maximum(_blue(lab), cloud), glow).astype(np.float32)


def _blue(lab: Floats) -> Floats:
    chroma, hue = _hue(lab)
    return _between(hue, -165, -70, 15) * _between(chroma, 0.02, 0.3, 0.015) * _between(lab[..., 0], 0.12, 1, 0.1)


def _grass(lab: Floats) -> Floats:
    light, (chroma, hue) = lab[..., 0], _hue(lab)
    return _between(hue, 105, 150, 12) * _between(chroma, 0.05, 0.3, 0.02) * _between(light, 0.2, 0.92, 0.1)


def _water(lab: Floats) -> Floats:
    light, (chroma, hue) = lab[..., 0], _hue(lab)
    cold = (hue < -70) | (hue > 165)
    blue = np.where(cold, 1.0, 0.0) * _between(chroma, 0.025, 0.3, 0.015) * _between(light, 0.12, 0.92, 0.1)
    return blue.astype(np.float32)


def _sand(lab: Floats) -> Floats:
    light, (chroma, hue) = lab[..., 0], _hue(lab)
    return _between(hue, 55, 95, 10) * _between(chroma, 0.025, 0.13, 0.015) * _between(light, 0.55, 0.95, 0.08)


def _snow(lab: Floats) -> Floats:
    light, (chroma, _) = lab[..., 0], _hue(lab)
    return _between(chroma, 0, 0.03, 0.015) * _between(light, 0.82, 1, 0.08)


def _ground(lab: Floats) -> Floats:
    """Whatever the middle of the lowest rows shows."""
    band = lab[-max(2, lab.shape[0] // 12) :].reshape(-1, 3)
    middle = np.median(band, axis=0)
    return np.exp(-((lab - middle) ** 2 / np.array([0.03, 0.003, 0.003])).sum(axis=-1)).astype(np.float32)


_ON_THE_GROUND: dict[Kind, Colours] = {
    Kind.GRASS: _grass,
    Kind.WATER: _water,
    Kind.SAND: _sand,
    Kind.SNOW: _snow,
    Kind.GROUND: _ground,
}
