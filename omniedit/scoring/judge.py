"""The interface of judges, and which there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from omniedit.errors import BadInput
from omniedit.types import Score, Task

__all__ = ["JUDGES", "Judge", "Sample", "load_judge"]


@dataclass(frozen=True)
class Sample:
    """An edit to be judged: `source`, `edited` uint8 (H, W, 3); `mask` bool (H, W), where it was meant to happen (None:
    everywhere); `truth` uint8 (H, W, 3), the right result, where a program knows it.
    """

    source: NDArray[np.uint8]
    edited: NDArray[np.uint8]
    instruction: str
    task: Task
    mask: NDArray[np.bool_] | None = None
    truth: NDArray[np.uint8] | None = None


class Judge(Protocol):
    """Something that scores edits."""

    name: str

    def score(self, sample: Sample) -> Score: ...


def _program() -> Judge:
    from omniedit.scoring.program import ProgramJudge

    return ProgramJudge()


JUDGES: Mapping[str, Callable[[], Judge]] = MappingProxyType({"program": _program})


def load_judge(name: str) -> Judge:
    """The judge of that name; BadInput with the names that there are."""
    if name not in JUDGES:
        raise BadInput(f"Unknown judge {name!r}. Available: {', '.join(JUDGES)}.")
    return JUDGES[name]()
