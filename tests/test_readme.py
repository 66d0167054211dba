"""What the README and CONTRIBUTING tell people to type and to open is there."""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest

from omniedit.cli import _parser
from tests.benchmarks.__main__ import NAMES
from training.config import load_config
from training.world.vocabulary import BACKGROUNDS, COLOURS, ENVIRONMENTS, OBJECTS, STYLES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def commands() -> list[list[str]]:
    """Each indented line that is in no block of code, continued lines joined, without its comment."""
    text = re.sub(r"```.*?```", "", README, flags=re.DOTALL).replace("\\\n", " ")
    return [shlex.split(line, comments=True) for line in re.findall(r"^ {4}(\S.*)$", text, re.M)]


def after(command: list[str], word: str) -> list[str]:
    return command[command.index(word) + 1 :]


def test_every_command_can_be_typed() -> None:
    kinds = set()
    for command in commands():
        if ".venv/bin/omniedit" in command:
            _parser().parse_args(after(command, ".venv/bin/omniedit"))
            kinds.add("omniedit")
        elif "-m" in command:
            module, *arguments = after(command, "-m")
            assert find_spec(module) is not None, module
            if module == "tests.benchmarks":
                assert arguments[0] in NAMES
            for path in (a for a in [*command, *arguments] if a.endswith((".toml", ".yaml"))):
                assert (ROOT / path).is_file(), path
                if path.endswith(".toml"):
                    load_config(ROOT / path)
            kinds.add("module")
        else:
            targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M)
            assert command[-2] == "make" and command[-1] in targets, command
            kinds.add("make")
    assert kinds == {"omniedit", "module", "make"}


def test_the_numbers_of_things_are_right() -> None:
    for count, noun in (
        (len(OBJECTS), "things"),
        (len(COLOURS), "colours"),
        (len(BACKGROUNDS), "backgrounds"),
        (len(ENVIRONMENTS), "kinds of weather"),
        (len(STYLES), "styles"),
    ):
        assert re.search(rf"\b{count}\s+{noun}", README), (count, noun)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_files_that_are_named_are_there(name: str) -> None:
    text = (ROOT / name).read_text()
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    paths = re.findall(r"`((?:omniedit|ui|training|tests|assets)/[\w./-]*)`", text)
    missing = [p for p in (*links, *paths) if not (ROOT / p).exists()]
    assert missing == []
