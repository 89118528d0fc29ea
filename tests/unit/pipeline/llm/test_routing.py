"""Walking a role's models, on a loop whose clock jumps: minutes of outage take no time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from data.records import Stage
from pipeline.errors import PipelineError, StageFailed, UnusableReply
from pipeline.llm.json_reply import json_object, whole_score
from pipeline.llm.request import Reply, Restart
from pipeline.settings import Roles
from tests.stubs.endpoint_script import Script
from tests.stubs.routed import ask, warped
from tests.stubs.warp import run_warped


def now() -> float:
    return asyncio.get_running_loop().time()


def score(reply: str) -> int:
    return whole_score(json_object(reply).get("score"))


def test_the_first_choice_answers_when_it_can() -> None:
    async def main() -> None:
        async with warped(Script(), Script()) as (router, [_, second]):
            reply = await router.complete(ask())
            assert (reply.model, reply.served_by, reply.fallbacks, reply.notes) == ("m1", "fake-1", (), ())
            assert not second.script.seen

    run_warped(main())


def test_roles_have_lists_of_their_own() -> None:
    async def main() -> None:
        roles = Roles({"default": ("m1",), "evaluate": ("m2", "m1")})
        async with warped(Script(), Script(), roles=roles) as (router, _):
            assert router.names(Stage.EVALUATE) == ("m2", "m1")
            assert (await router.complete(ask(Stage.EVALUATE))).model == "m2"
            assert (await router.complete(ask(Stage.ADVISE))).model == "m1"

    run_warped(main())


def test_a_role_that_names_no_model_is_an_error() -> None:
    async def main() -> None:
        async with warped(Script(), roles=Roles({"default": ("mein",)})):
            pass

    with pytest.raises(PipelineError, match="mein"):
        run_warped(main())


def test_an_unreadable_answer_is_repaired_once_in_the_parsers_own_words() -> None:
    async def main() -> None:
        async with warped(Script(next_faults=["bad-score"])) as (router, [first]):
            reply = await router.complete(ask(Stage.EVALUATE, parse=score))
            assert 0 <= reply.value <= 100
            assert reply.usage.calls == 2
            assert "repaired once: the score must be" in reply.notes[-1]
            turns = first.script.seen[1].body["messages"]
            assert [turn["role"] for turn in turns] == ["system", "user", "assistant", "user"]
            assert "excellent" in turns[2]["content"]
            assert "the score must be a whole number from 0 to 100" in turns[3]["content"]

    run_warped(main())


def test_after_one_repair_the_next_model_is_asked() -> None:
    async def main() -> None:
        async with warped(Script(faults={"prose": 1.0}), Script()) as (router, [first, second]):
            reply = await router.complete(ask(Stage.EVALUATE, parse=score))
            assert reply.model == "m2"
            assert [fallback.model for fallback in reply.fallbacks] == ["m1"]
            assert "JSON" in reply.fallbacks[0].why
            assert (len(first.script.seen), len(second.script.seen)) == (2, 1)
            assert reply.usage.calls == 3

    run_warped(main())


def test_a_stream_declares_a_bad_answer_void_before_its_repair() -> None:
    async def main() -> None:
        async with warped(Script(next_faults=["prose"])) as (router, _):
            items = [item async for item in router.stream(ask(Stage.EVALUATE, parse=score))]
            restarts = [item for item in items if isinstance(item, Restart)]
            assert [restart.model for restart in restarts] == ["m1"]
            assert "JSON" in restarts[0].why
            assert isinstance(items[-1], Reply)
            assert items[-1].usage.calls == 2

    run_warped(main())


def test_when_nobody_answers_the_reason_of_each_is_named() -> None:
    async def main() -> None:
        async with warped(Script(faults={"refusal": 1.0}), Script(faults={"length": 1.0})) as (router, _):
            with pytest.raises(StageFailed) as caught:
                await router.complete(ask())
        assert "m1 refused" in caught.value.message
        assert "m2: the answer was cut off" in caught.value.message
        assert [fallback.model for fallback in caught.value.fallbacks] == ["m1", "m2"]
        assert caught.value.usage is not None
        assert caught.value.usage.calls == 2
        assert not caught.value.is_outage, "they wrote something"

    run_warped(main())


@pytest.mark.parametrize("retry_after", ["", "seconds"])
def test_one_model_that_is_dead_for_a_minute_is_waited_for(retry_after: Any) -> None:
    async def main() -> None:
        dead = Script(latency_s=0.2, dead=(5.0, 65.0), retry_after=retry_after)
        async with warped(dead) as (router, [only]):
            began = now()
            done = 0

            async def work() -> None:
                nonlocal done
                while now() < began + 90:
                    await router.complete(ask())
                    done += 1

            await asyncio.gather(*(work() for _ in range(80)))
            in_outage = [seen for seen in only.script.seen if began + 10 < seen.at < began + 65]
            assert len(in_outage) < 40, "a dead endpoint is only probed"
            assert done > 80

    run_warped(main())


def test_a_host_that_goes_away_for_a_minute_is_waited_for() -> None:
    async def main() -> None:
        async with warped(Script(latency_s=0.1)) as (router, [only]):
            await router.complete(ask())
            only.up = False
            asyncio.get_running_loop().call_later(60, setattr, only, "up", True)
            began = now()
            replies = await asyncio.gather(*(router.complete(ask()) for _ in range(30)))
            assert len(replies) == 30
            assert 60 <= now() - began < 100

    run_warped(main())


def test_patience_ends() -> None:
    async def main() -> None:
        async with warped(Script(faults={"500": 1.0}), patience_s=30) as (router, _):
            began = now()
            with pytest.raises(StageFailed, match="500"):
                await router.complete(ask())
            assert 15 < now() - began <= 31

    run_warped(main())


def test_an_endpoint_that_never_answered_is_waited_for_once() -> None:
    async def main() -> None:
        async with warped(Script(faults={"500": 1.0}), patience_s=60) as (router, [only]):
            began = now()
            for _ in range(10):
                with pytest.raises(StageFailed, match="500"):
                    await router.complete(ask())
            assert now() - began < 90
            only.script.faults = {}
            await asyncio.sleep(15)
            await router.complete(ask())
            only.script.faults = {"500": 1.0}
            began = now()
            for _ in range(2):
                with pytest.raises(StageFailed, match="500"):
                    await router.complete(ask())
            assert now() - began > 90, "one that has answered may recover each time"

    run_warped(main())


@pytest.mark.parametrize(("fault", "is_outage"), [("500", True), ("reset-late", True), ("empty", False)])
def test_a_dead_line_is_told_from_a_model_that_writes_nothing_usable(fault: Any, is_outage: bool) -> None:
    async def main() -> None:
        async with warped(Script(faults={fault: 1.0}), patience_s=30) as (router, _):
            with pytest.raises(StageFailed) as caught:
                await router.complete(ask())
            assert caught.value.is_outage is is_outage

    run_warped(main())


def test_a_wait_longer_than_patience_is_not_begun() -> None:
    async def main() -> None:
        script = Script(rpm=1, limiter="fixed")
        async with warped(script, patience_s=5) as (router, _):
            await router.complete(ask())
            began = now()
            with pytest.raises(StageFailed, match="limits the rate"):
                await router.complete(ask())
            assert now() - began < 2

    run_warped(main())


def test_a_model_that_asks_to_be_left_alone_is_passed_over_and_comes_back() -> None:
    async def main() -> None:
        first = Script(rpm=10, limiter="fixed")
        async with warped(first, Script()) as (router, _):
            replies = [await router.complete(ask()) for _ in range(20)]
            assert [reply.model for reply in replies] == ["m1"] * 10 + ["m2"] * 10
            assert len(first.seen) == 11, "it is asked once, then left alone"
            assert "left alone" in replies[-1].fallbacks[0].why
            await asyncio.sleep(60)
            assert (await router.complete(ask())).model == "m1"
            assert router.snapshot().fallbacks == {Stage.LITERAL: 10}

    run_warped(main())


def test_a_dead_first_choice_costs_nothing_and_is_found_again() -> None:
    async def main() -> None:
        async with warped(Script(latency_s=0.1), Script(latency_s=0.1)) as (router, [first, _]):
            await router.complete(ask())
            first.up = False
            replies = [await router.complete(ask()) for _ in range(100)]
            assert {reply.model for reply in replies} == {"m2"}
            assert "is down" in replies[-1].fallbacks[0].why
            first.up = True
            await asyncio.sleep(15)
            assert (await router.complete(ask())).model == "m1"

    run_warped(main())


def test_only_one_call_probes_a_dead_endpoint() -> None:
    async def main() -> None:
        async with warped(Script(faults={"500": 1.0}), Script()) as (router, [first, _]):
            for _ in range(10):
                await router.complete(ask())
            seen = len(first.script.seen)
            assert seen == 5
            await asyncio.sleep(30)
            first.script.faults = {"stall": 1.0}
            probes = [asyncio.create_task(router.complete(ask())) for _ in range(20)]
            await asyncio.sleep(1)
            assert len(first.script.seen) == seen + 1
            assert sum(probe.done() for probe in probes) == 19
            for probe in probes:
                probe.cancel()
            await asyncio.gather(*probes, return_exceptions=True)

    run_warped(main())


def test_an_answer_that_keeps_getting_lost_is_not_paid_for_for_ever() -> None:
    async def main() -> None:
        async with warped(Script(faults={"truncated-json": 1.0})) as (router, [only]):
            with pytest.raises(StageFailed, match="no whole JSON"):
                await router.complete(ask())
            assert len(only.script.seen) == 3

    run_warped(main())


def test_a_cancelled_call_gives_its_slot_back() -> None:
    async def main() -> None:
        async with warped(Script(faults={"stall": 1.0}), concurrency=1) as (router, [only]):
            stuck = asyncio.create_task(router.complete(ask()))
            queued = asyncio.create_task(router.complete(ask()))
            await asyncio.sleep(1)
            assert (router.snapshot().in_flight, router.snapshot().waiting) == (1, 1)
            only.script.faults = {}
            stuck.cancel()
            assert (await queued).text
            queued_later = asyncio.create_task(router.complete(ask()))
            queued_later.cancel()
            with pytest.raises(asyncio.CancelledError):
                await queued_later
            snapshot = router.snapshot()
            assert (snapshot.in_flight, snapshot.waiting) == (0, 0)
            assert snapshot.usage.calls == 2, "the cancelled call was sent, and may be billed"

    run_warped(main())


def test_a_stream_that_is_left_gives_its_slot_back() -> None:
    async def main() -> None:
        async with warped(Script(), concurrency=1) as (router, _):
            stream = router.stream(ask())
            await anext(stream)
            assert router.snapshot().in_flight == 1
            await stream.aclose()
            assert router.snapshot().in_flight == 0
            assert (await router.complete(ask())).text

    run_warped(main())


def test_an_error_of_the_parser_itself_is_not_mistaken_for_a_bad_answer() -> None:
    def broken(reply: str) -> Any:
        raise ZeroDivisionError

    async def main() -> None:
        async with warped(Script(), concurrency=1) as (router, [only]):
            with pytest.raises(ZeroDivisionError):
                await router.complete(ask(parse=broken))
            assert len(only.script.seen) == 1
            assert router.snapshot().in_flight == 0

    run_warped(main())


def test_a_refusing_parser_never_loops() -> None:
    def never(reply: str) -> Any:
        raise UnusableReply("not good enough")

    async def main() -> None:
        async with warped(Script()) as (router, [only]):
            with pytest.raises(StageFailed, match="not good enough"):
                await router.complete(ask(parse=never))
            assert len(only.script.seen) == 2

    run_warped(main())


@pytest.mark.parametrize("collect", ["complete", "stream"])
def test_bursts_of_everything_end_with_every_answer(collect: str) -> None:
    """1,000 questions to an endpoint that limits, fails, drops, stalls, garbles and dies for a minute."""

    async def main() -> None:
        faults = dict.fromkeys(
            ("429", "429-seconds", "500", "503", "reset", "reset-late", "truncated-json", "truncated-sse",
             "wrong-types", "no-choices", "error-body", "stall", "empty", "prose"), 0.008,
        )  # fmt: skip
        script = Script(latency_s=0.5, faults=faults, dead=(20, 80), seed=4)  # type: ignore[arg-type]
        async with warped(script, concurrency=80) as (router, _):
            failures: list[str] = []

            async def one(number: int) -> int:
                request = ask(Stage.EVALUATE, parse=score, content=str(number))
                try:
                    if collect == "complete":
                        reply = await router.complete(request)
                    else:
                        reply = [item async for item in router.stream(request)][-1]  # type: ignore[assignment]
                    return reply.usage.calls
                except StageFailed as failure:
                    failures.append(failure.message)
                    return failure.usage.calls if failure.usage else 0

            calls = sum(await asyncio.gather(*(one(number) for number in range(1000))))
            snapshot = router.snapshot()
            assert len(failures) <= 3, failures
            assert calls == snapshot.usage.calls == script.calls
            assert (snapshot.in_flight, snapshot.waiting) == (0, 0)

    run_warped(main())
