"""A router over fake endpoints, and questions to ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from data.records import Stage
from pipeline.llm.request import Message, Request
from pipeline.llm.routing import Router
from pipeline.settings import ModelSettings, Price, Roles
from tests.stubs.endpoint import FakeEndpoint
from tests.stubs.endpoint_script import Script
from tests.stubs.transport import HostTransport, ScriptTransport

PRICE = Price(input=1.0, output=2.0, cached_input=0.5)


def model(url: str, **changes: Any) -> ModelSettings:
    return ModelSettings(**{"base_url": url, "model": "fake", "price": PRICE, **changes})


def ask(
    stage: Stage = Stage.LITERAL,
    *,
    parse: Callable[[str], Any] = str,
    content: str = "그는 발이 넓다.",
    **more: Any,
) -> Request[Any]:
    return Request(
        stage, "s1", (Message("system", "Translate."), Message("user", content)), parse, "p1", **more
    )


@asynccontextmanager
async def routed(*scripts: Script, **more: Any) -> AsyncIterator[tuple[Router, list[Script]]]:
    """A router over one endpoint a script, asked in that order."""
    settings = more.pop("settings", {})
    names = [f"m{number}" for number in range(1, len(scripts) + 1)]
    endpoints = [FakeEndpoint(script) for script in scripts]
    for endpoint in endpoints:
        await endpoint.__aenter__()
    try:
        models = {
            name: model(endpoint.url, **settings) for name, endpoint in zip(names, endpoints, strict=True)
        }
        async with Router(models, Roles({"default": tuple(names)}), **more) as router:
            yield router, list(scripts)
    finally:
        for endpoint in endpoints:
            await endpoint.__aexit__(None, None, None)


@asynccontextmanager
async def warped(*scripts: Script, **more: Any) -> AsyncIterator[tuple[Router, list[ScriptTransport]]]:
    """The same without sockets, for `run_warped`: the hosts are `m1.localhost`, `m2.localhost` …"""
    settings = more.pop("settings", {})
    transports = [ScriptTransport(script) for script in scripts]
    names = [f"m{number}" for number in range(1, len(scripts) + 1)]
    models = {name: model(f"http://{name}.localhost/v1", **settings) for name in names}
    hosts = {f"{name}.localhost": transport for name, transport in zip(names, transports, strict=True)}
    roles = more.pop("roles", Roles({"default": tuple(names)}))
    async with Router(models, roles, transport=HostTransport(hosts), **more) as router:
        yield router, transports
