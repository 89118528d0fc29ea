"""Learning how many calls a minute an endpoint takes that never says so and refuses the rest.

From one burst of refusals to the next a limiter goes round once, whether it counts by windows or
fills a bucket: what it accepted in that time, divided by the time, is its rate. Calls are then
spaced a little wider than that, and closer and closer again as long as nothing is refused.

Endpoints also refuse by chance: because others overload them, or a node of theirs is down. To slow
down would be in vain. So refusals that are few and far between teach nothing; and when they come as
often at half the pace as they did before, the pace is given up, until there is a burst.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

_ENOUGH = 5
"""Accepted calls that make a cycle long enough to judge by."""
_MANY = 100
"""Accepted calls that refusals which come one by one are set against."""
_SHORT_CYCLE_S = 20.0
"""A shorter cycle only takes a small step down from what is known already."""
_SMALL_STEP = 0.95
_LEAST_KEPT = 0.87
"""Share of the pace at a refusal that a new estimate keeps at least: endpoints also refuse by chance."""
_IN_VAIN = 0.5
"""Once the pace has fallen to this share, in refusals that kept coming, it is not to blame for them."""
_LATEST = 12
"""Outcomes by which a burst of refusals is told from chance."""
_LONGEST_CYCLE_S = 60.0
_BACK_OFF = 0.985
"""Share of the estimated rate to go on with."""
_CALM_CYCLES = 2.5
"""The pace rises with the square of the calm time; after so many cycles it has doubled."""
_IDLE_S = 2.0
"""A longer gap between two calls means that there was nothing to send."""
_CATCH_UP = 1.25
"""How much faster turns are taken that were missed while nothing was sent."""
_MOST_MISSED_S = 5.0
_LATE_S = 0.05
"""How late a call may wake up for its turn without losing any."""
_SHARE_MEMORY = 0.01
_FEW = 0.015
"""Share of refusals among the last hundred calls up to which no pace is needed."""
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 4.0


@dataclass(slots=True)
class Pace:
    """The spacing of calls to one model; none until the first refusal.

    Times are seconds of the event loop's clock.
    """

    resume: float = 0.0
    """Nothing is sent before."""
    _rate: float | None = None
    _since: float = 0.0
    _turn: float = 0.0
    _soonest: float = 0.0
    _last: float = 0.0
    _cycle_s: float = 0.0
    _cycle_began: float | None = None
    _accepted: int = 0
    _refused_at: float | None = None
    _pause: float = _FIRST_PAUSE_S
    _probing: bool = False
    _share: float = 0.0
    """Of refusals among the calls of late."""
    _latest: deque[bool] = field(default_factory=lambda: deque(maxlen=_LATEST))
    """Of the last calls that were answered or refused, whether they were refused."""
    _is_blameless: bool = False
    """Refusals kept coming at any pace: only a burst of them says anything of a rate."""
    _blamed: float = 0.0
    """The pace at which the refusals began that have kept coming since."""
    _burst_began: float = 0.0
    _lowered_at: float = -math.inf
    """When a refusal was last taken in; calls sent before that have nothing to add."""

    @property
    def is_known(self) -> bool:
        """The endpoint has refused calls, and a rate was estimated."""
        return self._rate is not None

    @property
    def is_burst(self) -> bool:
        """Half of the latest calls were refused."""
        return 2 * sum(self._latest) >= _LATEST

    def wait(self, now: float) -> float:
        """Return the seconds until the next call may be sent."""
        if now < self.resume:
            return self.resume - now
        if self._probing:
            return _LONGEST_PAUSE_S
        return max(0.0, self._turn - now, self._soonest - now) if self._rate is not None else 0.0

    def launch(self, now: float) -> None:
        """Count a call as sent."""
        self._probing = self._refused_at is not None
        idle_s = now - max(self._last, self.resume)
        if self._cycle_began is not None and idle_s > _IDLE_S:
            self._cycle_began += idle_s
        self._last = now
        if self._rate is not None:
            spacing = 1 / self._current(now, self._rate)
            self._turn = max(self._turn, now - _MOST_MISSED_S) + spacing
            self._soonest = max(self._soonest, now - _LATE_S) + spacing / _CATCH_UP

    def accepted(self, launched: float) -> None:
        """Count a call that was answered."""
        if self._refused_at is not None and launched > self._refused_at:
            self._close_cycle(launched, self._burst_began)
            self._refused_at, self._probing = None, False
        if launched > self._lowered_at:
            self._pause = _FIRST_PAUSE_S
        if self._cycle_began is None:
            self._cycle_began = launched
        self._accepted += 1
        self._latest.append(False)
        self._share -= _SHARE_MEMORY * self._share

    def refused(self, launched: float, now: float, retry_after: float | None) -> None:
        """Count a refusal. After a burst of them nothing is sent for a while, then one call, then all."""
        self._share += _SHARE_MEMORY * (1 - self._share)
        self._latest.append(True)
        if retry_after is not None:
            self.resume = max(self.resume, now + retry_after)
        if self._refused_at is None and not self.is_burst:
            if launched > self._lowered_at:
                self._lowered_at = now
                self._close_cycle(now, now)
                if self._rate is not None and retry_after is None:
                    self._rest_a_while(now)
            return
        self._is_blameless = False
        if self._refused_at is None:
            self._burst_began = now
        if self._refused_at is None or launched > self._refused_at:
            if retry_after is None:
                self._rest_a_while(now)
            self._refused_at, self._probing = now, False
            self._lowered_at = now

    def rest(self, until: float) -> None:
        """Send nothing before; the endpoint is overloaded, which says nothing of a rate."""
        self.resume = max(self.resume, until)

    def lost(self, launched: float) -> None:
        """Count a call that was neither answered nor refused: another may find out."""
        if self._refused_at is not None and launched > self._refused_at:
            self._probing = False

    def _rest_a_while(self, now: float) -> None:
        self.resume = max(self.resume, now + self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_S)

    def _close_cycle(self, now: float, refused_at: float) -> None:
        """Learn from the time up to a refusal, or up to the end of a burst that began at `refused_at`."""
        cycle_s = now - self._cycle_began if self._cycle_began is not None else 0.0
        if self._accepted < _ENOUGH or cycle_s <= 0:
            return
        is_by_chance = self._refused_at is None and (self._is_blameless or self._accepted < _MANY)
        if self._rate is None and (is_by_chance or self._share < _FEW):
            return
        if self._rate is None:
            self._blamed = self._estimate(cycle_s)
        elif self._share < _FEW:  # hold the pace that was reached
            self._rate = self._current(now, self._rate) / _BACK_OFF
            self._cycle_began, self._accepted = None, 0
        else:
            self._lower(self._rate, cycle_s, refused_at)
        self._since = now

    def _lower(self, rate: float, cycle_s: float, refused_at: float) -> None:
        """Estimate the rate anew, or only take a step down where there is little to judge by."""
        pace = self._current(refused_at, rate)
        was_calm = refused_at - self._since >= _SHORT_CYCLE_S
        if was_calm:
            self._blamed = pace
        if cycle_s < _SHORT_CYCLE_S:
            lower = self._rate = rate * _SMALL_STEP
        else:
            lower = self._estimate(cycle_s, at_least=_LEAST_KEPT * pace if was_calm else 0.0)
        if lower < _IN_VAIN * self._blamed:
            self._rate, self._is_blameless = None, True
            self._cycle_began, self._accepted = None, 0

    def _estimate(self, cycle_s: float, *, at_least: float = 0.0) -> float:
        self._rate = rate = max(self._accepted / cycle_s, at_least)
        self._cycle_began, self._accepted, self._cycle_s = None, 0, cycle_s
        return rate

    def _current(self, now: float, rate: float) -> float:
        calm = (now - self._since) / (_CALM_CYCLES * min(max(self._cycle_s, 1.0), _LONGEST_CYCLE_S))
        return rate * (_BACK_OFF + calm * calm)
