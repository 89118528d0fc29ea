"""A few whole numbers that live processes share: a small file, changed under an `flock`."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import PipelineError


class Cells:
    """Numbers of 64 bits, all 0 at first; in memory only where there is no path.

    A change is one `pwrite` of a few bytes: it survives the death of its process, and the lock does
    not outlive it.
    """

    def __init__(self, path: Path | None, count: int) -> None:
        """Open the file, or make it.

        Raises:
            PipelineError: the folder cannot be written to.
        """
        self._layout = struct.Struct(f"<{count}q")
        self._memory = [0] * count
        self._file = -1 if path is None else _opened(path)

    @contextmanager
    def changing(self) -> Iterator[list[int]]:
        """Yield the numbers; what they are at the end of the block is what all processes see."""
        if self._file < 0:
            yield self._memory
            return
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            numbers = self._read()
            yield numbers
            os.pwrite(self._file, self._layout.pack(*numbers), 0)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _read(self) -> list[int]:
        content = os.pread(self._file, self._layout.size, 0)
        return list(self._layout.unpack(content.ljust(self._layout.size, b"\0")))


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise PipelineError(
            f"{path} cannot be written: {error.strerror}",
            hint="Limits and money are counted there for all processes of the project.",
        ) from error
