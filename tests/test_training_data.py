"""What a run is fed from parquet files: public shards, our own with weights and masks, both beside the world."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from omniedit.errors import BadInput
from tests.tiny_runs import tiny_config, with_tokenizer
from training import parquet as parquet_module
from training.batches import Batch
from training.beginning import begin
from training.config import DataConfig, OptimConfig, load_config
from training.data import make_batches
from training.editnet import train
from training.parquet import ParquetBatches
from training.trainee import Trainee

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
PUBLIC = pa.schema(
    [(name, pa.string()) for name in ("omni_edit_id", "task")]
    + [("src_img", IMAGE), ("edited_img", IMAGE), ("edited_prompt_list", pa.list_(pa.string()))]
    + [("width", pa.int64()), ("height", pa.int64()), ("sc_score_1", pa.int64()), ("sc_score_2", pa.int64())]
    + [
        ("sc_reasoning", pa.string()),
        ("pq_score", pa.int64()),
        ("pq_reasoning", pa.string()),
        ("o_score", pa.float64()),
    ]
)
OURS = pa.schema([*PUBLIC, ("mask_img", IMAGE), ("weight", pa.float64())])


def picture(shade: int, box: tuple[int, int, int, int] | None = None, mode: str = "RGB") -> dict[str, Any]:
    image = Image.new(mode, (64, 64), (shade,) * 3 if mode == "RGB" else shade)
    if box is not None:
        image.paste((255, 0, 0) if mode == "RGB" else 255, box)
    data = io.BytesIO()
    image.save(data, "PNG")
    return {"bytes": data.getvalue(), "path": None}


def row(number: int, **changes: Any) -> dict[str, Any]:
    """A pair in which a red square appears."""
    facts: dict[str, Any] = {
        "omni_edit_id": f"pair-{number}",
        "task": "addition",
        "src_img": picture(90 + number),
        "edited_img": picture(90 + number, (16, 16, 40, 40)),
        "edited_prompt_list": ["add a red square"],
        "width": 64,
        "height": 64,
        "sc_score_1": 10,
        "sc_score_2": 9,
        "sc_reasoning": "done",
        "pq_score": 9,
        "pq_reasoning": "clean",
        "o_score": 9.2,
    }
    return facts | changes


def shard(folder: Path, rows: list[dict[str, Any]], schema: pa.Schema = PUBLIC, name: str = "0") -> Path:
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{name}.parquet", row_group_size=3)
    return folder


def first(folder: Path, size: int = 4, **settings: Any) -> Batch:
    given: dict[str, Any] = {"source": "parquet", "path": str(folder), "sizes": ((64, 64),)}
    return make_batches(DataConfig(**given | settings), size, 0).batch(0, 0, 1)


def test_a_public_shard_reads_as_it_is(tmp_path: Path) -> None:
    batch = first(shard(tmp_path / "pairs", [row(i) for i in range(4)]))
    assert batch.weight.tolist() == [1.0] * 4 and set(batch.instructions) == {"add a red square"}
    assert not batch.hint.any(), "nobody painted a mask"
    assert batch.change[:, 20:36, 20:36].all() and not batch.change[:, 50:].any()


def test_weights_and_masks_of_our_shards_are_used(tmp_path: Path) -> None:
    mask = picture(0, (14, 14, 44, 44), "L")
    rows = [row(i, weight=0.25 * i, mask_img=mask) for i in range(5)]
    batch = first(shard(tmp_path / "pairs", rows, OURS))
    assert sorted(batch.weight.tolist()) == [0.25, 0.5, 0.75, 1.0], "a pair of weight 0 is no pair"
    assert batch.hint[:, 20:36, 20:36].all() and not batch.hint.all(), "painted around the mask"
    assert batch.change[:, 20:36, 20:36].all() and not batch.change[:, 50:].any()


def test_a_background_is_painted_close_to_its_subject(tmp_path: Path) -> None:
    behind = Image.new("L", (64, 64), 255)
    behind.paste(0, (24, 24, 40, 40))
    data = io.BytesIO()
    behind.save(data, "PNG")
    mask = {"bytes": data.getvalue(), "path": None}
    rows = [row(i, task="background", weight=1.0, mask_img=mask) for i in range(16)]
    hint = first(shard(tmp_path / "pairs", rows, OURS), 16).hint
    assert not hint[:, 29:35, 29:35].any(), "its middle is never painted over"


def test_a_mask_that_is_cut_away_with_the_sides_is_no_hint(tmp_path: Path) -> None:
    wide = Image.new("L", (224, 128))
    wide.paste(255, (0, 40, 20, 80))
    data = io.BytesIO()
    wide.save(data, "PNG")
    mask = {"bytes": data.getvalue(), "path": None}
    rows = [row(i, width=224, height=128, weight=1.0, mask_img=mask) for i in range(8)]
    assert not first(shard(tmp_path / "pairs", rows, OURS), 8).hint.any()


def test_instructions_without_a_word_are_passed_over(tmp_path: Path) -> None:
    rows = [row(i, edited_prompt_list=[None, " ", "add a red square"]) for i in range(4)]
    rows.append(row(9, edited_prompt_list=[None, ""]))
    batch = first(shard(tmp_path / "pairs", rows), 4)
    assert set(batch.instructions) == {"add a red square"} and "0.parquet#pair-9" not in batch.names


def test_a_row_group_is_read_once_an_epoch_however_many_ratios_there_are(tmp_path: Path) -> None:
    sizes = tuple((16 * w, 64) for w in (2, 3, 4, 5, 6, 8))
    rows = [row(i, width=sizes[i % 6][0], height=64) for i in range(96)]
    config = DataConfig(source="parquet", path=str(shard(tmp_path / "pairs", rows)), sizes=sizes)
    batches = ParquetBatches(config, 4, 0)
    with patch.object(parquet_module, "_read", side_effect=parquet_module._read) as read:
        for step in range(batches.per_epoch):
            batches.batch(step, 0, 1)
    assert len(batches.groups) == 32 and read.call_count <= 40


def test_an_edit_of_the_whole_picture_has_no_mask_to_paint(tmp_path: Path) -> None:
    everywhere = picture(255, mode="L")
    rows = [row(i, weight=1.0, mask_img=everywhere if i % 2 else None) for i in range(4)]
    assert not first(shard(tmp_path / "pairs", rows, OURS)).hint.any()


@pytest.mark.parametrize(
    "changes",
    [{"edited_prompt_list": []}, {"edited_prompt_list": None}, {"width": None}, {"height": 0}, {"o_score": None}],
)
def test_a_row_without_what_it_takes_is_left_out(tmp_path: Path, changes: Mapping[str, Any]) -> None:
    folder = shard(tmp_path / "pairs", [row(0, **changes), *(row(i) for i in range(1, 5))])
    assert "0.parquet#pair-0" not in first(folder).names


def broken(folder: Path) -> None:
    file = folder / "0.parquet"
    data = bytearray(file.read_bytes())
    data[200:600] = b"\xff" * 400
    file.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("rows", "spoil", "sentence"),
    [
        ([row(0)], lambda f: (f / "0.parquet").write_bytes(b"PAR1 no more"), "no readable parquet file"),
        ([row(0, src_img={"bytes": None, "path": "x.png"})], None, "pair-0 has no picture in src_img"),
        ([row(0, edited_img=None)], None, "pair-0 has no picture in edited_img"),
        ([row(0, src_img={"bytes": b"rubbish", "path": None})], None, "pair-0 cannot be used"),
        ([row(0)], lambda f: (f / "0.parquet").unlink(), "There are no .parquet files"),
        ([row(0)], broken, "no readable parquet file"),
        ([row(0, o_score=3.0)], None, "0 pairs with o_score >= 9"),
    ],
)
def test_a_shard_that_cannot_be_used_is_one_sentence(tmp_path: Path, rows: Any, spoil: Any, sentence: str) -> None:
    folder = shard(tmp_path / "pairs", rows)
    if spoil is not None:
        spoil(folder)
    with pytest.raises(BadInput, match=sentence):
        first(folder, 1)


def test_a_table_of_other_columns_is_named(tmp_path: Path) -> None:
    (tmp_path / "pairs").mkdir()
    pq.write_table(pa.table({"image": [b""], "text": ["a"]}), tmp_path / "pairs" / "other.parquet")
    with pytest.raises(BadInput, match=r"other.parquet lacks the column 'omni_edit_id'"):
        first(tmp_path / "pairs", 1)


def test_files_and_world_take_turns_and_no_row_is_skipped(tmp_path: Path) -> None:
    folder = shard(tmp_path / "pairs", [row(i) for i in range(8)])
    config = DataConfig(source="mixed", path=str(folder), parquet_share=0.25, sizes=((64, 64),))
    names = [make_batches(config, 2, 0).batch(step, 0, 1).names for step in range(16)]
    from_files = [batch for batch in names if "parquet" in batch[0]]
    assert [step for step, batch in enumerate(names) if "parquet" in batch[0]] == [3, 7, 11, 15]
    assert len({name for batch in from_files for name in batch}) == 8


def test_a_network_learns_from_both_in_one_run(tmp_path: Path) -> None:
    folder = shard(tmp_path / "pairs", [row(i) for i in range(8)])
    sizes = ["data.sizes=[[64, 64]]", "data.size_weights=[1.0]"]
    mixed = ["data.source=mixed", f"data.path={folder}", "data.parquet_share=0.5"]
    train(load_config(tiny_config(tmp_path), [*sizes, *mixed, f"run.output={with_tokenizer(tmp_path / 'run')}"]))
    assert (tmp_path / "run" / "checkpoint" / "model_index.json").exists()


def test_what_counts_less_moves_the_loss_less(tmp_path: Path) -> None:
    pipeline, _ = begin(load_config(tiny_config(tmp_path)).model, 0, with_tokenizer(tmp_path))
    trainee = Trainee(pipeline, OptimConfig(), DataConfig())
    losses = []
    for weight in (1.0, 0.5):
        rows = [row(i, weight=weight) for i in range(2)]
        batch = first(shard(tmp_path / f"pairs-{weight}", rows, OURS), 2)
        losses.append(float(trainee(batch, torch.Generator().manual_seed(0))[1]["flow"]))
    assert np.isclose(losses[1], 0.5 * losses[0], rtol=1e-4)


def test_instructions_that_are_no_lists_are_named(tmp_path: Path) -> None:
    schema = pa.schema([f.with_type(pa.string()) if f.name == "edited_prompt_list" else f for f in PUBLIC])
    folder = shard(tmp_path / "pairs", [row(0, edited_prompt_list="add a cat")], schema)
    with pytest.raises(BadInput, match=r"'edited_prompt_list' of .* holds string; it must hold lists of strings"):
        first(folder, 1)


def test_a_score_in_words_is_named(tmp_path: Path) -> None:
    schema = pa.schema([field.with_type(pa.string()) if field.name == "o_score" else field for field in PUBLIC])
    folder = shard(tmp_path / "pairs", [row(0, o_score="very good")], schema)
    with pytest.raises(BadInput, match=r"'o_score' of 0\.parquet holds string; it must hold numbers"):
        first(folder, 1)
