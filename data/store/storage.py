"""The seam to TinyDB: a `Storage` whose changes are lines of a journal."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from data.errors import ReadOnlyProject, StoreError
from data.store import disk
from data.store.contents import Contents, OpenJournal, _Moved
from data.store.folder import ProjectFolder
from data.store.journal import Change, Header, header_line, transaction_line
from data.store.locks import FileLock
from data.store.migrations import SCHEMA


class Transaction:
    """Changes that become true together or not at all."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self.changes: list[Change] = []
        self._last: dict[str, int] = {}

    def put(self, table: str, document: bytes, row: int | None = None) -> int:
        """Set a row's document, or that of a new row; return its number."""
        if row is None:
            row = self._last.get(table, self.contents.table(table).last) + 1
            self._last[table] = row
        self.changes.append(Change(table, row, document))
        return row

    def drop(self, table: str, row: int) -> None:
        """Take a row away."""
        self.changes.append(Change(table, row, None))


class JournalStorage(Storage):
    """The rows of a project, and the only way to change them.

    Opening creates no file; the first change does.
    """

    def __init__(self, folder: ProjectFolder | Path, *, read_only: bool = False) -> None:
        """Read the project.

        Raises:
            StoreError: it is damaged. NewerSchema: a newer program wrote it.
        """
        self.folder = ProjectFolder(folder) if isinstance(folder, Path) else folder
        self.read_only = read_only
        self.notices: list[str] = []
        """What a person should know, e.g. that a torn line was cut off."""
        self.contents = Contents.load(self.folder)
        self._is_new = not self.folder.root.exists()
        self._lock = FileLock(self.folder.lock)
        self._mutex = threading.RLock()
        self._unreported: set[str] = set()

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Return all tables for TinyDB; documents are parsed when they are looked at."""
        from data.store.table import lazy_tables

        self.follow()
        return lazy_tables(self.contents)

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Refuse: TinyDB calls this to drop whole tables; single rows change through `JournalTable`."""
        raise StoreError("Tables of a project are not dropped.", hint="Remove single rows instead.")

    def close(self) -> None:
        """Close all files."""
        self._lock.close()
        self.contents.files.close()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Gather changes while nobody else can make any; saved when the block ends without an error.

        Raises:
            NotSaved: the disk refused; nothing of it counts, in memory neither, and it may be repeated.
            ReadOnlyProject: the project was opened for reading.
        """
        if self.read_only:
            raise ReadOnlyProject(
                "The project is open for reading only.", hint="Open it without read-only to change it."
            )
        with self._mutex, disk.saving(self.folder.root):
            if self._is_new:
                self.folder.root.mkdir(parents=True, exist_ok=True)
                self._is_new = False
            with self._lock.held():
                self._catch_up()
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
        """Take in what others appended; the next `follow` reports it."""
        with self._mutex:
            if not self._is_behind():
                return
            if self.read_only and not self.folder.lock.exists():
                self._catch_up()
            else:
                with self._lock.held(shared=True):
                    self._catch_up()

    def _is_behind(self) -> bool:
        journal = self.contents.journal
        there = _stat(self.folder.journal)
        if journal is None:
            return there is not None
        mine = os.fstat(self.contents.files.fd(journal.file))
        return mine.st_size != journal.end or (there is not None and not os.path.samestat(there, mine))

    def _catch_up(self) -> None:
        contents = self.contents
        try:
            if contents.journal is not None:
                self._unreported |= contents.take_journal(contents.journal)
                if self._is_current(contents.journal):
                    return
            following = contents.open_journal(self.folder.journal)
            if following is not None:
                self._unreported |= contents.take_journal(following)
                contents.journal = following
        except _Moved:
            self._reload()

    def _is_current(self, journal: OpenJournal) -> bool:
        there = _stat(self.folder.journal)
        return there is not None and os.path.samestat(there, os.fstat(self.contents.files.fd(journal.file)))

    def _reload(self) -> None:
        old, self.contents = self.contents, Contents.load(self.folder)
        before = {row.id: row for row in old.sentences.rows()}
        self._unreported |= {row.id for row in self.contents.sentences.rows() if before.get(row.id) != row}
        old.files.close()

    def _append(self, changes: list[Change]) -> None:
        journal = self._writable_journal()
        fd = self.contents.files.fd(journal.file)
        line = transaction_line(changes)
        try:
            disk.append(fd, line)
            disk.sync(fd)
        except OSError:
            with suppress(OSError):
                disk.cut(fd, journal.end)
            raise
        self.contents.take_line(journal, line, journal.end)
        journal.end += len(line)

    def _writable_journal(self) -> OpenJournal:
        """Return the journal, made where it is missing, without a torn end."""
        contents = self.contents
        journal = contents.journal
        if journal is None or not self._is_current(journal):
            fd = disk.create(self.folder.journal)
            contents.journal = journal = OpenJournal(contents.files.add(fd), contents.number + 1)
        fd = contents.files.fd(journal.file)
        torn = os.fstat(fd).st_size - journal.end
        if torn:
            disk.cut(fd, journal.end)
            self.notices.append(f"A torn line of {torn} bytes at the end of the journal was cut off.")
        if journal.end == 0:
            line = header_line(Header(journal.number, SCHEMA))
            disk.append(fd, line)
            disk.sync(fd)
            disk.sync_folder(self.folder.root)
            contents.take_journal(journal)
        return journal


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
