"""Another colour, the same light: shading, highlights, details of other colours, and edges without a fringe."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from omniedit.colour import from_oklab, to_oklab
from omniedit.settings import assets_dir
from omniedit.specialists.changing.gamut import brightest, in_gamut, most_chroma
from omniedit.specialists.changing.recolour import body_of, recolour
from omniedit.specialists.edges import cut_out, lay
from omniedit.vocabulary import COLOURS

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
ORANGE, BLACK, WHITE, GREY = (214, 92, 40), (24, 24, 26), (238, 238, 236), (120, 120, 122)


def ball(colour: tuple[int, int, int], side: int = 160, gloss: float = 0.0) -> tuple[Bytes, Bools]:
    """A lit ball of cloth: shading, weave, and a white highlight where it is glossy; and where it is."""
    y, x = (np.mgrid[:side, :side] + 0.5) / side * 2 - 1
    inside = x**2 + y**2 < 0.8
    z = np.sqrt(np.clip(0.8 - x**2 - y**2, 0, 1))
    shade = 0.35 + 0.75 * np.clip((-0.5 * x - 0.6 * y + z) / 1.2, 0, 1)
    shade = shade + 0.03 * np.sin(60 * x) * np.sin(60 * y)
    linear = (np.array(colour) / 255) ** 2.2 * shade[..., None]
    linear = linear + gloss * np.exp(-((x + 0.3) ** 2 + (y + 0.35) ** 2) / 0.01)[..., None]
    rgb = (np.clip(linear, 0, 1) ** (1 / 2.2) * 255).round().astype(np.uint8)
    return np.where(inside[..., None], rgb, np.uint8(90)), inside


def everywhere(rgb: Bytes) -> NDArray[np.float32]:
    return np.ones(rgb.shape[:2], np.float32)


def light(rgb: Bytes) -> NDArray[np.floating]:
    return to_oklab(rgb)[..., 0]


def hue_error(rgb: Bytes, colour: tuple[int, int, int]) -> float:
    mean, goal = to_oklab(rgb).reshape(-1, 3).mean(axis=0), to_oklab(np.array(colour, np.uint8))
    turn = np.degrees(np.arctan2(mean[2], mean[1]) - np.arctan2(goal[2], goal[1]))
    return float(abs((turn + 180) % 360 - 180))


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("own", [ORANGE, GREY, WHITE])
def test_hue_is_reached_and_shading_stays(own: tuple[int, int, int], colour: str) -> None:
    source, inside = ball(own)
    result = recolour(source, inside.astype(np.float32), COLOURS[colour])
    assert np.corrcoef(light(source)[inside], light(result)[inside])[0, 1] > 0.98
    goal = to_oklab(np.array(COLOURS[colour], np.uint8))
    if np.hypot(goal[1], goal[2]) > 0.04:
        assert hue_error(result[inside], COLOURS[colour]) < 3
    else:
        assert np.hypot(*to_oklab(result[inside])[:, 1:].mean(axis=0)) < 0.02


def test_black_becomes_white_and_white_black_with_folds_to_be_seen() -> None:
    for own, colour, low, high in ((BLACK, "white", 0.75, 1.0), (WHITE, "black", 0.0, 0.35)):
        source, inside = ball(own)
        result = recolour(source, inside.astype(np.float32), COLOURS[colour])
        assert low < np.median(light(result)[inside]) < high
        assert light(result)[inside].std() > 0.015
        assert (result[inside] == 255).all(axis=1).mean() < 0.01 and (result[inside] == 0).all(axis=1).mean() < 0.01


@pytest.mark.parametrize("own", [ORANGE, BLACK])
def test_a_highlight_keeps_its_colour(own: tuple[int, int, int]) -> None:
    source, inside = ball(own, gloss=1.0)
    shine = inside & (source.min(axis=2) > 235)
    assert shine.sum() > 20
    for colour in ("blue", "green", "black"):
        result = recolour(source, inside.astype(np.float32), COLOURS[colour])
        lab = to_oklab(result)[shine]
        assert np.hypot(lab[:, 1], lab[:, 2]).mean() < 0.035
        assert lab[:, 0].mean() > 0.85


def test_a_patch_of_another_hue_stays() -> None:
    source, inside = ball(ORANGE)
    patch = np.s_[70:100, 60:95]
    source[patch] = (44, 62, 150)
    result = recolour(source, inside.astype(np.float32), COLOURS["green"])
    inner = np.s_[76:94, 66:89]
    assert np.abs(result[inner].astype(int) - source[inner]).max() <= 6
    assert hue_error(result[110:130, 60:95], COLOURS["green"]) < 3


def test_amount_goes_from_nothing_to_more() -> None:
    source, inside = ball(ORANGE)
    weight = inside.astype(np.float32)
    results = [to_oklab(recolour(source, weight, COLOURS["blue"], amount))[inside] for amount in (0.0, 0.5, 1.0, 2.0)]
    goal = to_oklab(np.array(COLOURS["blue"], np.uint8))
    along = [float((lab[:, 1:] @ goal[1:]).mean()) for lab in results]
    assert along == sorted(along) and along[3] > along[2] + 0.001
    assert np.abs(results[0] - to_oklab(source)[inside]).max() < 0.02
    lighter = recolour(source, weight, COLOURS["blue"], lightness=0.5)
    assert light(lighter)[inside].mean() > results[2][:, 0].mean() + 0.03


def test_the_body_of_a_thing() -> None:
    orange, inside = ball(ORANGE)
    body, _ = body_of(orange, inside.astype(np.float32))
    assert body.coloured == 1 and not body.many and body.low < body.lightness < body.high
    assert body_of(*[ball(GREY)[0], inside.astype(np.float32)])[0].coloured == 0
    flag = np.zeros((90, 90, 3), np.uint8)
    flag[:, :30], flag[:, 30:60], flag[:, 60:] = (200, 30, 40), (30, 120, 60), (40, 60, 190)
    assert body_of(flag, everywhere(flag))[0].many


def test_a_photograph_keeps_its_shading() -> None:
    source = np.asarray(Image.open(assets_dir() / "photos" / "astronaut.jpg").convert("RGB"))[200:330, 40:150]
    for colour in ("emerald", "white", "black"):
        rgb = COLOURS.get(colour, (16, 145, 90))
        result = recolour(source, everywhere(source), rgb)
        lab = to_oklab(source)
        degrees = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
        body = (np.abs(degrees - 40) < 20) & (np.hypot(lab[..., 1], lab[..., 2]) > 0.1)
        body = cv2.erode(body.astype(np.uint8), np.ones((5, 5))) > 0  # the suit without its patches
        assert body.mean() > 0.3
        assert np.corrcoef(light(source)[body], light(result)[body])[0, 1] > 0.98


def test_colours_are_brought_into_srgb_by_chroma_alone() -> None:
    rng = np.random.default_rng(0)
    lab = rng.uniform([0.1, -0.4, -0.4], [0.95, 0.4, 0.4], (64, 64, 3)).astype(np.float32)
    held = in_gamut(lab)
    assert np.allclose(held[..., 0], lab[..., 0])
    assert np.abs(held[..., 1] * lab[..., 2] - held[..., 2] * lab[..., 1]).max() < 1e-4  # the same direction
    assert np.abs(to_oklab(from_oklab(held)) - held).max() < 0.02
    plain = rng.integers(60, 180, (8, 8, 3)).astype(np.uint8)
    grey = np.repeat(plain[..., :1], 3, axis=2)
    assert np.abs(from_oklab(in_gamut(to_oklab(grey).astype(np.float32))).astype(int) - grey).max() <= 1
    red = to_oklab(np.array([255, 0, 0], np.uint8))
    degrees = np.array([np.degrees(np.arctan2(red[2], red[1]))], np.float32)
    assert most_chroma(red[:1].astype(np.float32), degrees)[0] == pytest.approx(np.hypot(red[1], red[2]), abs=0.03)
    assert brightest(float(red[1]), float(red[2]), 0.95) < brightest(float(red[1]), float(red[2]), 0.4) < 1


def soft_disc(offset: int, blur: float) -> tuple[Bytes, Bools, NDArray[np.floating], Bytes, Bytes]:
    """An orange disc with a soft edge on a blue-grey wall: picture, a mask off by `offset`, alpha, disc, wall."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:240, :240]
    away = np.hypot(x - 120, y - 120)
    alpha = cv2.GaussianBlur((away < 70).astype(np.float32), (0, 0), blur)
    shade = 0.8 + 0.2 * x / 240
    disc = np.clip(np.array(ORANGE) * shade[..., None] + rng.normal(0, 2, (240, 240, 1)), 0, 255)
    wall = np.clip(
        np.array((150, 165, 190)) * (1.1 - 0.2 * y / 240)[..., None] + rng.normal(0, 2, (240, 240, 1)), 0, 255
    )
    picture = alpha[..., None] * disc + (1 - alpha[..., None]) * wall
    return picture.astype(np.uint8), away < 70 + offset, alpha, disc.astype(np.uint8), wall.astype(np.uint8)


