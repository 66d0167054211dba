"""Pictures as files named by their content: equal ones are one file, and none is ever half there."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from omniedit.errors import OmniEditError, refusals
from omniedit.folders import settle, whole_file

__all__ = ["SETTLED", "YOUNG", "Pictures", "is_name", "is_old"]

SUFFIX = ".png"
NAME = re.compile(rf"[0-9a-f]{{64}}{re.escape(SUFFIX)}")
YOUNG = 3600.0  # seconds in which a file that no row names may belong to a row that is being written
SETTLED = 60.0  # the same for files whose rows were removed: longer than a writer waits, who then looks once more


@dataclass(frozen=True)
class Pictures:
    """The files below `folder`, two letters of the hash a folder."""

    folder: Path

    def put(self, data: bytes) -> str:
        """Keep `data`, PNG bytes; its sha256. Once this returns it survives a loss of power."""
        name = hashlib.sha256(data).hexdigest()
        target = self._path(name)
        with refusals("The picture cannot be kept", "make room, or choose another OMNIEDIT_HOME"):
            with suppress(FileNotFoundError):  # also where a clean-up comes between
                if target.read_bytes() == data:
                    os.utime(target)  # young again: a row may be about to name it
                    return name
            if not target.parent.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                settle(self.folder)
            with whole_file(target) as file:
                file.write(data)
        return name

    def get(self, name: str) -> bytes:
        """The bytes of that hash; OmniEditError where they are gone or are not what they were."""
        try:
            data = self._path(name).read_bytes()
        except OSError:
            raise OmniEditError(f"The picture {name[:12]} is missing; `omniedit doctor` lists what is.") from None
        if hashlib.sha256(data).hexdigest() != name:
            raise OmniEditError(f"The picture {name[:12]} is damaged; `omniedit doctor` lists what is.")
        return data

    def path(self, name: str) -> Path | None:
        """Where the picture of that hash lies, None where it does not."""
        path = self._path(name)
        return path if path.is_file() else None

    def names(self) -> Iterator[str]:
        """The hashes of all files, in order."""
        for file in sorted(self.folder.glob(f"??/*{SUFFIX}")):
            if NAME.fullmatch(file.name):
                yield file.stem

    def old(self, now: float | None = None) -> list[Path]:
        """Files that are not young: those that no row names, and what killed writers left, may be removed."""
        files = [*map(self._path, self.names()), *sorted(self.folder.glob("??/.*.tmp"))]
        return [path for path in files if is_old(path, now)]

    def _path(self, name: str) -> Path:
        if not is_name(name):
            raise ValueError(f"{name!r} is no sha256 in hexadecimal.")
        return self.folder / name[:2] / (name + SUFFIX)


def is_old(path: Path, now: float | None = None, age: float = YOUNG) -> bool:
    """Whether no row that is being written may come to name the file: it was last put longer than `age` ago."""
    try:
        return path.stat().st_mtime < (time.time() if now is None else now) - age
    except FileNotFoundError:  # its writer has just finished
        return False


def is_name(name: str) -> bool:
    """Whether that can be the hash of a picture."""
    return NAME.fullmatch(name + SUFFIX) is not None
