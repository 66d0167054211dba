"""python -m training.synth PHOTOS OUT [--target N] [--tasks ...] [--backend local|ray] [--workers N] [--judge program]

PHOTOS is a folder of photographs, or `bundled` (those that come with the project), or `world` (its drawn scenes). OUT
gets parquet shards and manifest.json. The same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import get_args

from omniedit.errors import OmniEditError
from omniedit.scoring import JUDGES
from omniedit.services.editing import parse_task
from omniedit.types import Task
from training.synth.propose import Manner, Things
from training.synth.run import BACKENDS, Order, run


def main() -> int:
    """Make pairs until enough are kept; 2 with one sentence for what cannot be done."""
    parser = argparse.ArgumentParser(
        prog="training.synth", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos")
    parser.add_argument("out", type=Path)
    parser.add_argument("--target", type=int, default=1000, metavar="N", help="pairs to keep (default 1000)")
    parser.add_argument("--tasks", nargs="+", default=[task.value for task in Task], metavar="TASK")
    parser.add_argument("--side", type=int, default=512, help="shorter side of crops of photographs in pixels")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--judge", default="program", help=", ".join(JUDGES))
    parser.add_argument(
        "--things",
        choices=get_args(Things),
        default="bundled",
        help="whose drawings are put into photographs (omniedit-mini: world)",
    )
    parser.add_argument(
        "--anywhere",
        type=float,
        default=0.5,
        metavar="SHARE",
        help="of the things, that are put anywhere and not where a person would: faster, less plausible",
    )
    parser.add_argument("--backend", choices=sorted(BACKENDS), default="local")
    parser.add_argument("--workers", type=int, default=None, metavar="N", help="processes (default: one a core)")
    given = parser.parse_args()
    try:
        tasks = tuple(task for task in map(parse_task, given.tasks) if task is not None)
        manner = Manner(given.things, given.anywhere)
        order = Order(given.photos, given.out, given.target, tasks, given.side, given.seed, given.judge, manner)
        print(run(order, given.backend, given.workers))
        return 0
    except OmniEditError as error:
        print(f"training.synth: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("training.synth: stopped; the same command goes on.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
