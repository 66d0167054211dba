"""Judges of edits: SC and PQ from 0 to 10 as in the paper's section 3.3, and the weight that follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from omniedit.errors import BadInput
from omniedit.scoring.judge import Judge, Sample

__all__ = ["JUDGES", "Judge", "Sample", "load_judge"]


def _program() -> Judge:
    from omniedit.scoring.program import ProgramJudge

    return ProgramJudge()


JUDGES: Mapping[str, Callable[[], Judge]] = MappingProxyType({"program": _program})


def load_judge(name: str) -> Judge:
    """The judge of that name; BadInput with the names that there are."""
    if name not in JUDGES:
        raise BadInput(f"Unknown judge {name!r}. Available: {', '.join(JUDGES)}.")
    return JUDGES[name]()
