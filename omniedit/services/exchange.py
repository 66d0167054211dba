"""Edits out of this installation and into another: as a folder, or as parquet with OmniEdit's public columns.

Both hold all that the log holds of edits that have ended; of those that are given away for training, not who made them.
In parquet an edit is a row that a trainer can read: without consent, or without a score, its weight is 0 or missing,
and training leaves it out.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from omniedit.columns import arrow, cell, schema, score_columns
from omniedit.errors import BadInput, OmniEditError, file_name, refusals
from omniedit.folders import check_folder, put_folder, whole_file
from omniedit.images import Limits
from omniedit.services.log import EditLog
from omniedit.store import Entry, Kept, Parcel, Pictures, parcels, receive
from omniedit.types import Score

__all__ = ["bring", "export"]

EDITS, PICTURES = "edits.jsonl", "pictures"
SUFFIX = ".parquet"
OURS = "omniedit"  # the column with all that the log holds of an edit
OTHERS = "others"  # that of the variants after the first, and the material
ROWS, HELD = 16, 2**28  # rows and bytes of pictures in a row group, at most
LONGEST = 4_000_000  # characters of one edit in a file

Whole = tuple[Parcel, Mapping[str, bytes]]  # an edit and its pictures by their hashes


def export(log: EditLog, target: Path, consented: bool = False, force: bool = False) -> str:
    """Write all edits that have ended, or those alone that may be used for training; a sentence about it.

    An edit whose pictures are not whole is left out. Raises BadInput where `target` exists and is not to be replaced.
    """
    tally: Counter[str] = Counter()
    edits = _whole(log, consented, tally)
    if target.suffix.lower() == SUFFIX:
        with refusals(f"{file_name(target)} cannot be written", "give another place or make room"):
            _put_parquet(target, edits, force)
    else:
        check_folder(target, force)
        put_folder(target, lambda folder: _fill(folder, edits))
    said = f"Wrote {tally['edits']} edits to {target}."
    if tally["lost"]:
        said += f" Left out {tally['lost']} whose pictures are missing or damaged: see omniedit doctor."
    return said


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
        for parcel, pictures in found:
            kept = tuple(_keep(log.pictures, name, data) for name, data in pictures.items())
            if receive(log.database, parcel, kept):
                new += 1
            else:
                here += 1
            for data in pictures.values():
                log.pictures.put(data)  # once more, for a clean-up may have come before the row
    return f"Took in {new} edits; {here} were here already."


def _whole(log: EditLog, consented: bool, tally: Counter[str]) -> Iterator[Whole]:
    """Edits with their pictures; those that may be trained on without a name. Counts edits, and those lost."""
    for parcel in parcels(log.database, consented):
        try:
            pictures = {name: log.pictures.get(name) for name in parcel.pictures}
        except OmniEditError:
            tally["lost"] += 1
            continue
        tally["edits"] += 1
        yield parcel.anonymous() if consented else parcel, pictures


def _keep(pictures: Pictures, name: str, data: bytes) -> Kept:
    """The picture of that hash among ours; BadInput where the file has another one under its name, or no PNG."""
    try:
        width, height = _size(data)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise BadInput(f"The picture {name[:12]} in the file is no PNG; export it again.") from None
    if width * height > Limits().pixels:
        raise BadInput(f"The picture {name[:12]} in the file has {width} x {height} pixels; too many.")
    if hashlib.sha256(data).hexdigest() != name:
        raise BadInput(f"The picture {name[:12]} in the file is another one; export it again.")
    return Kept(pictures.put(data), width, height, len(data))


def _size(data: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(data), formats=["PNG"]) as image:
        return image.size


def _fill(folder: Path, edits: Iterator[Whole]) -> None:
    (folder / PICTURES).mkdir()
    with (folder / EDITS).open("w", encoding="utf-8") as file:
        for parcel, pictures in edits:
            for name, data in pictures.items():
                path = folder / PICTURES / f"{name}.png"
                if not path.exists():
                    path.write_bytes(data)
            file.write(json.dumps(parcel.as_json(), ensure_ascii=False) + "\n")


def _from_folder(folder: Path) -> Iterator[Whole]:
    with (folder / EDITS).open(encoding="utf-8") as file:
        while line := file.readline(LONGEST):
            parcel = _parcel(line)
            yield parcel, {name: _read(folder / PICTURES, name) for name in parcel.pictures}


def _read(folder: Path, name: str) -> bytes:
    path = folder / f"{name}.png"
    if path.is_symlink() or not path.is_file() or path.stat().st_size > Limits().bytes:
        raise BadInput(f"The picture {name[:12]} is missing in {str(folder)!r}, or no plain file.")
    return path.read_bytes()


def _parcel(line: str) -> Parcel:
    try:
        return Parcel.from_json(json.loads(line))
    except (json.JSONDecodeError, RecursionError):
        raise BadInput("An edit in the file is no JSON; export it again.") from None


def _put_parquet(target: Path, edits: Iterator[Whole], force: bool) -> None:
    pa, pq = arrow()
    if target.exists() and (not force or not target.is_file()):
        raise BadInput(f"{file_name(target)} exists already; give another name, or --force to replace it.")
    if not target.absolute().parent.is_dir():
        raise BadInput(f"There is no folder {str(target.parent)!r}; make it first.")
    columns = schema({OTHERS: "pictures", OURS: "text"})
    with whole_file(target) as file, pq.ParquetWriter(file, columns, compression="zstd") as writer:
        rows: list[dict[str, Any]] = []
        held = 0
        for parcel, pictures in edits:
            rows.append(_row(parcel, pictures))
            held += sum(map(len, pictures.values()))
            if len(rows) == ROWS or held > HELD:
                writer.write_table(pa.Table.from_pylist(rows, schema=columns))
                rows, held = [], 0
        writer.write_table(pa.Table.from_pylist(rows, schema=columns))


def _from_parquet(path: Path) -> Iterator[Whole]:
    pa, pq = arrow()
    try:
        file = pq.ParquetFile(path)
        if OURS not in file.schema_arrow.names:
            raise BadInput(f"{file_name(path)} has no column {OURS!r}; only what export wrote can be taken in.")
        for batch in file.iter_batches(batch_size=ROWS, columns=[OURS, "src_img", "edited_img", "mask_img", OTHERS]):
            for row in batch.to_pylist():
                parcel = _parcel(row[OURS] or "")
                cells = (row["src_img"], row["edited_img"], row["mask_img"], *(row[OTHERS] or ()))
                there = {Path(found["path"] or "").stem: found["bytes"] for found in cells if found and found["bytes"]}
                if missing := set(parcel.pictures) - set(there):
                    raise BadInput(f"The picture {min(missing)[:12]} is missing in the file; export it again.")
                yield parcel, {name: there[name] for name in parcel.pictures}
    except (pa.ArrowException, KeyError, TypeError) as error:
        raise BadInput(f"{file_name(path)} is damaged or nothing that export wrote ({error}).") from None


def _row(parcel: Parcel, pictures: Mapping[str, bytes]) -> dict[str, Any]:
    entry, score = parcel.edit, _score(parcel)
    first, *others = entry.results or (None,)
    cells = {name: cell(data, f"{name}.png") for name, data in pictures.items()}
    width, height = _size(pictures[entry.source])
    return {
        "omni_edit_id": entry.id,
        "task": entry.task,
        "src_img": cells[entry.source],
        "edited_img": cells[first] if first else None,
        "edited_prompt_list": [entry.instruction, *([entry.expanded] if entry.expanded else [])],
        "width": width,
        "height": height,
        **score_columns(score, _weight(entry, score)),
        "mask_img": cells[entry.mask] if entry.mask else None,
        "seed": entry.seeds[0] if entry.seeds else None,
        "specialist": entry.engine,
        OTHERS: [cells[name] for name in dict.fromkeys((*others, entry.material)) if name],
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
