"""The buttons for what is painted on the photo, without a browser."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from omniedit.services.masking import Change, changed
from tests.pages import within_page
from ui.canvas import copy_size, layer_of, mask_of
from ui.mask import NO_OUTLINE, NOTHING, NOTHING_KEPT, MaskTools

SIZE = (96, 64)


@pytest.fixture
def tools() -> MaskTools:
    return within_page(lambda: MaskTools(gr.ImageEditor(), gr.Markdown()))


def mask(box: tuple[int, int, int, int] = (20, 10, 60, 40), size: tuple[int, int] = SIZE) -> Image.Image:
    found = Image.new("L", size)
    found.paste(255, box)
    return found


def canvas(painted: Image.Image | None = None, size: tuple[int, int] = SIZE) -> dict[str, Any]:
    photo = Image.linear_gradient("L").resize(size).convert("RGBA")
    return {"background": photo, "layers": [] if painted is None else [layer_of(painted)], "composite": None}


def painted(tools: MaskTools, update: dict[Any, Any]) -> np.ndarray | None:
    """What is on the canvas then."""
    shown = update[tools.canvas]
    found = mask_of({**shown, "layers": shown["layers"]})
    return None if found is None else np.asarray(found)


@pytest.mark.parametrize("change", Change)
def test_a_change_is_made_of_what_is_painted(tools: MaskTools, change: Change) -> None:
    button = tools.changes[change]
    assert button.elem_id == f"mask-{change}"
    update = tools._painted(lambda found: changed(found, change), canvas(mask()))
    now = painted(tools, update)
    assert now is not None and update[tools.notice] == ""
    before, after = np.asarray(mask()) > 0, now > 0
    if change is Change.INVERT:
        assert np.array_equal(after, ~before)
    elif change is Change.GROW:
        assert after.sum() > before.sum() and after[before].all()
    elif change is Change.SHRINK:
        assert 0 < after.sum() < before.sum() and before[after].all()
    else:
        assert len(np.unique(now)) > 3, "its edge fades"


def test_what_is_painted_goes(tools: MaskTools) -> None:
    assert painted(tools, tools._painted(lambda found: None, canvas(mask()))) is None


def test_where_nothing_is_painted_it_is_said(tools: MaskTools) -> None:
    for update in (tools._painted(lambda found: found, canvas()), tools._on_keep(canvas())):
        assert update == {tools.notice: NOTHING}
    for update in (tools._painted(lambda found: found, None), tools._on_keep(None), tools._on_use(None, mask())):
        assert "no picture yet" in update[tools.notice]


def test_a_mask_is_kept_and_used_again(tools: MaskTools) -> None:
    kept = tools._on_keep(canvas(mask()))[tools.kept]
    again = painted(tools, tools._on_use(canvas(), kept))
    assert again is not None and np.array_equal(again, np.asarray(mask()))
    assert tools._on_use(canvas(), None) == {tools.notice: NOTHING_KEPT}
    other = tools._on_use(canvas(size=(40, 40)), kept)
    assert tools.canvas not in other and "96 x 64, 40 x 40" in other[tools.notice]


def test_the_outline_of_a_plan_is_taken(tools: MaskTools, tmp_path: Path) -> None:
    mask().save(tmp_path / "plan.png")
    plan: Any = SimpleNamespace(mask=tmp_path / "plan.png")
    taken = painted(tools, tools._on_outline(canvas(), plan))
    assert taken is not None and np.array_equal(taken, np.asarray(mask()))
    photo = (3000, 2000)  # of which the canvas shows a copy
    large = mask((600, 400, 2400, 1500), photo)
    large.save(tmp_path / "large.png")
    taken = painted(
        tools, tools._on_outline(canvas(size=copy_size(photo)), SimpleNamespace(mask=tmp_path / "large.png"))
    )
    assert taken is not None and set(np.unique(taken)) == {0, 255}
    assert (taken > 0).mean() == pytest.approx((np.asarray(large) > 0).mean(), rel=0.01)
    (tmp_path / "plan.png").unlink()
    for none in (None, SimpleNamespace(mask=None), plan):
        assert tools._on_outline(canvas(), none) == {tools.notice: NO_OUTLINE}
