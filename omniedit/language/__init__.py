"""What an instruction means: `parse(instruction) -> Intent`."""

from omniedit.language.parser import as_json, parse

__all__ = ["as_json", "parse"]
