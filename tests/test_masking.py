"""A painted mask as a whole: inverted, grown, shrunk."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from omniedit.errors import BadInput
from omniedit.services.masking import Change, changed


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


def test_a_mask_never_vanishes_unsaid() -> None:
    for mask, change in ((square(3), Change.SHRINK), (Image.new("L", (30, 20), 255), Change.INVERT)):
        with pytest.raises(BadInput, match="Nothing would be left of what is painted"):
            changed(mask, change)
    assert area(changed(Image.new("L", (30, 20), 255), Change.SHRINK)) == 600
