"""Learning how many calls a minute an endpoint takes that never says so and refuses the rest.

From one refusal to the next a limiter goes round once, whether it counts by windows or fills a
bucket: what it accepted in that time, divided by the time, is its rate. Calls are then spaced a
little wider than that, and closer and closer again as long as nothing is refused. Refusals that are
few and far between have nothing to do with the rate, and no pace is learnt from them.
"""

from __future__ import annotations

from dataclasses import dataclass

_ENOUGH = 5
"""Accepted calls that make a cycle long enough to judge by."""
_SHORT_CYCLE_S = 20.0
"""A shorter cycle only takes a small step down from what is known already."""
_SMALL_STEP = 0.95
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
_LONGEST_PAUSE_S = 5.0


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

    @property
    def is_known(self) -> bool:
        """The endpoint has refused calls, and a rate was estimated."""
        return self._rate is not None

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
            self._refused_at, self._probing, self._pause = None, False, _FIRST_PAUSE_S
            self._close_cycle(launched)
        if self._cycle_began is None:
            self._cycle_began = launched
        self._accepted += 1
        self._share -= _SHARE_MEMORY * self._share

    def refused(self, launched: float, now: float, retry_after: float | None) -> None:
        """Count a refusal: nothing is sent for a while, then one call, then all at a new pace."""
        self._share += _SHARE_MEMORY * (1 - self._share)
        first_of_burst = self._refused_at is None or launched > self._refused_at
        if retry_after is not None:
            self.resume = max(self.resume, now + retry_after)
        elif first_of_burst:
            self.resume = max(self.resume, now + self._pause)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE_S)
        if first_of_burst:
            self._refused_at, self._probing = now, False

    def rest(self, until: float) -> None:
        """Send nothing before; the endpoint is overloaded, which says nothing of a rate."""
        self.resume = max(self.resume, until)

    def lost(self, launched: float) -> None:
        """Count a call that was neither answered nor refused: another may find out."""
        if self._refused_at is not None and launched > self._refused_at:
            self._probing = False

    def _close_cycle(self, now: float) -> None:
        """Estimate the rate anew, or only lower it where the time since the last estimate is short."""
        cycle_s = now - self._cycle_began if self._cycle_began is not None else 0.0
        if self._accepted < _ENOUGH or cycle_s <= 0:
            return
        if self._share < _FEW:
            self._cycle_began, self._accepted = None, 0
            if self._rate is not None:  # hold the pace that was reached
                self._rate = self._current(now, self._rate) / _BACK_OFF
                self._since = now
            return
        if self._rate is not None and cycle_s < _SHORT_CYCLE_S:
            self._rate *= _SMALL_STEP
        else:
            self._rate = self._accepted / cycle_s
            self._cycle_began, self._accepted = None, 0
        self._cycle_s = cycle_s
        self._since = now

    def _current(self, now: float, rate: float) -> float:
        calm = (now - self._since) / (_CALM_CYCLES * min(max(self._cycle_s, 1.0), _LONGEST_CYCLE_S))
        return rate * (_BACK_OFF + calm * calm)
