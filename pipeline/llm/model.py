"""A configured model, ready to be asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus

import orjson

from pipeline.llm.address import Address
from pipeline.llm.answers import Answer, Tokens
from pipeline.llm.breaker import Breaker
from pipeline.llm.calls import Bill, Call, Desk
from pipeline.llm.client import Endpoint, Post
from pipeline.llm.dialects import Dialect
from pipeline.llm.faults import Fault
from pipeline.llm.gate import Lane
from pipeline.llm.request import Delta, Message, Request, Restart, Value
from pipeline.llm.slowness import Slowness
from pipeline.settings import ModelSettings, Price

_UNSEEN_PROMPT = 64
"""Tokens that a model's template may add to a prompt, above what the JSON around it makes up for."""
_BYTES_A_TOKEN = 3.0
_FIRST_GUESS = 300.0
"""Tokens of an answer, before there was one."""
_MEMORY = 0.1


@dataclass(slots=True)
class Model:
    """One model of the settings: where it is, what it costs, how it is doing, how it wants to be asked."""

    address: Address
    settings: ModelSettings
    endpoint: Endpoint
    breaker: Breaker
    """Its endpoint's, shared with the other models there."""
    lane: Lane
    desk: Desk
    price: Price | None
    dialect: Dialect
    slowness: Slowness = field(default_factory=Slowness)
    _answer_tokens: float = _FIRST_GUESS
    _overrun: float = 1.0
    """By how much a call once cost more than its worst case, where an endpoint ignores the limit."""

    @property
    def name(self) -> str:
        """Its name in the settings."""
        return self.address.name

    @property
    def is_free(self) -> bool:
        """Its price is known to be 0."""
        return self.price is not None and not (self.price.input or self.price.output)

    def rest(self, now: float) -> str:
        """Return why it takes no call for now, in words that follow its name; empty where it takes them."""
        if self.breaker.is_open:
            return "is down"
        pause_s = self.lane.pace.resume - now
        return f"wants no call for {pause_s:.0f} s" if pause_s >= 1 else ""

    async def complete(self, request: Request[Value], messages: Sequence[Message], bill: Bill) -> Answer:
        """Return the answer to `messages` in one piece.

        Raises:
            Fault: there was none.
            UnusableReply: it cannot be used, whatever was asked.
            BudgetReached: the call's worst case would cross the budget.
        """
        while True:
            call = Call(self, bill, partial(self._question, request, messages, stream=False))
            try:
                async with call:
                    answer = await self.endpoint.complete(call.question.post, call.ticket.watch)
                    call.answered(answer)
            except Fault as fault:
                self._learn_from_refusal(call.question, fault)
            else:
                if self._learn_from_answer(call.question, answer):
                    continue
                answer.check_usable(self.name, may_be_cut=request.may_be_cut)
                return answer

    async def stream(
        self, request: Request[Value], messages: Sequence[Message], bill: Bill
    ) -> AsyncGenerator[Delta | Restart | Answer, None]:
        """Yield the answer as it arrives, whole at the end; raises as `complete` does."""
        while True:
            call = Call(self, bill, partial(self._question, request, messages, stream=True))
            answer: Answer | None = None
            try:
                async with (
                    call,
                    aclosing(self.endpoint.stream(call.question.post, call.ticket.watch)) as items,
                ):
                    async for item in items:
                        if isinstance(item, Answer):
                            answer = item
                            call.answered(item)
                        else:
                            yield item
            except Fault as fault:
                self._learn_from_refusal(call.question, fault)
                continue
            if answer is None or self._learn_from_answer(call.question, answer):
                yield Restart(self.name, "reasoning left no room for an answer")
                continue
            answer.check_usable(self.name, may_be_cut=request.may_be_cut)
            yield answer
            return

    def guess_tokens(self, size: int) -> int:
        """Return about how many tokens a call will take whose body has `size` bytes."""
        return round(size / _BYTES_A_TOKEN + self._answer_tokens)

    def worst_case(self, question: Question) -> float:
        """Return the most that a call may cost, in US dollars: a token is at least one byte."""
        if self.price is None:
            return 0.0
        dearest = max(self.price.input, self.price.cached_input or 0.0)
        prompt_usd = (question.size + _UNSEEN_PROMPT) * dearest
        return (prompt_usd + question.most_tokens * self.price.output) / 1e6 * self._overrun

    def learn_tokens(self, tokens: Tokens) -> None:
        """Remember how long answers are."""
        self._answer_tokens += _MEMORY * (tokens.completion - self._answer_tokens)

    def learn_overrun(self, times: float) -> None:
        """Remember that a call cost so many times what was its worst case."""
        self._overrun *= times

    def _question(self, request: Request[Value], messages: Sequence[Message], *, stream: bool) -> Question:
        dialect = self.dialect
        body = dialect.body(request, self.settings, messages, stream=stream)
        content = orjson.dumps(body)
        post = Post(
            self.address, request.stage, content, self.settings.extra_headers, self.settings.timeout_s,
            self.slowness,
        )  # fmt: skip
        return Question(dialect, body, post, dialect.most_tokens(request, self.settings))

    def _learn_from_refusal(self, question: Question, fault: Fault) -> None:
        """Ask in a simpler way from now on, where a refusal says in which."""
        if fault.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}:
            simpler = question.dialect.without(fault.blamed, question.body)
            if simpler is not None:
                if self.dialect == question.dialect:  # else another call has learnt the same
                    self.dialect = simpler
                return
        raise fault

    def _learn_from_answer(self, question: Question, answer: Answer) -> bool:
        """Return whether to ask again because reasoning ate up the room for the answer."""
        if answer.reasoning and not self.dialect.reasons:
            self.dialect = replace(self.dialect, reasons=True)
        cut_off = answer.finish_reason == "length" and self.dialect.reasons
        return cut_off and question.most_tokens < self.settings.max_tokens


@dataclass(frozen=True, slots=True)
class Question:
    """A request as one model is asked it."""

    dialect: Dialect
    body: Mapping[str, object]
    post: Post
    most_tokens: int

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.post.content)
