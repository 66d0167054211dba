"""Between the upload and the model: what the model sees of a picture, and its edit at the upload's size.

Pixels outside the change are those of the upload, bit for bit. numpy and OpenCV only.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from omniedit.guided import Enlarger, Floats, Transfer, fit_transfer, smoothstep

__all__ = [
    "RATIOS",
    "Composed",
    "Frame",
    "compose_global",
    "compose_local",
    "is_global",
    "mask_to_model",
    "plan",
    "to_model",
]

RATIOS = ((1, 1), (2, 3), (3, 2), (3, 4), (4, 3), (9, 16), (16, 9))  # width : height, as the paper's
CONTEXT = 1.0  # of the mask's box, on each side
LEAST_SHARE = 0.3  # of the picture's short side that a crop shows at least
LEAST_MARGIN = 0.15  # of the mask's box, kept on each side even where the picture is very long
GLOBAL_SHARE = 0.97  # of the pixels changed: more is an edit of the whole picture, less keeps something
COVERED = 0.25  # of a model pixel under the mask: more counts as masked
ALPHA = (0.06, 0.5)  # of the enlarged change: untouched below, fully edited above
WORKERS = 4

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True)
class Frame:
    """What the model sees: `box` (left, top, right, bottom) of the upload; the sizes are (width, height)."""

    upload: tuple[int, int]
    box: tuple[int, int, int, int]
    model: tuple[int, int]

    @property
    def scale(self) -> float:
        """Upload pixels per model pixel, along the axis where they are most."""
        left, top, right, bottom = self.box
        return max((right - left) / self.model[0], (bottom - top) / self.model[1])


@dataclass(frozen=True)
class Composed:
    """`rgb` uint8 (H, W, 3) at the upload's size; not `changed` (bool, H, W): the upload bit for bit."""

    rgb: Bytes
    changed: Bools
    resampled: bool  # True where every pixel was computed anew


def plan(
    size: tuple[int, int], mask: NDArray[np.generic] | None = None, short_side: int = 128, multiple: int = 16
) -> Frame:
    """The frame for an upload of `size` (width, height): all of it, or the surroundings of `mask`.

    mask: (H, W), not zero where the picture may change; an empty one counts as none.
    """
    width, height = size
    bounds = None if mask is None else _bounds(mask)
    if bounds is None:
        return Frame(size, (0, 0, width, height), _model_size(width / height, short_side, multiple))
    if mask is not None and mask.shape != (height, width):
        raise ValueError(f"The mask is {mask.shape[1]} x {mask.shape[0]}, the picture {width} x {height}.")
    left, top, right, bottom = bounds
    least = max(LEAST_SHARE * min(size), float(short_side))
    wide = max((right - left) * (1 + 2 * CONTEXT), least)
    high = max((bottom - top) * (1 + 2 * CONTEXT), least)
    ratio = _nearest_ratio(wide / high)
    wide, high = max(wide, high * ratio), max(high, wide / ratio)
    # a panorama cannot give the height: show less of its width rather than squeeze it
    longest = max(w / h for w, h in RATIOS)
    wide, high = min(wide, float(width)), min(high, float(height))
    wide = min(wide, max(high * longest, (right - left) * (1 + 2 * LEAST_MARGIN)))
    high = min(high, max(wide * longest, (bottom - top) * (1 + 2 * LEAST_MARGIN)))
    x0, x1 = _span(left, right, round(wide), width)
    y0, y1 = _span(top, bottom, round(high), height)
    return Frame(size, (x0, y0, x1, y1), _model_size((x1 - x0) / (y1 - y0), short_side, multiple))


def to_model(rgb: Bytes, frame: Frame) -> Bytes:
    """uint8 (H, W, 3) of the upload -> uint8 (h, w, 3) that the model sees."""
    return np.asarray(_shrink(_crop(rgb, frame), frame.model), dtype=np.uint8)


