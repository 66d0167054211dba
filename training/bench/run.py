"""The bench: OMNI-EDIT-Bench's shape, held-out pictures (the world's, or photographs) x 7 tasks, judged by program.

Every picture is edited once for each task, without a mask unless one is asked for, through the same engine that people
use. The same seed gives the same figures.
"""

from __future__ import annotations

import base64
import html
import io
import json
import subprocess
import sys
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from omniedit.engines import load_engine
from omniedit.errors import BadInput
from omniedit.folders import check_folder, put_folder
from omniedit.types import EditRequest, Task
from training.bench.edits import BenchEdit
from training.bench.photos import CROPS, photo_edits
from training.bench.world import SCENES, world_edits
from training.measures import Verdict, outside_error, progress
from training.sheet import Shown, sheet_of

__all__ = ["BENCHES", "run_bench"]

BENCHES = {"world": (world_edits, SCENES * len(Task)), "photos": (photo_edits, CROPS * len(Task))}
FAILURES = 3  # of each task, shown in failures.png


def run_bench(
    engine: str,
    output: Path,
    limit: int | None,
    seed: int,
    steps: int | None,
    guidance: float | None,
    masks: bool,
    force: bool,
    on: str = "world",
) -> int:
    """Measure `engine` on `limit` edits of a bench (None: all), write the folder `output`, print a table; 0 when done.

    The folder holds bench.json, bench.html (every edit) and failures.png (the first ones of each task, not chosen).
    """
    edits, most = BENCHES[on]
    limit = most if limit is None else limit
    if not 1 <= limit <= most:
        raise BadInput(f"--limit is {limit}; give 1 to {most}.")
    if seed < 0:
        raise BadInput(f"--seed is {seed}; give 0 or more.")
    check_folder(output, force)
    editor = load_engine(engine)
    rows: list[dict[str, Any]] = []
    cards: list[str] = []
    failures: dict[Task, list[Shown]] = defaultdict(list)
    result = None
    for item in tqdm(edits(limit, seed), total=limit, unit="edit", disable=not sys.stderr.isatty()):
        mask = Image.fromarray(item.hint.astype(np.uint8) * 255) if masks and item.hint is not None else None
        request = EditRequest(
            Image.fromarray(item.source), item.instruction, mask=mask, seed=seed, steps=steps, guidance=guidance
        )
        try:
            result = editor.edit(request)
            edited, seconds = np.asarray(result.images[0]), result.seconds
            verdict = item.judge(edited)
        except BadInput:  # the engine will not do it: the picture stays as it is, and that is no success
            edited, seconds, verdict = item.source, 0.0, Verdict({"refused": 1.0}, ("refused",))
        rows.append(_row(item, edited, verdict, seconds))
        cards.append(_card(item, edited, verdict))
        if not verdict.ok:
            failures[item.task].append((item.source, edited, item.truth, item.instruction))
    if result is None:
        raise BadInput(f"The engine {engine!r} refused all of the {limit} edits; give another --engine or --limit.")
    facts = {
        "engine": result.engine,
        "bench": on,
        "checkpoint": result.checkpoint,
        "seed": seed,
        **(asdict(result.sampling) if result.sampling else {}),
        "masks": masks,
        "commit": _commit(),
        **_summary(rows),
    }

    def fill(folder: Path) -> None:
        (folder / "bench.json").write_text(json.dumps({**facts, "edits": rows}, indent=1))
        (folder / "bench.html").write_text(_page(facts, cards))
        first = [shown for task in Task for shown in failures[task][:FAILURES]]
        if first:
            sheet_of(first, columns=FAILURES).save(folder / "failures.png")

    put_folder(output, fill)
    print(_table(facts))
    return 0


def _row(item: BenchEdit, edited: NDArray[np.uint8], verdict: Verdict, seconds: float) -> dict[str, Any]:
    unit = [p.astype(np.float32) / 255 for p in (edited, item.source, item.truth)]
    return {
        "task": item.task,
        "kind": item.kind,
        "instruction": item.instruction,
        "ok": verdict.ok,
        "failed": list(verdict.failed),
        "measures": verdict.measures,
        "left_over": round(progress(unit[0], unit[1], unit[2], item.change), 4),
        "outside_error": outside_error(unit[0], unit[1], item.change),
        "seconds": round(seconds, 4),
    }


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    by_task: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_task[row["task"]].append(row)

    def facts(some: list[dict[str, Any]]) -> dict[str, Any]:
        outside = [r["outside_error"] for r in some if r["outside_error"] is not None]
        return {
            "n": len(some),
            "success": round(float(np.mean([r["ok"] for r in some])), 4),
            "left_over": round(float(np.median([r["left_over"] for r in some])), 4),
            "outside_error": round(float(np.mean(outside)), 5) if outside else None,
        }

    return {
        "overall": facts(rows),
        "tasks": {task: facts(by_task[task]) for task in Task if task in by_task},
        "seconds_per_edit": round(float(np.median([r["seconds"] for r in rows])), 4),
    }


def _table(facts: dict[str, Any]) -> str:
    lines = [f"{'task':12} {'n':>4} {'success':>8} {'left over':>10} {'outside':>8}"]
    for name, f in [*facts["tasks"].items(), ("overall", facts["overall"])]:
        outside = "-" if f["outside_error"] is None else f"{f['outside_error']:.4f}"
        lines.append(f"{name:12} {f['n']:4} {f['success']:8.1%} {f['left_over']:10.2f} {outside:>8}")
    return "\n".join(lines)


def _card(item: BenchEdit, edited: NDArray[np.uint8], verdict: Verdict) -> str:
    pictures = "".join(f'<img src="{_inline(p)}">' for p in (item.source, edited, item.truth))
    why = ", ".join(f"{name} {verdict.measures[name]}" for name in verdict.failed) or "done"
    state = "ok" if verdict.ok else "no"
    words = html.escape(item.instruction)
    return f'<figure class="{state} {item.task}">{pictures}<figcaption>{words}<br><i>{why}</i></figcaption></figure>'


def _inline(picture: NDArray[np.uint8]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "WEBP", quality=88)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def _page(facts: dict[str, Any], cards: list[str]) -> str:
    return (
        "<!doctype html><meta charset=utf-8><title>OmniEdit bench</title><style>"
        "body{font:14px system-ui;margin:1rem}main{display:flex;flex-wrap:wrap;gap:.6rem}"
        "figure{margin:0;padding:.3rem;border-left:4px solid #2a2}figure.no{border-color:#c33}"
        "figcaption{max-width:24rem}img{height:110px;margin-right:2px}</style>"
        f"<h1>{html.escape(facts['engine'])}: {facts['overall']['success']:.1%} of {facts['overall']['n']}</h1>"
        f"<pre>{_table(facts)}</pre><p>Source, edited, truth; green is accepted.</p><main>{''.join(cards)}</main>"
    )


def _commit() -> str | None:
    """The code's commit where it runs from a checkout."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()
