"""Locks between processes, on files that others may remove and make again."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from weakref import WeakSet

from data.errors import NotSaved

_PATIENCE = 30.0
"""Seconds to wait for a process that should hold a lock for an instant only, before saying so."""
_NO_FLOCK = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
_STALE = 600.0
"""Seconds after which a lock that is kept by the clock is taken for one of a dead process."""
_RENEW = 60.0
"""Seconds between two signs of life of such a lock."""


_locks: WeakSet[FileLock] = WeakSet()


def _let_go_in_child() -> None:
    """Leave the locks of a forked process to its parent, so that they end with it."""
    for lock in list(_locks):
        lock.close()


os.register_at_fork(after_in_child=_let_go_in_child)


class FileLock:
    """An `flock`: the kernel drops it when its process ends, however it ends.

    Where a file system knows no such locks (some network ones), a file with a time takes its place.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        """Name a lock; with `create=False` a missing file counts as one that nobody can hold."""
        self.path = path
        self._create = create
        self._fd: int | None = None
        self._clock: ClockLock | None = None
        _locks.add(self)

    def __del__(self) -> None:
        self.close()

    def try_acquire(self, *, shared: bool = False) -> bool:
        """Take the lock if it is free; the file at `path` is then the locked one.

        Raises:
            OSError: the file cannot be opened.
        """
        while self._clock is None:
            try:
                fd = self._open()
            except FileNotFoundError:
                if self._create:
                    raise
                return True
            try:
                fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            except OSError as error:
                if error.errno not in _NO_FLOCK:
                    raise
                self._clock = ClockLock(self.path)
                break
            if self._is_current(fd):
                return True
            self.close()  # its last holder removed it between our opening and our locking
        return shared or self._clock.try_acquire()

    @contextmanager
    def held(self, *, shared: bool = False) -> Iterator[None]:
        """Hold the lock, waiting for it if need be.

        Raises:
            NotSaved: somebody has held it for too long.
            OSError: the file cannot be opened.
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

    def renew(self) -> None:
        """Give a sign of life, where the lock needs one."""
        if self._clock is not None:
            self._clock.renew()

    def release(self) -> None:
        """Let others have it; the file stays open for the next time."""
        if self._clock is not None:
            self._clock.release()
        elif self._fd is not None:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def remove(self) -> None:
        """Let others have it, and leave no file behind where that can be. Only a holder may call this."""
        with suppress(OSError):
            os.unlink(self.path)  # noqa: PTH108
        self.release()
        self.close()

    def close(self) -> None:
        """Let go of the file, and of the lock with it."""
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)

    def _open(self) -> int:
        if self._fd is None:
            flags = os.O_RDWR | os.O_CREAT if self._create else os.O_RDONLY
            self._fd = os.open(self.path, flags | os.O_CLOEXEC, 0o666)
        return self._fd

    def _is_current(self, fd: int) -> bool:
        try:
            there = os.stat(self.path)  # noqa: PTH116
        except FileNotFoundError:
            return False
        return os.path.samestat(there, os.fstat(fd))


class ClockLock:
    """A lock for file systems without `flock`: a file that says who holds it, and when last."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f"{path.name}.held")
        self._is_mine = False
        self._renewed = 0.0

    def try_acquire(self) -> bool:
        """Take the lock if it is free, or its holder is dead or silent for ten minutes."""
        for _ in range(2):
            try:
                fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            except FileExistsError:
                if not self._discard_stale():
                    return False
                continue
            try:
                os.write(fd, f"{os.uname().nodename} {os.getpid()}".encode())
            finally:
                os.close(fd)
            self._is_mine = True
            self._renewed = time.monotonic()
            return True
        return False

    def renew(self) -> None:
        """Give a sign of life, if the last one is a minute old."""
        if self._is_mine and time.monotonic() - self._renewed > _RENEW:
            os.utime(self._path)
            self._renewed = time.monotonic()

    def release(self) -> None:
        """Let others have it."""
        if self._is_mine:
            self._is_mine = False
            self._path.unlink(missing_ok=True)

    def _discard_stale(self) -> bool:
        try:
            age = time.time() - self._path.stat().st_mtime
            host, _, pid = self._path.read_text(encoding="utf-8").partition(" ")
        except FileNotFoundError:
            return True
        is_dead = host == os.uname().nodename and pid.isdigit() and not _is_alive(int(pid))
        if not is_dead and age < _STALE:
            return False
        self._path.unlink(missing_ok=True)
        return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
