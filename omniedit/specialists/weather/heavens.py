"""What stands in a sky: stars, a moon, lightning."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.specialists.blur import blur
from omniedit.specialists.weather.edges import Floats, smoothstep
from omniedit.specialists.weather.noise import fractal
from omniedit.specialists.weather.recipe import SHIFT, Plane
from omniedit.specialists.weather.scene import Scene
from omniedit.specialists.weather.sky import Sky

__all__ = ["lightning", "moon", "stars"]


def stars(rng: np.random.Generator, scene: Scene, sky: Sky, clear: Floats, opacity: float) -> Plane:
    """A few hundred stars where the sky is `clear` (h, w, 0..1): many faint, few bright, fewer near the horizon."""
    width, height = scene.size
    short = min(width, height)
    level = np.zeros((height, width), np.uint8)
    count = int(1100 * width * height / short**2 * sky.share + 40)
    x, y, luck = rng.uniform(0, 1, (3, count))
    up = np.clip((sky.horizon - y) / max(sky.horizon, 0.05), 0, 1)
    seen = scene.at(clear * sky.alpha, x, y) * np.minimum(1.0, 2.2 * up)
    strength = np.clip(0.15 * luck**-0.45 - 0.08, 0, 1) * seen
    for k in np.flatnonzero(strength > 0.03):
        brightness = float(strength[k])
        radius = short / 2600 * (0.6 + 1.1 * brightness)
        if radius < 0.5:  # smaller than a pixel: dimmer instead
            brightness, radius = brightness * (radius / 0.5) ** 1.2, 0.5
        centre = (round(x[k] * width * 2**SHIFT), round(y[k] * height * 2**SHIFT))
        cv2.circle(level, centre, round(radius * 2**SHIFT), int(255 * brightness), -1, cv2.LINE_AA, SHIFT)
    return Plane(level, (0.82, 0.9, 1.0), opacity, adds=True, behind=True)


def moon(rng: np.random.Generator, scene: Scene, sky: Sky, opacity: float) -> tuple[Plane, Floats] | None:
    """A moon in open sky, and its glow (h, w, 0..1); None where there is no room for one."""
    height, width = scene.shape
    radius = 0.024 * min(height, width)
    open_sky = cv2.copyMakeBorder((sky.alpha > 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    room = cv2.distanceTransform(open_sky, cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.mgrid[:height, :width]
    fits = (room > 2.5 * radius) & (y < 0.6 * sky.horizon * height) & (np.abs(x / width - 0.5) > 0.12)
    places = np.argwhere(fits)
    if not len(places) or radius < 1:
        return None
    row, column = places[int(rng.integers(len(places)))]
    scale = scene.size[0] / width
    level = np.zeros(scene.size[::-1], np.uint8)
    disc = _moon_disc(rng, max(3, round(2 * radius * scale)))
    top, left = round(row * scale - disc.shape[0] / 2), round(column * scale - disc.shape[1] / 2)
    top, left = max(top, 0), max(left, 0)
    part = level[top : top + disc.shape[0], left : left + disc.shape[1]]
    part[:] = disc[: part.shape[0], : part.shape[1]]
    away = np.hypot(x - column, y - row) / radius
    glow = 0.5 / (1 + (away / 2.2) ** 2) + 0.12 * np.exp(-away / 9)
    return Plane(level, (0.95, 0.93, 0.86), opacity, behind=True), glow.astype(np.float32)


def _moon_disc(rng: np.random.Generator, side: int) -> NDArray[np.uint8]:
    """A full moon with its seas, uint8 (side, side)."""
    work = 256
    y, x = (np.mgrid[:work, :work].astype(np.float32) + 0.5) / work * 2 - 1
    away = np.hypot(x, y)
    seas = fractal(rng, 1.9, work)
    value = (0.98 - 0.34 * smoothstep(seas, 0.45, 0.7)) * smoothstep(away, 0.985, 0.955) * (1 - 0.12 * away**4)
    small = cv2.resize((value * 255).astype(np.uint8), (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def lightning(rng: np.random.Generator, scene: Scene, sky: Sky, opacity: float) -> tuple[Plane, Floats] | None:
    """A bolt from the clouds to the horizon, and its glow (h, w, 0..1); None where there is too little sky."""
    if sky.share < 0.12 or sky.horizon < 0.2:
        return None
    width, height = scene.size
    columns = sky.alpha[: max(1, int(0.9 * sky.horizon * scene.shape[0]))].mean(axis=0)
    open_columns = np.flatnonzero(columns > 0.9 * columns.max())
    x = (float(rng.choice(open_columns)) + 0.5) / scene.shape[1] * width
    level = np.zeros((height, width), np.uint8)
    short = min(width, height)
    start = np.array([x + rng.normal(0, 0.06) * width, rng.uniform(-0.02, 0.12) * sky.horizon * height])
    end = np.array([x, sky.horizon * height * 1.02])
    trunk = _crooked(rng, start, end, 0.16)
    _draw(level, trunk, short / 620, 255)
    for _ in range(int(rng.integers(4, 8))):
        k = int(rng.integers(len(trunk) // 8, 3 * len(trunk) // 4))
        length = (end[1] - trunk[k][1]) * rng.uniform(0.2, 0.55)
        tip = trunk[k] + np.array([rng.choice([-1, 1]) * length * rng.uniform(0.4, 1.0), length])
        _draw(level, _crooked(rng, trunk[k], tip, 0.2), short / 1500, int(rng.integers(110, 190)))
    small = cv2.resize(level, scene.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    longest = max(scene.shape)
    glow = 6 * blur(small, 0.012 * longest) + 10 * blur(small, 0.05 * longest) + 14 * blur(small, 0.16 * longest)
    return Plane(level, (1.0, 0.97, 1.0), opacity, behind=True), np.clip(glow, 0, 1.2)


def _crooked(rng: np.random.Generator, start: Floats, end: Floats, bend: float) -> Floats:
    """Points (n, 2) from `start` to `end`, displaced at their middles over and over."""
    points = np.stack([start, end]).astype(np.float64)
    for _ in range(7):
        steps = np.diff(points, axis=0)
        aside = np.stack([-steps[:, 1], steps[:, 0]], axis=1)
        middles = (points[:-1] + points[1:]) / 2 + aside * rng.normal(0, bend, (len(steps), 1))
        joined = np.empty((2 * len(points) - 1, 2))
        joined[::2], joined[1::2] = points, middles
        points = joined
    return points


def _draw(level: NDArray[np.uint8], points: Floats, thickness: float, value: int) -> None:
    if thickness < 1:
        value = max(1, int(value * thickness))
    fixed = np.rint(points * 2**SHIFT).astype(np.int32)
    cv2.polylines(level, [fixed], False, value, max(1, round(thickness)), cv2.LINE_AA, SHIFT)
