"""Rows on disk: TinyDB with a journal, safe for several processes."""

from data.store.dataset import Added, Dataset, login_name
from data.store.documents import IndexRow
from data.store.folder import ProjectFolder
from data.store.history import HistoryEntry, history
from data.store.leases import Lease
from data.store.mined import MinedLog
from data.store.repair import Repaired, StoreFinding, check, repair
from data.store.storage import JournalStorage
from data.store.table import JournalDB, JournalTable
from data.store.traces import StageLog

__all__ = [
    "Added",
    "Dataset",
    "HistoryEntry",
    "IndexRow",
    "JournalDB",
    "JournalStorage",
    "JournalTable",
    "Lease",
    "MinedLog",
    "ProjectFolder",
    "Repaired",
    "StageLog",
    "StoreFinding",
    "check",
    "history",
    "login_name",
    "repair",
]
