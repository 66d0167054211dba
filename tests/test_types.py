"""Requests refuse what cannot be edited, each with one sentence."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from omniedit.errors import BadInput
from omniedit.types import EditRequest, Task, check_instruction

PICTURE = Image.new("RGB", (32, 24))
WHITE = Image.new("L", (32, 24), 255)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"instruction": ""}, "is empty"),
        ({"instruction": " \n\t"}, "is empty"),
        ({"instruction": "\U0001f431\U0001f319"}, "no words"),
        ({"instruction": "\x00\x07\u200b"}, "no words"),
        ({"instruction": "x" * 10_000}, "10,000 characters"),
        ({"mask": Image.new("L", (24, 32), 255)}, "24 x 32 but the picture is 32 x 24"),
        ({"mask": Image.new("L", (32, 24), 0)}, "all black"),
        ({"steps": 0}, "steps is 0; give 1 to 200"),
        ({"steps": 201}, "steps is 201"),
        ({"guidance": -1.0}, "guidance is -1.0; give 0 to 30"),
        ({"guidance": float("nan")}, "guidance is nan"),
        ({"image_guidance": 31.0}, "image guidance is 31.0"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**32}, "seed is 4294967296"),
        ({"variants": 0}, "variants is 0; give 1 to 4"),
        ({"variants": 5}, "variants is 5"),
        ({"variants": 2, "seed": 2**32 - 1}, "give a smaller seed"),
        ({"instruction": "make it \udcff night"}, "not text"),
    ],
)
def test_what_cannot_be_edited_is_refused_in_one_sentence(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        EditRequest(**{"source": PICTURE, "instruction": "make it night", **changes})
    message = str(caught.value)
    assert message.endswith((".", ".)")) and "\n" not in message


def test_what_can_be_edited_is_accepted() -> None:
    request = EditRequest(PICTURE, "Mach es Nacht, 夜にして", mask=WHITE, seed=2**32 - 4, steps=200, variants=4)
    assert request.task is None
    check_instruction("8")


def test_the_seven_tasks_of_the_paper() -> None:
    assert [str(t) for t in Task] == [
        "swap",
        "removal",
        "addition",
        "attribute",
        "background",
        "environment",
        "style",
    ]
