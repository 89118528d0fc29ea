"""Every step by which this room changes the disk, and what its refusal means.

A crash between any two of these steps must leave a readable project; the tests crash at each.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.errors import NotSaved, StoreError

_CAUSES = {
    errno.ENOSPC: ("the disk is full", "Free some space, then repeat the action; nothing else is lost."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space, then repeat the action."),
    errno.EROFS: ("the disk is read-only", "Make it writable, or work on a copy of the project."),
    errno.EACCES: ("the system does not permit it", "Check the owner and the permissions of the folder."),
    errno.EPERM: ("the system does not permit it", "Check the owner and the permissions of the folder."),
    errno.ENOENT: ("a file or folder is gone", "Put it back where it was, then repeat the action."),
    errno.ESTALE: ("the network folder is gone", "Mount it again, then repeat the action."),
    errno.EMFILE: ("too many files are open", "Raise the limit (ulimit -n), or lower --concurrency."),
}


@contextmanager
def saving(path: Path) -> Iterator[None]:
    """Turn the refusal of a write below `path` into `NotSaved`."""
    try:
        yield
    except OSError as error:
        cause, hint = _explained(error)
        raise NotSaved(f"Not saved: {cause} ({path}).", hint=hint) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn the refusal of a read below `path` into `StoreError`."""
    try:
        yield
    except OSError as error:
        cause, hint = _explained(error)
        raise StoreError(f"The project cannot be read: {cause} ({path}).", hint=hint) from error


def make_folder(path: Path) -> None:
    """Create a folder in an existing one; it may be there already."""
    try:
        os.mkdir(path)  # noqa: PTH102  # all steps go through `os`, where tests can make them fail
    except FileExistsError:
        return
    sync_folder(path.parent)


def open_existing(path: Path) -> int | None:
    """Open a file for reading; `None` where there is none."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None


def open_log(path: Path) -> int:
    """Open a file for appending, made where it is missing."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)


def open_new(path: Path) -> int:
    """Open a file for writing from the start; what was in it is dropped."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)


def append(fd: int, data: bytes) -> None:
    """Hand `data` to the system in one write.

    Raises:
        OSError: refused, or taken in part only; how much of it is in the file is then unknown.
    """
    if os.write(fd, data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write_all(fd: int, data: bytes | memoryview) -> None:
    """Write `data` to a file that nobody reads yet."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def write_at(fd: int, data: bytes, offset: int) -> None:
    """Overwrite bytes of a file that nobody reads yet."""
    if os.pwrite(fd, data, offset) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def sync(fd: int) -> None:
    """Return when the file's content is on the disk."""
    os.fsync(fd)


def sync_folder(path: Path) -> None:
    """Return when the names in a folder are on the disk."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def cut(fd: int, size: int) -> None:
    """Drop what is behind `size`."""
    os.ftruncate(fd, size)


def move(old: Path, new: Path) -> None:
    """Rename a file within the project; what was at `new` is replaced."""
    os.replace(old, new)  # noqa: PTH105


def link(old: Path, new: Path) -> None:
    """Give a file a second name."""
    os.link(old, new)


def remove(path: Path) -> None:
    """Remove a file; it may be gone already."""
    try:
        os.unlink(path)  # noqa: PTH108
    except FileNotFoundError:
        return


def _explained(error: OSError) -> tuple[str, str]:
    unknown = (error.strerror or str(error), "Check the disk, then repeat the action.")
    return _CAUSES.get(error.errno or 0, unknown)
