"""The seam to TinyDB: a `Storage` whose changes are lines of a journal."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from data.errors import NotSaved, ReadOnlyProject, StoreError
from data.store import disk
from data.store.contents import Contents, Moved, OpenJournal
from data.store.fold import fold
from data.store.folder import ProjectFolder
from data.store.journal import Change, begin_journal, transaction_line, write_again
from data.store.layout import folded_number
from data.store.lazy import lazy_tables
from data.store.locks import FileLock

_MANY_FILES = 64
"""So many replaced files stay open for the rows in them; then the project is read anew."""


class Transaction:
    """Changes that become true together or not at all."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self.changes: list[Change] = []
        self._last: dict[str, int] = {}

    def new_row(self, table: str) -> int:
        """Return the number of a row that nobody has used yet."""
        row = self._last.get(table, self.contents.table(table).last) + 1
        self._last[table] = row
        return row

    def put(self, table: str, document: bytes, row: int | None = None) -> None:
        """Set the document of a row, or of a new one."""
        self.changes.append(Change(table, self.new_row(table) if row is None else row, document))

    def drop(self, table: str, row: int) -> None:
        """Take a row away."""
        self.changes.append(Change(table, row, None))


class JournalStorage(Storage):
    """The rows of a project, and the only way to change them."""

    def __init__(self, folder: ProjectFolder | Path, *, read_only: bool = False) -> None:
        """Read a project, which may be empty; no file is created before the first change.

        Raises:
            StoreError: a file of the project is damaged or missing.
            NewerSchema: a newer version of this program wrote it.
        """
        self.folder = ProjectFolder(folder) if isinstance(folder, Path) else folder
        self.read_only = read_only
        self.notices: list[str] = []
        """What a person should know, e.g. that a torn line was cut off."""
        self._mutex = threading.RLock()
        self._writing = FileLock(self.folder.lock)
        self._reading = FileLock(self.folder.lock, create=False)
        self._unreported: set[str] = set()
        self._pen: int | None = None
        """The journal, opened for appending."""
        self._path = self.folder.journal
        self._is_new = not self.folder.root.exists()
        with disk.reading(self.folder.root), self._reading.held(shared=True):
            self.contents = Contents.load(self.folder)
        if not read_only:
            self._bring_up_to_date()

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Return all tables for TinyDB; documents are parsed when they are looked at."""
        self.catch_up()
        return lazy_tables(self.contents)

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Refuse: TinyDB calls this to drop whole tables; single rows change through `JournalTable`."""
        raise StoreError("Tables of a project are not dropped.", hint="Remove single rows instead.")

    def close(self) -> None:
        """End writing; what was read stays readable for those who still hold it."""
        with self._mutex:
            self._put_pen_down()
            self._writing.close()
            self._reading.close()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Gather changes while nobody else can make any; saved when the block ends without an error.

        Raises:
            NotSaved: the disk refused; nothing of it counts, in memory neither, and it may be repeated.
            ReadOnlyProject: the project was opened for reading.
        """
        if self.read_only:
            raise ReadOnlyProject("The project is open for reading only.", hint="Open it for writing.")
        with self._mutex, disk.saving(self.folder.root):
            if self._is_new:
                self.folder.root.mkdir(parents=True, exist_ok=True)
                self._is_new = False
            with self._writing.held():
                self._take_in()
                transaction = Transaction(self.contents)
                yield transaction
                if transaction.changes:
                    self._append(transaction.changes)

    def follow(self) -> frozenset[str]:
        """Take in what others appended; return the ids of sentences that changed since the last call."""
        with self._mutex:
            self.catch_up()
            changed, self._unreported = frozenset(self._unreported), set()
            return changed

    def catch_up(self) -> None:
        """Take in what others appended; the next `follow` reports it. Cheap where nothing was."""
        with self._mutex, disk.reading(self.folder.root):
            if self._is_behind():
                with self._reading.held(shared=True):
                    self._take_in()

    def fold(self) -> None:
        """Write the journal's changes into `dataset.json`; where another process does it, nothing happens."""
        fold(self.folder)

    def _bring_up_to_date(self) -> None:
        """Cut off a torn line, and rewrite what another program or an older version laid out."""
        if self.contents.is_converted:
            with suppress(NotSaved):
                fold(self.folder)
                self.contents = Contents.load(self.folder)
        journal = self.contents.journal
        if journal is not None and self._torn_bytes(journal):
            with suppress(NotSaved), disk.saving(self.folder.root), self._writing.held():
                self._take_in()
                if journal is self.contents.journal and self._is_there(journal):
                    self._cut_torn_line(journal)

    def _is_behind(self) -> bool:
        journal = self.contents.journal
        there = _stat(self._path)
        if journal is None:
            return there is not None
        mine = os.fstat(self.contents.files.fd(journal.file))
        return mine.st_size != journal.end or (there is not None and not os.path.samestat(there, mine))

    def _take_in(self) -> None:
        contents = self.contents
        try:
            if contents.journal is not None:
                self._take_journal(contents.journal)
                if self._is_there(contents.journal):
                    return
            following = contents.open_next(self._path)
            if following is not None:
                self._take_journal(following)
                contents.journal = following
                self._put_pen_down()
                if len(contents.files) > _MANY_FILES:
                    self._reload()
            elif folded_number(self.folder.dataset) > contents.number:
                self._reload()
        except Moved:
            self._reload()

    def _take_journal(self, journal: OpenJournal) -> None:
        index = self.contents.sentences
        self._unreported |= {index.row(number).id for number in self.contents.take_journal(journal)}

    def _reload(self) -> None:
        before = {row.id: row for row in self.contents.sentences.rows()}
        self.contents = Contents.load(self.folder)
        self._put_pen_down()
        self._unreported |= {row.id for row in self.contents.sentences.rows() if before.get(row.id) != row}

    def _append(self, changes: list[Change]) -> None:
        line = transaction_line(changes)
        journal, pen = self._journal_to_write()
        try:
            disk.append(pen, line)
            disk.sync(pen)
        except OSError:
            with suppress(OSError):
                disk.cut(pen, journal.end)
            raise
        self.contents.take_line(journal, line, journal.end)
        journal.end += len(line)

    def _journal_to_write(self) -> tuple[OpenJournal, int]:
        """Return the journal, made where it is missing, without a torn end; the lock is held."""
        journal = self.contents.journal
        if journal is None or not journal.end or not self._is_there(journal):
            journal = self._renew_journal(journal)
        if self._pen is None:
            self._pen = disk.open_log(self._path)
        self._cut_torn_line(journal)
        return journal, self._pen

    def _renew_journal(self, old: OpenJournal | None) -> OpenJournal:
        """Begin the next journal, or write the old one again where somebody removed it."""
        self._put_pen_down()
        contents = self.contents
        if old is not None and self._is_lost(old):
            write_again(self._path, contents.files.fd(old.file), old.end)
            self.notices.append("dataset.journal was removed while it was in use; it was written again.")
            contents.number = old.number - 1
        else:
            begin_journal(self._path, contents.number + 1)
        journal = contents.journal = contents.open_next(self._path)
        assert journal is not None
        contents.take_journal(journal)
        return journal

    def _is_lost(self, journal: OpenJournal) -> bool:
        return (
            journal.end > 0
            and journal.number not in self.folder.frozen_journals()
            and journal.number > folded_number(self.folder.dataset)
        )

    def _cut_torn_line(self, journal: OpenJournal) -> None:
        torn = self._torn_bytes(journal)
        if torn > 0:
            if self._pen is None:
                self._pen = disk.open_log(self._path)
            disk.cut(self._pen, journal.end)
            self.notices.append(f"A torn line of {torn} bytes at the end of the journal was cut off.")

    def _torn_bytes(self, journal: OpenJournal) -> int:
        return os.fstat(self.contents.files.fd(journal.file)).st_size - journal.end

    def _is_there(self, journal: OpenJournal) -> bool:
        there = _stat(self._path)
        return there is not None and os.path.samestat(there, os.fstat(self.contents.files.fd(journal.file)))

    def _put_pen_down(self) -> None:
        pen, self._pen = self._pen, None
        if pen is not None:
            os.close(pen)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116  # on the way of every change: half the time of Path.stat
    except FileNotFoundError:
        return None
