"""The log as a person looks at it: cards with small pictures, and an edit opened again to go on from it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from PIL import Image

from omniedit.errors import BadInput, OmniEditError, refusals
from omniedit.folders import whole_file
from omniedit.recipe import Recipe
from omniedit.services.log import EditLog, may_train, recipe_of, result_of
from omniedit.services.upkeep import OnLeft, part_with
from omniedit.store import Entry, Wanted, folded, purge
from omniedit.types import EditResult

__all__ = ["MAX_TITLE", "PAGE", "Album", "AskedFor", "Card", "Opened", "Scope", "State"]

SMALL = 320  # longest side of a card's picture, pixels
PAGE = 40  # cards
UNFINISHED = ("failed", "cancelled", "interrupted")
MAX_TITLE = 120  # characters


class Scope(StrEnum):
    """Which edits are looked at."""

    PHOTO = "this photo"
    ALL = "all"
    STARRED = "starred"
    UNFINISHED = "unfinished"
    BIN = "bin"


@dataclass(frozen=True)
class Card:
    """An edit at a glance. `depth` counts the edits that it goes on from, where a tree is looked at."""

    id: str
    picture: Path
    says: str
    began: datetime
    starred: bool
    depth: int = 0

    def copied(self, folder: Path) -> Path:
        """The picture as a file in `folder`, from where a page may be sent it."""
        target = folder / self.picture.name
        with refusals("A small picture cannot be shown", "make room on the disk"):
            shutil.copyfile(self.picture, target)
        return target


@dataclass(frozen=True)
class State:
    """What its owner thinks of an edit; `consent`: it may be used for training."""

    title: str = ""
    starred: bool = False
    consent: bool = False
    binned: bool = False


@dataclass(frozen=True)
class AskedFor:
    """What an edit is made of, whether or not it came to its end; pictures are decoded, `parent` is an edit's id."""

    recipe: Recipe
    source: Image.Image
    mask: Image.Image | None
    material: Image.Image | None
    parent: str | None


@dataclass(frozen=True)
class Opened:
    """A finished edit with its source and results; `recipes`: what the file of each result says."""

    instruction: str
    source: Image.Image
    result: EditResult
    recipes: tuple[Recipe | None, ...]
    state: State


