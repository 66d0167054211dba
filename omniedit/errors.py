"""The exceptions of the project.

OmniEditError
├── BadInput (also ValueError)     what a person gave cannot be used; the message is one sentence for them
├── EngineUnavailable              an engine cannot run on this machine; the message says why and what to do
├── CheckpointError                a checkpoint is missing, damaged or of another shape
└── Cancelled                      the person stopped the edit
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["BadInput", "Cancelled", "CheckpointError", "EngineUnavailable", "OmniEditError", "file_name", "refusals"]


class OmniEditError(Exception):
    """Base of every error that a person may see; its text is one clear sentence."""


class BadInput(OmniEditError, ValueError):
    """Input that cannot be used: the message says what was given, what is allowed and what to do."""


class EngineUnavailable(OmniEditError):
    """An engine that cannot run here, with the reason."""


class CheckpointError(OmniEditError):
    """A checkpoint that is missing, damaged or does not fit the model."""


class Cancelled(OmniEditError):
    """The edit was stopped on request."""


@contextmanager
def refusals(what: str, next_step: str) -> Iterator[None]:
    """What the system refuses (no leave, no room, an odd name) as BadInput: "{what}: {reason}; {next_step}."."""
    try:
        yield
    except OmniEditError:
        raise
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: odd names; RuntimeError: links in a circle
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"{what}: {reason.lower()}; {next_step}.") from error


def file_name(path: Path) -> str:
    """How a sentence names a file: in quotes, without its folders."""
    return repr(path.name or str(path))
