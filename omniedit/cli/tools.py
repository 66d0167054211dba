"""omniedit engines, models, bench, world."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from omniedit.errors import BadInput, EngineUnavailable

__all__ = ["add_commands"]

LOOK = 0.2  # seconds between two looks at how far a download is


def add_commands(commands: Any) -> None:
    """Add the parsers of these commands."""
    engines = commands.add_parser("engines", help="list the engines")
    engines.add_argument("--json", action="store_true")
    engines.set_defaults(run=_engines)

    models = commands.add_parser("models", help="list the full-size models, or fetch one: omniedit models fetch NAME")
    models.add_argument("--json", action="store_true")
    models.set_defaults(run=_models)
    fetch = models.add_subparsers(metavar="ACTION").add_parser("fetch", help="fetch a model, or go on fetching it")
    fetch.add_argument("name")
    fetch.set_defaults(run=_fetch)

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


def _models(given: argparse.Namespace) -> int:
    from omniedit.services.fetching import Fetcher

    rows = Fetcher().models()
    if given.json:
        print(json.dumps([vars(row) for row in rows]))
        return 0
    for row in rows:
        print(
            f"{row.key:16} {'here' if row.here else 'not here':10} {row.size_gb:4.1f} GB  {row.licence:14} {row.what}"
        )
        accept = " (accept its licence there, then run: hf auth login)" if row.gated else ""
        print(f"{'':16} {row.where or row.page + accept}")
    return 0


def _fetch(given: argparse.Namespace) -> int:
    from tqdm import tqdm

    from omniedit.services.fetching import Fetcher, gigabytes

    fetcher = Fetcher()
    fetcher.start(given.name)
    try:
        with tqdm(unit="B", unit_scale=True, disable=not sys.stderr.isatty(), leave=False, desc=given.name) as bar:
            while (row := fetcher.wait(given.name, LOOK)).under_way:
                if row.total_bytes and not bar.total:
                    bar.reset(row.total_bytes)
                    bar.initial = row.done_bytes  # the rate is that of what comes now
                bar.n = row.done_bytes
                bar.refresh()
    except KeyboardInterrupt:
        fetcher.cancel(given.name)
        row = fetcher.row(given.name)
        so_far = f"Stopped at {gigabytes(row.done_bytes)} of {gigabytes(row.total_bytes)}"
        print(f"{so_far}; omniedit models fetch {given.name} goes on from there.", file=sys.stderr)
        return 130
    if row.error:
        raise EngineUnavailable(row.error)
    print(f"{row.id} is in {row.where}.")
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
