"""Everything that makes pairs, trains the bundled models and measures them."""
