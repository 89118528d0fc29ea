"""Leases: who works on which sentence. The kernel ends a lease with its process."""

from __future__ import annotations

from types import TracebackType
from typing import Literal

from data.store import disk
from data.store.folder import ProjectFolder
from data.store.locks import FileLock

Purpose = Literal["generate", "review"]


class Lease:
    """The right to generate or to judge one sentence; held until released or until the process ends."""

    def __init__(self, sentence: str, lock: FileLock) -> None:
        self.sentence = sentence
        self._lock: FileLock | None = lock

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let others have the sentence; a second call does nothing."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.remove()


def claim(folder: ProjectFolder, sentence: str, purpose: Purpose) -> Lease | None:
    """Take a lease, or return `None` where a living process holds it.

    Raises:
        NotSaved: the lock file cannot be made.
    """
    lock = FileLock(folder.leases / f"{sentence}.{purpose}.lock")
    with disk.saving(folder.leases):
        try:
            held = lock.try_acquire()
        except FileNotFoundError:
            disk.make_folder(folder.leases)
            held = lock.try_acquire()
    if held:
        return Lease(sentence, lock)
    lock.close()
    return None
