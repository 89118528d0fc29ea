"""Mining a text: what is asked, what is kept where, and what a failure costs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import aclosing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from data.importers import BadRow
from data.importers.running_text import LeftOut
from data.records import Sentence, Stage, Status, sentence_id
from data.store import Dataset, MinedLog, ProjectFolder
from pipeline.agents.prompts import Prompts
from pipeline.engine import Engine
from pipeline.errors import BudgetReached, StageFailed, WrongKey
from pipeline.events import Event, SentenceFailed, SentenceMined, SentencePostponed
from pipeline.llm.request import Request
from pipeline.mining import Miner, Mining, fingerprint
from pipeline.survey import Row, Seam
from tests.stubs.books import sentences
from tests.stubs.scripted import MINED, MemoryLog, ScriptedModels

NOT_WORTH_IT = '{"reason": "plain", "figurative": false, "spoiled": false, "kinds": [], "words": []}'
DEAD_FIGURE = (
    '{"reason": "works in both", "figurative": true, "spoiled": false, "kinds": ["metaphor"], "words": []}'
)


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    with Dataset.open(ProjectFolder(tmp_path)) as dataset:
        yield dataset


def text(count: int = 10, **more: Any) -> list[Row]:
    return [
        Sentence(id=sentence_id(source), source=source, document="book", position=number, **more)
        for number, source in enumerate(islice(sentences(), count), 1)
    ]


def answers_of(prompts: Prompts, context: int = 0) -> str:
    return fingerprint(prompts, ("main",), "en", "ko", 0, context)


class Bench:
    """A run over rows, and what it leaves."""

    def __init__(self, dataset: Dataset, rows: list[Row], script: list[Any], **more: Any) -> None:
        self.dataset = dataset
        self.models = ScriptedModels({Stage.MINE: script})
        self.log = more.pop("log", None) or MemoryLog()
        self.miner = Miner(
            self.models, Prompts.load(), "en", "ko", log=self.log, context=more.pop("context", 0)
        )
        self.answered = MinedLog(dataset.folder, answers_of(self.miner.prompts, self.miner.context))
        self.seam = Seam(lambda: rows, dataset, self.answered)
        self.survey = self.seam.survey(more.pop("limit", None))
        self.run = Mining(
            self.miner, dataset, self.answered, self.seam,
            limit=self.survey.to_ask, open_sentences=more.pop("open", 3), **more,
        )  # fmt: skip

    async def finish(self) -> list[Event]:
        async with aclosing(self.run.events()) as events:
            return [event async for event in events]

    @property
    def lines(self) -> list[dict[str, Any]]:
        path = self.dataset.folder.mined
        return (
            [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            if path.exists()
            else []
        )


async def test_what_is_worth_it_joins_the_dataset_and_every_answer_is_kept(dataset: Dataset) -> None:
    bench = Bench(dataset, text(3), [MINED, NOT_WORTH_IT, DEAD_FIGURE], open=1)

    events = await bench.finish()

    assert [type(event) for event in events] == [SentenceMined] * 3
    report = bench.run.report
    assert (report.asked, report.mined, report.rejected, report.failed) == (3, 1, 2, 0)
    assert (report.calls, report.remaining, report.ended) == (3, 0, "done")
    assert [line["reason"] for line in bench.lines] == ["ice has no teeth", "plain", "works in both"]
    assert [line["kept"] for line in bench.lines] == [True, False, False]
    (kept,) = dataset.ids({Status.NEW})
    sentence = dataset.sentence(kept)
    assert (sentence.document, sentence.position, sentence.phenomena) == ("book", 1, ("simile",))
    assert sentence.mined is not None
    assert (sentence.mined.reason, sentence.mined.spoiled) == ("ice has no teeth", True)


async def test_figurative_words_are_marked_where_they_stand(dataset: Dataset) -> None:
    row = Sentence(id=sentence_id("the teeth of ice"), source="the teeth of ice")

    await Bench(dataset, [row], [MINED]).finish()

    (span,) = dataset.sentence(row.id).spans
    assert ("the teeth of ice"[span.start : span.end], span.kind) == ("teeth", "simile")


async def test_a_sentence_is_asked_about_once_however_often_it_stands_there(dataset: Dataset) -> None:
    rows = text(4)

    bench = Bench(dataset, [*rows, LeftOut.SHORT, *rows, BadRow("b", 3, "torn"), LeftOut.HEADING], [MINED])
    await bench.finish()

    survey = bench.survey
    assert (survey.read, survey.sentences, survey.duplicates) == (11, 4, 4)
    assert dict(survey.left_out) == {"short": 1, "heading": 1}
    assert len(bench.models.requests) == 4


async def test_what_was_answered_is_not_asked_again(dataset: Dataset) -> None:
    await Bench(dataset, text(5), [NOT_WORTH_IT]).finish()

    again = Bench(dataset, text(8), [NOT_WORTH_IT])
    await again.finish()

    assert (again.survey.answered, again.survey.to_ask) == (5, 3)
    assert len(again.models.requests) == 3


async def test_an_answer_that_was_paid_and_not_kept_is_kept_without_paying(dataset: Dataset) -> None:
    log = MemoryLog()
    first = Bench(dataset, text(3), [MINED], log=log)
    await first.finish()
    dataset.folder.mined.unlink()

    again = Bench(dataset, text(3), [MINED], log=log)
    await again.finish()

    assert again.models.requests == []
    assert (again.run.report.cached, again.run.report.calls, again.run.report.mined) == (3, 0, 3)
    assert again.run.report.added == 0
    assert len(again.lines) == 3


async def test_a_failure_is_tried_once_more_and_then_told(dataset: Dataset) -> None:
    failure = StageFailed("no usable answer")
    bench = Bench(dataset, text(4), [failure, MINED, MINED, MINED, failure], open=1)

    events = await bench.finish()

    assert [type(event) for event in events] == [SentencePostponed, *[SentenceMined] * 3, SentenceFailed]
    assert bench.run.report.reasons == {"no usable answer": 1}
    assert (bench.run.report.asked, bench.run.report.failed) == (4, 1)
    assert len(bench.lines) == 3, "what failed is asked again another time"


async def test_failures_everywhere_end_the_run(dataset: Dataset) -> None:
    bench = Bench(dataset, text(80), [StageFailed("down")])

    await bench.finish()

    report = bench.run.report
    assert report.ended == "failure-rate"
    assert report.failed + report.remaining == 80
    assert report.failed >= 26


async def test_a_budget_ends_the_run_and_fails_nothing(dataset: Dataset) -> None:
    bench = Bench(dataset, text(9), [MINED, MINED, BudgetReached("reached")], open=1)

    await bench.finish()

    report = bench.run.report
    assert (report.ended, report.mined, report.failed, report.remaining) == ("budget", 2, 0, 7)


async def test_what_no_retry_can_help_is_raised(dataset: Dataset) -> None:
    with pytest.raises(WrongKey):
        await Bench(dataset, text(9), [MINED, WrongKey("no")]).finish()
    assert dataset.claim(text(9)[8].id, "generate") is not None  # type: ignore[union-attr]


async def test_held_out_sentences_and_groups_are_shown_to_no_model(dataset: Dataset) -> None:
    rows = text(6)
    held, grouped = rows[0], rows[1]
    assert isinstance(held, Sentence)
    assert isinstance(grouped, Sentence)
    other = Sentence(id=sentence_id("x"), source="x", group="ice", split="test")
    dataset.add_sentences([held.model_copy(update={"split": "test"}), other])
    rows[1] = grouped.model_copy(update={"group": "ice"})

    bench = Bench(dataset, rows, [MINED])
    await bench.finish()

    assert bench.survey.held_out == 2
    assert {held.id, grouped.id}.isdisjoint(request.sentence for request in bench.models.requests)
    assert len(bench.models.requests) == 4


async def test_sentences_before_are_shown_where_that_is_set(dataset: Dataset) -> None:
    rows = text(1, before=("One.", "Two.", "Three."))

    await (with_two := Bench(dataset, rows, [NOT_WORTH_IT], context=2)).finish()
    await (without := Bench(dataset, rows, [NOT_WORTH_IT])).finish()

    shown = with_two.models.requests[0].messages[-1].content
    assert "Two.\nThree." in shown
    assert "One." not in shown
    assert "context" not in without.models.requests[0].messages[-1].content


async def test_sentences_are_read_as_they_are_needed(dataset: Dataset) -> None:
    read = 0

    def rows() -> Iterator[Row]:
        nonlocal read
        for row in text(600):
            read += 1
            yield row

    bench = Bench(dataset, [], [MINED])
    bench.run = Mining(
        bench.miner, dataset, bench.answered, Seam(rows, dataset, bench.answered), limit=600, open_sentences=2
    )
    async with aclosing(bench.run.events()) as events:
        await anext(events)
        assert read < 200


async def test_with_a_limit_the_first_so_many_are_chosen(dataset: Dataset) -> None:
    rows = text(10)
    first = Bench(dataset, rows, [MINED], limit=4)
    await first.finish()

    kept = Seam(lambda: rows, dataset, first.answered).survey(4, until=rows[5].id)  # type: ignore[union-attr]

    assert first.survey.until == rows[3].id  # type: ignore[union-attr]
    assert [request.sentence for request in first.models.requests] == [row.id for row in rows[:4]]  # type: ignore[union-attr]
    assert (kept.to_ask, kept.until) == (2, rows[5].id)  # type: ignore[union-attr]


def test_the_prompt_of_mining_is_no_part_of_what_candidates_depend_on(tmp_path: Path) -> None:
    mine = tmp_path / "mine.md"
    mine.write_text("# system\nIs it one?\n# user\n{{source}}\n", encoding="utf-8")
    ours, theirs = Prompts.load(), Prompts.load(tmp_path)
    models = ScriptedModels()

    assert Engine(models, prompts=ours).fingerprint == Engine(models, prompts=theirs).fingerprint
    assert answers_of(ours) != answers_of(theirs)


async def test_a_reply_of_no_use_is_repaired_once(dataset: Dataset) -> None:
    def hostile(request: Request[Any]) -> str:
        return "Ignore the sentence. <b>yes</b> \x1b[31m"

    bench = Bench(dataset, text(1), [hostile, MINED])

    await bench.finish()

    assert bench.run.report.mined == 1
