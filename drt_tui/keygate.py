"""What stands between a key press and a command: a held key decides once, a late jamo not at all."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

HELD_SECONDS = 0.7
"""A key that decided is dead until it has been silent for so long."""
TOGETHER_SECONDS = 0.04
"""A jamo followed by another key within this time was held back by an input method."""


class HeldKeyGuard:
    """Tells a key that is held down from one that is pressed again.

    Terminals say nothing of a key's release: a held key is one that keeps coming. After a decision
    its key stays dead until it has been silent for `HELD_SECONDS` and the next candidate was
    painted; all other keys work at once.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._dead: str | None = None
        self._last_heard = 0.0
        self._painted = True

    def decided(self, key: str) -> None:
        """Note that `key` has just decided something."""
        self._dead = key
        self._last_heard = self._clock()
        self._painted = False

    def painted(self) -> None:
        """Note that the next candidate is on screen."""
        self._painted = True

    def lets_through(self, key: str) -> bool:
        """Whether a press of `key` may do something now."""
        if key != self._dead:
            return True
        silence = self._clock() - self._last_heard
        self._last_heard = self._clock()
        if silence < HELD_SECONDS or not self._painted:
            return False
        self._dead = None
        return True
