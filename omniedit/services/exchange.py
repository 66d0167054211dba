"""Edits out of this installation and into another: as a folder, or as parquet with OmniEdit's public columns.

Both hold all that the log holds of edits that have ended; of those that are given away for training, not who made them.
In parquet an edit is a row that a trainer can read: without consent, or without a score, its weight is 0 or missing,
and training leaves it out.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from omniedit.errors import BadInput, OmniEditError, file_name, refusals
from omniedit.folders import check_folder, put_folder
from omniedit.images import Limits
from omniedit.services.log import EditLog
from omniedit.store import Entry, Kept, Parcel, Pictures, parcels, receive
from omniedit.types import Score

__all__ = ["bring", "export"]

EDITS, PICTURES = "edits.jsonl", "pictures"
SUFFIX = ".parquet"
OURS = "omniedit"  # the column with all that the log holds of an edit
ROWS, HELD = 16, 2**28  # rows and bytes of pictures in a row group, at most
LONGEST = 4_000_000  # characters of one edit in a file


def export(log: EditLog, target: Path, consented: bool = False, force: bool = False) -> str:
    """Write all edits that have ended, or those alone that may be used for training; a sentence about it.

    Raises BadInput where `target` exists and is not to be replaced, OmniEditError where a picture is gone.
    """
    counted = _Counted(log.pictures, consented)
    if target.suffix.lower() == SUFFIX:
        with refusals(f"{file_name(target)} cannot be written", "give another place or make room"):
            _put_parquet(log, target, counted(parcels(log.database, consented)), force)
    else:
        check_folder(target, force)
        put_folder(target, lambda folder: _fill(log.pictures, folder, counted(parcels(log.database, consented))))
    lost = (
        f" Left out {counted.lost} whose pictures are missing or damaged: see omniedit doctor." if counted.lost else ""
    )
    return f"Wrote {counted.edits} edits to {target}.{lost}"


def bring(log: EditLog, source: Path) -> str:
    """Take in what `export` wrote; edits that are here already stay as they are. A sentence about it.

    A run that was stopped is begun again: what is in is not taken in twice. Raises BadInput for anything else.
    """
    with refusals(f"{file_name(source)} cannot be read", "name a folder or a .parquet file that export wrote"):
        if source.suffix.lower() == SUFFIX and source.is_file():
            found = _from_parquet(source)
        elif (source / EDITS).is_file():
            found = _from_folder(source)
        else:
            raise BadInput(f"{str(source)!r} is nothing that export wrote; name such a folder or .parquet file.")
        new = here = 0
        for parcel, data in found:
            kept = tuple(_keep(log.pictures, name, data) for name in parcel.pictures)
            if receive(log.database, parcel, kept):
                new += 1
            else:
                here += 1
            for name in parcel.pictures:
                log.pictures.put(data[name])  # once more, for a clean-up may have come before the row
    return f"Took in {new} edits; {here} were here already."


class _Counted:
    """Counts what goes through; an edit whose pictures are not whole does not."""

    def __init__(self, pictures: Pictures, nameless: bool) -> None:
        self.pictures, self.nameless = pictures, nameless
        self.edits = self.lost = 0

    def __call__(self, several: Iterator[Parcel]) -> Iterator[Parcel]:
        for parcel in several:
            try:
                for name in parcel.pictures:
                    self.pictures.get(name)
            except OmniEditError:
                self.lost += 1
                continue
            yield parcel.anonymous() if self.nameless else parcel
            self.edits += 1


class _Data:
    """The bytes of an edit's pictures by their hash; asked for one by one."""

    def __init__(self, folder: Path | None = None, there: dict[str, bytes] | None = None) -> None:
        self.folder, self.there = folder, there or {}

    def __getitem__(self, name: str) -> bytes:
        if self.folder is not None:
            path = self.folder / f"{name}.png"
            if path.is_symlink() or not path.is_file() or path.stat().st_size > Limits().bytes:
                raise BadInput(f"The picture {name[:12]} is missing in {str(self.folder)!r}, or no plain file.")
            return path.read_bytes()
        if name not in self.there:
            raise BadInput(f"The picture {name[:12]} is missing in the file; export it again.")
        return self.there[name]


def _keep(pictures: Pictures, name: str, data: _Data) -> Kept:
    """The picture of that hash among ours; BadInput where the file has another one under its name, or no PNG."""
    found = data[name]
    try:
        with Image.open(BytesIO(found), formats=["PNG"]) as image:
            width, height = image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise BadInput(f"The picture {name[:12]} in the file is no PNG; export it again.") from None
    if width * height > Limits().pixels:
        raise BadInput(f"The picture {name[:12]} in the file has {width} x {height} pixels; too many.")
    if hashlib.sha256(found).hexdigest() != name:
        raise BadInput(f"The picture {name[:12]} in the file is another one; export it again.")
    return Kept(pictures.put(found), width, height, len(found))


def _fill(pictures: Pictures, folder: Path, several: Iterator[Parcel]) -> None:
    (folder / PICTURES).mkdir()
    with (folder / EDITS).open("w", encoding="utf-8") as file:
        for parcel in several:
            for name in parcel.pictures:
                path = folder / PICTURES / f"{name}.png"
                if not path.exists():
                    path.write_bytes(pictures.get(name))
            file.write(json.dumps(parcel.as_json(), ensure_ascii=False) + "\n")


def _from_folder(folder: Path) -> Iterator[tuple[Parcel, _Data]]:
    with (folder / EDITS).open(encoding="utf-8") as file:
        while line := file.readline(LONGEST):
            yield _parcel(line), _Data(folder / PICTURES)


