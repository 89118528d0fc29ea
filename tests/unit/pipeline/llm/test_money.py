from __future__ import annotations

import asyncio
import multiprocessing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.records import Call, Stage
from pipeline.asking import ask as answered
from pipeline.errors import BudgetReached, StageFailed, UnknownPrice, UnusableReply
from pipeline.llm.answers import Tokens
from pipeline.llm.budget import Budget
from pipeline.llm.prices import cost_of, price_of
from pipeline.llm.routing import Router
from pipeline.settings import ModelSettings, Price, Roles
from tests.stubs.endpoint_script import Script
from tests.stubs.routed import PRICE, ask, model, warped
from tests.stubs.warp import run_warped

FAULTS = ("429", "500", "reset", "truncated-json", "stall", "no-usage", "length", "prose", "empty")


async def exhaust(router: Router) -> None:
    """Ask until the budget is reached."""
    for _ in range(1000):
        try:
            await router.complete(ask())
        except BudgetReached:
            return
    raise AssertionError("the budget was never reached")


# Prices


def test_the_settings_price_holds_over_the_list() -> None:
    dear = Price(input=99, output=99)
    assert (
        price_of(ModelSettings(base_url="https://api.openai.com/v1", model="gpt-4o-mini", price=dear)) == dear
    )


def test_a_known_provider_is_in_the_list() -> None:
    price = price_of(ModelSettings(base_url="https://api.openai.com/v1", model="gpt-4o-mini"))
    assert price is not None
    assert 0 < price.input < price.output
    assert price.cached_input is not None
    assert price.cached_input < price.input


@pytest.mark.parametrize(
    ("url", "name"), [("https://api.openai.com/v1", "no-such-model"), ("https://gateway.example.com/v1", "gpt-4o-mini"), ("http://127.0.0.1:8000/v1", "gpt-4o-mini")]
)  # fmt: skip
def test_nothing_is_made_up_for_others(url: str, name: str) -> None:
    assert price_of(ModelSettings(base_url=url, model=name)) is None


def test_cached_tokens_cost_what_cached_tokens_cost() -> None:
    assert cost_of(Tokens(prompt=1000, cached=400, completion=100), PRICE) == pytest.approx(
        (600 + 200 + 200) / 1e6
    )
    assert cost_of(Tokens(prompt=1000, cached=400), Price(input=1, output=1)) == pytest.approx(1000 / 1e6)


def test_a_budget_needs_every_price_at_the_start() -> None:
    async def main() -> None:
        async with warped(Script(), settings={"price": None}, budget_usd=1.0):
            pass

    with pytest.raises(UnknownPrice, match="m1") as caught:
        run_warped(main())
    assert "models.m1.price" in caught.value.hint


def test_without_a_price_the_cost_is_unknown_and_not_zero() -> None:
    async def main() -> None:
        async with warped(Script(), settings={"price": None}) as (router, _):
            assert (await router.complete(ask())).usage.cost_usd is None
            assert router.snapshot().usage.cost_usd is None

    run_warped(main())


def test_tokens_that_were_not_reported_make_the_cost_unknown_and_keep_the_worst_case() -> None:
    async def main() -> None:
        async with warped(Script(faults={"no-usage": 1.0})) as (router, _):
            assert (await router.complete(ask())).usage.cost_usd is None
            assert router.snapshot().uncertain_usd > 0

    run_warped(main())


def test_a_free_model_costs_nothing_whatever_it_reports() -> None:
    async def main() -> None:
        free = {"price": Price(input=0, output=0)}
        async with warped(Script(faults={"no-usage": 0.5}), settings=free, budget_usd=0.0) as (router, _):
            for _ in range(10):
                assert (await router.complete(ask())).usage.cost_usd == 0.0

    run_warped(main())


# Budgets


