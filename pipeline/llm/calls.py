"""One call in flight: its slot, its money, and what its outcome means for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Self

from data.records import Stage, Usage
from pipeline.errors import RateLimited, ServerFailed, Unreachable
from pipeline.llm.answers import Answer, Tokens
from pipeline.llm.budget import Budget, Hold
from pipeline.llm.faults import Fault
from pipeline.llm.gate import Gate, Ticket
from pipeline.llm.meter import Meter
from pipeline.llm.prices import cost_of

if TYPE_CHECKING:
    from pipeline.llm.model import Model, Question


@dataclass(frozen=True, slots=True)
class Desk:
    """What all calls of a run share."""

    gate: Gate
    budget: Budget
    meter: Meter


@dataclass(slots=True)
class Bill:
    """What the calls for one answer took so far."""

    stage: Stage
    arrival: int
    """Place in the order of arrival, kept over retries."""
    usage: Usage = field(default_factory=Usage)


class Call:
    """A call from its place in the queue to its outcome. Use as an async context manager.

    Inside the block the request is sent, and the answer reported with `answered`.
    """

    question: Question
    """What is asked, once inside the block."""

    def __init__(self, model: Model, bill: Bill, ask: Callable[[], Question]) -> None:
        """`ask` puts the question in the dialect that the model is known to speak by then."""
        self._desk = model.desk
        self._model = model
        self._bill = bill
        self._ask = ask
        self._answer: Answer | None = None
        self._hold: Hold | None = None

    async def __aenter__(self) -> Self:
        """Wait for a slot, and set the worst case aside.

        Raises:
            Fault: the endpoint counts as dead.
            BudgetReached: the worst case would cross the budget.
        """
        model, gate = self._model, self._desk.gate
        question = self._ask()
        self.ticket: Ticket = await gate.enter(
            model.lane, self._bill.arrival, model.guess_tokens(question.size)
        )
        try:
            # While this call waited, another may have learnt that it would be refused.
            self.question = question if question.dialect == model.dialect else self._ask()
            if model.price is not None and (worst := model.worst_case(self.question)):
                self._hold = await self._desk.budget.reserve(worst)
            self._began = asyncio.get_running_loop().time()
            if not model.breaker.admits(self._began):
                self._release()
                raise Fault(Unreachable(model.breaker.why))
        except BaseException:
            self.ticket.failed()
            gate.leave(self.ticket)
            raise
        return self

    def answered(self, answer: Answer) -> None:
        """The endpoint sent a whole answer."""
        self._answer = answer

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._answer is not None:
                self._succeeded(self._answer)
            elif isinstance(error, Fault):
                self._faulted(error)
            else:  # cancelled, or its stream was left
                self._model.breaker.gave_up()
                self.ticket.failed()
                self._lost()
        finally:
            self._desk.gate.leave(self.ticket)

    def _succeeded(self, answer: Answer) -> None:
        model, tokens = self._model, answer.tokens
        model.breaker.succeeded()
        self.ticket.succeeded(tokens.prompt + tokens.completion if tokens else None)
        cost: float | None = None
        if tokens is not None:
            model.learn_tokens(tokens)
            cost = cost_of(tokens, model.price) if model.price is not None else None
        elif model.is_free:
            cost = 0.0
        if self._hold is not None:
            self._settle(self._hold, cost)
        self._book(tokens or Tokens(), cost)

    def _settle(self, hold: Hold, cost: float | None) -> None:
        if cost is None:
            hold.keep()
            return
        hold.settle(cost)
        if cost > hold.aside_usd:
            self._model.learn_overrun(cost / hold.aside_usd)

    def _faulted(self, fault: Fault) -> None:
        error, breaker, ticket = fault.error, self._model.breaker, self.ticket
        now = asyncio.get_running_loop().time()
        if isinstance(error, RateLimited) and fault.status == HTTPStatus.TOO_MANY_REQUESTS:
            ticket.refused(error.retry_after)
            breaker.succeeded()
        elif fault.status == HTTPStatus.SERVICE_UNAVAILABLE:
            ticket.overloaded(error.retry_after if isinstance(error, RateLimited) else None)
            breaker.failed(now, error.message, reached=fault.was_reached)
        elif isinstance(error, ServerFailed | Unreachable) and fault.status != HTTPStatus.OK:
            ticket.failed()
            breaker.failed(now, error.message, reached=fault.was_reached)
        else:
            ticket.failed()
            breaker.succeeded()
        if fault.may_be_billed:
            self._lost()
        else:
            self._release()
            self._desk.meter.refused += isinstance(error, RateLimited | ServerFailed | Unreachable)

    def _lost(self) -> None:
        if self._hold is not None:
            self._hold.keep()
        self._book(Tokens(), 0.0 if self._model.price is not None else None)

    def _release(self) -> None:
        if self._hold is not None:
            self._hold.release()
            self._hold = None

    def _book(self, tokens: Tokens, cost: float | None) -> None:
        usage = Usage(
            calls=1,
            prompt_tokens=tokens.prompt,
            cached_tokens=tokens.cached,
            completion_tokens=tokens.completion,
            reasoning_tokens=tokens.reasoning,
            cost_usd=cost,
            seconds=asyncio.get_running_loop().time() - self._began,
        )
        self._bill.usage += usage
        self._desk.meter.called(self._bill.stage, usage)
