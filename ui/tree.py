"""A photo and all that was made of it, drawn as a tree: each edit hangs below the one whose result it goes on from."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from omniedit.services.album import Card
from omniedit.services.files import small_address
from ui.words import Tell

__all__ = ["PHOTO", "PICK", "drawn"]

PHOTO = "photo"  # stands for the photo that all of it goes back to
LONGEST = 112  # pixels of a small picture, twice what it takes up
PICK = """
element.addEventListener("click", event => {
  const button = event.target.closest("button");
  if (button) trigger("select", { edit: button.dataset.edit });
});
"""


def drawn(photo: Path, cards: Sequence[Card], chosen: str | None, tell: Tell) -> str:
    """HTML whose buttons name an edit, or PHOTO; `cards` depth first, of which some may be left out.

    `chosen` is the one that is looked at.
    """
    parts = [f"<ul><li>{_button(PHOTO, photo, tell('The photo'), False)}"]
    depths: list[int] = []  # of the lists that are open
    for card in cards:
        while depths and depths[-1] > card.depth:
            parts.append("</li></ul>")
            depths.pop()
        if depths and depths[-1] == card.depth:
            parts.append("</li><li>")
        else:
            parts.append("<ul><li>")
            depths.append(card.depth)
        parts.append(_button(card.id, card.picture, f"{'★ ' if card.starred else ''}{card.says}", card.id == chosen))
    return "".join([*parts, "</li></ul>" * (len(depths) + 1)])


def _button(name: str, picture: Path, says: str, chosen: bool) -> str:
    current = ' aria-current="true"' if chosen else ""
    shown = f'<img alt="" src="{small_address(picture, LONGEST)}"><span>{escape(says)}</span>'
    return f'<button type="button" data-edit="{escape(name)}"{current}>{shown}</button>'
