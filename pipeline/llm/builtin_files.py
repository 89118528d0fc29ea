"""The files through which the users of a built-in model and its server find each other.

Every lock is an `flock`, so the kernel drops it when its process ends, however it ends: the
server's lock says that there is a server, its users' shared lock that it is still needed.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from data.store.locks import FileLock

ALIAS = "smollm2-135m-instruct"
"""What the model is called at its endpoint."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that takes calls."""

    url: str
    pid: int
    threads: int


class Meeting:
    """One project's folder for its server."""

    def __init__(self, folder: Path) -> None:
        """Make the folder, if need be, and name the files."""
        folder.mkdir(parents=True, exist_ok=True)
        self.url_file = folder / "built-in.url"
        self.start_lock = FileLock(folder / "built-in.start")
        """Held by who starts a server."""
        self.users_lock = FileLock(folder / "built-in.users")
        """Held together by all users; the server that gets it alone has none."""
        self.server_lock = FileLock(folder / "built-in.server")
        """Held by the server while it lives."""

    def running(self) -> Running | None:
        """Return the server as its file says, or `None` where there is none yet."""
        try:
            return Running(**orjson.loads(self.url_file.read_bytes()))
        except (FileNotFoundError, orjson.JSONDecodeError, TypeError):
            return None

    def announce(self, server: Running) -> None:
        """Write down where the server takes calls."""
        draft = self.url_file.with_suffix(".new")
        draft.write_bytes(orjson.dumps(asdict(server)))
        draft.replace(self.url_file)

    def close(self) -> None:
        """Let go of all locks."""
        for lock in (self.start_lock, self.users_lock, self.server_lock):
            lock.close()


def cores_folder() -> Path:
    """Return where the servers of all projects of this user share the cores."""
    return Path(tempfile.gettempdir()) / f"drt-tui-cores-{os.getuid()}"


class Cores:
    """The machine's cores, shared out among the servers of all projects of this user."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the same for all projects."""
        self._folder = folder
        self._locks: list[FileLock] = []

    @property
    def held(self) -> int:
        """How many cores are held here; 0 where others had them all."""
        return len(self._locks)

    def close(self) -> None:
        """Let others have them."""
        while self._locks:
            self._locks.pop().close()

    def take(self, most: int) -> int:
        """Take up to `most` cores that no other server has, for as long as this process lives; at least one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for number in range(number_of_cores()):
            lock = FileLock(self._folder / f"core-{number}.lock")
            if len(self._locks) < most and lock.try_acquire():
                self._locks.append(lock)
            else:
                lock.close()
        return max(1, len(self._locks))


def idle_cores() -> int:
    """Return how many cores have had nothing to do for the last minute; at least one.

    The model's threads wait for each other after every step, spinning: one thread more than there
    are free cores makes it four to ten times slower.
    """
    return max(1, number_of_cores() - int(os.getloadavg()[0]))


def number_of_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
