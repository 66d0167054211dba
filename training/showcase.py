"""The README's picture: `python -m training.showcase FILE.png` edits the app's examples with an engine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from omniedit.engines import DEFAULT
from omniedit.errors import OmniEditError
from omniedit.results import save_png
from omniedit.services.editing import EditingService
from omniedit.services.examples import example_pictures
from omniedit.settings import load_settings

__all__ = ["main", "showcase"]

SIDE, GAP, CAPTION = 300, 12, 34


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 when the picture is written."""
    parser = argparse.ArgumentParser(prog="python -m training.showcase", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", type=Path)
    parser.add_argument("--engine", default=DEFAULT)
    given = parser.parse_args(arguments)
    try:
        print(save_png(showcase(given.engine), given.target, overwrite=True))
    except OmniEditError as error:
        print(f"training.showcase: {error}", file=sys.stderr)
        return 2
    return 0


def showcase(engine: str) -> Image.Image:
    """Each example before and after, two examples a row, its instruction below. Seed 0, nothing is chosen."""
    service = EditingService(load_settings())
    cards = []
    for path, instruction in example_pictures():
        result = service.edit(path, instruction, engine=engine)
        with Image.open(path) as source:
            cards.append(_card(source.convert("RGB"), result.images[0].convert("RGB"), instruction))
    width, height = cards[0].size
    rows = -(-len(cards) // 2)
    sheet = Image.new("RGB", (2 * width + 3 * GAP, rows * (height + GAP) + GAP), "white")
    for i, card in enumerate(cards):
        sheet.paste(card, (GAP + i % 2 * (width + GAP), GAP + i // 2 * (height + GAP)))
    return sheet


def _card(before: Image.Image, after: Image.Image, words: str) -> Image.Image:
    card = Image.new("RGB", (2 * SIDE + 4, SIDE + CAPTION), "white")
    for k, picture in enumerate((before, after)):
        card.paste(ImageOps.fit(picture, (SIDE, SIDE), Image.Resampling.LANCZOS), (k * (SIDE + 4), 0))
    draw = ImageDraw.Draw(card)
    draw.text((SIDE + 2, SIDE + CAPTION / 2), f'"{words}"', "black", ImageFont.load_default(18), anchor="mm")
    return card


if __name__ == "__main__":
    sys.exit(main())
