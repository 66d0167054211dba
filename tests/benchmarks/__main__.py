"""`python -m tests.benchmarks NAME [--quick]`: one JSON object with the figure, the peer and the ratio."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib import import_module

import torch

NAMES = (
    "edit-12mp",
    "forward",
    "hostile",
    "kill",
    "load",
    "log",
    "parse",
    "ray",
    "recolour",
    "removal",
    "specialists-12mp",
    "startup",
    "synth",
    "train",
    "world",
)


def main() -> int:
    """Run one measurement."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, smaller peers: does it run at all")
    given = parser.parse_args()
    measure = import_module(f"tests.benchmarks.{given.name.replace('-', '_')}").measure
    machine = {"processor": platform.machine(), "cores": os.cpu_count(), "torch": torch.__version__}
    print(json.dumps({"benchmark": given.name, **measure(given.quick), "machine": machine}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