def mask_to_model(mask: NDArray[np.generic], frame: Frame) -> Bools:
    """(H, W), not zero = edit -> bool (h, w); a mask that is not empty never becomes empty."""
    cover = _shrink(_crop((mask != 0).astype(np.uint8) * 255, frame), frame.model)
    return np.asarray(cover >= max(1, min(int(COVERED * 255), int(cover.max()))), dtype=np.bool_)


def is_global(change_small: Floats) -> bool:
    """Whether a change (h, w, 0..1) covers so much that the whole picture is to be recomputed."""
    return bool((change_small > 0.5).mean() > GLOBAL_SHARE)


def compose_local(
    source: Bytes,
    edited_small: Bytes,
    change_small: Floats,
    frame: Frame,
    mask_full: NDArray[np.generic] | None = None,
) -> Composed:
    """`source` with the edit of a part stitched in.

    source: uint8 (H, W, 3); edited_small: uint8 (h, w, 3), what the model made of `to_model(source, frame)`;
    change_small: (h, w) in 0..1, where; mask_full: (H, W), not zero where the picture may change at all. The
    stitch fades out over about a model pixel, inside the mask where one is given.
    """
    _check(source, edited_small, frame)
    result, changed = source.copy(), np.zeros(source.shape[:2], np.bool_)
    change = np.clip(change_small, 0, 1).astype(np.float32)
    # the edit's outline lies inside the pixels around the change: one more pixel, so that nothing old stays
    grown = cv2.dilate(change, np.ones((3, 3), np.uint8))
    wider = np.asarray(cv2.GaussianBlur(grown, (0, 0), 0.7), dtype=np.float32)
    if float(wider.max()) <= ALPHA[0]:
        return Composed(result, changed, resampled=False)
    seen = to_model(source, frame)
    transfer = fit_transfer(seen, edited_small, np.asarray(cv2.dilate(change, np.ones((5, 5), np.uint8))))
    fade = _fade(mask_full, frame)
    region = _crop(source, frame)
    _enlarge(region, transfer, wider, fade, _crop(result, frame), _crop(changed, frame))
    return Composed(result, changed, resampled=False)


def compose_global(source: Bytes, source_small: Bytes, edited_small: Bytes) -> Composed:
    """`source` with an edit of the whole picture.

    source: uint8 (H, W, 3); source_small and edited_small: uint8 (h, w, 3), what the model saw and made.
    """
    frame = Frame(_size(source), (0, 0, *_size(source)), _size(edited_small))
    _check(source, edited_small, frame)
    everywhere = np.ones(edited_small.shape[:2], np.float32)
    transfer = fit_transfer(source_small, edited_small, everywhere, pool_regions=False)
    result, changed = np.empty_like(source), np.ones(source.shape[:2], np.bool_)
    _enlarge(source, transfer, None, None, result, changed)
    return Composed(result, changed, resampled=True)


def _enlarge(
    source: Bytes,
    transfer: Transfer,
    change: Floats | None,
    fade: Floats | None,
    result: Bytes,
    changed: Bools,
) -> None:
    """Write the edit of `source` into `result` and `changed` (all of one size), strip by strip."""
    parts = [transfer.gain, transfer.offset]
    if change is not None:
        parts.append(change[None])
    has_plain = bool(transfer.plain.max() > 0)
    if has_plain:
        parts += [transfer.plain[None], transfer.edited]
    large = Enlarger(np.concatenate(parts).astype(np.float32), _size(source))

    def strip(rows: tuple[int, int]) -> None:
        top, bottom = rows
        alpha: Floats | None = None
        maps = large.rows(top, bottom)
        at = 12
        if change is not None:
            alpha = smoothstep(maps[at], *ALPHA)
            at += 1
            if fade is not None:
                alpha *= fade[top:bottom]
            if not alpha.any():
                return
        colour = source[top:bottom].astype(np.float32)
        plain = np.clip(maps[at], 0, 1) if has_plain else None
        touched = None if alpha is None else alpha > 1 / 1024
        for channel in range(3):
            value = maps[9 + channel]  # a view into this strip's own maps: free to reuse
            for other in range(3):
                value += maps[3 * channel + other] * colour[..., other]
            if plain is not None:
                value += plain * (maps[at + 1 + channel] - colour[..., channel] - value)
            if alpha is not None:
                value *= alpha
            value += colour[..., channel]
            np.rint(np.clip(value, 0, 255, out=value), out=value)
            if touched is None:
                result[top:bottom, :, channel] = value
            else:
                np.copyto(result[top:bottom, :, channel], value, casting="unsafe", where=touched)
        if touched is not None:
            changed[top:bottom] = touched

    with ThreadPoolExecutor(min(WORKERS, os.cpu_count() or 1)) as pool:
        for _ in pool.map(strip, large.strips()):
            pass


