"""Finds the thing that words, a brush, a box or a click mean: `ground(phrase, rgb, hints) -> regions with scores`."""

from omniedit.grounding.found import SURE, Found, Hints

__all__ = ["SURE", "Found", "Hints"]
