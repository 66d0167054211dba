"""Fetches the models of `omniedit.hub`, while a page or a terminal looks on.

The large files are brought first (`omniedit.services.download`); then huggingface_hub fetches the small ones and links
all into a snapshot, so what is not whole never counts as here, whenever the process is killed. A stop needs no process
of its own to kill: a job that was stopped writes nothing more, and the next can begin at once.
"""

from __future__ import annotations

import errno
import logging
import shutil
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tqdm import tqdm

from omniedit.errors import BadInput, OmniEditError
from omniedit.hub import MODELS, HubModel, Repo, cache_dir
from omniedit.services.download import TIMEOUT, UNDER_WAY, Job, Part, State, Stopped, bring

__all__ = ["Fetcher", "ModelRow", "gigabytes"]

HUB = "https://huggingface.co"  # where a person accepts a licence

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelRow:
    """A model as a person sees it.

    `where` is its folder, "" where it is not `here`. `total_bytes` is 0 until the hub has been asked; `done_bytes` are
    those on the disk. `error` is one sentence, "" unless `state` is "failed". `gated`: its licence is to be accepted
    on `page` before it can be fetched. `warning`: why it will not run well on this machine, "" where it will.
    """

    key: str
    id: str
    what: str
    licence: str
    size_gb: float
    gated: bool
    page: str
    here: bool
    where: str
    state: State
    done_bytes: int
    total_bytes: int
    error: str
    warning: str = ""

    @property
    def under_way(self) -> bool:
        """Whether it is being fetched."""
        return self.state in UNDER_WAY


class Fetcher:
    """Fetches one model at a time, in a thread; `models` says how far it is.

    `endpoint` is the hub's address and `cache` its cache on this machine (None: as huggingface_hub's settings say).
    """

    def __init__(self, endpoint: str | None = None, cache: Path | None = None) -> None:
        self.endpoint, self._cache = endpoint, cache
        self._jobs: dict[str, Job] = {}
        self._turn = threading.Lock()

    @property
    def cache(self) -> Path:
        """The folder to which models are fetched."""
        return self._cache or cache_dir()

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of all models, in the order of `omniedit.hub`."""
        return tuple(MODELS)

    def models(self) -> tuple[ModelRow, ...]:
        """All models. Only the disk is looked at, and the GPU."""
        return tuple(map(self.row, self.keys))

    def row(self, key: str) -> ModelRow:
        """One of `models`; BadInput where there is no such model."""
        model, job = _model(key), self._jobs.get(key)
        state: State = "idle" if job is None else job.state  # before the disk is looked at, which is as new or newer
        folders = () if state in UNDER_WAY else model.folders(self.cache)
        if state == "done" and not folders:  # it was deleted since
            state = "idle"
        return ModelRow(
            key=key,
            id=model.id,
            what=model.what,
            licence=model.licence,
            size_gb=model.size_gb,
            gated=model.gated,
            page=f"{HUB}/{model.id}",
            here=bool(folders),
            where=str(folders[0]) if folders else "",
            state=state,
            done_bytes=job.done if job else 0,
            total_bytes=job.total if job else 0,
            error=job.error if job else "",
            warning=_warning(model.gpu_gb),
        )

    def start(self, key: str) -> None:
        """Begin to fetch a model, or go on; nothing where it is here or on its way.

        BadInput where there is no such model, or another is on its way. What goes wrong later is the row's `error`.
        """
        model = _model(key)
        with self._turn:
            under_way = [name for name, job in self._jobs.items() if not job.over.is_set()]
            if under_way and key not in under_way:
                raise BadInput(f"{under_way[0]} is being fetched; wait until it is done, or stop it, to fetch {key}.")
            if under_way or model.folders(self.cache):
                return
            job = self._jobs[key] = Job()
            threading.Thread(target=self._run, args=(model, job), name=f"fetch {key}", daemon=True).start()

    def cancel(self, key: str) -> None:
        """Stop fetching a model; what is on the disk stays, and `start` goes on from there. Nothing where none is."""
        _model(key)
        with self._turn:
            if key in self._jobs:
                self._jobs[key].end("idle")

    def close(self) -> None:
        """Stop what is under way: the program ends."""
        for key in self._jobs:
            self.cancel(key)

    def wait(self, key: str, timeout: float | None = None) -> ModelRow:
        """The model's row when it is no longer on its way, or after `timeout` seconds."""
        if key in self._jobs:
            self._jobs[key].over.wait(timeout)
        return self.row(key)

    def _run(self, model: HubModel, job: Job) -> None:
        """The whole of a job, which says how it ended."""
        cache = self.cache
        try:
            parts = [part for repo in model.repos for part in self._parts(repo, cache)]
            job.asked(sum(part.size for part in parts), sum(part.bytes_here for part in parts))
            _check_room(model, job.total - job.done, cache)
            for part in parts:
                if part.sha is not None and not part.here:
                    bring(part, job, self.endpoint)
            for repo, commit in {part.repo: part.commit for part in parts}.items():
                job.check()
                self._link(repo, commit, cache)
            if not model.folders(cache):
                raise BadInput(f"{model.id} has changed on the hub while it was fetched; fetch it again.")
            job.asked(job.total, job.total)
            job.end("done")
        except Stopped:
            pass
        except OmniEditError as error:
            job.end("failed", str(error))
        except Exception as error:  # a thread has nobody else to tell
            if not job.over.is_set():
                job.end("failed", _sentence(error, model, job, cache))

    def _parts(self, repo: Repo, cache: Path) -> list[Part]:
        """What the hub has of what is wanted; BadInput where it lacks something."""
        from huggingface_hub import HfApi
        from huggingface_hub.utils import filter_repo_objects

        info = HfApi(endpoint=self.endpoint).model_info(repo.id, files_metadata=True, timeout=TIMEOUT)
        files = {file.rfilename: file for file in info.siblings or ()}
        for names in repo.needed:
            if not any(name in files for name in names.split("|")):
                raise BadInput(f"The hub's {repo.id} has no {names} any more; a newer OmniEdit may know where it is.")
        commit, storage = str(info.sha), repo.storage(cache)
        return [
            Part(repo, commit, name, files[name].size or 0, lfs.sha256 if lfs else None, storage)
            for name in filter_repo_objects(files, allow_patterns=list(repo.patterns))
            for lfs in (files[name].lfs,)
        ]

    def _link(self, repo: Repo, commit: str, cache: Path) -> None:
        """Fetch the small files, and make the snapshot of all, as they were when the hub was asked."""
        from huggingface_hub import snapshot_download

        snapshot_download(
            repo.id,
            revision=commit,
            cache_dir=cache,
            endpoint=self.endpoint,
            allow_patterns=list(repo.patterns),
            tqdm_class=_Silent,
        )


