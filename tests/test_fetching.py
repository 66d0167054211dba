"""Models are fetched from a small hub: looked at, stopped, gone on with, killed, and every way in which it fails."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

from omniedit.cli import main
from omniedit.errors import BadInput
from omniedit.hub import HubModel, Repo
from omniedit.services import download, fetching
from omniedit.services.fetching import Fetcher, ModelRow, gigabytes
from tests.hubs import FakeHub, fake_hub, filled, sha

WEIGHTS = np.random.default_rng(0).bytes(400_000)
TEXT = {"config.json": b"{}", "plan.json": b'{"steps": 3}'}
PICKLES = {"model.bin": b"p" * 2000, "old/model.ckpt": b"p" * 2000, "other.safetensors": b"o" * 2000}
NEEDED = ("config.json", "unet/model.safetensors")
PLAN = Repo("lab/plan", ("plan.json",))
TABLE = {
    "big": HubModel((Repo("lab/big", NEEDED, ("extra*.json",)), PLAN), "MIT", 0.0004, "big", "paints", gated=True),
    "other": HubModel((PLAN,), "MIT", 0.0001, "other", "plans"),
    "gone": HubModel((Repo("lab/gone"),), "MIT", 1.0, "gone", "is not there"),
}
FILES = {
    "lab/big": {"config.json": b"{}", "unet/model.safetensors": WEIGHTS, "extra_map.json": b"[]", **PICKLES},
    "lab/plan": {**TEXT, "weights.safetensors": b"w" * 5000},
}
KILLED = """
import sys, time
from pathlib import Path
from omniedit.services import fetching
from tests.test_fetching import TABLE
fetching.MODELS = TABLE
fetcher = fetching.Fetcher(sys.argv[1], Path(sys.argv[2]))
fetcher.start("big")
while True:
    print(fetcher.row("big").done_bytes, flush=True)
    time.sleep(0.02)
