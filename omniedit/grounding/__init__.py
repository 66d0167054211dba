"""Finds the thing that words, a brush, a box or a click mean: `ground(phrase, rgb, hints) -> masks with scores`."""
