"""The loop while it runs: streaming, stopping, changing a stage, prefetching, failing."""

from __future__ import annotations

import pytest

from data.records import Stage, Status
from pipeline.errors import StageFailed, WrongKey
from tests.stubs.scripted import ScriptedModels
from tests.stubs.session import SOURCES, SlowModels, fill, project, sentence


@pytest.fixture
def dataset(tmp_path):
    """Sentences without candidates."""
    with project(tmp_path / "project") as opened:
        fill(opened, ready=0)
        yield opened


class Paused(SlowModels):
    """Streams up to a stage and stays there until the gate is opened."""

    def __init__(self, until: Stage, **options):
        super().__init__(**options)
        self.until = until
        self.reached = False

    async def stream(self, request):
        if request.stage is self.until and not self.reached:
            self.reached = True
            self.gate.clear()
        async for item in super().stream(request):
            yield item


async def test_what_streams_is_shown_stage_by_stage(reviewing, dataset):
    models = Paused(Stage.ADVISE)
    async with reviewing(models) as bench:
        await bench.until(lambda: "loop · advice" in bench.text and "keywords   발이" in bench.text)
        assert "keywords   발이 넓다: well connected" in bench.text
        assert "He has wide feet, so he knows many people." in bench.text
        assert "62" in bench.text
        assert "draft 1, not final" in bench.text
        await bench.press("a")
        assert "still being generated" in bench.text
        assert dataset.row(dataset.ids()[0]).status is Status.NEW
        models.gate.set()
        await bench.until(lambda: "thought · " in bench.text)
        assert "3 drafts" not in bench.text
        assert "2 drafts · ends at draft 2" in bench.text
        assert "He is so well connected that he knows everyone." in bench.text
        assert "tokens" in bench.text
    assert dataset.row(dataset.ids()[0]).status is Status.GENERATED


async def test_a_running_item_can_be_rejected_and_skipped(reviewing, dataset):
    models = Paused(Stage.LITERAL)
    async with reviewing(models) as bench:
        await bench.until(lambda: "loop · draft 1" in bench.text)
        await bench.press("x", "7")
        assert dataset.row(dataset.ids()[0]).status is Status.PARKED
        assert not bench.screen.generation.is_running(dataset.ids()[0])
        assert SOURCES[1][0] in bench.text
        await bench.press("space")
        assert dataset.row(dataset.ids()[1]).status is Status.SKIPPED


async def test_a_stopped_loop_is_changed_at_a_stage_and_goes_on_from_there(reviewing, dataset):
    models = Paused(Stage.ADVISE)
    async with reviewing(models) as bench:
        await bench.until(lambda: "loop · advice" in bench.text)
        await bench.press("escape")
        assert "stopped" in bench.text
        models.gate.set()
        await bench.press("up", "up", "enter")
        prompt = bench.screen.prompt
        assert prompt.field.value == "He has wide feet, so he knows many people."
        await bench.press("ctrl+u", *"He is popular.", "enter")
        await bench.until(lambda: bool(dataset.candidates_of(dataset.ids()[0])))
    made = dataset.candidate(dataset.candidates_of(dataset.ids()[0])[0])
    assert made.drafts[0].text == "He is popular."
    assert made.drafts[0].by == "person"
    assert [request.stage for request in models.requests].count(Stage.KEYWORDS) == 1, (
        "what is before it stays"
    )


async def test_a_draft_of_a_stopped_loop_can_be_taken_as_output(reviewing, dataset):
    models = Paused(Stage.ADVISE)
    async with reviewing(models) as bench:
        await bench.until(lambda: "loop · advice" in bench.text)
        await bench.press("escape", "2")
        assert "there is no draft 2" in bench.text
        models.gate.set()
        await bench.press("1")
        await bench.until(lambda: bool(dataset.candidates_of(dataset.ids()[0])))
    made = dataset.candidate(dataset.candidates_of(dataset.ids()[0])[0])
    assert made.output == made.drafts[0].text == "He has wide feet, so he knows many people."


async def test_a_sentence_without_a_candidate_says_how_to_get_one(reviewing, dataset):
    models = ScriptedModels({Stage.LITERAL: [StageFailed("no model answered"), "He knows everyone."]})
    async with reviewing(models, size=(120, 40)) as bench:
        await bench.until(lambda: "loop · no candidate" in bench.text)
        assert "no model answered" in bench.text
        assert "r runs it again" in bench.text
        await bench.press("a")
        assert "there is no candidate: r runs the loop again" in bench.text
        assert dataset.row(dataset.ids()[0]).status is Status.FAILED
        await bench.press("r", "enter")
        await bench.until(lambda: "thought · " in bench.text)
    assert dataset.row(dataset.ids()[0]).status is Status.GENERATED