@settings(deadline=None, max_examples=15)
@given(
    st.floats(0.0001, 0.05), st.integers(1, 30), st.integers(0, 2**32), st.dictionaries(st.sampled_from(FAULTS), st.floats(0, 0.15), max_size=4)
)  # fmt: skip
def test_a_budget_is_never_crossed_whatever_happens(
    limit: float, in_flight: int, seed: int, faults: dict[Any, float]
) -> None:
    async def main() -> None:
        script = Script(latency_s=0.3, faults=faults, seed=seed)
        async with warped(
            script, budget_usd=limit, concurrency=in_flight, settings={"max_tokens": 200, "timeout_s": 20}
        ) as (router, _):
            reached = 0

            async def work() -> None:
                nonlocal reached
                for _ in range(20):
                    try:
                        await router.complete(ask(Stage.EVALUATE, content="x" * 50))
                    except BudgetReached:
                        reached += 1
                        return
                    except StageFailed:
                        pass
                    snapshot = router.snapshot()
                    assert snapshot.spent_usd + snapshot.uncertain_usd <= limit + 1e-12

            await asyncio.gather(*(work() for _ in range(in_flight)))
            snapshot = router.snapshot()
            billed = sum(
                cost_of(Tokens(u["prompt_tokens"], u["prompt_tokens_details"]["cached_tokens"], u["completion_tokens"]), PRICE)
                for seen in script.seen if seen.billed
                for u in [script.usage(seen.body, seen.text)]
            )  # fmt: skip
            assert billed <= limit + 1e-12
            assert snapshot.usage.calls == script.calls

    run_warped(main())


def test_a_call_that_does_not_fit_waits_for_those_in_flight_to_be_settled() -> None:
    """Each call's worst case is much more than its cost: giving up at the first refusal would waste the budget."""

    async def main() -> None:
        script = Script(latency_s=1.0)
        async with warped(script, budget_usd=0.002, concurrency=10, settings={"max_tokens": 500}) as (
            router,
            _,
        ):
            done = await asyncio.gather(*(router.complete(ask()) for _ in range(30)), return_exceptions=True)
            answered = [reply for reply in done if not isinstance(reply, BaseException)]
            assert len(answered) > 5
            assert all(isinstance(reply, BudgetReached) for reply in done if isinstance(reply, BaseException))
            assert router.snapshot().spent_usd > 0.5 * 0.0002

    run_warped(main())


def test_a_reached_budget_says_what_to_do() -> None:
    async def main() -> None:
        async with warped(Script(), budget_usd=0.00001) as (router, [only]):
            with pytest.raises(BudgetReached, match=r"\$0\.00") as caught:
                await router.complete(ask())
            assert "--budget-usd" in caught.value.hint
            assert not only.script.seen

    run_warped(main())


def test_a_budget_holds_over_restarts(tmp_path: Path) -> None:
    async def run(limit: float) -> tuple[int, float]:
        async with warped(Script(), budget_usd=limit, shared=tmp_path, settings={"max_tokens": 100}) as (
            router,
            [only],
        ):
            await exhaust(router)
            return len(only.script.seen), router.snapshot().spent_usd

    first, spent = run_warped(run(0.01))
    assert first > 5
    assert run_warped(run(0.01)) == (0, spent)
    more, total = run_warped(run(0.02))
    assert more > 5
    assert spent < total <= 0.02


def test_money_spent_without_a_budget_counts_once_there_is_one(tmp_path: Path) -> None:
    async def main() -> None:
        async with warped(Script(), shared=tmp_path) as (router, _):
            await router.complete(ask())
            spent = router.snapshot().spent_usd
        async with warped(Script(), shared=tmp_path, budget_usd=spent) as (router, _):
            with pytest.raises(BudgetReached):
                await router.complete(ask())

    run_warped(main())


def test_what_the_records_say_is_counted_even_where_the_ledger_is_gone(tmp_path: Path) -> None:
    async def main() -> None:
        for _ in range(2):
            async with warped(Script(), shared=tmp_path, budget_usd=3.0, spent_usd=2.5) as (router, _):
                assert router.snapshot().spent_usd == 2.5

    run_warped(main())


def spend(path: str, spent: Any) -> None:
    async def main() -> None:
        budget = Budget(1.0, path=Path(path))
        for number in count():
            try:
                hold = await budget.reserve(0.01)
            except BudgetReached:
                return
            is_lost = number % 7 == 6
            hold.keep() if is_lost else hold.settle(0.004)
            with spent.get_lock():
                spent.value += 0.01 if is_lost else 0.004

    asyncio.run(main())


