"""How an edit was asked for, beside its pictures: as JSON, and inside the PNG that it made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from os import PathLike
from typing import IO, Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydantic import TypeAdapter, ValidationError

from omniedit.errors import BadInput
from omniedit.types import EditRequest, Intent, Parameter, Task

__all__ = ["Recipe", "png_info", "read_recipe"]

KEY = "omniedit"  # of the text in a PNG
LONGEST = 100_000  # characters of that text


@dataclass(frozen=True)
class Recipe:
    """The fields of EditRequest that are no pictures, the engine that was asked for, and the edit's id in the log."""

    instruction: str
    engine: str
    task: Task | None = None
    seed: int = 0
    steps: int | None = None
    guidance: float | None = None
    image_guidance: float | None = None
    variants: int = 1
    box: tuple[int, int, int, int] | None = None
    click: tuple[int, int] | None = None
    before: str | None = None
    intent: Intent | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    edit: str | None = None

    @classmethod
    def of(cls, request: EditRequest, engine: str) -> Recipe:
        """The recipe of a request to `engine`."""
        asked = {name: getattr(request, name) for name in ASKED}
        asked["parameters"] = {k: v if isinstance(v, str) else float(v) for k, v in request.parameters.items()}
        return cls(engine=engine, **asked)

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Recipe:
        """The recipe in a decoded JSON object; BadInput where it is none. Unknown keys are left out."""
        try:
            return ADAPTER.validate_python(facts)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise BadInput(f"The recipe has {place} = {first['input']!r}: {first['msg'].lower()}.") from None

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads, without what is left open."""
        facts: dict[str, Any] = ADAPTER.dump_python(self, mode="json", exclude_defaults=True)
        return facts

    def request(self, source: Image.Image, mask: Image.Image | None, material: Image.Image | None) -> EditRequest:
        """The request, with its pictures; BadInput for a value that cannot be used on them."""
        asked = {name: getattr(self, name) for name in ASKED}
        return EditRequest(source=source, mask=mask, material=material, **asked)


ADAPTER = TypeAdapter(Recipe)
ASKED = tuple(f.name for f in fields(Recipe) if f.name not in ("engine", "edit"))  # fields that a request has, too


def png_info(recipe: Recipe) -> PngInfo:
    """The text by which `read_recipe` finds the recipe in a PNG."""
    info = PngInfo()
    info.add_itxt(KEY, json.dumps(recipe.as_json(), ensure_ascii=False), zip=True)
    return info


def read_recipe(png: str | PathLike[str] | IO[bytes]) -> Recipe | None:
    """The recipe in a PNG that this program made, None in any other file. Reads the header, decodes no pixel."""
    try:
        with Image.open(png, formats=["PNG"]) as image:
            words = image.info.get(KEY)
        if not isinstance(words, str) or len(words) > LONGEST:
            return None
        facts = json.loads(words)
        return Recipe.from_json(facts) if isinstance(facts, dict) else None
    except (OSError, ValueError, SyntaxError, RecursionError, Image.DecompressionBombError):
        return None
