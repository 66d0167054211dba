"""The log of edits: a database of what was asked for and what became of it, and the pictures beside it.

database = open_database("sqlite:////home/me/omniedit.db")     its tables brought up to date
journal = Journal(database, Pictures(folder))                  writes: an attempt is a row before the work begins
history = History(database)                                    reads: pages, one edit, its tree
"""

from omniedit.store.cleaning import purge, strays, sweep
from omniedit.store.database import Database, connect, open_database
from omniedit.store.history import STATUSES, Entry, History, Wanted
from omniedit.store.journal import Attempt, Image, Journal, Kept, Outcome
from omniedit.store.pictures import Pictures
from omniedit.store.transfer import Parcel, parcels, receive

__all__ = [
    "STATUSES",
    "Attempt",
    "Database",
    "Entry",
    "History",
    "Image",
    "Journal",
    "Kept",
    "Outcome",
    "Parcel",
    "Pictures",
    "Wanted",
    "connect",
    "open_database",
    "parcels",
    "purge",
    "receive",
    "strays",
    "sweep",
]
