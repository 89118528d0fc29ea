"""The journal: changes in the order in which they became true, one transaction a line.

A line is JSON and starts with the checksum of the rest, so a torn line is known as such:

    {"sum":"5f0c…","rows":[["decisions",17,412],["examples",3,0]],"documents":[{…}]}

`rows` says of each changed row its table, its number and the length of its document; 0 means that
the row is dropped and has none. So the place of a document is known without parsing it. The first
line of a file says which journal of the project this is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import orjson

from data.errors import StoreError
from data.store import disk
from data.store.migrations import SCHEMA

_SUM = b'{"sum":"%08x",'
_SUM_LENGTH = len(_SUM % 0)
_DOCUMENTS = b'],"documents":['
_CHUNK = 1 << 20


class Change(NamedTuple):
    """A row's new document as JSON, or `None` where the row is dropped."""

    table: str
    row: int
    document: bytes | None


class Entry(NamedTuple):
    """A change as found in a journal, with the place of its document in the file."""

    table: str
    row: int
    offset: int
    length: int
    document: bytes | None


class Header(NamedTuple):
    """What the first line of a journal says."""

    number: int
    schema: int


class DamagedJournal(StoreError):
    """Lines follow one that is not whole: no crash does this."""

    code = "damaged"


def header_line(header: Header) -> bytes:
    """Return the first line of a journal."""
    return _sealed(b'"journal":%d,"schema":%d}' % header)


def begin_journal(path: Path, number: int) -> None:
    """Make a journal without changes; the lock is held, and no whole line is in the file."""
    fd = disk.open_new(path)
    try:
        disk.write_all(fd, header_line(Header(number, SCHEMA)))
        disk.sync(fd)
    finally:
        os.close(fd)
    disk.sync_folder(path.parent)


def write_again(path: Path, fd: int, end: int) -> None:
    """Write a journal that somebody removed, up to `end`, from its still open file; the lock is held."""
    beside = path.with_name(f"{path.name}.new")
    copy = disk.open_new(beside)
    try:
        for offset in range(0, end, _CHUNK):
            disk.write_all(copy, os.pread(fd, min(_CHUNK, end - offset), offset))
        disk.sync(copy)
    finally:
        os.close(copy)
    disk.move(beside, path)
    disk.sync_folder(path.parent)


def transaction_line(changes: Sequence[Change]) -> bytes:
    """Return the line that makes `changes` true, all of them or none."""
    rows = [(change.table, change.row, len(change.document or b"")) for change in changes]
    documents = b",".join(change.document for change in changes if change.document is not None)
    return _sealed(b'"rows":' + orjson.dumps(rows)[:-1] + _DOCUMENTS + documents + b"]}")


def read_header(line: bytes) -> Header | None:
    """Read the first line of a journal; `None` where it is not whole."""
    if not is_whole(line):
        return None
    fields = orjson.loads(line)
    return Header(fields["journal"], fields["schema"]) if "journal" in fields else None


def read_transaction(line: bytes, offset: int) -> Iterator[Entry]:
    """Yield the changes of a whole line that starts at `offset` of its file.

    Raises:
        DamagedJournal: it is a line of another kind.
    """
    mark = line.find(_DOCUMENTS)
    if mark < 0:
        raise _damaged(offset, "a line stands where none of its kind belongs")
    rows = orjson.loads(b"{" + line[_SUM_LENGTH : mark + 1] + b"}")["rows"]
    start = mark + len(_DOCUMENTS)
    for table, row, length in rows:
        if length:
            yield Entry(table, row, offset + start, length, line[start : start + length])
            start += length + 1
        else:
            yield Entry(table, row, 0, 0, None)


def whole_lines(fd: int, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield the whole lines of a journal with their offsets, from `start` to a torn end, if any.

    Raises:
        DamagedJournal: a broken line is followed by another line.
    """
    broken: int | None = None
    for offset, line in lines(fd, start):
        if broken is not None:
            raise _damaged(broken, "lines follow a broken one")
        if is_whole(line):
            yield offset, line
        else:
            broken = offset


def _damaged(offset: int, what: str) -> DamagedJournal:
    return DamagedJournal(
        f"The journal is damaged at byte {offset}: {what}.",
        hint="Run drt-tui doctor --repair: it keeps every whole line and moves the rest aside.",
    )


def lines(fd: int, start: int, chunk: int = _CHUNK) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file with their offsets, with their line feeds; the last may lack it.

    Args:
        fd: An open file.
        start: Offset of a line.
        chunk: Bytes to read at a time.
    """
    offset = position = start
    pieces: list[bytes] = []
    while more := os.pread(fd, chunk, position):
        position += len(more)
        pieces.append(more)
        if b"\n" in more:
            *complete, rest = b"".join(pieces).split(b"\n")
            for line in complete:
                yield offset, line + b"\n"
                offset += len(line) + 1
            pieces = [rest] if rest else []
    if pieces:
        yield offset, b"".join(pieces)


def is_whole(line: bytes) -> bool:
    """Whether a line is complete and as it was written."""
    return line.endswith(b"}\n") and line[:_SUM_LENGTH] == _SUM % crc32(line[_SUM_LENGTH:-1])


def _sealed(body: bytes) -> bytes:
    return _SUM % crc32(body) + body + b"\n"
