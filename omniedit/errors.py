"""The exceptions of the project.

OmniEditError
├── BadInput (also ValueError)     what a person gave cannot be used; the message is one sentence for them
├── EngineUnavailable              an engine cannot run on this machine; the message says why and what to do
├── CheckpointError                a checkpoint is missing, damaged or of another shape
└── Cancelled                      the person stopped the edit
"""

__all__ = ["BadInput", "Cancelled", "CheckpointError", "EngineUnavailable", "OmniEditError"]


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
