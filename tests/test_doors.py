"""Bad input at each door: one sentence that says what to do, status 2, and nothing left behind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from omniedit.cli import main
from omniedit.settings import assets_dir
from tests.editnets import parquet_pairs
from tests.tiny_runs import tiny_config, with_tokenizer
from training.editnet import main as train
from training.synth.__main__ import main as make_pairs

SIZE = (384, 384)  # of the photograph


def files(folder: Path) -> set[tuple[str, int]]:
    return {(str(path), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Asks for an edit of a photograph in a folder of bad files; gives the sentence with which it is refused."""
    Image.new("RGBA", SIZE, (255, 255, 255, 0)).save(tmp_path / "clear.png")
    Image.new("L", SIZE).save(tmp_path / "black.png")
    Image.new("L", (100, 80), 255).save(tmp_path / "small.png")
    Image.new("RGB", (60, 60), "red").save(tmp_path / "red.png")
    (tmp_path / "damaged.png").write_bytes((tmp_path / "red.png").read_bytes()[:60])
    (tmp_path / "words.png").write_text("no picture at all")
    monkeypatch.chdir(tmp_path)

    def refused(*arguments: str) -> str:
        before = files(tmp_path)
        try:
            status: Any = main(["edit", str(assets_dir() / "photos" / "astronaut.jpg"), *arguments, "-o", "out.png"])
        except SystemExit as error:
            status = error.code
        said = capsys.readouterr()
        assert status == 2 and said.out == "" and said.err.count("\n") == 1 and said.err.endswith(".\n"), said
        assert files(tmp_path) == before
        return said.err

    return refused


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--mask", "clear.png"), "The mask is wholly transparent; paint where"),
        (("--mask", "black.png"), "The mask is empty (all black); paint white where"),
        (("--mask", "small.png"), "The mask is 100 x 80 but the picture is 384 x 384; paint"),
        (("--mask", "damaged.png"), "'damaged.png' is damaged or cut off"),
        (("--mask", "words.png"), "'words.png' is text, not a picture; give PNG"),
        (("--mask", "nowhere.png"), "There is no file 'nowhere.png'; check its name"),
        (("--box", "500,500,600,600"), "The box is 500,500,600,600; give left,top,right,bottom inside the picture"),
        (("--box", "100,100,50,120"), "left before right and top before bottom"),
        (("--box", "100,100,120,100"), "left before right and top before bottom"),
        (("--box", "-5,0,20,20"), "The box is -5,0,20,20; give"),
        (("--box", "1,2,3"), "'1,2,3' is not LEFT,TOP,RIGHT,BOTTOM; give 4 whole numbers"),
        (("--box", "1,2,3,x"), "give 4 whole numbers"),
        (("--click", "1000,10"), "The click is at 1000,10; click inside the picture (0,0 to 383,383)"),
        (("--click", "-3,10"), "The click is at -3,10; click inside"),
        (("--click", "384,0"), "click inside"),
    ],
)
def test_a_place_that_cannot_be(door: Callable[..., str], arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in door("remove it", *arguments)


@pytest.mark.parametrize(
    ("material", "sentence"),
    [
        ("red.png", "has no transparent background: cut the thing out"),
        ("clear.png", "almost wholly transparent: give one that shows the thing"),
        ("damaged.png", "'damaged.png' is damaged or cut off"),
        ("words.png", "'words.png' is text, not a picture; give PNG"),
        ("nowhere.png", "There is no file 'nowhere.png'; check its name"),
        (".", "is a folder; give a picture in it"),
    ],
)
def test_a_picture_that_cannot_be_put_in(door: Callable[..., str], material: str, sentence: str) -> None:
    assert sentence in door("add a dragon", "--with", material)


def test_the_alpha_of_a_mask_is_the_mask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Black paint on nothing, as a drawing program saves it."""
    mask = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    mask.paste((0, 0, 0, 255), (100, 120, 140, 150))
    mask.save(tmp_path / "mask.png")
    photo, out = assets_dir() / "photos" / "astronaut.jpg", tmp_path / "out.png"
    assert main(["edit", str(photo), "make it red", "--mask", str(tmp_path / "mask.png"), "-o", str(out)]) == 0
    with Image.open(photo) as before, Image.open(out) as after:
        changed = (np.asarray(before.convert("RGB")) != np.asarray(after)).any(-1)
    assert changed[120:150, 100:140].any()
    assert not changed[:, :80].any() and not changed[:100].any() and not changed[:, 160:].any()


@pytest.mark.parametrize(
    ("photos", "sentence"), [("rubbish", "There is no photograph in"), ("nowhere", "There is no folder")]
)
def test_a_folder_of_rubbish_makes_no_pairs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    photos: str,
    sentence: str,
) -> None:
    rubbish, out = tmp_path / "rubbish", tmp_path / "out"
    (rubbish / "inside").mkdir(parents=True)
    (rubbish / "a.jpg").write_text("no picture")
    (rubbish / "notes.txt").write_text("notes")
    Image.new("RGB", (20, 20)).save(rubbish / "inside" / "tiny.png")
    monkeypatch.setattr(sys, "argv", ["training.synth", str(tmp_path / photos), str(out), "--target", "1"])
    assert make_pairs() == 2
    said = capsys.readouterr()
    assert sentence in said.err and said.err.count("\n") == 1 and said.out == ""
    assert not out.exists()


def cut_off(folder: Path) -> None:
    data = (folder / "0.parquet").read_bytes()
    (folder / "0.parquet").write_bytes(data[: len(data) // 2])


def other_columns(folder: Path) -> None:
    pq.write_table(pa.table({"image": [b""], "text": ["a"]}), folder / "0.parquet")


def no_pictures(folder: Path) -> None:
    for file in folder.glob("*.parquet"):
        table = pq.read_table(file)
        nothing = pa.nulls(len(table), table.schema.field("src_img").type)
        pq.write_table(table.set_column(table.schema.get_field_index("src_img"), "src_img", nothing), file)


def nothing_in_it(folder: Path) -> None:
    for file in folder.glob("*.parquet"):
        file.write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (cut_off, "0.parquet is no readable parquet file"),
        (nothing_in_it, "0.parquet is no readable parquet file"),
        (other_columns, "0.parquet lacks the column 'omni_edit_id'; wanted:"),
        (no_pictures, "has no picture in src_img; make or fetch its file again"),
    ],
)
def test_a_shard_that_cannot_be_learned_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[Path], None], sentence: str
) -> None:
    pairs = parquet_pairs(tmp_path / "pairs")
    spoil(pairs)
    settings = {
        "data.source": "parquet",
        "data.path": str(pairs),
        "data.sizes": "[[32, 32]]",
        "data.size_weights": "[1.0]",
        "run.output": str(with_tokenizer(tmp_path / "run")),
    }
    overrides = [word for name, value in settings.items() for word in ("--override", f"{name}={value}")]
    assert train([str(tiny_config(tmp_path)), *overrides]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1
    assert not (tmp_path / "run" / "checkpoint").exists()