class _Silent(tqdm):
    """A bar that is not shown."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "disable": True})


def gigabytes(size: float) -> str:
    """Bytes as a sentence says them: "7.0 GB", "12 MB"."""
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.0f} MB"


@cache
def _warning(gpu_gb: float) -> str:
    """What a model lacks here that wants a GPU with so much memory."""
    if not gpu_gb:
        return ""
    import torch

    if not torch.cuda.is_available():
        return f"It wants a GPU with about {gpu_gb:g} GB, and there is none here: an edit would take many minutes."
    memory = torch.cuda.get_device_properties(0).total_memory / 1e9
    return "" if memory >= gpu_gb else f"It wants a GPU with about {gpu_gb:g} GB, the one here has {memory:.0f} GB."


def _model(key: str) -> HubModel:
    if key not in MODELS:
        raise BadInput(f"Unknown model {key!r}. Available: {', '.join(MODELS)}.")
    return MODELS[key]


def _check_room(model: HubModel, needed: int, cache: Path) -> None:
    """BadInput where `needed` bytes do not fit on the disk of `cache`."""
    disk = next(folder for folder in (cache.absolute(), *cache.absolute().parents) if folder.exists())
    free = shutil.disk_usage(disk).free
    if needed > free:
        raise BadInput(
            f"{model.id} needs {gigabytes(needed)}, {gigabytes(free)} are free on the disk of {cache}; "
            "make room, or set HF_HUB_CACHE to a folder on another disk."
        )


def _sentence(error: Exception, model: HubModel, job: Job, cache: Path) -> str:
    """What went wrong, and what to do."""
    from huggingface_hub import errors

    again = "fetch it again, and it goes on where it stopped"
    so_far = f"{gigabytes(job.done)} of {gigabytes(job.total)}"
    by_hand = f"copy {model.repos[0].storage(cache).name} from the cache of another machine to {cache}"
    if isinstance(error, errors.OfflineModeIsEnabled):
        return f"The hub cannot be reached, since HF_HUB_OFFLINE is set; unset it, or {by_hand}."
    if isinstance(error, errors.GatedRepoError):
        return (
            f"The hub gives {model.id} to those who have accepted its licence: accept it on "
            f"{HUB}/{model.id}, run `hf auth login`, and fetch it again."
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"The hub does not show {model.id}; if {HUB}/{model.id} is there, run `hf auth login`."
    if isinstance(error, errors.HfHubHTTPError):
        return f"The hub answered {error.response.status_code} when asked for {model.id}; later, {again}."
    if isinstance(error, errors.HTTPError | errors.LocalEntryNotFoundError):
        if job.state == "asking":
            return f"The hub cannot be reached ({error}) to fetch {model.id}; connect, or {by_hand}."
        return f"The connection broke off at {so_far}; {again}."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"The disk of {cache} is full at {so_far}; make room, and {again}."
    if isinstance(error, OSError):
        return f"{model.id} cannot be written to {cache}: {(error.strerror or str(error)).lower()}; {again}."
    log.error("fetching %s failed", model.id, exc_info=error)
    return f"{model.id} cannot be fetched: {type(error).__name__}: {error}."
