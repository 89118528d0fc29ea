"""The circuit breaker of an endpoint: a dead one is asked by one call at a time, and rarely."""

from __future__ import annotations

import asyncio
import math
import random
from dataclasses import dataclass, field

_FAILURES = 5
"""Failures in a row, over all calls, that open the circuit."""
_FIRST_REST_S = 1.0
_LONGEST_REST_S = 10.0


@dataclass(slots=True)
class Breaker:
    """Closed while calls succeed; open after repeated failure; then a single call probes."""

    why: str = ""
    """The last failure, for people."""
    was_reached: bool = False
    """It has taken a connection since the run began."""
    _silent_since: float = math.inf
    """When it first failed; infinite once it has answered."""
    _has_answered: bool = False
    _failures: int = 0
    _rest_s: float = 0.0
    _probe_at: float = 0.0
    _probing: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_open(self) -> bool:
        """The endpoint counts as dead."""
        return self._failures >= _FAILURES

    def admits(self, now: float) -> bool:
        """Return whether a call may try; where the circuit is open, that call is the probe."""
        if not self.is_open:
            return True
        if self._probing or now < self._probe_at:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """The endpoint answered, whatever it said: the circuit closes."""
        self.was_reached = self._has_answered = True
        self._silent_since = math.inf
        if self._failures:
            self._failures, self._rest_s, self._probing = 0, 0.0, False
            self._notify()

    def failed(self, now: float, why: str, *, reached: bool) -> None:
        """The endpoint did not answer, or answered with a server error."""
        self.why = why
        self.was_reached = self.was_reached or reached
        if not self._has_answered:
            self._silent_since = min(self._silent_since, now)
        self._failures += 1
        if self.is_open and (self._probing or self._failures == _FAILURES):
            self._rest_s = min(_LONGEST_REST_S, 2 * self._rest_s or _FIRST_REST_S)
            self._probe_at = now + self._rest_s * random.uniform(0.75, 1.25)
        self._probing = False
        self._notify()

    def gave_up(self) -> None:
        """The call ended without any outcome; if it was the probe, another may probe."""
        if self._probing:
            self._probing = False
            self._notify()

    def rest(self, now: float) -> float:
        """Return the seconds until a call may try; infinite while another one probes."""
        if not self.is_open:
            return 0.0
        return math.inf if self._probing else max(0.0, self._probe_at - now)

    def silence(self, now: float) -> float:
        """Return for how many seconds it has failed that has not answered once since the run began."""
        return max(0.0, now - self._silent_since)

    async def wait(self, longest_s: float) -> None:
        """Wait until the circuit has closed or a probe has failed, or for `longest_s`."""
        try:
            async with asyncio.timeout(longest_s):
                await self._changed.wait()
        except TimeoutError:
            return

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
