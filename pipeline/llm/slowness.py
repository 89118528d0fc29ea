"""How long an answer may take before it is taken for lost, learnt from those that came.

An endpoint that stalls in mid-reply keeps its slot until the time limit, which must suit the slowest
model there is. Beside a model that has answered dozens of times within a second, a silence of half a
minute is a stall, also for calls that were sent before that was known.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_REMEMBERED = 60
_ENOUGH = 30
"""Answers before anything is concluded, and between two conclusions for calls under way."""
_TIMES_THE_SLOWEST = 10.0
_LEAST_S = 30.0


@dataclass(slots=True)
class Slowness:
    """The times of the last answers of one model, in seconds, and the calls that wait for one."""

    _took: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _answers: int = 0
    _waiting: dict[asyncio.Timeout, tuple[float, float]] = field(default_factory=dict)
    """When each call was sent, by the event loop's clock, and the most that it may take."""

    @asynccontextmanager
    async def within(self, most_s: float) -> AsyncIterator[None]:
        """Give what runs inside the time that answers have needed so far, and at most `most_s`.

        Raises:
            TimeoutError: that time is over.
        """
        loop = asyncio.get_running_loop()
        sent = loop.time()
        async with asyncio.timeout_at(sent + self.limit(most_s)) as timeout:
            self._waiting[timeout] = sent, most_s
            try:
                yield
            finally:
                del self._waiting[timeout]
        self.note(loop.time() - sent)

    def note(self, seconds: float) -> None:
        """Take in how long an answer took."""
        self._took.append(seconds)
        self._answers += 1
        if self._answers % _ENOUGH == 0:
            for timeout, (sent, most_s) in self._waiting.items():
                timeout.reschedule(sent + self.limit(most_s))

    def limit(self, most_s: float) -> float:
        """Return how long to wait for an answer; `most_s` until enough is known, and at most."""
        if len(self._took) < _ENOUGH:
            return most_s
        return min(most_s, max(_LEAST_S, _TIMES_THE_SLOWEST * max(self._took)))
