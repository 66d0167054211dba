"""Edits out of this installation and into another: as a folder, or as parquet with OmniEdit's public columns.

Both hold all that the log holds of edits that have ended; of those that are given away for training, not who made them.
In parquet an edit is a row that a trainer can read: without consent, or without a score, its weight is 0 or missing,
and training leaves it out.
"""

from __future__ import annotations

import hashlib
import json
import textwrap
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
from omniedit.services.log import EditLog, decoded, made_of, may_train, recipe_of
from omniedit.store import Entry, Kept, Parcel, Pictures, Received, parcels, receive
from omniedit.types import MAX_VARIANTS, Score

__all__ = ["bring", "export"]

EDITS, PICTURES = "edits.jsonl", "pictures"
SUFFIX = ".parquet"
OURS = "omniedit"  # the column with all that the log holds of an edit
OTHERS = "others"  # that of the variants after the first, and the material
ROWS, HELD = 16, 2**28  # rows and bytes of pictures in a row group, at most
MOST = 3 + MAX_VARIANTS  # pictures of an edit: source, mask, material and results
READ = (OURS, "src_img", "edited_img", "mask_img", OTHERS)  # columns that are taken in
LARGEST = HELD + 4 * Limits().bytes  # of a row group unpacked: what was held and one edit more, of the largest pictures
LONGEST = 4_000_000  # characters of one edit in a file
SHOWN = 200  # characters of what is wrong with it

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
    """Take in what `export` wrote; a sentence about it. Edits that are here already stay as they are, but for a
    consent that was withdrawn there.

    A run that was stopped is begun again: what is in is not taken in twice. Raises BadInput for anything else.
    """
    with refusals(f"{file_name(source)} cannot be read", "name a folder or a .parquet file that export wrote"):
        if source.suffix.lower() == SUFFIX and source.is_file():
            found = _from_parquet(source)
        elif _is_plain(source / EDITS).is_file():
            found = _from_folder(source)
        else:
            raise BadInput(f"{str(source)!r} is nothing that export wrote; name such a folder or .parquet file.")
        tally: Counter[Received] = Counter()
        for parcel, pictures in found:
            kept = tuple(_keep(log.pictures, name, data) for name, data in pictures.items())
            tally[receive(log.database, parcel, kept)] += 1
            for data in pictures.values():
                log.pictures.put(data)  # once more, for a clean-up may have come before the row
    withdrawn, back = tally[Received.WITHDRAWN], tally[Received.BACK]
    said = f"Took in {tally[Received.NEW] + back} edits; {tally[Received.HERE] + withdrawn} were here already."
    if withdrawn:
        said += f" Of these {withdrawn} may be used for training no more."
    if back:
        said += f" {back} had been deleted here for good, and may not be used for training."
    return said


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
    """The picture of that hash among ours; BadInput where the file has another one under its name, or one that could
    not be shown.
    """
    try:
        image = decoded(data, Limits())
    except ValueError as error:
        raise BadInput(
            f"The picture {name[:12]} in the file is no PNG of an edit ({error}); export it again."
        ) from None
    if hashlib.sha256(data).hexdigest() != name:
        raise BadInput(f"The picture {name[:12]} in the file is another one; export it again.")
    return Kept(pictures.put(data), image.width, image.height, len(data))


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


def _is_plain(path: Path) -> Path:
    """The path; BadInput for a link, which may lead to what is nobody's to take in."""
    if path.is_symlink():
        raise BadInput(
            f"{path.name!r} in {str(path.parent)!r} is a link, which export does not write; export it again."
        )
    return path


def _from_folder(folder: Path) -> Iterator[Whole]:
    pictures = _is_plain(folder / PICTURES)
    with (folder / EDITS).open(encoding="utf-8") as file:
        while line := file.readline(LONGEST + 1):
            parcel = _parcel(line)
            yield parcel, {name: _read(pictures, name) for name in parcel.pictures}


def _read(folder: Path, name: str) -> bytes:
    path = folder / f"{name}.png"
    if path.is_symlink() or not path.is_file() or path.stat().st_size > Limits().bytes:
        raise BadInput(f"The picture {name[:12]} is missing in {str(folder)!r}, or no plain file.")
    return path.read_bytes()


