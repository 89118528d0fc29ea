"""A model of the settings as a contender: asked in plain words, or as DRT models are."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import blake2b
from time import perf_counter

from data.format import Format
from data.records import Stage
from pipeline.errors import StageFailed
from pipeline.llm.request import Delta, Message, Models, Reply, Request, Restart
from train.errors import NoAnswer
from train.evaluation.contender import About, Again, Answer, Question, Sampling, Text
from train.serving.prompts import messages

_GREEDY = Sampling()


@dataclass(frozen=True)
class ModelContender:
    """Asks one model, and no other in its place. All limits, retries and budgets are those of `models`."""

    name: str
    models: Models
    model: str
    """Its name in the settings."""
    told: str
    """All of its settings that shape an answer, in any spelling that tells them apart."""
    made_by: str
    """What its maker calls it."""
    format: Format
    streams: bool = False
    """Show text as it arrives; costs more work a call than one whole answer."""

    @property
    def has_thought(self) -> bool:
        """Whether answers are asked for in tags."""
        return bool(self.format.output_tag)

    @property
    def about(self) -> About:
        """What it is, and what shapes its answers."""
        parts = ("model", self.told, self.format.fingerprint)
        identity = blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()
        return About("model", identity, (self.made_by,), context=self.format.context)

    async def translate(self, question: Question) -> AsyncGenerator[Text | Again | Answer, None]:
        """Yield the answer as it arrives; see `Contender`.

        Raises:
            NoAnswer: nothing usable came after all retries.
            WrongKey, UnknownModel, BudgetReached: no retry can help.
        """
        began, first = perf_counter(), None
        try:
            async with aclosing(self._items(self._request(question))) as items:
                async for item in items:
                    if isinstance(item, Delta):
                        first = perf_counter() - began if first is None else first
                        yield Text(item.text)
                    elif isinstance(item, Restart):
                        yield Again(item.why)
                    else:
                        yield self._answer(item, first)
        except StageFailed as failure:
            message = f"{self.name}: {failure.message.removeprefix(f'{Stage.TRANSLATE}: ')}"
            raise NoAnswer(
                message, hint=failure.hint, usage=failure.usage, is_outage=failure.is_outage
            ) from None

    async def _items(self, request: Request[str]) -> AsyncGenerator[Delta | Restart | Reply[str], None]:
        if not self.streams:
            yield await self.models.complete(request)
            return
        async with aclosing(self.models.stream(request)) as items:
            async for item in items:
                yield item

    def _request(self, question: Question) -> Request[str]:
        sampling = question.sampling or _GREEDY
        return Request(
            stage=Stage.TRANSLATE,
            sentence=question.id,
            messages=tuple(
                Message(turn["role"], turn["content"])  # type: ignore[arg-type]  # roles of the format
                for turn in messages(self.format, question)
            ),
            parse=str,
            prompt=self.format.fingerprint,
            temperature=sampling.temperature,
            seed=sampling.seed,
            max_tokens=sampling.max_tokens,
            models=(self.model,),
            may_be_cut=True,
        )

    def _answer(self, reply: Reply[str], first: float | None) -> Answer:
        read, usage = self.format.parse(reply.text), reply.usage
        return Answer(
            text=reply.text,
            thought=read.thought,
            output=read.output,
            troubles=read.troubles if self.has_thought else (),
            is_cut=reply.finish_reason == "length",
            calls=usage.calls,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            seconds=usage.seconds,
            first_seconds=first,
            cost_usd=usage.cost_usd,
            model=reply.served_by or reply.model,
            prompt_fingerprint=self.format.fingerprint,
        )
