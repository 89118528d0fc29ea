"""What a model's lane learns of its endpoint: when silence is a stall, and when a refusal is chance."""

from __future__ import annotations

import asyncio

import pytest

from pipeline.llm.pace import Pace
from pipeline.llm.slowness import Slowness
from tests.stubs.warp import run_warped

LIMIT_S = 180.0


def test_a_quick_endpoint_that_falls_silent_is_given_up_early() -> None:
    slowness = Slowness()
    for _ in range(60):
        slowness.note(0.3)

    assert slowness.limit(LIMIT_S) == 30.0


def test_a_slow_endpoint_keeps_its_whole_time() -> None:
    slowness = Slowness()
    for _ in range(60):
        slowness.note(40.0)

    assert slowness.limit(LIMIT_S) == LIMIT_S


def test_nothing_is_concluded_from_a_few_answers() -> None:
    slowness = Slowness()
    for _ in range(5):
        slowness.note(0.1)

    assert slowness.limit(LIMIT_S) == LIMIT_S


def test_a_stall_from_before_anything_was_known_is_given_up_as_well() -> None:
    async def stall_beside_quick_answers() -> float:
        slowness, began = Slowness(), asyncio.get_running_loop().time()

        async def answer(seconds: float) -> None:
            async with slowness.within(LIMIT_S):
                await asyncio.sleep(seconds)

        stalled = asyncio.create_task(answer(1000.0))
        for _ in range(60):
            await answer(0.3)
        with pytest.raises(TimeoutError):
            await stalled
        return asyncio.get_running_loop().time() - began

    assert run_warped(stall_beside_quick_answers()) < 40


def _paced(every: int) -> Pace:
    pace, now = Pace(), 0.0
    for number in range(1, 2000):
        now = max(now, pace.resume) + 0.02
        pace.launch(now)
        if number % every == 0:
            pace.refused(now, now + 0.01, None)
        else:
            pace.accepted(now)
    return pace


def test_one_refusal_in_two_hundred_calls_slows_nothing_down() -> None:
    assert not _paced(every=200).is_known


def test_refusals_that_come_at_any_pace_slow_nothing_down_for_long() -> None:
    assert not _paced(every=10).is_known
