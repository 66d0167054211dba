"""omniedit edit, parse."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omniedit.errors import BadInput
from omniedit.types import whole_numbers

if TYPE_CHECKING:
    from omniedit.services.planning import Preview

__all__ = ["Bar", "add_commands"]

BOTH = argparse.BooleanOptionalAction


def add_commands(commands: Any) -> None:
    """Add the parsers of these commands."""
    edit = commands.add_parser("edit", help="edit one picture", description="Edit one picture as an instruction says.")
    edit.add_argument("picture", type=Path, help="the picture to edit")
    edit.add_argument("instruction", help='what to change, such as "make it night"')
    edit.add_argument("-o", "--output", type=Path, metavar="FILE.png", help="where the result goes")
    edit.add_argument("--plan", action="store_true", help="say what would be done, and write nothing")
    edit.add_argument("--force", action="store_true", help="overwrite the output file")
    edit.add_argument(
        "--mask", type=Path, metavar="FILE", help="a picture of the same size, white where the edit is meant"
    )
    edit.add_argument("--box", type=_whole_numbers(4, "LEFT,TOP,RIGHT,BOTTOM"), help="the thing is in this box")
    edit.add_argument("--click", type=_whole_numbers(2, "X,Y"), help="the thing is at this pixel")
    edit.add_argument(
        "--with", dest="material", type=Path, metavar="FILE", help="a background, or a cut-out thing, to use"
    )
    edit.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter (see --plan)")
    edit.add_argument("--after", metavar="WORDS", help='the edit before this one, for "it" and "that one"')
    edit.add_argument("--task", help="swap, removal, addition, attribute, background, environment or style")
    edit.add_argument("--engine", default=None, help="which engine edits (see: omniedit engines)")
    edit.add_argument("--seed", type=int, default=0)
    edit.add_argument("--steps", type=int, default=None)
    edit.add_argument("--guidance", type=float, default=None, help="how strongly the words count")
    edit.add_argument("--image-guidance", type=float, default=None, help="how strongly the source counts")
    edit.add_argument("--variants", type=int, default=1, metavar="N", help="1 to 4 results: FILE.png, FILE-2.png, ...")
    edit.add_argument("--from", dest="parent", metavar="ID", help="the edit in the log whose result this picture is")
    edit.add_argument("--consent", action=BOTH, help="this edit may be used for training, or may not")
    edit.add_argument("--json", action="store_true", help="print how the result was made as JSON")
    edit.set_defaults(run=_edit)

    parse = commands.add_parser("parse", help="say what an instruction means")
    parse.add_argument("instruction")
    parse.add_argument("--after", metavar="WORDS", help='the edit before this one, for "it" and "that one"')
    parse.add_argument("--json", action="store_true")
    parse.set_defaults(run=_parse)


def _edit(given: argparse.Namespace) -> int:
    from omniedit.engines import DEFAULT, engine_spec
    from omniedit.results import check_target, save_pngs
    from omniedit.services.editing import EditingService, Options, parse_task
    from omniedit.services.log import By, open_log
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
    settings = load_settings()
    if given.plan:
        service = EditingService(settings)
        return _say_plan(service.plan(given.picture, given.instruction, given.mask, options, engine), given.json)
    if given.output is None:
        raise BadInput("No output is given; name a file with -o FILE.png, or use --plan to write nothing.")
    check_variants(given.variants)
    check_target(given.output, given.force)
    targets = _targets(given.output, given.variants)
    for target in targets:
        check_target(target, given.force)
    service = EditingService(settings, open_log(settings) if settings.log else None)
    by = By(parent=given.parent, consent=settings.consent if given.consent is None else given.consent)
    with Bar() as bar:
        result = service.edit(given.picture, given.instruction, given.mask, options, engine, bar.show, by=by)
    save_pngs(result.images, targets, given.force, service.recipes(given.instruction, options, engine, result))
    names = ", ".join(str(t) for t in targets)
    facts = {**result.facts(), "output": [str(t) for t in targets]}
    if given.json:
        print(json.dumps(facts))
    else:
        logged = f", edit {result.edit}" if result.edit else ""
        print(f"{names}  ({result.engine}, seed {given.seed}, {result.seconds:.2f} s{logged})")
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
        if (numbers := whole_numbers(words, count)) is None:
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


class Bar:
    """A progress bar on a terminal; silence in a pipe."""

    def __enter__(self) -> Bar:
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
