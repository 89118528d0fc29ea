from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from data.records import Stage
from pipeline.llm.meter import Load
from tests.stubs.endpoint_script import Script
from tests.stubs.routed import ask, warped
from tests.stubs.warp import run_warped


def test_load_counts_from_the_first_full_moment_until_nothing_waits() -> None:
    load = Load()
    load.note(0, in_flight=1, ceiling=2, waiting=0)
    assert load.utilisation is None, "half full for ten seconds, before it was ever full"
    load.note(10, in_flight=2, ceiling=2, waiting=5)
    load.note(20, in_flight=1, ceiling=2, waiting=5)
    load.note(30, in_flight=2, ceiling=2, waiting=0)
    assert load.utilisation == pytest.approx((10 * 2 + 10 * 1) / (20 * 2))
    load.note(40, in_flight=1, ceiling=2, waiting=0)
    load.note(90, in_flight=0, ceiling=2, waiting=0)
    assert load.utilisation == pytest.approx(0.75), "the tail does not count"


def test_a_busy_run_is_busy() -> None:
    async def main() -> None:
        async with warped(Script(latency_s=1.0), concurrency=20) as (router, _):
            await asyncio.gather(*(router.complete(ask()) for _ in range(400)))
            utilisation = router.snapshot().utilisation
            assert utilisation is not None
            assert utilisation > 0.97

    run_warped(main())


def test_a_snapshot_says_where_a_run_stands() -> None:
    async def main() -> None:
        async with warped(Script(latency_s=1.0, sigma=0), concurrency=3) as (router, _):
            calls = [
                asyncio.create_task(router.complete(ask(stage)))
                for stage in [Stage.LITERAL] * 4 + [Stage.ADVISE] * 4
            ]
            await asyncio.sleep(1.5)
            midway = router.snapshot()
            assert (midway.in_flight, midway.waiting, midway.ceiling, midway.ceilings) == (3, 2, 3, {"m1": 3})
            await asyncio.gather(*calls)
            end = router.snapshot()
            assert end.answers == {Stage.LITERAL: 4, Stage.ADVISE: 4}
            assert end.usage.calls == 8
            assert end.by_stage[Stage.ADVISE].calls == 4
            assert end.usage.seconds == pytest.approx(8.0)
            assert end.usage.cost_usd == pytest.approx(end.spent_usd)
            assert end.tokens_a_minute > 0
            assert (end.in_flight, end.waiting, end.fallbacks, end.refused) == (0, 0, {}, 0)

    run_warped(main())


def test_importing_the_package_loads_no_client_library() -> None:
    code = """
import sys
import pipeline.llm, pipeline.llm.request, pipeline.llm.routing, pipeline.llm.builtin, pipeline.llm.cassette
from pipeline.llm import Router, check_endpoint, built_in_model
heavy = {"openai", "genai_prices", "httpx2", "aiohttp", "xllamacpp", "textual"} & sys.modules.keys()
sys.exit(f"loaded: {heavy}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_public_name_is_there() -> None:
    import pipeline.llm

    for name in pipeline.llm.__all__:
        assert getattr(pipeline.llm, name)
    with pytest.raises(AttributeError):
        _ = pipeline.llm.nonsense
