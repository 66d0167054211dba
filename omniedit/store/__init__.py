"""The log of edits: a database of what was asked for and what became of it, and the pictures beside it.

database = open_database("sqlite:////home/me/omniedit.db")     its tables brought up to date
journal = Journal(database, Pictures(folder), Runners(other))   writes: an attempt is a row before the work begins
history = History(database)                                    reads: pages, one edit, its tree
"""

from omniedit.store.accounts import Accounts, Holder
from omniedit.store.cleaning import Purged, is_due, purge, release, strays, sweep
from omniedit.store.database import Database, connect, open_database
from omniedit.store.history import MOST, STATUSES, Entry, History, Wanted
from omniedit.store.journal import Attempt, Image, Journal, Kept, Outcome
from omniedit.store.owners import LOCAL, STRANGER, may_train, of_user
from omniedit.store.pictures import YOUNG, Pictures
from omniedit.store.runners import Runners
from omniedit.store.schema import folded
from omniedit.store.transfer import Parcel, Received, parcels, receive

__all__ = [
    "LOCAL",
    "MOST",
    "STATUSES",
    "STRANGER",
    "YOUNG",
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
    "Purged",
    "Received",
    "Runners",
    "Wanted",
    "connect",
    "folded",
    "is_due",
    "may_train",
    "of_user",
    "open_database",
    "parcels",
    "purge",
    "receive",
    "release",
    "strays",
    "sweep",
]
