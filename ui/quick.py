"""Imports Gradio in half of its time."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

__all__ = ["import_gradio"]

WRITER, WRITES = "gradio.component_meta", "create_or_modify_pyi"


def import_gradio() -> None:
    """Import it without the stubs for editors that it otherwise writes beside its code, each time anew.

    It tells nobody of its use. On a Space, `spaces` comes with it, since that must come before torch.
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    finder = _WithoutStubs()
    sys.meta_path.insert(0, finder)
    try:
        with suppress(ImportError):
            import_module("spaces")
        import_module("gradio")
    finally:
        sys.meta_path.remove(finder)


class _WithoutStubs(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """See importlib."""
        spec = PathFinder.find_spec(name, path, target) if name == WRITER else None
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def quietly(module: ModuleType) -> None:
            run(module)
            setattr(module, WRITES, lambda *_: None)

        spec.loader.exec_module = quietly  # type: ignore[method-assign]
        return spec
