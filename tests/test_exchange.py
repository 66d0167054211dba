"""What one installation writes, another takes in without loss, and a trainer reads what it may."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from omniedit.errors import BadInput
from omniedit.services.album import Album, Scope
from omniedit.services.editing import EditingService, Options
from omniedit.services.exchange import bring, export
from omniedit.services.log import By, EditLog
from omniedit.store import parcels
from omniedit.store.schema import Edit, Review, Score
from tests.logs import edited, opened, small_photo
from training.config import DataConfig
from training.parquet import ParquetBatches

FORMS = ["edits", "edits.parquet"]


@pytest.fixture
def full(tmp_path: Path) -> tuple[EditingService, EditLog]:
    """A tree of two edits with scores and a review, one with a mask and two variants, one that failed, one binned."""
    service, log = opened(tmp_path / "one")
    first = edited(service, by=By("ann", consent=True)).edit
    mask = small_photo(3).convert("L").point(lambda level: 255 * (level > 128))
    options = Options(seed=4, variants=2)
    second = service.edit(small_photo(1), "a watercolour", mask, options, "specialists", by=By("ann", first)).edit
    binned = edited(service, "make it night", By("bob", consent=True), 2).edit
    assert first and second and binned
    log.history.change("ann", second, title="The Café", starred=True)
    log.history.change("bob", binned, binned=True)
    with pytest.raises(BadInput):
        edited(service, "turn the unicorn into a zebra")
    at = datetime(2026, 11, 1, tzinfo=UTC)
    with log.database.writing() as session:
        number = log.history.one(None, first).number
        made = {"edit": number, "judge": "program", "rubric": "1", "status": "done", "reply": "{}", "at": at}
        session.add(Score(**made, success=9.5, restraint=10.0, quality=9.2))
        session.add(Review(edit=number, who="cy", decision="approved", sc=1.0, pq=0.5, at=at))
    return service, log


def everything(log: EditLog) -> list[object]:
    """All that the log holds, without what a database numbers by itself."""
    found = []
    for parcel in parcels(log.database):
        facts = parcel.as_json()
        del facts["edit"]["number"]
        found.append((facts, [log.pictures.get(name) for name in parcel.pictures]))
    return found


@pytest.mark.parametrize("form", FORMS)
def test_another_installation_has_the_same_afterwards(
    tmp_path: Path, full: tuple[EditingService, EditLog], form: str
) -> None:
    _, log = full
    assert export(log, tmp_path / form) == f"Wrote 4 edits to {tmp_path / form}."
    _, other = opened(tmp_path / "two")
    assert bring(other, tmp_path / form) == "Took in 4 edits; 0 were here already."
    assert everything(other) == everything(log) and len(everything(log)) == 4
    assert bring(other, tmp_path / form) == "Took in 0 edits; 4 were here already."
    assert everything(other) == everything(log)
    export(other, tmp_path / f"again-{form}")
    if form == FORMS[0]:
        lines = [(tmp_path / name / "edits.jsonl").read_text() for name in (form, f"again-{form}")]
        assert [json.loads(line)["edit"]["id"] for line in lines[0].splitlines()] == [
            json.loads(line)["edit"]["id"] for line in lines[1].splitlines()
        ]


@pytest.mark.parametrize("form", FORMS)
def test_a_consent_that_is_withdrawn_on_either_side_stays_withdrawn(tmp_path: Path, form: str) -> None:
    service, log = opened(tmp_path / "one")
    there, here = (edited(service, by=By("ann", consent=True), seed=seed).edit or "" for seed in range(2))
    export(log, tmp_path / form)
    _, other = opened(tmp_path / "two")
    bring(other, tmp_path / form)
    assert all(other.history.one(None, name).consent for name in (there, here))
    log.history.change("ann", there, consent=False)
    other.history.change("ann", here, consent=False)
    export(log, tmp_path / form, force=True)
    said = "Took in 0 edits; 2 were here already."
    assert bring(other, tmp_path / form) == f"{said} Of these 1 may be used for training no more."
    assert not any(other.history.one(None, name).consent for name in (there, here))
    assert log.history.one(None, here).consent and bring(other, tmp_path / form) == said


def test_what_is_taken_in_stands_where_it_was_made_in_the_history(tmp_path: Path) -> None:
    first, log = opened(tmp_path / "one")
    names = [edited(first, seed=0).edit]
    second, other = opened(tmp_path / "two")
    names.append(edited(second, seed=1).edit)
    names.append(edited(first, seed=2).edit)
    export(log, tmp_path / "edits")
    bring(other, tmp_path / "edits")
    names.append(edited(second, seed=3).edit)
    assert [entry.id for entry in other.history.page(None)] == names[::-1]
    assert [entry.number for entry in other.history.page(None)] == [4, 3, 1, 2]


def test_a_trainer_reads_what_is_consented_and_judged_good_alone(
    tmp_path: Path, full: tuple[EditingService, EditLog]
) -> None:
    _, log = full
    export(log, tmp_path / "edits.parquet")
    rows = pq.read_table(tmp_path / "edits.parquet").to_pylist()
    assert [row["weight"] for row in rows] == [1.0, 0.0, 0.0, 0.0]
    assert rows[0]["o_score"] == pytest.approx((9.5 * 9.2) ** 0.5)
    pairs = ParquetBatches(DataConfig("parquet", str(tmp_path), sizes=((64, 48),)), 1, 0)
    assert len(pairs.rows) == 1
    batch = pairs.batch(0, 0, 1)
    assert batch.instructions == ("make it sepia",) and float(batch.weight) == 1.0
    export(log, tmp_path / "consented.parquet", consented=True)
    (row,) = pq.read_table(tmp_path / "consented.parquet").to_pylist()  # nor what is in the bin
    assert row["omni_edit_id"] == rows[0]["omni_edit_id"]
    assert not any(name in row["omniedit"] for name in ('"ann"', '"cy"', "Café")), "nobody's name goes along"


def test_an_edit_whose_pictures_are_damaged_is_left_out_and_an_import_mends_it(
    tmp_path: Path, full: tuple[EditingService, EditLog]
) -> None:
    _, log = full
    export(log, tmp_path / "whole")
    whole = everything(log)
    entry = log.history.page("ann")[0]
    path = log.pictures.path(entry.results[0])
    assert path is not None
    path.write_bytes(b"damaged")
    for form in FORMS:
        said = f"Wrote 3 edits to {tmp_path / form}. Left out 1 whose pictures are missing or damaged"
        assert export(log, tmp_path / form).startswith(said)
    assert bring(log, tmp_path / "whole") == "Took in 0 edits; 4 were here already."
    assert everything(log) == whole


def test_running_edits_are_not_exported(tmp_path: Path) -> None:
    service, log = opened(tmp_path / "one")
    edited(service)
    with log.database.writing() as session:
        session.query(Edit).update({"status": "running"})
    assert export(log, tmp_path / "edits") == f"Wrote 0 edits to {tmp_path / 'edits'}."
    export(log, tmp_path / "edits.parquet")
    assert bring(log, tmp_path / "edits.parquet").startswith("Took in 0 edits")


def test_an_export_replaces_only_an_export_and_only_when_told(
    tmp_path: Path, full: tuple[EditingService, EditLog]
) -> None:
    _, log = full
    for form in FORMS:
        export(log, tmp_path / form)
        before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()}
        with pytest.raises(BadInput, match="--force"):
            export(log, tmp_path / form)
        assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()} == before
        export(log, tmp_path / form, force=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "novel.txt").write_text("chapter one")
    with pytest.raises(BadInput, match="was not written by this command"):
        export(log, tmp_path / "mine", force=True)


def spoil(folder: Path, change: str) -> None:
    """Make an exported folder a bad one."""
    lines = folder / "edits.jsonl"
    facts = json.loads(lines.read_text().splitlines()[0])
    picture = folder / "pictures" / f"{facts['edit']['source']}.png"
    if change == "no json":
        lines.write_text("{")
    elif change == "deep":
        lines.write_text("[" * 100_000)
    elif change == "picture gone":
        picture.unlink()
    elif change == "other picture":
        other = next(path for path in (folder / "pictures").iterdir() if path != picture)
        picture.write_bytes(other.read_bytes())
    elif change == "no picture":
        picture.write_bytes(b"no picture")
    elif change in ("edits.jsonl", "pictures"):
        (folder / change).rename(folder.parent / "elsewhere")
        (folder / change).symlink_to(folder.parent / "elsewhere")
    elif change == "link":
        (folder / "secret.png").write_bytes(picture.read_bytes())
        picture.unlink()
        picture.symlink_to(folder / "secret.png")
    else:
        facts["edit"] |= json.loads(change)
        lines.write_text(json.dumps(facts))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("no json", "is no JSON"),
        ("deep", "is no JSON"),
        ("picture gone", "is missing in"),
        ("link", "no plain file"),
        ("edits.jsonl", "'edits.jsonl' in .* is a link, which export does not write"),
        ("pictures", "'pictures' in .* is a link, which export does not write"),
        ("other picture", "is another one"),
        ("no picture", "is no PNG"),
        ('{"source": "../../etc/passwd"}', "names the picture '../../etc/passwd'"),
        ('{"id": "../x"}', "has the id '../x', which no log gives"),
        ('{"status": "running"}', "must have ended"),
        ('{"status": "odd"}', "must have ended"),
        ('{"began": "yesterday"}', "cannot be read: edit.began"),
        ('{"seeds": []}', "1 results, 0 seeds"),
        ('{"instruction": null}', "cannot be read: edit.instruction"),
    ],
)
def test_what_cannot_be_taken_in_is_one_sentence_and_no_edit_of_it_stays(
    tmp_path: Path, full: tuple[EditingService, EditLog], change: str, sentence: str
) -> None:
    export(full[1], tmp_path / "edits")
    spoil(tmp_path / "edits", change)
    _, other = opened(tmp_path / "two")
    with pytest.raises(BadInput, match=sentence):
        bring(other, tmp_path / "edits")
    assert other.history.count() == 0


def test_files_that_export_did_not_write_are_refused(tmp_path: Path) -> None:
    _, log = opened(tmp_path / "one")
    (tmp_path / "text.parquet").write_text("no parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    pq.write_table(pa.table({"omniedit": [1]}), tmp_path / "numbers.parquet")
    (tmp_path / "empty").mkdir()
    for name, sentence in (
        ("text.parquet", "is damaged or nothing that export wrote"),
        ("other.parquet", "has no column 'omniedit'"),
        ("numbers.parquet", "is damaged or nothing that export wrote"),
        ("empty", "is nothing that export wrote"),
        ("gone", "is nothing that export wrote"),
    ):
        with pytest.raises(BadInput, match=sentence):
            bring(log, tmp_path / name)


def test_what_strangers_made_is_not_trained_on(tmp_path: Path, full: tuple[EditingService, EditLog]) -> None:
    _, log = full
    with log.database.writing() as session:
        session.query(Edit).filter(Edit.owner == "ann").update({"owner": "page:0123"})  # as rows of old may have it
    export(log, tmp_path / "edits.parquet")
    assert [row["weight"] for row in pq.read_table(tmp_path / "edits.parquet").to_pylist()] == [0.0] * 4
    assert export(log, tmp_path / "consented.parquet", consented=True).startswith("Wrote 0 edits")
    _, other = opened(tmp_path / "two")
    bring(other, tmp_path / "edits.parquet")
    assert {entry.consent for entry in other.history.page("page:0123")} == {False}


@pytest.mark.parametrize("form", FORMS)
def test_an_old_backup_brings_no_consent_for_what_was_deleted_since(tmp_path: Path, form: str) -> None:
    service, log = opened(tmp_path / "one")
    gone, here = (edited(service, by=By("ann", consent=True), seed=seed).edit or "" for seed in range(2))
    export(log, tmp_path / form)
    log.history.change("ann", gone, binned=True)
    assert Album(log).clear("ann", Scope.BIN) == 1
    said = "Took in 1 edits; 1 were here already. 1 had been deleted here for good, and may not be used for training."
    assert bring(log, tmp_path / form) == said
    assert not log.history.one("ann", gone).consent and log.history.one("ann", here).consent
