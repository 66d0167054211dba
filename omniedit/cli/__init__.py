"""The command line. Each file holds some commands; heavy imports wait until a command needs them."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from omniedit.cli import editing, log, tools, users
from omniedit.errors import BadInput, OmniEditError

__all__ = ["main"]


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. 0 when done, 2 with one sentence on standard error for what cannot be done."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that knows ASCII alone shows other letters by their codes
            stream.reconfigure(errors="backslashreplace")
    given = _parser().parse_args(_joined(sys.argv[1:] if arguments is None else arguments))
    try:
        _check_text(given)
        status = int(given.run(given))
        if sys.stdout is not None:  # as where a terminal was closed
            sys.stdout.flush()
        return status
    except OmniEditError as error:
        print(f"omniedit: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("omniedit: stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `omniedit parse ... | head -1`: who reads has enough
        _say_no_more()
        return 141
    except OSError as error:
        _say_no_more()
        what = "What it says cannot be written" if error.filename is None else f"{error.filename!r} cannot be used"
        print(f"omniedit: {what}: {(error.strerror or str(error)).lower()}.", file=sys.stderr)
        return 2


def _say_no_more() -> None:
    """Send standard output nowhere: the interpreter's own last words would fail, too."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _check_text(given: argparse.Namespace) -> None:
    """Words that are no UTF-8 are refused; the names of files, which are no str, may be anything."""
    for name, value in vars(given).items():
        if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise BadInput(f"What is given as {name} holds bytes that are not text (UTF-8); type it again.")


def _joined(arguments: Sequence[str]) -> list[str]:
    """`--click -3,10` as `--click=-3,10`: argparse takes what begins with a minus for an option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in ("--box", "--click") and argument[:1] == "-" and argument[1:2].isdigit():
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _parser() -> argparse.ArgumentParser:
    from omniedit import __version__

    parser = _Parser(prog="omniedit", description="Edit pictures by instruction.")
    parser.add_argument("--version", action="version", version=f"omniedit {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for room in (editing, log, tools, users):
        room.add_commands(commands)
    return parser
