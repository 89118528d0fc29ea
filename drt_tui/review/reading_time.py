"""How long a person was really in front of a candidate."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

IDLE_AFTER = 120.0
"""Seconds without a key after which a person is taken to have left: slow reading of a long thought."""


class ReadingTime:
    """Adds up the time between keys; of a longer pause than `IDLE_AFTER` nothing more is counted."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self._seconds = 0.0

    def restart(self) -> None:
        """Begin with a new candidate."""
        self._last, self._seconds = self._clock(), 0.0

    def note_activity(self) -> None:
        """Note that the person did something."""
        now = self._clock()
        self._seconds += min(now - self._last, IDLE_AFTER)
        self._last = now

    def pause(self) -> None:
        """Note that the person looked away: the terminal lost its focus."""
        self.note_activity()

    def resume(self) -> None:
        """Note that the person is back; the time in between does not count."""
        self._last = self._clock()

    @property
    def seconds(self) -> float:
        """Active seconds so far."""
        return round(self._seconds + min(self._clock() - self._last, IDLE_AFTER), 1)
