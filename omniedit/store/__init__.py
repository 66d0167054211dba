"""The log of edits: a database of what was asked for and what became of it, and the pictures beside it.

database = open_database("sqlite:////home/me/omniedit.db")     its tables brought up to date
journal = Journal(database, Pictures(folder), Runners(other))   writes: an attempt is a row before the work begins
history = History(database)                                    reads: pages, one edit, its tree
"""

from omniedit.store.accounts import Accounts, Holder
from omniedit.store.cleaning import is_due, purge, strays, sweep
from omniedit.store.database import Database, connect, open_database
from omniedit.store.history import MOST, STATUSES, Entry, History, Wanted
from omniedit.store.journal import Attempt, Image, Journal, Kept, Outcome
from omniedit.store.pictures import Pictures
from omniedit.store.runners import Runners
from omniedit.store.schema import folded
from omniedit.store.transfer import Parcel, parcels, receive

__all__ = [
    "MOST",
    "STATUSES",
    "Accounts",
    "Attempt",
    "Database",
    "Entry",
    "History",
    "Holder",
    "Image",
    "Journal",
    "Kept",
    "Outcome",
    "Parcel",
    "Pictures",
    "Runners",
    "Wanted",
    "connect",
    "folded",
    "is_due",
    "open_database",
    "parcels",
    "purge",
    "receive",
    "strays",
    "sweep",
]
