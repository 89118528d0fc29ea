"""The router: answers requests by walking the models of a role."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from data.records import Fallback, Stage, Usage
from pipeline.errors import CallFailed, StageFailed, UnusableReply
from pipeline.llm.address import Address
from pipeline.llm.answers import Answer
from pipeline.llm.client import Endpoint, Post
from pipeline.llm.faults import Fault
from pipeline.llm.request import Delta, Message, Reply, Request, Restart, Value
from pipeline.settings import ModelSettings, Roles

if TYPE_CHECKING:
    from httpx2 import AsyncBaseTransport


class Router:
    """Answers requests from the models of the settings. Use as an async context manager."""

    def __init__(
        self,
        models: Mapping[str, ModelSettings],
        roles: Roles,
        *,
        concurrency: int | None = None,
        budget_usd: float | None = None,
        spent_usd: float = 0.0,
        shared: Path | None = None,
        allow_http: bool = False,
        patience_s: float = 120.0,
        transport: AsyncBaseTransport | None = None,
    ) -> None:
        """Prepare; nothing is opened before the context is entered."""
        self._settings = dict(models)
        self._roles = roles
        self._allow_http = allow_http
        self._transport = transport
        self._endpoints: dict[str, Endpoint] = {}

    async def __aenter__(self) -> Self:
        for name, settings in self._settings.items():
            address = Address.of(name, settings)
            self._endpoints[name] = Endpoint(address, allow_http=self._allow_http, transport=self._transport)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for endpoint in self._endpoints.values():
            await endpoint.close()

    def names(self, stage: Stage) -> tuple[str, ...]:
        """Return the fallback list of a stage's role, first choice first."""
        return self._roles.of(stage)

    async def complete(self, request: Request[Value]) -> Reply[Value]:
        """Return the answer in one piece."""
        fallbacks: list[Fallback] = []
        for name in self.names(request.stage):
            post = self._post(name, request)
            began = time.monotonic()
            try:
                answer = await self._endpoints[name].complete(post)
                return self._reply(name, request, answer, began, fallbacks)
            except (Fault, UnusableReply) as error:
                self._note(fallbacks, name, error)
        raise self._failed(request, fallbacks)

    async def stream(self, request: Request[Value]) -> AsyncIterator[Delta | Restart | Reply[Value]]:
        """Yield the answer as it arrives; the last item is the `Reply`."""
        fallbacks: list[Fallback] = []
        for name in self.names(request.stage):
            post = self._post(name, request)
            began = time.monotonic()
            if fallbacks:
                yield Restart(name, fallbacks[-1].why)
            try:
                async for item in self._endpoints[name].stream(post):
                    if isinstance(item, Answer):
                        yield self._reply(name, request, item, began, fallbacks)
                        return
                    yield item
            except (Fault, UnusableReply) as error:
                self._note(fallbacks, name, error)
        raise self._failed(request, fallbacks)

    def _post(self, name: str, request: Request[Value]) -> Post:
        settings = self._settings[name]
        body: dict[str, object] = {
            "model": settings.model,
            "messages": [_turn(message) for message in request.messages],
            "temperature": request.temperature,
            "max_tokens": request.max_tokens or settings.max_tokens,
        }
        if request.seed is not None:
            body["seed"] = request.seed
        if request.schema is not None:
            schema = {"name": str(request.stage), "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return Post(
            Address.of(name, settings), request.stage, {**body, **settings.extra_body},
            settings.timeout_s, settings.extra_headers, lambda _headers: None,
        )  # fmt: skip

    def _reply(
        self, name: str, request: Request[Value], answer: Answer, began: float, fallbacks: list[Fallback]
    ) -> Reply[Value]:
        answer.check_usable(name)
        tokens = answer.tokens
        usage = Usage(
            calls=1,
            prompt_tokens=tokens.prompt if tokens else 0,
            cached_tokens=tokens.cached if tokens else 0,
            completion_tokens=tokens.completion if tokens else 0,
            reasoning_tokens=tokens.reasoning if tokens else 0,
            cost_usd=None,
            seconds=time.monotonic() - began,
        )
        return Reply(
            request.parse(answer.text), answer.text, name, usage, answer.served_by, answer.reasoning,
            answer.finish_reason, tuple(fallbacks),
        )  # fmt: skip

    def _note(self, fallbacks: list[Fallback], name: str, error: Fault | UnusableReply) -> None:
        ours = error.error if isinstance(error, Fault) else error
        if not isinstance(ours, CallFailed):
            raise ours
        fallbacks.append(Fallback(model=name, why=ours.message))

    def _failed(self, request: Request[Value], fallbacks: list[Fallback]) -> StageFailed:
        why = "; ".join(fallback.why for fallback in fallbacks) or "no model is set for it"
        return StageFailed(f"{request.stage}: {why}")


def _turn(message: Message) -> dict[str, str]:
    return {"role": message.role, "content": message.content}
