"""A living room by daylight."""

from __future__ import annotations

import cv2
import numpy as np

from omniedit.specialists.scenes.noise import Colour, Floats, fractal, mix, sample, smooth
from omniedit.specialists.scenes.view import Box, Canvas, Scene, View, canvas, light_of, one_of

__all__ = ["room"]

CEILING = 0.85  # above the camera, in heights of the camera above the floor
WALLS = ((222, 214, 200), (206, 210, 206), (190, 200, 204), (226, 220, 214), (176, 186, 172), (214, 198, 184))
SOFAS = ((92, 104, 118), (156, 140, 122), (70, 92, 84), (168, 92, 66), (196, 188, 176), (56, 60, 72))
BOOKS = ((150, 52, 44), (44, 74, 104), (214, 196, 150), (60, 84, 62), (190, 130, 60), (230, 226, 216), (84, 60, 80))
RUGS = ((196, 186, 172), (120, 60, 54), (84, 98, 120))
CURTAINS = ((226, 218, 204), (150, 160, 168), (184, 150, 130))
FRAMES = ((40, 36, 34), (206, 198, 186), (140, 100, 66))
POTS = ((226, 222, 214), (168, 96, 66), (70, 76, 80))
SILL, LINTEL = 0.55, 1.62  # of the window, above the floor
ROUND = 0.07  # of the corners of padded things

Span = tuple[float, float]


class _Room:
    """The box of a room: a back wall at `depth` with a window around `window`, and how things are drawn in it.

    Places are in heights of the camera: across, to the right of the middle; up, above the floor; away.
    """

    def __init__(self, view: View, rng: np.random.Generator) -> None:
        self.view, self.rng = view, rng
        self.depth = rng.uniform(4.2, 5.6)
        self.half = rng.uniform(2.4, 3.2)  # half its width
        self.side = float(rng.choice([-1, 1]))  # where the window is
        self.window = self.side * rng.uniform(0.35, 0.55) * self.half
        x, below = view.x + 0 * view.below, view.below + 0 * view.x
        floor, ceiling = View.FOCAL / np.maximum(below, 1e-3), View.FOCAL * CEILING / np.maximum(-below, 1e-3)
        walls = np.minimum(View.FOCAL * self.half / np.maximum(np.abs(x), 1e-3), self.depth)
        self.away = np.minimum(np.minimum(floor, ceiling), walls)
        self.on_floor, self.on_ceiling = self.away == floor, self.away == ceiling
        self.across, self.up = x * self.away / View.FOCAL, 1 - below * self.away / View.FOCAL

    def box(self, x: Span, y: Span, away: float) -> Box:
        """The rows and columns that hold x (across) times y (up) at a distance `away`."""
        scale, width, height = View.FOCAL / away, self.view.width, self.view.height
        rows = slice(self.view.row((1 - y[1]) * scale - 1 / height), self.view.row((1 - y[0]) * scale + 2 / height))
        left, right = (round(side * scale * height + width / 2) for side in x)
        return rows, slice(min(max(left - 1, 0), width), min(max(right + 2, 0), width))

    def places(self, box: Box, away: float) -> tuple[Floats, Floats]:
        """Across (1, w) and up (h, 1) of what is seen in `box` at a distance `away`."""
        return self.view.x[:, box[1]] * away / View.FOCAL, 1 - self.view.below[box[0]] * away / View.FOCAL

    def board(self, painting: Canvas, x: Span, y: Span, colour: Colour, away: float) -> None:
        """A flat rectangle, its sides smooth to the pixel."""
        box = self.box(x, y, away)
        across, up = self.places(box, away)
        pixel = away / View.FOCAL / self.view.height
        wide = np.clip(np.minimum(across - x[0], x[1] - across) / pixel + 0.5, 0, 1)
        tall = np.clip(np.minimum(up - y[0], y[1] - up) / pixel + 0.5, 0, 1)
        painting.lay(np.asarray(colour), wide * tall, View.FOCAL / away, box)

    def cushion(self, painting: Canvas, x: Span, y: Span, colour: Colour, away: float) -> None:
        """A padded rectangle with round corners, lighter above."""
        box = self.box(x, y, away)
        across, up = self.places(box, away)
        dx = np.maximum(np.abs(across - (x[0] + x[1]) / 2) - (x[1] - x[0]) / 2 + ROUND, 0)
        dy = np.maximum(np.abs(up - (y[0] + y[1]) / 2) - (y[1] - y[0]) / 2 + ROUND, 0)
        tone = 0.72 + 0.42 * (up - y[0]) / (y[1] - y[0]) + 0 * across
        inside = smooth(np.hypot(dx, dy), ROUND, ROUND * 0.8)
        painting.lay(np.asarray(colour) * tone[..., None], inside, View.FOCAL / away, box)


