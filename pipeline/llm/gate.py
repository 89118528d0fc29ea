"""The gate in front of the endpoints: who may send a call, and when.

A call waits here in order of arrival until its model has a free slot and the model's limits give it
a turn. Waiting takes up no slot; a call that waits for one model holds up none of another.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.errors import RunEnding
from pipeline.llm.allowance import Allowance
from pipeline.llm.bucket import Bucket
from pipeline.llm.ceiling import Ceiling
from pipeline.llm.meter import Load
from pipeline.llm.pace import Pace


@dataclass(slots=True)
class Lane:
    """One model's way through the gate: its ceiling, its limits, and the calls that wait for it."""

    ceiling: Ceiling
    bucket: Bucket
    pace: Pace = field(default_factory=Pace)
    requests: Allowance = field(default_factory=lambda: Allowance("requests"))
    tokens: Allowance = field(default_factory=lambda: Allowance("tokens"))
    in_flight: int = 0
    waiting: list[_Waiter] = field(default_factory=list)

    def take(self, now: float, tokens: int) -> float:
        """Take a turn for a call of about `tokens` and return 0, or return the seconds until there is one."""
        wait = max(self.pace.wait(now), self.requests.wait(now, 1), self.tokens.wait(now, tokens))
        if wait > 0:
            return wait
        return self.bucket.take(now, tokens)

    def pause(self, now: float) -> float:
        """Return for how many more seconds the endpoint has asked to be left alone."""
        return self.pace.resume - now


