"""What a canvas sends ahead of an edit, piece by piece, within limits: anybody can send such pieces, and Gradio keeps
them until an edit asks for them.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import gradio as gr
from fastapi import HTTPException

__all__ = ["LAYERS", "Blobs", "limit"]

TOGETHER = 1 << 30  # bytes of pieces that wait at the same time: a few of the largest photos
LAYERS = ("", "null", *map(str, range(8)))  # of a canvas, as it counts them; ours has one


class Blobs(OrderedDict[str, Any]):
    """The pieces by the name of their canvas, `most` bytes of them; the oldest go first."""

    def __init__(self, most: int = TOGETHER) -> None:
        super().__init__()
        self.most = most

    def __setitem__(self, name: str, pieces: Any) -> None:
        """Keep the pieces of a canvas, as the newest."""
        super().__setitem__(name, pieces)
        self.move_to_end(name)
        while len(self) > 1 and sum(map(_size, self.values())) > self.most:
            self.popitem(last=False)


def _size(pieces: Any) -> int:
    found = (pieces.background, pieces.composite, *pieces.layers)
    return 1_000 + sum(len(piece) for piece in found if piece is not None)


def limit(canvas: gr.ImageEditor) -> None:
    """Let a canvas take no more layers than there can be, and hold no more than a few photos."""
    take = canvas.accept_blobs
    canvas.blob_storage = Blobs()

    def accept_blobs(data: Any) -> Any:
        if str(data.data["index"] or "") not in LAYERS:
            raise HTTPException(400, f"A canvas has at most {len(LAYERS) - 2} layers.")
        return take(data)

    accept_blobs._is_server_fn = True  # type: ignore[attr-defined] # how Gradio knows what a browser may call
    canvas.accept_blobs = accept_blobs