async def test_a_half_made_item_goes_on_where_it_was_when_the_app_died(reviewing, dataset):
    first = Paused(Stage.ADVISE)
    async with reviewing(first) as bench:
        await bench.until(lambda: "loop · advice" in bench.text)
    second = ScriptedModels()
    async with reviewing(second) as bench:
        await bench.until(lambda: bool(dataset.candidates_of(dataset.ids()[0])))
    asked = [request.stage for request in second.requests]
    assert asked[0] is Stage.ADVISE, "what was finished is not asked again"
    assert Stage.KEYWORDS not in asked


async def test_idioms_are_found_and_marked_in_this_sentence_and_the_next(reviewing, dataset):
    plain = [
        sentence(number, id=f"{number:020x}", source=f"속담에 {SOURCES[number][1]} 하였다.", spans=()) for number in (0, 1)
    ]  # fmt: skip
    dataset.add_sentences(plain)
    async with reviewing() as bench:
        await bench.press("g", "6", "enter")
        await bench.until(lambda: bool(bench.screen.item.sentence.spans))
        await bench.until(lambda: bool(dataset.sentence(plain[1].id).spans))
    [span] = dataset.sentence(plain[0].id).spans
    assert plain[0].source[span.start : span.end] == SOURCES[0][1]


async def test_the_next_ones_are_generated_while_one_is_read(reviewing, dataset):
    async with reviewing(ScriptedModels(), review={"prefetch": 2}) as bench:
        ids = dataset.ids()
        await bench.until(lambda: all(dataset.row(sentence).candidates for sentence in ids[:3]))
        await bench.until(lambda: not bench.screen.generation.is_running(ids[2]))
        assert not dataset.row(ids[3]).candidates, "no further than asked for"
        await bench.press("a")
        await bench.until(lambda: bool(dataset.row(ids[3]).candidates))


async def test_a_sentence_that_fails_is_kept_with_its_reason(reviewing, dataset):
    def broken(request):
        raise StageFailed("literal: every model refused")

    async with reviewing(ScriptedModels({Stage.LITERAL: [broken]})) as bench:
        first = dataset.ids()[0]
        await bench.until(lambda: dataset.row(first).status is Status.FAILED)
        await bench.until(lambda: "every model refused" in bench.text)
        await bench.press("space")
        assert SOURCES[1][0] in bench.text


async def test_a_wrong_key_stops_the_loop_and_says_what_to_do(reviewing, dataset):
    error = WrongKey("The endpoint refuses the key.", hint="Set OPENAI_API_KEY.")
    models = ScriptedModels({Stage.KEYWORDS: [error]})
    async with reviewing(models) as bench:
        await bench.until(lambda: "refuses the key" in bench.text)
        assert "Set OPENAI_API_KEY." in bench.text
        assert len(models.requests) == 1, "nothing more is asked"
        assert dataset.row(dataset.ids()[0]).status is Status.NEW


async def test_a_thought_that_streams_endlessly_stays_readable(reviewing, dataset):
    class Endless(Paused):
        async def stream(self, request):
            if request.stage is Stage.REFORMULATE:
                from pipeline.llm.request import Delta

                self.gate.clear()
                yield Delta("가a" * 50_000)
                await self.gate.wait()
            async for item in super().stream(request):
                yield item

    async with reviewing(Endless(Stage.SINGLE)) as bench:
        await bench.until(lambda: "가a가a" in bench.text)
        await bench.press("space")
        assert dataset.row(dataset.ids()[0]).status is Status.SKIPPED
        bench.screen.generation.stop(dataset.ids()[0])


async def test_other_processes_rows_arrive(reviewing, dataset, tmp_path):
    from tests.stubs.session import candidate

    class Never(SlowModels):
        def __init__(self):
            super().__init__()
            self.gate.clear()

    models = Never()
    async with reviewing(models) as bench:
        third = dataset.ids()[2]
        with project(tmp_path / "project") as other:
            other.add_candidate(candidate(other.sentence(third), "C3"))
        await bench.until(lambda: "ready 1" in bench.text)
        await bench.press("space")
        assert SOURCES[2][0] in bench.text, "what is ready comes before what is not"


async def test_a_sentence_in_front_of_somebody_else_is_passed_over(reviewing, dataset, tmp_path):
    with project(tmp_path / "project") as other:
        lease = other.claim(other.ids()[0], "review")
        assert lease is not None
        async with reviewing(ScriptedModels()) as bench:
            assert SOURCES[1][0] in bench.text
        lease.release()
