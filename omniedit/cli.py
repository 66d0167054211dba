"""The command line: edit, parse, engines, bench, world. Heavy imports wait until a command needs them."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from omniedit.errors import BadInput, OmniEditError

if TYPE_CHECKING:
    from omniedit.services.planning import Preview

__all__ = ["main"]


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. 0 when done, 2 with one sentence on standard error for what cannot be done."""
    given = _parser().parse_args(_joined(sys.argv[1:] if arguments is None else arguments))
    try:
        return int(given.run(given))
    except OmniEditError as error:
        print(f"omniedit: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("omniedit: stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `omniedit parse ... | head -1`: who reads has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


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

    edit = commands.add_parser("edit", help="edit one picture", description="Edit one picture as an instruction says.")
    edit.add_argument("picture", help="the picture to edit")
    edit.add_argument("instruction", help='what to change, such as "make it night"')
    edit.add_argument("-o", "--output", type=Path, metavar="FILE.png", help="where the result goes")
    edit.add_argument("--plan", action="store_true", help="say what would be done, and write nothing")
    edit.add_argument("--force", action="store_true", help="overwrite the output file")
    edit.add_argument("--mask", metavar="FILE", help="a picture of the same size, white where the edit is meant")
    edit.add_argument("--box", type=_whole_numbers(4, "LEFT,TOP,RIGHT,BOTTOM"), help="the thing is in this box")
    edit.add_argument("--click", type=_whole_numbers(2, "X,Y"), help="the thing is at this pixel")
    edit.add_argument("--with", dest="material", metavar="FILE", help="a background, or a cut-out thing, to use")
    edit.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter (see --plan)")
    edit.add_argument("--after", metavar="WORDS", help='the edit before this one, for "it" and "that one"')
    edit.add_argument("--task", help="swap, removal, addition, attribute, background, environment or style")
    edit.add_argument("--engine", default=None, help="which engine edits (see: omniedit engines)")
    edit.add_argument("--seed", type=int, default=0)
    edit.add_argument("--steps", type=int, default=None)
    edit.add_argument("--guidance", type=float, default=None, help="how strongly the words count")
    edit.add_argument("--image-guidance", type=float, default=None, help="how strongly the source counts")
    edit.add_argument("--variants", type=int, default=1, metavar="N", help="1 to 4 results: FILE.png, FILE-2.png, ...")
    edit.add_argument("--json", action="store_true", help="print how the result was made as JSON")
    edit.set_defaults(run=_edit)

    parse = commands.add_parser("parse", help="say what an instruction means")
    parse.add_argument("instruction")
    parse.add_argument("--after", metavar="WORDS", help='the edit before this one, for "it" and "that one"')
    parse.add_argument("--json", action="store_true")
    parse.set_defaults(run=_parse)

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
    return parser


def _edit(given: argparse.Namespace) -> int:
    from dataclasses import asdict

    from omniedit.engines import DEFAULT, engine_spec
    from omniedit.results import check_target, save_pngs
    from omniedit.services.editing import EditingService, Options, parse_task
    from omniedit.settings import load_settings
    from omniedit.types import check_variants

    engine = given.engine or DEFAULT
    engine_spec(engine)
    options = Options(
        task=parse_task(given.task),
        seed=given.seed,
        steps=given.steps,
        guidance=given.guidance,
        image_guidance=given.image_guidance,
        variants=given.variants,
        box=given.box,
        click=given.click,
        material=given.material,
        before=given.after,
        parameters=dict(map(_parameter, given.set)),
    )
    service = EditingService(load_settings())
    if given.plan:
        return _say_plan(service.plan(given.picture, given.instruction, given.mask, options, engine), given.json)
    if given.output is None:
        raise BadInput("No output is given; name a file with -o FILE.png, or use --plan to write nothing.")
    check_variants(given.variants)
    check_target(given.output, given.force)
    targets = _targets(given.output, given.variants)
    for target in targets:
        check_target(target, given.force)
    with _Bar() as bar:
        result = service.edit(given.picture, given.instruction, given.mask, options, engine, bar.show)
    save_pngs(result.images, targets, overwrite=given.force)
    names = ", ".join(str(t) for t in targets)
    facts = {
        "output": [str(t) for t in targets],
        "engine": result.engine,
        "checkpoint": result.checkpoint,
        "seeds": list(result.seeds),
        **(asdict(result.sampling) if result.sampling else {}),
        "parameters": dict(result.parameters),
        "seconds": round(result.seconds, 3),
        "resampled": result.resampled,
        "notes": list(result.notes),
    }
    if given.json:
        print(json.dumps(facts))
    else:
        print(f"{names}  ({result.engine}, seed {given.seed}, {result.seconds:.2f} s)")
        for note in result.notes:
            print(note)
    return 0


def _say_plan(plan: Preview, as_json: bool) -> int:
    """What an edit would do; 2 where it cannot be done."""
    from omniedit.language import as_json as reading

    facts = {
        "says": plan.says,
        "refused": plan.refused,
        "understood": reading(plan.intent),
        "confidence": round(plan.confidence, 3),
        "box": plan.box,
        "share": round(plan.share, 4),
        "parameters": dict(plan.parameters),
    }
    if as_json:
        print(json.dumps(facts))
    elif plan.refused:
        print(f"omniedit: {plan.says}", file=sys.stderr)
    else:
        print(plan.says)
        where = "the whole picture" if plan.box is None else f"{plan.share:.1%} of the picture, in {plan.box}"
        print(f"Changes {where}; sure to {plan.confidence:.0%}.")
        for knob in plan.knobs:
            allowed = ", ".join(knob.choices) or ("words" if knob.free else f"{knob.low:g} to {knob.high:g}")
            print(f"  --set {knob.name}={plan.parameters.get(knob.name, knob.usual)}  ({knob.label}: {allowed})")
    return 2 if plan.refused else 0


def _parse(given: argparse.Namespace) -> int:
    from omniedit.language import as_json, parse
    from omniedit.types import check_instruction

    check_instruction(given.instruction)
    if given.after is not None:
        check_instruction(given.after)
    facts = as_json(parse(given.instruction, before=given.after))
    if given.json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        for name, value in facts.items():
            if value not in (None, [], {}, ""):
                print(f"{name:11} {value}")
    return 0


def _whole_numbers(count: int, form: str) -> Callable[[str], tuple[int, ...]]:
    """Reads `count` whole numbers with commas between; argparse's complaint names the form."""

    def read(words: str) -> tuple[int, ...]:
        try:
            numbers = tuple(int(word) for word in words.split(","))
        except ValueError:
            numbers = ()
        if len(numbers) != count:
            raise argparse.ArgumentTypeError(f"{words!r} is not {form}; give {count} whole numbers with commas between")
        return numbers

    return read


def _parameter(words: str) -> tuple[str, str | float]:
    """NAME=VALUE, a number where it is one."""
    name, equals, value = words.partition("=")
    if not (name and equals and value):
        raise BadInput(f"--set {words!r} is not NAME=VALUE; --plan lists the parameters of an edit.")
    try:
        return name, float(value)
    except ValueError:
        return name, value


def _targets(first: Path, variants: int) -> list[Path]:
    """FILE.png, FILE-2.png, ..."""
    return [first] + [first.with_name(f"{first.stem}-{i}{first.suffix}") for i in range(2, variants + 1)]


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


class _Bar:
    """A progress bar on a terminal; silence in a pipe."""

    def __enter__(self) -> _Bar:
        from tqdm import tqdm

        self._bar = tqdm(total=None, unit="step", disable=not sys.stderr.isatty(), leave=False)
        return self

    def show(self, progress: object) -> None:
        """Move the bar to where the edit stands."""
        from omniedit.types import Progress

        assert isinstance(progress, Progress)
        self._bar.total = progress.steps * progress.variants
        self._bar.n = progress.steps * (progress.variant - 1) + progress.step
        self._bar.refresh()

    def __exit__(self, *_: object) -> None:
        self._bar.close()


if __name__ == "__main__":
    sys.exit(main())
