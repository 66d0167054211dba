"""Contact sheets of the specialists: `python -m training.contact FOLDER [TASK ...]`.

Each task on four bundled photographs with two requests each: source, plan (what may change is bright and outlined) and
result; overview.jpg shows one of most tasks. Seed 0, the first variant.
"""

from __future__ import annotations

import argparse
import io
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from PIL import Image, ImageDraw, ImageFont

from omniedit.errors import OmniEditError
from omniedit.services.editing import EditingService, Options, parse_task
from omniedit.settings import assets_dir, load_settings
from omniedit.types import Task

__all__ = ["REQUESTS", "main"]

SIDE, GAP, CAPTION = 250, 8, 34
QUALITY = 86  # of the JPEG


@dataclass(frozen=True)
class _Wish:
    """A photograph, the words, and where a person points (pixels of the photograph)."""

    photo: str
    words: str
    box: tuple[int, int, int, int] | None = None
    click: tuple[int, int] | None = None


REQUESTS: Mapping[Task, tuple[_Wish, ...]] = MappingProxyType(
    {
        Task.REMOVAL: (
            _Wish("astronaut", "remove the rocket on the right", box=(262, 0, 348, 210)),
            _Wish("astronaut", "take the round badge off her chest", box=(98, 255, 160, 322)),
            _Wish("chelsea", "get rid of the dark spot on its nose", box=(192, 180, 262, 228)),
            _Wish("chelsea", "remove the ear", box=(296, 0, 352, 62)),
            _Wish("coffee", "remove the spoon", box=(202, 148, 264, 212)),
            _Wish("coffee", "erase the handle of the cup", box=(122, 142, 172, 202)),
            _Wish("rocket", "remove the rocket", box=(178, 74, 208, 246)),
            _Wish("rocket", "I'd like the tower on the left gone", box=(0, 0, 56, 230)),
        ),
        Task.SWAP: (
            _Wish("astronaut", "swap the model rocket for a palm tree", box=(262, 0, 348, 210)),
            _Wish("astronaut", "replace the helmet with a teddy bear", box=(208, 256, 384, 384)),
            _Wish("chelsea", "replace the nose with a strawberry", box=(192, 180, 262, 228)),
            _Wish("chelsea", "swap the left eye for a donut", box=(112, 70, 178, 128)),
            _Wish("coffee", "swap the spoon for a mushroom", box=(202, 148, 264, 212)),
            _Wish("coffee", "replace the cup with a cake", box=(110, 8, 266, 158)),
            _Wish("rocket", "replace the rocket with a balloon", box=(178, 74, 208, 246)),
            _Wish("rocket", "turn the middle tower into a tree", box=(260, 70, 284, 240)),
        ),
        Task.ADDITION: (
            _Wish("astronaut", "give her a crown"),
            _Wish("astronaut", "add a cat on the left"),
            _Wish("chelsea", "put sunglasses on the cat", box=(105, 70, 305, 140)),
            _Wish("chelsea", "add a butterfly", click=(330, 60)),
            _Wish("coffee", "add a donut on the table", click=(340, 190)),
            _Wish("coffee", "put a strawberry next to the cup"),
            _Wish("rocket", "add a moon in the sky"),
            _Wish("rocket", "I want a hot air balloon top left"),
        ),
        Task.ATTRIBUTE: (
            _Wish("astronaut", "make her suit emerald green", click=(60, 300)),
            _Wish("astronaut", "dye her hair black", box=(112, 8, 232, 105)),
            _Wish("chelsea", "make the cat grey", click=(60, 130)),
            _Wish("chelsea", "blue eyes please", box=(112, 70, 178, 128)),
            _Wish("coffee", "make the saucer navy blue", click=(80, 130)),
            _Wish("coffee", "the cup should be gold", box=(110, 8, 266, 205)),
            _Wish("rocket", "make the whole picture a bit brighter"),
            _Wish("rocket", "make the rocket red", box=(178, 74, 208, 246)),
        ),
        Task.BACKGROUND: (
            _Wish("astronaut", "put her on a beach"),
            _Wish("astronaut", "blur the background"),
            _Wish("chelsea", "change the background to a forest", box=(0, 0, 340, 255)),
            _Wish("chelsea", "plain white background", box=(0, 0, 340, 255)),
            _Wish("coffee", "put the cup in a meadow", box=(48, 8, 310, 248)),
            _Wish("coffee", "blur the background a lot", box=(48, 8, 310, 248)),
            _Wish("rocket", "put the rocket in space", box=(178, 74, 208, 246)),
            _Wish("rocket", "a mountain backdrop behind the rocket", box=(178, 74, 208, 246)),
        ),
        Task.ENVIRONMENT: (
            _Wish("astronaut", "golden hour light"),
            _Wish("astronaut", "make it night"),
            _Wish("chelsea", "let it snow"),
            _Wish("chelsea", "make it foggy"),
            _Wish("coffee", "make it look like a rainy day"),
            _Wish("coffee", "sunset please"),
            _Wish("rocket", "turn it into a sunset"),
            _Wish("rocket", "add a thunderstorm"),
        ),
        Task.STYLE: (
            _Wish("astronaut", "as if painted by Van Gogh"),
            _Wish("astronaut", "make it a pencil drawing"),
            _Wish("chelsea", "turn it into a watercolour"),
            _Wish("chelsea", "pop art like Warhol"),
            _Wish("coffee", "as an oil painting"),
            _Wish("coffee", "make it a comic"),
            _Wish("rocket", "stained glass window"),
            _Wish("rocket", "pixel art"),
        ),
    }
)
OVERVIEW = (
    REQUESTS[Task.ATTRIBUTE][0],
    REQUESTS[Task.STYLE][0],
    REQUESTS[Task.ADDITION][2],
    REQUESTS[Task.STYLE][3],
    REQUESTS[Task.BACKGROUND][4],
    REQUESTS[Task.ATTRIBUTE][5],
    REQUESTS[Task.ENVIRONMENT][6],
    REQUESTS[Task.BACKGROUND][6],
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a sheet for each task; 2 with one sentence where that cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m training.contact", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("tasks", nargs="*", default=[task.value for task in Task])
    given = parser.parse_args(arguments)
    try:
        service = EditingService(load_settings())
        given.folder.mkdir(parents=True, exist_ok=True)
        sheets = {str(task): REQUESTS[task] for task in filter(None, map(parse_task, given.tasks))}
        for name, wishes in {**sheets, "overview": OVERVIEW}.items():
            data = io.BytesIO()
            _sheet(service, wishes).save(data, "JPEG", quality=QUALITY)
            (given.folder / f"{name}.jpg").write_bytes(data.getvalue())
            print(given.folder / f"{name}.jpg")
    except OmniEditError as error:
        print(f"training.contact: {error}", file=sys.stderr)
        return 2
    return 0


def _sheet(service: EditingService, wishes: Sequence[_Wish]) -> Image.Image:
    """A row for each photograph: source, then plan and result of its two requests."""
    rows = [_row(service, wishes[k : k + 2]) for k in range(0, len(wishes), 2)]
    sheet = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)), "white")
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    return sheet


