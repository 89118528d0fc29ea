"""All rows of a project as they are on disk: `dataset.json`, then the journals behind it, in order."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from data.errors import StoreError
from data.store.folder import ProjectFolder
from data.store.index import CandidateIndex, DecisionIndex, SentenceIndex
from data.store.journal import read_header, read_transaction, whole_lines
from data.store.layout import TABLES, Head, read_head, refuse_newer
from data.store.rows import Files, Place, Rows

_ATTEMPTS = 20
"""How often to look again where a fold moves files at this very moment."""


@dataclass(slots=True)
class OpenJournal:
    """A journal and how far it was taken in; what lies behind `end` is new or torn."""

    file: int
    number: int
    end: int = 0


class _Moved(Exception):  # not an error, a reason to look again
    """The files changed between two looks."""

    def __init__(self, missing: int) -> None:
        super().__init__(missing)
        self.missing = missing


class Contents:
    """The rows of all tables and the indices over them."""

    def __init__(self) -> None:
        self.files = Files()
        self.head: Head | None = None
        self.journal: OpenJournal | None = None
        self.tables: dict[str, Rows] = {}
        self.sentences = SentenceIndex()
        self.meta: dict[str, tuple[int, Any]] = {}
        """Row number and value by key."""
        self._candidates = CandidateIndex()
        self._decisions = DecisionIndex()
        self._number = 0

    @classmethod
    def load(cls, folder: ProjectFolder, *, frozen_only: bool = False) -> Contents:
        """Read a project; with `frozen_only` without the journal that is still appended to.

        Raises:
            StoreError: a file is damaged or missing.
            NewerSchema: a newer version of this program wrote it.
        """
        missing = 0
        for _ in range(_ATTEMPTS):
            contents = cls()
            try:
                contents._load(folder, frozen_only)
            except _Moved as moved:
                contents.files.close()
                missing = moved.missing
            except BaseException:
                contents.files.close()
                raise
            else:
                return contents
        raise StoreError(
            f"Journal {missing} of this project is missing, and dataset.json does not hold its changes.",
            hint="Run drt-tui doctor --repair: it rebuilds the project from its backups.",
        )

    @property
    def candidates(self) -> CandidateIndex:
        """Candidates by id."""
        self.tables["candidates"].load()
        return self._candidates

    @property
    def decisions(self) -> DecisionIndex:
        """Decisions by id, by sentence and by person."""
        self.tables["decisions"].load()
        return self._decisions

    @property
    def folded(self) -> int:
        """Number of the last journal that `dataset.json` holds."""
        return self.head.folded if self.head else 0

    @property
    def number(self) -> int:
        """Number of the last journal taken in."""
        return self._number

    def document(self, table: str, row: int) -> bytes:
        """Return the document of a row that exists."""
        document = self.tables[table].get(row)
        assert document is not None
        return document

    def open_journal(self, path: Path) -> OpenJournal | None:
        """Open a journal file without taking it in; `None` where there is none."""
        fd = _open(path)
        return None if fd is None else OpenJournal(self.files.add(fd), self._number + 1)

    def take_journal(self, journal: OpenJournal) -> set[str]:
        """Take in what a journal holds behind its `end`; return the ids of changed sentences.

        Raises:
            _Moved: it is not the next journal.
        """
        changed: set[str] = set()
        for offset, line in whole_lines(self.files.fd(journal.file), journal.end):
            if offset == 0:
                self._take_header(journal, line)
            else:
                changed |= self.take_line(journal, line, offset)
            journal.end = offset + len(line)
        self._number = journal.number
        return changed

    def take_line(self, journal: OpenJournal, line: bytes, offset: int) -> set[str]:
        """Take in one transaction; return the ids of changed sentences."""
        changed = set()
        for table, row, start, length, document in read_transaction(line, offset):
            self.table(table).put(row, Place(journal.file, start, length), document)
            if table == "sentences":
                changed.add(self.sentences.row(row).id)
        return changed

    def table(self, name: str) -> Rows:
        """Return a table, empty where nothing was ever put in it."""
        if name not in self.tables:
            self.tables[name] = Rows(self.files)
        return self.tables[name]

    def _load(self, folder: ProjectFolder, frozen_only: bool) -> None:
        fd = _open(folder.dataset)
        if fd is not None:
            self.files.add(fd)
            self.head = read_head(fd)
            if self.head is None and os.fstat(fd).st_size:
                raise StoreError("dataset.json is damaged.", hint="Run drt-tui doctor --repair.")
            self._number = self.folded
        self._set_up_tables()
        for number, path in folder.frozen_journals().items():
            if number > self._number:
                self._take_next(path)
        if not frozen_only:
            self._take_next(folder.journal, current=True)

    def _take_next(self, path: Path, *, current: bool = False) -> None:
        journal = self.open_journal(path)
        if journal is None:
            if not current:
                raise _Moved(self._number + 1)
            return
        self.take_journal(journal)
        if current:
            self.journal = journal

    def _take_header(self, journal: OpenJournal, line: bytes) -> None:
        refuse_newer(line)
        header = read_header(line)
        if header is None:
            raise StoreError(
                "A journal of this project does not say which one it is.", hint="Run drt-tui doctor --repair."
            )
        if header.number != journal.number:
            raise _Moved(journal.number)

    def _set_up_tables(self) -> None:
        watches: dict[str, Callable[[int, bytes], None]] = {
            "meta": self._watch_meta,
            "sentences": self.sentences.put,
            "candidates": self._candidates.put,
            "decisions": self._decisions.put,
        }
        sections = self.head.sections if self.head else {}
        for name in dict.fromkeys((*TABLES, *sections)):
            section = sections.get(name)
            self.tables[name] = Rows(self.files, (0, section) if section else None, watches.get(name))
        self.tables["meta"].last = max(1, self.tables["meta"].last)
        self.tables["meta"].load()
        self.tables["sentences"].load()

    def _watch_meta(self, row: int, document: bytes) -> None:
        fields = orjson.loads(document)
        self.meta[fields["key"]] = (row, fields["value"])


def _open(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except PermissionError:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