def test_two_processes_spend_from_one_budget(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    spent = context.Value("d", 0.0)
    path = str(tmp_path / "limits" / "spent.ledger")
    workers = [context.Process(target=spend, args=(path, spent)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert 0.97 <= spent.value <= 1.0 + 1e-9


def reserve_and_die(path: str) -> None:
    import os

    async def main() -> None:
        await Budget(1.0, path=Path(path)).reserve(0.9)
        os._exit(9)

    asyncio.run(main())


def test_what_a_killed_process_had_set_aside_stays_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "spent.ledger"
    context = multiprocessing.get_context("spawn")
    worker = context.Process(target=reserve_and_die, args=(str(path),))
    worker.start()
    worker.join()
    budget = Budget(1.0, path=path)
    assert (budget.spent_usd, budget.uncertain_usd) == (0.0, pytest.approx(0.9))
    with pytest.raises(BudgetReached):
        asyncio.run(budget.reserve(0.2))


def test_an_endpoint_that_ignores_the_token_limit_is_reckoned_with() -> None:
    def endless(stage: str, body: Any, chance: Any) -> str:
        return "word " * 3000

    async def main() -> None:
        async with warped(Script(answer=endless), budget_usd=10.0, settings={"max_tokens": 20}) as (
            router,
            _,
        ):
            await router.complete(ask())
            m1 = router._models["m1"]
            worst = m1.worst_case(m1._question(ask(), ask().messages, stream=False))
            assert worst > 0.9 * router.snapshot().spent_usd

    run_warped(main())


# What is made, recorded and billed


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32), st.dictionaries(st.sampled_from([*FAULTS, "reset-late", "error-body", "wrong-types", "503", "429-seconds"]), st.floats(0, 0.2), max_size=5), st.booleans())  # fmt: skip
def test_calls_made_are_calls_recorded_are_calls_billed(
    seed: int, faults: dict[Any, float], stream: bool
) -> None:
    async def main() -> None:
        script = Script(latency_s=0.2, faults=faults, seed=seed)
        async with warped(
            script, Script(latency_s=0.2, seed=seed), concurrency=8, settings={"timeout_s": 20}
        ) as (router, [_, backup]):
            recorded = 0

            async def one(number: int) -> None:
                nonlocal recorded
                request = ask(Stage.EVALUATE, content=str(number))
                try:
                    if stream:
                        reply: Any = [item async for item in router.stream(request)][-1]
                    else:
                        reply = await router.complete(request)
                    recorded += reply.usage.calls
                except StageFailed as failure:
                    recorded += failure.usage.calls if failure.usage else 0

            await asyncio.gather(*(one(number) for number in range(40)))
            assert recorded == router.snapshot().usage.calls == script.calls + backup.script.calls

    run_warped(main())


def test_a_failing_shared_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")

    async def main() -> None:
        router = Router({"m": model("http://localhost/v1")}, Roles({"default": ("m",)}), shared=blocked)
        async with router:
            pass

    with pytest.raises(Exception, match="cannot be written"):
        run_warped(main())


def test_an_unusable_reply_is_billed_though_its_repair_would_cross_the_budget() -> None:
    """Made, recorded and billed calls are the same, whatever ends the asking."""

    def unreadable(reply: str) -> str:
        raise UnusableReply("no score")

    async def main() -> None:
        log: list[Call] = []

        class Log:
            append = staticmethod(log.append)

            def find(self, key: str) -> None:
                return None

        async with warped(Script(), budget_usd=0.0044) as (router, [only]):
            answers = answered(router, Log(), ask(parse=unreadable), trace="t1", number=0, stream=False)
            with pytest.raises(BudgetReached) as caught:
                await anext(answers)
            assert len(only.script.seen) == 1
            assert caught.value.usage == router.snapshot().usage
            assert [call.usage for call in log] == [router.snapshot().usage]

    run_warped(main())
