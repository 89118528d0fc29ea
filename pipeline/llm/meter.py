"""What a run's calls add up to, kept cheaply enough to be looked at many times a second."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from data.records import Stage, Usage


@dataclass(slots=True)
class Load:
    """How full the slots were, from the first full moment until nothing waited any more."""

    _since: float = 0.0
    _in_flight: int = 0
    _ceiling: int = 0
    _waited: bool = False
    _filled: bool = False
    _used_s: float = 0.0
    _had_s: float = 0.0
    _last: tuple[float, float] = (0.0, 0.0)

    def note(self, now: float, in_flight: int, ceiling: int, waiting: int) -> None:
        """Take in a change."""
        if self._filled:
            passed = now - self._since
            self._used_s += passed * self._in_flight
            self._had_s += passed * self._ceiling
            if self._waited:
                self._last = (self._used_s, self._had_s)
        elif in_flight >= ceiling > 0:
            self._filled = True
        self._since, self._in_flight, self._ceiling, self._waited = (
            now,
            in_flight,
            max(ceiling, in_flight),
            waiting > 0,
        )

    @property
    def utilisation(self) -> float | None:
        """Mean calls in flight through the ceiling; `None` while the slots were never full."""
        used, had = self._last
        return used / had if had else None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A run at one moment."""

    usage: Usage
    """Of all calls so far; `seconds` is the sum of their durations."""
    by_stage: Mapping[Stage, Usage]
    refused: int
    """Requests answered with an error, or with nothing; they are not in `usage`."""
    answers: Mapping[Stage, int]
    fallbacks: Mapping[Stage, int]
    """Answers by stage that another model than the first choice gave."""
    in_flight: int
    waiting: int
    ceilings: Mapping[str, int]
    """By model, the calls that may be in flight now."""
    ceiling: int
    """All models together."""
    utilisation: float | None
    tokens_a_minute: float
    resting: Mapping[str, str]
    """Models that take no call now, and why: `is down`, or what they asked for."""
    spent_usd: float
    """Of the whole project, other processes and earlier runs included."""
    uncertain_usd: float


class Traffic(Protocol):
    """The calls of a run, as their router sees them."""

    def snapshot(self) -> Snapshot:
        """Return the sums at this moment."""
        ...

    async def drain(self) -> None:
        """Let no further call out, and return when those in flight are over."""
        ...


@dataclass(slots=True)
class Meter:
    """The sums of one run."""

    by_stage: dict[Stage, Usage] = field(default_factory=dict)
    answers: Counter[Stage] = field(default_factory=Counter)
    fallbacks: Counter[Stage] = field(default_factory=Counter)
    refused: int = 0
    load: Load = field(default_factory=Load)
    _began: float = field(default_factory=time.monotonic)
    _minute: deque[tuple[float, int]] = field(default_factory=deque)
    _minute_tokens: int = 0

    def called(self, stage: Stage, usage: Usage) -> None:
        """Add a call that was, or may have been, billed."""
        self.by_stage[stage] = self.by_stage.get(stage, _NOTHING) + usage
        tokens = usage.prompt_tokens + usage.completion_tokens
        self._minute.append((time.monotonic(), tokens))
        self._minute_tokens += tokens
        self._forget()

    def answered(self, stage: Stage, *, by_first_choice: bool) -> None:
        """Count a usable answer."""
        self.answers[stage] += 1
        if not by_first_choice:
            self.fallbacks[stage] += 1

    @property
    def usage(self) -> Usage:
        """The sum of all calls."""
        return sum(self.by_stage.values(), _NOTHING)

    @property
    def tokens_a_minute(self) -> float:
        """Tokens of the last minute, or of as much of it as there was."""
        self._forget()
        return self._minute_tokens * 60 / min(60.0, max(1.0, time.monotonic() - self._began))

    def _forget(self) -> None:
        horizon = time.monotonic() - 60
        while self._minute and self._minute[0][0] < horizon:
            self._minute_tokens -= self._minute.popleft()[1]


_NOTHING = Usage()
