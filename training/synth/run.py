"""A run: shards are made, here or on a cluster, until enough pairs are kept; then the manifest is written."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path
from types import MappingProxyType

from filelock import FileLock, Timeout

from omniedit.errors import BadInput, OmniEditError, refusals
from omniedit.folders import whole_file
from omniedit.scoring import load_judge
from omniedit.types import Task
from training.synth.make import Recipe
from training.synth.propose import Manner
from training.synth.shards import JOBS, Facts, Shard, facts_of, make_shard, put_shard, shard_name
from training.synth.sources import gather

__all__ = ["BACKENDS", "Order", "run"]

RECIPE, MANIFEST = "recipe.json", "manifest.json"
BARREN = 10  # shards without one kept pair after which a run gives up
LIVES = 20  # workers that a shard may lose on a cluster before it is given up
SIDES = (64, 2048)

Maker = Callable[[int], Shard]
Backend = Callable[[Maker, Iterator[int], int], Iterator[Shard]]


@dataclass(frozen=True)
class Order:
    """What a person asks for; BadInput, in one sentence, for a value that cannot be used."""

    photos: str
    out: Path
    target: int
    tasks: tuple[Task, ...]
    side: int
    seed: int
    judge: str
    manner: Manner = field(default_factory=Manner)

    def __post_init__(self) -> None:
        if not 1 <= self.target <= 10_000_000:
            raise BadInput(f"--target is {self.target}; give 1 to 10000000 pairs.")
        if not SIDES[0] <= self.side <= SIDES[1]:
            raise BadInput(f"--side is {self.side}; give {SIDES[0]} to {SIDES[1]} pixels.")
        if not 0 <= self.seed < 400:
            raise BadInput(f"--seed is {self.seed}; give 0 to 399.")
        load_judge(self.judge)


def run(order: Order, backend: str = "local", workers: int | None = None) -> str:
    """Make shards until `order.target` pairs are kept; a sentence that says what there is. Goes on where it stopped."""
    if workers is not None and workers < 1:
        raise BadInput(f"--workers is {workers}; give at least 1, or leave it out for one a core.")
    found = gather(order.photos)
    recipe = Recipe(found.names, order.tasks, order.side, order.seed, order.judge, order.manner)
    writing = partial(refusals, f"{order.out} cannot be written", "make room, or give another folder")
    with writing():
        order.out.mkdir(parents=True, exist_ok=True)
        if not (order.out / RECIPE).exists() and any(not path.name.startswith(".") for path in order.out.iterdir()):
            raise BadInput(f"{order.out} is not empty and holds no run; give a new folder.")
    with _alone_in(order.out):
        with writing():
            _claim(order.out, recipe, order.target)
            for beside in order.out.glob(".*.tmp"):
                beside.unlink()
        done = {number: facts for number, facts in _there(order.out)}
        for shard in _shards(order, recipe, done, BACKENDS[backend], workers or os.cpu_count() or 1):
            with writing():
                put_shard(shard, order.out)
            done[shard.number] = shard.facts
        with writing():
            for number in _surplus(done, order.target):  # which of them were made depends on who was faster
                (order.out / shard_name(number)).unlink()
                del done[number]
            facts = _write_manifest(order.out, recipe, done, found.left_out)
    if not (kept := sum(facts.kept.values())):
        raise BadInput(f"No pair was kept of {sum(facts.tried.values())} tried; {MANIFEST} in {order.out} says why.")
    return f"{kept} pairs of {sum(facts.tried.values())} tried are kept in {order.out} ({len(done)} shards)."


@contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    """No other run works in `out` meanwhile; a killed one's claim ends with it."""
    lock = FileLock(out / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BadInput(f"Another run works in {out}; wait for its end, or give another folder.") from None
    try:
        yield
    finally:
        lock.release()


def _shards(order: Order, recipe: Recipe, done: Mapping[int, Facts], backend: Backend, workers: int) -> Iterator[Shard]:
    """The shards that are missing, until the kept pairs of the first shards in a row reach the target."""
    kept = {number: sum(facts.kept.values()) for number, facts in done.items()}

    def wanted() -> Iterator[int]:
        for number in count():
            if _in_a_row(kept) >= order.target or _barren(kept):
                return
            if number not in kept:
                yield number

    for shard in backend(partial(make_shard, recipe), wanted(), workers):
        kept[shard.number] = sum(shard.facts.kept.values())
        yield shard


def _in_a_row(kept: Mapping[int, int]) -> int:
    """Pairs kept in shards 0, 1, 2, ... up to the first that is missing: what does not depend on who was faster."""
    total = 0
    for number in count():
        if number not in kept:
            return total
        total += kept[number]
    raise AssertionError


def _surplus(done: Mapping[int, Facts], target: int) -> list[int]:
    """The shards after the first ones in a row that hold `target` kept pairs."""
    total = 0
    for number in range(len(done)):
        if number not in done:
            return []
        total += sum(done[number].kept.values())
        if total >= target:
            return [other for other in done if other > number]
    return []


def _barren(kept: Mapping[int, int]) -> bool:
    return len(kept) >= BARREN and not any(kept.values())


def local(maker: Maker, numbers: Iterator[int], workers: int) -> Iterator[Shard]:
    """Shards by processes of this machine, as they are finished; one process works here."""
    if workers == 1:
        yield from map(maker, numbers)
        return
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin_worker, initargs=(os.getpid(),)
    ) as pool:
        running = {pool.submit(maker, number) for number in islice(numbers, workers)}
        while running:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                try:
                    yield future.result()
                except BrokenProcessPool:
                    raise OmniEditError(
                        "A worker was killed, perhaps for want of memory; give fewer --workers, and the run goes on."
                    ) from None
            for number in islice(numbers, len(finished)):
                running.add(pool.submit(maker, number))


