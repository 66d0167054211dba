"""What is under More, and the picture to use."""

from __future__ import annotations

import pytest

from omniedit.recipe import Recipe
from omniedit.services.editing import EditingService
from omniedit.settings import Settings
from omniedit.types import MAX_VARIANTS, Task
from tests.pages import within_page
from ui.forms import FREE
from ui.options import MaterialPanel, OptionsPanel


@pytest.fixture(scope="module")
def more() -> OptionsPanel:
    return within_page(lambda: OptionsPanel(EditingService(Settings())))


def test_what_a_recipe_says_is_asked_for_again(more: OptionsPanel) -> None:
    shown = more.shows(Recipe("make it night", "editnet-mini", seed=7, steps=9, guidance=2.5, variants=3))
    *turned, engine = (shown[widget] for widget in more.inputs)
    options = more.options(*turned)
    assert (options.seed, options.steps, options.guidance, options.variants) == (
        7,
        9,
        2.5,
        3,
    ) and engine == "editnet-mini"


def test_what_the_widgets_do_not_offer_is_brought_within(more: OptionsPanel) -> None:
    shown = more.shows(Recipe("make it night", "of another machine", seed=2**32, steps=10**6, guidance=99, variants=4))
    variants, steps, guidance, seed, engine = (shown[widget] for widget in more.inputs)
    assert steps == more.sliders["steps"].maximum and guidance == more.sliders["guidance"].maximum
    assert seed + MAX_VARIANTS <= 2**32 and variants == 4 and engine == more.service.engines()[0]


def test_a_picture_to_use_is_seen_where_it_counts() -> None:
    panel = within_page(MaterialPanel)
    seen = {tab for tab in (FREE, *Task) if panel.on_tab(tab)[panel.door].visible}
    assert seen == {FREE, Task.SWAP, Task.ADDITION, Task.BACKGROUND}