@dataclass(slots=True)
class Ticket:
    """A call in flight."""

    lane: Lane
    launched: float
    """Event loop's time."""
    tokens: int
    """Guessed, for limits by token."""
    bursts: int
    requests_with_it: int
    tokens_with_it: int

    def watch(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer's headers say of the limits."""
        now = asyncio.get_running_loop().time()
        self.lane.requests.note(headers, self.requests_with_it, now)
        self.lane.tokens.note(headers, self.tokens_with_it, now)

    def succeeded(self, tokens: int | None) -> None:
        """The call was answered; `tokens` it took, where known."""
        lane = self.lane
        lane.ceiling.succeeded()
        lane.pace.accepted(self.launched)
        if tokens is not None:
            lane.bucket.correct(tokens - self.tokens)

    def refused(self, retry_after: float | None) -> None:
        """The endpoint limits the rate (429)."""
        pace = self.lane.pace
        pace.refused(self.launched, asyncio.get_running_loop().time(), retry_after)
        if pace.is_burst and not pace.is_known:  # else the pace is at fault, not the number at once
            self.lane.ceiling.overrun(self.bursts)

    def overloaded(self, retry_after: float | None) -> None:
        """The endpoint is overloaded (503)."""
        self.lane.ceiling.overrun(self.bursts)
        self.lane.pace.lost(self.launched)
        if retry_after is not None:
            self.lane.pace.rest(asyncio.get_running_loop().time() + retry_after)

    def failed(self) -> None:
        """There was no answer, for another reason."""
        self.lane.pace.lost(self.launched)


@dataclass(slots=True, order=True)
class _Waiter:
    arrival: int
    granted: asyncio.Future[Ticket] = field(compare=False)
    tokens: int = field(compare=False)


class Gate:
    """All lanes of a run, and the most calls that may be in flight over all of them."""

    def __init__(self, load: Load, most: int | None = None) -> None:
        """`most`: calls in flight, all models together; `None`: as many as the models' ceilings allow."""
        self.most = most
        self._load = load
        self.in_flight = 0
        self._lanes: list[Lane] = []
        self._arrivals = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._drained: asyncio.Event | None = None
        """Once no further call is let in: whether the last one has left."""

    def add(self, lane: Lane) -> None:
        """Open a lane."""
        self._lanes.append(lane)

    @property
    def waiting(self) -> int:
        """Calls that wait for a slot or a turn."""
        return sum(len(lane.waiting) for lane in self._lanes)

    @property
    def ceiling(self) -> int:
        """The most calls that may be in flight now."""
        ceilings = sum(lane.ceiling.now for lane in self._lanes)
        return ceilings if self.most is None else min(self.most, ceilings)

    def set_most(self, most: int) -> None:
        """Set the most calls in flight anew, for a run that is under way."""
        self.most = most
        self._pump()

    async def drain(self) -> None:
        """Grant no further slot, turn away who waits for one, and return when all are free."""
        self._drained = self._drained or asyncio.Event()
        for lane in self._lanes:
            for waiter in lane.waiting:
                if not waiter.granted.done():
                    waiter.granted.set_exception(_ending())
            lane.waiting.clear()
        if self.in_flight:
            await self._drained.wait()

    def arrive(self) -> int:
        """Return a place in the order of arrival; a call that is sent again keeps its place."""
        return next(self._arrivals)

    async def enter(self, lane: Lane, arrival: int, tokens: int) -> Ticket:
        """Wait for a slot and a turn.

        Raises:
            RunEnding: no further slot is granted.
        """
        if self._drained is not None:
            raise _ending()
        loop = asyncio.get_running_loop()
        now = loop.time()
        if not lane.waiting and self._has_room(lane) and lane.take(now, tokens) <= 0:
            ticket = self._launch(lane, tokens, now)
            self._load.note(now, self.in_flight, self.ceiling, self.waiting)
            return ticket
        waiter = _Waiter(arrival, loop.create_future(), tokens)
        heapq.heappush(lane.waiting, waiter)
        self._pump()
        try:
            return await waiter.granted
        except asyncio.CancelledError:
            if waiter.granted.done() and not waiter.granted.cancelled():
                if waiter.granted.exception() is None:
                    self.leave(waiter.granted.result())
            else:
                lane.waiting = [other for other in lane.waiting if other is not waiter]
                heapq.heapify(lane.waiting)
            raise

    def leave(self, ticket: Ticket) -> None:
        """Free the slot of a call that is over."""
        ticket.lane.in_flight -= 1
        self.in_flight -= 1
        if self._drained is not None and not self.in_flight:
            self._drained.set()
        self._pump()

    def _has_room(self, lane: Lane) -> bool:
        if self._drained is not None:
            return False
        return lane.in_flight < lane.ceiling.now and (self.most is None or self.in_flight < self.most)

    def _launch(self, lane: Lane, tokens: int, now: float) -> Ticket:
        lane.in_flight += 1
        self.in_flight += 1
        lane.requests.launched += 1
        lane.tokens.launched += tokens
        lane.pace.launch(now)
        return Ticket(lane, now, tokens, lane.ceiling.bursts, lane.requests.launched, lane.tokens.launched)

    def _pump(self) -> None:
        """Let in whoever may go, the longest waiting first, and come back when the next turn is due."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        soonest = math.inf
        heads = [(lane.waiting[0].arrival, place) for place, lane in enumerate(self._lanes) if lane.waiting]
        heapq.heapify(heads)
        while heads:
            _, place = heapq.heappop(heads)
            lane = self._lanes[place]
            while lane.waiting and lane.waiting[0].granted.done():  # its caller was cancelled just now
                heapq.heappop(lane.waiting)
            if not lane.waiting or not self._has_room(lane):
                continue
            if (wait := lane.take(now, lane.waiting[0].tokens)) > 0:
                soonest = min(soonest, wait)
                continue
            waiter = heapq.heappop(lane.waiting)
            waiter.granted.set_result(self._launch(lane, waiter.tokens, now))
            if lane.waiting:
                heapq.heappush(heads, (lane.waiting[0].arrival, place))
        self._load.note(now, self.in_flight, self.ceiling, self.waiting)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(soonest, self._pump) if soonest < math.inf else None


def _ending() -> RunEnding:
    return RunEnding("The run is ending: no further call is made.")