def _row(service: EditingService, wishes: Sequence[_Wish]) -> Image.Image:
    path = assets_dir() / "photos" / f"{wishes[0].photo}.jpg"
    with Image.open(path) as photo:
        cells = [(photo.convert("RGB"), wishes[0].photo)]
    for wish in wishes:
        options = Options(box=wish.box, click=wish.click)
        plan = service.plan(path, wish.words, options=options, engine="specialists")
        cells.append((plan.picture, plan.says if plan.refused else f'"{wish.words}"'))
        if plan.refused:
            cells.append((plan.picture, "refused"))
        else:
            result = service.edit(path, wish.words, options=options, engine="specialists")
            cells.append((result.images[0].convert("RGB"), ""))
    high = round(SIDE * cells[0][0].height / cells[0][0].width)
    row = Image.new("RGB", (len(cells) * (SIDE + GAP) + GAP, high + CAPTION), "white")
    draw, font = ImageDraw.Draw(row), ImageFont.load_default(12)
    for k, (picture, words) in enumerate(cells):
        left = GAP + k * (SIDE + GAP)
        row.paste(picture.resize((SIDE, high), Image.Resampling.LANCZOS), (left, 0))
        draw.multiline_text((left, high + 2), "\n".join(textwrap.wrap(words, 42)[:2]), "black", font, spacing=1)
    return row


if __name__ == "__main__":
    sys.exit(main())
