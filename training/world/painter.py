"""A brush for painted backgrounds: shapes in shares of the picture, with a little seeded jitter."""

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]
_BITS = 4  # fractional bits of cv2's sub-pixel coordinates
_ONE = 1 << _BITS
_PATTERN_SEED = 20  # star and speck positions never depend on the picture's seed


class Painter:
    """Paints onto `rgb`, uint8 (height, width, 3).

    x and y are shares of width and height, sizes are shares of the short side. With `rng` the light changes
    by up to 4 % and shapes move by up to 1.5 %; without it nothing moves.
    """

    def __init__(self, width: int, height: int, rng: np.random.Generator | None) -> None:
        self.width, self.height, self.short = width, height, min(width, height)
        self.rgb: NDArray[np.uint8] = np.zeros((height, width, 3), np.uint8)
        self._rng = rng
        self._tint = np.ones(3) if rng is None else rng.uniform(0.96, 1.04, 3) * rng.uniform(0.98, 1.02)

    def gradient(self, top: float, bottom: float, first: Colour, last: Colour) -> None:
        """A full-width band that runs from one colour to the other."""
        start, stop = round(top * self.height), max(round(bottom * self.height), round(top * self.height) + 1)
        ramp = np.linspace(np.array(first, float), np.array(last, float), stop - start) * self._tint
        band = self.rgb[start:stop]
        band[:] = np.clip(ramp, 0, 255)[: len(band), None]

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        self.polygon(((left, top), (right, top), (right, bottom), (left, bottom)), colour)

    def polygon(self, points: tuple[tuple[float, float], ...], colour: Colour) -> None:
        corners = np.array(points) * (self.width, self.height)
        self._fill(corners, colour)

    def disc(self, x: float, y: float, size: float, colour: Colour, jitter: float = 0.015) -> None:
        centre = (x + self._move(jitter)) * self.width, (y + self._move(jitter)) * self.height
        self._circle(centre[0], centre[1], size * self.short, colour)

    def ring(self, x: float, y: float, wide: float, high: float, colour: Colour) -> None:
        """The outline of an ellipse, tilted when it is flat."""
        axes = (max(1, round(wide * self.short * _ONE)), max(1, round(high * self.short * _ONE)))
        centre = (round(x * self.width * _ONE), round(y * self.height * _ONE))
        tilt = 0 if wide == high else -18
        cv2.ellipse(self.rgb, centre, axes, tilt, 0, 360, self._ink(colour), self._thick(0.012), cv2.LINE_AA, _BITS)

    def cloud(self, x: float, y: float, size: float) -> None:
        x, y = x + self._move(0.03), y + self._move(0.015)
        for dx, dy, radius in ((-1.0, 0.12, 0.42), (-0.4, -0.14, 0.6), (0.3, -0.06, 0.66), (0.95, 0.14, 0.4)):
            centre = x * self.width + dx * size * self.short, y * self.height + dy * size * self.short
            self._circle(centre[0], centre[1], radius * size * self.short, (250, 252, 255))
        flat = np.array(((-1.0, 0.1), (0.95, 0.1), (0.95, 0.54), (-1.0, 0.54))) * size * self.short
        self._fill(flat + np.array((x * self.width, y * self.height)), (250, 252, 255))

    def hill(
        self,
        level: float,
        swing: float,
        waves: float,
        phase: float,
        colour: Colour,
        bottom: Colour | None = None,
    ) -> None:
        """Everything below a sine line, shaded down to `bottom`."""
        phase = phase + self._move(0.05)
        level = level + self._move(0.01)
        x = np.arange(self.width) + 0.5
        line = (level + swing * np.sin(2 * np.pi * (x / self.width * waves + phase))) * self.height
        rows = np.arange(self.height)[:, None] + 0.5
        cover = np.clip(rows - line + 0.5, 0, 1)[..., None].astype(np.float32)
        share = np.clip((rows / self.height - level) / max(1 - level, 0.01), 0, 1)[..., None]
        shade = np.array(colour) + (np.array(bottom or colour) - np.array(colour)) * share
        mixed = self.rgb + (np.clip(shade * self._tint, 0, 255) - self.rgb) * cover
        self.rgb[:] = mixed.astype(np.uint8)

    def waves(self, levels: tuple[float, ...], colour: Colour, length: float) -> None:
        """Short crests in rows, longer towards the viewer."""
        for row, level in enumerate(levels):
            step = 0.17 + 0.03 * row
            for i in range(int(1 / step) + 2):
                x, y = (i + 0.5 * (row % 2)) * step + self._move(0.01), level
                wide = (length + 0.008 * row) * self.short * 2
                start = (round((x * self.width - wide) * _ONE), round(y * self.height * _ONE))
                end = (round((x * self.width + wide) * _ONE), round(y * self.height * _ONE))
                cv2.line(self.rgb, start, end, self._ink(colour), self._thick(0.012), cv2.LINE_AA, _BITS)

    def glow(self, x: float, y: float, size: float, colour: Colour, strength: float) -> None:
        """Soft light that fades from a centre."""
        rows, columns = np.ogrid[: self.height, : self.width]
        squared = (columns - x * self.width) ** 2 + (rows - y * self.height) ** 2
        weight = (strength * np.exp(-squared / (size * self.short) ** 2))[..., None].astype(np.float32)
        self.rgb[:] = (self.rgb + (np.array(colour, np.float32) - self.rgb) * weight).astype(np.uint8)

    def stars(self, count: int) -> None:
        places = np.random.default_rng(_PATTERN_SEED)
        for x, y, bright in places.uniform(0, 1, (count, 3)):
            grey = round(150 + 105 * bright)
            self._circle(x * self.width, y * self.height, (0.003 + 0.005 * bright**3) * self.short, (grey, grey, 255))

    def specks(self, top: float, count: int, colour: Colour, size: float) -> None:
        """Small dots scattered below a level: flowers, tufts."""
        places = np.random.default_rng(_PATTERN_SEED + count)
        for x, y in places.uniform(0, 1, (count, 2)):
            self._circle(
                x * self.width,
                (top + (1 - top) * y) * self.height,
                size * self.short * (0.7 + 0.6 * y),
                colour,
            )

    def fir(
        self,
        x: float,
        base: float,
        size: float,
        colour: Colour,
        trunk: Colour | None = None,
        cap: Colour | None = None,
    ) -> None:
        """A conifer of three tiers, with an optional trunk or snow on its tip."""
        x, unit = (x + self._move(0.015)) * self.width, size * self.short
        y = base * self.height
        if trunk:
            self._fill(np.array(((-0.05, -0.2), (0.05, -0.2), (0.05, 0.06), (-0.05, 0.06))) * unit + (x, y), trunk)
        for wide, low, high in ((0.3, 0.0, -0.5), (0.24, -0.28, -0.75), (0.17, -0.55, -1.0)):
            self._fill(np.array(((-wide, low), (wide, low), (0, high))) * unit + (x, y), colour)
            if cap:
                tip = np.array(((-wide * 0.5, (low + high) / 2), (wide * 0.5, (low + high) / 2), (0, high)))
                self._fill(tip * unit + (x, y), cap)

    def peak(self, x: float, top: float, wide: float, base: float, colour: Colour, snow: Colour) -> None:
        """A mountain with a lit and a shaded side and snow on its top."""
        x, top = x + self._move(0.015), top + self._move(0.01)
        shade = (round(colour[0] * 0.82), round(colour[1] * 0.82), round(colour[2] * 0.84))
        self.polygon(((x - wide, base), (x, top), (x + wide, base)), colour)
        self.polygon(((x, top), (x + wide, base), (x + wide * 0.12, base)), shade)
        y = top + (base - top) * 0.34
        edge = ((x - wide * 0.34, y), (x - wide * 0.16, y - 0.03), (x, y + 0.03), (x + wide * 0.18, y - 0.02))
        self.polygon(((x, top), *edge, (x + wide * 0.34, y)), snow)

    def bush(self, x: float, y: float, size: float, colour: Colour) -> None:
        """A round crown of leaves with light from above."""
        x = x + self._move(0.015)
        light = (min(255, colour[0] + 22), min(255, colour[1] + 20), min(255, colour[2] + 16))
        for dx, dy, radius, tone in (
            (-0.5, 0.3, 0.6, colour),
            (0.5, 0.3, 0.6, colour),
            (0, 0.1, 0.9, colour),
            (-0.2, -0.2, 0.5, light),
        ):
            unit = size * self.short
            self._circle(x * self.width + dx * unit, y * self.height + dy * unit, radius * unit, tone)

    def tower(self, x: float, wide: float, top: float, base: float, colour: Colour) -> None:
        """A building with lit windows."""
        top = top + self._move(0.015)
        self.box(x, top, x + wide, base, colour)
        columns, rows = 3, max(2, round((base - top) * 14))
        for row in range(rows):
            for column in range(columns):
                left, up = x + wide * (column + 0.28) / columns, top + (base - top) * (row + 0.3) / rows
                lit = (255, 226, 140) if (row * 2 + column) % 3 else (190, 208, 224)
                self.box(left, up, left + wide * 0.44 / columns, up + (base - top) * 0.4 / rows, lit)

    def dashes(self, y: float, colour: Colour) -> None:
        for i in range(6):
            self.box((i + 0.2) / 6, y - 0.008, (i + 0.7) / 6, y + 0.008, colour)

    def planks(self, top: float, colour: Colour, count: int) -> None:
        """Thin horizontal seams on a floor below `top`."""
        for i in range(1, count):
            y = top + (1 - top) * i / count
            self.box(0, y - 0.003, 1, y + 0.003, colour)

    def rows(self, top: float, colour: Colour, count: int) -> None:
        """Furrows that meet at the horizon."""
        for i in range(count + 1):
            end = (i / count - 0.5) * 2.6 + 0.5
            start = (i / count - 0.5) * 0.9 + 0.5
            self.polygon(((start, top), (end - 0.02, 1.0), (end + 0.02, 1.0)), colour)

    def ray(self, x: float, narrow: float, wide: float, bottom: float, colour: Colour, strength: float) -> None:
        """A shaft of light from above that fades downwards."""
        x = x + self._move(0.02)
        shaft = np.zeros((self.height, self.width), np.uint8)
        corners = np.array(((x, 0), (x + narrow, 0), (x + narrow - 0.12 + wide, bottom), (x - 0.12, bottom)))
        cv2.fillPoly(
            shaft,
            [np.round(corners * (self.width, self.height) * _ONE).astype(np.int32)],
            255,
            cv2.LINE_AA,
            _BITS,
        )
        fade = np.clip(1 - np.arange(self.height) / (bottom * self.height), 0, 1)[:, None]
        weight = (shaft / 255 * fade * strength)[..., None].astype(np.float32)
        self.rgb[:] = (self.rgb + (np.array(colour, np.float32) - self.rgb) * weight).astype(np.uint8)

    def coral(self, x: float, y: float, size: float, colour: Colour) -> None:
        """A fan of round-ended branches."""
        unit, foot = size * self.short, (round(x * self.width * _ONE), round(y * self.height * _ONE))
        for angle, length in ((-0.9, 0.7), (-0.4, 0.95), (0.1, 1.05), (0.55, 0.85), (1.0, 0.65)):
            tip = (
                x * self.width + np.sin(angle) * length * unit,
                y * self.height - np.cos(angle) * length * unit,
            )
            end = (round(tip[0] * _ONE), round(tip[1] * _ONE))
            cv2.line(self.rgb, foot, end, self._ink(colour), self._thick(0.034), cv2.LINE_AA, _BITS)
            self._circle(tip[0], tip[1], 0.03 * self.short, colour)

    def weed(self, x: float, y: float, size: float, colour: Colour) -> None:
        """A waving strand of seaweed."""
        share = np.linspace(0, 1, 12)
        across = x * self.width + np.sin(share * 7) * 0.016 * self.short
        strand = np.stack([across, y * self.height - share * size * self.short], axis=-1)
        points = np.round(strand * _ONE).astype(np.int32)
        cv2.polylines(self.rgb, [points], False, self._ink(colour), self._thick(0.026), cv2.LINE_AA, _BITS)

    def bricks(self, courses: int, colour: Colour) -> None:
        """Rows of bricks in running bond; every brick has its own fixed tone."""
        tones = np.random.default_rng(_PATTERN_SEED)
        high = self.height / max(1, round(courses * self.height / self.short))
        wide, gap = high * 2.1, high * 0.1
        for row in range(int(self.height / high) + 1):
            for column in range(-1, int(self.width / wide) + 2):
                tone = tones.uniform(0.86, 1.12)
                left, top = (column + 0.5 * (row % 2)) * wide, row * high
                corners = np.array(((left + gap, top + gap), (left + wide - gap, top + high - gap)))
                (x0, y0), (x1, y1) = corners
                brick = (round(colour[0] * tone), round(colour[1] * tone), round(colour[2] * tone))
                self._fill(np.array(((x0, y0), (x1, y0), (x1, y1), (x0, y1))), brick)

    def boards(self, count: int, colour: Colour, seam: Colour) -> None:
        """Upright boards with grain that is the same for every seed."""
        tones = np.random.default_rng(_PATTERN_SEED)
        x, y = np.arange(self.width) / self.width, np.arange(self.height)[:, None] / self.height
        board = np.minimum((x * count).astype(int), count - 1)
        tone = tones.uniform(0.88, 1.1, count)[board]
        offset = tones.uniform(0, 6, count)[board]
        grain = np.sin(x * count * 19 + offset + 0.9 * np.sin(y * 9 + offset * 2))
        shade = (tone + 0.05 * grain)[..., None] * np.array(colour) * self._tint
        self.rgb[:] = np.clip(shade, 0, 255).astype(np.uint8)
        for i in range(1, count):
            self.box(i / count - 0.005, 0, i / count + 0.005, 1, seam)

    def _move(self, amount: float) -> float:
        return 0.0 if self._rng is None else float(self._rng.uniform(-amount, amount))

    def _ink(self, colour: Colour) -> Colour:
        red, green, blue = (int(min(255, round(value * tint))) for value, tint in zip(colour, self._tint, strict=True))
        return red, green, blue

    def _thick(self, size: float) -> int:
        return max(1, round(size * self.short))

    def _fill(self, corners: NDArray[np.floating], colour: Colour) -> None:
        """A polygon with corners in pixels."""
        points = np.round((corners - 0.5) * _ONE).astype(np.int32)
        cv2.fillPoly(self.rgb, [points], self._ink(colour), cv2.LINE_AA, _BITS)

    def _circle(self, x: float, y: float, radius: float, colour: Colour) -> None:
        centre = (round((x - 0.5) * _ONE), round((y - 0.5) * _ONE))
        cv2.circle(self.rgb, centre, max(1, round(radius * _ONE)), self._ink(colour), -1, cv2.LINE_AA, _BITS)
