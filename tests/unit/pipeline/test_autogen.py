from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from data.records import Sentence, Stage, Status, Usage, sentence_id
from data.store import Dataset, ProjectFolder, StageLog
from pipeline.autogen import Autogen
from pipeline.engine import Engine
from pipeline.errors import BudgetReached, RunEnding, StageFailed, WrongKey
from pipeline.events import CandidateReady, Event, SentenceFailed, SentencePostponed, StageFinished
from pipeline.llm.meter import Snapshot
from pipeline.llm.request import Reply, Request
from pipeline.order import select
from pipeline.run import open_for
from pipeline.settings import LoopSettings
from tests.stubs.scripted import ScriptedModels, evaluation

EASY = LoopSettings(threshold=50)


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    with Dataset.open(ProjectFolder(tmp_path)) as dataset:
        sources = [f"문장 {number}." for number in range(60)]
        dataset.add_sentences(Sentence(id=sentence_id(source), source=source) for source in sources)
        yield dataset


def autogen(dataset: Dataset, models: Any, *, limit: int = 10, **arguments: Any) -> Autogen:
    settings = arguments.pop("settings", EASY)
    engine = Engine(models, settings, log=arguments.pop("log", None))
    selection = arguments.pop("selection", None) or select(dataset, limit=limit)
    return Autogen(engine, dataset, selection, open_sentences=arguments.pop("open", 4), **arguments)


async def finish(run: Autogen) -> list[Event]:
    async with aclosing(run.events()) as events:
        return [event async for event in events]


class StillTraffic:
    """A router of which every call waits: for a slot, or for an endpoint to come back."""

    is_drained = False

    def snapshot(self) -> Snapshot:
        return Snapshot(
            usage=Usage(), by_stage={}, refused=0, answers={}, fallbacks={}, in_flight=0, waiting=4, ceilings={}, ceiling=4,
            utilisation=None, tokens_a_minute=0, resting={}, spent_usd=0, uncertain_usd=0,
        )  # fmt: skip

    async def drain(self) -> None:
        self.is_drained = True


class SlowModels(ScriptedModels):
    """Holds every call until released, and notes how many wait at once."""

    def __init__(self) -> None:
        super().__init__({Stage.EVALUATE: [evaluation(95)]})
        self.held = asyncio.Event()
        self.most = self.now = 0
        self.arrived = asyncio.Event()

    async def complete(self, request: Request[Any]) -> Reply[Any]:
        self.now += 1
        self.most = max(self.most, self.now)
        self.arrived.set()
        try:
            await self.held.wait()
            return await super().complete(request)
        finally:
            self.now -= 1


async def test_a_candidate_is_saved_before_it_is_announced(dataset: Dataset) -> None:
    run = autogen(dataset, ScriptedModels())
    async with aclosing(run.events()) as events:
        async for event in events:
            if isinstance(event, CandidateReady):
                assert dataset.candidate(event.candidate.id) == event.candidate
    assert dataset.count(Status.GENERATED) == 10
    report = run.report
    assert (report.generated, report.remaining, report.ended) == (10, 0, "done")
    assert report.calls == 40
    assert report.cost_usd == pytest.approx(0.04)


async def test_as_many_sentences_are_open_as_asked_for(dataset: Dataset) -> None:
    models = SlowModels()
    run = autogen(dataset, models, open=open_for(4))
    task = asyncio.create_task(finish(run))
    while models.now < 7:
        await models.arrived.wait()
        models.arrived.clear()
    models.held.set()
    await task
    assert models.most == 7


async def test_a_sentence_that_fails_is_tried_again_last(dataset: Dataset) -> None:
    selection = select(dataset, limit=5)
    models = ScriptedModels({Stage.LITERAL: [StageFailed("literal: no answer"), "He came."]})
    run = autogen(dataset, models, selection=selection, open=1)
    events = await finish(run)
    assert [event.sentence for event in events if isinstance(event, SentencePostponed)] == [selection.ids[0]]
    ready = [event.sentence for event in events if isinstance(event, CandidateReady)]
    assert ready == [*selection.ids[1:], selection.ids[0]]
    assert run.report.failed == 0


