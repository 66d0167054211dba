"""Recolouring parts of photographs, beside a plain shift of hue in HSV.

The parts are outlined by hand on the bundled photographs, in shares of width and height; where a colour is named too,
only pixels of that hue count. So what belongs to the part is known.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from omniedit.colour import to_oklab
from omniedit.settings import assets_dir
from omniedit.specialists.attribute import Attribute
from omniedit.specialists.base import Bools, Bytes, Plan
from omniedit.types import EditRequest, Intent, Task
from omniedit.vocabulary import COLOURS
from tests.benchmarks.clock import seconds

__all__ = ["measure"]

Outline = tuple[tuple[float, float], ...]

PARTS: dict[str, tuple[str, Outline, tuple[float, float] | None]] = {
    "suit": (
        "astronaut",
        ((0.05, 0.98), (0.05, 0.72), (0.12, 0.53), (0.22, 0.42), (0.35, 0.56), (0.42, 0.58), (0.41, 0.98)),
        (20, 66),
    ),
    "hair": ("astronaut", ((0.31, 0.17), (0.36, 0.08), (0.5, 0.06), (0.56, 0.12), (0.56, 0.19), (0.5, 0.13)), None),
    "collar": ("astronaut", ((0.36, 0.39), (0.5, 0.385), (0.5, 0.46), (0.39, 0.45)), None),
    "wall": ("astronaut", ((0.2, 0.03), (0.3, 0.03), (0.27, 0.2), (0.22, 0.25)), None),
    "saucer": ("coffee", ((0.15, 0.65), (0.17, 0.42), (0.26, 0.3), (0.31, 0.55), (0.33, 0.8), (0.25, 0.8)), None),
    "table": ("coffee", ((0.7, 0.05), (0.98, 0.05), (0.98, 0.8), (0.9, 0.8), (0.85, 0.4)), None),
    "drink": ("coffee", ((0.35, 0.33), (0.45, 0.26), (0.56, 0.31), (0.57, 0.38), (0.46, 0.42)), None),
    "fur": ("chelsea", ((0.1, 0.15), (0.3, 0.05), (0.5, 0.05), (0.55, 0.3), (0.4, 0.25), (0.25, 0.3)), None),
    "sky": ("rocket", ((0.31, 0.05), (0.72, 0.05), (0.72, 0.24), (0.46, 0.24), (0.45, 0.6), (0.36, 0.6)), None),
    "lawn": ("grass", ((0.1, 0.2), (0.8, 0.1), (0.9, 0.8), (0.3, 0.9)), None),
    "bricks": ("brick", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)), None),
    "gravel": ("gravel", ((0.2, 0.1), (0.9, 0.3), (0.8, 0.9), (0.1, 0.8)), None),
}
VIVID = 0.04  # chroma of a colour whose hue can be asked for
EDGE = 8  # pixels: an outline drawn across an even surface is no edge, and the edit fades there
LARGE = (4000, 3000)
GRAIN = 3.0  # levels: enlarged photographs have none of their own


def measure(quick: bool) -> dict[str, Any]:
    """Shading kept and hue reached over all parts and named colours; seconds for a part of a 12 megapixel photo."""
    parts = list(PARTS)[::4] if quick else list(PARTS)
    colours = list(COLOURS)[::4] if quick else list(COLOURS)
    ours, peer, intact = [], [], True
    for name in parts:
        source, mask = _part(name)
        for colour in colours:
            plan, edited = _recoloured(source, mask, colour)
            assert plan.mask is not None
            intact &= bool((edited == source)[~plan.mask].all())
            ours.append(_judged(name, source, edited, mask, colour))
            peer.append(_judged(name, source, _hsv(source, mask, colour), mask, colour))
    source, mask = _enlarged(*_part("suit"))
    repeats = 1 if quick else 3
    return {
        "parts": len(parts),
        "colours": len(colours),
        **_summed(ours),
        "outside_identical": intact,
        "seconds_12mp": round(seconds(lambda: _recoloured(source, mask, "green"), repeats, warm=1), 2),
        "peer": "OpenCV: HSV, hue turned to the colour's, saturation and value kept",
        **{f"peer_{key}": value for key, value in _summed(peer).items()},
        "peer_seconds_12mp": round(seconds(lambda: _hsv(source, mask, "green"), repeats, warm=1), 2),
    }


def _part(name: str) -> tuple[Bytes, Bools]:
    photo, outline, hues = PARTS[name]
    path: Path = assets_dir() / "photos" / f"{photo}.jpg"
    source = np.asarray(Image.open(path).convert("RGB"))
    height, width = source.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.array([(x * width, y * height) for x, y in outline]).round().astype(np.int32)], 1)
    if hues is not None:
        lab = to_oklab(source)
        degrees = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
        mask *= (degrees > hues[0]) & (degrees < hues[1]) & (np.hypot(lab[..., 1], lab[..., 2]) > VIVID)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return source, mask > 0


def _enlarged(source: Bytes, mask: Bools) -> tuple[Bytes, Bools]:
    large = cv2.resize(source, LARGE, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    large += np.random.default_rng(0).normal(0, GRAIN, (*LARGE[::-1], 1)).astype(np.float32)
    where = cv2.resize(mask.astype(np.float32), LARGE, interpolation=cv2.INTER_LINEAR) > 0.5
    return np.clip(large, 0, 255).astype(np.uint8), where


def _recoloured(source: Bytes, mask: Bools, colour: str) -> tuple[Plan, Bytes]:
    request = EditRequest(
        Image.fromarray(source), f"make it {colour}", mask=Image.fromarray(mask.astype(np.uint8) * 255)
    )
    intent = Intent(Task.ATTRIBUTE, request.instruction, value=colour, parameters={"colour": colour})
    plan = Attribute().prepare(request, intent)
    assert isinstance(plan, Plan)
    return plan, np.asarray(Attribute().apply(plan).images[0])


def _hsv(source: Bytes, mask: Bools, colour: str) -> Bytes:
    hsv = cv2.cvtColor(source, cv2.COLOR_RGB2HSV)
    goal = int(cv2.cvtColor(np.array([[COLOURS[colour]]], np.uint8), cv2.COLOR_RGB2HSV)[0, 0, 0])
    turns = np.exp(2j * np.pi * hsv[..., 0][mask] / 180) * hsv[..., 1][mask]
    own = round(float(np.angle(turns.sum())) / (2 * np.pi) * 180)
    hsv[..., 0] = np.where(mask, (hsv[..., 0].astype(int) + goal - own) % 180, hsv[..., 0])
    return np.where(mask[..., None], cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), source)


def _judged(name: str, source: Bytes, edited: Bytes, mask: Bools, colour: str) -> dict[str, Any]:
    inner = cv2.erode(mask.astype(np.uint8), np.ones((2 * EDGE + 1,) * 2), borderValue=1) > 0
    before, after = to_oklab(source)[inner], to_oklab(edited)[inner]
    goal = to_oklab(np.array(COLOURS[colour], np.uint8))
    mean = after.mean(axis=0)
    judged = {
        "what": f"{name} {colour}",
        "correlation": float(np.corrcoef(before[:, 0], after[:, 0])[0, 1]),
        "distance": float(np.linalg.norm(mean - goal)),
    }
    if np.hypot(goal[1], goal[2]) > VIVID:
        turn = np.degrees(np.arctan2(mean[2], mean[1]) - np.arctan2(goal[2], goal[1]))
        judged["hue_error"] = float(abs((turn + 180) % 360 - 180))
    return judged


def _summed(judged: list[dict[str, Any]]) -> dict[str, Any]:
    worst = min(judged, key=lambda j: j["correlation"])
    hues = [j for j in judged if "hue_error" in j]
    furthest = max(hues, key=lambda j: j["hue_error"])
    return {
        "correlation_of_lightness": round(float(np.mean([j["correlation"] for j in judged])), 4),
        "least_correlation": f"{worst['correlation']:.4f} ({worst['what']})",
        "correlation_at_least_0.98": round(float(np.mean([j["correlation"] >= 0.98 for j in judged])), 3),
        "hue_error_degrees": round(float(np.mean([j["hue_error"] for j in hues])), 2),
        "largest_hue_error": f"{furthest['hue_error']:.1f} ({furthest['what']})",
        "oklab_distance": round(float(np.mean([j["distance"] for j in judged])), 3),
    }
