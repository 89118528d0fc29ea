from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest

from data.records import Candidate, Draft, Sentence, Stage, sentence_id
from pipeline.engine import Engine
from pipeline.events import CandidateReady, Event, SentenceDropped, SentenceFailed, StageFinished, TextDelta
from pipeline.progress import Progress
from pipeline.settings import LoopSettings
from tests.stubs.scripted import MemoryLog, ScriptedModels, evaluation

SOURCE = "그는 발이 넓어서 아는 사람이 많다."
SENTENCE = Sentence(id=sentence_id(SOURCE), source=SOURCE)


async def events_of(engine: Engine, **arguments: Any) -> list[Event]:
    async with aclosing(engine.run(SENTENCE, **arguments)) as events:
        return [event async for event in events]


async def candidate_of(engine: Engine, **arguments: Any) -> Candidate:
    last = (await events_of(engine, **arguments))[-1]
    assert isinstance(last, CandidateReady), last
    return last.candidate


def stages(models: ScriptedModels) -> list[str]:
    return [request.stage.value for request in models.requests]


async def test_a_draft_that_fails_is_advised_and_refined() -> None:
    models = ScriptedModels()
    candidate = await candidate_of(Engine(models))
    assert stages(models) == [
        "keywords", "literal", "evaluate", "advise", "refine", "evaluate", "reformulate",
    ]  # fmt: skip
    assert candidate.output == "He is so well connected that he knows everyone."
    assert [draft.score for draft in candidate.drafts] == [62, 92]
    assert candidate.best == 1
    assert candidate.output in candidate.thought
    assert not candidate.findings
    assert candidate.usage.calls == 7


async def test_advise_first_translates_in_one_dialogue() -> None:
    models = ScriptedModels()
    await candidate_of(Engine(models, LoopSettings(workflow="advise-first")))
    assert stages(models) == [
        "keywords", "literal", "advise", "evaluate", "refine", "advise", "evaluate", "reformulate",
    ]  # fmt: skip
    literal, refine = models.asked(Stage.LITERAL)[0], models.asked(Stage.REFINE)[0]
    assert refine.messages[: len(literal.messages)] == literal.messages
    assert [message.role for message in refine.messages] == ["system", "user", "assistant", "user"]


async def test_the_output_is_the_best_draft_not_the_last() -> None:
    scores = [evaluation(score) for score in (40, 80, 60, 80)]
    drafts = ["He knows all.", "He knows many.", "He has many friends."]
    models = ScriptedModels({Stage.EVALUATE: scores, Stage.REFINE: drafts})
    candidate = await candidate_of(Engine(models))
    assert candidate.output == "He knows all."
    assert candidate.best == 1
    assert len(candidate.drafts) == 4
    assert "He knows many." not in models.asked(Stage.REFORMULATE)[0].messages[1].content


@pytest.mark.parametrize(
    ("settings", "drafts"),
    [
        (LoopSettings(threshold=60), 1),
        (LoopSettings(max_iterations=0), 1),
        (LoopSettings(max_iterations=2, patience=9), 3),
        (LoopSettings(patience=1), 2),
        (LoopSettings(patience=3), 4),
    ],
)
async def test_the_loop_stops(settings: LoopSettings, drafts: int) -> None:
    models = ScriptedModels({Stage.EVALUATE: [evaluation(62)]})
    candidate = await candidate_of(Engine(models, settings))
    assert len(candidate.drafts) == drafts
    assert candidate.best == 0


async def test_a_sentence_that_needs_too_few_refinements_is_dropped() -> None:
    events = await events_of(Engine(ScriptedModels(), LoopSettings(min_refinements=2)))
    assert isinstance(events[-1], SentenceDropped)


async def test_streamed_text_is_said_as_it_arrives() -> None:
    events = await events_of(Engine(ScriptedModels()), stream=True)
    text = "".join(e.text for e in events if isinstance(e, TextDelta) and e.stage is Stage.LITERAL)
    assert text == "He has wide feet, so he knows many people."


async def test_a_stage_without_a_usable_answer_fails_the_sentence() -> None:
    events = await events_of(Engine(ScriptedModels({Stage.EVALUATE: ["It is nice."]})))
    last = events[-1]
    assert isinstance(last, SentenceFailed)
    assert last.stage is Stage.EVALUATE
    assert "score" in last.why


async def test_a_pass_is_answered_from_the_log_the_second_time() -> None:
    log = MemoryLog()
    first = await candidate_of(Engine(ScriptedModels(), log=log))
    models = ScriptedModels()
    events = await events_of(Engine(models, log=log))
    assert not models.requests
    assert isinstance(events[-1], CandidateReady)
    assert events[-1].candidate.output == first.output
    assert events[-1].candidate.usage == first.usage
    assert all(e.call and e.call.usage.calls == 0 for e in events if isinstance(e, StageFinished))


async def test_only_what_follows_a_persons_change_runs() -> None:
    models = ScriptedModels()
    start = Progress(keywords={}, drafts=(Draft(text="He is popular.", by="person"),))
    await candidate_of(Engine(models, LoopSettings(threshold=60)), start=start)
    assert stages(models) == ["evaluate", "reformulate"]


async def test_a_persons_advice_writes_a_new_draft_and_no_old_one_wins() -> None:
    models = ScriptedModels({Stage.EVALUATE: [evaluation(50)]})
    start = Progress(keywords={}, drafts=(Draft(text="He is popular.", score=95),))
    candidate = await candidate_of(Engine(models, LoopSettings(max_iterations=0)), start=start, advice="feet")
    assert candidate.output == "He is so well connected that he knows everyone."
    assert "feet" in models.asked(Stage.REFINE)[0].messages[-1].content


async def test_an_output_chosen_by_a_person_only_needs_its_thought() -> None:
    models = ScriptedModels()
    start = Progress(keywords={}, drafts=(Draft(text="A."), Draft(text="B.")), output="A.")
    candidate = await candidate_of(Engine(models), start=start, advice="shorter")
    assert stages(models) == ["reformulate"]
    assert (candidate.output, candidate.best) == ("A.", 0)
    assert "shorter" in models.requests[0].messages[1].content
