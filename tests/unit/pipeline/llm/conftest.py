from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from data.records import Stage
from pipeline.llm.request import Message, Request
from pipeline.llm.routing import Router
from pipeline.settings import ModelSettings, Price, Roles
from tests.stubs.endpoint import FakeEndpoint
from tests.stubs.endpoint_script import Script

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


@pytest.fixture
def fast_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real sockets need real waits; these keep them short."""
    monkeypatch.setattr("pipeline.llm.walk._FIRST_BACK_OFF_S", 0.01)
    monkeypatch.setattr("pipeline.llm.walk._LONGEST_BACK_OFF_S", 0.05)
    monkeypatch.setattr("pipeline.llm.pace._FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr("pipeline.llm.pace._LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr("pipeline.llm.breaker._FIRST_REST_S", 0.02)
    monkeypatch.setattr("pipeline.llm.breaker._LONGEST_REST_S", 0.05)


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
