"""Everybody is asked everything once, and what was said is kept."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import BudgetReached, Unreachable
from tests.stubs.contenders import RuleContender
from train.errors import EndpointsFailed, NoAnswer
from train.evaluation.asking import Asked, ask_all
from train.evaluation.contender import Again, Answer, Contender, Question, Text
from train.evaluation.crew import Crew
from train.evaluation.kept import Kept, answer_as_json, answer_of

QUESTIONS = [Question(f"s{number}", f"문장 {number}") for number in range(20)]


async def run(path: Path, *contenders: Contender, crew: Crew | None = None) -> Asked:
    with Kept(path / "answers.jsonl") as kept:
        return await ask_all(contenders, QUESTIONS, kept, crew or Crew(), at_once=4)


async def test_everybody_answers_everything(tmp_path: Path) -> None:
    one, other = RuleContender("one"), RuleContender("other")
    asked = await run(tmp_path, one, other)
    assert {name: len(of) for name, of in asked.outcomes.items()} == {"one": 20, "other": 20}
    assert sorted(question.id for question in one.asked) == sorted(question.id for question in QUESTIONS)


async def test_what_was_answered_is_not_asked_again_after_a_restart(tmp_path: Path) -> None:
    before = await run(tmp_path, RuleContender("one"))
    again = RuleContender("one")
    after = await run(tmp_path, again)
    assert again.asked == []
    assert after.outcomes == before.outcomes
    assert (after.kept, after.made) == (20, 0)


async def test_another_name_for_the_same_contender_asks_nothing(tmp_path: Path) -> None:
    await run(tmp_path, RuleContender("one", identity="x"))
    renamed = RuleContender("two", identity="x")
    await run(tmp_path, renamed)
    assert renamed.asked == []


async def test_a_contender_that_changed_is_asked_anew(tmp_path: Path) -> None:
    await run(tmp_path, RuleContender("one", identity="x"))
    trained_on = RuleContender("one", identity="y")
    await run(tmp_path, trained_on)
    assert len(trained_on.asked) == 20


async def test_an_answer_torn_by_a_crash_is_asked_again_and_no_other(tmp_path: Path) -> None:
    await run(tmp_path, RuleContender("one"))
    path = tmp_path / "answers.jsonl"
    path.write_bytes(path.read_bytes()[:-30])
    again = RuleContender("one")
    await run(tmp_path, again)
    assert len(again.asked) == 1


async def test_a_failure_is_counted_and_asked_again_the_next_time(tmp_path: Path) -> None:
    failing = RuleContender("one", lambda source: NoAnswer("down") if "3" in source else "fine")
    asked = await run(tmp_path, failing)
    assert sum(outcome.failed == "down" for outcome in asked.outcomes["one"].values()) == 2
    mended = RuleContender("one")
    await run(tmp_path, mended)
    assert sorted(question.id for question in mended.asked) == ["s13", "s3"]


class Broke(RuleContender):
    async def translate(self, question: Question) -> AsyncGenerator[Text | Again | Answer, None]:
        if question.id == "s5":
            raise BudgetReached("no money left")
        async for item in super().translate(question):
            yield item


async def test_at_the_end_of_the_money_all_stop_and_what_was_answered_is_kept(tmp_path: Path) -> None:
    with pytest.raises(BudgetReached):
        await run(tmp_path, Broke("one"))
    again = RuleContender("one")
    await run(tmp_path, again)
    assert 0 < len(again.asked) < 20


def dead(source: str) -> NoAnswer:
    return NoAnswer("connection lost", is_outage=True)


async def test_where_no_endpoint_answers_it_is_said_and_not_counted(tmp_path: Path) -> None:
    with pytest.raises(EndpointsFailed, match="connection lost"):
        await run(tmp_path, RuleContender("one", dead))
    mended = RuleContender("one")
    await run(tmp_path, mended)
    assert len(mended.asked) == 20


async def test_a_run_without_prospect_ends(tmp_path: Path) -> None:
    contenders = [RuleContender(str(number), dead) for number in range(4)]
    with pytest.raises(EndpointsFailed, match="more than half"):
        await run(tmp_path, RuleContender("fine"), *contenders)
    assert sum(len(each.asked) for each in contenders) < 80


async def test_the_errors_of_all_who_stop_are_heard(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Gone(RuleContender):
        async def translate(self, question: Question) -> AsyncGenerator[Text | Again | Answer, None]:
            raise Unreachable("nobody there")
            yield

    with pytest.raises(Unreachable):
        await run(tmp_path, Gone("one"), Gone("two"))
    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_one_dead_line_among_others_ends_nothing(tmp_path: Path) -> None:
    asked = await run(tmp_path, RuleContender("fine"), RuleContender("dead", dead))
    assert all(outcome.is_outage for outcome in asked.outcomes["dead"].values())
    assert all(outcome.answer for outcome in asked.outcomes["fine"].values())


async def test_a_model_that_answers_badly_is_no_outage(tmp_path: Path) -> None:
    asked = await run(tmp_path, RuleContender("one", lambda _: NoAnswer("sent an empty answer")))
    assert len(asked.outcomes["one"]) == 20


class Slow(RuleContender):
    gate: asyncio.Event

    async def translate(self, question: Question) -> AsyncGenerator[Text | Again | Answer, None]:
        await self.gate.wait()
        async for item in super().translate(question):
            yield item


async def test_when_told_to_stop_those_under_way_finish_and_no_other_begins(tmp_path: Path) -> None:
    slow, crew = Slow("one"), Crew()
    slow.gate = asyncio.Event()
    running = asyncio.create_task(run(tmp_path, slow, crew=crew))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    crew.stop()
    slow.gate.set()
    asked = await running
    assert 0 < len(asked.outcomes["one"]) <= 4


async def test_told_twice_they_end_at_once(tmp_path: Path) -> None:
    slow, crew = Slow("one"), Crew()
    slow.gate = asyncio.Event()
    running = asyncio.create_task(run(tmp_path, slow, crew=crew))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    crew.stop()
    crew.stop()
    assert (await running).outcomes == {"one": {}}


@given(
    st.builds(
        Answer,
        text=st.text(), thought=st.text(), output=st.text(),
        troubles=st.lists(st.sampled_from(["no-thought", "outside"])).map(tuple),
        seconds=st.none() | st.floats(0, 1e6), cost_usd=st.none() | st.floats(0, 10),
    )
)  # fmt: skip
def test_any_answer_comes_back_as_it_was(answer: Answer) -> None:
    assert answer_of(answer_as_json(answer)) == answer


@pytest.mark.parametrize("value", [{}, {"said": 3}, {"text": "x", "troubles": []}, {"troubles": None}])
def test_what_another_version_wrote_is_no_answer(value: dict[str, object]) -> None:
    assert answer_of(value) is None
