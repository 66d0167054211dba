"""Render assets/sprites from the two emoji families; only a developer who adds an object runs this.

python -m training.world.build_sprites NotoColorEmoji.ttf fluentui-emoji-1.3.0.tgz

Needs `rsvg-convert` (Debian: librsvg2-bin) for Fluent's SVG files.
"""

import argparse
import io
import subprocess
import tarfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from omniedit.errors import BadInput
from training.world.sprites import SPRITE_SIDE, SPRITES
from training.world.vocabulary import OBJECTS, ObjectSpec

NOTO_SIZE = 109  # the only size of the bitmaps inside Noto Color Emoji


def draw_noto(font: ImageFont.FreeTypeFont, spec: ObjectSpec) -> Image.Image:
    """The Noto drawing of an object as RGBA with its margins."""
    canvas = Image.new("RGBA", (200, 200))
    character = chr(spec.noto)
    ImageDraw.Draw(canvas).text((30, 30), character, font=font, embedded_color=True)
    return canvas


def draw_fluent(package: tarfile.TarFile, spec: ObjectSpec) -> Image.Image:
    """The Fluent drawing of an object as RGBA with its margins, rendered large and scaled later."""
    member = package.extractfile(f"package/icons/modern/{spec.fluent}.svg")
    if member is None:
        raise BadInput(f"The Fluent package holds no modern/{spec.fluent}.svg; mend its stem in vocabulary.py.")
    command = ["rsvg-convert", "--width", "384", "--height", "384"]
    png = subprocess.run(command, input=member.read(), stdout=subprocess.PIPE, check=True).stdout
    return Image.open(io.BytesIO(png)).convert("RGBA")


def trim(drawing: Image.Image) -> Image.Image:
    """Crop to the drawing and scale its longest side to SPRITE_SIDE; clear the colour of empty pixels."""
    box = drawing.getchannel("A").point(lambda alpha: 255 if alpha > 8 else 0).getbbox()
    if box is None:
        raise BadInput("The drawing is empty: the font or package lacks this emoji; choose another one.")
    cropped = drawing.crop(box)
    scale = SPRITE_SIDE / max(cropped.size)
    size = (max(1, round(cropped.width * scale)), max(1, round(cropped.height * scale)))
    premultiplied = cropped.convert("RGBa").resize(size, Image.Resampling.LANCZOS)
    straight = premultiplied.convert("RGBA")
    clear = Image.new("RGBA", straight.size)
    return Image.composite(straight, clear, straight.getchannel("A").point(lambda alpha: 255 if alpha else 0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("noto_font", type=Path)
    parser.add_argument("fluent_tgz", type=Path)
    arguments = parser.parse_args()
    font = ImageFont.truetype(str(arguments.noto_font), NOTO_SIZE)
    for family in ("noto", "fluent"):
        (SPRITES / family).mkdir(parents=True, exist_ok=True)
    with tarfile.open(arguments.fluent_tgz) as package:
        for spec in OBJECTS.values():
            trim(draw_noto(font, spec)).save(SPRITES / "noto" / f"{spec.name}.png", optimize=True)
            trim(draw_fluent(package, spec)).save(SPRITES / "fluent" / f"{spec.name}.png", optimize=True)
    print(f"Wrote {2 * len(OBJECTS)} sprites to {SPRITES}.")


if __name__ == "__main__":
    main()
