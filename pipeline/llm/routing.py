"""The router: answers requests from the models of a role, whatever the endpoints do."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, contextmanager
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from data.records import Stage
from pipeline.errors import CallFailed, PipelineError, UnknownModel, UnknownPrice, UnusableReply
from pipeline.llm.address import Address
from pipeline.llm.answers import Answer
from pipeline.llm.breaker import Breaker
from pipeline.llm.bucket import Bucket
from pipeline.llm.budget import Budget
from pipeline.llm.calls import Bill, Desk
from pipeline.llm.ceiling import MOST, MOST_ON_LOOPBACK, Ceiling
from pipeline.llm.client import Endpoint
from pipeline.llm.dialects import Dialect
from pipeline.llm.faults import Fault
from pipeline.llm.gate import Gate, Lane
from pipeline.llm.meter import Meter, Snapshot
from pipeline.llm.model import Model
from pipeline.llm.prices import price_of
from pipeline.llm.request import Delta, Message, Reply, Request, Restart, Value
from pipeline.llm.walk import Walk
from pipeline.settings import ModelSettings, Roles

if TYPE_CHECKING:
    from httpx2 import AsyncBaseTransport


class Router:
    """The models of the settings, behind limits, retries, fallbacks and one purse.

    Use as an async context manager, from one event loop.
    """

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
        """Prepare; nothing is opened before the context is entered.

        Args:
            models: the models of the settings by name.
            roles: fallback lists of those names.
            concurrency: calls in flight, all models together; overrides every default ceiling.
            budget_usd: what the whole project may spend, this run and all others.
            spent_usd: what the project's records say it has spent; the ledger may know of more.
            shared: a folder for what live processes of a project share: limits and the ledger.
            allow_http: plain http may be spoken to other machines.
            patience_s: how long an answer may wait for models to recover, all in all.
            transport: in the place of the network, for tests.
        """
        self._settings = dict(models)
        self._roles = roles
        self._concurrency = concurrency
        self._budget_usd = budget_usd
        self._spent_usd = spent_usd
        self._shared = shared
        self._allow_http = allow_http
        self._patience_s = patience_s
        self._transport = transport
        self._models: dict[str, Model] = {}
        self._open = AsyncExitStack()
        self.meter = Meter()

    async def __aenter__(self) -> Self:
        """Open the models that a role names.

        Raises:
            BadEndpoint, WrongKey: a model cannot be asked at all.
            UnknownPrice: there is a budget, and a model whose price is not known.
            PipelineError: the shared folder cannot be written to.
        """
        async with AsyncExitStack() as opened:
            ledger = self._shared and self._shared / "spent.ledger"
            self._budget = Budget(self._budget_usd, spent_before=self._spent_usd, path=ledger)
            opened.callback(self._budget.close)
            self._gate = Gate(self.meter.load, self._concurrency)
            desk = Desk(self._gate, self._budget, self.meter)
            endpoints = _Endpoints(allow_http=self._allow_http, transport=self._transport)
            opened.push_async_callback(endpoints.close)
            for name in dict.fromkeys(name for names in self._roles.root.values() for name in names):
                self._models[name] = model = await self._open_model(name, desk, endpoints)
                opened.callback(model.lane.bucket.close)
            self._open = opened.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    def names(self, stage: Stage) -> tuple[str, ...]:
        """Return the fallback list of a stage's role, first choice first."""
        return self._roles.of(stage)

    async def complete(self, request: Request[Value]) -> Reply[Value]:
        """Return the answer in one piece; raises as `Models` says."""
        walk = self._walk(request)
        with _billed(walk.bill):
            while True:
                model = await walk.next()
                try:
                    answer = await model.complete(request, request.messages, walk.bill)
                    try:
                        return self._reply(request, walk, model, answer)
                    except UnusableReply as wrong:
                        asked_again, why = _repair(request, answer, wrong), wrong.message
                    answer = await model.complete(request, asked_again, walk.bill)
                    return self._reply(request, walk, model, answer, why)
                except (Fault, CallFailed) as error:
                    failure = error
                await self._failed(walk, model, failure)

    async def stream(self, request: Request[Value]) -> AsyncGenerator[Delta | Restart | Reply[Value], None]:
        """Yield the answer as it arrives, the `Reply` last; raises as `Models` says."""
        walk = self._walk(request)
        why = ""
        with _billed(walk.bill):
            while True:
                model = await walk.next()
                if why:
                    yield Restart(model.name, why)
                try:
                    async with aclosing(self._attempt(request, walk, model)) as items:
                        async for item in items:
                            yield item
                    return
                except (Fault, CallFailed) as error:
                    failure = error
                why = await self._failed(walk, model, failure)

    async def _attempt(
        self, request: Request[Value], walk: Walk, model: Model
    ) -> AsyncGenerator[Delta | Restart | Reply[Value], None]:
        """Stream one model's answer, and its repair where it cannot be read."""
        messages: Sequence[Message] = request.messages
        repaired = ""
        while True:
            async with aclosing(model.stream(request, messages, walk.bill)) as items:
                async for item in items:
                    if not isinstance(item, Answer):
                        yield item
                        continue
                    answer = item
            try:
                reply = self._reply(request, walk, model, answer, repaired)
            except UnusableReply as wrong:
                if repaired:
                    raise
                messages, repaired = _repair(request, answer, wrong), wrong.message
            else:
                yield reply
                return
            yield Restart(model.name, repaired)

    def set_concurrency(self, calls: int) -> None:
        """Change how many calls may be in flight, all models together, while the run is under way."""
        for model in self._models.values():
            if model.settings.concurrency is None:
                model.lane.ceiling.set_most(calls)
        self._gate.set_most(calls)

    async def drain(self) -> None:
        """Let no further call out, and return when those in flight are over."""
        await self._gate.drain()

    def dialect(self, name: str) -> Dialect:
        """Return how a model is asked, as far as that has been learnt."""
        return self._models[name].dialect

    def snapshot(self) -> Snapshot:
        """Return the run's sums at this moment; cheap enough for a live view."""
        meter, gate, now = self.meter, self._gate, asyncio.get_running_loop().time()
        return Snapshot(
            usage=meter.usage,
            by_stage=dict(meter.by_stage),
            refused=meter.refused,
            answers=dict(meter.answers),
            fallbacks=dict(meter.fallbacks),
            in_flight=gate.in_flight,
            waiting=gate.waiting,
            ceilings={name: model.lane.ceiling.now for name, model in self._models.items()},
            ceiling=gate.ceiling,
            utilisation=meter.load.utilisation,
            tokens_a_minute=meter.tokens_a_minute,
            resting={name: rest for name, model in self._models.items() if (rest := model.rest(now))},
            spent_usd=self._budget.spent_usd,
            uncertain_usd=self._budget.uncertain_usd,
        )

    def _walk(self, request: Request[Value]) -> Walk:
        names = request.models or self.names(request.stage)
        if missing := [name for name in names if name not in self._models]:
            raise UnknownModel(
                f"models.{missing[0]} is not open", hint="Name it in [roles], or in the roles of this run."
            )
        models = [self._models[name] for name in names]
        return Walk(request.stage, models, self._patience_s, Bill(request.stage, self._gate.arrive()))

    def _reply(
        self, request: Request[Value], walk: Walk, model: Model, answer: Answer, repaired: str = ""
    ) -> Reply[Value]:
        """Return the usable answer; raises `UnusableReply` where `request.parse` does."""
        value = request.parse(answer.text)
        self.meter.answered(request.stage, by_first_choice=model is walk.models[0])
        notes = (*model.dialect.notes(request), *walk.notes(model))
        return Reply(
            value=value,
            text=answer.text,
            model=model.name,
            usage=walk.bill.usage,
            served_by=answer.served_by,
            reasoning=answer.reasoning,
            finish_reason=answer.finish_reason,
            fallbacks=walk.fallbacks(answered_by=model),
            notes=(*notes, f"repaired once: {repaired}") if repaired else notes,
        )

    async def _failed(self, walk: Walk, model: Model, failure: Fault | CallFailed) -> str:
        if isinstance(failure, Fault) and isinstance(failure.error, UnknownModel):
            raise await _with_offer(model, failure.error)
        return walk.failed(model, failure)

    async def _open_model(self, name: str, desk: Desk, endpoints: _Endpoints) -> Model:
        settings = self._settings.get(name)
        if settings is None:
            raise PipelineError(
                f"[roles] names {name}, but there is no [models.{name}]", hint="Correct the name."
            )
        address = Address.of(name, settings)
        endpoint, breaker = endpoints.of(address)
        price = settings.price
        if price is None and not address.is_loopback:
            price = await asyncio.to_thread(price_of, settings)
        if price is None and self._budget_usd is not None:
            raise UnknownPrice(
                f"there is a budget, and the price of models.{name} is not known",
                hint=f"Set models.{name}.price = {{input = …, output = …}}, in US dollars per million tokens.",
            )
        default = MOST_ON_LOOPBACK if address.is_loopback else MOST
        ceiling = Ceiling(settings.concurrency or self._concurrency or default)
        bucket = Bucket(settings.rpm, settings.tpm, self._shared and self._shared / _bucket_file(address))
        lane = Lane(ceiling, bucket)
        self._gate.add(lane)
        return Model(address, settings, endpoint, breaker, lane, desk, price, Dialect.first(settings))


