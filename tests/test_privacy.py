"""Where a photo was taken is in no file that comes back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from omniedit.settings import assets_dir
from tests.raw_pages import RawPage, caller, edit_of, file_of
from tests.running import running_app
from ui.guard import words_in

pytestmark = pytest.mark.slow

GPS, ORIENTATION, ARTIST = 0x8825, 0x0112, 0x013B
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description exif:GPSLatitude="52,31.2N"/></x:xmpmeta>'
SAYS = (b"Exif\0\0", b"eXIf", b"EXIF", b"GPSLatitude", b"xmpmeta", b"XML:com.adobe.xmp", b"Ann Secret", b"Raw profile")


def photo(kind: str) -> bytes:
    """One that says where it was taken, by whom, and that it lies on its side."""
    with Image.open(assets_dir() / "photos" / "chelsea.jpg") as image:
        exif = image.getexif()
        exif[ORIENTATION], exif[ARTIST] = 6, "Ann Secret"
        exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
        file, info = io.BytesIO(), PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        image.save(file, kind, exif=exif, **({"pnginfo": info} if kind == "PNG" else {"xmp": XMP}))
    data = file.getvalue()
    assert any(sign in data for sign in SAYS[:3]) and b"GPSLatitude" in data and b"Ann Secret" in data
    return data


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RawPage]:
    folder = tmp_path_factory.mktemp("app")
    with running_app(folder) as (address, _), caller(address) as client:
        yield RawPage(client, "page")


def check(page: RawPage, sent: bytes, *outputs: Any) -> int:
    """How many files came back, none of which says anything."""
    paths = {word for output in outputs for word in words_in(output) if word.startswith("/") and Path(word).is_file()}
    for path in paths:
        data = page.file(path).raise_for_status().content
        assert data != sent and not [sign for sign in SAYS if sign in data], path
        with Image.open(io.BytesIO(data)) as image:
            assert not image.getexif() and not {"exif", "xmp", "XML:com.adobe.xmp"} & set(image.info), path
    assert not [sign for sign in (b"GPS", b"Ann Secret", b"xmpmeta") if sign in json.dumps(outputs).encode()]
    return len(paths)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_that_comes_back_says_where_a_photo_was_taken(page: RawPage, kind: str) -> None:
    sent = photo(kind)
    picture = file_of(page.upload(sent, f"photo.{kind.lower()}"))
    ended = page.ask(page.index("/edit"), edit_of(picture, variants=2))
    assert ended.success and check(page, sent, ended.output) == 2
    opened = page.ask(page.index("open", "upload"), [picture])
    assert opened.success and check(page, sent, opened.output) >= 1
    asked = _on_page(page, picture)
    assert check(page, sent, *asked) >= 2


def _on_page(page: RawPage, picture: dict[str, Any]) -> list[dict[str, Any]]:
    """What the page is sent when Edit is pressed with the picture on its canvas, and when it is compared after that."""
    handler = next(d for d in page.config["dependencies"] if d["api_name"] == "on_edit")
    widgets = {c["id"]: c for c in page.config["components"]}
    data: list[Any] = []
    for number in handler["inputs"]:
        props = widgets[number]["props"]
        if props.get("elem_id") == "canvas":
            data.append({"background": picture, "layers": [], "composite": None})
        elif props.get("elem_id") == "instruction":
            data.append("make it sepia")
        else:
            data.append(props.get("value"))
    ended = page.ask(handler["id"], data)
    assert ended.success, ended.text
    return [ended.output]