async def test_a_sentence_that_fails_twice_is_failed_with_its_reason(dataset: Dataset) -> None:
    models = ScriptedModels({Stage.LITERAL: [StageFailed("literal: no answer")]})
    run = autogen(dataset, models, limit=3)
    events = await finish(run)
    failed = [event for event in events if isinstance(event, SentenceFailed)]
    assert len(failed) == run.report.failed == 3
    assert dataset.failure(failed[0].sentence) == "literal: no answer"
    assert run.report.reasons == {"literal: no answer": 3}


async def test_a_run_in_which_most_sentences_fail_ends_early(dataset: Dataset) -> None:
    models = ScriptedModels({Stage.LITERAL: [StageFailed("literal: no answer")]})
    run = autogen(dataset, models, limit=60, open=1)
    await finish(run)
    assert run.report.ended == "failure-rate"
    assert run.report.failed == 26
    assert dataset.count(Status.FAILED) == 26


async def test_a_budget_ends_the_run_and_fails_no_sentence(dataset: Dataset) -> None:
    models = ScriptedModels({Stage.REFORMULATE: [BudgetReached("the next call would cross $1.00")]})
    run = autogen(dataset, models)
    await finish(run)
    assert run.report.ended == "budget"
    assert run.report.remaining == 10
    assert dataset.count(Status.NEW) == 60


async def test_what_was_paid_before_the_budget_was_reached_is_reported(dataset: Dataset) -> None:
    reached = BudgetReached("the repair would cross $1.00")
    reached.usage = Usage(calls=1, cost_usd=0.5)
    run = autogen(dataset, ScriptedModels({Stage.KEYWORDS: [reached]}), open=1)
    await finish(run)
    assert (run.report.calls, run.report.cost_usd) == (1, 0.5)


async def test_what_no_retry_can_help_is_raised(dataset: Dataset) -> None:
    run = autogen(dataset, ScriptedModels({Stage.LITERAL: [WrongKey("not accepted")]}))
    with pytest.raises(WrongKey):
        await finish(run)


async def test_asked_to_stop_it_finishes_calls_in_flight_and_keeps_their_replies(dataset: Dataset) -> None:
    models = SlowModels()
    with StageLog(dataset.folder) as log:
        run = autogen(dataset, models, log=log)
        task = asyncio.create_task(finish(run))
        await models.arrived.wait()
        run.stop()
        models.held.set()
        events = await task
    finished = [event for event in events if isinstance(event, StageFinished)]
    assert finished
    assert run.report.ended == "interrupted"
    again = ScriptedModels({Stage.EVALUATE: [evaluation(95)]})
    with StageLog(dataset.folder) as log:
        resumed = autogen(dataset, again, log=log)
        await finish(resumed)
    assert resumed.report.generated == 10
    assert resumed.report.cached == len(finished)
    assert len(again.requests) == 40 - len(finished)


async def test_asked_twice_it_stops_now(dataset: Dataset) -> None:
    models = SlowModels()
    run = autogen(dataset, models)
    task = asyncio.create_task(finish(run))
    await models.arrived.wait()
    run.stop()
    run.stop()
    await task
    assert run.report.ended == "interrupted"
    assert dataset.claim(select(dataset, limit=10).ids[0], "generate") is not None


