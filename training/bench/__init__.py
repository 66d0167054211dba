"""Benches: held-out edits whose right result is known, and an engine that is measured on them."""