@pytest.mark.parametrize("offset", [-2, 0, 2])
@pytest.mark.parametrize("blur", [0.8, 2.0])
def test_the_edge_is_found_and_no_fringe_stays(offset: int, blur: float) -> None:
    picture, mask, alpha, disc, wall = soft_disc(offset, blur)
    cut = cut_out(picture, mask)
    found = np.zeros_like(alpha)
    found[cut.view] = cut.alpha
    band = (alpha > 0.02) & (alpha < 0.98)
    assert np.abs(found - alpha)[band].mean() < 0.09
    assert np.abs(found - alpha)[~band].mean() < 0.002

    edited = lay(picture, cut, recolour(cut.own, cut.alpha, COLOURS["green"]))
    green = recolour(disc, everywhere(disc), COLOURS["green"])
    truth = alpha[..., None] * green + (1 - alpha[..., None]) * wall
    error = np.abs(edited - truth).mean(axis=2)
    naive = np.where(mask[..., None], recolour(picture, mask.astype(np.float32), COLOURS["green"]), picture)
    assert error[band].mean() < 7
    assert error[band].mean() < 0.6 * np.abs(naive - truth).mean(axis=2)[band].mean()
    assert (edited == picture)[np.hypot(*(np.mgrid[:240, :240] - 120)) > 85].all()


def test_a_mask_that_leaves_the_picture_has_no_edge_there() -> None:
    source, _ = ball(ORANGE)
    mask = np.zeros(source.shape[:2], np.bool_)
    mask[80:, :] = True
    cut = cut_out(source, mask)
    assert cut.box[2] == source.shape[1] and cut.box[3] == source.shape[0]
    assert cut.alpha[-1].min() == 1 and cut.alpha[-40:, 0].min() == 1


def test_a_thin_thing_is_not_lost() -> None:
    source = np.full((120, 120, 3), 140, np.uint8)
    source[:, 60:62] = (30, 30, 34)
    mask = np.zeros((120, 120), np.bool_)
    mask[:, 59:63] = True
    assert cut_out(source, mask).alpha.max() > 0.7
    even = np.full((120, 120, 3), 140, np.uint8)
    assert cut_out(even, mask).alpha.max() > 0.5
