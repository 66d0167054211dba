"""Models on the Hugging Face hub: what is needed of each, whether it is on this machine, and where.

Only safetensors and text are named, never pickles. Nothing is fetched here: `omniedit.services.fetching` does that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from omniedit.errors import EngineUnavailable
from omniedit.types import Task

__all__ = ["MODELS", "HubModel", "Repo", "cache_dir"]

SHA = 40  # letters of a commit's name


@dataclass(frozen=True)
class Repo:
    """A repository by its id on the hub, or a folder with the same files.

    `needed` are the files without which it cannot be loaded ("a|b": either will do); `also` are patterns (fnmatch) of
    further ones, which belong to it where the hub has them.
    """

    id: str
    needed: tuple[str, ...] = ("config.json", "model.safetensors")
    also: tuple[str, ...] = ()

    @property
    def patterns(self) -> tuple[str, ...]:
        """What is fetched: nothing else of the repository is."""
        return (*(name for names in self.needed for name in names.split("|")), *self.also)

    def folder(self, cache: Path | None = None) -> Path | None:
        """The folder that holds all of it: `id` itself, or a snapshot in the hub's cache; None where there is none.

        A file comes to a snapshot when it is whole, so it is enough to see that each is there: those that are needed,
        and, where the cache knows what the hub has, all that the patterns name.
        """
        given = Path(self.id)
        if given.is_dir() and self.lacks(given) is None:
            return given
        cache = cache or cache_dir()
        for snapshot in self._snapshots(cache):
            if self.lacks(snapshot) is None and not self._unfinished(snapshot, cache):
                return snapshot
        return None

    def lacks(self, folder: Path) -> str | None:
        """The first needed file that is not in `folder`; None where all are."""
        for names in self.needed:
            if not any((folder / name).is_file() for name in names.split("|")):
                return names
        return None

    def storage(self, cache: Path) -> Path:
        """Its folder in a cache, with blobs and snapshots."""
        return cache / f"models--{self.id.replace('/', '--')}"

    def _snapshots(self, cache: Path) -> Iterator[Path]:
        """Snapshots in the cache: the hub's newest that the cache knows of first."""
        storage, newest = self.storage(cache), ""
        with suppress(OSError):  # nobody has asked for "main"
            newest = (storage / "refs" / "main").read_text().strip()
        known = [path for path in (storage / "snapshots").glob("*") if len(path.name) == SHA]
        yield from sorted(known, key=lambda path: (path.name != newest, path.name))

    def _unfinished(self, snapshot: Path, cache: Path) -> bool:
        """Whether a file that the hub is known to have, and the patterns name, is not in the snapshot."""
        from huggingface_hub import get_cached_repo_tree
        from huggingface_hub.errors import CachedRepoTreeNotFoundError
        from huggingface_hub.utils import filter_repo_objects

        try:
            tree = get_cached_repo_tree(self.id, revision=snapshot.name, cache_dir=cache)
        except CachedRepoTreeNotFoundError:  # an older program fetched it
            return False
        names = filter_repo_objects((file.path for file in tree), allow_patterns=list(self.patterns))
        return any(not (snapshot / name).is_file() for name in names)


@dataclass(frozen=True)
class HubModel:
    """A model in one or more repositories, its weights in the first; `size_gb` is all of its download.

    `name` is what `omniedit models fetch` calls it, empty where that does not know it; `what` says what it is for.
    `gated`: the hub gives it to those only who have accepted its licence. `gpu_gb`: memory of a GPU on which it runs as
    it should, about; 0 where it needs none. `tasks`: those that it does, none for one that only helps.
    """

    repos: tuple[Repo, ...]
    licence: str
    size_gb: float
    name: str = ""
    what: str = ""
    gated: bool = False
    gpu_gb: float = 0.0
    tasks: tuple[Task, ...] = ()

    @property
    def id(self) -> str:
        """Its id on the hub."""
        return self.repos[0].id

    def folders(self, cache: Path | None = None) -> tuple[Path, ...]:
        """A folder for each repository; empty where one is not on this machine or not whole."""
        found = [repo.folder(cache) for repo in self.repos]
        return tuple(folder for folder in found if folder is not None) if all(found) else ()

    def loadable(self) -> tuple[Path, ...]:
        """`folders`, or EngineUnavailable with what to do."""
        folders = self.folders()
        if not folders:
            raise EngineUnavailable(self.sentence())
        return folders

    def sentence(self) -> str:
        """That it is not here, and how to fetch it."""
        command = f"omniedit models fetch {self.name}" if self.name else f"hf download {self.id}"
        return f"{self.id} ({self.size_gb:g} GB, {self.licence}) is not on this machine; fetch it with: {command}."


