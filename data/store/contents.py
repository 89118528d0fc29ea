"""All rows of a project as they are on disk: `dataset.json`, then the journals behind it, in order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from data.errors import StoreError
from data.store import disk
from data.store.conversion import converted_dataset, converted_document
from data.store.documents import CandidateHead, DecisionHead, IndexRow, candidate_head
from data.store.folder import ProjectFolder
from data.store.index import CandidateIndex, DecisionIndex, Notes, SentenceIndex
from data.store.journal import Header, read_header, read_transaction, whole_lines
from data.store.layout import TABLES, Head, read_head, refuse_newer
from data.store.migrations import SCHEMA
from data.store.rows import Files, Place, Rows, Watch

_ATTEMPTS = 20
"""How often to look again where a fold moves files at this very moment."""


class Moved(Exception):  # not an error, a reason to look again
    """The files were not those of one moment: journal `missing` should have been there."""

    def __init__(self, missing: int) -> None:
        super().__init__(missing)
        self.missing = missing


@dataclass(slots=True)
class OpenJournal:
    """A journal and how far it was taken in; what lies behind `end` is new or torn."""

    file: int
    number: int
    end: int = 0
    schema: int = SCHEMA


class Contents:
    """The rows of all tables and the indices over them."""

    def __init__(self, *, indexed: bool = True) -> None:
        """Hold nothing yet; without indices the rows can only be copied."""
        self._indexed = indexed
        self.files = Files()
        self.head: Head | None = None
        self.is_converted = False
        """Something was laid out by another program or an older version; a fold mends that."""
        self.journal: OpenJournal | None = None
        """The one that is still appended to."""
        self.number = 0
        """Of the last journal taken in."""
        self.tables: dict[str, Rows] = {}
        self.sentences = SentenceIndex()
        self.meta = Notes()
        self._candidates = CandidateIndex()
        self._decisions = DecisionIndex()

    @classmethod
    def load(cls, folder: ProjectFolder, *, to_fold: bool = False) -> Contents:
        """Read a project; `to_fold` without indices and the journal that is still appended to.

        Raises:
            StoreError: a file is damaged or missing.
            NewerSchema: a newer version of this program wrote it.
        """
        missing = 0
        for _ in range(_ATTEMPTS):
            contents = cls(indexed=not to_fold)
            try:
                contents._load(folder, to_fold)
            except Moved as moved:
                missing = moved.missing
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

    def set_up_tables(self) -> None:
        """Make the tables that `dataset.json` has, or empty ones."""
        watches: dict[str, Watch] = {
            "meta": self.meta,
            "sentences": self.sentences,
            "candidates": self._candidates,
            "decisions": self._decisions,
        }
        sections = self.head.sections if self.head else {}
        for name in dict.fromkeys((*TABLES, *sections)):
            base = (0, sections[name]) if name in sections else None
            watch = watches.get(name) if self._indexed else None
            self.tables[name] = Rows(self.files, base, watch)
        self.tables["meta"].last = max(1, self.tables["meta"].last)
        if self._indexed:
            self.tables["meta"].load()
            self.tables["sentences"].load()

    def table(self, name: str) -> Rows:
        """Return a table, empty where nothing was ever put in it."""
        if name not in self.tables:
            self.tables[name] = Rows(self.files)
        return self.tables[name]

    def number_of(self, sentence_id: str) -> int:
        """Return the row number of a sentence.

        Raises:
            StoreError: there is no such sentence.
        """
        number = self.sentences.number(sentence_id)
        if number is None:
            raise StoreError(f"The project has no sentence {sentence_id}.", hint="Import it first.")
        return number

    def row(self, sentence_id: str) -> IndexRow:
        """Return what is known of a sentence without reading it."""
        return self.sentences.row(self.number_of(sentence_id))

    def candidate_document(self, candidate_id: str) -> bytes:
        """Return a candidate as stored.

        Raises:
            StoreError: there is no such candidate.
        """
        first = self.tables["candidates"].glimpse(b'": {"id":' + orjson.dumps(candidate_id))
        if first is not None:
            return first
        number = self.candidates.number(candidate_id)
        if number is None:
            raise StoreError(f"The project has no candidate {candidate_id}.", hint="Generate one first.")
        return self.document("candidates", number)

    def candidate_head(self, candidate_id: str) -> CandidateHead:
        """Return for which sentence and under which settings a candidate was made."""
        return candidate_head(self.candidate_document(candidate_id))

    def candidate_heads(self) -> Iterator[CandidateHead]:
        """Yield the heads of all candidates, oldest first."""
        return (candidate_head(self.document("candidates", row)) for row in self.tables["candidates"])

    def decisions_on(self, sentence_id: str) -> list[DecisionHead]:
        """Return all decisions on a sentence."""
        if not self.tables["decisions"].may_hold(b'"sentence":' + orjson.dumps(sentence_id)):
            return []
        return self.decisions.of_sentence(sentence_id)

    def index_decisions_again(self) -> None:
        """Bring decisions that were not met in the order of their rows into it: order decides what counts."""
        self._decisions.refill((row, self.document("decisions", row)) for row in self.tables["decisions"])

    def look_at_all(self) -> None:
        """Find all rows of all tables now, so that no later question waits for that; in whatever thread."""
        for rows in list(self.tables.values()):
            rows.load()

    def decision_document(self, decision_id: str) -> bytes:
        """Return a decision that exists, as stored."""
        number = self.decisions.number(decision_id)
        assert number is not None
        return self.document("decisions", number)

    def row_of(self, table: str, record_id: str) -> int | None:
        """Return the row of a record by its id, or of a `meta` value by its key."""
        match table:
            case "sentences":
                return self.sentences.number(record_id)
            case "candidates":
                return self.candidates.number(record_id)
            case "decisions":
                return self.decisions.number(record_id)
            case "meta":
                return self.meta.number(record_id)
        return None

    def document(self, table: str, row: int) -> bytes:
        """Return the document of a row that exists."""
        document = self.tables[table].get(row)
        assert document is not None
        return document

    def open_next(self, path: Path) -> OpenJournal | None:
        """Open the journal behind the last one taken in; `None` where there is none yet."""
        fd = disk.open_existing(path)
        return None if fd is None else OpenJournal(self.files.add(fd), self.number + 1)

    def take_journal(self, journal: OpenJournal) -> set[int]:
        """Take in what a journal holds behind its `end`; return the rows of changed sentences.

        Raises:
            Moved: it is another journal than the one that comes next.
        """
        fd = self.files.fd(journal.file)
        if os.fstat(fd).st_size < journal.end:
            raise Moved(journal.number)
        changed: set[int] = set()
        for offset, line in whole_lines(fd, journal.end):
            if offset == 0:
                self._take_header(journal, line)
            else:
                changed |= self.take_line(journal, line, offset)
            journal.end = offset + len(line)
        if journal.end:
            self.number = journal.number
        return changed

    def take_line(self, journal: OpenJournal, line: bytes, offset: int) -> set[int]:
        """Take in one transaction; return the rows of changed sentences."""
        changed = set()
        for entry in read_transaction(line, offset):
            place, document = Place(journal.file, entry.offset, entry.length), entry.document
            if document is not None and journal.schema < SCHEMA:
                document = converted_document(entry.table, entry.row, document, journal.schema)
                place = self.files.spill(document)
            self.table(entry.table).put(entry.row, place, document)
            if entry.table == "sentences":
                changed.add(entry.row)
        return changed

    def _load(self, folder: ProjectFolder, to_fold: bool) -> None:
        fd = disk.open_existing(folder.dataset)
        if fd is not None:
            self._open_dataset(fd)
        self.set_up_tables()
        for number, path in folder.frozen_journals().items():
            if number > self.folded:
                journal = self.open_next(path)
                if journal is None or number != journal.number:
                    raise Moved(self.number + 1)
                self.take_journal(journal)
        if not to_fold:
            self.journal = self.open_next(folder.journal)
            if self.journal is not None:
                self.take_journal(self.journal)

    def _open_dataset(self, fd: int) -> None:
        self.files.add(fd)
        self.head = read_head(fd)
        if os.fstat(fd).st_size and (self.head is None or self.head.schema < SCHEMA):
            beside = converted_dataset(fd)
            self.files.replace(0, beside)
            self.head = read_head(beside)
            self.is_converted = True
        self.number = self.folded

    def _take_header(self, journal: OpenJournal, line: bytes) -> None:
        refuse_newer(line)
        header: Header | None = read_header(line)
        if header is None:
            raise StoreError(
                "A journal of this project does not say which one it is.",
                hint="Run drt-tui doctor --repair: it keeps every whole line.",
            )
        if header.number != journal.number:
            raise Moved(journal.number)
        journal.schema = header.schema
        self.is_converted |= header.schema < SCHEMA
