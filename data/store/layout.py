"""`dataset.json`: valid for stock TinyDB, and readable without parsing it.

Every row is a line of its own, so unchanged rows are copied as bytes. The first line holds row 1 of
`meta`, padded to a fixed width; it says where each table's lines lie:

    {"meta": {"1": {"schema":1,"folded":7,"sections":{"meta":[2048,2100,2],…}}
    ,"2": {"key":"languages","value":["ko","en"]}
    },
    "sentences": {
    "1": {"id":…}
    ,"2": {"id":…}
    }}
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson

from data.errors import NewerSchema, StoreError
from data.store import disk
from data.store.migrations import SCHEMA

TABLES = ("meta", "sentences", "decisions", "candidates", "examples")
"""In the order of the file: what is read at every start comes first."""

_HEAD_START = b'{"meta": {"1": {"schema":'
_HEAD_LENGTH = 2048
_END = b"}}\n"
_CHUNK = 1 << 20
_BEFORE = b'": '
"""What stands between a row's number and its document."""


class Section(NamedTuple):
    """The lines of one table: bytes `start` to `end` of the file; `last` is its highest row number."""

    start: int
    end: int
    last: int


class Head(NamedTuple):
    """What the first line says: all journals up to number `folded` are in this file."""

    schema: int
    folded: int
    sections: dict[str, Section]


def read_head(fd: int) -> Head | None:
    """Return the first line of a file, or `None` where the file is not laid out as above.

    Raises:
        NewerSchema: a newer version of this program wrote it.
    """
    line = os.pread(fd, _HEAD_LENGTH, 0)
    if not line.startswith(_HEAD_START):
        return None
    refuse_newer(line)
    try:
        fields = orjson.loads(line + b"}}")["meta"]["1"]
    except orjson.JSONDecodeError:
        return None
    sections = {name: Section(*section) for name, section in fields["sections"].items()}
    if os.fstat(fd).st_size != max(section.end for section in sections.values()) + len(_END):
        return None
    return Head(fields["schema"], fields["folded"], sections)


def folded_number(path: Path) -> int:
    """Return the number of the last journal that a `dataset.json` holds; 0 where that cannot be told."""
    head = _head_of(path)
    return head.folded if head else 0


def is_ours(path: Path) -> bool:
    """Whether a `dataset.json` is missing, empty, or laid out as above under the current schema."""
    head = _head_of(path)
    if head is not None:
        return head.schema == SCHEMA
    return not path.exists() or not path.stat().st_size


def _head_of(path: Path) -> Head | None:
    fd = disk.open_existing(path)
    if fd is None:
        return None
    try:
        return read_head(fd)
    finally:
        os.close(fd)


def refuse_newer(start_of_file: bytes) -> None:
    """Raise `NewerSchema` where the file says that it is of a newer kind than this program knows."""
    schema = re.search(rb'"schema":\s*(\d+)', start_of_file)
    if schema and int(schema[1]) > SCHEMA:
        raise NewerSchema(
            f"This project was written by a newer drt-tui (schema {int(schema[1])}; this one: {SCHEMA}).",
            hint="Update drt-tui; nothing was changed.",
        )


def separator(row: int) -> bytes:
    """Return what stands between the document of the row before and that of `row`."""
    return b'\n,"%d": ' % row


def scan(fd: int, section: Section) -> Iterator[tuple[int, int, bytes]]:
    """Yield number, offset and document of each row of a section, in order.

    Raises:
        ValueError: a line is no row.
    """
    offset = section.start
    with open(fd, "rb", buffering=_CHUNK, closefd=False) as file:
        file.seek(offset)
        for line in file:
            if offset >= section.end:
                return
            if b"\0" in line:  # as a crash of the machine leaves them; line feeds may be among what is lost
                raise ValueError(f"a hole of zeros behind byte {offset}")
            first = 2 if line[0] == 44 else 1  # 44: the comma that all rows but the first start with
            mark = line.index(_BEFORE, first)
            yield int(line[first:mark]), offset + mark + 3, line[mark + 3 : -1]
            offset += len(line)


def find(fd: int, section: Section, text: bytes) -> tuple[int, int, int] | None:
    """Return number, offset and length of the first document of a section that holds a text."""
    with mmap.mmap(fd, 0, prot=mmap.PROT_READ) as view:
        place = view.find(text, section.start, section.end)
        if place < 0:
            return None
        line = view.rfind(b"\n", 0, place) + 1
        mark = view.find(_BEFORE, line)
        start = mark + len(_BEFORE)
        return int(view[line:mark].lstrip(b',"')), start, view.find(b"\n", place) - start


class Writer:
    """Writes a `dataset.json` from front to back; `finish` makes it whole."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._buffer = bytearray(b" " * _HEAD_LENGTH)
        self._written = 0
        self._sections: dict[str, Section] = {}

    def start_table(self, name: str) -> None:
        """Begin a table; `meta` is the first."""
        if name != "meta":
            self._put(b'},\n"%s": {\n' % orjson.dumps(name)[1:-1])
        self._sections[name] = Section(self._offset, self._offset, int(name == "meta"))

    def add(self, table: str, row: int, document: bytes) -> None:
        """Write a row of the table begun last; rows come in order of their numbers."""
        section = self._sections[table]
        comma = b"," if section.last else b""
        self._put(comma + b'"%d": ' % row + document + b"\n")
        self._sections[table] = Section(section.start, self._offset, row)

    def add_run(self, table: str, first: int, last: int, fd: int, start: int, end: int) -> None:
        """Copy rows `first` to `last`, separators between them included, from another file."""
        section = self._sections[table]
        self._put((b"," if section.last else b"") + b'"%d": ' % first)
        while start < end:
            chunk = os.pread(fd, min(_CHUNK, end - start), start)
            if not chunk:
                raise StoreError(
                    "dataset.json became shorter while it was read.",
                    hint="Another program writes into it; end that program, then repeat the command.",
                )
            self._put(chunk)
            start += len(chunk)
        self._put(b"\n")
        self._sections[table] = Section(section.start, self._offset, last)

    def finish(self, folded: int) -> None:
        """Write the end, then the first line."""
        self._put(_END)
        self._flush()
        sections = {name: list(section) for name, section in self._sections.items()}
        fields = orjson.dumps({"schema": SCHEMA, "folded": folded, "sections": sections})
        head = _HEAD_START[: _HEAD_START.index(b'{"schema"')] + fields
        if len(head) >= _HEAD_LENGTH:
            raise StoreError(
                "dataset.json holds too many tables of other programs.",
                hint="Move them to a file of their own.",
            )
        disk.write_at(self._fd, head.ljust(_HEAD_LENGTH - 1) + b"\n", 0)

    @property
    def _offset(self) -> int:
        return self._written + len(self._buffer)

    def _put(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) >= _CHUNK:
            self._flush()

    def _flush(self) -> None:
        disk.write_all(self._fd, bytes(self._buffer))
        self._written += len(self._buffer)
        self._buffer.clear()
