"""Rate limiters as providers have them. `refuse(now)` returns `None`, or the seconds to wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol


class Limiter(Protocol):
    def refuse(self, now: float) -> float | None: ...

    @property
    def remaining(self) -> int: ...


@dataclass
class TokenBucket:
    """Fills evenly, and holds at most `capacity` calls."""

    rpm: float
    capacity: float
    tokens: float = -1.0
    since: float | None = None

    def refuse(self, now: float) -> float | None:
        if self.since is None:
            self.tokens = self.capacity
        else:
            self.tokens = min(self.capacity, self.tokens + (now - self.since) * self.rpm / 60)
        self.since = now
        if self.tokens >= 1:
            self.tokens -= 1
            return None
        return (1 - self.tokens) * 60 / self.rpm

    @property
    def remaining(self) -> int:
        return int(self.tokens)


@dataclass
class SlidingWindow:
    """At most `rpm` calls in any 60 s."""

    rpm: int
    taken: deque[float] = field(default_factory=deque)

    def refuse(self, now: float) -> float | None:
        while self.taken and self.taken[0] <= now - 60:
            self.taken.popleft()
        if len(self.taken) < self.rpm:
            self.taken.append(now)
            return None
        return self.taken[0] + 60 - now

    @property
    def remaining(self) -> int:
        return self.rpm - len(self.taken)


@dataclass
class FixedWindow:
    """At most `rpm` calls in each minute of the clock."""

    rpm: int
    window: int = -1
    taken: int = 0

    def refuse(self, now: float) -> float | None:
        window = int(now // 60)
        if window != self.window:
            self.window, self.taken = window, 0
        if self.taken < self.rpm:
            self.taken += 1
            return None
        return (window + 1) * 60 - now

    @property
    def remaining(self) -> int:
        return self.rpm - self.taken


@dataclass
class Moody:
    """No limiter at all: refuses everything for ten seconds a minute, whatever was sent before."""

    rpm: int
    remaining: int = 0

    def refuse(self, now: float) -> float | None:
        return 1.0 if now % 60 < 10 else None


@dataclass
class Whimsical:
    """No limiter either: refuses one call in ten, and asks for a pause each time."""

    rpm: int
    remaining: int = 0
    chance: Random = field(default_factory=lambda: Random(5))

    def refuse(self, now: float) -> float | None:
        return 2.0 if self.chance.random() < 0.1 else None


KINDS: dict[str, Callable[[int], Limiter]] = {
    "bucket": lambda rpm: TokenBucket(rpm, rpm),
    "small-bucket": lambda rpm: TokenBucket(rpm, max(1, rpm // 50)),
    "sliding": SlidingWindow,
    "fixed": FixedWindow,
}
