"""OmniEdit: edit pictures by instruction.

    from omniedit import EditRequest, load_engine
    edited = load_engine("editnet-mini").edit(EditRequest(source=image, instruction="make it night")).images[0]

Names are imported when they are first used, so that `import omniedit` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omniedit.engines import load_engine
    from omniedit.types import EditRequest, EditResult, Task

__all__ = ["EditRequest", "EditResult", "Task", "__version__", "load_engine"]
__version__ = "0.1.0"

_HOME = {
    "EditRequest": "omniedit.types",
    "EditResult": "omniedit.types",
    "Task": "omniedit.types",
    "load_engine": "omniedit.engines",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'omniedit' has no attribute {name!r}")
