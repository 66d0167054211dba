"""Folders that are whole or not there: written aside, hashed, renamed; and read back only if they are as written.

The manifest names every file with its sha256 and is written last; a folder without it was never finished.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omniedit.errors import BadInput, CheckpointError, refusals

__all__ = ["MANIFEST", "check_folder", "content_hash", "put_folder", "read_manifest", "sweep", "verify", "write_folder"]

MANIFEST = "manifest.json"


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
            _fsync(path)
        (temp / MANIFEST).write_text(json.dumps({**facts, "files": sums}, indent=1, sort_keys=True))
        _fsync(temp / MANIFEST)
        temp.chmod(0o755)
        old = None
        if target.exists():
            old = target.with_name(f".{target.name}-old-{os.getpid()}")
            target.rename(old)
        temp.rename(target)
        _fsync(target.parent)
        if old is not None:
            shutil.rmtree(old)
    except BaseException:
        shutil.rmtree(temp, ignore_errors=True)
        raise


def check_folder(target: Path, overwrite: bool = False) -> None:
    """BadInput, before any work is done, if a person's output folder cannot go to `target`."""
    with refusals(f"Cannot write to {str(target)!r}", "choose another folder"):
        if target.exists() and not target.is_dir():
            raise BadInput(f"{str(target)!r} is not a folder; give another name.")
        full = target.exists() and any(target.iterdir())
        if full and not overwrite:
            raise BadInput(f"{str(target)!r} holds something already; give another name, or --force to replace it.")
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


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
