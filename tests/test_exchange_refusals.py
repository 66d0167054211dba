"""An archive that was tampered with is one sentence, about what is wrong in it, and leaves nothing behind."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from omniedit.errors import BadInput
from omniedit.images import Limits
from omniedit.services import exchange
from omniedit.services.exchange import bring, export
from omniedit.services.log import By, EditLog
from omniedit.store.schema import Review, Score
from tests.logs import edited, opened, small_photo

FORMS = ["edits", "edits.parquet"]
AT = datetime(2026, 11, 1, tzinfo=UTC)

Change = tuple[str, Any]  # where in the JSON, and what is to stand there


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an edit as export writes it in both forms, with a score and a review."""
    folder = tmp_path_factory.mktemp("archive")
    service, log = opened(folder / "home")
    number = log.history.one(None, edited(service, by=By("ann", consent=True)).edit or "").number
    made = {"edit": number, "judge": "program", "rubric": "1", "status": "done", "reply": "{}", "at": AT}
    with log.database.writing() as session:
        session.add(Score(**made, success=9.5, restraint=10.0, quality=9.2))
        session.add(Review(edit=number, who="cy", decision="approved", sc=1.0, pq=0.5, at=AT))
    for form in FORMS:
        export(log, folder / form)
    log.close()
    return folder


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EditLog]:
    """A log that stays empty, since nothing of these archives comes in."""
    log = opened(tmp_path_factory.mktemp("other"))[1]
    yield log
    assert log.history.count() == 0
    log.close()


def facts_of(archive: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((archive / FORMS[0] / "edits.jsonl").read_text())
    return facts


def changed(facts: dict[str, Any], *changes: Change) -> dict[str, Any]:
    for where, value in changes:
        *way, last = (int(step) if step.isdigit() else step for step in where.split("."))
        here: Any = facts
        for step in way:
            here = here[step]
        here[last] = value
    return facts


def written(archive: Path, folder: Path, form: str, facts: dict[str, Any]) -> Path:
    """A copy of the archive with another edit in it."""
    if form == FORMS[0]:
        shutil.copytree(archive / form, folder / form)
        (folder / form / "edits.jsonl").write_text(json.dumps(facts) + "\n")
        return folder / form
    return rewritten(archive, folder, lambda row: {**row, "omniedit": json.dumps(facts)})


def rewritten(archive: Path, folder: Path, change: Callable[[dict[str, Any]], dict[str, Any]], **how: Any) -> Path:
    """A copy of the parquet file with its row changed."""
    table = pq.read_table(archive / FORMS[1])
    rows = [change(row) for row in table.to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, schema=how.pop("schema", table.schema)), folder / FORMS[1], **how)
    return folder / FORMS[1]


