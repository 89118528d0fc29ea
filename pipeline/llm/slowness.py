"""How long an answer may take before it is taken for lost, learnt from those that came.

An endpoint that stalls in mid-reply keeps its slot until the time limit, which must suit the slowest
model there is. Beside a model that has answered dozens of times within a second, a silence of half a
minute is a stall.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_REMEMBERED = 60
_ENOUGH = 30
"""Answers before anything is concluded."""
_TIMES_THE_SLOWEST = 10.0
_LEAST_S = 30.0


@dataclass(slots=True)
class Slowness:
    """The times of the last answers of one model, in seconds."""

    _took: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def note(self, seconds: float) -> None:
        """Take in how long an answer took."""
        self._took.append(seconds)

    def limit(self, most_s: float) -> float:
        """Return how long to wait for the next answer; `most_s` until enough is known, and at most."""
        if len(self._took) < _ENOUGH:
            return most_s
        return min(most_s, max(_LEAST_S, _TIMES_THE_SLOWEST * max(self._took)))
