"""What changed is coloured, what did not is the dimmed photo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from omniedit.services.compare import DIMMED, LONGEST, difference
from omniedit.services.planning import OUTLINE


def test_what_changed_is_coloured_and_measured(tmp_path: Path) -> None:
    before = np.full((40, 60, 3), 100, np.uint8)
    after = before.copy()
    after[10:20, 30:60] = 180
    after[0, 0, 2] += 1  # a single level of a single pixel is seen, too
    for name, picture in (("before.png", before), ("after.png", after)):
        Image.fromarray(picture).save(tmp_path / name)
    picture, share = difference(tmp_path / "before.png", tmp_path / "after.png")
    shown = np.asarray(picture)
    assert share == pytest.approx(301 / 2400)
    assert (shown[12:18, 35:55] == OUTLINE).all() and (shown[25:, :] == round(100 * DIMMED)).all()
    assert shown[0, 0, 0] > 1.5 * 100 * DIMMED


def test_nothing_and_large_pictures() -> None:
    large = Image.new("RGB", (2 * LONGEST, LONGEST), "gray")
    picture, share = difference(large, large)
    assert share == 0 and picture.size == (LONGEST, LONGEST // 2)
    assert np.ptp(np.asarray(picture)) == 0


def test_what_became_transparent_has_changed() -> None:
    photo = Image.new("RGB", (20, 20), "gray")
    cut = photo.copy()
    cut.putalpha(Image.new("L", (20, 20), 0))
    assert difference(photo, cut)[1] == 1.0