class Album:
    """What `owner` has edited. Every method raises BadInput for an edit that is not this owner's."""

    def __init__(self, log: EditLog, recipes: bool = True, on_left: OnLeft = lambda pictures: None) -> None:
        """`recipes`: results carry how they were made. `on_left` hears which pictures of edits that were removed are
        still on the disk, since a row that is being written may name them.
        """
        self.log, self.recipes, self.on_left = log, recipes, on_left

    def cards(
        self,
        owner: str,
        scope: Scope,
        words: str = "",
        about: str | None = None,
        limit: int = PAGE,
        after: str | None = None,
    ) -> tuple[Card, ...]:
        """The newest edits of the scope that have the words; of a photo, the tree to which the edit `about` belongs.

        `after` is the id of the last card of the page before; a tree has one page.
        """
        if scope == Scope.PHOTO:
            return () if about is None else self._tree(owner, about, words)
        wanted = Wanted(
            statuses=UNFINISHED if scope == Scope.UNFINISHED else () if scope == Scope.BIN else ("done",),
            words=words,
            starred=scope == Scope.STARRED,
            binned=scope == Scope.BIN,
        )
        before = None if after is None else self.log.history.one(owner, after).place
        return tuple(self._card(entry) for entry in self.log.history.page(owner, wanted, before, limit))

    def open(self, owner: str, name: str) -> Opened:
        """The edit with its pictures; OmniEditError where one is gone."""
        entry = self.log.history.one(owner, name)
        if entry.status != "done":
            raise BadInput(f"This edit is {entry.status}, so there is no result. {entry.error or ''}".strip())
        result = result_of(entry, tuple(self.log.picture(picture) for picture in entry.results))
        return Opened(
            entry.instruction,
            self.log.picture(entry.source),
            result,
            tuple(recipe_of(entry).each(entry.seeds)) if self.recipes else (None,) * len(entry.seeds),
            _state(entry),
        )

    def asked(self, owner: str, name: str) -> AskedFor:
        """What the edit is made of, also of one that failed or was stopped; OmniEditError where a picture is gone."""
        entry = self.log.history.one(owner, name)
        return AskedFor(
            recipe_of(entry),
            self.log.picture(entry.source),
            None if entry.mask is None else self.log.picture(entry.mask),
            None if entry.material is None else self.log.picture(entry.material),
            entry.parent,
        )

    def state(self, owner: str, name: str) -> State:
        """What its owner thinks of an edit."""
        return _state(self.log.history.one(owner, name))

    def change(self, owner: str, name: str, **values: bool | str) -> State:
        """Give fields of the edit's State other values (an empty title takes the name away); the state then."""
        if "title" in values:
            title = " ".join(str(values["title"]).split())
            if len(title) > MAX_TITLE:
                raise BadInput(f"The name has {len(title)} characters; give at most {MAX_TITLE}.")
            values = {**values, "title": title}
        if values.get("consent") and not may_train(owner):
            raise BadInput("What strangers make is not kept, so no model learns from it.")
        self.log.history.change(owner, name, **values)
        return self.state(owner, name)

    def clear(self, owner: str, scope: Scope) -> int:
        """Put all that is unfinished into the bin, or empty the bin; how many edits that were."""
        if scope == Scope.BIN:
            return self._purge(owner)
        if scope != Scope.UNFINISHED:
            raise BadInput(f"Edits that are {scope.value} are deleted one by one.")
        return self.log.history.bin_all(owner, UNFINISHED)

    def forget(self, owner: str) -> None:
        """Remove all edits of one who will not come back, and their pictures."""
        self.log.history.bin_all(owner)
        self._purge(owner)

    def _purge(self, owner: str) -> int:
        """Remove what the owner has in the bin, and the pictures that nobody else's edit names; how many edits."""
        gone = purge(self.log.database, datetime.now(UTC), owner, owner)
        part_with(self.log, gone.pictures, self.on_left)
        return gone.edits

    def ready(self, owner: str, name: str) -> None:
        """Make the small picture of an edit before its card is asked for."""
        self._card(self.log.history.one(owner, name))

    def root(self, owner: str, name: str) -> str:
        """The id of the edit that began the tree of this one: it was made of the photo itself."""
        return next(entry.id for entry in self.log.history.tree(owner, name) if entry.parent is None)

    def photo(self, owner: str, name: str) -> Path:
        """The small picture of the photo that the edit goes back to."""
        return self._small(self.log.history.one(owner, self.root(owner, name)).source)

    def put_back(self, owner: str, name: str) -> bool:
        """Take an edit out of the bin that has no result to be looked at there; False where it has one."""
        entry = self.log.history.one(owner, name)
        if entry.status == "done":
            return False
        if entry.binned is not None:
            self.change(owner, name, binned=False)
        return True

    def _tree(self, owner: str, about: str, words: str) -> tuple[Card, ...]:
        """Depth first, so that what goes on from an edit stands behind it."""
        tree = self.log.history.tree(owner, about)
        above = {entry.id: entry.parent for entry in tree}
        here = {entry.id for entry in tree if entry.status == "done" and entry.binned is None}
        below: dict[str | None, list[Entry]] = {}
        for entry in tree:
            if entry.id in here:
                parent = entry.parent
                while parent is not None and parent not in here:  # what went on from a deleted edit is not lost
                    parent = above[parent]
                below.setdefault(parent, []).append(entry)
        cards: list[Card] = []
        waiting = [(entry, 0) for entry in reversed(below.get(None, []))]
        while waiting:
            entry, depth = waiting.pop()
            cards.append(self._card(entry, depth))
            waiting += [(child, depth + 1) for child in reversed(below.get(entry.id, []))]
        asked = folded(words).split()
        return tuple(card for card in cards if all(word in folded(card.says) for word in asked))

    def _card(self, entry: Entry, depth: int = 0) -> Card:
        says = entry.title or entry.instruction
        if entry.status != "done":
            says = f"{entry.status}: {says}" + (f" ({entry.error})" if entry.error else "")
        picture = self._small(entry.results[0] if entry.results else entry.source)
        return Card(entry.id, picture, says, entry.began, entry.starred, depth)

    def _small(self, name: str) -> Path:
        path = self.log.small / name[:2] / f"{name}.webp"
        if path.exists():
            return path
        try:
            image = self.log.picture(name)
        except OmniEditError:  # the others are still to be seen
            return self._gone()
        image.thumbnail((SMALL, SMALL), reducing_gap=2)
        return _put(image, path)

    def _gone(self) -> Path:
        """Shown for a picture that is missing or damaged: `omniedit doctor` says which."""
        path = self.log.small / "gone.webp"
        return path if path.exists() else _put(Image.new("RGB", (SMALL, SMALL), (128, 128, 128)), path)


def _state(entry: Entry) -> State:
    return State(entry.title or "", entry.starred, entry.consent, entry.binned is not None)


def _put(image: Image.Image, path: Path) -> Path:
    with refusals("A small picture cannot be kept", "make room, or choose another OMNIEDIT_HOME"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            image.save(file, "WEBP", quality=80)
    return path
