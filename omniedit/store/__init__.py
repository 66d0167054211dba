"""The log of edits: a database of what was asked for and what became of it, and the pictures beside it.

database = open_database("sqlite:////home/me/omniedit.db")     its tables brought up to date
journal = Journal(database, Pictures(folder))                  writes: an attempt is a row before the work begins
history = History(database)                                    reads: pages, one edit, its tree
"""

from omniedit.store.database import Database, open_database
from omniedit.store.history import STATUSES, Entry, History, Wanted
from omniedit.store.journal import Attempt, Image, Journal, Outcome
from omniedit.store.pictures import Pictures

__all__ = [
    "STATUSES",
    "Attempt",
    "Database",
    "Entry",
    "History",
    "Image",
    "Journal",
    "Outcome",
    "Pictures",
    "Wanted",
    "open_database",
]