def room(view: View, rng: np.random.Generator) -> Scene:
    """A room with a bright window, a sofa, a shelf, pictures, a lamp and a plant."""
    inside = _Room(view, rng)
    painting = canvas(view, rng, _surfaces(inside))
    painting.near[:] = View.FOCAL / inside.away
    for furnish in (_window, _pictures, _shelf, _sofa, _lamp, _plant):
        furnish(painting, inside)
    light = painting.light * _daylight(inside)[..., None]
    bright = np.minimum(light, 3) * (light > 1)
    bloom = cv2.GaussianBlur(cv2.resize(bright, None, fx=0.25, fy=0.25), (0, 0), 0.015 * view.height)
    painting.light[:] = light + 0.18 * cv2.resize(bloom, (view.width, view.height))
    return painting.scene(stands=True, soft=2.2)


def _surfaces(inside: _Room) -> Floats:
    """Walls, ceiling and a wooden floor with a rug in their own colours, (h, w, 3)."""
    rng, across, away = inside.rng, inside.across, inside.away
    light = np.broadcast_to(one_of(rng, WALLS), (*across.shape, 3)).copy()
    light[inside.on_ceiling] = light_of(236, 234, 230)
    light[(inside.up < 0.1) & ~inside.on_floor] = light_of(232, 230, 226)  # the skirting
    grain = sample(fractal(512, 0.9, rng, coarsest=4, stretch=8.0), across / 5, away / 5)
    board = np.mod(np.floor(across / 0.28) * 0.37, 1)
    wood = mix(light_of(112, 78, 50), light_of(188, 146, 104), np.clip(0.35 + 0.4 * board + 0.12 * grain, 0, 1))
    wood[np.mod(across, 0.28) < 0.012] *= 0.6
    rug = smooth(np.abs(across), 1.65, 1.6) * smooth(np.abs(away - inside.depth * 0.72), 1.2, 1.15)
    wood = mix(wood, one_of(rng, RUGS) * (1 + 0.1 * grain[..., None]), rug)
    light[inside.on_floor] = wood[inside.on_floor]
    return light


def _daylight(inside: _Room) -> Floats:
    """(h, w): the light that the window gives each place; less in corners."""
    gap = (inside.across - inside.window) ** 2 + (inside.up - 1.0) ** 2 + (inside.away - inside.depth) ** 2 + 0.5
    facing = np.where(inside.away == inside.depth, 0.55, 1.0)  # the window's own wall is lit by the others
    corner = np.minimum(np.minimum(inside.up, 1 + CEILING - inside.up), inside.half - np.abs(inside.across) + 0.05)
    return (0.40 + facing / (1 + 0.14 * gap)) * (0.8 + 0.2 * smooth(corner, 0.0, 0.35))


def _window(painting: Canvas, inside: _Room) -> None:
    """Daylight with leaves outside, panes and curtains."""
    rng, away = inside.rng, inside.depth
    wide = rng.uniform(0.7, 1.0)
    x = (inside.window - wide, inside.window + wide)
    box = inside.box(x, (SILL, LINTEL), away)
    across, up = inside.places(box, away)
    if across.size and up.size:
        leaves = sample(fractal(512, 1.2, rng, coarsest=3), across * 0.3, up * 0.3)
        height = (LINTEL - up) / (LINTEL - SILL)
        day = mix((2.6, 2.8, 3.1), (1.0, 1.35, 0.75), smooth(leaves + 2.4 * height - 1.6, -0.6, 0.9))
        painting.lay(day, np.ones(day.shape[:2], np.float32), 0.0, box)
    white, middle = light_of(238, 238, 236), (SILL + LINTEL) / 2 + 0.1
    for at in (*x, inside.window):
        inside.board(painting, (at - 0.03, at + 0.03), (SILL, LINTEL), white, away)
    for level in (SILL, middle, LINTEL):
        inside.board(painting, (x[0] - 0.03, x[1] + 0.03), (level - 0.03, level + 0.03), white, away)
    cloth = one_of(rng, CURTAINS)
    for side in (-1, 1):
        for fold in range(7):
            at = inside.window + side * (wide + 0.18 + (fold - 3) * 0.085)
            tone = 0.75 + 0.45 * (fold % 2) + 0.25 * np.exp(-abs(at - inside.window))
            inside.board(painting, (at - 0.045, at + 0.045), (0.06, LINTEL + 0.12), cloth * np.float32(tone), away)


def _pictures(painting: Canvas, inside: _Room) -> None:
    """Some framed pictures on the wall beside the window."""
    rng, away = inside.rng, inside.depth
    x = -inside.window + rng.uniform(-0.5, 0.1)
    for _ in range(int(rng.integers(1, 4))):
        wide, tall = rng.uniform(0.16, 0.3), rng.uniform(0.2, 0.34)
        y = 1.22 + rng.uniform(-0.05, 0.08)
        inside.board(painting, (x - wide, x + wide), (y - tall, y + tall), one_of(rng, FRAMES), away)
        paper = light_of(236, 232, 224)
        inside.board(painting, (x - wide * 0.88, x + wide * 0.88), (y - tall * 0.9, y + tall * 0.9), paper, away)
        for _ in range(4):
            left, low = x + rng.uniform(-0.7, 0.3) * wide, y + rng.uniform(-0.7, 0.3) * tall
            inside.board(painting, (left, left + 0.4 * wide), (low, low + 0.4 * tall), one_of(rng, BOOKS), away)
        x += rng.uniform(0.55, 0.75)


