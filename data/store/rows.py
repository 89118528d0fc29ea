"""Where each row of a table lies. The documents stay in their files until they are looked at."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator
from typing import NamedTuple

from data.errors import StoreError
from data.store.layout import Section, scan, separator

_FARTHEST = 1_000_000
"""How far beyond the last row a new one may be numbered; places are kept in plain arrays."""


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
    """The open files in which rows lie. A file that a fold replaced stays readable while it is here."""

    def __init__(self) -> None:
        self._fds: list[int] = []

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

    def close(self) -> None:
        """Close all files; nothing can be read any more."""
        for fd in self._fds:
            os.close(fd)
        self._fds.clear()


class Rows:
    """The rows of one table. Those in `dataset.json` are looked for at the first question about them."""

    def __init__(
        self,
        files: Files,
        base: tuple[int, Section] | None = None,
        watch: Callable[[int, bytes], None] | None = None,
    ) -> None:
        """Set up a table.

        Args:
            files: Where the rows lie.
            base: Number of the file `dataset.json` and this table's section of it.
            watch: Told number and document of every row, once when it becomes known and whenever it changes.
        """
        self._files = files
        self._base = base
        self._watch = watch
        self._numbers = array("H")
        self._offsets = array("Q")
        self._lengths = array("I")
        self._count = 0
        self._waiting: list[tuple[int, Place]] = []
        self.last = base[1].last if base else 0
        """The highest row number there ever was."""

    def put(self, row: int, place: Place, document: bytes | None) -> None:
        """Note where the newest document of a row lies; `None`: the row is dropped."""
        self.last = max(self.last, row)
        if self._base is not None:
            self._waiting.append((row, place))
            return
        self._set(row, place)
        if self._watch is not None and document is not None:
            self._watch(row, document)

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
        run: Run | None = None
        for row in self:
            file, offset, length = self._place(row)
            if run and file == run.file and offset == run.end + len(separator(row)):
                run = run._replace(last=row, end=offset + length)
                continue
            if run:
                yield run
            run = Run(row, row, file, offset, offset + length)
        if run:
            yield run

    def load(self) -> None:
        """Find the rows of `dataset.json`, if that was not done yet."""
        if self._base is None:
            return
        file, section = self._base
        watch = self._watch
        for row, offset, document in scan(self._files.fd(file), section):
            self._set(row, Place(file, offset, len(document)))
            if watch is not None:
                watch(row, document)
        self._base = None
        waiting, self._waiting = self._waiting, []
        for row, place in waiting:
            self.put(row, place, self._files.read(place) if place.length else None)

    def _set(self, row: int, place: Place) -> None:
        lengths = self._lengths
        missing = row + 1 - len(lengths)
        if missing > 0:
            if missing > _FARTHEST:
                raise StoreError(f"Row {row} is too far from the others.", hint="Use a smaller doc_id.")
            self._numbers.extend([0] * missing)
            self._offsets.extend([0] * missing)
            lengths.extend([0] * missing)
        self._count += (place.length > 0) - (lengths[row] > 0)
        self._numbers[row], self._offsets[row], lengths[row] = place

    def _place(self, row: int) -> Place:
        return Place(self._numbers[row], self._offsets[row], self._lengths[row])
