"""Asking a server in the name of a side, as text arrives: the contender behind a column."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

import orjson

from data.records import Stage
from train.chat import TEMPLATE_EXTRAS
from train.errors import NoAnswer
from train.evaluation.contender import About, Again, Answer, Question, Sampling, Text
from train.serving.prompts import messages
from train.serving.side import Side

if TYPE_CHECKING:
    from pipeline.llm.address import Address
    from pipeline.llm.answers import Answer as Completion
    from pipeline.llm.client import Endpoint

GREEDY = Sampling()
_TIMEOUT_S = 3600.0
_HEADERS = {"Connection": "close"}
"""llama.cpp's server drops an idle connection after five seconds, maybe just as the next question goes out on it."""


@dataclass(frozen=True)
class ServedSide:
    """A contender that a server of ours answers for, or an endpoint that knows it by a name."""

    side: Side
    endpoint: Endpoint
    address: Address
    about: About
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What this server wants in a request beside what all want: which adapter, at which scale."""
    turn: AbstractAsyncContextManager[Any] = field(default_factory=nullcontext)
    """Is held while it answers, where sides have to take turns."""
    is_free: bool = True
    """It runs on this machine, so an answer costs nothing."""

    @property
    def name(self) -> str:
        """Name of the side."""
        return self.side.name

    @property
    def has_thought(self) -> bool:
        """Whether answers are asked for in tags."""
        return bool(self.side.format.output_tag)

    async def translate(self, question: Question) -> AsyncGenerator[Text | Again | Answer, None]:
        """Yield the answer as it arrives; see `Contender`.

        Raises:
            NoAnswer: the server is gone, refused, or said nothing.
        """
        from pipeline.errors import UnusableReply
        from pipeline.llm.faults import Fault
        from pipeline.llm.request import Delta, Restart

        async with self.turn:
            began, first = perf_counter(), None
            try:
                async with aclosing(self.endpoint.stream(self._post(question), _no_watch)) as items:
                    async for item in items:
                        if isinstance(item, Delta):
                            first = perf_counter() - began if first is None else first
                            yield Text(item.text)
                        elif isinstance(item, Restart):
                            yield Again(item.why)
                        else:
                            yield self._answer(item, perf_counter() - began, first)
            except Fault as fault:
                error = fault.error
                is_outage = not isinstance(error, UnusableReply)
                raise NoAnswer(
                    f"{self.name}: {error.message}", hint=error.hint, is_outage=is_outage
                ) from None

    def body(self, question: Question) -> dict[str, Any]:
        """Return the request for a question."""
        sampling = question.sampling or GREEDY
        return {
            "model": self.address.model,
            "messages": messages(self.side.format, question),
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": sampling.max_tokens or self.side.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": sampling.seed,
            "chat_template_kwargs": dict(TEMPLATE_EXTRAS),
            **self.extra,
        }

    def _post(self, question: Question) -> Any:
        from pipeline.llm.client import Post

        return Post(
            self.address,
            Stage.TRANSLATE,
            orjson.dumps(self.body(question)),
            _HEADERS,
            _TIMEOUT_S,
            keeps_tags=True,
        )

    def _answer(self, made: Completion, seconds: float, first: float | None) -> Answer:
        if not made.text:
            raise NoAnswer(f"{self.name} said nothing.", hint="Ask again, with a temperature above 0.")
        reply = self.side.format.parse(made.text)
        return Answer(
            text=made.text,
            thought=reply.thought,
            output=reply.output,
            troubles=reply.troubles if self.has_thought else (),
            is_cut=made.finish_reason == "length",
            prompt_tokens=made.tokens.prompt if made.tokens else None,
            completion_tokens=made.tokens.completion if made.tokens else None,
            seconds=seconds,
            first_seconds=first,
            cost_usd=0.0 if self.is_free else None,
            model=made.served_by,
            prompt_fingerprint=self.side.format.fingerprint,
        )


def _no_watch(headers: Mapping[str, str]) -> None:
    """Our own servers set no limits that their headers would tell."""
