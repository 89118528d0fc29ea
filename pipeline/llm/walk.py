"""The walk of one request along its models: who is asked next, and when to give up."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from data.records import Fallback, Stage
from pipeline.errors import (
    CallFailed,
    PipelineError,
    RateLimited,
    ServerFailed,
    StageFailed,
    Unreachable,
    UnusableReply,
)
from pipeline.llm.answers import EmptyReply
from pipeline.llm.calls import Bill
from pipeline.llm.faults import Fault
from pipeline.llm.model import Model

_SHORT_PAUSE_S = 1.0
"""A model that is to be left alone for longer is passed over, where there is another."""
_FIRST_BACK_OFF_S = 0.5
_LONGEST_BACK_OFF_S = 20.0
_FIRST_CONTACT_S = 5.0
"""How long to wait for endpoints that have taken no connection since the run began."""
_MOST_LOST = 3
"""How often one model is asked whose answers get lost: each may have been billed."""
_MOST_EMPTY = 2


@dataclass(slots=True)
class _Try:
    """How it went with one model."""

    why: str = ""
    failures: int = 0
    lost: int = 0
    empty: int = 0
    was_refused: bool = False
    has_written: bool = False
    """It answered, with something that is of no use."""
    given_up: bool = False
    not_before: float = 0.0
    """When to ask again at the earliest. A failed server speaks for this request, not for all of them."""
    asked_in_round: bool = False


@dataclass(slots=True)
class Walk:
    """Goes through the list in order; then waits, and goes through it again with those that may recover."""

    stage: Stage
    models: Sequence[Model]
    patience_s: float
    """How long to wait between attempts, all in all; the attempts themselves have their own limits.

    Endpoints that have never answered are given so long once a run, by all calls together.
    """
    bill: Bill
    _tries: list[_Try] = field(default_factory=list)
    _rounds: int = 0
    _waited_s: float = 0.0
    _last_error: PipelineError | None = None

    def __post_init__(self) -> None:
        self._tries = [_Try() for _ in self.models]

    async def next(self) -> Model:
        """Return the model to ask, after waiting for one that may recover.

        Raises:
            StageFailed: none is left, or patience is at its end.
            Unreachable: no endpoint of the list has taken a connection since the run began.
        """
        while True:
            now = asyncio.get_running_loop().time()
            hopeful = [
                (model, tried)
                for model, tried in zip(self.models, self._tries, strict=True)
                if not tried.given_up
            ]
            if not hopeful:
                raise self._failure()
            for model, tried in hopeful:
                if not tried.asked_in_round and self._is_fit(model, tried, now):
                    return model
            if (paused := await self._wait(hopeful, now)) is not None:
                return paused

    def failed(self, model: Model, error: Fault | CallFailed) -> str:
        """Note why a model's answer could not be had or used, and return that in words.

        Raises:
            WrongKey, UnknownModel: no retry can help.
        """
        ours = error.error if isinstance(error, Fault) else error
        if not isinstance(ours, CallFailed):
            raise ours
        tried = self._tries[self.models.index(model)]
        tried.why = ours.message
        tried.failures += 1
        tried.was_refused = isinstance(ours, RateLimited)
        if isinstance(ours, ServerFailed) and ours.retry_after is not None:
            tried.not_before = asyncio.get_running_loop().time() + ours.retry_after
        tried.has_written |= isinstance(ours, UnusableReply)
        tried.asked_in_round = True
        self._last_error = ours
        if isinstance(error, Fault) and error.may_be_billed:
            tried.lost += 1
        tried.empty += isinstance(ours, EmptyReply)
        may_recover = isinstance(ours, RateLimited | ServerFailed | Unreachable | EmptyReply)
        tried.given_up = not may_recover or tried.lost >= _MOST_LOST or tried.empty >= _MOST_EMPTY
        return tried.why

    def fallbacks(self, answered_by: Model | None = None) -> tuple[Fallback, ...]:
        """Return who was asked, or passed over, and why another answered."""
        return tuple(
            Fallback(model=model.name, why=tried.why)
            for model, tried in zip(self.models, self._tries, strict=True)
            if tried.why and model is not answered_by
        )

    def notes(self, answered_by: Model) -> tuple[str, ...]:
        """Return in plain words what an answer took beside fallbacks."""
        tried = self._tries[self.models.index(answered_by)]
        if not tried.failures:
            return ()
        return (f"answered at attempt {tried.failures + 1}; the one before: {tried.why}",)

    def _is_fit(self, model: Model, tried: _Try, now: float) -> bool:
        """Return whether a model may be asked now; else it is passed over in this round."""
        if model.breaker.rest(now) > 0:
            tried.why = f"{model.name} is down: {model.breaker.why}"
        elif (pause := max(model.lane.pace.resume, tried.not_before) - now) > _SHORT_PAUSE_S:
            tried.why = f"{model.name} asked to be left alone for {pause:.0f} s"
        else:
            return True
        tried.asked_in_round = True
        return False

    async def _wait(self, hopeful: Sequence[tuple[Model, _Try]], now: float) -> Model | None:
        """Wait until one of the models may be asked again, and begin a new round.

        A model that only asked to be left alone for a while is returned at once: its lane keeps
        those who wait for it in order, so that none waits for ever.
        """
        is_first_contact = not any(model.breaker.was_reached for model, _ in hopeful)
        patience_s = min(self.patience_s, _FIRST_CONTACT_S) if is_first_contact else self.patience_s
        # Of endpoints that never answered, what others waited for them counts, too.
        silence_s = min(model.breaker.silence(now) for model, _ in hopeful)
        left_s = patience_s - max(self._waited_s, silence_s)
        dues = [(self._due(model, tried, now) - now, model) for model, tried in hopeful]
        wait_s, model = min(dues, key=lambda due: due[0])
        if left_s <= 0 or left_s < wait_s < math.inf:
            if is_first_contact and self._last_error is not None:
                raise self._last_error
            raise self._failure()
        self._rounds += 1
        for _, tried in hopeful:
            tried.asked_in_round = False
        is_down = model.breaker.rest(now) > 0
        if not is_down and model.lane.pause(now) >= wait_s:
            self._waited_s += wait_s
            return model
        if is_down:
            await model.breaker.wait(min(wait_s, left_s))
        else:
            await asyncio.sleep(wait_s)
        self._waited_s += asyncio.get_running_loop().time() - now
        return None

    def _due(self, model: Model, tried: _Try, now: float) -> float:
        """Return when to ask a model again."""
        if (rest := model.breaker.rest(now)) > 0:
            return now + rest
        if tried.was_refused and model.lane.pace.resume > now:
            return model.lane.pace.resume
        longest = min(_LONGEST_BACK_OFF_S, _FIRST_BACK_OFF_S * 2.0**self._rounds)
        return max(now + random.uniform(0, longest), model.lane.pace.resume, tried.not_before)

    def _failure(self) -> StageFailed:
        tried = self.fallbacks()
        why = "; ".join(fallback.why for fallback in tried) or "no model is set for it"
        hint = self._last_error.hint if isinstance(self._last_error, PipelineError) else ""
        is_outage = bool(tried) and not any(each.has_written for each in self._tries)
        return StageFailed(
            f"{self.stage}: {why}",
            hint=hint,
            usage=self.bill.usage,
            fallbacks=tried,
            is_outage=is_outage,
        )
