"""A painted mask as a whole: inverted, grown, shrunk, feathered."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from omniedit.errors import BadInput
from omniedit.fading import faded_in
from omniedit.services.editing import EditingService
from omniedit.services.masking import Change, changed, resized
from omniedit.settings import Settings


def square(side: int = 20) -> Image.Image:
    levels = np.zeros((200, 300), np.uint8)
    levels[50 : 50 + side, 100 : 100 + side] = 255
    return Image.fromarray(levels)


def area(mask: Image.Image) -> int:
    return int((np.asarray(mask) > 127).sum())


def test_a_mask_is_inverted_grown_and_shrunk() -> None:
    assert area(changed(square(), Change.INVERT)) == 200 * 300 - 400
    assert area(changed(changed(square(), Change.INVERT), Change.INVERT)) == 400
    assert 400 < area(changed(square(), Change.GROW)) <= 24 * 24
    assert area(changed(square(), Change.SHRINK)) == 16 * 16
    assert changed(square(), Change.GROW).size == (300, 200)


def test_a_mask_counts_for_its_picture_at_any_size() -> None:
    sharp, soft = square(60), changed(square(60), Change.FEATHER)
    assert resized(sharp, sharp.size) is sharp
    for scale in (0.4, 2.5):
        size = (round(300 * scale), round(200 * scale))
        other = np.asarray(resized(sharp, size))
        assert set(np.unique(other)) == {0, 255} and (other > 0).sum() == pytest.approx(3600 * scale**2, rel=0.03)
        faded = np.asarray(resized(soft, size))
        assert len(np.unique(faded)) > 3 and faded[faded > 0].min() >= 128
        assert (faded > 0).sum() == pytest.approx(3600 * scale**2, rel=0.03)


def test_a_mask_never_vanishes_unsaid() -> None:
    for mask, change in ((square(3), Change.SHRINK), (Image.new("L", (30, 20), 255), Change.INVERT)):
        with pytest.raises(BadInput, match="Nothing would be left of what is painted"):
            changed(mask, change)
    assert area(changed(Image.new("L", (30, 20), 255), Change.SHRINK)) == 600


def test_each_feathering_makes_the_edge_softer_and_keeps_the_place() -> None:
    once = changed(square(60), Change.FEATHER)
    twice = changed(once, Change.FEATHER)
    assert area(once) == area(twice) == 3600
    rims = [np.count_nonzero((np.asarray(mask) >= 128) & (np.asarray(mask) < 250)) for mask in (once, twice)]
    assert 0 < rims[0] < rims[1] < 3600
    assert np.asarray(once)[80, 130] == 255 and np.asarray(once)[50, 130] < 180
    assert set(np.unique(np.asarray(changed(once, Change.GROW)))) == {0, 255}


def test_an_edit_fades_in_over_a_soft_edge_and_nowhere_else() -> None:
    source, edited = Image.new("RGB", (300, 200), "black"), Image.new("RGB", (300, 200), "white")
    mask = changed(square(60), Change.FEATHER)
    seen = np.asarray(faded_in(source, edited, mask))[..., 0]
    assert (np.diff(seen[80, 100:106].astype(int)) >= 0).all() and seen[80, 100] < 200 and seen[80, 130] == 255
    assert seen[10, 10] == 255  # what is outside is the engine's own matter
    for plain in (square(60), None, square(60).point(lambda level: level * 200 // 255)):
        assert faded_in(source, edited, plain) is edited
    with_alpha = faded_in(source, edited.convert("RGBA"), mask)
    assert with_alpha.mode == "RGBA" and with_alpha.getpixel((100, 80)) == (*[int(seen[80, 100])] * 3, 255)


def photo_with_a_ball() -> Image.Image:
    photo = Image.effect_noise((300, 200), 20).convert("RGB")
    ImageDraw.Draw(photo).ellipse((100, 50, 160, 110), "red")
    return photo


def test_of_several_edits_each_fades_in_where_it_is_asked_for() -> None:
    service, photo = EditingService(Settings(log=False)), photo_with_a_ball()
    mask = changed(changed(square(60), Change.FEATHER), Change.FEATHER)
    words = "make it night and make this blue"
    soft, hard = (
        np.asarray(service.edit(photo, words, one, engine="specialists").images[0]).astype(int)
        for one in (mask, square(60))
    )
    rim = (np.asarray(mask) >= 128) & (np.asarray(mask) < 250)
    day = np.asarray(photo).astype(int)
    assert (np.abs(soft - day).mean(-1)[rim] > 0.5 * np.abs(hard - day).mean(-1)[rim]).mean() > 0.7  # night there, too


@pytest.mark.parametrize("words", ["remove this", "make this smaller"])
def test_a_thing_goes_as_a_whole_whatever_the_edge_of_its_mask(words: str) -> None:
    service, photo = EditingService(Settings(log=False)), photo_with_a_ball()
    made = [
        np.asarray(service.edit(photo, words, mask, engine="specialists").images[0])
        for mask in (square(62), changed(square(62), Change.FEATHER))
    ]
    assert np.array_equal(*made)