def cache_dir() -> Path:
    """The hub's cache on this machine, as HF_HUB_CACHE or HF_HOME say."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE).expanduser()


def _encoders(*numbers: str, weights: str | None) -> tuple[str, ...]:
    """The files of CLIP's encoders and tokenizers in a pipeline; `weights` ends the names of those with tensors."""
    files = []
    for number in numbers:
        files += [f"text_encoder{number}/config.json"]
        files += [] if weights is None else [f"text_encoder{number}/model{weights}"]
        files += [f"tokenizer{number}/{name}" for name in ("vocab.json", "merges.txt", "tokenizer_config.json")]
    return tuple(files)


def _pipeline(id: str, *numbers: str, weights: str | None = ".safetensors") -> Repo:
    """A Stable Diffusion pipeline in diffusers' layout; `numbers` are those of its encoders, weights None its plan."""
    networks = [f"{part}/config.json" for part in ("unet", "vae")]
    networks += [] if weights is None else [f"{part}/diffusion_pytorch_model{weights}" for part in ("unet", "vae")]
    return Repo(
        id,
        ("model_index.json", "scheduler/scheduler_config.json", *networks, *_encoders(*numbers, weights=weights)),
        ("tokenizer*/special_tokens_map.json", "tokenizer*/added_tokens.json"),
    )


MODELS: Mapping[str, HubModel] = MappingProxyType(
    {
        model.name: model
        for model in (
            HubModel(
                (
                    Repo(
                        "IDEA-Research/grounding-dino-base",
                        (
                            "config.json",
                            "preprocessor_config.json",
                            "tokenizer_config.json",
                            "tokenizer.json|vocab.txt",
                            "model.safetensors",
                        ),
                        ("special_tokens_map.json",),
                    ),
                ),
                "Apache-2.0",
                0.9,
                "grounding-dino",
                "finds things by their name (with sam)",
            ),
            HubModel(
                (Repo("facebook/sam-vit-base", ("config.json", "preprocessor_config.json", "model.safetensors")),),
                "Apache-2.0",
                0.4,
                "sam",
                "outlines what grounding-dino finds",
            ),
            HubModel(
                (_pipeline("diffusers/stable-diffusion-xl-1.0-inpainting-0.1", "", "_2", weights=".fp16.safetensors"),),
                "OpenRAIL++-M",
                7.0,
                "inpainting",
                "swaps, removes and adds things, and paints backgrounds",
                gpu_gb=10,
                tasks=(Task.SWAP, Task.REMOVAL, Task.ADDITION, Task.BACKGROUND),
            ),
            HubModel(
                (_pipeline("stable-diffusion-v1-5/stable-diffusion-v1-5", ""),),
                "OpenRAIL-M",
                4.3,
                "prompt2prompt",
                "changes colours and other attributes",
                gpu_gb=6,
                tasks=(Task.ATTRIBUTE,),
            ),
            HubModel(
                (
                    Repo("stabilityai/cosxl", ("cosxl_edit.safetensors",)),
                    _pipeline("stabilityai/stable-diffusion-xl-base-1.0", "", "_2", weights=None),
                ),
                "research only",
                6.9,
                "cosxl-edit",
                "changes weather, light and style",
                gated=True,
                gpu_gb=12,
                tasks=(Task.ENVIRONMENT, Task.STYLE),
            ),
        )
    }
)
