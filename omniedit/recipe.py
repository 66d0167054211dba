"""How an edit was asked for, beside its pictures: as JSON, and inside the PNG that it made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from typing import IO, Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydantic import TypeAdapter, ValidationError

from omniedit.errors import BadInput
from omniedit.types import EditRequest, How

__all__ = ["Recipe", "png_info", "read_recipe"]

KEY = "omniedit"  # of the text in a PNG
LONGEST = 100_000  # characters of that text


@dataclass(frozen=True)
class Recipe(How):
    """What was asked for, the engine that was asked, and the edit's id in the log."""

    instruction: str
    engine: str
    edit: str | None = None

    @classmethod
    def of(cls, request: EditRequest, engine: str) -> Recipe:
        """The recipe of a request to `engine`."""
        settings = request.settings()
        settings["parameters"] = {k: v if isinstance(v, str) else float(v) for k, v in request.parameters.items()}
        return cls(request.instruction, engine, **settings)

    def each(self, seeds: Iterable[int]) -> list[Recipe]:
        """The recipes of the variants alone."""
        return [replace(self, seed=seed, variants=1) for seed in seeds]

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
        return EditRequest(source, self.instruction, mask, material, **self.settings())


ADAPTER = TypeAdapter(Recipe)


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
