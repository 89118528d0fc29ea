"""Leases: who works on which sentence. The kernel ends a lease with its process."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Literal
from weakref import WeakSet

from data.records import sentence_id
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

    def renew(self) -> None:
        """Give a sign of life, on file systems that need one."""
        if self._lock is not None:
            self._lock.renew()

    def release(self) -> None:
        """Let others have the sentence; a second call does nothing."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.remove()


class Leases:
    """The leases of one project that this process holds."""

    def __init__(self, folder: ProjectFolder) -> None:
        self._folder = folder
        self._held: WeakSet[Lease] = WeakSet()

    def claim(self, sentence: str, purpose: Purpose) -> Lease | None:
        """Take a lease, or return `None` where a living holder has it, in this process or another.

        Raises:
            NotSaved: the lock file cannot be made.
        """
        lock = FileLock(self._folder.leases / f"{_file_name(sentence)}.{purpose}.lock")
        with disk.saving(self._folder.leases):
            try:
                is_free = lock.try_acquire()
            except FileNotFoundError:
                disk.make_folder(self._folder.leases)
                is_free = lock.try_acquire()
        if not is_free:
            lock.close()
            return None
        lease = Lease(sentence, lock)
        self._held.add(lease)
        return lease

    def renew(self) -> None:
        """Give a sign of life for all of them, on file systems that need one."""
        for lease in self._held:
            lease.renew()


def _file_name(sentence: str) -> str:
    """Return the id itself where it can be a file's name, as those that we make can."""
    return sentence if re.fullmatch(r"\w{1,64}", sentence, re.ASCII) else sentence_id(sentence)