def _shelf(painting: Canvas, inside: _Room) -> None:
    """A case of books at the wall, on the side where the window is not; not in every room."""
    rng, away = inside.rng, inside.depth - 0.05
    if rng.random() < 0.3:
        return
    left, right = sorted((-inside.side * (inside.half - 0.1), -inside.side * (inside.half - 0.95)))
    wood = one_of(rng, ((108, 76, 50), (222, 216, 206)))
    inside.board(painting, (left, right), (0, 1.5), wood * np.float32(0.55), away)
    for level in np.arange(0.02, 1.5, 0.29):
        x = left + 0.05
        while x < right - 0.06:
            thick = rng.uniform(0.025, 0.06)
            if rng.random() < 0.85:
                top = level + rng.uniform(0.16, 0.25)
                inside.board(painting, (x, x + thick), (level, top), one_of(rng, BOOKS) * np.float32(0.85), away)
            x += thick + 0.004
        inside.board(painting, (left, right), (level - 0.03, level), wood, away)


def _sofa(painting: Canvas, inside: _Room) -> None:
    """A sofa before the back wall, with cushions and its shadow."""
    rng = inside.rng
    away, wide = inside.depth - rng.uniform(0.5, 0.9), rng.uniform(1.0, 1.3)
    cloth, x = one_of(rng, SOFAS), -inside.window * 0.55 + rng.uniform(-0.2, 0.2)
    across, up = inside.places((slice(None), slice(None)), away)
    painting.light[:] *= (1 - 0.75 * smooth(np.hypot((across - x) / (wide + 0.15), up / 0.14), 1.25, 0.6))[..., None]
    seat = wide * 0.8
    for left, right, low, high, tone in (
        (-wide, wide, 0.08, 0.62, 0.95),  # the back, with two cushions
        (-seat, -0.01, 0.28, 0.6, 1.08),
        (0.01, seat, 0.28, 0.6, 1.05),
        (-seat, seat, 0.1, 0.3, 1.2),  # the seat and its front
        (-seat, seat, 0.06, 0.2, 0.7),
        (-wide - 0.05, -seat, 0.06, 0.46, 1.0),  # the arms
        (seat, wide + 0.05, 0.06, 0.46, 0.9),
    ):
        inside.cushion(painting, (x + left, x + right), (low, high), cloth * np.float32(tone), away)
    for _ in range(int(rng.integers(1, 4))):
        at = x + rng.uniform(-0.75, 0.75) * wide
        inside.cushion(painting, (at - 0.17, at + 0.17), (0.3, 0.56), one_of(rng, BOOKS), away)


def _lamp(painting: Canvas, inside: _Room) -> None:
    """A floor lamp, lit."""
    away, x = inside.depth - 0.4, inside.side * (inside.half - inside.rng.uniform(0.3, 0.6))
    inside.board(painting, (x - 0.015, x + 0.015), (0, 1.1), light_of(60, 52, 44), away)
    inside.cushion(painting, (x - 0.2, x + 0.2), (1.05, 1.36), (2.2, 1.6, 0.95), away)
    across, up = inside.places((slice(None), slice(None)), away)
    glow = 0.35 * np.exp(-np.hypot(across - x, up - 1.2) / 0.45)
    painting.light[:] += glow[..., None] * np.array((1.0, 0.72, 0.42), np.float32)


def _plant(painting: Canvas, inside: _Room) -> None:
    """A plant with long leaves in a pot, in front of all."""
    view, rng = inside.view, inside.rng
    away = rng.uniform(2.8, 3.6)
    scale = View.FOCAL / away * view.height
    x = rng.choice([-1, 1]) * rng.uniform(0.55, 0.8) * min(inside.half, 0.5 * view.width / scale)
    inside.cushion(painting, (x - 0.16, x + 0.16), (0.0, 0.34), one_of(rng, POTS), away)
    foot = np.array([x * scale + view.width / 2, view.horizon * view.height + 0.68 * scale])
    t = np.linspace(0, 1, 14)[:, None]
    for _ in range(46):
        lean, reach = rng.normal(0, 0.55), rng.uniform(0.35, 0.95) * scale
        bend = foot + 0.6 * reach * np.array([0.5 * np.sin(lean), -1.0])
        tip = foot + reach * np.array([np.sin(lean), -0.9 * np.cos(lean)])
        curve = (1 - t) ** 2 * foot + 2 * t * (1 - t) * bend + t**2 * tip
        normal = np.gradient(curve, axis=0)[:, ::-1] * np.array([-1, 1])
        normal *= 0.045 * scale * np.sin(np.pi * t**0.8) / (np.linalg.norm(normal, axis=1, keepdims=True) + 1e-6)
        outline = np.concatenate([curve + normal, (curve - normal)[::-1]])
        tone = mix(light_of(26, 56, 30), light_of(124, 158, 84), rng.random())
        cv2.fillPoly(painting.light, [np.round(outline * 16).astype(np.int32)], tone.tolist(), cv2.LINE_AA, 4)
