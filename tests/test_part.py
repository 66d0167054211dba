"""The part that an edit of light or style is meant for: brushed, shown or named, or the whole picture."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from omniedit.settings import assets_dir
from omniedit.specialists import prepare, specialist
from omniedit.specialists.base import Plan, Refusal
from omniedit.types import EditRequest, Intent, Task


@cache
def rocket() -> Image.Image:
    with Image.open(assets_dir() / "photos" / "rocket.jpg") as photo:
        return photo.convert("RGB")


def planned(task: Task, kind: str, target: str | None, box: tuple[int, int, int, int] | None = None) -> Plan | Refusal:
    request = EditRequest(rocket(), "make it so", box=box)
    return prepare(request, Intent(task, "make it so", target=target, parameters={"kind": kind}))


def result_of(plan: Plan) -> NDArray[np.uint8]:
    assert plan.intent.task is not None
    return np.asarray(specialist(plan.intent.task).apply(plan).images[0])


@pytest.mark.parametrize(("task", "kind"), [(Task.STYLE, "sepia"), (Task.ENVIRONMENT, "sunset")])
def test_a_named_part_changes_and_the_rest_stays(task: Task, kind: str) -> None:
    plan = planned(task, kind, "the sky")
    assert isinstance(plan, Plan) and plan.mask is not None and "the sky" in plan.says
    source, edited = np.asarray(rocket()), result_of(plan)
    assert plan.mask[:60, 100:150].all() and not plan.mask[-20:, 150:250].any()
    assert np.array_equal(edited[~plan.mask], source[~plan.mask])
    assert np.abs(edited[:60, 100:150].astype(int) - source[:60, 100:150]).mean() > 10


def test_a_box_shows_the_part() -> None:
    plan = planned(Task.STYLE, "black and white", None, box=(170, 66, 216, 250))
    assert isinstance(plan, Plan) and plan.mask is not None and "your box" in plan.says
    assert plan.mask[100:220, 186:200].mean() > 0.8 and not plan.mask[:, 230:].any()


@pytest.mark.parametrize("target", [None, "the photo", "the whole scene", "it"])
def test_all_of_it_is_no_part(target: str | None) -> None:
    plan = planned(Task.STYLE, "sepia", target)
    assert isinstance(plan, Plan) and plan.mask is None


def test_weather_comes_to_what_is_around_where_it_is_named() -> None:
    plan = planned(Task.ENVIRONMENT, "snow", "the street")
    assert isinstance(plan, Plan) and plan.mask is None


def test_what_cannot_be_found_is_asked_for() -> None:
    refusal = planned(Task.STYLE, "oil", "the elephant")
    assert isinstance(refusal, Refusal) and "the elephant" in str(refusal) and "brush" in str(refusal)
