"""One question to the models, through the stage log: asked once, then answered from the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Generic, Protocol, TypeVar

from data.records import Call, Usage
from pipeline.errors import PipelineError, StageFailed, UnusableReply
from pipeline.llm.request import Delta, Models, Reply, Request, Restart

Value = TypeVar("Value")


class StageLogLike(Protocol):
    """Where answered calls are written, and found again."""

    def append(self, call: Call) -> None:
        """Write a call at once; it survives the end of this process."""
        ...

    def find(self, key: str) -> Call | None:
        """Return the call with this cache key."""
        ...


@dataclass(frozen=True, slots=True)
class Answer(Generic[Value]):
    """What was answered. `paid` is what it took when it was asked, this time or earlier."""

    value: Value
    call: Call
    paid: Usage


async def ask(
    models: Models,
    log: StageLogLike | None,
    request: Request[Value],
    *,
    trace: str,
    number: int,
    stream: bool,
) -> AsyncGenerator[Delta | Restart | Answer[Value], None]:
    """Yield the answer as it arrives; the last item is the `Answer`, which is in the log by then.

    A request that the log has an answer to is not sent: its call is copied into this trace, as
    `cached` and without usage, so that adding up a log counts every payment once.
    """
    key = cache_key(request, request.models or models.names(request.stage))
    if log is not None and (found := await _remembered(log, key, request, in_thread=number == 0)):
        value, call = found
        copy = call.model_copy(
            update={
                "trace": trace,
                "number": number,
                "key": "",
                "usage": Usage(),
                "cached": True,
                "at": _now(),
            }
        )
        log.append(copy)
        yield Answer(value, copy, call.usage)
        return
    try:
        async with aclosing(_answers(models, request, stream=stream)) as items:
            async for item in items:
                if not isinstance(item, Reply):
                    yield item
                    continue
                call = _call(request, item, trace=trace, number=number, key=key)
                if log is not None:
                    log.append(call)
                yield Answer(item.value, call, item.usage)
    except PipelineError as failure:
        if log is not None and failure.usage is not None and failure.usage.calls:
            log.append(_failed_call(request, failure, trace=trace, number=number))
        raise


async def _answers(
    models: Models, request: Request[Value], *, stream: bool
) -> AsyncGenerator[Delta | Restart | Reply[Value], None]:
    if not stream:
        yield await models.complete(request)
        return
    async with aclosing(models.stream(request)) as items:
        async for item in items:
            yield item


def cache_key(request: Request[Value], models: tuple[str, ...]) -> str:
    """Return the hash of all that the answer depends on."""
    parts = [
        request.stage, request.prompt, [(message.role, message.content) for message in request.messages],
        models, request.temperature, request.seed, request.max_tokens, request.sample,
    ]  # fmt: skip
    return blake2b(repr(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


async def _remembered(
    log: StageLogLike, key: str, request: Request[Value], *, in_thread: bool
) -> tuple[Value, Call] | None:
    """Return an earlier answer, unless it can no longer be read as what is asked for.

    The first question of a pass looks in a thread: the first look of all reads the whole log.
    """
    call = await asyncio.to_thread(log.find, key) if in_thread else log.find(key)
    if call is None:
        return None
    try:
        return request.parse(call.reply), call
    except UnusableReply:
        return None


def _call(request: Request[Value], reply: Reply[Value], *, trace: str, number: int, key: str) -> Call:
    return Call(
        trace=trace,
        sentence=request.sentence,
        stage=request.stage,
        number=number,
        key=key,
        prompt=request.prompt,
        model=reply.model,
        served_by=reply.served_by,
        reply=reply.text,
        reasoning=reply.reasoning,
        finish_reason=reply.finish_reason,
        temperature=request.temperature,
        seed=request.seed,
        usage=reply.usage,
        fallbacks=reply.fallbacks,
        notes=reply.notes,
        at=_now(),
    )


def _failed_call(request: Request[Value], failure: PipelineError, *, trace: str, number: int) -> Call:
    """A stage that gave nothing usable and was paid for all the same is on record, but never found again."""
    return Call(
        trace=trace,
        sentence=request.sentence,
        stage=request.stage,
        number=number,
        key="",
        prompt=request.prompt,
        model="",
        reply="",
        finish_reason="failed",
        temperature=request.temperature,
        seed=request.seed,
        usage=failure.usage or Usage(),
        fallbacks=failure.fallbacks if isinstance(failure, StageFailed) else (),
        notes=(failure.message,),
        at=_now(),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
