"""The seven specialists that supervise EditNet, one for each of the paper's tasks (section 3.2)."""