def deep(levels: int) -> Any:
    return [] if levels == 1 else [deep(levels - 1)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ([("edit.seeds.0", 2**70)], "edit.seeds.0 is 1180591620717411303424; a whole number of 64 bits is allowed"),
        ([("edit.seeds.0", -(2**63) - 1)], "a whole number of 64 bits is allowed"),
        ([("edit.seeds.0", {})], "cannot be read: edit.seeds.0 is {}"),
        ([("edit.results", []), ("edit.seeds", [])], "is done and has 0 results"),
        ([("edit.seeds", [0] * 5)], "has 1 results, 5 seeds; one seed for each of at most 4"),
        ([("edit.began", "2026-11-01T00:00:00")], "edit.began is 2026-11-01 00:00:00; a moment with its time zone"),
        ([("edit.ended", "9999-12-31T23:59:59-14:00")], "from 1970 to 2999"),
        ([("edit.seconds", float("inf"))], "edit.seconds is inf; a finite number is allowed"),
        ([("edit.seconds", "long")], "cannot be read: edit.seconds is 'long'"),
        ([("edit.instruction", "x" * 1001)], "has an instruction of 1,001 characters; at most 1,000 are allowed"),
        ([("edit.parent", "../x")], "goes on from '../x', which is the id of no edit"),
        ([("edit.source", "x\0")], "names the picture 'x.x00', which is no sha256"),
        *(
            ([(f"edit.{name}", "x" * 121)], f"edit.{name} is 'x+...; at most 120 characters are allowed, it has 121")
            for name in ("title", "owner", "engine", "checkpoint")
        ),
        ([("edit.task", "x" * 21)], "at most 20 characters are allowed"),
        ([("edit.title", "a\0b")], r"edit.title is 'a\\x00b'; text \(UTF-8\) without zero bytes"),
        ([("edit.title", "a\ud800")], r"edit.title is 'a\\ud800'; text \(UTF-8\)"),
        ([("edit.notes", ["\ud800"])], "edit.notes is .*; text and finite numbers, at most 50 deep, are allowed"),
        ([("edit.asked.more", deep(50))], "edit.asked is .*; text and finite numbers, at most 50 deep"),
        ([("edit.asked.more", float("nan"))], "edit.asked is .*; text and finite numbers"),
        ([("edit.asked.seed", "many")], "cannot be made again: The recipe has seed = 'many'"),
        ([("edit.made.sampling", {"x": 1})], "made.sampling.steps: field required; make it again"),
        ([("edit.made.with", "all")], "made.with: input should be a valid"),
        ([("edit.made", [])], "cannot be read: edit.made"),
        ([("scores.0.place", 2**70)], "scores.0.place is .*; a whole number of 32 bits is allowed"),
        ([("scores.0.at", "0001-01-01T00:00:00+14:00")], "scores.0.at is .*; a moment with its time zone"),
        ([("scores.0.at", None)], "cannot be read: scores.0.at is None"),
        ([("scores.0.judge", {})], "cannot be read: scores.0.judge is {}"),
        ([("scores.0.judge", "x" * 121)], "at most 120 characters are allowed"),
        ([("scores.0.success", "lots")], "cannot be read: scores.0.success is 'lots'"),
        ([("scores.0.success", -1)], "cannot be read: scores.0.success is -1"),
        ([("scores.0.success", float("nan"))], "cannot be read: scores.0.success is nan"),
        ([("scores.0.success", None)], "scores.0 is done without all three numbers"),
        ([("scores.0.status", "odd")], "cannot be read: scores.0.status is 'odd'"),
        ([("scores.0", {"at": "2026-11-01T00:00:00Z"})], r"scores.0.place is missing \(field required\)"),
        ([("reviews.0.who", 3)], "cannot be read: reviews.0.who is 3"),
        ([("reviews.0.sc", 7)], "cannot be read: reviews.0.sc is 7"),
        ([("reviews.0.decision", "x" * 13)], "at most 12 characters are allowed"),
        ([("reviews", {"a": 1})], "cannot be read: reviews is"),
    ],
)
def test_a_value_that_no_log_could_hold_is_one_sentence_that_names_the_edit(
    tmp_path: Path, archive: Path, other: EditLog, form: str, changes: list[Change], sentence: str
) -> None:
    facts = facts_of(archive)
    name = facts["edit"]["id"]
    with pytest.raises(BadInput, match=f"^The edit {name} (in the file|cannot be shown).*{sentence}") as caught:
        bring(other, written(archive, tmp_path, form, changed(facts, *changes)))
    said = str(caught.value)
    assert len(said) < 400 and "\n" not in said and "database" not in said
    assert other.history.count() == 0


@pytest.mark.parametrize("line", ["7" * 5000, "[" * 100_000, '{"edit": "\\u00', "null", "[]", '{"edit": 3}'])
def test_what_is_no_edit_at_all_is_one_sentence(tmp_path: Path, archive: Path, other: EditLog, line: str) -> None:
    folder = written(archive, tmp_path, FORMS[0], {})
    (folder / "edits.jsonl").write_text(line)
    with pytest.raises(BadInput, match=r"^An edit in the file (is no JSON|cannot be read: )"):
        bring(other, folder)


