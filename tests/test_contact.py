"""The contact sheets: what they show is shown, not refused."""

import pytest
from PIL import Image

from omniedit.settings import assets_dir
from omniedit.specialists import prepare
from omniedit.specialists.base import Plan
from omniedit.types import EditRequest, Intent, Task
from training.contact import REQUESTS


def test_each_task_has_two_requests_for_each_of_four_photographs() -> None:
    for task in Task:
        photos = [wish.photo for wish in REQUESTS[task]]
        assert len(photos) == 8 and photos[::2] == photos[1::2] and len(set(photos)) == 4


@pytest.mark.parametrize(("number", "kind"), [(2, "forest"), (3, "plain")])
def test_the_cats_background_changes(number: int, kind: str) -> None:
    wish = REQUESTS[Task.BACKGROUND][number]
    with Image.open(assets_dir() / "photos" / f"{wish.photo}.jpg") as photo:
        request = EditRequest(photo.convert("RGB"), wish.words, box=wish.box, click=wish.click)
    plan = prepare(request, Intent(Task.BACKGROUND, wish.words, parameters={"kind": kind}))
    assert wish.photo == "chelsea" and isinstance(plan, Plan), str(plan)
