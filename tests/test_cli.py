"""The command line as a person uses it, and every input that it must refuse."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from omniedit import __version__
from omniedit.cli import main
from omniedit.editnet.checkpoint import save_pipeline
from omniedit.folders import MANIFEST
from tests.editnets import tiny_mini, tiny_pipeline


@pytest.fixture
def photo(tmp_path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A photo in a folder of its own, the working folder, with the tiny checkpoint set."""
    monkeypatch.setenv("OMNIEDIT_CHECKPOINT", str(checkpoint))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    path = folder / "photo.png"
    Image.linear_gradient("L").resize((96, 64)).convert("RGB").save(path)
    return path


def pixels(path: str | Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def files() -> dict[Path, int]:
    return {p: p.stat().st_mtime_ns for p in Path().rglob("*") if p.is_file()}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the command says when it refuses: one sentence, status 2, nothing written."""
    before = files()
    try:
        status = main(arguments)
    except SystemExit as error:  # argparse
        status = error.code if isinstance(error.code, int) else 1
    said = capsys.readouterr()
    assert status == 2
    assert said.out == ""
    assert said.err.startswith("omniedit") and said.err.count("\n") == 1 and said.err.endswith(".\n")
    assert "Traceback" not in said.err
    assert files() == before
    return said.err


def test_an_edit(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["edit", "photo.png", "make it night", "-o", "out.png", "--seed", "4"]) == 0
    said = capsys.readouterr()
    assert "out.png" in said.out and "seed 4" in said.out and said.err == ""
    assert pixels("out.png").shape == (64, 96, 3)


def test_variants_and_json(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["edit", "photo.png", "add a cat", "-o", "out.png", "--variants", "3", "--steps", "2", "--json"]
    assert main([*command, "--engine", "editnet-mini"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["output"] == ["out.png", "out-2.png", "out-3.png"]
    assert facts["seeds"] == [0, 1, 2] and facts["steps"] == 2 and facts["engine"] == "editnet-mini"
    assert all(Path(name).exists() for name in facts["output"])


def test_a_plan_says_what_would_be_done_and_writes_nothing(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files()
    command = ["edit", "photo.png", "remove the ball", "--box", "20,20,60,50", "--plan"]
    assert main([*command, "--set", "margin=0", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["understood"]["task"] == "removal" and plan["understood"]["target"] == "the ball"
    assert plan["parameters"]["margin"] == 0 and plan["box"] and 0 < plan["share"] < 1 and not plan["refused"]
    assert main(command) == 0
    assert "--set margin=1" in capsys.readouterr().out
    assert files() == before
    assert "No output is given" in refused(capsys, "edit", "photo.png", "make it night")


def test_a_plan_that_cannot_be_is_refused(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "brush over it or click it" in refused(capsys, "edit", "photo.png", "remove the dog", "--plan")


def test_words_that_ask_for_no_edit_are_refused_politely(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "edit", "photo.png", "hello there", "-o", "out.png")


def test_what_an_instruction_means(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "make her dress emerald green", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["task"], found["target"], found["value"]) == ("attribute", "her dress", "emerald green")
    assert main(["parse", "make it red", "--after", "add a car"]) == 0
    assert "car" in capsys.readouterr().out


def test_the_same_command_gives_the_same_file(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNIEDIT_LOG", "false")  # else each file names its own edit
    for name in ("one.png", "two.png"):
        assert main(["edit", "photo.png", "make it night", "-o", name]) == 0
    assert Path("one.png").read_bytes() == Path("two.png").read_bytes()


def test_a_mask_keeps_the_rest(photo: Path) -> None:
    mask = np.zeros((64, 96), np.uint8)
    mask[10:40, 20:60] = 255
    Image.fromarray(mask).save("mask.png")
    assert main(["edit", "photo.png", "remove it", "-o", "out.png", "--mask", "mask.png"]) == 0
    before, after = pixels("photo.png"), pixels("out.png")
    assert np.array_equal(before[mask == 0], after[mask == 0])


def test_an_existing_file_is_kept_without_force(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("out.png").write_bytes(b"mine")
    assert "--force" in refused(capsys, "edit", "photo.png", "make it night", "-o", "out.png")
    assert Path("out.png").read_bytes() == b"mine"
    assert main(["edit", "photo.png", "make it night", "-o", "out.png", "--force"]) == 0
    assert pixels("out.png").shape == (64, 96, 3)


def _header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


PICTURES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing file": (lambda path: None, "bad.png"),
    "directory": (lambda path: path.mkdir(), "bad.png"),
    "text": (lambda path: path.write_text("hello, I am a picture"), "bad.png"),
    "empty": (lambda path: path.write_bytes(b""), "empty"),
    "random bytes": (lambda path: path.write_bytes(np.random.default_rng(0).bytes(5000)), "bad.png"),
    "truncated": (lambda path: path.write_bytes(Path("photo.png").read_bytes()[:150]), "bad.png"),
    "60000 x 60000": (lambda path: path.write_bytes(_header(60_000, 60_000)), "3,600 megapixels"),
    "1 x 1": (lambda path: Image.new("RGB", (1, 1)).save(path), "1 x 1"),
    "30:1": (lambda path: Image.new("RGB", (1920, 64)).save(path), "1920 x 64"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_that_are_refused(photo: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    make, words = PICTURES[name]
    make(Path("bad.png"))
    assert words in refused(capsys, "edit", "bad.png", "make it night", "-o", "out.png")


@pytest.mark.parametrize(
    ("instruction", "words"),
    [("", "empty"), ("x" * 10_000, "10,000"), ("\U0001f431 \U0001f319", "no words"), ("\x01\x02", "no words")],
)
def test_instructions_that_are_refused(
    photo: Path, capsys: pytest.CaptureFixture[str], instruction: str, words: str
) -> None:
    assert words in refused(capsys, "edit", "photo.png", instruction, "-o", "out.png")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--engine", "dall-e"], "editnet-mini"),
        (["--task", "paint"], "swap, removal"),
        (["--steps", "0"], "1 to 200"),
        (["--seed", "lucky"], "invalid int value: 'lucky'"),
        (["--guidance", "-3"], "0 to 30"),
        (["--variants", "9"], "1 to 4"),
        (["--variants", "100000000"], "1 to 4"),
        (["--after", "\udcff"], "bytes that are not text"),
        (["--mask", "other.png"], "20 x 20 but the picture is 96 x 64"),
        (["--mask", "black.png"], "all black"),
        (["--mask", "nowhere.png"], "nowhere.png"),
        (["--paint"], "unrecognized arguments: --paint"),
        (["--box", "1,2,3"], "'1,2,3' is not LEFT,TOP,RIGHT,BOTTOM"),
        (["--box", "10,10,200,20"], "inside the picture (0,0,96,64)"),
        (["--click", "96,0"], "click inside the picture"),
        (["--click", "here"], "is not X,Y"),
        (["--with", "nowhere.png"], "nowhere.png"),
        (["--set", "amount"], "is not NAME=VALUE"),
        (["--set", "sparkle=1"], "has no parameter 'sparkle'"),
    ],
)
def test_options_that_are_refused(
    photo: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    Image.new("L", (20, 20), 255).save("other.png")
    Image.new("L", (96, 64), 0).save("black.png")
    assert words in refused(capsys, "edit", "photo.png", "make it night", "-o", "out.png", *options)


@pytest.mark.parametrize(
    ("target", "words"), [("nowhere/out.png", "nowhere"), ("out.jpg", ".png"), (".", "ends in .png")]
)
def test_outputs_that_are_refused(photo: Path, capsys: pytest.CaptureFixture[str], target: str, words: str) -> None:
    for more in ((), ("--variants", "2")):
        assert words in refused(capsys, "edit", "photo.png", "make it night", "-o", target, *more)


def test_what_was_said_before_must_be_words(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "bytes that are not text" in refused(capsys, "parse", "make it red", "--after", "\udcff\udcfe")


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="needs the right to mount a tmpfs")
def test_a_full_disk_leaves_no_half_written_file(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("full").mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", "full"], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this machine does not allow a tmpfs")
    try:
        Path("full/filler").write_bytes(bytes(60 * 1024))
        assert "no space" in refused(capsys, "edit", "photo.png", "make it night", "-o", "full/out.png")
    finally:
        subprocess.run(["umount", "full"], check=True)


def test_checkpoints_that_are_refused(
    photo: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("edit", "photo.png", "make it night", "-o", "out.png", "--engine", "editnet-mini")
    monkeypatch.setenv("OMNIEDIT_CHECKPOINT", str(photo.parent / "gone"))
    assert "gone" in refused(capsys, *command)
    copy = photo.parent / "copy"
    shutil.copytree(checkpoint, copy)
    monkeypatch.setenv("OMNIEDIT_CHECKPOINT", str(copy))
    weights = copy / "transformer" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert "damaged" in refused(capsys, *command)
    (copy / MANIFEST).write_text("[]")
    assert "not finished" in refused(capsys, *command)
    assert main(["engines"]) == 0 and "not here" in capsys.readouterr().out
    (copy / MANIFEST).unlink()
    assert "not finished" in refused(capsys, *command)
    other = tiny_pipeline()
    other.register_modules(transformer=tiny_mini(joint_attention_dim=48))
    save_pipeline(other, photo.parent / "other", {})
    capsys.readouterr()
    monkeypatch.setenv("OMNIEDIT_CHECKPOINT", str(photo.parent / "other"))
    assert "does not fit" in refused(capsys, *command)


def test_the_engines_are_listed(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engines"]) == 0
    assert "ready" in capsys.readouterr().out
    assert main(["engines", "--json"]) == 0
    names = [row["name"] for row in json.loads(capsys.readouterr().out)]
    assert names == ["auto", "specialists", "diffusion", "editnet-mini"]


def test_the_world_is_written(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["world", "pairs", "--n", "8"]) == 0
    rows = [json.loads(line) for line in Path("pairs/pairs.jsonl").read_text().splitlines()]
    assert [r["task"] for r in rows][:7] == sorted({r["task"] for r in rows}, key=[r["task"] for r in rows].index)
    for row in rows:
        assert pixels(f"pairs/{row['source']}").shape == pixels(f"pairs/{row['edited']}").shape
        assert row["instruction"]
    assert pixels("pairs/sheet.png").shape[1] > 1000
    capsys.readouterr()
    assert "holds something already" in refused(capsys, "world", "pairs")
    assert "--seed is -1" in refused(capsys, "world", "more", "--seed", "-1")
    assert "1 to 100000" in refused(capsys, "world", "more", "--n", "0")


def test_the_bench_writes_its_figures_and_is_the_same_again(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for name in ("one", "two"):
        assert main(["bench", "-o", name, "--limit", "14"]) == 0
        facts = json.loads(Path(name, "bench.json").read_text())
        found.append((facts["overall"], facts["tasks"]))
        assert facts["overall"]["n"] == 14 and {t["n"] for t in facts["tasks"].values()} == {2}
        assert len(facts["tasks"]) == 7
        assert {"engine", "checkpoint", "seed", "commit", "seconds_per_edit"} <= facts.keys()
        assert "overall" in capsys.readouterr().out
        assert Path(name, "bench.html").read_text().count("<figure") == 14
        with Image.open(Path(name, "failures.png")) as failures:
            assert failures.width > 3 * 3 * 128
    assert found[0] == found[1]
    assert "1 to 434" in refused(capsys, "bench", "-o", "three", "--limit", "0")
    assert "--seed is -1" in refused(capsys, "bench", "-o", "three", "--seed", "-1")
    assert "--force" in refused(capsys, "bench", "-o", "two")
    Path("mine").mkdir()
    Path("mine/diary.txt").write_text("x")
    assert "so it stays" in refused(capsys, "bench", "-o", "mine", "--force")


def test_version_and_help_without_heavy_imports() -> None:
    script = (
        "import sys; from omniedit.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: assert not {'torch', 'numpy', 'PIL', 'gradio'} & set(sys.modules)\n"
    )
    for option, words in (("--version", __version__), ("--help", "edit"), ("edit --help", "--mask")):
        command = [sys.executable, "-c", script, *option.split()]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        assert found.returncode == 0 and words in found.stdout, found.stderr


def test_nothing_but_the_result_goes_to_a_pipe(photo: Path) -> None:
    command = [sys.executable, "-m", "omniedit.cli", "edit", "photo.png", "make it night", "-o", "out.png", "--json"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(found.stdout)["output"] == ["out.png"]
    assert "step" not in found.stderr


def test_an_output_that_takes_nothing_is_one_sentence() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "omniedit.cli", "parse", "make it night"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, "omniedit: What it says cannot be written: no space left on device.\n")


def test_a_terminal_that_knows_fewer_letters_gets_their_codes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "omniedit.cli", "parse", "remove the über car"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "\\xfcber car" in done.stdout and done.stderr == ""