def _parcel(line: str) -> Parcel:
    try:
        return Parcel.from_json(json.loads(line))
    except (json.JSONDecodeError, RecursionError):
        raise BadInput("An edit in the file is no JSON; export it again.") from None


def _put_parquet(log: EditLog, target: Path, several: Iterator[Parcel], force: bool) -> None:
    pa, pq = _arrow()
    if target.exists() and (not force or not target.is_file()):
        raise BadInput(f"{file_name(target)} exists already; give another name, or --force to replace it.")
    if not target.absolute().parent.is_dir():
        raise BadInput(f"There is no folder {str(target.parent)!r}; make it first.")
    beside = target.absolute().parent / f".{target.name}.{secrets.token_hex(4)}"
    try:
        with beside.open("xb") as file:
            with pq.ParquetWriter(file, _schema(pa), compression="zstd") as writer:
                rows: list[dict[str, Any]] = []
                held = 0
                for parcel in several:
                    rows.append(_row(parcel, log.pictures))
                    held += sum(len(cell["bytes"]) for cell in _cells(rows[-1]))
                    if len(rows) == ROWS or held > HELD:
                        writer.write_table(pa.Table.from_pylist(rows, schema=_schema(pa)))
                        rows, held = [], 0
                writer.write_table(pa.Table.from_pylist(rows, schema=_schema(pa)))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def _from_parquet(path: Path) -> Iterator[tuple[Parcel, _Data]]:
    pa, pq = _arrow()
    try:
        file = pq.ParquetFile(path)
        if OURS not in file.schema_arrow.names:
            raise BadInput(f"{file_name(path)} has no column {OURS!r}; only what export wrote can be taken in.")
        for batch in file.iter_batches(batch_size=ROWS, columns=[OURS, "src_img", "edited_img", "mask_img", "others"]):
            for row in batch.to_pylist():
                there = {Path(cell["path"] or "").stem: cell["bytes"] for cell in _cells(row) if cell["bytes"]}
                yield _parcel(row[OURS] or ""), _Data(there=there)
    except (pa.ArrowException, KeyError, TypeError) as error:
        raise BadInput(f"{file_name(path)} is damaged or nothing that export wrote ({error}).") from None


def _row(parcel: Parcel, pictures: Pictures) -> dict[str, Any]:
    entry, score = parcel.edit, _score(parcel)
    first, *others = entry.results or (None,)
    return {
        "omni_edit_id": entry.id,
        "task": entry.task,
        "src_img": _cell(pictures, entry.source),
        "edited_img": _cell(pictures, first),
        "edited_prompt_list": [entry.instruction, *([entry.expanded] if entry.expanded else [])],
        "width": _size(pictures, entry.source)[0],
        "height": _size(pictures, entry.source)[1],
        "sc_score_1": None if score is None else round(score.success),
        "sc_score_2": None if score is None else round(score.restraint),
        "pq_score": None if score is None else round(score.quality),
        "o_score": None if score is None else score.overall,
        "mask_img": _cell(pictures, entry.mask),
        "seed": entry.seeds[0] if entry.seeds else None,
        "specialist": entry.engine,
        "judge": None if score is None else score.judge,
        "weight": _weight(entry, score),
        "others": [_cell(pictures, name) for name in dict.fromkeys((*others, entry.material)) if name is not None],
        OURS: json.dumps(parcel.as_json(), ensure_ascii=False),
    }


def _weight(entry: Entry, score: Score | None) -> float | None:
    """Of equation 6; 0 without consent, None where nobody has judged."""
    if not entry.consent or entry.status != "done" or entry.binned is not None:
        return 0.0
    return None if score is None else score.weight()


def _score(parcel: Parcel) -> Score | None:
    """The latest of the first variant."""
    done = [row for row in parcel.scores if row["status"] == "done" and row["place"] == 0]
    return None if not done else Score(*(done[-1][name] for name in ("judge", "success", "restraint", "quality")))


def _cell(pictures: Pictures, name: str | None) -> dict[str, Any] | None:
    return None if name is None else {"bytes": pictures.get(name), "path": f"{name}.png"}


def _cells(row: dict[str, Any]) -> list[dict[str, Any]]:
    """All pictures of a row."""
    return [cell for cell in (row["src_img"], row["edited_img"], row["mask_img"], *(row["others"] or ())) if cell]


def _size(pictures: Pictures, name: str) -> tuple[int, int]:
    with Image.open(BytesIO(pictures.get(name)), formats=["PNG"]) as image:
        return image.size


def _schema(pa: Any) -> Any:
    """OmniEdit's public columns, those of training/synth, and ours."""
    image, text, whole, real = (
        pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
        pa.string(),
        pa.int64(),
        pa.float64(),
    )
    kinds = {
        text: "omni_edit_id task specialist judge omniedit",
        image: "src_img edited_img mask_img",
        whole: "width height sc_score_1 sc_score_2 pq_score seed",
        real: "o_score weight",
        pa.list_(text): "edited_prompt_list",
        pa.list_(image): "others",
    }
    of = {name: kind for kind, names in kinds.items() for name in names.split()}
    order = (
        "omni_edit_id task src_img edited_img edited_prompt_list width height sc_score_1 sc_score_2 pq_score o_score "
        "mask_img seed specialist judge weight others omniedit"
    ).split()
    shown = {name: {"_type": "Image"} for name in ("src_img", "edited_img", "mask_img")}  # how `datasets` reads them
    metadata = {b"huggingface": json.dumps({"info": {"features": shown}}).encode()}
    return pa.schema([(name, of[name]) for name in order], metadata=metadata)


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise BadInput("Parquet files need pyarrow, which is not installed; pip install 'omniedit[data]'.") from None
    return pa, pq