def ray(maker: Maker, numbers: Iterator[int], workers: int) -> Iterator[Shard]:
    """Shards by tasks of a Ray cluster (RAY_ADDRESS, else one on this machine); a lost worker's shard is made again."""
    try:
        import ray as cluster
    except ImportError:
        raise BadInput("The backend ray needs Ray, which is not installed; pip install 'omniedit[ray]'.") from None
    if not cluster.is_initialized():
        cluster.init(num_cpus=None if "RAY_ADDRESS" in os.environ else workers, log_to_driver=False, logging_level=40)
    task = cluster.remote(max_retries=LIVES, num_cpus=1)(_alone).remote
    running = [task(maker, number) for number in islice(numbers, workers)]
    while running:
        finished, running = cluster.wait(running, num_returns=1)
        for reference in finished:
            try:
                yield cluster.get(reference)
            except cluster.exceptions.RayTaskError as error:  # its text is the whole traceback of the worker
                raise error.cause from None
        running += [task(maker, number) for number in islice(numbers, len(finished))]


BACKENDS: Mapping[str, Backend] = MappingProxyType({"local": local, "ray": ray})


def _alone(maker: Maker, number: int) -> Shard:
    _one_thread()
    return maker(number)


def _begin_worker(parent: int) -> None:
    """A worker ends with the run, also when that is killed and can tell nobody."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    _one_thread()


def _one_thread() -> None:
    """Workers share the cores: each computes on one."""
    import cv2

    cv2.setNumThreads(1)


def _claim(out: Path, recipe: Recipe, target: int) -> None:
    """Write recipe and target; refuse a folder that another recipe, or a larger target, has filled."""
    file, facts = out / RECIPE, {**json.loads(json.dumps(asdict(recipe))), "target": target}
    if file.exists():
        try:
            before = json.loads(file.read_text())
        except ValueError:
            before = None
        if not isinstance(before, dict):
            raise BadInput(f"{RECIPE} in {out} is damaged; give another folder.")
        other = next((name for name in facts if name != "target" and before.get(name) != facts[name]), None)
        if other is not None:
            raise BadInput(f"{out} was begun with another {other}; give another folder, or what was given before.")
        if target < before.get("target", 0):
            raise BadInput(f"{out} was begun with --target {before['target']}; give at least that, or another folder.")
    with whole_file(file) as claim:
        claim.write(json.dumps(facts, indent=1).encode())


def _there(out: Path) -> Iterator[tuple[int, Facts]]:
    for file in sorted(out.glob("shard-*.parquet")):
        number = file.stem.removeprefix("shard-")
        if not number.isdigit() or file.name != shard_name(int(number)):
            raise BadInput(f"{file.name} in {out} is no shard of this run; move it away.")
        yield int(number), facts_of(file)


def _write_manifest(out: Path, recipe: Recipe, done: Mapping[int, Facts], left_out: tuple[str, ...]) -> Facts:
    total = Facts(*(_sum(getattr(facts, name) for facts in done.values()) for name in ("tried", "kept", "refused")))
    shares = {task: round(total.kept.get(task, 0) / tried, 4) for task, tried in total.tried.items()}
    facts = {
        "judge": recipe.judge,
        "seed": recipe.seed,
        "shards": len(done),
        "jobs_per_shard": JOBS,
        "tried": total.tried,
        "kept": total.kept,
        "kept_share": shares,
        "refused": dict(sorted(total.refused.items(), key=lambda item: -item[1])),
        "left_out": list(left_out),
    }
    with whole_file(out / MANIFEST) as file:
        file.write(json.dumps(facts, indent=1, ensure_ascii=False).encode())
    return total


def _sum(counts: Iterator[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total)
