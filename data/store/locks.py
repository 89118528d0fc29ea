"""Locks between processes, on files that others may remove and make again."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.errors import NotSaved

_PATIENCE = 30.0
"""Seconds to wait for a process that holds a lock for an instant only, before saying so."""


class FileLock:
    """An `flock`: the kernel drops it when its process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def try_acquire(self, *, shared: bool = False) -> bool:
        """Take the lock if it is free; at the return of True, the file at `path` is the locked one.

        Raises:
            OSError: the file cannot be opened, or its file system knows no locks.
        """
        while True:
            fd = self._open()
            try:
                fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            if self._is_current(fd):
                return True
            self.close()  # removed by its last holder between our opening and our locking

    @contextmanager
    def held(self, *, shared: bool = False) -> Iterator[None]:
        """Hold the lock, waiting for it if need be.

        Raises:
            NotSaved: somebody has held it for too long.
        """
        deadline = time.monotonic() + _PATIENCE
        pause = 0.0002
        while not self.try_acquire(shared=shared):
            if time.monotonic() > deadline:
                raise NotSaved(
                    f"Not saved: another process has held {self.path.name} for {_PATIENCE:.0f} s.",
                    hint="Resume or end a suspended drt-tui (ctrl+z), then repeat the action.",
                )
            time.sleep(pause)
            pause = min(pause * 2, 0.02)
        try:
            yield
        finally:
            self.release()

    def release(self) -> None:
        """Let others have it; the file stays open for the next time."""
        if self._fd is not None:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def remove(self) -> None:
        """Let others have it, and leave no file behind. Only a holder may call this."""
        try:
            os.unlink(self.path)  # noqa: PTH108
        finally:
            self.close()

    def close(self) -> None:
        """Release the lock and the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _open(self) -> int:
        if self._fd is None:
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        return self._fd

    def _is_current(self, fd: int) -> bool:
        try:
            there = os.stat(self.path)  # noqa: PTH116
        except FileNotFoundError:
            return False
        mine = os.fstat(fd)
        return (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)
