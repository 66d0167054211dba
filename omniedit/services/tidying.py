"""What was removed leaves the disk while the app runs, as soon as no edit that is being written may need it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection

from omniedit.errors import OmniEditError
from omniedit.services.log import EditLog
from omniedit.services.upkeep import check_whole, empty_bin, forget_strangers, let_go, sweep_all
from omniedit.store.cleaning import Remover

__all__ = ["LIFE", "Tidier"]

logger = logging.getLogger(__name__)

HOUR = 3600.0
DAY = 24 * HOUR
LIFE = DAY  # seconds after its last edit for which a page that never said goodbye keeps its edits and its pictures
CALM = 60.0  # seconds between two looks, however much is removed


class Tidier:
    """Looks at a log in a thread of its own: when it starts, each hour, and a minute after it is told of pictures.

    All pictures are looked at once a day, for those that another process left.
    """

    def __init__(self, log: EditLog, days: int) -> None:
        """`days`: how long edits stay in the bin; 0: for ever."""
        self.log, self.days = log, days
        self._left: set[str] = set()  # pictures of removed edits that are to go
        self._sweep = 0.0  # when all pictures are looked at again
        self._lock, self._told, self._stopped = threading.Lock(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="tidier", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def later(self, pictures: Collection[str]) -> None:
        """These pictures may go, as far as no edit names them, but not yet: see `store.release`."""
        with self._lock:
            self._left |= set(pictures)
        self._told.set()

    def close(self) -> None:
        """End; a look that is under way ends first."""
        self._stopped.set()
        self._told.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> bool:
        """Empty the bin of what has been there long enough, forget strangers who are gone, and remove pictures;
        whether some may go in a minute.
        """
        with self._lock:
            pictures, self._left = self._left, set()
        left = frozenset[str]()
        try:
            pictures |= empty_bin(self.log, self.days)
            pictures |= forget_strangers(self.log, LIFE)
            if time.monotonic() >= self._sweep:
                self._sweep_all()
            left = let_go(self.log, pictures)
            pictures = set(left)
        except (OSError, OmniEditError) as error:  # the next look may do it
            logger.warning("What was removed is still on the disk: %s", error)
        finally:
            with self._lock:
                self._left |= pictures
        return bool(left)

    def _sweep_all(self) -> None:
        check_whole(self.log, 0)
        logger.debug("%d pictures that no edit names were removed.", sweep_all(self.log, remove := Remover()))
        self._sweep = time.monotonic() + DAY
        if remove.stuck:
            logger.warning("%s", remove.says)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._told.clear()
            try:
                soon = self.look()
            except Exception:  # a fault costs one look, and is no reason to leave everything on the disk from now on
                logger.exception("A look at what is to be removed failed.")
                soon = False
            if not soon:
                self._told.wait(HOUR)
            self._stopped.wait(CALM)
