"""A run of training.synth with small shards, as a process of its own: `python -m tests.small_synth OUT [BACKEND]`."""

from __future__ import annotations

import sys
from pathlib import Path

from omniedit.types import Task
from training.synth.run import Order, run

if __name__ == "__main__":
    order = Order("bundled", Path(sys.argv[1]), 200, (Task.ATTRIBUTE, Task.STYLE), 64, 3, "program")
    run(order, *sys.argv[2:3], workers=2)
