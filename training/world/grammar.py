"""A tiny template language: `(a|b)` picks one, `[x]` may be left out, `{slot}` is filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

__all__ = ["expand"]

_INNERMOST = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")


def expand(template: str, slots: Mapping[str, str], rng: np.random.Generator) -> str:
    """One sentence of the template, its choices drawn from `rng`."""
    while found := _INNERMOST.search(template):
        options = (found[1] if found[1] is not None else found[2]).split("|")
        chosen = options[int(rng.integers(len(options)))]
        if found[2] is not None and rng.random() < 0.5:
            chosen = ""
        template = template[: found.start()] + chosen + template[found.end() :]
    return re.sub(r"\s+", " ", template.format_map(slots)).replace(" ,", ",").strip()
