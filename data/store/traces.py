"""The stage log: every answered call, handed to the system as soon as it is there.

One file a day in `traces/`; the day is a name for people. A file is only ever appended to, and a
lost one costs nothing but the chance to look its calls up: no example depends on it.
"""

from __future__ import annotations

import os
import threading
from array import array
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import TracebackType

import orjson
from pydantic import ValidationError

from data.records import Call
from data.store import disk
from data.store.folder import ProjectFolder
from data.store.journal import lines

_SYNC_EVERY = 0.5
"""Seconds between two `fsync`s."""
_LOOK_EVERY = 0.5
"""Seconds between two looks at files of other days; the newest two are looked at each time."""
_LINE = 1 << 14
"""Bytes to read at first where one line is wanted."""
_KEY = b'{"key":"'
_TRACE = b'","trace":"'


class StageLog:
    """Appends calls, and finds them by cache key or by trace. Creates nothing before the first append."""

    def __init__(self, folder: ProjectFolder) -> None:
        self._folder = folder
        self._writer = _Writer(folder.traces)
        self._index = _Index(folder.traces)
        self._mutex = threading.Lock()

    def __enter__(self) -> StageLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, call: Call) -> None:
        """Hand a call to the system in one write; it then survives the death of this process.

        Raises:
            NotSaved: the disk refused this call, or an earlier one at the shared `fsync`.
        """
        fields = call.model_dump(mode="json")
        line = orjson.dumps({"key": fields.pop("key"), "trace": fields.pop("trace"), **fields})
        with disk.saving(self._folder.traces):
            self._writer.append(line)

    def find(self, key: str) -> Call | None:
        """Return the newest call with a cache key, whoever appended it."""
        with self._mutex:
            self._index.follow()
            return next((call for call in self._index.with_key(key) if call.key == key), None)

    def of(self, trace_id: str) -> tuple[Call, ...]:
        """Return the calls of one pass in their order."""
        with self._mutex:
            self._index.follow()
            calls = [call for call in self._index.with_trace(trace_id) if call.trace == trace_id]
        return tuple(sorted(calls, key=lambda call: call.number))

    def calls(self) -> Iterator[Call]:
        """Yield every call in the order of the files; lines that cannot be read are left out."""
        for path in sorted(self._folder.traces.glob("*.jsonl")):
            with path.open("rb") as lines:
                for line in lines:
                    with suppress(ValidationError):
                        yield Call.model_validate_json(line)

    def close(self) -> None:
        """Put everything on the disk and close the file.

        Raises:
            NotSaved: the disk refused.
        """
        with disk.saving(self._folder.traces):
            self._writer.close()


class _Writer:
    """Appends lines to the file of the day; a background thread shares one `fsync` between many."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fd: int | None = None
        self._day = ""
        self._mutex = threading.Lock()
        self._written = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._refused: OSError | None = None

    def append(self, line: bytes) -> None:
        with self._mutex:
            if self._refused is not None:
                refused, self._refused = self._refused, None
                raise refused
            fd = self._file()
            size = os.fstat(fd).st_size
            is_torn = size and os.pread(fd, 1, size - 1) != b"\n"
            disk.append(fd, (b"\n" if is_torn else b"") + line + b"\n")
            if self._thread is None:
                self._thread = threading.Thread(target=self._sync_now_and_then, name="traces", daemon=True)
                self._thread.start()
        self._written.set()

    def close(self) -> None:
        if self._thread is not None:
            self._closing.set()
            self._written.set()
            self._thread.join()
            self._thread = None
            self._closing.clear()
        with self._mutex:
            refused, self._refused = self._refused, None
            self._leave_file()
        if refused is not None:
            raise refused

    def _file(self) -> int:
        day = today()
        if self._fd is None or day != self._day or not os.fstat(self._fd).st_nlink:
            self._leave_file()
            disk.make_folder(self._folder)
            self._fd = disk.open_log(self._folder / f"{day}.jsonl")
            self._day = day
            disk.sync_folder(self._folder)
        return self._fd

    def _leave_file(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            try:
                disk.sync(fd)
            finally:
                os.close(fd)

    def _sync_now_and_then(self) -> None:
        while not self._closing.is_set():
            self._written.wait()
            self._written.clear()
            with self._mutex:
                fd = None if self._fd is None else os.dup(self._fd)
            if fd is not None:
                self._sync(fd)
            self._closing.wait(_SYNC_EVERY)

    def _sync(self, fd: int) -> None:
        try:
            disk.sync(fd)
        except OSError as error:
            self._refused = error
        finally:
            os.close(fd)


class _Index:
    """Where calls lie, by hash of key and of trace: 20 bytes and a dict entry a call."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[Path] = []
        self._read_to: dict[Path, tuple[int, int]] = {}
        """By file, its inode and how far it was taken in."""
        self._changed = 0
        self._looked = 0.0
        self._newest_of_key: dict[int, int] = {}
        self._traces = array("q")
        self._offsets = array("Q")
        self._file_of = array("H")

    def follow(self) -> None:
        """Take in what was appended since, by anybody."""
        try:
            changed = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if changed != self._changed:
            self._changed = changed
            new = sorted(path for path in self._folder.glob("*.jsonl") if path not in self._read_to)
            self._files += new
            self._read_to |= dict.fromkeys(new, (0, 0))
        growing = self._files[-2:]
        if monotonic() - self._looked >= _LOOK_EVERY:
            self._looked = monotonic()
            growing = self._files
        for path in growing:
            with suppress(FileNotFoundError):
                self._follow(path)

    def _follow(self, path: Path) -> None:
        there = path.stat()
        inode, end = self._read_to[path]
        if there.st_ino != inode:
            end = 0
        if there.st_size > end:
            self._read(path, there.st_ino, end)

    def with_key(self, key: str) -> list[Call]:
        number = self._newest_of_key.get(hash(key.encode()))
        return [] if number is None or not key else self._calls([number])

    def with_trace(self, trace: str) -> list[Call]:
        wanted = hash(trace.encode())
        numbers = []
        start = 0
        with suppress(ValueError):
            while True:
                start = self._traces.index(wanted, start) + 1
                numbers.append(start - 1)
        return self._calls(numbers)

    def _read(self, path: Path, inode: int, end: int) -> None:
        file = self._files.index(path)
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            for offset, line in lines(fd, end):
                if not line.endswith(b"\n"):
                    return  # still being written, or torn: the next writer ends it
                self._read_to[path] = (inode, offset + len(line))
                if line.startswith(_KEY) and line.endswith(b"}\n"):
                    self._take(file, offset, line)
        finally:
            os.close(fd)

    def _take(self, file: int, offset: int, line: bytes) -> None:
        key, _, rest = line[len(_KEY) :].partition(_TRACE)
        trace = rest.partition(b'"')[0]
        if key:
            self._newest_of_key[hash(key)] = len(self._offsets)
        self._traces.append(hash(trace))
        self._offsets.append(offset)
        self._file_of.append(file)

    def _calls(self, numbers: list[int]) -> list[Call]:
        calls = []
        for number in numbers:
            with suppress(FileNotFoundError, ValidationError, StopIteration):
                fd = os.open(self._files[self._file_of[number]], os.O_RDONLY | os.O_CLOEXEC)
                try:
                    _, line = next(lines(fd, self._offsets[number], _LINE))
                finally:
                    os.close(fd)
                calls.append(Call.model_validate_json(line))
        return calls


def today() -> str:
    """Return the day that names the file of new calls."""
    return f"{datetime.now(UTC):%Y-%m-%d}"
