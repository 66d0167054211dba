"""Files and folders that are whole or not there: written aside, renamed; folders read back only if they are as written.

A folder's manifest names every file with its sha256 and is written last; a folder without it was never finished.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from omniedit.errors import BadInput, CheckpointError, refusals

__all__ = [
    "MANIFEST",
    "check_folder",
    "content_hash",
    "put_folder",
    "read_manifest",
    "settle",
    "sweep",
    "verify",
    "whole_file",
    "write_folder",
]

MANIFEST = "manifest.json"


@contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """A file to fill, which comes to `target` when it is full and on the disk; what fails before leaves nothing.

    A process that is killed meanwhile leaves a hidden file that ends in .tmp beside `target`.
    """
    beside = target.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
        settle(target.parent)
    finally:
        beside.unlink(missing_ok=True)


def write_folder(target: Path, fill: Callable[[Path], object], facts: dict[str, Any]) -> None:
    """Let `fill(folder)` write files, then put the folder at `target` whole: temp, fsync, manifest last, rename.

    A process that is killed meanwhile leaves a hidden folder beside `target`, which `sweep` puts right.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temp = Path(tempfile.mkdtemp(prefix=f".{target.name}-new-", dir=target.parent))
    try:
        fill(temp)
        files = sorted(p for p in temp.rglob("*") if p.is_file())
        sums = {str(p.relative_to(temp)): _sha256(p) for p in files}
        for path in files:
            settle(path)
        (temp / MANIFEST).write_text(json.dumps({**facts, "files": sums}, indent=1, sort_keys=True))
        settle(temp / MANIFEST)
        temp.chmod(0o755)
        old = None
        if target.exists():
            old = target.with_name(f".{target.name}-old-{os.getpid()}")
            target.rename(old)
        temp.rename(target)
        settle(target.parent)
        if old is not None:
            shutil.rmtree(old)
    except BaseException:
        shutil.rmtree(temp, ignore_errors=True)
        raise


def check_folder(target: Path, overwrite: bool | None = None) -> None:
    """BadInput, before any work is done, if a person's output folder cannot go to `target`.

    `overwrite` is what a person says by --force; None where there is no such option.
    """
    with refusals(f"Cannot write to {str(target)!r}", "choose another folder"):
        if target.exists() and not target.is_dir():
            raise BadInput(f"{str(target)!r} is not a folder; give another name.")
        full = target.exists() and any(target.iterdir())
        if full and not overwrite:
            step = "" if overwrite is None else ", or --force to replace it"
            raise BadInput(f"{str(target)!r} holds something already; give another name{step}.")
        if full and not (target / MANIFEST).is_file():
            raise BadInput(f"{str(target)!r} was not written by this command, so it stays; give another name.")


def put_folder(target: Path, fill: Callable[[Path], object]) -> None:
    """`write_folder` for a person's output: what the system refuses is said in a sentence."""
    with refusals(f"Cannot write to {str(target)!r}", "choose another folder"):
        write_folder(target.absolute(), fill, {})


def sweep(parent: Path) -> None:
    """Clear what a killed `write_folder` left in `parent`; nobody else may be writing there."""
    for old in parent.glob(".*-old-*"):
        target = parent / old.name[1:].rpartition("-old-")[0]
        if target.exists():
            shutil.rmtree(old)
        else:  # killed between the two renames
            old.rename(target)
    for temp in parent.glob(".*-new-*"):
        shutil.rmtree(temp)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a finished folder; CheckpointError, in one sentence, where there is none."""
    if not folder.is_dir():
        raise CheckpointError(f"There is no checkpoint at {folder}; train one or point OMNIEDIT_CHECKPOINT at one.")
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        if not isinstance(manifest["files"], dict):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError):
        raise CheckpointError(
            f"The checkpoint {folder} has no readable {MANIFEST}; it was not finished, use another."
        ) from None
    return manifest


def verify(folder: Path) -> dict[str, Any]:
    """The manifest, after every file was found to be as written; CheckpointError names the one that is not."""
    manifest = read_manifest(folder)
    for name, wanted in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise CheckpointError(f"The checkpoint {folder} lacks {name}; copy it again in full.")
        if _sha256(path) != wanted:
            raise CheckpointError(
                f"The checkpoint {folder} is damaged ({name} differs from its manifest); copy it again."
            )
    return manifest


def content_hash(folder: Path) -> str:
    """Twelve hex digits that name the files' contents, from the manifest."""
    sums = read_manifest(folder)["files"]
    return hashlib.sha256(json.dumps(sums, sort_keys=True).encode()).hexdigest()[:12]


def settle(path: Path) -> None:
    """Make a file's content, or the names in a folder, survive a loss of power, where the system can."""
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
