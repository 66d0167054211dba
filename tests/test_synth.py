"""Algorithm 1: proposals, judged pairs, shards that survive a kill, and folders with rubbish in them."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest
from PIL import Image

from omniedit.errors import BadInput
from omniedit.settings import assets_dir
from omniedit.types import Task
from training.synth import propose as propose_module
from training.synth import run as run_module
from training.synth import shards as shards_module
from training.synth.make import Pair, Recipe, make_pair_of
from training.synth.propose import Manner, propose_for
from training.synth.run import Order, run
from training.synth.sources import BUNDLED, WORLD, crop, gather
from training.world.heldout import HELD_DRAWINGS, HELD_PAIRS
from training.world.sprites import sprite

PUBLIC = (
    "omni_edit_id task src_img edited_img edited_prompt_list width height sc_score_1 sc_score_2 sc_reasoning pq_score "
    "pq_reasoning o_score"
).split()
JOBS = 4  # in the shards of these tests
LOCAL = (Task.REMOVAL, Task.STYLE)


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards_module, "JOBS", JOBS)
    monkeypatch.setattr(run_module, "JOBS", JOBS)


def order(out: Path, photos: str = BUNDLED, target: int = 4, **changes: Any) -> Order:
    settings: dict[str, Any] = {"tasks": LOCAL, "side": 96, "seed": 3, "judge": "program"}
    return Order(photos, out, target, **settings | changes)


def hashes(folder: Path) -> dict[str, str]:
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.glob("*.parquet"))}


def pair_of(task: Task, source: str = BUNDLED) -> Pair:
    """The first pair of the task that comes about."""
    recipe = Recipe(gather(source).names, (task,), 128, 1, "program")
    for job in range(8):
        pair = make_pair_of(recipe, job)
        if isinstance(pair, Pair):
            return pair
    raise AssertionError(f"no {task} pair in 8 jobs")


@pytest.mark.slow
@pytest.mark.parametrize("task", list(Task))
def test_each_task_gives_judged_pairs_of_photographs(task: Task) -> None:
    pair = pair_of(task)
    assert pair.task == task and pair.source.shape == pair.edited.shape
    assert (pair.source != pair.edited).any()
    assert 0 <= pair.score.overall <= 10 and pair.score.judge == "program"
    if pair.mask is not None and pair.score.weight():
        outside = ~pair.mask  # the soft rim of a thing may reach a little out of it, a new thing or its shadow far
        if task not in (Task.SWAP, Task.BACKGROUND) and outside.any():
            assert (pair.source[outside] != pair.edited[outside]).any(-1).mean() < 0.05


@pytest.mark.slow
def test_scenes_of_the_world_are_a_source_too() -> None:
    pair = pair_of(Task.REMOVAL, WORLD)
    assert pair.specialist == "removal" and pair.score.success > 5


def test_a_crop_is_never_enlarged_and_the_same_seed_gives_the_same(tmp_path: Path) -> None:
    name = gather(BUNDLED).names[0]
    shapes = [crop(name, 512, np.random.default_rng(seed)).shape for seed in range(20)]
    assert all(max(shape) <= 384 and shape[0] % 16 == shape[1] % 16 == 0 for shape in shapes)
    assert len(set(shapes)) > 5
    one, two = (crop(name, 128, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one, two)


def test_a_folder_with_rubbish_gives_its_photographs_and_names_the_rest(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    (photos / "deeper").mkdir(parents=True)
    good = assets_dir() / "photos" / "coffee.jpg"
    (photos / "deeper" / "a.jpg").write_bytes(good.read_bytes())
    (photos / "cut.jpg").write_bytes(good.read_bytes()[:2000])
    (photos / "notes.txt").write_text("no photo")
    Image.new("RGB", (40, 300)).save(photos / "narrow.png")
    found = gather(str(photos))
    assert [Path(name).name for name in found.names] == ["a.jpg"]
    assert len(found.left_out) == 3 and all(": " in line for line in found.left_out)


@pytest.mark.parametrize(
    ("given", "words"),
    [("/nowhere/at/all", "There is no folder"), ("", "There is no photograph")],
)
def test_a_folder_that_cannot_be_used_is_one_sentence(given: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=words):
        gather(given or str(tmp_path))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": 0}, "--target is 0"),
        ({"side": 8}, "--side is 8"),
        ({"seed": 400}, "--seed is 400"),
        ({"judge": "gpt"}, "Unknown judge"),
    ],
)
def test_an_order_that_cannot_be_used_is_one_sentence(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=words):
        order(tmp_path / "out", **changes)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_run_writes_public_columns_and_a_manifest_that_counts(tmp_path: Path, small_shards: None) -> None:
    said = run(order(tmp_path / "out"), workers=1)
    table = [row for f in sorted((tmp_path / "out").glob("*.parquet")) for row in pq.read_table(f).to_pylist()]
    assert set(PUBLIC) < set(table[0])
    assert all(row["o_score"] >= 9 and row["weight"] == 1 and row["judge"] == "program" for row in table)
    for row in table:
        for column in ("src_img", "edited_img"):
            assert Image.open(io.BytesIO(row[column]["bytes"])).size == (row["width"], row["height"])
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert sum(manifest["kept"].values()) == len(table) >= 4 and str(len(table)) in said
    assert sum(manifest["tried"].values()) == manifest["shards"] * JOBS
    assert sum(manifest["kept"].values()) + sum(manifest["refused"].values()) == sum(manifest["tried"].values())


@pytest.mark.slow
def test_the_same_command_goes_on_and_the_same_seed_gives_the_same_shards(tmp_path: Path, small_shards: None) -> None:
    run(order(tmp_path / "once", target=6), workers=1)
    run(order(tmp_path / "twice", target=2), workers=1)
    run(order(tmp_path / "twice", target=6), workers=1)
    assert hashes(tmp_path / "once") == hashes(tmp_path / "twice")
    before = hashes(tmp_path / "once")
    run(order(tmp_path / "once", target=6), workers=1)
    assert hashes(tmp_path / "once") == before


def test_another_recipe_or_a_strange_folder_is_refused_and_left_alone(tmp_path: Path, small_shards: None) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("x")
    with pytest.raises(BadInput, match="is not empty"):
        run(order(out))
    assert [f.name for f in out.iterdir()] == ["mine.txt"]
    (out / "mine.txt").unlink()
    (out / "recipe.json").write_text("{}")
    with pytest.raises(BadInput, match="begun with another sources"):
        run(order(out))


def test_a_share_is_between_nought_and_one() -> None:
    with pytest.raises(BadInput, match=r"--anywhere is 1\.5"):
        Manner(anywhere=1.5)


def test_a_fault_of_a_specialist_is_not_blamed_on_the_disk(
    tmp_path: Path, small_shards: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("our own mistake")

    monkeypatch.setattr(run_module, "make_shard", broken)
    with pytest.raises(ValueError, match="our own mistake") as caught:
        run(order(tmp_path / "out"), workers=1)
    assert not isinstance(caught.value, BadInput)


def test_a_smaller_target_takes_nothing_away(tmp_path: Path, small_shards: None) -> None:
    out = tmp_path / "out"
    run(order(out, target=4), workers=1)
    before = hashes(out)
    with pytest.raises(BadInput, match="was begun with --target 4; give at least that"):
        run(order(out, target=1), workers=1)
    assert hashes(out) == before != {}


def test_a_second_run_in_the_same_folder_waits_its_turn(tmp_path: Path, small_shards: None) -> None:
    out = tmp_path / "out"
    with run_module._alone_in(_made(out)), pytest.raises(BadInput, match="Another run works in"):
        run(order(out), workers=1)
    (out / ".recipe.77").write_text("{")  # what a kill at its beginning leaves
    assert "pairs of" in run(order(out), workers=1)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_no_workers_and_a_recipe_that_is_none_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--workers is 0; give at least 1"):
        run(order(tmp_path / "out"), workers=0)
    (_made(tmp_path / "odd") / "recipe.json").write_text("[]")
    with pytest.raises(BadInput, match=r"recipe\.json in .* is damaged"):
        run(order(tmp_path / "odd"), workers=1)


@pytest.mark.parametrize("task", [Task.ATTRIBUTE, Task.SWAP, Task.ADDITION, Task.BACKGROUND])
def test_nothing_held_out_is_proposed_for_training(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(propose_module, "sprite", lambda name: (shown.append(name), sprite(name))[1])
    photograph = crop(gather(BUNDLED).names[0], 96, np.random.default_rng(0))
    for seed in range(12):
        proposal = propose_for(photograph, task, np.random.default_rng(seed), seed, Manner("world", anywhere=1.0))
        intent = None if proposal is None else proposal.request.intent
        if intent is not None and task is Task.ATTRIBUTE:
            assert (str(intent.target).removeprefix("the "), intent.value) not in HELD_PAIRS
    assert shown and not set(shown) & HELD_DRAWINGS


def test_an_addition_goes_where_its_picture_was_tried() -> None:
    photograph = crop(gather(BUNDLED).names[0], 96, np.random.default_rng(0))
    boxes = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        proposal = propose_for(photograph, Task.ADDITION, rng, seed, Manner("world", anywhere=1.0))
        if proposal is not None and not proposal.reverse:
            boxes.append(proposal.request.box)
    assert boxes and None not in boxes


def test_a_damaged_shard_is_named(tmp_path: Path, small_shards: None) -> None:
    out = tmp_path / "out"
    out.mkdir()
    recipe = Recipe(gather(BUNDLED).names, LOCAL, 96, 3, "program")
    run_module._claim(out, recipe, 4)
    (out / "shard-000000.parquet").write_bytes(b"PAR1 not really PAR1")
    with pytest.raises(BadInput, match=r"shard-000000\.parquet is damaged"):
        run(order(out))


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_no_shard_and_doubles_none(tmp_path: Path) -> None:
    """Killed again and again until it is done: the shards are those of a run that nobody disturbed."""
    command = [sys.executable, "-m", "tests.small_synth", str(tmp_path / "killed")]
    kills = 0
    for wait in (2, 5, 8):  # after the workers have begun
        process = subprocess.Popen(command)
        while process.poll() is None and len(workers := psutil.Process(process.pid).children()) < 2:
            time.sleep(0.1)
        time.sleep(wait)
        if process.poll() is None:
            process.kill()
            kills += 1
            assert not psutil.wait_procs(workers, timeout=10)[1], "its workers end, too"
        process.wait()
    assert kills >= 2
    subprocess.run(command, check=True)
    subprocess.run([*command[:-1], str(tmp_path / "whole")], check=True)
    assert hashes(tmp_path / "killed") == hashes(tmp_path / "whole")
    assert not list((tmp_path / "killed").glob(".*.tmp"))


@pytest.mark.slow
@pytest.mark.parametrize("backend", sorted(run_module.BACKENDS))
def test_every_number_is_made_once_whoever_is_free(backend: str) -> None:
    program = (  # in a process of its own: Ray ends its servers only with the process that started them
        "from training.synth.run import BACKENDS\n"
        f"print(*sorted(map(str, BACKENDS[{backend!r}](abs, iter(range(9)), 2))))"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ended.stdout.splitlines()[-1].split() == [str(number) for number in range(9)]


@pytest.mark.slow
def test_two_workers_of_a_local_ray_make_the_same_shards(tmp_path: Path) -> None:
    for backend in ("local", "ray"):
        command = [sys.executable, "-m", "tests.small_synth", str(tmp_path / backend), backend]
        subprocess.run(command, check=True)
    assert hashes(tmp_path / "local") == hashes(tmp_path / "ray") != {}
