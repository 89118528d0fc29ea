from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RunEnding
from pipeline.llm.allowance import Allowance, read_duration
from pipeline.llm.bucket import Bucket
from pipeline.llm.ceiling import Ceiling
from pipeline.llm.gate import Gate, Lane
from pipeline.llm.meter import Load
from tests.stubs.endpoint_script import Script
from tests.stubs.limiters import KINDS, Moody, Whimsical
from tests.stubs.routed import ask, warped
from tests.stubs.warp import run_warped


def now() -> float:
    return asyncio.get_running_loop().time()


# The ceiling


def test_a_ceiling_starts_at_its_maximum_halves_and_climbs() -> None:
    ceiling = Ceiling(16)
    assert ceiling.now == 16
    burst = ceiling.bursts
    for _ in range(5):
        ceiling.overrun(burst)
    assert ceiling.now == 8, "the refusals of one burst halve once"
    for _ in range(8):
        ceiling.succeeded()
    assert ceiling.now == 9
    for _ in range(1000):
        ceiling.succeeded()
    assert ceiling.now == 16


@given(st.lists(st.booleans(), max_size=200), st.integers(1, 40))
def test_a_ceiling_stays_between_one_and_its_maximum(outcomes: list[bool], most: int) -> None:
    ceiling = Ceiling(most)
    for succeeded in outcomes:
        if succeeded:
            ceiling.succeeded()
        else:
            ceiling.overrun(ceiling.bursts)
        assert 1 <= ceiling.now <= most


@pytest.mark.parametrize(
    ("settings", "more", "most"),
    [
        ({}, {}, 4),
        ({"concurrency": 7}, {}, 7),
        ({}, {"concurrency": 30}, 30),
        ({"concurrency": 7}, {"concurrency": 30}, 7),
    ],
)
def test_how_many_calls_are_in_flight_at_once(settings: Any, more: Any, most: int) -> None:
    async def main() -> None:
        async with warped(Script(latency_s=1.0), settings=settings, **more) as (router, [only]):
            await asyncio.gather(*(router.complete(ask()) for _ in range(100)))
            assert only.script.most_in_flight == most

    run_warped(main())


def test_concurrency_is_one_number_for_all_models() -> None:
    async def main() -> None:
        first, second = Script(latency_s=1.0, faults={"500": 0.5}), Script(latency_s=1.0)
        async with warped(first, second, concurrency=10) as (router, _):
            most = 0

            async def one() -> None:
                nonlocal most
                await router.complete(ask())
                most = max(most, router.snapshot().in_flight)

            await asyncio.gather(*(one() for _ in range(60)))
            assert most <= 10

    run_warped(main())


def test_the_ceiling_can_be_moved_while_a_run_is_under_way() -> None:
    async def main() -> None:
        async with warped(Script(latency_s=1.0, sigma=0), concurrency=2) as (router, [only]):
            calls = [asyncio.create_task(router.complete(ask())) for _ in range(40)]
            await asyncio.sleep(0.5)
            assert only.script.in_flight == 2
            router.set_concurrency(12)
            await asyncio.sleep(0)
            await asyncio.sleep(0.1)
            assert only.script.in_flight == 12
            await asyncio.gather(*calls)

    run_warped(main())


# The gate


def test_calls_enter_in_order_of_arrival_and_a_retried_one_keeps_its_place() -> None:
    async def main() -> None:
        gate = Gate(Load())
        lane = Lane(Ceiling(1), Bucket(None, None, None))
        gate.add(lane)
        first = await gate.enter(lane, gate.arrive(), 0)
        early, entered = gate.arrive(), []

        async def wait(name: str, arrival: int) -> None:
            ticket = await gate.enter(lane, arrival, 0)
            entered.append(name)
            gate.leave(ticket)

        late = [asyncio.create_task(wait(f"late {n}", gate.arrive())) for n in range(3)]
        await asyncio.sleep(0)
        again = asyncio.create_task(wait("again", early))
        await asyncio.sleep(0)
        gate.leave(first)
        await asyncio.gather(*late, again)
        assert entered == ["again", "late 0", "late 1", "late 2"]

    run_warped(main())


def test_drained_it_turns_away_who_waits_though_slots_become_free() -> None:
    async def main() -> None:
        gate = Gate(Load())
        lane = Lane(Ceiling(1), Bucket(None, None, None))
        gate.add(lane)
        first = await gate.enter(lane, gate.arrive(), 0)
        waits = asyncio.create_task(gate.enter(lane, gate.arrive(), 0))
        await asyncio.sleep(0)
        drained = asyncio.create_task(gate.drain())
        with pytest.raises(RunEnding):
            await waits
        assert not drained.done()
        gate.leave(first)
        await drained
        assert gate.in_flight == 0
        with pytest.raises(RunEnding):
            await gate.enter(lane, gate.arrive(), 0)

    run_warped(main())


