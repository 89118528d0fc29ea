"""What a person is told while nothing comes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from drt_tui import narration
from drt_tui.narration import telling_who_rests


async def test_a_model_that_takes_no_call_is_named_until_all_do(monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[Mapping[str, str]] = [{}, {"b": "is down"}, {"b": "is down"}, {}, {}]
    told: list[str] = []
    over = asyncio.Event()

    def snapshot() -> Any:
        if len(rests) == 1:
            over.set()
        resting = rests.pop(0) if len(rests) > 1 else rests[0]
        return SimpleNamespace(resting=resting, ceilings={"a": 4, "b": 4})

    monkeypatch.setattr(narration, "_SECONDS_BETWEEN_LINES", 0.0)
    monkeypatch.setattr(narration, "narrate", told.append)
    async with telling_who_rests(snapshot):
        await asyncio.wait_for(over.wait(), 10)
    assert told == ["b is down", "nobody is waited for any longer"]


async def test_without_models_nothing_is_told() -> None:
    async with telling_who_rests(None):
        pass