def _parcel(line: str) -> Parcel:
    """The edit in a text; BadInput where the log could not show it or make it again."""
    if len(line) > LONGEST:
        raise BadInput(f"An edit in the file has more than {LONGEST:,} characters; leave it out.")
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError):  # ValueError: also a number that is too long
        raise BadInput("An edit in the file is no JSON; export it again.") from None
    parcel = Parcel.from_json(facts)
    made_of(parcel.edit)
    try:
        recipe_of(parcel.edit)
    except BadInput as error:
        said = textwrap.shorten(str(error), SHOWN)
        raise BadInput(f"The edit {parcel.edit.id} in the file cannot be made again: {said}") from None
    return parcel


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
    """Row by row. A value that many rows share is one in memory, too: a small file does not become a large one."""
    pa, pq = arrow()
    try:
        file = pq.ParquetFile(path)
        _check_parquet(path, file)
        leaves = (column.path for column in file.schema)
        shared = [leaf for leaf in leaves if leaf.startswith(f"{OTHERS}.") and leaf.endswith(".bytes")]
        file = pq.ParquetFile(path, metadata=file.metadata, read_dictionary=shared)
        for batch in file.iter_batches(batch_size=1, columns=list(READ)):
            for text, *pictures, others in zip(*(batch.column(name) for name in READ), strict=True):
                if _bytes_of(text) > 4 * LONGEST:
                    raise BadInput(f"An edit in {file_name(path)} has more than {LONGEST:,} characters; leave it out.")
                parcel = _parcel(text.as_py() or "")
                cells = [one["bytes"] for one in (*pictures, *(others or ())) if one.is_valid]
                yield parcel, _pictures(parcel, [one for one in cells if one.is_valid])
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise BadInput(f"{file_name(path)} is damaged or nothing that export wrote ({error}).") from None


def _check_parquet(path: Path, file: Any) -> None:
    """BadInput for columns that export does not write, and for more than memory may hold; no row is read."""
    here, ours = file.schema_arrow, schema({OTHERS: "pictures", OURS: "text"})
    if OURS not in here.names:
        raise BadInput(f"{file_name(path)} has no column {OURS!r}; only what export wrote can be taken in.")
    for name in READ:
        if name not in here.names or here.field(name).type != ours.field(name).type:
            raise BadInput(
                f"{file_name(path)} is damaged or nothing that export wrote: its column {name!r} is not of "
                f"{ours.field(name).type}."
            )
    for group in map(file.metadata.row_group, range(file.num_row_groups)):
        size, values = group.total_byte_size, max(group.column(k).num_values for k in range(group.num_columns))
        if size > LARGEST or values > ROWS * MOST:
            raise BadInput(
                f"{file_name(path)} has {size / 2**20:,.0f} MiB and {values:,} values in a row group; at most "
                f"{LARGEST / 2**20:,.0f} MiB and {ROWS * MOST} values are taken in, so export it again."
            )


def _pictures(parcel: Parcel, cells: list[Any]) -> dict[str, bytes]:
    """The edit's pictures by their hashes; BadInput where a cell is too large, or one is missing."""
    edit, there = parcel.edit.id, dict[str, bytes]()
    if len(cells) > MOST:
        raise BadInput(f"The edit {edit} has {len(cells):,} pictures in the file, at most {MOST}; export it again.")
    for one in cells:
        if (size := _bytes_of(one)) > Limits().bytes:
            raise BadInput(
                f"A picture of the edit {edit} in the file has {size / 2**20:,.0f} MiB; at most "
                f"{Limits().bytes / 2**20:g} are taken in."
            )
        data = one.as_py()
        there[hashlib.sha256(data).hexdigest()] = data
    if missing := set(parcel.pictures) - set(there):
        raise BadInput(f"The picture {min(missing)[:12]} is missing in the file; export it again.")
    return {name: there[name] for name in parcel.pictures}


def _bytes_of(scalar: Any) -> int:
    """The size of an arrow scalar, text or binary, before it is copied."""
    scalar = getattr(scalar, "value", scalar)  # of what is shared
    return 0 if (buffer := scalar.as_buffer()) is None else buffer.size


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
    if not (entry.consent and may_train(entry.owner)) or entry.status != "done" or entry.binned is not None:
        return 0.0
    return None if score is None else score.weight()


def _score(parcel: Parcel) -> Score | None:
    """The latest of the first variant."""
    for row in reversed(parcel.scores):
        three = [number for number in (row.success, row.restraint, row.quality) if number is not None]
        if row.status == "done" and row.place == 0 and len(three) == 3:
            success, restraint, quality = three
            return Score(row.judge, success, restraint, quality)
    return None
