"""How many calls to one model may be in flight."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 16
MOST_ON_LOOPBACK = 4


@dataclass(slots=True)
class Ceiling:
    """Starts at its maximum, is halved when the endpoint is overrun, and climbs back by success."""

    most: int
    now: int = 0
    bursts: int = 0
    """How often it was halved. A call remembers the number it began under, so that the refusals
    of one burst halve once."""
    _successes: int = 0

    def __post_init__(self) -> None:
        self.now = self.now or self.most

    def succeeded(self) -> None:
        """Count a success; a ceiling's worth of them raises the ceiling by one."""
        self._successes += 1
        if self._successes >= self.now:
            self._successes = 0
            self.now = min(self.most, self.now + 1)

    def overrun(self, began_under: int) -> None:
        """Halve, unless a call of the same burst has done so."""
        if began_under == self.bursts:
            self.bursts += 1
            self._successes = 0
            self.now = max(1, self.now // 2)

    def set_most(self, most: int) -> None:
        """Set a new maximum and go there."""
        self.most = self.now = most
        self._successes = 0