def _fade(mask: NDArray[np.generic] | None, frame: Frame) -> Floats | None:
    """(H, W) of the frame's box: 0 outside `mask`, rising to 1 inwards; so too from the box's inner sides."""
    left, top, right, bottom = frame.box
    width, height = frame.upload
    reach = float(np.clip(0.4 * frame.scale, 1.5, 12.0))
    fade: Floats | None = None
    if mask is not None:
        inside = (_crop(mask, frame) != 0).astype(np.uint8)
        # a mask that runs out of the picture does not end there
        inside = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
        depth = cv2.distanceTransform(inside, cv2.DIST_L2, 3)[1:-1, 1:-1]
        reach = max(min(reach, float(depth.max()) / 2), 0.5)
        fade = np.clip(depth / (reach + 0.5), 0, 1).astype(np.float32)
    if frame.box != (0, 0, width, height):
        xs = np.arange(right - left, dtype=np.float32)
        ys = np.arange(bottom - top, dtype=np.float32)
        along_x, along_y = np.ones_like(xs), np.ones_like(ys)
        for along, at, low, high in (
            (along_x, xs, left > 0, right < width),
            (along_y, ys, top > 0, bottom < height),
        ):
            if low:
                along *= np.clip((at + 0.5) / reach, 0, 1)
            if high:
                along *= np.clip((len(at) - at - 0.5) / reach, 0, 1)
        border = along_y[:, None] * along_x[None]
        fade = border if fade is None else fade * border
    return fade


def _bounds(mask: NDArray[np.generic]) -> tuple[int, int, int, int] | None:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _span(low: int, high: int, length: int, limit: int) -> tuple[int, int]:
    """`length` pixels of 0..limit around low..high."""
    length = min(max(length, high - low, 1), limit)
    start = min(max((low + high - length) // 2, 0), limit - length)
    return start, start + length


def _nearest_ratio(ratio: float) -> float:
    return min((w / h for w, h in RATIOS), key=lambda r: abs(np.log(r / ratio)))


def _model_size(ratio: float, short_side: int, multiple: int) -> tuple[int, int]:
    nearest = _nearest_ratio(ratio)
    short = max(multiple, round(short_side / multiple) * multiple)
    long = max(multiple, round(short * max(nearest, 1 / nearest) / multiple) * multiple)
    return (long, short) if nearest >= 1 else (short, long)


def _shrink(picture: Bytes, size: tuple[int, int]) -> Bytes:
    """Area means where it shrinks, straight lines where it grows: OpenCV's area mode only shrinks."""
    width, height = _size(picture)
    smaller = (min(width, size[0]), min(height, size[1]))
    if smaller != (width, height):
        picture = np.asarray(cv2.resize(picture, smaller, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if smaller != size:
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    return picture


def _crop(picture: NDArray[T], frame: Frame) -> NDArray[T]:
    left, top, right, bottom = frame.box
    return picture[top:bottom, left:right]


def _size(picture: NDArray[np.generic]) -> tuple[int, int]:
    return picture.shape[1], picture.shape[0]


def _check(source: Bytes, edited_small: Bytes, frame: Frame) -> None:
    if _size(source) != frame.upload or _size(edited_small) != frame.model:
        raise ValueError(
            f"The frame is for {frame.upload} and {frame.model}, not for a picture of {_size(source)} "
            f"and an edit of {_size(edited_small)}."
        )