async def test_asked_to_stop_it_waits_for_nothing_that_is_not_in_flight(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.run.GRACE_S", 3600.0)
    monkeypatch.setattr("pipeline.run._KEEP_S", 0.0)
    models, traffic = SlowModels(), StillTraffic()
    run = autogen(dataset, models, traffic=traffic)
    task = asyncio.create_task(finish(run))
    await models.arrived.wait()
    run.stop()
    await task
    assert run.report.ended == "interrupted"
    assert traffic.is_drained


async def test_what_was_paid_before_a_repair_was_turned_away_is_reported(dataset: Dataset) -> None:
    class EndingModels(SlowModels):
        async def complete(self, request: Request[Any]) -> Reply[Any]:
            await super().complete(request)
            ending = RunEnding("no further call is made")
            ending.usage = Usage(calls=1, cost_usd=0.5)
            raise ending

    models = EndingModels()
    run = autogen(dataset, models, open=1)
    task = asyncio.create_task(finish(run))
    await models.arrived.wait()
    run.stop()
    models.held.set()
    await task
    assert run.report.ended == "interrupted"
    assert (run.report.calls, run.report.cost_usd) == (1, 0.5)


async def test_a_consumer_that_leaves_ends_the_run(dataset: Dataset) -> None:
    models = ScriptedModels()
    run = autogen(dataset, models)
    async with aclosing(run.events()) as events:
        async for event in events:
            if isinstance(event, CandidateReady):
                break
    asked = len(models.requests)
    await asyncio.sleep(0)
    assert len(models.requests) == asked
    assert run.report.ended == "interrupted"


async def test_paused_it_makes_no_call(dataset: Dataset) -> None:
    models = ScriptedModels()
    run = autogen(dataset, models, limit=3)
    run.pause()
    async with aclosing(run.events()) as events:
        first = asyncio.ensure_future(anext(events))
        await asyncio.wait({first}, timeout=0.05)
        assert not models.requests
        run.resume()
        await first
        async for _ in events:
            pass
    assert run.report.generated == 3


async def test_a_sentence_is_generated_once_per_settings(dataset: Dataset) -> None:
    selection = select(dataset, limit=3)
    await finish(autogen(dataset, ScriptedModels(), selection=selection))
    models = ScriptedModels()
    same = autogen(dataset, models, selection=selection)
    await finish(same)
    assert (same.report.skipped, models.requests) == (3, [])
    other = autogen(dataset, ScriptedModels(), selection=selection, settings=LoopSettings(threshold=40))
    await finish(other)
    assert other.report.generated == 3
    assert len(dataset.candidates_of(selection.ids[0])) == 2


async def test_a_sentence_that_another_process_generates_is_left_to_it(dataset: Dataset) -> None:
    selection = select(dataset, limit=3)
    with dataset.claim(selection.ids[1], "generate"):
        run = autogen(dataset, ScriptedModels(), selection=selection)
        await finish(run)
    assert (run.report.generated, run.report.skipped) == (2, 1)


async def test_a_sentence_that_was_too_easy_is_skipped_and_not_chosen_again(dataset: Dataset) -> None:
    run = autogen(dataset, ScriptedModels(), limit=4, settings=LoopSettings(threshold=50, min_refinements=1))
    await finish(run)
    assert (run.report.generated, run.report.skipped, run.report.dropped) == (0, 4, 4)
    assert len(select(dataset).ids) == 56


async def test_sentences_are_dealt_to_arms(dataset: Dataset) -> None:
    engines = {
        "loop": Engine(ScriptedModels(), EASY),
        "single": Engine(ScriptedModels(), LoopSettings(workflow="single")),
    }
    run = Autogen(engines, dataset, select(dataset), open_sentences=4)
    await finish(run)
    assert set(run.report.by_arm) == {"loop", "single"}
    assert sum(run.report.by_arm.values()) == 60
    for sentence in dataset.ids():
        candidate = dataset.candidate(dataset.candidates_of(sentence)[0])
        assert (candidate.workflow == "single") == (candidate.arm == "single")


async def test_more_and_fewer_sentences_can_be_open_while_it_runs(dataset: Dataset) -> None:
    run = autogen(dataset, ScriptedModels(), limit=40, open=2)
    ready = 0
    async with aclosing(run.events()) as events:
        async for event in events:
            ready += isinstance(event, CandidateReady)
            if ready == 5:
                run.keep_open(9)
            if ready == 20:
                run.keep_open(1)
    assert run.report.generated == 40
