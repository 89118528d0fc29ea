"""Append-only files of JSON lines: what is appended survives the death of the process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from data.store import disk


class LineFile:
    """One file that is only ever appended to, by any number of processes. Made with the first line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, value: object, *, durable: bool = False) -> None:
        """Hand a line to the system in one write; `durable`: return when it is on the disk.

        Raises:
            NotSaved: the disk refused.
        """
        with disk.saving(self.path):
            fd = self._open()
            line = orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
            disk.append(fd, (b"\n" if _is_torn(fd) else b"") + line)
            if durable:
                disk.sync(fd)

    def read(self) -> Iterator[dict[str, Any]]:
        """Yield the lines in their order; one that was torn by a crash is passed over."""
        try:
            content = self.path.open("rb")
        except FileNotFoundError:
            return
        with content:
            for line in content:
                try:
                    value = orjson.loads(line)
                except orjson.JSONDecodeError:
                    continue
                if isinstance(value, dict):
                    yield value

    def close(self) -> None:
        """Put everything on the disk and close the file.

        Raises:
            NotSaved: the disk refused.
        """
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        with disk.saving(self.path):
            try:
                disk.sync(fd)
            finally:
                os.close(fd)

    def _open(self) -> int:
        if self._fd is None:
            disk.make_folder(self.path.parent)
            self._fd = disk.open_log(self.path)
        return self._fd


def _is_torn(fd: int) -> bool:
    size = os.fstat(fd).st_size
    return size > 0 and os.pread(fd, 1, size - 1) != b"\n"
