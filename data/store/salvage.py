"""Reading all that can be read of a project whose files may be damaged.

Every whole row of `dataset.json` and every whole line of a journal is taken, oldest first, so that
what is newer replaces what is older. Where `dataset.json` is not whole, the newest backup and the
journals since then come before it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson

from data.errors import NewerSchema, StoreError
from data.records import Example
from data.store.backups import states
from data.store.contents import Contents
from data.store.conversion import converted_dataset, stored_document
from data.store.documents import IndexRow, sentence_document
from data.store.folder import ProjectFolder, numbered_journals
from data.store.journal import is_whole, lines, read_header, read_transaction
from data.store.layout import read_head, refuse_newer
from data.store.migrations import SCHEMA, migrated
from data.store.rows import Place

_ROW = re.compile(rb',?"(\d+)": (\{.*\})\n', re.DOTALL)
_TABLE = re.compile(rb'(?:\{|\},)?"(\w+)": \{(?:"1": (\{.*\}) *)?\n', re.DOTALL)
_REST = b"{}, \n"
_BEGINNING = 4096
"""Bytes within which a `dataset.json` says which journals it holds."""


class Source(NamedTuple):
    """A file of the project; a `dataset.json` holds all journals up to its number."""

    number: int
    is_dataset: bool
    path: Path


class LostLine(NamedTuple):
    """A piece of a file that is no whole row or transaction."""

    path: Path
    offset: int
    length: int
    is_last: bool
    """Nothing follows it: a torn line, as a crash leaves one."""


class Salvage:
    """The rows that could be read, and what was wrong with the rest."""

    def __init__(self, folder: ProjectFolder) -> None:
        """Read a project.

        Raises:
            NewerSchema: a newer version of this program wrote it.
        """
        self.contents = Contents()
        self.contents.set_up_tables()
        self.lost: list[LostLine] = []
        self.twice: list[str] = []
        """Records that were found in two rows, as `table id`."""
        sources = _needed(folder)
        self.number = max((source.number for source in sources), default=0)
        """Of the newest journal."""
        self.missing = _missing(sources)
        """Journals that should be there and are not."""
        for source in sources:
            if source.is_dataset:
                self._read_dataset(source.path)
            else:
                self._read_journal(source.path)
        self.contents.index_decisions_again()

    def _read_dataset(self, path: Path) -> None:
        table = ""
        file = self._open(path, converted=True)
        for offset, line, is_last in _marked(self.contents.files.fd(file)):
            begun = _TABLE.fullmatch(line)
            row = _ROW.fullmatch(line)
            if begun:
                table = begun[1].decode()
            elif row and table:
                place = Place(file, offset + row.start(2), len(row[2]))
                if not self._take(table, int(row[1]), row[2], place, SCHEMA):
                    self.lost.append(LostLine(path, offset, len(line), is_last))
            elif line.strip(_REST):
                self.lost.append(LostLine(path, offset, len(line), is_last))

    def _read_journal(self, path: Path) -> None:
        schema = SCHEMA
        file = self._open(path)
        for offset, marked, is_last in _marked(self.contents.files.fd(file)):
            line = marked[:-2] + b"\n" if marked.endswith(b"\r\n") else marked  # an editor's line ends
            header = read_header(line)
            if header is not None:
                refuse_newer(line)
                schema = header.schema
            elif not is_whole(line):
                self.lost.append(LostLine(path, offset, len(line), is_last))
            else:
                for entry in read_transaction(line, offset):
                    place = Place(file, entry.offset, entry.length)
                    if entry.document is None:
                        self.contents.table(entry.table).put(entry.row, place, None)
                    elif not self._take(entry.table, entry.row, entry.document, place, schema):
                        self.lost.append(LostLine(path, entry.offset, entry.length, is_last))

    def _open(self, path: Path, *, converted: bool = False) -> int:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        file = self.contents.files.add(fd)
        if converted and read_head(fd) is None:
            try:
                self.contents.files.replace(file, converted_dataset(fd))
            except NewerSchema:
                raise
            except StoreError:  # neither our layout nor JSON: every whole line is still taken
                return file
        return file

    def _take(self, table: str, row: int, content: bytes, place: Place, schema: int) -> bool:
        """Take in a document; False where it is no record of its table."""
        document = _as_record(table, row, content, schema)
        if document is None:
            return False
        number = self._row_for(table, row, document)
        if document != content or number != row:  # lines are copied with the numbers they have
            place = self.contents.files.spill(document)
        self.contents.table(table).put(number, place, document)
        return True

    def _row_for(self, table: str, row: int, document: bytes) -> int:
        """Return the row of the record if it has one, else the row it asks for if that is free."""
        fields = orjson.loads(document)
        if table == "examples":
            return self._row_of_sentence(fields)
        name = fields.get("id", fields.get("key", ""))
        found = self.contents.row_of(table, name)
        if found is not None and found != row:
            self.twice.append(f"{table} {name}")
        if found is not None:
            return found
        rows = self.contents.table(table)
        return rows.last + 1 if row in rows else row

    def _row_of_sentence(self, example: dict[str, object]) -> int:
        """Return the row of an example's sentence, taken out of the example where it was lost."""
        known = self.contents.sentences
        kept = Example.model_validate(example)
        number = known.number(kept.id)
        if number is None and kept.sentence is not None:
            number = known.number(kept.sentence.id)
        if number is None:
            number = self.contents.table("sentences").last + 1
            if kept.sentence is not None:
                row = IndexRow(kept.sentence.id, kept.status, kept.sentence.group)
                document = sentence_document(kept.sentence, row)
                self.contents.table("sentences").put(number, self.contents.files.spill(document), document)
        return number


