"""The words of the page, which a browser shows in its own language: the English ones are the keys of `de.toml`.

Gradio translates by marks, of which a text may hold one, whatever stands around it. What Gradio leaves as it is, and
texts with numbers inside, are put in the caller's language before they are sent.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import gradio as gr
from gradio.i18n import I18nData

__all__ = ["LANGUAGES", "Tell", "catalogue", "relay", "say", "tongue", "translations"]

HERE = Path(__file__).parent
LANGUAGES = ("de",)  # beside English

Tell = Callable[[str], str]


def say(english: str) -> str:
    """A mark in whose place the browser shows the words in its language, or as they are where there are none."""
    return str(I18nData(english))


def relay(words: str) -> str:
    """The same for words that come from elsewhere, errors of the services among them."""
    return words if "}" in words else say(words)  # there a mark ends


def tongue(request: gr.Request) -> Tell:
    """What puts words into the language of the caller's browser."""
    wanted = (request.headers.get("accept-language") or "")[:2].lower()
    words: Mapping[str, str] = catalogue(wanted) if wanted in LANGUAGES else {}
    return lambda english: words.get(english, english)


@cache
def catalogue(language: str) -> dict[str, str]:
    """The words of a language by the English ones; those that Gradio lacks by Gradio's own names."""
    words = tomllib.loads((HERE / f"{language}.toml").read_text(encoding="utf-8"))
    return {**words["page"], **words["gradio"]}


def translations() -> gr.I18n:
    """All catalogues, for the browsers."""
    return gr.I18n(**{language: catalogue(language) for language in LANGUAGES})