def test_a_call_that_waits_for_one_model_holds_up_none_of_another() -> None:
    async def main() -> None:
        gate = Gate(Load(), most=2)
        slow, quick = Lane(Ceiling(1), Bucket(None, None, None)), Lane(Ceiling(1), Bucket(None, None, None))
        gate.add(slow)
        gate.add(quick)
        await gate.enter(slow, gate.arrive(), 0)
        waits = asyncio.create_task(gate.enter(slow, gate.arrive(), 0))
        await asyncio.sleep(0)
        await asyncio.wait_for(gate.enter(quick, gate.arrive(), 0), 1)
        assert not waits.done()
        waits.cancel()

    run_warped(main())


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=60))
def test_slots_are_never_lost_nor_doubled(steps: list[tuple[int, bool]]) -> None:
    async def main() -> None:
        gate = Gate(Load(), most=3)
        lanes = [Lane(Ceiling(2), Bucket(None, None, None)) for _ in range(3)]
        for lane in lanes:
            gate.add(lane)
        tasks = []
        most = (0, 0)

        async def hold(lane: Lane) -> None:
            nonlocal most
            ticket = await gate.enter(lane, gate.arrive(), 1)
            most = (max(most[0], lane.in_flight), max(most[1], gate.in_flight))
            try:
                await asyncio.sleep(0.5)
            finally:
                gate.leave(ticket)

        for number, cancels in steps:
            tasks.append(asyncio.create_task(hold(lanes[number])))
            await asyncio.sleep(0.1)
            if cancels:
                tasks[len(tasks) // 2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert most[0] <= 2
        assert most[1] <= 3
        assert gate.in_flight == 0
        assert [lane.in_flight for lane in lanes] == [0, 0, 0]

    run_warped(main())


# Configured limits


@pytest.mark.parametrize("kind", KINDS)
def test_a_configured_rate_is_used_up_and_never_exceeded(kind: str) -> None:
    async def main() -> None:
        script = Script(latency_s=1.0, rpm=200, limiter=kind)
        async with warped(script, settings={"rpm": 200, "concurrency": 40}) as (router, _):
            began = now()

            async def work() -> None:
                while now() < began + 120:
                    await router.complete(ask())

            await asyncio.gather(*(work() for _ in range(60)))
            made = [seen for seen in script.seen if seen.at < began + 120]
            assert len(made) >= 0.95 * 200 * 2
            assert script.statuses()[429] <= 0.02 * len(made)

    run_warped(main())


@pytest.mark.parametrize(
    ("kind", "retry_after"), [("sliding", "seconds"), ("sliding", ""), ("fixed", "date"), ("bucket", "")]
)
def test_a_rate_that_is_not_configured_is_learnt(kind: str, retry_after: Any) -> None:
    async def main() -> None:
        script = Script(latency_s=0.7, rpm=200, limiter=kind, retry_after=retry_after)
        async with warped(script, settings={"concurrency": 40}) as (router, _):
            began = now()

            async def work() -> None:
                while now() < began + 240:
                    await router.complete(ask())

            await asyncio.gather(*(work() for _ in range(60)))
            later = [seen for seen in script.seen if began + 60 <= seen.at < began + 240]
            refused = sum(seen.status == 429 for seen in later)
            assert len(later) - refused >= 0.88 * 200 * 3
            assert refused <= 0.04 * len(later)

    run_warped(main())


def test_refusals_by_chance_hold_no_other_call_up() -> None:
    async def answered(refused: float) -> int:
        script = Script(latency_s=1.0, faults={"429": refused})
        async with warped(script, settings={"concurrency": 8}) as (router, _):
            began = now()

            async def work() -> None:
                while now() < began + 180:
                    await router.complete(ask())

            await asyncio.gather(*(work() for _ in range(13)))
            return script.statuses()[200]

    assert run_warped(answered(0.05)) >= 0.6 * run_warped(answered(0.0))


def test_bursts_of_refusals_do_not_wear_the_pace_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "moody", Moody)

    async def main() -> None:
        script = Script(latency_s=1.0, rpm=1, limiter="moody")
        async with warped(script, settings={"concurrency": 8}) as (router, _):
            began = now()

            async def work() -> None:
                while now() < began + 360:
                    await router.complete(ask())

            await asyncio.gather(*(work() for _ in range(13)))
            by_minute = Counter(int(seen.at - began) // 60 for seen in script.seen if seen.status == 200)
            assert by_minute[5] >= 0.9 * by_minute[1]

    run_warped(main())


def test_a_call_waits_for_its_turn_as_long_as_others_have_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals that ask for a pause come all the time; the pauses are not the waiting call's failure."""
    monkeypatch.setitem(KINDS, "whimsical", Whimsical)

    async def main() -> None:
        script = Script(latency_s=1.0, rpm=1, limiter="whimsical")
        async with warped(script, settings={"concurrency": 40}, patience_s=20.0) as (router, _):
            began = now()

            async def work() -> None:
                while now() < began + 120:
                    await router.complete(ask())

            await asyncio.gather(*(work() for _ in range(61)))

    run_warped(main())


def test_headers_that_say_what_remains_spare_us_refusals() -> None:
    async def main() -> None:
        script = Script(latency_s=0.5, rpm=200, limiter="fixed", limit_headers=True)
        async with warped(script, settings={"concurrency": 20}) as (router, _):
            began = now()

            async def work() -> None:
                while now() < began + 120:
                    await router.complete(ask())

            await asyncio.gather(*(work() for _ in range(30)))
            assert script.statuses()[429] == 0
            assert len(script.seen) >= 0.9 * 200 * 2

    run_warped(main())


def test_tokens_a_minute_are_kept_too() -> None:
    async def main() -> None:
        async with warped(Script(), settings={"tpm": 6000, "concurrency": 20}) as (router, _):
            began = now()

            async def work() -> None:
                while now() < began + 300:
                    await router.complete(ask(content="x" * 300))

            await asyncio.gather(*(work() for _ in range(30)))
            usage = router.snapshot().usage
            per_minute = (usage.prompt_tokens + usage.completion_tokens) * 60 / (now() - began)
            assert 0.7 * 6000 < per_minute <= 1.05 * 6000

    run_warped(main())


def take_turns(path: str, seconds: float, taken: Any) -> None:
    bucket = Bucket(1200, None, Path(path))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (wait := bucket.take(time.monotonic(), 0)) > 0:
            time.sleep(min(wait, 0.02))
        else:
            with taken.get_lock():
                taken.value += 1


def test_two_processes_share_one_bucket(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    taken = context.Value("i", 0)
    path = str(tmp_path / "limits" / "m.rate")
    began = time.monotonic()
    workers = [context.Process(target=take_turns, args=(path, 1.5, taken)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    allowed = 20 * (time.monotonic() - began)
    assert 10 <= taken.value <= allowed + 2


def test_a_bucket_from_before_a_restart_of_the_machine_holds_nobody_up(tmp_path: Path) -> None:
    before = Bucket(60, None, tmp_path / "m.rate")
    before.take(1_000_000.0, 0)
    assert Bucket(60, None, tmp_path / "m.rate").take(50.0, 0) == 0.0


@given(st.lists(st.floats(0, 5), max_size=80), st.integers(1, 600))
def test_no_minute_ever_holds_more_than_its_calls(gaps: list[float], rpm: int) -> None:
    bucket, clock, taken = Bucket(rpm, None, None), 0.0, []
    for gap in gaps:
        clock += gap
        if bucket.take(clock, 0) <= 0:
            taken.append(clock)
    for start in taken:
        assert sum(start <= at < start + 60 for at in taken) <= rpm + 2


# Headers


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1.0), ("6m0s", 360.0), ("120ms", 0.12), ("1h2m3.5s", 3723.5), ("7", 7.0), ("0.5", 0.5), ("", None),
     ("soon", None), ("1x", None), ("-1", None), ("1s;drop", None)],
)  # fmt: skip
def test_durations_are_read_as_providers_write_them(text: str, seconds: float | None) -> None:
    assert read_duration(text) == seconds


@given(st.text())
def test_no_duration_breaks_the_reader(text: str) -> None:
    seconds = read_duration(text)
    assert seconds is None or seconds >= 0


def test_what_was_sent_meanwhile_counts_against_what_remains() -> None:
    allowance = Allowance("requests", launched=10)
    headers = {"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "20s"}
    allowance.note(headers, launched_with_it=8, now=100.0)
    assert allowance.wait(100.0, 1) == 0.0
    allowance.launched += 1
    assert allowance.wait(100.0, 1) == 20.0
    assert allowance.wait(120.0, 1) == 0.0


@pytest.mark.parametrize("headers", [{}, {"x-ratelimit-remaining-requests": "many"}, {"x-ratelimit-remaining-requests": "0"}, {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "x"}])  # fmt: skip
def test_headers_that_say_nothing_useful_hold_nobody_up(headers: dict[str, str]) -> None:
    allowance = Allowance("requests")
    allowance.note(headers, 1, 0.0)
    assert allowance.wait(0.0, 1) == 0.0