"""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    monkeypatch.setattr(fetching, "MODELS", TABLE)
    monkeypatch.setattr(download, "PAUSE", 0.01)
    with fake_hub({repo: dict(files) for repo, files in FILES.items()}) as made:
        yield made


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def until(found: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What `found` gives when it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.005)
    raise AssertionError("It took too long.")


def fetched(fetcher: Fetcher, key: str = "big") -> ModelRow:
    fetcher.start(key)
    row = fetcher.wait(key, 20)
    assert fetcher.row(key).state in ("done", "failed")
    return row


def failure(fetcher: Fetcher, key: str = "big") -> str:
    """The sentence with which it fails; nothing is here then."""
    row = fetched(fetcher, key)
    assert row.state == "failed" and not row.here and row.where == ""
    assert row.error.endswith(".") and "\n" not in row.error
    return row.error


def stopped_midway(hub: FakeHub, fetcher: Fetcher) -> int:
    """Bytes on the disk after a stop in the middle; the hub is fast again then."""
    hub.pause = 0.2
    fetcher.start("big")
    until(lambda: fetcher.row("big").done_bytes > 50_000)
    fetcher.cancel("big")
    row = fetcher.row("big")
    assert row.state == "idle" and not row.here and 50_000 < row.done_bytes < len(WEIGHTS)
    hub.pause = 0.0
    return row.done_bytes


def test_a_model_is_fetched_and_is_here(hub: FakeHub, cache: Path) -> None:
    fetcher = Fetcher(hub.address, cache)
    before = {row.key: row for row in fetcher.models()}
    assert list(before) == list(TABLE) and not any(row.here or row.where or row.error for row in before.values())
    assert before["big"].state == "idle" and before["big"].total_bytes == 0 and before["big"].gated
    assert before["big"].page == "https://huggingface.co/lab/big"
    row = fetched(fetcher)
    total = len(WEIGHTS) + len(b"{}[]") + len(TEXT["plan.json"])
    assert (row.state, row.here, row.done_bytes, row.total_bytes, row.error) == ("done", True, total, total, "")
    assert (Path(row.where) / "unet" / "model.safetensors").read_bytes() == WEIGHTS
    assert (Path(row.where) / "extra_map.json").is_file()
    assert fetcher.row("other").here  # which is a part of it
    assert Fetcher(hub.address, cache).row("big").here and Fetcher(hub.address, cache).row("big").state == "idle"


def test_only_what_is_wanted_is_asked_for(hub: FakeHub, cache: Path) -> None:
    fetched(Fetcher(hub.address, cache))
    asked = {(one.repo, one.name) for one in hub.asked}
    assert asked == {("lab/big", name) for name in (*NEEDED, "extra_map.json")} | {("lab/plan", "plan.json")}


def test_what_is_here_is_not_fetched_again(hub: FakeHub, cache: Path) -> None:
    fetched(Fetcher(hub.address, cache))
    hub.asked.clear()
    fetcher = Fetcher(hub.address, cache)
    fetcher.start("big")
    assert fetcher.wait("big").here and not hub.asked


def test_the_size_is_known_first_and_the_progress_grows(hub: FakeHub, cache: Path) -> None:
    hub.pause = 0.005
    fetcher = Fetcher(hub.address, cache)
    fetcher.start("big")
    seen = [fetcher.row("big")]
    while seen[-1].under_way:
        seen.append(fetcher.wait("big", 0.01))
    done = [row.done_bytes for row in seen]
    assert done == sorted(done) and len(set(done)) > 5
    assert {row.total_bytes for row in seen if row.done_bytes} == {seen[-1].total_bytes}
    assert all(not row.here for row in seen[:-1]) and seen[-1].here


def test_a_stop_keeps_what_came_and_the_next_start_asks_for_the_rest(hub: FakeHub, cache: Path) -> None:
    fetcher = Fetcher(hub.address, cache)
    came = stopped_midway(hub, fetcher)
    time.sleep(0.1)
    assert fetcher.row("big").done_bytes == came
    until(lambda: hub.large())  # the first connection is over
    assert fetched(fetcher).here
    first, rest = hub.large()
    assert (first.begin, rest.begin, rest.sent) == (0, came, len(WEIGHTS) - came)


def test_another_process_goes_on_where_one_was_killed(hub: FakeHub, cache: Path) -> None:
    hub.pause = 0.2
    command = [sys.executable, "-c", KILLED, hub.address, str(cache)]
    killed = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."})
    assert killed.stdout is not None
    for line in killed.stdout:
        if int(line) > 50_000:
            killed.send_signal(signal.SIGKILL)
            break
    killed.stdout.close()
    killed.wait()
    hub.pause = 0.0
    fetcher = Fetcher(hub.address, cache)
    assert not any(row.here for row in fetcher.models())
    growing = cache / "models--lab--big" / "blobs" / f"{sha(WEIGHTS)}.incomplete"
    came = growing.stat().st_size
    assert 50_000 < came < len(WEIGHTS) and fetched(fetcher).here
    assert came in [asked.begin for asked in hub.large()] and not growing.exists()


@pytest.mark.parametrize("moment", ["whole", "linked"])
def test_a_kill_before_all_is_linked_leaves_nothing_that_counts(hub: FakeHub, cache: Path, moment: str) -> None:
    """All bytes of the large file are there, in the second case linked too, and the small ones are not."""
    storage, linked = cache / "models--lab--big", moment == "linked"
    filled(storage / "blobs", {sha(WEIGHTS): WEIGHTS})
    if linked:
        filled(storage / "snapshots" / ("c0ffee" * 6 + "cafe"), {"unet/model.safetensors": WEIGHTS})
    fetcher = Fetcher(hub.address, cache)
    assert not fetcher.row("big").here and fetched(fetcher).here and not hub.large()


def test_a_stop_while_nothing_comes_is_heeded_at_once(hub: FakeHub, cache: Path) -> None:
    hub.pause = 3.0
    fetcher = Fetcher(hub.address, cache)
    fetcher.start("big")
    until(lambda: fetcher.row("big").state == "fetching")
    time.sleep(0.1)
    began = time.monotonic()
    fetcher.cancel("big")
    fetcher.wait("big")
    assert time.monotonic() - began < 0.5 and fetcher.row("big").state == "idle"
    hub.pause = 0.0
    assert fetched(fetcher).here  # though the first thread still waits
    until(lambda: len(hub.large()) == 2)


def test_one_model_at_a_time(hub: FakeHub, cache: Path) -> None:
    hub.pause = 0.2
    fetcher = Fetcher(hub.address, cache)
    fetcher.start("big")
    fetcher.start("big")  # is on its way
    with pytest.raises(BadInput, match="big is being fetched; wait until it is done, or stop it, to fetch other"):
        fetcher.start("other")
    fetcher.cancel("big")
    fetcher.cancel("other")  # nothing to stop
    assert fetched(fetcher, "other").here
    with pytest.raises(BadInput, match=r"Unknown model .x.\. Available: big, other, gone"):
        fetcher.start("x")


def test_two_programs_do_not_write_one_file(hub: FakeHub, cache: Path) -> None:
    hub.pause = 0.2
    first, second = Fetcher(hub.address, cache), Fetcher(hub.address, cache)
    first.start("big")
    until(lambda: first.row("big").done_bytes > 0)
    assert "Another program fetches lab/big" in failure(second)
    first.cancel("big")


def test_a_broken_connection_is_taken_up_again(hub: FakeHub, cache: Path) -> None:
    hub.break_after = 100_000
    assert fetched(Fetcher(hub.address, cache)).here
    begins = [one.begin for one in hub.large()]
    assert len(begins) == 4 and begins == sorted(set(begins))


def test_a_connection_that_stays_broken_is_said(hub: FakeHub, cache: Path) -> None:
    hub.break_after = 0
    fetcher = Fetcher(hub.address, cache)
    assert "The connection broke off at 0 MB of 0 MB; fetch it again, and it goes on where it" in failure(fetcher)
    assert len(hub.large()) == download.TRIES
    hub.break_after = None
    assert fetched(fetcher).here


def test_another_address_is_not_shown_the_token(hub: FakeHub, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.elsewhere = True
    fetcher = Fetcher(hub.address, cache)
    came = stopped_midway(hub, fetcher)
    assert fetched(fetcher).here and came in [asked.begin for asked in hub.large()]
    assert not any(one.token for one in hub.large()) and any(one.token for one in hub.asked)


def test_a_hub_that_knows_no_ranges_sends_all_again(hub: FakeHub, cache: Path) -> None:
    fetcher = Fetcher(hub.address, cache)
    stopped_midway(hub, fetcher)
    hub.ranges = False
    row = fetched(fetcher)
    assert row.here and row.done_bytes == row.total_bytes
    assert len(WEIGHTS) in [asked.sent for asked in hub.large()]


def test_what_came_with_errors_is_thrown_away(hub: FakeHub, cache: Path) -> None:
    hub.corrupt = True
    fetcher = Fetcher(hub.address, cache)
    assert "unet/model.safetensors of lab/big came with errors and was thrown away" in failure(fetcher)
    hub.corrupt = False
    assert fetched(fetcher).here and [asked.begin for asked in hub.large()].count(0) == 2


def test_a_licence_that_is_not_accepted_is_said(hub: FakeHub, cache: Path) -> None:
    hub.gated = True
    said = failure(Fetcher(hub.address, cache))
    assert "accept it on https://huggingface.co/lab/big, run `hf auth login`" in said


def test_a_model_that_is_not_on_the_hub(hub: FakeHub, cache: Path) -> None:
    assert "The hub does not show lab/gone" in failure(Fetcher(hub.address, cache), "gone")


def test_a_file_that_the_hub_has_no_more(hub: FakeHub, cache: Path) -> None:
    del hub.files["lab/big"]["unet/model.safetensors"]
    assert "The hub's lab/big has no unet/model.safetensors any more" in failure(Fetcher(hub.address, cache))


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_hub_with_troubles_of_its_own(hub: FakeHub, cache: Path, status: int) -> None:
    hub.status = status
    assert f"The hub answered {status} when asked for lab/big; later, " in failure(Fetcher(hub.address, cache))


def test_no_connection_and_offline_are_said(cache: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    said = failure(Fetcher("http://127.0.0.1:9", cache))
    assert said.startswith("The hub cannot be reached (") and "copy models--lab--big from the cache of" in said
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    said = failure(Fetcher(hub.address, cache))
    assert "since HF_HUB_OFFLINE is set; unset it, or copy models--lab--big" in said and str(cache) in said


def test_a_disk_that_is_too_small_is_said_before_anything_is_fetched(
    hub: FakeHub, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 300_000}))
    said = failure(Fetcher(hub.address, cache))
    assert said.startswith("lab/big needs 0 MB, 0 MB are free on the disk of ") and not hub.asked
    assert (gigabytes(7.04e9), gigabytes(3.1e9), gigabytes(4e5)) == ("7.0 GB", "3.1 GB", "0 MB")
    filled(cache / "models--lab--big" / "blobs", {f"{sha(WEIGHTS)}.incomplete": WEIGHTS[:200_000]})
    assert fetched(Fetcher(hub.address, cache)).here  # the rest has room


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "is full at 0 MB of 0 MB; make room"), (errno.EROFS, "cannot be written to")]
)
def test_a_disk_that_takes_no_more_is_said(
    hub: FakeHub, cache: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def full(job: download.Job, file: IO[bytes], chunk: bytes) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(download.Job, "write", full)
        assert words in failure(Fetcher(hub.address, cache))
    assert fetched(Fetcher(hub.address, cache)).here


def test_the_command_lists_and_fetches(
    hub: FakeHub, cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(fetching, "Fetcher", lambda: Fetcher(hub.address, cache))
    assert main(["models"]) == 0
    said = capsys.readouterr().out
    assert "not here" in said and "https://huggingface.co/lab/big (accept its licence there" in said
    assert main(["models", "fetch", "big"]) == 0
    where = capsys.readouterr().out
    assert where.startswith(f"lab/big is in {cache}")
    assert main(["models", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["here"] for row in rows] == [True, True, False] and rows[0]["where"] in where
    assert main(["models", "fetch", "gone"]) == 2
    assert "does not show lab/gone" in capsys.readouterr().err
    assert main(["models", "fetch", "x"]) == 2


def test_a_stop_of_the_command_says_that_it_goes_on(
    hub: FakeHub, cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.pause = 0.2  # it is far from done when it is stopped, however slow the machine
    fetcher = Fetcher(hub.address, cache)
    monkeypatch.setattr(fetching, "Fetcher", lambda: fetcher)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it

    def interrupt() -> None:
        until(lambda: fetcher.row("big").done_bytes > 50_000)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    try:
        assert main(["models", "fetch", "big"]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == "Stopped at 0 MB of 0 MB; omniedit models fetch big goes on from there.\n"
    assert fetcher.row("big").state == "idle" and not fetcher.row("big").here
