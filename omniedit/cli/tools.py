"""omniedit engines, bench, world."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from omniedit.errors import BadInput

__all__ = ["add_commands"]


def add_commands(commands: Any) -> None:
    """Add the parsers of these commands."""
    engines = commands.add_parser("engines", help="list the engines")
    engines.add_argument("--json", action="store_true")
    engines.set_defaults(run=_engines)

    bench = commands.add_parser("bench", help="measure an engine on held-out edits")
    bench.add_argument("--engine", default="editnet-mini")
    bench.add_argument("-o", "--output", required=True, type=Path, metavar="DIR")
    bench.add_argument("--on", choices=("world", "photos"), default="world", help="what is edited (default world)")
    bench.add_argument("--limit", type=int, default=None, metavar="N", help="how many edits, spread over the tasks")
    bench.add_argument("--seed", type=int, default=0)
    bench.add_argument("--steps", type=int, default=None)
    bench.add_argument("--guidance", type=float, default=None)
    bench.add_argument("--force", action="store_true", help="replace an earlier bench in DIR")
    bench.add_argument("--masks", action="store_true", help="give the engine a loose mask where the task has one")
    bench.set_defaults(run=_bench)

    world = commands.add_parser("world", help="write pairs of the procedural world")
    world.add_argument("output", type=Path, metavar="DIR")
    world.add_argument("--n", type=int, default=28, help="how many pairs")
    world.add_argument("--seed", type=int, default=0)
    world.set_defaults(run=_world)


def _engines(given: argparse.Namespace) -> int:
    from omniedit.services.models import list_engines
    from omniedit.settings import load_settings

    rows = list_engines(load_settings())
    if given.json:
        print(json.dumps([vars(row) for row in rows]))
        return 0
    for row in rows:
        print(
            f"{row.name:16} {'ready' if row.ready else 'not here':10} {row.size_mb:7.1f} MB  "
            f"{row.licence:12} {row.summary}"
        )
        if row.reason:
            print(f"{'':16} {row.reason}")
    return 0


def _bench(given: argparse.Namespace) -> int:
    from training.bench.run import run_bench

    return run_bench(
        given.engine,
        given.output,
        given.limit,
        given.seed,
        given.steps,
        given.guidance,
        given.masks,
        given.force,
        given.on,
    )


def _world(given: argparse.Namespace) -> int:
    from training.world.export import write_world

    if not 1 <= given.n <= 100_000:
        raise BadInput(f"--n is {given.n}; give 1 to 100000 pairs.")
    print(write_world(given.output, given.n, given.seed))
    return 0