def _needed(folder: ProjectFolder) -> list[Source]:
    """Return the files of a project from the newest whole `dataset.json` on, oldest first."""
    journals = numbered_journals(folder.backups) | folder.frozen_journals()
    sources = [Source(number, False, path) for number, path in journals.items()]
    sources += [Source(number, True, path) for number, path in states(folder)]
    newest = max(journals, default=0)
    if folder.journal.exists():
        newest = _number_of(folder.journal) or newest + 1
        sources.append(Source(newest, False, folder.journal))
    if folder.dataset.exists():
        number = _folded_by(folder.dataset)
        if number is None:
            number = max(0, min(folder.frozen_journals(), default=newest) - 1)
        sources.append(Source(number, True, folder.dataset))
    sources.sort()
    newest_first = reversed(list(enumerate(sources)))
    whole = (place for place, source in newest_first if source.is_dataset and _is_whole(source.path))
    return sources[next(whole, 0) :]


def _missing(sources: list[Source]) -> list[int]:
    """Return the journals between the first and the last source that are not there."""
    numbers = {source.number for source in sources}
    begun = [source.number for source in sources if source.is_dataset and _folded_by(source.path) is not None]
    if sources and not sources[0].is_dataset:  # nothing whole to begin with: what is there must do
        begun = begun[-1:]
    return sorted(set(range(min(begun, default=0) + 1, max(numbers, default=0))) - numbers)


def _folded_by(dataset: Path) -> int | None:
    """Return which journals a `dataset.json` holds, even where only its beginning can be read."""
    with dataset.open("rb") as file:
        found = re.search(rb'"folded":\s*(\d+)', file.read(_BEGINNING))
    return int(found[1]) if found else None


def _number_of(journal: Path) -> int | None:
    with journal.open("rb") as file:
        header = read_header(file.readline())
    return header.number if header else None


def _is_whole(path: Path) -> bool:
    """Whether a `dataset.json` says which journals it holds, and every row of it can be read."""
    with path.open("rb") as file:
        if read_head(file.fileno()) is None:
            return _folded_by(path) is not None and _is_convertible(file.fileno())
        table = ""
        for _, line, _ in _marked(file.fileno()):
            begun, row = _TABLE.fullmatch(line), _ROW.fullmatch(line)
            if begun:
                table = begun[1].decode()
            elif row is None:
                if line.strip(_REST):
                    return False
            elif _as_record(table, int(row[1]), row[2], SCHEMA) is None:
                return False
    return True


def _as_record(table: str, row: int, content: bytes, schema: int) -> bytes | None:
    """Return a document as this version stores it; `None` where it is no record of its table."""
    try:
        return stored_document(table, row, migrated(table, orjson.loads(content), schema))
    except (StoreError, orjson.JSONDecodeError):
        return None


def _is_convertible(fd: int) -> bool:
    try:
        os.close(converted_dataset(fd))
    except StoreError:
        return False
    return True


def _marked(fd: int) -> Iterator[tuple[int, bytes, bool]]:
    """Yield lines with their offsets and whether they are the last."""
    size = os.fstat(fd).st_size
    return ((offset, line, offset + len(line) == size) for offset, line in lines(fd, 0))
