"""Where each row of a table lies. The documents stay in their files until they are looked at."""

from __future__ import annotations

import gc
import os
import tempfile
import threading
from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from data.errors import StoreError
from data.store.documents import damaged_row
from data.store.layout import Section, find, scan, separator

_FARTHEST = 1_000_000
"""How far behind the last row a new one may be; places are kept in plain arrays."""


def refuse_number(row: int, last: int) -> None:
    """Raise `StoreError` where `row` cannot be the number of a row behind row `last`."""
    if not 0 < row <= last + _FARTHEST:
        raise StoreError(f"Row {row} is too far from the others.", hint="Let TinyDB choose the doc_id.")


class Place(NamedTuple):
    """Where a document lies: number of the file, byte offset and length (0: the row is dropped)."""

    file: int
    offset: int
    length: int


class Run(NamedTuple):
    """Rows `first` to `last` that lie in one file as they must lie in the next one."""

    first: int
    last: int
    file: int
    start: int
    end: int


class Files:
    """The open files in which rows lie. A file that a fold replaced stays readable while it is here.

    They are closed with the last user of this object, so nobody can read from a closed one.
    """

    def __init__(self) -> None:
        self._fds: list[int] = []
        self._spilled: Place | None = None
        """The last document written to a file of our own."""

    def __del__(self) -> None:
        for fd in self._fds:
            os.close(fd)

    def __len__(self) -> int:
        return len(self._fds)

    def add(self, fd: int) -> int:
        """Take over an open file and return its number."""
        self._fds.append(fd)
        return len(self._fds) - 1

    def fd(self, file: int) -> int:
        """Return the descriptor of a file."""
        return self._fds[file]

    def read(self, place: Place) -> bytes:
        """Return the document at a place."""
        document = os.pread(self._fds[place.file], place.length, place.offset)
        if len(document) != place.length:
            raise StoreError(
                "A file of the project became shorter while it was open.",
                hint="Another program writes into it; end that program, then run drt-tui doctor --repair.",
            )
        return document

    def replace(self, file: int, fd: int) -> None:
        """Put another open file in the place of one."""
        os.close(self._fds[file])
        self._fds[file] = fd

    def spill(self, document: bytes) -> Place:
        """Keep a document that is in no file of the project as it should be."""
        if self._spilled is None:
            with tempfile.TemporaryFile() as nameless:
                self._spilled = Place(self.add(os.dup(nameless.fileno())), 0, 0)
        file, offset, length = self._spilled
        self._spilled = Place(file, offset + length, len(document))
        os.pwrite(self._fds[file], document, self._spilled.offset)
        return self._spilled


