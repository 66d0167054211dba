"""Finds the thing that words, a brush, a box or a click mean: `ground(phrase, rgb, hints) -> regions with scores`."""

from omniedit.grounding.found import SURE, Found, Hints
from omniedit.grounding.ground import Finder, ground

__all__ = ["SURE", "Finder", "Found", "Hints", "ground"]