def without_end(photo: Image.Image) -> bytes:
    """A PNG whose header is good and whose pixels are not all there."""
    data = png(photo)
    return data[: len(data) // 2]


def png(photo: Image.Image) -> bytes:
    photo.save(buffer := BytesIO(), "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (without_end, "its pixels cannot be read"),
        (lambda photo: png(photo).replace(b"IDAT", b"IDXT", 1), "its pixels cannot be read"),
        (lambda photo: png(photo.convert("I;16")), "64 x 48 pixels of the kind I;16, which no edit has"),
        (lambda photo: png(photo.convert("P")), "pixels of the kind P, which no edit has"),
        (lambda photo: png(photo.resize((64, 15))), "64 x 15 pixels of the kind RGB, which no edit has"),
        (lambda photo: png(photo.resize((512, 16))), "512 x 16 pixels of the kind RGB, which no edit has"),
        (lambda photo: png(Image.new("L", (8000, 6251))), "8000 x 6251 pixels of the kind L, which no edit has"),
    ],
)
def test_a_picture_that_could_not_be_shown_is_not_taken_in(
    tmp_path: Path,
    archive: Path,
    other: EditLog,
    form: str,
    make: Callable[[Image.Image], bytes],
    sentence: str,
) -> None:
    facts, data = facts_of(archive), make(small_photo())
    name, old = hashlib.sha256(data).hexdigest(), facts["edit"]["source"]
    file = written(archive, tmp_path, form, changed(facts, ("edit.source", name)))
    if form == FORMS[0]:
        (file / "pictures" / f"{old}.png").rename(file / "pictures" / f"{name}.png")
        (file / "pictures" / f"{name}.png").write_bytes(data)
    else:
        cell = {"bytes": data, "path": f"{name}.png"}
        file = rewritten(archive, tmp_path, lambda row: {**row, "src_img": cell, "omniedit": json.dumps(facts)})
    with pytest.raises(BadInput, match=f"The picture {name[:12]} in the file is no PNG of an edit .*{sentence}"):
        bring(other, file)
    assert other.pictures.path(name) is None


def test_a_column_of_another_kind_is_refused_before_a_row_is_read(
    tmp_path: Path, archive: Path, other: EditLog
) -> None:
    here = pq.read_schema(archive / FORMS[1])
    words = pa.struct([("bytes", pa.string()), ("path", pa.string())])
    cell = {"bytes": "words", "path": "x.png"}
    for name, kind, value in (("src_img", words, cell), ("others", pa.list_(words), [cell]), ("mask_img", words, cell)):
        schema = here.set(here.get_field_index(name), pa.field(name, kind))
        file = rewritten(archive, tmp_path, lambda row, name=name, value=value: {**row, name: value}, schema=schema)
        with pytest.raises(BadInput, match=f"nothing that export wrote: its column '{name}' is not of"):
            bring(other, file)
    file = rewritten(archive, tmp_path, lambda row: row, schema=here.remove(here.get_field_index("others")))
    with pytest.raises(BadInput, match="its column 'others' is not of"):
        bring(other, file)


def test_a_small_parquet_file_that_would_become_a_large_one_is_refused(
    tmp_path: Path, archive: Path, other: EditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    zeros = {"bytes": bytes(2**24), "path": "0.png"}
    large = rewritten(archive, tmp_path, lambda row: {**row, "mask_img": zeros}, compression="zstd")
    assert large.stat().st_size < 100_000
    with monkeypatch.context() as patch:
        patch.setattr(exchange, "LARGEST", 2**23)
        with pytest.raises(BadInput, match=r"'edits.parquet' has 16 MiB and 1 values in a row group; at most 8 MiB"):
            bring(other, large)
    with monkeypatch.context() as patch:
        patch.setattr(exchange, "Limits", partial(Limits, bytes=2**23))
        with pytest.raises(BadInput, match=r"A picture of the edit .* in the file has 16 MiB; at most 8 are taken in"):
            bring(other, large)
    zeros["bytes"] = bytes(2**16)
    for count, sentence in (
        (1000, r"1,000 values in a row group; at most .* 112 values are taken in"),
        (100, "has 102 pictures in the file, at most 7"),
    ):
        file = rewritten(archive, tmp_path, lambda row, count=count: {**row, "others": [zeros] * count})
        assert file.stat().st_size < 200_000
        with pytest.raises(BadInput, match=sentence):
            bring(other, file)


@pytest.mark.parametrize("form", FORMS)
def test_an_edit_that_is_too_long_is_refused_before_it_is_parsed(
    tmp_path: Path, archive: Path, other: EditLog, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(exchange, "LONGEST", 1000)
    file = written(archive, tmp_path, form, changed(facts_of(archive), ("edit.notes", ["x" * 5000])))
    with pytest.raises(BadInput, match=r"^An edit in .* has more than 1,000 characters"):
        bring(other, file)
