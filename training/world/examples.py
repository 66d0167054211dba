"""The app's example pictures: `python -m training.world.examples` paints them anew into assets/examples."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from omniedit.results import save_png
from omniedit.settings import assets_dir
from training.world.render import render
from training.world.scene import Scene, Thing

__all__ = ["EXAMPLES", "paint_examples"]

EXAMPLES = (
    (
        "meadow",
        "make it night",
        Scene(
            576, 384, "grass", 0,
            (
                Thing(1, "house", "noto/house", size=0.46, x=0.24, y=0.52),
                Thing(2, "car", "noto/car", size=0.34, x=0.74, y=0.72),
                Thing(3, "balloon", "noto/balloon", size=0.3, x=0.62, y=0.24),
            ),
        ),
    ),
    (
        "beach",
        "remove the ball",
        Scene(
            512, 384, "beach", 0,
            (
                Thing(1, "ball", "noto/ball", size=0.26, x=0.3, y=0.78),
                Thing(2, "umbrella", "noto/umbrella", size=0.4, x=0.72, y=0.58),
            ),
        ),
    ),
    (
        "room",
        "turn the cat into a panda",
        Scene(
            384, 384, "room", 0,
            (
                Thing(1, "cat", "noto/cat", size=0.4, x=0.32, y=0.72),
                Thing(2, "guitar", "noto/guitar", size=0.36, x=0.78, y=0.68),
            ),
        ),
    ),
    (
        "sky",
        "make the balloon yellow",
        Scene(
            384, 512, "sky", 0,
            (
                Thing(1, "balloon", "noto/balloon", size=0.46, x=0.36, y=0.4),
                Thing(2, "bird", "noto/bird", size=0.26, x=0.74, y=0.74),
            ),
        ),
    ),
)  # fmt: skip


def paint_examples(folder: Path) -> None:
    """Write the pictures and examples.json into `folder`."""
    rows = []
    for name, instruction, scene in EXAMPLES:
        save_png(Image.fromarray(render(scene).rgb), folder / f"{name}.png", overwrite=True)
        rows.append({"file": f"{name}.png", "instruction": instruction})
    (folder / "examples.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    paint_examples(assets_dir() / "examples")