class Watch(Protocol):
    """Whoever wants to know all rows of a table."""

    def fill(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Take in number and document of all rows of `dataset.json`, in order."""
        ...

    def put(self, number: int, document: bytes | None) -> None:
        """Take in a new or changed row; `None`: it is dropped."""
        ...


class Rows:
    """The rows of one table. Those in `dataset.json` are looked for at the first question about them."""

    def __init__(
        self,
        files: Files,
        base: tuple[int, Section] | None = None,
        watch: Watch | None = None,
    ) -> None:
        """Set up a table.

        Args:
            files: Where the rows lie.
            base: Number of the file `dataset.json` and this table's section of it.
            watch: Told of every row once it becomes known, and whenever it changes.
        """
        self._files = files
        self._base = base
        self._watch = watch
        self._numbers = array("H", [0])
        self._offsets = array("Q", [0])
        self._lengths = array("I", [0])
        self._count = 0
        self._mutex = threading.RLock()
        self._waiting: list[tuple[int, Place]] = []
        self._was_glimpsed = False
        self.last = base[1].last if base else 0
        """The highest row number there ever was."""

    def put(self, row: int, place: Place, document: bytes | None) -> None:
        """Note where the newest document of a row lies; `None`: the row is dropped."""
        with self._mutex:
            self.last = max(self.last, row)
            if self._base is not None:
                self._waiting.append((row, place))
                return
            self._set(row, place)
            if self._watch is not None:
                self._watch.put(row, document)

    def get(self, row: int) -> bytes | None:
        """Return the document of a row."""
        self.load()
        if not (0 <= row < len(self._lengths) and self._lengths[row]):
            return None
        return self._files.read(self._place(row))

    def __contains__(self, row: int) -> bool:
        self.load()
        return 0 <= row < len(self._lengths) and self._lengths[row] > 0

    def __len__(self) -> int:
        self.load()
        return self._count

    def __iter__(self) -> Iterator[int]:
        """Yield the numbers of the rows in order."""
        self.load()
        return (row for row, length in enumerate(self._lengths) if length)

    def runs(self) -> Iterator[Run]:
        """Yield all rows in order, joined where one read copies several."""
        first = last = file = start = end = 0
        for row in self:
            place, offset = self._numbers[row], self._offsets[row]
            if not first or place != file or offset != end + len(separator(row)):
                if first:
                    yield Run(first, last, file, start, end)
                first, file, start = row, place, offset
            last, end = row, offset + self._lengths[row]
        if first:
            yield Run(first, last, file, start, end)

    def glimpse(self, text: bytes) -> bytes | None:
        """Return the first document of `dataset.json` that holds a text, if this is the first question.

        Looking for one takes a tenth of finding all, so that a first screen need not wait for that;
        `None` where there is none, and at every further question.
        """
        with self._mutex:
            if self._base is None or self._was_glimpsed:
                return None
            self._was_glimpsed = True
            file, section = self._base
            found = find(self._files.fd(file), section, text)
            if found is None or any(row == found[0] for row, _ in self._waiting):
                return None
            return self._files.read(Place(file, *found[1:]))

    def may_hold(self, text: bytes) -> bool:
        """Whether a row may hold a text: told of `dataset.json` alone, and at the first question, as above."""
        with self._mutex:
            is_known = self._base is None or self._was_glimpsed or bool(self._waiting)
            return is_known or self.glimpse(text) is not None

    def load(self) -> None:
        """Find the rows of `dataset.json`, if that was not done yet.

        Raises:
            StoreError: a row is damaged.
        """
        if self._base is None:
            return
        with self._mutex, without_collection():
            try:
                self._load()
            except (ValueError, LookupError, TypeError) as error:
                raise damaged_row(error) from error

    def _load(self) -> None:
        if self._base is not None:  # else another thread has just done it
            found = self._find(*self._base)
            if self._watch is None:
                deque(found, maxlen=0)
            else:
                self._watch.fill(found)
            self._base = None
            waiting, self._waiting = self._waiting, []
            for row, place in waiting:
                self.put(row, place, self._files.read(place) if place.length else None)

    def _find(self, file: int, section: Section) -> Iterator[tuple[int, bytes]]:
        for row, offset, document in scan(self._files.fd(file), section):
            if row > len(self._lengths):
                self._extend(row - 1)
            elif row < len(self._lengths):
                raise ValueError(f"row {row} stands behind row {len(self._lengths) - 1}")
            self._numbers.append(file)
            self._offsets.append(offset)
            self._lengths.append(len(document))
            self._count += 1
            yield row, document

    def _set(self, row: int, place: Place) -> None:
        if row >= len(self._lengths):
            self._extend(row)
        self._count += (place.length > 0) - (self._lengths[row] > 0)
        self._numbers[row], self._offsets[row], self._lengths[row] = place

    def _extend(self, row: int) -> None:
        """Make room up to a row."""
        missing = row + 1 - len(self._lengths)
        self._numbers.extend([0] * missing)
        self._offsets.extend([0] * missing)
        self._lengths.extend([0] * missing)

    def _place(self, row: int) -> Place:
        return Place(self._numbers[row], self._offsets[row], self._lengths[row])


@contextmanager
def without_collection() -> Iterator[None]:
    """Build many small objects that all stay: looking for garbage among them only costs time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
