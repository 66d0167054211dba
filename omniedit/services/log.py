"""The log in the project's own terms: a request becomes a row before its engine starts, its result closes the row.

log = open_log(settings)              the database and the folder of pictures in OMNIEDIT_HOME
name = log.begin(request, engine, By("ann"))
log.done(name, result)                or failed(name, sentence), cancelled(name)
log.request(log.history.one("ann", name))      what was asked for, to be done again
"""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from errno import EACCES, ENOTDIR
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import machine, processor, python_version, system
from typing import Annotated, Any

import numpy as np
from PIL import Image as Pillow
from pydantic import Field, TypeAdapter, ValidationError

from omniedit import __version__
from omniedit.errors import BadInput, OmniEditError, refusals
from omniedit.images import Limits, bare
from omniedit.recipe import Recipe
from omniedit.results import encode_png
from omniedit.settings import Settings
from omniedit.store import (
    LOCAL,
    STRANGER,
    Attempt,
    Database,
    Entry,
    History,
    Image,
    Journal,
    Outcome,
    Pictures,
    Runners,
    may_train,
    of_user,
    open_database,
)
from omniedit.types import EditRequest, EditResult, Parameter, Sampling, Task

__all__ = [
    "LOCAL",
    "STRANGER",
    "By",
    "EditLog",
    "Made",
    "decoded",
    "made_of",
    "may_train",
    "of_user",
    "open_log",
    "recipe_of",
    "result_of",
]

LIBRARIES = (  # whose versions may change a pixel
    "torch diffusers transformers numpy opencv-python-headless pillow scipy scikit-image pypatchmatch"
).split()
MODES = ("L", "RGB", "RGBA")  # of the pictures that `encode_png` makes
KNOWN = 32  # pictures whose PNG need not be made again


@dataclass(frozen=True)
class By:
    """Who edits, from which edit's result (its id), and whether the edit may be used for training."""

    owner: str = LOCAL
    parent: str | None = None
    consent: bool = False


@dataclass(frozen=True)
class Made:
    """How an engine made an edit, as its row holds it."""

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    resampled: bool = False
    sampling: Sampling | None = None
    surroundings: Annotated[Mapping[str, str], Field(alias="with")] = field(default_factory=dict)


MADE = TypeAdapter(Made)


class EditLog:
    """Edits and their pictures. Several threads and processes may share one."""

    def __init__(self, database: Database, home: Path, device: str = "auto", threads: int | None = None) -> None:
        """`home` keeps what is beside the database; `device` and `threads` are told with each edit."""
        self.database, self.pictures = database, Pictures(home / "pictures" / database.name)  # each its own
        self.small = home / "small" / database.name
        self.journal = Journal(database, self.pictures, Runners(home / "running"))
        self.history = History(database)
        self.surroundings = {**versions(), "device": device, "threads": str(threads or "as torch chooses")}
        self._encoded = _Encoded(self.pictures)

    def begin(self, request: EditRequest, engine: str, task: Task | None, by: By) -> str:
        """The id of a new row with all that is asked for; `task` is what was understood.

        Raises BadInput where `by.parent` is no edit of the same owner.
        """
        asked = Recipe.of(request, engine).as_json()
        del asked["instruction"]
        return self.journal.begin(
            Attempt(
                owner=by.owner,
                source=self._encoded.of(request.source),
                instruction=request.instruction,
                task=task,
                mask=None if request.mask is None else self._encoded.of(request.mask),
                material=None if request.material is None else self._encoded.of(request.material),
                parent=by.parent,
                asked=asked,
                consent=by.consent and may_train(by.owner),
            )
        )

    def done(self, name: str, result: EditResult) -> None:
        """The edit is finished; its pictures are kept before its row says so."""
        variants = tuple(
            (self._encoded.of(image), seed) for image, seed in zip(result.images, result.seeds, strict=True)
        )
        made: dict[str, Any] = {"parameters": dict(result.parameters), "resampled": result.resampled}
        made["sampling"] = None if result.sampling is None else asdict(result.sampling)
        made["with"] = self.surroundings
        outcome = Outcome(result.engine, result.checkpoint, variants, result.seconds, result.notes, made)
        self.journal.done(name, outcome)

    def failed(self, name: str, sentence: str) -> None:
        """The edit ended with a sentence for the person."""
        self.journal.failed(name, sentence)

    def cancelled(self, name: str) -> None:
        """The person stopped the edit."""
        self.journal.cancelled(name)

    def picture(self, name: str) -> Pillow.Image:
        """A kept picture, decoded; OmniEditError where it is gone or damaged."""
        data = self.pictures.get(name)
        try:
            return decoded(data)
        except ValueError as error:  # its bytes are those that came
            raise OmniEditError(
                f"The picture {name[:12]} is damaged ({error}) and came so; delete the edits that have it."
            ) from None

    def request(self, entry: Entry) -> EditRequest:
        """What was asked for, its pictures with it."""
        mask, material = (None if name is None else self.picture(name) for name in (entry.mask, entry.material))
        return recipe_of(entry).request(self.picture(entry.source), mask, material)

    def close(self) -> None:
        """Give the connections back; what still runs counts as left."""
        self.journal.runners.stop()
        self.database.close()