class _Endpoints:
    """The endpoints of a run: models with the same address and key share connections and breaker."""

    def __init__(self, *, allow_http: bool, transport: AsyncBaseTransport | None) -> None:
        self._allow_http = allow_http
        self._transport = transport
        self._open: dict[tuple[str, str], tuple[Endpoint, Breaker]] = {}

    def of(self, address: Address) -> tuple[Endpoint, Breaker]:
        place = (address.base_url, address.api_key_env)
        if place not in self._open:
            endpoint = Endpoint(address, allow_http=self._allow_http, transport=self._transport)
            self._open[place] = (endpoint, Breaker())
        return self._open[place]

    async def close(self) -> None:
        for endpoint, _ in self._open.values():
            await endpoint.close()


def _bucket_file(address: Address) -> str:
    place = "\x1f".join((address.base_url, address.model, address.api_key_env))
    return f"{blake2b(place.encode(), digest_size=8).hexdigest()}.rate"


@contextmanager
def _billed(bill: Bill) -> Iterator[None]:
    """Let an error that puts an end to the asking say what was paid until then."""
    try:
        yield
    except PipelineError as error:
        if bill.usage.calls:
            error.usage = bill.usage
        raise


def _repair(request: Request[Value], answer: Answer, wrong: UnusableReply) -> tuple[Message, ...]:
    """Return the question again, with the answer and what is wrong with it."""
    return (
        *request.messages,
        Message("assistant", answer.text),
        Message("user", f"Your answer cannot be used: {wrong.message}\nAnswer again, in full."),
    )


async def _with_offer(model: Model, error: UnknownModel) -> UnknownModel:
    """Return the error with what the endpoint offers instead, where it can be asked."""
    try:
        offered = await model.endpoint.models(model.address)
    except Fault:
        return UnknownModel(
            error.message,
            hint=f"Check models.{model.name}.model; base_url often ends with /v1, here {model.address.url}.",
        )
    nearest = difflib.get_close_matches(model.address.model, offered, n=5, cutoff=0.3) or offered[:5]
    more = f" and {len(offered) - len(nearest)} more" if len(offered) > len(nearest) else ""
    return UnknownModel(
        error.message, hint=f"Set models.{model.name}.model; it offers {', '.join(nearest)}{more}."
    )
