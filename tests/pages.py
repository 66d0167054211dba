"""Widgets without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import gradio as gr

T = TypeVar("T")


def within_page(make: Callable[[], T]) -> T:
    """What `make` makes where a page is built; in a running loop, for Gradio leaves one open where none runs."""

    async def build() -> T:
        with gr.Blocks():
            return make()

    return asyncio.run(build())
