"""Settings from the environment (OMNIEDIT_PORT, OMNIEDIT_CHECKPOINT, ...) and the folder of what is shipped."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from platformdirs import user_data_dir
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from omniedit.errors import BadInput, OmniEditError

__all__ = ["Settings", "assets_dir", "load_settings"]

PREFIX = "OMNIEDIT_"
OF_A_SERVICE = re.compile(r"SERVICE_(HOST|PORT.*)|PORT_\d+_.*")  # what Kubernetes says of a service called omniedit
MINI = "omniedit-mini"


class Settings(BaseSettings):
    """Each field is read from OMNIEDIT_<FIELD>; empty means the default. Nothing is made on disk."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=0, le=65535)  # 0: any free one
    checkpoint: Path | None = None  # None: the bundled one
    device: str = "auto"  # auto, cpu, cuda, cuda:N or mps
    threads: int | None = Field(default=None, ge=1, le=1024)  # None: as torch chooses
    full_size: bool = True  # use full-size models where they are on this machine
    home: Path | None = None  # where edits and their pictures are kept; None: the user's folder for data
    database_url: str | None = None  # PostgreSQL, for many users; None: SQLite in the home
    log: bool = True  # keep each edit with its pictures
    consent: bool = False  # edits may be used for training, where a person says nothing else
    quota_gb: float | None = Field(default=None, gt=0, le=1e6)  # what one user's pictures may take; None: no limit
    bin_days: int = Field(default=30, ge=0, le=36_500)  # after so many what is in the bin goes at a start; 0: never
    recipes: bool = True  # results carry how they were made
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("checkpoint", "home")
    @classmethod
    def _expand(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @field_validator("host")
    @classmethod
    def _no_space(cls, value: str) -> str:
        if not value or any(c.isspace() or c == "/" for c in value):
            raise ValueError("give a host name or an address, such as 127.0.0.1")
        return value

    @field_validator("device")
    @classmethod
    def _known_device(cls, value: str) -> str:
        if not re.fullmatch(r"auto|cpu|mps|cuda(:\d{1,3})?", value):
            raise ValueError("give auto, cpu, cuda, cuda:0 or mps")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @property
    def checkpoint_dir(self) -> Path:
        """The checkpoint to load: the one that was named, or the bundled omniedit-mini."""
        return self.checkpoint or assets_dir() / "checkpoints" / MINI

    @property
    def home_dir(self) -> Path:
        """Where what is edited is kept."""
        return self.home or Path(user_data_dir("omniedit", appauthor=False))

    @property
    def database(self) -> str | Path:
        """Where the database is: an address, or a file in the home."""
        return self.database_url or self.home_dir / "omniedit.db"


def load_settings() -> Settings:
    """The settings of this process; BadInput with one sentence for an unknown one, or the first wrong value."""
    _check_names(os.environ)
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        allowed = first["msg"].removeprefix("Value error, ")
        allowed = allowed[0].lower() + allowed[1:]
        raise BadInput(f"The setting {name} is {first['input']!r}: {allowed}; correct it or unset it.") from None


def _check_names(environment: Iterable[str]) -> None:
    """BadInput for a variable that looks like a setting and is none: what it was to change would stay as it is."""
    known = [name.upper() for name in Settings.model_fields]
    for name in sorted(environment):
        asked = name.upper().removeprefix(PREFIX)
        if name.upper().startswith(PREFIX) and asked not in known and not OF_A_SERVICE.fullmatch(asked):
            near = get_close_matches(asked, known, 1)
            step = f"perhaps {PREFIX}{near[0]} is meant" if near else f"after {PREFIX} comes one of {', '.join(known)}"
            raise BadInput(f"There is no setting {name}; {step}: rename or unset it.")


def assets_dir() -> Path:
    """The folder of checkpoints, sprites and photos: `omniedit/_assets` of a wheel, `assets` of a checkout.

    A wheel carries `assets/` as `omniedit/_assets` (hatchling's force-include), so that it is found without
    knowing where the checkout was.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_assets", package.parent / "assets"):
        if folder.is_dir():
            return folder
    raise OmniEditError(f"The assets folder is missing beside {package}; install OmniEdit again.")
