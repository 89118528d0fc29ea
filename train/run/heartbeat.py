"""A sign of life: slow is not dead, and the last sign tells how much memory was left."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType

from pydantic import BaseModel, ConfigDict, ValidationError

from train.machine import memory

_SECONDS = 2.0


class Beat(BaseModel):
    """`at` in seconds since the epoch; memory in bytes."""

    model_config = ConfigDict(frozen=True)

    at: float
    used: int
    """What the worker itself holds."""
    available: int
    """What the machine, or its container, could still give."""


class Heartbeat:
    """Writes a beat when it is entered, and from then on every few seconds from a thread of its own."""

    def __init__(self, path: Path, seconds: float = _SECONDS) -> None:
        self._path = path
        self._seconds = seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True, name="heartbeat")

    def __enter__(self) -> Heartbeat:
        self._beat()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._ended.wait(self._seconds):
            self._beat()

    def _beat(self) -> None:
        import psutil

        beat = Beat(at=time.time(), used=psutil.Process().memory_info().rss, available=memory()[1])
        half = self._path.with_suffix(".half")
        half.write_text(beat.model_dump_json(), encoding="utf-8")
        half.replace(self._path)


def last_beat(path: Path) -> Beat | None:
    """Return the last beat, `None` where there was none."""
    try:
        return Beat.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