def decoded(data: bytes, limits: Limits | None = None) -> Pillow.Image:
    """The pixels of a PNG such as `encode_png` makes; ValueError where they are not whole, of another kind or beyond
    the limits, by which they are judged before they are decoded.
    """
    try:
        with Pillow.open(io.BytesIO(data), formats=["PNG"]) as image:
            mode, size = image.mode, image.size
            pixels = bare(image) if mode in MODES and (limits is None or _fits(size, limits)) else None
    except Exception as error:  # a damaged file makes Pillow's decoders raise nearly anything
        raise ValueError("its pixels cannot be read") from error
    if pixels is None:
        raise ValueError(f"it has {size[0]} x {size[1]} pixels of the kind {mode}, which no edit has")
    return pixels


def _fits(size: tuple[int, int], limits: Limits) -> bool:
    short, long = sorted(size)
    most = min(limits.max_side, limits.aspect * short)
    return limits.min_side <= short and long <= most and short * long <= limits.pixels


def recipe_of(entry: Entry) -> Recipe:
    """How the edit was asked for."""
    return Recipe.from_json({**entry.asked, "instruction": entry.instruction, "edit": entry.id})


def made_of(entry: Entry) -> Made:
    """How the edit was made; BadInput where its row does not say it in words that this program knows."""
    try:
        return MADE.validate_python(dict(entry.made))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, ("made", *first["loc"])))
        raise BadInput(
            f"The edit {entry.id} cannot be shown: {place}: {first['msg'].lower()}; make it again."
        ) from None


def result_of(entry: Entry, images: tuple[Pillow.Image, ...]) -> EditResult:
    """What the engine gave, of a finished edit."""
    made = made_of(entry)
    return EditResult(
        images=images,
        engine=entry.engine or "",
        checkpoint=entry.checkpoint,
        seeds=entry.seeds,
        seconds=entry.seconds or 0.0,
        resampled=made.resampled,
        sampling=made.sampling,
        notes=entry.notes,
        parameters=made.parameters,
        edit=entry.id,
    )


def open_log(settings: Settings) -> EditLog:
    """The log of this installation; what a process that is gone left running is marked as interrupted.

    Raises BadInput or OmniEditError, in one sentence, for a home or a database that cannot be used.
    """
    if settings.database_url is None:  # else asked first: what is wrong there leaves no folder behind
        _make_home(settings.home_dir)
    database = open_database(settings.database)
    try:
        _make_home(settings.home_dir)
        log = EditLog(database, settings.home_dir, settings.device, settings.threads)
        log.journal.interrupted()
    except BaseException:
        database.close()
        raise
    return log


def _make_home(home: Path) -> None:
    with refusals(f"OMNIEDIT_HOME = {str(home)!r} cannot be used", "choose another folder, or give leave to write it"):
        if home.exists() and not home.is_dir():
            raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR))
        home.mkdir(parents=True, exist_ok=True)
        if not os.access(home, os.W_OK | os.X_OK):
            raise PermissionError(EACCES, "it cannot be written")


@cache
def versions() -> dict[str, str]:
    """What else than the recipe may decide how a picture comes out: versions, and the kind of machine."""
    facts = {"omniedit": __version__, "python": python_version(), "machine": f"{system()} {machine()}"}
    facts["processor"] = _processor()
    for library in LIBRARIES:
        try:
            facts[library] = version(library)
        except PackageNotFoundError:  # a build by another name
            facts[library] = "unknown"
    return facts


def _processor() -> str:
    """The model's name where the system tells it: kernels, and so the last bits, are chosen by it."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return processor()


class _Encoded:
    """Pictures as PNG; those that come again, as a photo does that is edited again and again, are not encoded anew."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self._lock = threading.Lock()
        self._names: OrderedDict[bytes, str] = OrderedDict()  # by what the picture shows

    def of(self, image: Pillow.Image) -> Image:
        shows = hashlib.sha256(repr((image.mode, image.size)).encode())
        shows.update(np.ascontiguousarray(np.asarray(image)).data)
        key = shows.digest()
        with self._lock:
            name = self._names.get(key)
        try:
            data = encode_png(image) if name is None else self._pictures.get(name)
        except OmniEditError:  # removed or damaged meanwhile
            data = encode_png(image)
        with self._lock:
            self._names[key] = hashlib.sha256(data).hexdigest()
            self._names.move_to_end(key)
            while len(self._names) > KNOWN:
                self._names.popitem(last=False)
        return Image(data, image.width, image.height)
