"""What an instruction means: `parse(instruction) -> Intent`; `filled(task, ...)` is the way back, from a form."""

from omniedit.language.filled import filled
from omniedit.language.parser import as_json, as_task, parse

__all__ = ["as_json", "as_task", "filled", "parse"]
