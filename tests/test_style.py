"""Styles: each key of the vocabulary, by what it does to a picture that no plain filter would do."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from omniedit.errors import BadInput, Cancelled
from omniedit.settings import assets_dir
from omniedit.specialists.base import Plan, Refusal
from omniedit.specialists.style import DEVELOPED, WAYS, Style
from omniedit.types import EditRequest, Intent, Parameter, Progress, Task
from omniedit.vocabulary import CHANGES, STYLES

KINDS = tuple(STYLES)
Bytes = NDArray[np.uint8]


def prepared(
    rgb: Bytes, kind: str | None, mask: NDArray[np.bool_] | None = None, seed: int = 0, **turned: Parameter
) -> Plan | Refusal:
    request = EditRequest(
        Image.fromarray(rgb),
        "restyle it",
        seed=seed,
        mask=None if mask is None else Image.fromarray(mask.astype(np.uint8) * 255),
        parameters=turned,
    )
    return Style().prepare(request, Intent(Task.STYLE, "restyle it", parameters={} if kind is None else {"kind": kind}))


def restyled(rgb: Bytes, kind: str, mask: NDArray[np.bool_] | None = None, seed: int = 0, **turned: Parameter) -> Bytes:
    plan = prepared(rgb, kind, mask, seed, **turned)
    assert isinstance(plan, Plan)
    return np.asarray(Style().apply(plan).images[0])


@cache
def photo(short: int = 128) -> Bytes:
    image = Image.open(assets_dir() / "photos" / "coffee.jpg").convert("RGB")
    return np.asarray(image.resize((short * 3 // 2, short), Image.Resampling.LANCZOS))


@cache
def usual(kind: str, seed: int = 0) -> Bytes:
    return restyled(photo(), kind, seed=seed)


@cache
def plain(kind: str, colour: tuple[int, int, int] = (150, 150, 150), short: int = 320) -> Bytes:
    """A picture of one colour, restyled: all that is seen is the style's own doing."""
    return restyled(np.full((short, short * 5 // 4, 3), colour, np.uint8), kind)


def grey(rgb: Bytes) -> NDArray[np.float32]:
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)


def coloured(rgb: Bytes) -> NDArray[np.float64]:
    return rgb.max(axis=2) - rgb.min(axis=2).astype(float)


def apart(one: Bytes, other: Bytes) -> float:
    return float(np.abs(one.astype(float) - other).mean())


def directed(rgb: Bytes, sigma: float = 6) -> tuple[float, float]:
    """How far the marks of a picture run one way, place by place and all over (0..1, by the structure tensor)."""
    level = cv2.GaussianBlur(grey(rgb), (0, 0), 0.8)
    dx, dy = cv2.Sobel(level, cv2.CV_32F, 1, 0), cv2.Sobel(level, cv2.CV_32F, 0, 1)
    tensor = cv2.GaussianBlur(np.stack([dx * dx - dy * dy, 2 * dx * dy, dx * dx + dy * dy], 2), (0, 0), sigma)
    here = np.hypot(tensor[..., 0], tensor[..., 1]).mean() / tensor[..., 2].mean()
    total = tensor.mean(axis=(0, 1))
    return float(here), float(np.hypot(total[0], total[1]) / total[2])


def with_disc(inside: tuple[int, ...], outside: tuple[int, ...], noise: float = 0, short: int = 480) -> Bytes:
    rows, columns = np.mgrid[:short, : short * 5 // 4]
    disc = np.hypot(rows - short / 2, columns - short * 5 / 8) < short / 4
    rgb = np.where(disc[..., None], inside, outside) + np.random.default_rng(0).normal(0, noise, (*disc.shape, 1))
    return np.clip(rgb, 0, 255).astype(np.uint8)


def ring(rgb: Bytes, near: float, far: float) -> Bytes:
    """The pixels at so many thousandths of the short side from the rim of `with_disc`, less than 0 inside: (N, 3)."""
    short = rgb.shape[0]
    rows, columns = np.mgrid[: rgb.shape[0], : rgb.shape[1]]
    away = (np.hypot(rows - short / 2, columns - short * 5 / 8) - short / 4) * 1000 / short
    return rgb[(away >= near) & (away < far)]


def test_every_style_of_the_vocabulary_has_a_way() -> None:
    assert set(WAYS) == set(STYLES)
    knobs = {knob.name: knob for knob in Style.knobs}
    assert knobs["kind"].choices == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_style_changes_the_picture_and_keeps_its_structure(kind: str) -> None:
    source, result = photo(), usual(kind)
    assert result.shape == source.shape and result.dtype == np.uint8
    assert apart(source, result) > 6
    before, after = (cv2.GaussianBlur(grey(one), (0, 0), 3)[8:-8, 8:-8].ravel() for one in (source, result))
    assert np.corrcoef(before, after)[0, 1] > (0.6 if kind == "pop art" else 0.8)


def test_no_two_styles_look_alike() -> None:
    pairs = [(one, other) for i, one in enumerate(KINDS) for other in KINDS[i + 1 :]]
    close = {pair: apart(usual(pair[0]), usual(pair[1])) for pair in pairs}
    assert min(close.values()) > 4, min(close, key=close.__getitem__)


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_repeats_and_another_gives_a_variant(kind: str) -> None:
    assert np.array_equal(restyled(photo(), kind), usual(kind))
    assert apart(usual(kind, seed=1), usual(kind)) > 0.8


@pytest.mark.parametrize("kind", ["oil", "comic", "film"])
def test_strength_goes_from_the_source_to_beyond_the_usual(kind: str) -> None:
    source, full = photo(), usual(kind)
    assert np.array_equal(restyled(source, kind, amount=0.0), source)
    half = restyled(source, kind, amount=0.5)
    assert np.abs(half - (source.astype(float) + full) / 2).max() <= 1
    assert apart(restyled(source, kind, amount=2.0), full) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_painted_part_is_restyled(kind: str) -> None:
    source = photo()
    mask = np.zeros(source.shape[:2], np.bool_)
    mask[32:88, 48:120] = True
    plan = prepared(source, kind, mask)
    assert isinstance(plan, Plan) and plan.mask is not None and "part" in plan.says
    result = Style().apply(plan)
    rgb = np.asarray(result.images[0])
    assert not result.resampled and np.array_equal(rgb[~mask], source[~mask])
    assert apart(rgb[40:80, 56:112], source[40:80, 56:112]) > 3


def test_a_part_begins_gently() -> None:
    source = np.full((200, 200, 3), 150, np.uint8)
    mask = np.zeros((200, 200), np.bool_)
    mask[50:150, 50:150] = True
    change = np.abs(restyled(source, "sepia", mask).astype(float) - source).mean(axis=2)[50:150, 50:150]
    assert 0 < change[0, 20:80].mean() < 0.7 * change[30:70, 30:70].mean()


def test_a_whole_picture_is_resampled_and_keeps_its_alpha() -> None:
    rgba = np.dstack([photo(64), np.full(photo(64).shape[:2], 90, np.uint8)])
    request = EditRequest(Image.fromarray(rgba), "sepia", variants=2, seed=5)
    plan = Style().prepare(request, Intent(Task.STYLE, "sepia", parameters={"kind": "sepia"}))
    assert isinstance(plan, Plan) and plan.mask is None and "sepia" in plan.says
    result = Style().apply(plan)
    assert result.resampled and result.seeds == (5, 6) and result.parameters["kind"] == "sepia"
    assert len({image.tobytes() for image in result.images}) == 2
    assert all(image.getchannel("A").getextrema() == (90, 90) for image in result.images)


@pytest.mark.parametrize("kind", [None, "cyberpunk"])
def test_an_unknown_style_is_refused_with_the_list(kind: str | None) -> None:
    refusal = prepared(photo(64), kind)
    assert isinstance(refusal, Refusal)
    assert all(name in str(refusal) for name in STYLES) and (kind is None or kind in str(refusal))


def test_an_empty_mask_is_bad_input() -> None:
    faint = Image.new("L", (96, 64), 90)
    request = EditRequest(Image.fromarray(photo(64)), "oil", mask=faint)
    with pytest.raises(BadInput, match="no white"):
        Style().prepare(request, Intent(Task.STYLE, "oil", parameters={"kind": "oil"}))


@pytest.mark.parametrize("kind", KINDS)
def test_a_style_can_be_stopped_on_its_way(kind: str) -> None:
    told: list[int] = []

    def stop(progress: Progress) -> None:
        told.append(progress.step)
        if progress.step > 0:
            raise Cancelled("stopped")

    plan = prepared(photo(64), kind)
    assert isinstance(plan, Plan)
    with pytest.raises(Cancelled):
        Style().apply(plan, stop)
    assert 0 < told[-1] < 17  # before the end


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(16, 16), (16, 200), (90, 17)])
def test_odd_sizes_are_no_trouble(kind: str, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    for rgb in (rng.integers(0, 256, (*size, 3), dtype=np.uint8), np.zeros((*size, 3), np.uint8)):
        assert restyled(rgb, kind).shape == rgb.shape


def test_marks_grow_with_the_picture_and_with_the_knob() -> None:
    def cells(short: int, **turned: Parameter) -> float:
        row = restyled(photo(short), "pixel art", **turned)[: short // 2].astype(int)
        return short / (1 + np.mean([np.abs(np.diff(row, axis=1)).max(axis=(0, 2)) > 0]) * short)

    assert cells(420) == pytest.approx(2 * cells(210), rel=0.1)
    assert cells(420, size=2.0) == pytest.approx(2 * cells(420), rel=0.1)


def test_watercolour_leaves_a_margin_of_paper_and_dries_dark_at_its_edges() -> None:
    result = restyled(with_disc((70, 110, 170), (235, 215, 190)), "watercolour")
    frame = np.concatenate([result[:4].reshape(-1, 3), result[:, :4].reshape(-1, 3), result[-4:].reshape(-1, 3)])
    assert frame.mean() > 240 and grey(result)[40:-40, 40:-40].mean() < 225
    assert ring(result, -8, 0).mean() < ring(result, -150, -30).mean() - 4  # pigment gathers at the wet edge


def test_oil_lays_strokes_with_relief_along_one_way() -> None:
    here, _ = directed(plain("oil"))
    assert grey(plain("oil")).std() > 2 and here > 0.25


def test_impressionists_break_colour() -> None:
    lab = [cv2.cvtColor(plain(kind), cv2.COLOR_RGB2LAB)[..., 1:].astype(float) for kind in ("impressionist", "oil")]
    assert lab[0].std() > 2 * lab[1].std()
    assert restyled(np.zeros((120, 160, 3), np.uint8), "impressionist").mean() > 12  # no black


def test_van_gogh_swirls_where_nothing_leads_and_knows_no_grey() -> None:
    here, throughout = directed(plain("van gogh"))
    assert here > 0.35 and throughout < 0.6 * here  # each place has a way of its own
    assert coloured(plain("van gogh")).mean() > 12
    assert coloured(plain("van gogh", (40, 40, 40))).mean() > 25


def test_pencil_is_grey_and_hatched() -> None:
    assert coloured(usual("pencil")).max() <= 12
    assert directed(plain("pencil"))[0] > 2 * directed(plain("black and white"))[0]
    assert np.percentile(grey(usual("pencil")), 95) > 225


def test_charcoal_is_blacker_and_coarser_than_pencil() -> None:
    assert np.percentile(grey(usual("charcoal")), 2) < np.percentile(grey(usual("pencil")), 2) - 10

    def coarse(rgb: Bytes) -> float:
        return float(cv2.GaussianBlur(grey(rgb), (0, 0), 2.5).std() / grey(rgb).std())

    assert coarse(plain("charcoal")) > 1.1 * coarse(plain("pencil"))


def test_ink_is_either_there_or_not() -> None:
    result = grey(plain("ink", (100, 100, 100), 1000))
    assert ((result > 70) & (result < 205)).mean() < 0.25  # the soft rims of lines
    assert 0.15 < (result < 138).mean() < 0.7  # a middle tone: neither bare nor solid


def test_cartoon_is_flat_inside_dark_outlines() -> None:
    source = with_disc((235, 150, 90), (120, 150, 190), noise=10)
    result = restyled(source, "cartoon")
    assert grey(result)[220:260, 280:320].std() < 0.35 * grey(source)[220:260, 280:320].std()
    assert np.percentile(ring(result, -6, 6), 5) < 50 < 75 < np.percentile(ring(source, -6, 6), 5)


def test_comic_is_printed_in_dots_of_one_period() -> None:
    def peak(kind: str) -> float:
        level = grey(plain(kind, (225, 175, 145), 1000))[100:900, 100:900]
        power = np.abs(np.fft.fftshift(np.fft.fft2(level - level.mean()))) ** 2
        rows, columns = np.mgrid[-400:400, -400:400]
        radius = np.hypot(rows, columns) / 800  # cycles a pixel
        bands = [power[np.abs(radius - 1 / period) < 0.004].sum() for period in np.arange(5.6, 7.6, 0.1)]
        return float(max(bands) / power.sum())

    assert peak("comic") > 0.3 > 0.1 > peak("film")


def test_anime_is_clean_vivid_and_glows() -> None:
    source = with_disc((255, 252, 245), (70, 110, 180), noise=8)
    result = restyled(source, "anime")
    assert grey(result)[20:60, 20:120].std() < 0.5 * grey(source)[20:60, 20:120].std()
    assert coloured(result)[20:60, 20:120].mean() > 1.1 * coloured(source)[20:60, 20:120].mean()
    assert ring(result, 10, 30).mean() > ring(result, 100, 140).mean() + 3


def test_pixel_art_has_square_cells_in_few_colours() -> None:
    result = restyled(photo(420), "pixel art")
    cells = result[:420, :628].reshape(105, 4, 157, 4, 3)
    assert (cells == cells[:, :1, :, :1]).all()
    assert len(np.unique(result.reshape(-1, 3), axis=0)) <= 32


def test_mosaic_is_tiles_in_grout() -> None:
    result = restyled(np.full((900, 1100, 3), (225, 215, 200), np.uint8), "mosaic", size=2.0)
    tiles = (grey(result) > 150).astype(np.uint8)
    count = cv2.connectedComponents(tiles, connectivity=4)[0]
    assert count == pytest.approx(900 * 1100 / (2 * 9.5 * 0.9) ** 2, rel=0.3)
    assert 0.1 < 1 - tiles.mean() < 0.45


def test_stained_glass_has_dark_leads_around_pieces_of_strong_colour() -> None:
    result = plain("stained glass", (200, 190, 170), 900)
    leads = grey(result) < 90
    about = cv2.connectedComponentsWithStats((~leads).astype(np.uint8), connectivity=4)[2]
    assert 0.05 < leads.mean() < 0.35
    assert 40 < (about[1:, cv2.CC_STAT_AREA] > 400).sum() < 700
    assert coloured(result)[~leads].mean() > 1.4 * 30


def test_pop_art_is_a_few_flat_inks() -> None:
    def share(rgb: Bytes) -> float:
        _, counts = np.unique(rgb.reshape(-1, 3) >> 4, axis=0, return_counts=True)
        return float(np.sort(counts)[-6:].sum() / counts.sum())

    result = restyled(photo(320), "pop art")
    assert share(result) > 0.75 > 0.4 > share(photo(320))
    assert coloured(result).mean() > 90


def test_sepia_is_brown_throughout() -> None:
    red, green, blue = (usual("sepia")[..., k].astype(int) for k in range(3))
    assert (red > green).all() and (green > blue).all()
    assert grey(usual("sepia")).std() > 25


def test_black_and_white_weighs_colours_as_film_behind_a_filter() -> None:
    source = np.full((120, 160, 3), (190, 60, 60), np.uint8)
    source[:, 80:] = (60, 99, 200)  # as bright as the red
    assert np.ptp(grey(source)) <= 3
    for seed in range(3):
        result = restyled(source, "black and white", seed=seed)
        assert coloured(result).max() == 0
        assert abs(grey(result)[:, :70].mean() - grey(result)[:, 90:].mean()) > 15


def test_film_has_grain_and_a_red_glow_around_lamps() -> None:
    assert 1.2 < grey(plain("film"))[80:240, 80:240].std() < 12
    result = restyled(with_disc((255, 255, 255), (60, 60, 60)), "film").astype(float)
    warm = [np.diff(ring(result, near, far)[:, [2, 0]]).mean() for near, far in ((3, 15), (120, 160))]
    assert warm[0] > warm[1] + 4


def test_polaroid_is_faded_warm_and_dark_in_its_corners() -> None:
    black = restyled(np.zeros((120, 160, 3), np.uint8), "polaroid")
    assert np.percentile(black, 1) > 12
    result = plain("polaroid", (190, 190, 190)).astype(float)
    assert result[..., 0].mean() > result[..., 2].mean() + 12
    corners = np.mean([result[:20, :20], result[:20, -20:], result[-20:, :20], result[-20:, -20:]])
    assert corners < result[140:180, 180:220].mean() - 15


def test_light_and_colour_of_the_whole_picture_are_developed_as_far_as_asked() -> None:
    def spread(rgb: Bytes) -> float:
        return float(grey(rgb).std())

    def warmth(rgb: Bytes) -> float:
        return float(rgb[..., 0].mean() - rgb[..., 2].mean())

    source = photo()
    assert spread(usual("contrast")) > 1.1 * spread(source)
    assert warmth(usual("warmer")) > warmth(source) + 5 > warmth(usual("cooler")) + 10
    half = restyled(source, "warmer", amount=0.5)
    assert warmth(source) < warmth(half) < warmth(usual("warmer"))
    assert np.array_equal(restyled(source, "warmer", amount=0.0), source)


def test_a_developed_picture_has_no_sliders_of_styles() -> None:
    plan = prepared(photo(), "contrast")
    assert isinstance(plan, Plan) and plan.says == "Makes the picture richer in contrast."
    assert [knob.name for knob in plan.knobs] == ["amount"]


def test_all_that_changes_light_colour_and_sharpness_can_be_asked_of_the_picture() -> None:
    assert set(DEVELOPED) == set(CHANGES) - {"bigger", "smaller", "blurred"}
